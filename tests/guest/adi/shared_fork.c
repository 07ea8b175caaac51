// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/shared_fork.c - tags of memory that processes share
 *
 * The tags belong to the page: a tag that one sets, the other sees and is
 * checked against, at once, wherever each has mapped it.  PROT_ADI is each
 * one's own.
 *
 * run:
 * report: all_kept
 * run: --kernel=linux-6.2
 * report: all_kept
 * run: --stress=migrate:1000:1
 * report: all_kept and counters.pages_migrated > 0
 */
#include <sys/ipc.h>
#include <sys/shm.h>

#include "adi/processes.h"

#define RW     (PROT_READ | PROT_WRITE)
#define PAGES  4
#define LENGTH (PAGES * PAGE)
#define ROUNDS 60

INSN(ld_x, "", "ldx [%o0], %o1", "");
INSN(st_x, "", "stx %o1, [%o0]", "");

static struct turn parent, child;

/* One sets, the other looks. */
static void set(char *p, unsigned n)
{
    size_t at = n * 37 % (LENGTH / BLOCK) * BLOCK;
    unsigned tag = n % 14 + 1;

    if (n % 5 == 0)
        tag_range(p + at / PAGE * PAGE, PAGE, tag);
    else
        tag_set(p + at, tag);
    tag_sync();
    *(uint64_t *)tagged(p + at, tag) = n;
}

static void see(char *p, unsigned n)
{
    char *here = p + n * 37 % (LENGTH / BLOCK) * BLOCK;
    unsigned tag = n % 14 + 1;
    char *wrong = tagged(here, tag % 14 + 1);

    CHECK(tag_get(here) == tag);
    CHECK(ld_x(tagged(here, tag), 0, NULL) == n && saw_nothing());
    ld_x(wrong, 0, NULL);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, ld_x_pc));
    st_x(wrong, 0, NULL);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, st_x_pc));
}

static void in_turns(char *p, int is_child)
{
    struct turn *mine = is_child ? &child : &parent;
    struct turn *other = is_child ? &parent : &child;

    for (unsigned n = 0; n < ROUNDS; n++) {
        if ((n & 1) == (unsigned)is_child) {
            set(p, n);
            turn_give(other);
            turn_wait(mine);
        } else {
            turn_wait(mine);
            see(p, n);
            turn_give(other);
        }
    }
}

static void anonymous(void)
{
    char *p = mmap(NULL, LENGTH, RW | PROT_ADI, MAP_SHARED | MAP_ANONYMOUS, -1,
                   0);
    pid_t pid;

    CHECK(p != MAP_FAILED);
    pid = fork_flushed();
    if (pid == 0) {
        in_turns(p, 1);
        leave(0);
    }
    in_turns(p, 0);
    CHECK(reap(pid) == 0);
    see(p, ROUNDS - 1); /* the last tags outlive the child */
    CHECK(munmap(p, LENGTH) == 0);
}

/* Attached after the fork, by each at its own place. */
static void segment(void)
{
    int id = shmget(IPC_PRIVATE, LENGTH, 0600);
    pid_t pid = fork_flushed();
    char *p;

    CHECK(id >= 0);
    if (pid == 0)
        map_pages(50, RW); /* another place than the parent's */
    p = shmat(id, NULL, 0);
    CHECK(p != (void *)-1);
    CHECK(mprotect(p, LENGTH, RW | PROT_ADI) == 0);
    in_turns(p, pid == 0);
    if (pid == 0)
        leave(0);
    CHECK(reap(pid) == 0);
    see(p, ROUNDS - 1);

    /* A child without PROT_ADI is not checked, and cannot set tags. */
    pid = fork_flushed();
    if (pid == 0) {
        CHECK(mprotect(p, LENGTH, RW) == 0);
        for (size_t i = 0; i < LENGTH; i += BLOCK)
            st_x(p + i, i, NULL);
        CHECK(saw_nothing());
        tag_get(p);
        CHECK(saw(SIGILL, ILL_ILLADR, p, NULL));
        leave(0);
    }
    CHECK(reap(pid) == 0);
    for (size_t i = 0; i < LENGTH; i += BLOCK)
        CHECK(ld_x(tagged(p + i, tag_get(p + i)), 0, NULL) == i);
    CHECK(saw_nothing());
    CHECK(shmctl(id, IPC_RMID, NULL) == 0 && shmdt(p) == 0);
}

int main(void)
{
    faults_catch();
    mcdper_set(1);
    parent = turn_make();
    child = turn_make();
    anonymous();
    segment();
    return 0;
}
