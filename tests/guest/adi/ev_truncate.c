// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/ev_truncate.c - another process changes a file that is mapped
 *
 * Three pages of a file in memory, with tags. It loses bytes, gets a hole,
 * and grows again.  What the kernel clears of the page that is cut in its
 * middle loses its tags (B22).
 *
 * run: --swap=64M --events=truncate.events
 * kernels: *
 * stdout: ok
 * report: totals.lost_pages == 1 and totals.stale_pages == 0
 * report: pages[0].va == "0x70004000" and pages[0].blocks == 127
 * report: pages[0].cause.function == "folio_zero_range"
 */
#define _GNU_SOURCE /* memfd_create */
#include "adi/adi.h"

#define ADI_PROT (PROT_READ | PROT_WRITE | PROT_ADI)

INSN(ld_b, "", "ldub [%o0], %o1", "");

int main(void)
{
    char *p = (char *)0x70000000;
    int fd = memfd_create("file", 0);

    faults_catch();
    CHECK(fd >= 0 && ftruncate(fd, 3 * PAGE) == 0);
    CHECK(mmap(p, 4 * PAGE, ADI_PROT, MAP_SHARED | MAP_FIXED, fd, 0) == p);
    for (int i = 0; i < 3; i++) {
        tag_range(p + i * PAGE, PAGE, 5);
        memset(tagged(p + i * PAGE, 5), 'a' + i, PAGE);
    }

    (void)getppid(); /* 1: ends 16 bytes into the third page */
    CHECK(lseek(fd, 0, SEEK_END) == 2 * PAGE + 16);
    CHECK(ld_b(tagged(p + 2 * PAGE + 15, 5), 0, NULL) == 'c');
    CHECK(ld_b(tagged(p + 2 * PAGE + 16, 5), 0, NULL) == 0);
    CHECK(saw_nothing());

    (void)getppid(); /* 2: the first page is a hole, its tags are gone */
    CHECK(ld_b(p, 0, NULL) == 0 && saw_nothing());
    CHECK(tag_get(p) == 0 && tag_get(p + PAGE) == 5);
    CHECK(ld_b(tagged(p + PAGE, 5), 0, NULL) == 'b' && saw_nothing());

    (void)getppid(); /* 3: it has three pages again */
    CHECK(lseek(fd, 0, SEEK_END) == 3 * PAGE);
    CHECK(ld_b(tagged(p + 2 * PAGE + 15, 5), 0, NULL) == 'c' && saw_nothing());
    CHECK(ftruncate(fd, PAGE) == 0);
    (void)ld_b(p + PAGE, 0, NULL);
    CHECK(seen.sig == SIGBUS);
    printf("ok\n");
    return 0;
}
