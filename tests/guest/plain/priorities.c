// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/priorities.c - nice values, scheduling policies, classes of I/O
 *
 * Catches values that are not kept or not told, rules of who may change what,
 * and what a child begins with.  The same program on this machine is the
 * reference; it becomes nobody half-way when it is root's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "process.h"
#include "try.h"

#define NOBODY 65534

struct attr {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t util[2];
    uint64_t more;
};

static int prio(int which, int who)
{
    int value;

    errno = 0;
    value = getpriority(which, who);
    return errno ? -1000 : value;
}

static void niceness(void)
{
    volatile int none = 0x7ffffff0;

    TRY(prio(PRIO_PROCESS, 0));
    TRY_DONE(setpriority(PRIO_PROCESS, 0, 5));
    TRY(prio(PRIO_PROCESS, 0));
    TRY(prio(PRIO_PROCESS, getpid()));
    TRY(nice(3));
    TRY_DONE(setpriority(PRIO_PROCESS, 0, 100));
    TRY(prio(PRIO_PROCESS, 0));
    TRY_DONE(setpriority(PRIO_PROCESS, 0, 4));
    TRY(prio(PRIO_PROCESS, 0));
    TRY_DONE(nice(-5));
    TRY(prio(PRIO_PROCESS, 0));
    TRY_DONE(setpriority(3, 0, 0));
    TRY_DONE(setpriority(-1, 0, 0));
    TRY_DONE(getpriority(3, 0) == -1 ? -1 : 0);
    TRY_DONE(setpriority(PRIO_PROCESS, none, 0));
    TRY_DONE(setpriority(PRIO_PGRP, none, 0));
    TRY_DONE(setpriority(PRIO_USER, none, 0));
}

static void show_policy(void)
{
    struct sched_param param = { .sched_priority = -7 };
    int policy = sched_getscheduler(0);

    sched_getparam(0, &param);
    printf("  policy %x priority %d nice %d\n", policy, param.sched_priority,
           prio(PRIO_PROCESS, 0));
}

static int set_policy(int policy, int priority)
{
    struct sched_param param = { .sched_priority = priority };
    int r = sched_setscheduler(0, policy, &param);

    return r;
}

static void policies(void)
{
    struct sched_param param = { 0 };
    struct timespec ts;
    volatile int minus = -1, none = 0x7ffffff0;

    for (int policy = -1; policy < 7; policy++)
        printf("  policy %d: %d to %d\n", policy,
               sched_get_priority_min(policy), sched_get_priority_max(policy));
    show_policy();
    TRY_DONE(set_policy(SCHED_BATCH, 0));
    show_policy();
    TRY_DONE(set_policy(SCHED_IDLE, 0));
    show_policy();
    TRY_DONE(set_policy(SCHED_OTHER, 0));
    TRY_DONE(set_policy(SCHED_OTHER, 1));
    TRY_DONE(set_policy(SCHED_FIFO, 0));
    TRY_DONE(set_policy(SCHED_FIFO, 100));
    TRY_DONE(set_policy(SCHED_FIFO, -1));
    TRY_DONE(set_policy(4, 0));
    TRY_DONE(set_policy(-1, 0));
    TRY_DONE(set_policy(SCHED_DEADLINE, 0));
    TRY_DONE(sched_setparam(0, &param));
    TRY_DONE(sched_setparam(minus, &param));
    TRY_DONE(sched_setparam(none, &param));
    TRY_DONE(syscall(SYS_sched_setparam, 0, NULL));
    TRY_DONE(syscall(SYS_sched_setparam, 0, 8));
    TRY_DONE(sched_getscheduler(minus));
    TRY_DONE(sched_getscheduler(none));
    TRY_DONE(syscall(SYS_sched_getparam, 0, NULL));
    TRY_DONE(sched_rr_get_interval(minus, &ts));
    TRY_DONE(sched_rr_get_interval(none, &ts));
    param.sched_priority = 1;
    TRY_DONE(sched_setparam(0, &param));
}

