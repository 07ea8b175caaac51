// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b6_pinned.c - B6: tags are saved, and then the page cannot be moved
 *
 * A device holds a pin of the page while move_pages(2) tries to move it, ten
 * times.  Linux saves the tags in each try before it finds the pin, and does
 * not take them back: ten users of one page that never left its frame.  When
 * the pin is gone the page moves, and leaves the eleventh.
 *
 * run: --nodes=2 --events=b6.events
 * kernels: linux-*
 * stdout: pinned: 1 left, tag 5, node 0
 * stdout: free: 0 left, tag 5, node 1
 * report: counters.tags_saved == 11 and counters.tags_restored == 0
 * report: counters.pages_migrated == 1 and counters.migrations_failed == 1
 * report: len(leaks) == 1 and leaks[0].bytes == 65536
 * report: leaks[0].users == 11 and leaks[0].leaked_users == 11
 * report: leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].allocated.path == "migrate-out"
 * report: leaks[0].cause.function == "remove_migration_pte"
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 * run: --nodes=2 --events=b6.events
 * kernels: remap mte-*
 * stdout: pinned: 1 left, tag 5, node 0
 * stdout: free: 0 left, tag 5, node 1
 * report: errors == False and len(leaks) == 0
 * report: counters.tags_saved == 0 and counters.pages_migrated == 1
 * report: counters.migrations_failed == 1
 */
#include "adi/numa.h"

/* Pages that did not move. */
static long left_behind(void *p)
{
    int node = 1, status;

    return syscall(SYS_move_pages, 0, 1ul, &p, &node, &status, MPOL_MF_MOVE);
}

int main(void)
{
    char *a = mmap((void *)0x70000000, PAGE, RWA,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    long left;

    CHECK(a == (char *)0x70000000);
    tag_range(a, PAGE, 5);
    getppid();
    left = left_behind(a);
    printf("pinned: %ld left, tag %u, node %d\n", left, tag_get(a), node_of(a));
    getppid();
    left = left_behind(a);
    printf("free: %ld left, tag %u, node %d\n", left, tag_get(a), node_of(a));
    return 0;
}
