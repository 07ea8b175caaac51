// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b20_slot0.c - B20 in descriptor 0: restored right, then counted wrong
 *
 * As b20_freed, but A's copy is in the buffer of the first descriptor, which
 * is never freed: its tags are still there when the kernel copies them.  Then
 * the users of the descriptor, which has none left, are counted down from 0.
 * It is in use for ever from there on, with no range, and what is saved next
 * gets another one.
 *
 * run: --ram=4M --swap=64M --events=b20.events
 * kernels: linux-*
 * stdout: tag of A 5
 * stdout: tag of B 0
 * report: totals.wrong_releases == 1 and len(wrong_releases) == 1
 * report: wrong_releases[0].kind == "never saved"
 * report: wrong_releases[0].va == "0x70800000"
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 * report: counters.descriptors_lost == 1
 * run: --ram=4M --swap=64M --events=b20.events
 * kernels: remap mte-*
 * stdout: tag of A 5
 * stdout: tag of B 0
 * report: errors == False and counters.descriptors_lost == 0
 */
#include "adi/adi.h"

#define RW (PROT_READ | PROT_WRITE)

int main(void)
{
    char *a = page_at(0x70002000ul, RW | PROT_ADI);
    char *b = page_at(0x70800000ul, RW);
    unsigned tag;

    tag_range(a, PAGE, 5);
    page_out(a);
    strcpy(b, "B");
    page_out(b);
    soil_frames(9);
    CHECK(mprotect(b, PAGE, RW | PROT_ADI) == 0);
    tag = tag_get(a);
    if (tag == 5)
        printf("tag of A 5\n");
    tag = tag_get(b);
    printf("tag of B %u\n", tag);
    CHECK(strcmp(tagged(b, tag), "B") == 0);
    page_out(a);
    CHECK(tag_get(a) == 5);
    return 0;
}
