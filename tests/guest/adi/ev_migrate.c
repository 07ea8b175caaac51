// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/ev_migrate.c - things happen to pages that are on their way
 *
 * Five pages with a tag and a byte each are sent to node 1, one after the
 * other; what another thread does meanwhile is in the events: the first is
 * advised away, the second loses its right to be written, a load of the third
 * waits, the fourth moves to another address; the last is moved by mbind(),
 * and munmap() has to wait for that.
 *
 * run: --nodes=2 --events=migrate.events --log=event:info
 * kernels: remap mte-*
 * stdout: 0:0 2:2 3:3 4:4 5:5
 * stderr: event info line=2
 * stderr: event info line=3
 * stderr: event warn line=4 insn=N action="read 0x70004000" done=0 found=0 result=EAGAIN
 * stderr: event info line=5
 * stderr: event warn line=7 insn=N action="munmap 0x70008000" done=0 found=0 result=EDEADLK
 * report: errors == False and counters.pages_migrated == 5
 * run: --nodes=2 --events=migrate.events
 * kernels: linux-*
 * stdout: 0:0 2:2 3:3 4:4 5:5
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 * report: counters.tags_saved == 5 and sum(l.leaked_users for l in leaks) == 5
 */
#include "adi/numa.h"

#define PAGES 5

int main(void)
{
    char *p[PAGES];

    for (unsigned i = 0; i < PAGES; i++) {
        p[i] = page_at(0x70000000 + i * PAGE, RWA);
        tag_range(p[i], PAGE, i + 1);
        *(char *)tagged(p[i], i + 1) = (char)(i + 1);
    }
    for (unsigned i = 0; i < 4; i++)
        CHECK(move_to(p[i], 1, MPOL_MF_MOVE) == 1);
    CHECK(bind_range(p[4], PAGE, MPOL_BIND, 2, MPOL_MF_MOVE) == 0);
    CHECK(node_of(p[0]) == -EFAULT);
    CHECK(node_of(p[3]) == -EFAULT);
    p[3] = (char *)0x78000000;
    for (unsigned i = 1; i < PAGES; i++)
        CHECK(node_of(p[i]) == 1);
    for (unsigned i = 0; i < PAGES; i++) {
        unsigned tag = tag_get(p[i]);

        printf("%u:%d ", tag, *(char *)tagged(p[i], tag));
    }
    printf("\n");
    return 0;
}
