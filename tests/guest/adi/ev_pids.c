// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/ev_pids.c - events of one process among several
 *
 * Parent and child have copies of a page; the child pushes out its own, then
 * that of its parent.
 *
 * run: --swap=64M --events=pids.events --log=event:info
 * kernels: remap mte-*
 * stdout: child: 1 then 0
 * stdout: child: 0
 * stdout: parent: 1 then 0, tag 5
 * stderr: action="swapout 0x70000000" done=1 found=1 result=0
 * stderr: action="swapout pid 1 0x70000000" done=1 found=1 result=0
 * stderr: action="swapoff /dev/adi0" done=0 found=0 result=0
 * report: errors == False and counters.pages_swapped_out == 2
 */
#include "adi/processes.h"

static char *p;

static unsigned resident(void)
{
    unsigned char in;

    CHECK(mincore(p, PAGE, &in) == 0);
    return in & 1;
}

int main(void)
{
    struct turn parent = turn_make(), child = turn_make();
    unsigned before;
    pid_t pid;

    p = page_at(0x70000000, PROT_READ | PROT_WRITE | PROT_ADI);
    tag_range(p, PAGE, 5);
    pid = fork_flushed();
    if (pid == 0) {
        tag_set(p, 6); /* a copy of its own */
        before = resident();
        (void)getppid();
        printf("child: %u then %u\n", before, resident());
        turn_give(&parent);
        turn_wait(&child);
        (void)getppid();
        printf("child: %u\n", resident());
        turn_give(&parent);
        turn_wait(&child);
        CHECK(tag_get(p) == 6 && tag_get(p + BLOCK) == 5);
        leave(0);
    }
    turn_wait(&parent);
    before = resident();
    turn_give(&child);
    turn_wait(&parent);
    printf("parent: %u then %u, ", before, resident());
    printf("tag %u\n", tag_get(p));
    turn_give(&child);
    CHECK(reap(pid) == 0);
    return 0;
}
