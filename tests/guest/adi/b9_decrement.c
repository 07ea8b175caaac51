// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b9_decrement.c - a release of a copy that was never made
 *
 * B is swapped out without tags, and is in the range that A's copy opened.
 * When B comes back with PROT_ADI the kernel takes A's only user for B's:
 * the buffer is dropped, and A's tags with it.
 *
 * run: --ram=4M --swap=64M
 * kernels: linux-*
 * stdout: tag of A not 5
 * report: errors == True
 * report: totals.wrong_releases == 1 and len(wrong_releases) == 1
 * report: wrong_releases[0].va == "0x70100000"
 * report: wrong_releases[0].at.path == "swap-in"
 * report: totals.lost_pages == 1 and len(pages) == 1
 * report: pages[0].kind == "lost" and pages[0].va == "0x70000000"
 * report: pages[0].expected_tag == 5 and pages[0].blocks == 128
 * report: pages[0].cause.id == "unsaved" and pages[0].cause.hook == "wrong"
 * report: pages[0].cause.at.event == wrong_releases[0].at.event
 * report: wrong_releases[0].cause.function == "do_swap_page"
 * report: totals.leaked_bytes == 0
 * report: counters.tags_saved == 1
 * run: --ram=4M --swap=64M -E WHERE=below
 * kernels: linux-*
 * stdout: tag of A 5
 * report: totals.lost_pages == 0 and totals.wrong_releases == 0
 * run: --ram=4M --swap=64M -E WHERE=far
 * kernels: linux-*
 * stdout: tag of A 5
 * report: totals.lost_pages == 0 and totals.wrong_releases == 0
 * run: --ram=4M --swap=64M
 * kernels: remap mte-*
 * stdout: tag of A 5
 * report: errors == False and totals.wrong_releases == 0
 * report: counters.tags_saved == 1 and counters.tags_restored == 1
 */
#include "adi/adi.h"

#define A  0x70000000ul
#define RW (PROT_READ | PROT_WRITE)

int main(void)
{
    const char *where = getenv("WHERE");
    uintptr_t to = A + (1 << 20);
    char *a = page_at(A, RW | PROT_ADI), *b;
    unsigned tag;

    if (where && strcmp(where, "below") == 0)
        to = A - PAGE; /* ranges go up from their first page */
    if (where && strcmp(where, "far") == 0)
        to = A + (8 << 20);
    b = page_at(to, RW);
    tag_range(a, PAGE, 5);
    strcpy(tagged(a, 5), "A");
    page_out(a);
    strcpy(b, "B");
    page_out(b);
    soil_frames(9);
    CHECK(mprotect(b, PAGE, RW | PROT_ADI) == 0);
    tag = tag_get(b);
    if (to == A + (1 << 20))
        CHECK(tag == 0); /* elsewhere: what the frame had before */
    CHECK(strcmp(tagged(b, tag), "B") == 0);
    tag = tag_get(a);
    CHECK(strcmp(tagged(a, tag), "A") == 0);
    if (tag == 5)
        printf("tag of A 5\n");
    else
        printf("tag of A not 5\n");
    return 0;
}
