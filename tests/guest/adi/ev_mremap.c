// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/ev_mremap.c - a tagged page moves; the events send it to swap before
 *
 * The old and the new address are in one range of the tag store: Linux
 * takes a copy that was never made, zeros, and the books look right.  Where
 * nothing swaps nothing is lost.
 *
 * run: --swap=64M --kernel=linux-6.2
 * also: --stress=swap:10000
 * stdout: tag 5
 * report: errors == False
 * run: --swap=64M --events=mremap.events
 * kernels: linux-*
 * stdout: tag 0
 * report: totals.lost_pages == 1 and totals.wrong_releases == 1
 * report: totals.leaked_bytes == 0 and pages[0].blocks == 1
 * report: pages[0].history[0].script_line == 2
 * run: --swap=64M --events=mremap.events
 * kernels: remap mte-*
 * stdout: tag 5
 * report: errors == False
 */
#define _GNU_SOURCE
#include "adi/adi.h"

int main(void)
{
    char *p = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);
    char *to = map_pages(1, PROT_NONE);

    CHECK(to == p + PAGE);
    tag_set(p, 5);
    tag_sync();
    p = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
    CHECK(p == to);
    printf("tag %u\n", tag_get(p));
    return 0;
}
