// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/timers_child.c - alarm and setitimer in children
 *
 * Catches timers that fork copies, an alarm that goes to the wrong process,
 * and one that does not end a child.
 */
#include <sys/time.h>
#include "process.h"

static volatile sig_atomic_t ticks;

static void on_tick(int sig)
{
    (void)sig;
    ticks++;
}

static int left(int which)
{
    struct itimerval t;

    EXPECT(getitimer(which, &t) == 0);
    return t.it_value.tv_sec || t.it_value.tv_usec;
}

static void start(int which, long usec, long every)
{
    struct itimerval t = { { 0, every }, { 0, usec } };

    EXPECT(setitimer(which, &t, NULL) == 0);
}

/* No handler: the alarm ends us. */
static int victim(long usec)
{
    signal(SIGALRM, SIG_DFL);
    start(ITIMER_REAL, usec, 0);
    while (pause() < 0)
        ;
    return 1;
}

/* Wait for n ticks. */
static int ticker(long n)
{
    sigset_t block, old;

    sigemptyset(&block);
    sigaddset(&block, SIGALRM);
    sigprocmask(SIG_BLOCK, &block, &old);
    start(ITIMER_REAL, 1000, 2000);
    while (ticks < n)
        sigsuspend(&old);
    start(ITIMER_REAL, 0, 0);
    EXPECT(!left(ITIMER_REAL));
    sigprocmask(SIG_SETMASK, &old, NULL);
    return n;
}

/* Time that is spent, by itself. */
static int spender(long which)
{
    volatile uint64_t x = 1;

    set_handler(SIGVTALRM, on_tick, 0);
    set_handler(SIGPROF, on_tick, 0);
    start(which, 1000, 0);
    while (!ticks)
        x = x * 3 + 1;
    EXPECT(!left(which));
    return 10 + which;
}

int main(void)
{
    struct itimerval far = { { 0, 0 }, { 50, 0 } }, t;
    pid_t pids[4], pid;

    set_handler(SIGALRM, on_tick, 0);
    alarm(60);
    setitimer(ITIMER_VIRTUAL, &far, NULL);
    fflush(stdout);
    pid = fork();
    if (pid == 0)
        _exit(left(ITIMER_REAL) + left(ITIMER_VIRTUAL) + (alarm(0) != 0));
    EXPECT(reap(pid) == 0 && left(ITIMER_REAL) && left(ITIMER_VIRTUAL));
    puts("not inherited");

    for (int i = 0; i < 4; i++)
        pids[i] = spawn(victim, 1 + i * 3000);
    for (int i = 0; i < 4; i++)
        printf("victim %d: %s\n", i, strsignal(reap(pids[i]) - 128));
    EXPECT(ticks == 0);
    for (int i = 0; i < 3; i++)
        pids[i] = spawn(ticker, 2 + i);
    for (int i = 0; i < 3; i++)
        printf("ticks %d\n", reap(pids[i]));
    for (int i = ITIMER_VIRTUAL; i <= ITIMER_PROF; i++)
        printf("spender %d\n", reap(spawn(spender, i)));
    EXPECT(ticks == 0 && left(ITIMER_REAL));

    /* what is set anew tells of the old */
    EXPECT(alarm(30) > 40);
    EXPECT(alarm(0) <= 30 && !left(ITIMER_REAL));
    EXPECT(setitimer(ITIMER_REAL, &far, &t) == 0 && t.it_value.tv_sec == 0);
    far.it_value.tv_usec = 1000000;
    errno = 0;
    EXPECT(setitimer(ITIMER_REAL, &far, &t) == -1 && errno == EINVAL);
    EXPECT(alarm(0) > 40);
    puts("old values ok");
    return 0;
}
