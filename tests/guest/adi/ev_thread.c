// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/ev_thread.c - another thread maps, tags, protects, moves and unmaps
 *
 * This one finds memory that it never mapped, and then the faults that follow
 * from each change.
 *
 * run: --swap=64M --events=thread.events --log=event:info
 * kernels: remap mte-*
 * stdout: ok
 * stderr: event warn line=11 insn=N action="swapout 0x80002000" done=0 found=1 result=0
 * stderr: event info line=13 insn=N action="swapout 0x80002000" done=1 found=1 result=0
 * stderr: event info line=14 insn=N action="read 0x80002000 expect 7" done=0 found=0 result=0
 * report: all_kept
 */
#include "adi/adi.h"

INSN(ld_b, "", "ldub [%o0], %o1", "");
INSN(st_b, "", "stb %o1, [%o0]", "");

static char *const first = (char *)0x70000000, *const moved = (char *)0x80000000;

int main(void)
{
    faults_catch();
    (void)getppid(); /* 1: two pages, tags 5 */
    CHECK(ld_b(tagged(first, 5), 0, NULL) == 42 && saw_nothing());
    CHECK(tag_get(first + PAGE) == 5);

    (void)getppid(); /* 2: the first has tags 6 */
    (void)ld_b(tagged(first, 5), 0, NULL);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(first, 5), ld_b_pc));
    CHECK(ld_b(tagged(first, 6), 0, NULL) == 42 && saw_nothing());

    (void)getppid(); /* 3: the first is read-only */
    (void)st_b(tagged(first, 6), 1, NULL);
    CHECK(saw(SIGSEGV, SEGV_ACCERR, tagged(first, 6), st_b_pc));

    (void)getppid(); /* 4: both are elsewhere */
    (void)ld_b(first, 0, NULL);
    CHECK(saw(SIGSEGV, SEGV_MAPERR, first, ld_b_pc));
    CHECK(ld_b(tagged(moved, 6), 0, NULL) == 42 && saw_nothing());
    CHECK(tag_get(moved + PAGE) == 5);
    *(char *)tagged(moved + PAGE, 5) = 7;

    (void)getppid(); /* 5: the first is gone */
    (void)ld_b(moved, 0, NULL);
    CHECK(saw(SIGSEGV, SEGV_MAPERR, moved, ld_b_pc));

    (void)getppid(); /* 6: the second is in swap */
    CHECK(ld_b(tagged(moved + PAGE, 5), 0, NULL) == 7 && saw_nothing());
    printf("ok\n");
    return 0;
}
