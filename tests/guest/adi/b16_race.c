// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b16_race.c - B16: a page that others can use before it has its tags
 *
 * Linux sets the entry and then restores the tags.  Another CPU that loads
 * from the page in between finds those that the frame had before: here 9,
 * and a trap for a pointer with the right tag.  Afterwards all is well.
 *
 * run: --ram=4M --swap=64M --events=b16.events
 * kernels: linux-*
 * stdout: tag of A 5
 * stderr: result=EFAULT
 * report: counters.mismatches == 1
 * report: totals.lost_pages == 1 and len(pages) == 1
 * report: pages[0].kind == "lost" and pages[0].va == "0x70000000"
 * report: pages[0].expected_tag == 5 and pages[0].found_tag == 9
 * report: pages[0].seen.script_line == 2
 * report: pages[0].cause.id == "window" and pages[0].cause.hook == "wrong"
 * report: totals.stale_pages == 0 and totals.wrong_releases == 0
 * run: --ram=4M --swap=64M --events=b16.events
 * kernels: remap mte-*
 * stdout: tag of A 5
 * report: errors == False and counters.mismatches == 0
 */
#include "adi/adi.h"

/* More pages than there are frames. */
static void soil_all_frames(void)
{
    char *p = map_pages(700, PROT_READ | PROT_WRITE | PROT_ADI);

    tag_range(p, 700 * PAGE, 9);
    CHECK(munmap(p, 700 * PAGE) == 0);
}

int main(void)
{
    char *a = page_at(0x70000000ul, PROT_READ | PROT_WRITE | PROT_ADI);

    tag_range(a, PAGE, 5);
    strcpy(tagged(a, 5), "A");
    page_out(a);
    soil_all_frames();
    printf("tag of A %u\n", tag_get(a));
    CHECK(strcmp(tagged(a, 5), "A") == 0);
    return 0;
}
