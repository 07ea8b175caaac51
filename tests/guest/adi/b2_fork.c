// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b2_fork.c - a page that is in swap when its process forks
 *
 * The copy of its tags is the parent's only.  The child gets the page back
 * with what the frame had before; unless the parent was first and the page
 * is still in the swap cache, then it has the tags by luck.
 *
 * run: --ram=4M --swap=64M -E CASE=child
 * kernels: linux-*
 * stdout: child: not 5
 * stdout: parent: 5
 * report: errors == True
 * report: totals.lost_pages == 1 and len(pages) == 1
 * report: pages[0].kind == "lost" and pages[0].va == "0x70000000"
 * report: pages[0].mm == 2 and pages[0].blocks == 128
 * report: pages[0].expected_tag == 5
 * report: pages[0].cause.function == "copy_nonpresent_pte"
 * report: pages[0].cause.hook == "missing" and pages[0].cause.at.path == "fork"
 * report: counters.tags_saved == 1 and counters.tags_restored == 1
 * report: totals.leaked_bytes == 0 and totals.wrong_releases == 0
 * report: store_peak_bytes == 8192 + 65536
 * run: --ram=4M --swap=64M -E CASE=grandchild
 * kernels: linux-*
 * stdout: grandchild: not 5
 * stdout: child: not 5
 * stdout: parent: 5
 * report: totals.lost_pages == 2 and len(pages) == 2
 * report: sum(p.mm for p in pages) == 5
 * report: counters.tags_saved == 1 and counters.tags_restored == 1
 * run: --ram=4M --swap=64M -E CASE=cached
 * kernels: linux-*
 * stdout: parent: 5
 * stdout: child: 5
 * report: errors == False and totals.lost_pages == 0
 * report: counters.tags_saved == 1 and counters.tags_restored == 1
 * run: --ram=4M --swap=64M -E CASE=unused
 * kernels: linux-*
 * stdout: parent: 5
 * report: errors == False and totals.leaked_bytes == 0
 * report: counters.tags_saved == 1 and counters.tags_restored == 1
 * run: --ram=4M --swap=64M -E CASE=child
 * stdout: child: 5
 * stdout: parent: 5
 * report: errors == False
 * report: counters.tags_saved == 1 and counters.tags_restored == 2
 * run: --ram=4M --swap=64M -E CASE=grandchild
 * stdout: grandchild: 5
 * stdout: child: 5
 * stdout: parent: 5
 * report: errors == False and counters.tags_restored == 3
 * run: --ram=4M --swap=64M -E CASE=cached
 * stdout: parent: 5
 * stdout: child: 5
 * report: errors == False and counters.tags_restored == 2
 * run: --ram=4M --swap=64M -E CASE=unused
 * stdout: parent: 5
 * report: errors == False
 * report: counters.tags_restored == 1 and counters.tags_dropped == 1
 * run: --ram=4M --swap=64M -E CASE=child
 * kernels: mte-*
 * stdout: child: 5
 * stdout: parent: 5
 * report: errors == False
 * run: --ram=4M --swap=64M -E CASE=grandchild
 * kernels: mte-*
 * stdout: grandchild: 5
 * report: errors == False
 */
#include "adi/processes.h"

static char *a;

static void look(const char *who)
{
    unsigned tag = tag_get(a);

    CHECK(strcmp(tagged(a, tag), "the data") == 0);
    printf("%s: %s\n", who, tag == 5 ? "5" : "not 5");
    fflush(stdout);
}

/* The deepest first, so that each reads what no one after it has restored. */
static void descend(int depth)
{
    pid_t pid = fork_flushed();

    if (pid == 0) {
        if (depth > 0)
            descend(depth - 1);
        look(depth > 0 ? "child" : "grandchild");
        leave(0);
    }
    CHECK(reap(pid) == 0);
}

int main(void)
{
    const char *how = getenv("CASE");
    struct turn child = turn_make();
    pid_t pid;

    CHECK(how);
    a = page_at(0x70000000, PROT_READ | PROT_WRITE | PROT_ADI);
    tag_range(a, PAGE, 5);
    strcpy(tagged(a, 5), "the data");
    page_out(a);
    soil_frames(9);
    if (strcmp(how, "grandchild") == 0) {
        descend(1);
        look("parent");
        return 0;
    }
    pid = fork_flushed();
    if (pid == 0) {
        turn_wait(&child);
        if (strcmp(how, "unused") != 0)
            look("child");
        leave(0);
    }
    if (strcmp(how, "cached") == 0)
        look("parent");
    turn_give(&child);
    CHECK(reap(pid) == 0);
    if (strcmp(how, "cached") != 0)
        look("parent");
    return 0;
}
