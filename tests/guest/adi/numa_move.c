// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/numa_move.c - move_pages and migrate_pages: states and errors
 *
 * run: --nodes=4 --swap=16M
 * kernels: remap mte-*
 * stdout: done
 * report: errors == False
 * run: --nodes=4 --swap=16M --kernel=linux-6.2
 * stdout: done
 * report: totals.lost_pages == 0
 * run:
 * stdout: one node
 */
#include <sys/wait.h>

#include "adi/numa.h"

#define NR 6

static char *p;
static void *pages[NR];
static int to[NR], status[NR];

static int move(unsigned long nr, int flags)
{
    for (int i = 0; i < NR; i++)
        status[i] = 99;
    return outcome(
        syscall(SYS_move_pages, 0, nr, pages, to, status, flags));
}

static void states(void)
{
    p = map_pages(NR, RWA);
    for (int i = 0; i < NR; i++) {
        pages[i] = p + i * PAGE;
        to[i] = i % 4;
        tag_range(pages[i], PAGE, 1 + (unsigned)i);
    }
    CHECK(move(NR, MPOL_MF_MOVE) == 0);
    for (int i = 0; i < NR; i++)
        CHECK(status[i] == i % 4 && node_of(pages[i]) == i % 4);
    page_out(p + PAGE);
    CHECK(madvise(p + 2 * PAGE, PAGE, MADV_DONTNEED) == 0);
    CHECK(madvise(p + 3 * PAGE, PAGE, MADV_DONTNEED) == 0);
    CHECK(*(volatile char *)(p + 3 * PAGE) == 0); /* the zero page */
    pages[4] = (void *)64;
    pages[5] = tagged(pages[5], 9);
    for (int i = 0; i < NR; i++)
        to[i] = 2;
    CHECK(move(NR, MPOL_MF_MOVE) == 0);
    CHECK(status[0] == 2 && status[1] == -ENOENT && status[2] == -EFAULT);
    CHECK(status[3] == -EFAULT && status[4] == -EFAULT && status[5] == 2);
    /* To ask, the address has to be plain. */
    CHECK(outcome(syscall(SYS_move_pages, 0, 6ul, pages, NULL, status, 0)) ==
          0);
    CHECK(status[0] == 2 && status[1] == -ENOENT && status[5] == -EFAULT);
    for (unsigned i = 0; i < NR; i++)
        CHECK(i == 2 || i == 3 || tag_get(p + i * PAGE) == 1 + i);
    /* It was swapped in on the node of the CPU. */
    CHECK(node_of(p + PAGE) == 0);
}

static void errors(void)
{
    for (int i = 0; i < NR; i++) {
        pages[i] = p + i * PAGE;
        to[i] = 1;
    }
    CHECK(move(2, 1) == -EINVAL);
    CHECK(move(2, 8) == -EINVAL);
    CHECK(move(0, 0) == 0);
    to[2] = 4;
    CHECK(move(NR, MPOL_MF_MOVE) == -ENODEV);
    CHECK(status[0] == 1 && status[1] == 1 && status[2] == 99);
    to[2] = -1;
    CHECK(move(NR, MPOL_MF_MOVE) == -ENODEV);
    CHECK(outcome(syscall(SYS_move_pages, 77777, 1ul, pages, to, status, 0)) ==
          -ESRCH);
    CHECK(outcome(syscall(SYS_move_pages, 0, 1ul, 8, to, status, 0)) ==
          -EFAULT);
    CHECK(outcome(syscall(SYS_move_pages, 0, 1ul, pages, 8, status, 0)) ==
          -EFAULT);
    CHECK(outcome(syscall(SYS_move_pages, 0, 1ul, pages, to, 8, 0)) == -EFAULT);
    CHECK(outcome(syscall(SYS_move_pages, 0, 1ul, pages, NULL, 8, 0)) ==
          -EFAULT);
}

/* Pages that two processes map; and one moves those of the other. */
static void sharing(void)
{
    unsigned long from = 15, two = 4, none = 0x10;
    int child, ready[2], go[2], state;
    char c;

    CHECK(pipe(ready) == 0 && pipe(go) == 0);
    child = fork();
    if (child == 0) {
        CHECK(write(ready[1], "r", 1) == 1 && read(go[0], &c, 1) == 1);
        for (unsigned i = 0; i < NR; i++)
            CHECK(i == 2 || i == 3 || tag_get(p + i * PAGE) == 1 + i);
        CHECK(node_of(p) == 2 && node_of(p + 5 * PAGE) == 2);
        _exit(0);
    }
    CHECK(read(ready[0], &c, 1) == 1);
    CHECK(move_to(p, 3, MPOL_MF_MOVE) == -EACCES);
    CHECK(move_to(p, 3, MPOL_MF_MOVE_ALL) == 3);
    CHECK(outcome(syscall(SYS_migrate_pages, child, 65, &from, &two)) == 0);
    CHECK(node_of(p) == 2);
    CHECK(outcome(syscall(SYS_migrate_pages, 77777, 65, &from, &two)) ==
          -ESRCH);
    CHECK(outcome(syscall(SYS_migrate_pages, child, 65, &from, &none)) ==
          -EINVAL);
    CHECK(outcome(syscall(SYS_migrate_pages, child, 65, 8, &two)) == -EFAULT);
    CHECK(outcome(syscall(SYS_move_pages, child, 1ul, pages, NULL, status,
                          0)) == 0);
    CHECK(status[0] == 2);
    CHECK(write(go[1], "g", 1) == 1);
    CHECK(wait(&state) == child && state == 0);
    /* Its address space is gone. */
    child = fork();
    if (child == 0)
        _exit(0);
    CHECK(waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT) == 0);
    CHECK(outcome(syscall(SYS_migrate_pages, child, 65, &from, &two)) ==
          -EINVAL);
    CHECK(wait(&state) == child);
}

int main(void)
{
    unsigned long mask = 0;

    CHECK(syscall(SYS_get_mempolicy, NULL, &mask, 65, NULL,
                  MPOL_F_MEMS_ALLOWED) == 0);
    if (mask == 1) {
        char *q = map_pages(1, RWA);

        *q = 1;
        CHECK(node_of(q) == 0 && move_to(q, 0, 0) == 0);
        CHECK(move_to(q, 1, 0) == -ENODEV);
        printf("one node\n");
        return 0;
    }
    states();
    errors();
    sharing();
    printf("done\n");
    return 0;
}
