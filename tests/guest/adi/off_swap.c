// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/off_swap.c - a page with tags, at the time without PROT_ADI, in swap
 *
 * Its PTE has no MCD bit, so Linux v6.2 does not save its tags: with
 * PROT_ADI again it shows what the frame had.  With each save where it
 * belongs, tags outlast PROT_ADI.
 *
 * run: --ram=4M --swap=64M
 * kernels: linux-*
 * stdout: tag not 5
 * report: totals.lost_pages == 1 and counters.tags_saved == 0
 * run: --ram=4M --swap=64M
 * kernels: remap mte-*
 * stdout: tag 5
 * report: errors == False
 */
#include "adi/adi.h"

#define RW (PROT_READ | PROT_WRITE)

int main(void)
{
    char *p = page_at(0x70000000, RW | PROT_ADI);
    unsigned tag;

    tag_range(p, PAGE, 5);
    strcpy(tagged(p, 5), "data");
    CHECK(mprotect(p, PAGE, PROT_NONE) == 0);
    page_out(p);
    soil_frames(9);
    CHECK(mprotect(p, PAGE, RW | PROT_ADI) == 0);
    tag = tag_get(p);
    CHECK(strcmp(tagged(p, tag), "data") == 0);
    if (tag == 5)
        printf("tag 5\n");
    else
        printf("tag not 5\n");
    return 0;
}
