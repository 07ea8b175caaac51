// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/file_shared.c - a shared file mapping larger than memory, with tags
 *
 * Dirty pages are written to the file when frames run short.  The file has
 * no room for tags: they may go with the page, which is no finding.
 *
 * run: --ram=4M
 * report: errors == False and counters.tags_saved == 0
 * run: --ram=4M --swap=16M --stress=swap:5000:1 --stress=migrate:7000:2
 * report: errors == False
 * run: --ram=4M --kernel=linux-6.2
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 */
#define _GNU_SOURCE
#include <fcntl.h>

#include "adi/adi.h"

#define PAGES 1000ul
#define SIZE  (PAGES * PAGE)

int main(void)
{
    char name[] = "./adiemu-file-XXXXXX";
    int fd = mkstemp(name);
    long buf[4];
    char *p;

    CHECK(fd >= 0 && unlink(name) == 0 && ftruncate(fd, SIZE) == 0);
    p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    for (size_t i = 0; i < PAGES; i++)
        *(long *)(p + i * PAGE + 8 * (i % 500)) = (long)i + 1;
    for (size_t i = 0; i < PAGES; i += 7) {
        CHECK(pread(fd, buf, 8, (off_t)(i * PAGE + 8 * (i % 500))) == 8);
        CHECK(buf[0] == (long)i + 1);
        *(long *)(p + i * PAGE + 5000) = 3;
    }
    for (size_t i = 0; i < PAGES; i++) {
        CHECK(*(long *)(p + i * PAGE + 8 * (i % 500)) == (long)i + 1);
        CHECK(*(long *)(p + i * PAGE + 5000) == (i % 7 ? 0 : 3));
    }

    CHECK(mprotect(p, SIZE, PROT_READ | PROT_WRITE | PROT_ADI) == 0);
    for (size_t i = 0; i < PAGES; i++)
        tag_set(p + i * PAGE, 1 + (unsigned)i % 13);
    tag_sync();
    for (size_t i = 0; i < PAGES; i++)
        (void)tag_get(p + i * PAGE);
    CHECK(munmap(p, SIZE) == 0);
    for (size_t i = 0; i < PAGES; i++) {
        CHECK(pread(fd, buf, 8, (off_t)(i * PAGE + 8 * (i % 500))) == 8);
        CHECK(buf[0] == (long)i + 1);
    }
    return 0;
}
