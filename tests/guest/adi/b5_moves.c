// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b5_moves.c - B5: pages that move_pages(2) sends from node to node
 *
 * A private page, a page of shared memory and a page of a file, all with
 * tags, go from node to node eleven times.  Their tags and bytes stay with
 * them under every kernel: copy_highpage() moves both.  Linux saves the tags
 * all the same, each time, for nobody: users grow by one for each move.
 *
 * run: --nodes=2
 * kernels: linux-*
 * stdout: 33 moves, tags 3 5 7
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 * report: counters.pages_migrated == 33 and counters.migrations_failed == 0
 * report: counters.tags_saved == 33 and counters.tags_restored == 0
 * report: len(leaks) == 3
 * report: all(l.users == 11 and l.leaked_users == 11 for l in leaks)
 * report: all(l.bytes == 65536 for l in leaks)
 * report: all(l["class"] == "definitely leaked" for l in leaks)
 * report: all(l.allocated.path == "migrate-out" for l in leaks)
 * report: all(l.unreachable_since.path == "migrate-in" for l in leaks)
 * run: --nodes=2
 * kernels: remap mte-*
 * stdout: 33 moves, tags 3 5 7
 * report: errors == False and len(leaks) == 0
 * report: counters.pages_migrated == 33 and counters.tags_saved == 0
 * report: store_peak_bytes == 0
 */
#include <fcntl.h>

#include "adi/numa.h"

#define MOVES 11

static char *page(uintptr_t va, int flags, int fd)
{
    char *p = mmap((void *)va, PAGE, RWA, flags | MAP_FIXED, fd, 0);

    CHECK(p == (char *)va);
    return p;
}

static char *file_page(uintptr_t va)
{
    char name[] = "/tmp/b5-XXXXXX";
    int fd = mkstemp(name);
    char *p;

    CHECK(fd >= 0 && ftruncate(fd, PAGE) == 0);
    p = page(va, MAP_SHARED, fd);
    CHECK(unlink(name) == 0 && close(fd) == 0);
    return p;
}

int main(void)
{
    char *p[3] = {page(0x70000000, MAP_PRIVATE | MAP_ANONYMOUS, -1),
                  page(0x72000000, MAP_SHARED | MAP_ANONYMOUS, -1),
                  file_page(0x74000000)};
    int moves = 0;

    for (int i = 0; i < 3; i++) {
        tag_range(p[i], PAGE, 3 + 2 * (unsigned)i);
        for (size_t at = 0; at < PAGE; at += 8)
            *(size_t *)tagged(p[i] + at, 3 + 2 * (unsigned)i) = at * 5;
        CHECK(node_of(p[i]) == 0);
    }
    for (int round = 1; round <= MOVES; round++)
        for (int i = 0; i < 3; i++) {
            CHECK(move_to(p[i], round % 2, MPOL_MF_MOVE) == round % 2);
            CHECK(node_of(p[i]) == round % 2);
            moves++;
        }
    for (int i = 0; i < 3; i++)
        for (size_t at = 0; at < PAGE; at += 8) {
            CHECK(tag_get(p[i] + at) == 3 + 2 * (unsigned)i);
            CHECK(*(size_t *)tagged(p[i] + at, 3 + 2 * (unsigned)i) == at * 5);
        }
    printf("%d moves, tags %u %u %u\n", moves, tag_get(p[0]), tag_get(p[1]),
           tag_get(p[2]));
    return 0;
}
