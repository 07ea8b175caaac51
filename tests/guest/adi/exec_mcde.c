// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/exec_mcde.c - what exec leaves of ADI
 *
 * The new program starts with mcde off: tag accesses are SEGV_ACCADI until
 * it asks for PROT_ADI.  %mcdper is not touched by exec.  Pages of the old
 * program that are in swap go with it, and their tags.
 *
 * run: --swap=64M
 * stdout: after exec
 * stdout: parent still checked
 * report: all_kept and totals.leaked_bytes == 0
 * report: counters.tags_saved == 2 and counters.tags_dropped == 1
 * run: --swap=64M --kernel=linux-6.2
 * stdout: after exec
 * stdout: parent still checked
 * report: all_kept and totals.leaked_bytes == 0
 * report: counters.tags_saved == 2 and counters.tags_restored == 1
 */
#include "adi/processes.h"

#define A  0x70000000ul
#define RW (PROT_READ | PROT_WRITE)

INSN(ld_x, "", "ldx [%o0], %o1", "");
INSN(tag_load, "", "ldxa [%o0] 0x90, %o1", "");
INSN(tag_store, "", "stxa %o1, [%o0] 0x90", "membar #Sync");

static int after(void)
{
    unsigned char in;
    char *p;

    CHECK(mcdper_get() == 1);
    CHECK(mincore((void *)A, PAGE, &in) == -1); /* of the old program */
    faults_catch();
    p = page_at(A, RW);
    *(uint64_t *)p = 77;
    tag_load(p, 1, NULL);
    CHECK(saw(SIGSEGV, SEGV_ACCADI_N, p, tag_load_pc));
    tag_store(p, 5, NULL);
    CHECK(saw(SIGSEGV, SEGV_ACCADI_N, p, tag_store_pc));
    CHECK(ld_x(p, 0, NULL) == 77 && saw_nothing());

    CHECK(mprotect(p, PAGE, RW | PROT_ADI) == 0);
    CHECK(tag_get(p) == 0);
    tag_range(p, PAGE, 6);
    CHECK(ld_x(tagged(p, 6), 0, NULL) == 77 && saw_nothing());
    ld_x(tagged(p, 5), 0, NULL);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(p, 5), ld_x_pc));
    printf("after exec\n");
    fflush(stdout);
    return 4;
}

int main(int argc, char **argv)
{
    char *args[] = {argv[0], "after", NULL};
    char *p;
    pid_t pid;

    if (argc > 1)
        return after();
    faults_catch();
    mcdper_set(1);
    p = page_at(A, RW | PROT_ADI);
    tag_range(p, PAGE, 5);
    pid = fork_flushed();
    if (pid == 0) {
        /* A copy of its own, then away with it. */
        tag_range(p, PAGE, 7);
        page_out(p);
        execv("/proc/self/exe", args);
        leave(99);
    }
    CHECK(reap(pid) == 4);
    CHECK(tag_get(p) == 5);
    page_out(p);
    ld_x(tagged(p, 7), 0, NULL);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(p, 7), ld_x_pc));
    CHECK(tag_get(p) == 5);
    printf("parent still checked\n");
    return 0;
}
