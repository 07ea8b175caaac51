// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/cpu_time.c - time passes with work, and limits and timers see it
 *
 * Catches a clock that stands still while a program computes, system time
 * that is not counted, RLIMIT_CPU without effect, timers of CPU time that
 * come never or while the process sleeps, and files newer than the clock.
 */
#define _GNU_SOURCE
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include "process.h"

static volatile sig_atomic_t caught;
static volatile unsigned long sink;

static double now(clockid_t id)
{
    struct timespec ts;

    EXPECT(clock_gettime(id, &ts) == 0);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void compute(long rounds)
{
    for (long i = 0; i < rounds; i++)
        sink += (unsigned long)i * 3;
}

static void on_signal(int sig)
{
    (void)sig;
    caught++;
}

static double seconds(struct timeval tv)
{
    return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

static void work(void)
{
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    double date = now(CLOCK_REALTIME);
    struct rusage usage;
    struct tms tms;

    compute(20000000);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = now(CLOCK_MONOTONIC) - wall;
    date = now(CLOCK_REALTIME) - date;
    printf("work: wall %d, cpu %d, not more than wall %d, date %d\n",
           wall > 0.001, cpu > 0.001, cpu <= wall + 0.001, date > 0.001);
    for (int i = 0; i < 200000; i++)
        getppid();
    EXPECT(getrusage(RUSAGE_SELF, &usage) == 0);
    printf("user %d, system %d\n", seconds(usage.ru_utime) > 0.001,
           seconds(usage.ru_stime) > 0.001);
    EXPECT(times(&tms) != (clock_t)-1);
    printf("ticks %d\n", tms.tms_utime + tms.tms_stime > 0);
}

/* What sleeps is not on the CPU. */
static void rest(void)
{
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);

    usleep(200000);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = now(CLOCK_MONOTONIC) - wall;
    printf("sleep: wall %d, cpu %d\n", wall >= 0.2, cpu < 0.1);
}

static int burn(long arg)
{
    struct rlimit limit = { 1, 2 };
    int told = 0;

    (void)arg;
    signal(SIGXCPU, on_signal);
    EXPECT(setrlimit(RLIMIT_CPU, &limit) == 0);
    for (;;) {
        getppid();
        if (!caught || told)
            continue;
        EXPECT(getrlimit(RLIMIT_CPU, &limit) == 0);
        printf("SIGXCPU, next at %ld s\n", (long)limit.rlim_cur);
        fflush(stdout);
        told = 1;
    }
}

static int sleep_with_limit(long arg)
{
    struct rlimit limit = { 1, 2 };

    (void)arg;
    EXPECT(setrlimit(RLIMIT_CPU, &limit) == 0);
    usleep(3000000);
    return 6;
}

static void limits(void)
{
    int code = reap(spawn(burn, 0));

    printf("killed at the hard limit %d\n", code == 128 + SIGKILL);
    printf("not by sleep %d\n", reap(spawn(sleep_with_limit, 0)));
}

static void interval(const char *name, int which, int sig)
{
    struct itimerval t = { { 0, 5000 }, { 0, 5000 } }, left;
    double cpu = now(CLOCK_PROCESS_CPUTIME_ID);

    signal(sig, on_signal);
    caught = 0;
    EXPECT(setitimer(which, &t, NULL) == 0);
    while (caught < 3)
        compute(10000);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    EXPECT(getitimer(which, &left) == 0);
    printf("%s: at work %d, interval %ld, left %d\n", name, cpu > 0, (long)left.it_interval.tv_usec,
           left.it_value.tv_usec > 0 && left.it_value.tv_usec <= 5000);
    caught = 0;
    t = (struct itimerval){ { 0, 0 }, { 0, 0 } };
    EXPECT(setitimer(which, &t, NULL) == 0);
    compute(100000);
    EXPECT(caught == 0);
}

/* Of CPU time: none passes in a sleep. */
static void asleep(void)
{
    struct itimerval t = { { 0, 0 }, { 0, 50000 } };

    signal(SIGVTALRM, on_signal);
    caught = 0;
    EXPECT(setitimer(ITIMER_VIRTUAL, &t, NULL) == 0);
    usleep(100000);
    printf("virtual while asleep: %d\n", (int)caught);
    while (!caught)
        compute(10000);
    printf("and later %d\n", (int)caught);
}

static void of_files(void)
{
    char dir[32];
    struct stat a, b, again;
    FILE *f;

    enter_scratch(dir);
    f = fopen("a", "w");
    EXPECT(f && fputs("a", f) >= 0 && fclose(f) == 0);
    EXPECT(stat("a", &a) == 0);
    printf("not newer than the clock %d\n",
           (double)a.st_mtim.tv_sec + (double)a.st_mtim.tv_nsec / 1e9 <=
               now(CLOCK_REALTIME) + 0.001);
    printf("of today %d\n", time(NULL) - a.st_mtime < 100);
    usleep(20000);
    f = fopen("b", "w");
    EXPECT(f && fputs("b", f) >= 0 && fclose(f) == 0);
    EXPECT(stat("b", &b) == 0 && stat("a", &again) == 0);
    printf("in order %d, the same again %d\n",
           b.st_mtime > a.st_mtime || (b.st_mtime == a.st_mtime &&
                                       b.st_mtim.tv_nsec >= a.st_mtim.tv_nsec),
           again.st_mtime == a.st_mtime &&
               again.st_mtim.tv_nsec == a.st_mtim.tv_nsec);
    unlink("a");
    unlink("b");
    leave_scratch(dir);
}

int main(void)
{
    work();
    rest();
    limits();
    interval("real", ITIMER_REAL, SIGALRM);
    interval("virtual", ITIMER_VIRTUAL, SIGVTALRM);
    interval("prof", ITIMER_PROF, SIGPROF);
    asleep();
    of_files();
    return 0;
}
