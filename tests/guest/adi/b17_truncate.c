// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b17_truncate.c - B17: truncation and private copies that are in swap
 *
 * A private copy of a page of a file in memory is tagged, pushed to swap,
 * and the file is cut to nothing.  The copy goes with it: the next access
 * is SIGBUS, no slot stays in use, no copy of tags either.  (Before v5.18
 * the swap entry stays, and the copy comes back with its tags: the load without a
 * tag is a mismatch instead.)  A punched hole leaves private copies alone,
 * tags and all.  With a swap as small as 2M the copy of a slot goes at once.
 *
 * run: --swap=16M
 * stdout: truncate: 2 of 2 gone
 * stdout: hole: data 1, tag 7, shared page 0
 * stdout: memfd: tags 9 9
 * report: errors == False and len(leaks) == 0
 * report: counters.tags_dropped == 1
 * run: --swap=16M
 * kernels: linux-* !linux-5.*
 * stdout: truncate: 2 of 2 gone
 * stdout: hole: data 1, tag 7, shared page 0
 * stdout: memfd: tags 9 0
 * report: len(leaks) == 1 and leaks[0].unreachable_since.path == "truncate"
 * report: leaks[0].cause.function == "zap_pte_range"
 * report: leaks[0].leaked_users == 1
 * report: totals.lost_pages == 1 and pages[0].expected_tag == 9
 * run: --swap=16M
 * kernels: linux-5.*
 * stdout: truncate: 1 of 2 gone
 * stdout: hole: data 1, tag 7, shared page 0
 * stdout: memfd: tags 9 0
 * report: counters.tags_saved == 2 and counters.tags_restored == 2
 * report: counters.mismatches == 1
 * report: totals.lost_pages == 1 and pages[0].expected_tag == 9
 * run: --swap=2M
 * kernels: mte-*
 * stdout: truncate: 2 of 2 gone
 * stdout: hole: data 1, tag 7, shared page 0
 * stdout: memfd: tags 9 9
 * report: errors == False and len(leaks) == 0
 * report: counters.tags_saved == 3 and counters.tags_dropped == 3
 */
#define _GNU_SOURCE
#include <fcntl.h>

#include "adi/adi.h"

#define RWA (PROT_READ | PROT_WRITE | PROT_ADI)

INSN(ld_x, "", "ldx [%o0], %o1", "");

static char *map(int fd, size_t pages, int type)
{
    char *p = mmap(NULL, pages * PAGE, RWA, type, fd, 0);

    CHECK(p != MAP_FAILED);
    return p;
}

static int memfd(size_t pages)
{
    int fd = memfd_create("b17", 0);

    CHECK(fd >= 0 && ftruncate(fd, (off_t)(pages * PAGE)) == 0);
    return fd;
}

/* One copy in memory, one in swap. */
static void cut(void)
{
    int fd = memfd(2), gone = 0;
    char *p = map(fd, 2, MAP_PRIVATE);

    tag_range(p, PAGE, 5);
    *(long *)tagged(p, 5) = 1;
    *(long *)(p + PAGE) = 2;
    page_out(p);
    CHECK(ftruncate(fd, 0) == 0);
    for (int i = 0; i < 2; i++) {
        seen.count = 0;
        ld_x(p + (size_t)i * PAGE, 0, NULL);
        gone += seen.count == 1 && seen.sig == SIGBUS &&
                seen.code == BUS_ADRERR;
    }
    seen.count = 0;
    printf("truncate: %d of 2 gone\n", gone);
    CHECK(munmap(p, 2 * PAGE) == 0);
    close(fd);
}

static void hole(void)
{
    int fd = memfd(1);
    char *p = map(fd, 1, MAP_PRIVATE), *q = map(fd, 1, MAP_SHARED);

    *(long *)q = 3;
    tag_range(p, PAGE, 7);
    *(long *)tagged(p, 7) = 1;
    page_out(p);
    CHECK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                    PAGE) == 0);
    printf("hole: data %ld, tag %u, shared page %ld\n", *(long *)tagged(p, 7),
           tag_get(p), *(long *)q);
    CHECK(munmap(p, PAGE) == 0 && munmap(q, PAGE) == 0);
    close(fd);
}

/* The pages of a memfd keep their tags while nothing maps it. */
static void unmapped(void)
{
    int fd = memfd(2);
    char *p = map(fd, 2, MAP_SHARED);

    tag_range(p, 2 * PAGE, 9);
    CHECK(leaves(p + PAGE));
    CHECK(munmap(p, 2 * PAGE) == 0);
    p = map(fd, 2, MAP_SHARED);
    printf("memfd: tags %u %u\n", tag_get(p), tag_get(p + PAGE));
    CHECK(munmap(p, 2 * PAGE) == 0);
    close(fd);
}

int main(void)
{
    faults_catch();
    mcdper_set(1);
    cut();
    hole();
    unmapped();
    return 0;
}
