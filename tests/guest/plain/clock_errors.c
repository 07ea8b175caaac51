// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/clock_errors.c - clocks that cannot be set, or not waited for
 *
 * Catches a sleep or a timer by a clock that has none, the errors of calls
 * that set the date in the wrong order, and an adjtimex that tells nothing.
 * As an ordinary user: root would set the date of this machine.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>
#include "try.h"

#define NOBODY 65534

static const struct {
    clockid_t id;
    const char *name;
} clocks[] = {
    { CLOCK_REALTIME, "realtime" },
    { CLOCK_MONOTONIC, "monotonic" },
    { CLOCK_PROCESS_CPUTIME_ID, "process" },
    { CLOCK_THREAD_CPUTIME_ID, "thread" },
    { CLOCK_MONOTONIC_RAW, "monotonic raw" },
    { CLOCK_REALTIME_COARSE, "realtime coarse" },
    { CLOCK_MONOTONIC_COARSE, "monotonic coarse" },
    { CLOCK_BOOTTIME, "boottime" },
    { (clockid_t)-2, "process, by pid 0" }, /* CPUCLOCK_SCHED */
    { (clockid_t)-6, "process, profile" },  /* CPUCLOCK_VIRT of pid 0 */
    { 99, "none" },
};

static void of_clock(clockid_t id)
{
    static const struct timespec bad = { 0, 1000000000 }, good = { 1000, 0 };
    struct timespec past = { 0, 0 };
    struct timex change = { .modes = ADJ_TICK };
    timer_t timer;

    TRY(syscall(SYS_clock_nanosleep, id, 0, &bad, NULL));
    TRY(syscall(SYS_clock_nanosleep, id, 0, (void *)8, NULL));
    TRY(syscall(SYS_clock_nanosleep, id, TIMER_ABSTIME, &past, NULL));
    TRY_DONE(syscall(SYS_timer_create, id, NULL, &timer));
    TRY(syscall(SYS_clock_settime, id, (void *)8));
    TRY(syscall(SYS_clock_settime, id, &bad));
    TRY(syscall(SYS_clock_settime, id, &good));
    TRY(clock_adjtime(id, &change));
}

int main(void)
{
    struct timeval tv = { 0, 1000001 };
    struct timezone tz = { 0, 0 };
    struct timex ask = { .modes = 0 }, change = { .modes = ADJ_FREQUENCY },
                 old = { .modes = 0x8000 }, old_read = { .modes = 0xa001 };

    if (getuid() == 0 && (setgid(NOBODY) || setuid(NOBODY)))
        return 1;
    for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        puts(clocks[i].name);
        of_clock(clocks[i].id);
    }
    TRY(syscall(SYS_settimeofday, NULL, NULL));
    TRY(syscall(SYS_settimeofday, &tv, NULL));
    TRY(syscall(SYS_settimeofday, (void *)8, NULL));
    TRY(syscall(SYS_settimeofday, NULL, (void *)8));
    TRY(syscall(SYS_settimeofday, NULL, &tz));
    tv.tv_usec = 0;
    TRY(syscall(SYS_settimeofday, &tv, NULL));

    TRY(adjtimex((void *)8));
    TRY(adjtimex(&change));
    TRY(adjtimex(&old));
    TRY_DONE(adjtimex(&old_read));
    TRY_DONE(adjtimex(&ask));
    printf("tick %ld, date %d, fraction %d\n", (long)ask.tick,
           ask.time.tv_sec > 1700000000, ask.time.tv_usec >= 0);
    TRY_DONE(clock_adjtime(CLOCK_REALTIME, &ask));
    return 0;
}
