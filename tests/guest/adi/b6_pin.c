// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b6_pin.c - B6: a page that a device works on cannot be migrated
 *
 * The events pin the page.  move_pages() tries it ten times; Linux saves its
 * tags each time before it finds that the page must stay exclusive, and puts
 * the PTE back without the save: ten users for each call.  (Before v5.19 it
 * unmaps the page, sees the extra reference, and maps it again: ten users as
 * well.)  Page-out leaves it alone at once.  When the pin is gone the page
 * moves.
 *
 * run: --nodes=2 --swap=16M --events=pin.events
 * kernels: linux-* !linux-5.*
 * stdout: 1 not moved, 1 not moved, stays, then node 1, tag 5
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 * report: counters.pages_migrated == 1 and counters.migrations_failed == 3
 * report: counters.tags_saved == 31 and counters.unmaps_failed == 30
 * report: len(leaks) == 1 and leaks[0].leaked_users == leaks[0].users == 31
 * report: leaks[0].allocated.path == "migrate-out"
 * run: --nodes=2 --swap=16M --events=pin.events
 * kernels: linux-5.*
 * stdout: 1 not moved, 1 not moved, stays, then node 1, tag 5
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 * report: counters.tags_saved == 31 and counters.unmaps_failed == 0
 * report: len(leaks) == 1 and leaks[0].leaked_users == leaks[0].users == 31
 * run: --nodes=2 --swap=16M --events=pin.events
 * kernels: remap mte-*
 * stdout: 1 not moved, 1 not moved, stays, then node 1, tag 5
 * report: errors == False and len(leaks) == 0
 * report: counters.pages_migrated == 1 and counters.migrations_failed == 3
 * report: counters.tags_saved == 0
 */
#include "adi/numa.h"

int main(void)
{
    char *p = page_at(0x70000000, RWA);
    int first, second, strict;

    tag_range(p, PAGE, 5);
    *(long *)tagged(p, 5) = 12345;
    getppid();
    first = move_to(p, 1, MPOL_MF_MOVE);
    CHECK(node_of(p) == 0);
    second = move_to(p, 1, MPOL_MF_MOVE);
    /* mbind() says it with an error, and sets the policy. */
    strict = bind_range(p, PAGE, MPOL_BIND, 2, MPOL_MF_MOVE | MPOL_MF_STRICT);
    CHECK(strict == -EIO && node_of(p) == 0);
    printf("%d not moved, %d not moved, %s, ", first, second,
           leaves(p) ? "leaves" : "stays");
    getppid();
    CHECK(move_to(p, 1, MPOL_MF_MOVE) == 1);
    CHECK(*(long *)tagged(p, 5) == 12345);
    printf("then node %d, tag %u\n", node_of(p), tag_get(p));
    return 0;
}