/* What takes CAP_SYS_NICE. */
static void real_time(void)
{
    struct timespec ts = { 9, 9 };
    int status;

    TRY_DONE(set_policy(SCHED_RR, 7));
    show_policy();
    if (sched_getscheduler(0) == SCHED_RR) {
        sched_rr_get_interval(0, &ts);
        printf("  a slice of %ld.%09ld\n", (long)ts.tv_sec, ts.tv_nsec);
    }
    fflush(stdout);
    if (fork() == 0) {
        printf("  a child\n");
        show_policy();
        TRY_DONE(set_policy(SCHED_FIFO, 99));
        TRY_DONE(set_policy(SCHED_FIFO, 2));
        show_policy();
        TRY_DONE(set_policy(SCHED_RR | SCHED_RESET_ON_FORK, 3));
        show_policy();
        fflush(stdout);
        if (fork() == 0) {
            printf("  a child of it\n");
            show_policy();
            fflush(stdout);
            _exit(0);
        }
        wait(&status);
        TRY_DONE(set_policy(SCHED_OTHER, 0));
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    TRY_DONE(set_policy(SCHED_OTHER, 0));
    show_policy();
}

static int set_attr(struct attr *a)
{
    return (int)syscall(SYS_sched_setattr, 0, a, 0);
}

static void show_attr(unsigned size)
{
    struct attr a = { 0 };
    long r = syscall(SYS_sched_getattr, 0, &a, size, 0);

    if (r < 0)
        printf("  sched_getattr of %u: %s\n", size, strerrorname_np(errno));
    else
        printf("  size %u policy %u flags %llu nice %d priority %u\n", a.size,
               a.policy, (unsigned long long)a.flags, a.nice, a.priority);
}

static void attributes(void)
{
    struct attr a = { .size = 48, .policy = SCHED_OTHER, .nice = 30 };

    show_attr(47);
    show_attr(48);
    show_attr(56);
    TRY_DONE(set_attr(&a));
    show_attr(48);
    a.size = 64;
    TRY_DONE(set_attr(&a));
    a.more = 1;
    TRY_DONE(set_attr(&a));
    TRY(a.size);
    a.size = 47;
    TRY_DONE(set_attr(&a));
    a.size = 0;
    TRY_DONE(set_attr(&a));
    a.policy = 77;
    TRY_DONE(set_attr(&a));
    a.policy = SCHED_BATCH;
    a.flags = 1 << 20;
    TRY_DONE(set_attr(&a));
    a.flags = 1; /* reset on fork */
    a.nice = 19;
    TRY_DONE(set_attr(&a));
    show_attr(48);
    a.policy = SCHED_OTHER;
    a.flags = 0x19; /* keep both */
    TRY_DONE(set_attr(&a));
    show_attr(48);
    TRY_DONE(syscall(SYS_sched_setattr, 0, &a, 1));
    TRY_DONE(syscall(SYS_sched_setattr, -1, &a, 0));
    TRY_DONE(syscall(SYS_sched_setattr, 0, NULL, 0));
    TRY_DONE(syscall(SYS_sched_setattr, 0, 8, 0));
    TRY_DONE(syscall(SYS_sched_getattr, 0, &a, 48, 1));
    a = (struct attr){ .size = 48, .policy = SCHED_DEADLINE };
    TRY_DONE(set_attr(&a));
    a.runtime = 2000000, a.deadline = 1000000;
    TRY_DONE(set_attr(&a));
}

static void affinity(void)
{
    cpu_set_t set;
    volatile int none = 0x7ffffff0;

    CPU_ZERO(&set);
    TRY_DONE(sched_setaffinity(0, sizeof(set), &set));
    TRY_DONE(sched_getaffinity(0, sizeof(set), &set));
    TRY_DONE(sched_setaffinity(0, sizeof(set), &set));
    TRY_DONE(syscall(SYS_sched_getaffinity, 0, 1, &set));
    TRY_DONE(sched_getaffinity(none, sizeof(set), &set));
    TRY_DONE(sched_setaffinity(none, sizeof(set), &set));
    TRY_DONE(syscall(SYS_sched_setaffinity, 0, sizeof(set), 8));
    TRY_DONE(syscall(SYS_sched_getaffinity, 0, sizeof(set), 8));
    CPU_ZERO(&set);
    CPU_SET(1000, &set);
    TRY_DONE(sched_setaffinity(0, sizeof(set), &set));
}

#define IOPRIO(class, level) ((class) << 13 | (level))

static long ioprio_set(int which, int who, int value)
{
    return syscall(SYS_ioprio_set, which, who, value);
}

static long ioprio_get(int which, int who)
{
    return syscall(SYS_ioprio_get, which, who);
}

static void io_classes(void)
{
    TRY_DONE(ioprio_set(1, 0, IOPRIO(2, 3)));
    TRY(ioprio_get(1, 0));
    TRY_DONE(ioprio_set(1, getpid(), IOPRIO(3, 0)));
    TRY(ioprio_get(1, getpid()));
    TRY_DONE(ioprio_set(1, 0, IOPRIO(0, 1)));
    TRY_DONE(ioprio_set(1, 0, IOPRIO(4, 0)));
    TRY_DONE(ioprio_set(INT_MIN, 0, IOPRIO(2, 0)));
    TRY(ioprio_get(INT_MIN, 0));
    TRY_DONE(ioprio_set(1, 0x7ffffff0, IOPRIO(2, 0)));
    TRY_DONE(ioprio_set(0, 0, IOPRIO(2, 0)));
    TRY_DONE(ioprio_get(4, 0));
    TRY_DONE(ioprio_get(1, 0x7ffffff0));
    TRY_DONE(ioprio_set(1, 0, IOPRIO(0, 0)));
}

static int all(long unused)
{
    (void)unused;
    niceness();
    policies();
    real_time();
    attributes();
    affinity();
    io_classes();
    return 0;
}

/* Of another user's process, whose number it is. */
static int of_another(long pid)
{
    struct sched_param param = { 0 };
    cpu_set_t set;

    TRY_DONE(setpriority(PRIO_PROCESS, (int)pid, 10));
    TRY(prio(PRIO_PROCESS, (int)pid));
    TRY_DONE(sched_setscheduler((int)pid, SCHED_BATCH, &param));
    TRY_DONE(sched_getscheduler((int)pid));
    TRY_DONE(sched_getaffinity((int)pid, sizeof(set), &set));
    TRY_DONE(sched_setaffinity((int)pid, sizeof(set), &set));
    TRY_DONE(ioprio_set(1, (int)pid, IOPRIO(2, 3)));
    return 0;
}

static int as_nobody(long pid)
{
    struct rlimit one = { 25, 25 };

    setrlimit(RLIMIT_NICE, &one); /* down to -5 */
    one = (struct rlimit){ 10, 10 };
    setrlimit(RLIMIT_RTPRIO, &one);
    if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
        printf("  stays who it is\n");
    all(0);
    if (getuid() == NOBODY)
        of_another(pid);
    return 0;
}

int main(void)
{
    struct rlimit none = { 0, 0 };

    /* What the machine's own limits are is not the question. */
    if (getuid() == 0 && setrlimit(RLIMIT_NICE, &none) == 0)
        setrlimit(RLIMIT_RTPRIO, &none);
    printf("as we are\n");
    reap(spawn(all, 0));
    printf("as nobody\n");
    reap(spawn(as_nobody, getpid()));
    return 0;
}
