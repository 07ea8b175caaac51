// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/ev_fail.c - failures that the events put in
 *
 * The first page-out finds no memory for tags, the second cannot write; the
 * page stays each time, and leaves at the third.
 *
 * run: --swap=64M --events=fail.events --kernel=linux-6.2
 * stdout: stays stays leaves
 * report: counters.saves_failed == 1 and counters.tags_saved == 2
 */
#include "adi/adi.h"

int main(void)
{
    char *p = page_at(0x70000000, PROT_READ | PROT_WRITE | PROT_ADI);

    tag_range(p, PAGE, 5);
    for (int i = 0; i < 3; i++) {
        printf("%s ", leaves(p) ? "leaves" : "stays");
        CHECK(tag_get(p) == 5); /* from the swap cache after the second */
    }
    printf("\n");
    return 0;
}
