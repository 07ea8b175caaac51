// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/posix_timers.c - timer_create and what follows
 *
 * Catches timers that never come, come too early or too often, wrong values
 * in siginfo, overruns that are not counted, and wrong errors.
 */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include "process.h"

static volatile sig_atomic_t caught;
static siginfo_t last;

static void on_info(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    last = *info;
    caught++;
}

static timer_t make(clockid_t clock, int notify, int sig, int value)
{
    struct sigevent event = { .sigev_notify = notify, .sigev_signo = sig,
                              .sigev_value.sival_int = value };
    timer_t id;

    EXPECT(timer_create(clock, &event, &id) == 0);
    return id;
}

static struct itimerspec ms(long value, long interval)
{
    return (struct itimerspec){
        { interval / 1000, interval % 1000 * 1000000 },
        { value / 1000, value % 1000 * 1000000 } };
}

static long left(timer_t id)
{
    struct itimerspec now;

    EXPECT(timer_gettime(id, &now) == 0);
    return now.it_value.tv_sec * 1000000000L + now.it_value.tv_nsec;
}

static void wait_for(int n)
{
    while (caught < n)
        usleep(1000);
}

int main(void)
{
    struct sigaction sa = { .sa_sigaction = on_info, .sa_flags = SA_SIGINFO };
    struct itimerspec t = ms(20, 0), old;
    struct sigevent bad = { .sigev_notify = 77 };
    struct timespec abs;
    sigset_t rt, none;
    struct rlimit full;
    timer_t a, b;

    EXPECT(getrlimit(RLIMIT_SIGPENDING, &full) == 0);
    sigaction(SIGRTMIN, &sa, NULL);
    sigaction(SIGALRM, &sa, NULL);
    a = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 42);
    EXPECT(left(a) == 0);
    EXPECT(timer_settime(a, 0, &t, NULL) == 0);
    printf("left %d\n", left(a) > 0 && left(a) <= 20000000);
    wait_for(1);
    printf("once: code %d, value %d, overrun %d, left %ld\n",
           last.si_code == SI_TIMER, last.si_value.sival_int, last.si_overrun,
           left(a));

    /* Periods that pass while the signal is blocked are counted. */
    sigemptyset(&rt);
    sigaddset(&rt, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &rt, NULL);
    t = ms(10, 10);
    caught = 0;
    EXPECT(timer_settime(a, 0, &t, &old) == 0);
    printf("old %ld\n", (long)old.it_value.tv_nsec);
    usleep(105000);
    sigprocmask(SIG_UNBLOCK, &rt, NULL);
    printf("blocked: %d signal, overrun %s\n", (int)caught,
           last.si_overrun >= 8 ? "counted" : "lost");
    EXPECT(timer_getoverrun(a) == last.si_overrun);
    wait_for(3);
    t = ms(0, 0);
    EXPECT(timer_settime(a, 0, &t, &old) == 0);
    printf("interval was %ld\n", (long)old.it_interval.tv_nsec);
    caught = 0;
    usleep(30000);
    printf("stopped %d\n", (int)caught);

    /* Absolute, by the date. */
    EXPECT(timer_create(CLOCK_REALTIME, NULL, &b) == 0);
    clock_gettime(CLOCK_REALTIME, &abs);
    t = (struct itimerspec){ { 0, 0 }, { abs.tv_sec + 1, abs.tv_nsec } };
    EXPECT(timer_settime(b, TIMER_ABSTIME, &t, NULL) == 0);
    sigemptyset(&none);
    EXPECT(sigsuspend(&none) == -1 && caught == 1);
    printf("default event: SIGALRM %d, value is the id %d\n",
           last.si_signo == SIGALRM, last.si_value.sival_int ==
           last.si_timerid);
    EXPECT(timer_delete(b) == 0);
    printf("deleted %d\n", timer_delete(b) == -1 && errno == EINVAL);

    /* Of CPU time. */
    b = make(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGRTMIN, 7);
    t = ms(10, 0);
    caught = 0;
    EXPECT(timer_settime(b, 0, &t, NULL) == 0);
    usleep(50000);
    printf("asleep %d", (int)caught);
    while (!caught)
        getppid();
    printf(", at work %d, value %d\n", (int)caught, last.si_value.sival_int);
    timer_delete(b);

    /* No signal: only a clock to look at. */
    b = make(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);
    t = ms(20, 0);
    caught = 0;
    EXPECT(timer_settime(b, 0, &t, NULL) == 0 && left(b) > 0);
    usleep(30000);
    printf("none: %d, left %ld\n", (int)caught, left(b));

    full.rlim_cur = 0;
    EXPECT(setrlimit(RLIMIT_SIGPENDING, &full) == 0);
    EXPECT(timer_create(CLOCK_REALTIME, NULL, &b) == -1 && errno == EAGAIN);
    full.rlim_cur = full.rlim_max;
    EXPECT(setrlimit(RLIMIT_SIGPENDING, &full) == 0);

    printf("bad event %d, ", timer_create(CLOCK_REALTIME, &bad, &b));
    printf("bad clock %d, ", timer_create(99, NULL, &b));
    t.it_value.tv_nsec = 1000000000;
    printf("bad time %d\n", timer_settime(a, 0, &t, NULL));

    /* They come to who never stops, too. */
    caught = 0;
    t = ms(10, 10);
    EXPECT(timer_settime(a, 0, &t, NULL) == 0);
    while (caught < 5)
        clock_gettime(CLOCK_MONOTONIC, &abs);
    t = ms(0, 0);
    EXPECT(timer_settime(a, 0, &t, NULL) == 0);
    puts("busy");

    /* A child has none of them. */
    t = ms(10, 10);
    EXPECT(timer_settime(a, 0, &t, NULL) == 0);
    if (fork_child() == 0) {
        caught = 0;
        usleep(50000);
        printf("in a child %d %d\n", (int)caught,
               timer_settime(a, 0, &t, NULL) == -1 && errno == EINVAL);
        return 0;
    }
    while (wait(NULL) < 0)
        continue;
    return 0;
}
