// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b21_new_page.c - B21: write(2) to a new page leaves its last owner's tags
 *
 * A page of a memfd that write(2) makes is not cleared before; what the copy
 * initialises has tags of 0, the rest those of whoever had the frame: the last
 * eight lines when all of the page is written, and all of them when the source
 * is crooked.  Who maps it with PROT_ADI sees them.
 *
 * run: --ram=4M
 * kernels: *
 * stdout: aligned: 8 of 128 blocks have tag 9
 * stdout: crooked: 128 of 128 blocks have tag 9
 * stdout: half: 16 of 128 blocks have tag 9
 * stdout: by a fault: 0 of 128 blocks have tag 9
 * report: totals.stale_pages == 3 and totals.lost_pages == 0
 * report: pages[0].cause.id == "new-page"
 * report: pages[0].cause.function == "shmem_write_begin"
 */
#define _GNU_SOURCE

#include "adi/adi.h"

static char buf[2 * PAGE] __attribute__((aligned(PAGE)));

static void judge(const char *what, char *page)
{
    unsigned nr = 0;

    for (unsigned i = 0; i < NTAGS; i++)
        nr += tag_get(page + i * BLOCK) == 9;
    printf("%s: %u of 128 blocks have tag 9\n", what, nr);
}

int main(void)
{
    int fd = memfd_create("b21", 0);
    char *p;

    CHECK(fd >= 0 && ftruncate(fd, 4 * PAGE) == 0);
    memset(buf, 1, sizeof(buf));
    p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE | PROT_ADI, MAP_SHARED, fd,
             0);
    CHECK(p != MAP_FAILED);
    soil_frames(9);
    soil_frames(9); /* the second time without those nobody has had */
    CHECK(pwrite(fd, buf, PAGE, 0) == (long)PAGE);
    CHECK(pwrite(fd, buf + 1, PAGE, PAGE) == (long)PAGE);
    CHECK(pwrite(fd, buf, PAGE / 2, 2 * PAGE) == (long)PAGE / 2);
    judge("aligned", p);
    judge("crooked", p + PAGE);
    judge("half", p + 2 * PAGE);
    judge("by a fault", p + 3 * PAGE);
    return 0;
}
