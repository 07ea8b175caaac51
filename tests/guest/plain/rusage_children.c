// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/rusage_children.c - times and wait4: what children have used
 *
 * Only relations are printed. Catches time of children that is counted
 * before they are waited for, or never, or twice.
 */
#define _GNU_SOURCE
#include <sys/times.h>
#include "process.h"

/* In ticks; user and system time are cut to whole ticks each. */
static long own(void)
{
    struct tms t;

    EXPECT(times(&t) != (clock_t)-1);
    return t.tms_utime + t.tms_stime;
}

static long of_children(void)
{
    struct tms t;

    EXPECT(times(&t) != (clock_t)-1);
    return t.tms_cutime + t.tms_cstime;
}

/* Until this process has used that much by itself. */
static void spend(long ticks)
{
    volatile uint64_t x = 1;

    while (own() < ticks)
        for (int i = 0; i < 1000; i++)
            x = x * 5 + i;
}

static int child(long ticks)
{
    EXPECT(own() <= 2 && of_children() == 0);
    spend(ticks);
    return 0;
}

/* Its child is waited for, so that it counts above. */
static int parent(long ticks)
{
    EXPECT(reap(spawn(child, ticks)) == 0);
    EXPECT(of_children() >= ticks - 1);
    return 0;
}

/* Leaves without a wait: nobody counts its child. */
static int careless(long ticks)
{
    struct channel c = channel_open();
    pid_t pid = fork_child();

    if (pid == 0) {
        close(c.r);
        spend(ticks);
        _exit(0);
    }
    close(c.w);
    hear(&c);
    return 0;
}

int main(void)
{
    long ticks_per_second = sysconf(_SC_CLK_TCK), before, after;
    struct rusage u;
    siginfo_t info;
    pid_t pid;
    int status;

    alarm(60);
    EXPECT(ticks_per_second == 100 && of_children() == 0);
    pid = spawn(child, 4);
    EXPECT(waitid(P_PID, pid, &info, WEXITED | WNOWAIT) == 0);
    EXPECT(of_children() == 0);
    EXPECT(reap(pid) == 0);
    before = of_children();
    printf("counted with the wait: %d\n", before >= 3 && before < 100);

    EXPECT(reap(spawn(parent, 6)) == 0);
    after = of_children();
    printf("a child's children too: %d\n", after - before >= 5);

    pid = spawn(child, 4);
    EXPECT(wait4(pid, &status, 0, &u) == pid && status == 0);
    before = of_children();
    printf("wait4: %d\n", before - after >= 3 && before - after < 100);

    EXPECT(reap(spawn(careless, 25)) == 0);
    after = of_children();
    printf("without a wait: %d\n", after - before < 20);

    /* short ones add up */
    for (int i = 0; i < 3; i++)
        EXPECT(reap(spawn(child, 2)) == 0);
    printf("added up: %d\n", of_children() - after >= 4);
    EXPECT(getrusage(RUSAGE_CHILDREN, &u) == 0 && no_children());
    return 0;
}
