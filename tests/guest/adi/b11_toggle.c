// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b11_toggle.c - PROT_ADI goes away while the tags are saved
 *
 * The page comes back without them, and with PROT_ADI again it shows what
 * its frame had; the copy stays counted, and the next swap-out counts the
 * page a second time.
 *
 * run: --ram=4M --swap=64M -E CASE=once
 * kernels: linux-*
 * stdout: tag not 5
 * report: errors == True
 * report: len(leaks) == 1 and leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].users == 1 and leaks[0].leaked_users == 1
 * report: leaks[0].unreachable_since.path == "swap-in"
 * report: leaks[0].cause.id == "swap-in" and leaks[0].cause.hook == "wrong"
 * report: pages[0].cause.id == "swap-in"
 * report: totals.lost_pages == 1 and pages[0].kind == "lost"
 * report: pages[0].va == "0x70000000" and pages[0].expected_tag == 5
 * report: counters.tags_saved == 1 and counters.tags_restored == 0
 * run: --ram=4M --swap=64M -E CASE=twice
 * kernels: linux-*
 * stdout: tag not 5
 * report: len(leaks) == 1 and leaks[0]["class"] == "partly leaked"
 * report: leaks[0].users == 2 and leaks[0].leaked_users == 1
 * report: counters.tags_saved == 2 and counters.tags_restored == 0
 * run: --ram=4M --swap=64M -E CASE=once
 * kernels: remap mte-*
 * stdout: tag 5
 * report: errors == False
 * run: --ram=4M --swap=64M -E CASE=twice
 * kernels: remap mte-*
 * stdout: tag 5
 * report: errors == False
 */
#include "adi/adi.h"

#define RW (PROT_READ | PROT_WRITE)

int main(void)
{
    const char *how = getenv("CASE");
    char *p = page_at(0x70000000, RW | PROT_ADI);
    unsigned tag;

    tag_range(p, PAGE, 5);
    strcpy(tagged(p, 5), "data");
    page_out(p);
    CHECK(mprotect(p, PAGE, RW) == 0);
    soil_frames(9);
    CHECK(strcmp(p, "data") == 0);
    CHECK(mprotect(p, PAGE, RW | PROT_ADI) == 0);
    tag = tag_get(p);
    CHECK(strcmp(tagged(p, tag), "data") == 0);
    if (tag == 5)
        printf("tag 5\n");
    else
        printf("tag not 5\n");
    if (how && strcmp(how, "twice") == 0)
        page_out(p);
    return 0;
}
