// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b10_clobber.c - a child's tag store writes to its parent's page
 *
 * A is in swap when the process forks; the parent reads it back, and both
 * map the frame.  The child has a buffer whose range happens to hold A (it
 * begins at X, one page below), so its own fault takes a copy of A that was
 * never made, zeros, and writes it to the frame that the parent uses.  The
 * release is X's: its tags are gone, too.
 *
 * CASE=stale: the child moves A to a place where an unmapped page has left
 * a copy; the parent's page gets those tags, and the parent a signal.
 *
 * run: --ram=4M --swap=64M -E CASE=zeros
 * kernels: linux-*
 * stdout: parent: 5
 * stdout: child: A 0
 * stdout: child: X not 7
 * stdout: parent: 0
 * report: errors == True
 * report: totals.wrong_releases == 1 and len(wrong_releases) == 1
 * report: wrong_releases[0].mm == 2
 * report: wrong_releases[0].va == "0x70000000"
 * report: wrong_releases[0].at.path == "swap-in"
 * report: totals.lost_pages == 3 and len(pages) == 3
 * report: [p.found_tag for p in pages if p.mm == 1] == [0]
 * report: [p.va for p in pages if p.mm == 1] == ["0x70000000"]
 * report: sum(p.expected_tag for p in pages) == 5 + 5 + 7
 * report: all(p.kind == "lost" and p.blocks == 128 for p in pages)
 * report: [p.cause.id for p in pages] == ["fork", "unsaved", "unsaved"]
 * report: counters.tags_saved == 2 and totals.leaked_bytes == 0
 * run: --ram=4M --swap=64M -E CASE=stale
 * kernels: linux-*
 * stdout: parent: 5
 * stdout: child: B 3
 * stdout: parent: mismatch
 * stdout: parent: 3
 * report: errors == True and totals.lost_pages == 2 and len(pages) == 2
 * report: [p.va for p in pages if p.mm == 1] == ["0x70000000"]
 * report: [p.va for p in pages if p.mm == 2] == ["0x90000000"]
 * report: all(p.expected_tag == 5 and p.found_tag == 3 for p in pages)
 * report: [p.cause.id for p in pages if p.mm == 1] == ["zap"]
 * report: [p.cause.id for p in pages if p.mm == 2] == ["fork"]
 * report: counters.tags_saved == 2 and totals.leaked_bytes == 0
 * run: --ram=4M --swap=64M -E CASE=zeros
 * stdout: parent: 5
 * stdout: child: A 5
 * stdout: child: X 7
 * report: errors == False and totals.wrong_releases == 0
 * report: counters.tags_saved == 2 and counters.tags_restored == 3
 * run: --ram=4M --swap=64M -E CASE=stale
 * stdout: parent: 5
 * stdout: child: B 5
 * stdout: parent: no mismatch
 * report: errors == False and totals.wrong_releases == 0
 * report: counters.tags_saved == 2 and counters.tags_restored == 2
 * report: counters.tags_dropped == 1
 * run: --ram=4M --swap=64M -E CASE=zeros
 * kernels: mte-*
 * stdout: child: A 5
 * stdout: child: X 7
 * report: errors == False
 * run: --ram=4M --swap=64M -E CASE=stale
 * kernels: mte-*
 * stdout: child: B 5
 * stdout: parent: no mismatch
 * report: errors == False
 */
#define _GNU_SOURCE /* mremap */
#include "adi/processes.h"

#define A   0x70000000ul
#define B   0x90000000ul
#define RWA (PROT_READ | PROT_WRITE | PROT_ADI)

INSN(ld_b, "", "ldub [%o0], %o1", "");

static struct turn parent, child;
static char *a;

/* X comes back in some frame: its tag then is anything. */
static void tell(const char *who, char *p, unsigned known)
{
    unsigned tag = tag_get(p);

    if (known == 5 || tag == known)
        printf("%s%u\n", who, tag);
    else
        printf("%snot %u\n", who, known);
    fflush(stdout);
}

/* Its own copy begins a range below A. */
static void zeros(void)
{
    char *x = page_at(A - PAGE, RWA);

    tag_range(x, PAGE, 7);
    strcpy(tagged(x, 7), "X");
    page_out(x);
    soil_some(9); /* the frame that X had */
    turn_give(&parent);
    turn_wait(&child);
    tell("child: A ", a, 5);
    tell("child: X ", x, 7);
    CHECK(strcmp(tagged(x, tag_get(x)), "X") == 0);
}

/* A copy of an unmapped page waits at B. */
static void stale(void)
{
    char *b = page_at(B, RWA);

    tag_range(b, PAGE, 3);
    page_out(b);
    CHECK(madvise(b, PAGE, MADV_DONTNEED) == 0);
    CHECK(mremap(a, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, b) == b);
    turn_give(&parent);
    turn_wait(&child);
    tell("child: B ", b, 5);
}

int main(void)
{
    const char *how = getenv("CASE");
    uint64_t v;
    pid_t pid;

    CHECK(how);
    faults_catch();
    parent = turn_make();
    child = turn_make();
    a = page_at(A, RWA);
    tag_range(a, PAGE, 5);
    *(char *)tagged(a, 5) = 42;
    page_out(a);
    pid = fork_flushed();
    if (pid == 0) {
        if (strcmp(how, "zeros") == 0)
            zeros();
        else
            stale();
        leave(0);
    }
    turn_wait(&parent);
    tell("parent: ", a, 5);
    turn_give(&child);
    CHECK(reap(pid) == 0);
    v = ld_b(tagged(a, 5), 0, NULL);
    if (seen.count) {
        CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(a, 5), ld_b_pc));
        printf("parent: mismatch\n");
    } else {
        CHECK(v == 42);
        printf("parent: no mismatch\n");
    }
    tell("parent: ", a, 5);
    return 0;
}
