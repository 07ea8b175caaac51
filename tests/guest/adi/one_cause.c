// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/one_cause.c - many pages lose their tags for one cause
 *
 * A thousand pages that are in swap are moved by one mremap: each is lost, and
 * the report has them in one record.
 *
 * run: --swap=64M
 * kernels: linux-*
 * check: path
 * also: --verbose-pages
 * stdout: 1000 pages without their tags
 * report: totals.lost_pages == 1000 and len(records) == 2
 * report: records[0].list == "leaks" and records[1].list == "pages"
 * report: records[1].count == 1000 and records[1].uncovered == 0
 * report: [r.start for r in records[1].ranges] == ["0x90000000"]
 * report: [r.end for r in records[1].ranges] == ["0x907d0000"]
 * report: records[1].cause.function == "move_ptes"
 * report: len(records[1].places) == 1 and records[1].elsewhere == 0
 * report: len(pages) == records[1].listed and all(p.record == 1 for p in pages)
 * report: records[0].leaked_users == 1000 and leaks[0].record == 0
 * run: --swap=64M
 * kernels: linux-*
 * report: len(pages) == 3
 * run: --swap=64M --verbose-pages
 * kernels: linux-*
 * report: len(pages) == 1000
 * run: --swap=64M
 * kernels: remap mte-*
 * stdout: 0 pages without their tags
 * report: errors == False and len(pages) == 0
 */
#define _GNU_SOURCE /* mremap */
#include "adi/adi.h"

#define A     0x70000000ul
#define B     0x90000000ul
#define PAGES 1000

int main(void)
{
    unsigned lost = 0;
    char *a, *b;

    a = mmap((void *)A, PAGES * PAGE, PROT_READ | PROT_WRITE | PROT_ADI,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(a == (char *)A);
    for (size_t i = 0; i < PAGES; i++)
        tag_range(a + i * PAGE, PAGE, 5);
    CHECK(madvise(a, PAGES * PAGE, MADV_PAGEOUT) == 0);
    b = mremap(a, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
               (void *)B);
    CHECK(b == (char *)B);
    for (size_t i = 0; i < PAGES; i++)
        lost += tag_get(b + i * PAGE) != 5;
    printf("%u pages without their tags\n", lost);
    return 0;
}
