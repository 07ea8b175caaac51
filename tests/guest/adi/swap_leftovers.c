// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/swap_leftovers.c - a page without tags comes back from swap
 *
 * Reading a page from the device does not touch the tags of the frame.
 * Linux v6.2 gives the program what an earlier owner left there, and with
 * PROT_ADI a program that never set a tag gets a mismatch.
 *
 * run: --ram=4M --swap=64M
 * kernels: linux-*
 * stdout: tag 9
 * report: errors == True and totals.stale_pages == 1
 * report: pages[0].kind == "stale" and pages[0].va == "0x70000000"
 * report: pages[0].expected_tag == 0 and pages[0].found_tag == 9
 * run: --ram=4M --swap=64M
 * kernels: remap mte-*
 * stdout: tag 0
 * report: errors == False
 */
#include "adi/adi.h"

#define RW (PROT_READ | PROT_WRITE)

int main(void)
{
    char *p = page_at(0x70000000, RW);
    unsigned tag;

    strcpy(p, "data");
    page_out(p);
    soil_frames(9);
    soil_frames(9);
    CHECK(mprotect(p, PAGE, RW | PROT_ADI) == 0);
    tag = tag_get(p);
    printf("tag %u\n", tag);
    CHECK(strcmp(tagged(p, tag), "data") == 0);
    return 0;
}
