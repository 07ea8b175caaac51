// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/time/sys_time.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "emu/linux/call.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/time/cputime.h"
#include "emu/linux/uaccess.h"

#define TIMER_G_ABSTIME 1
#define TICKS_PER_S     100

/* Of a clock id below 0: ~pid above these three bits (CPUCLOCK_PID). */
#define CPUCLOCK_WHICH(id) ((unsigned)(id)&3)
#define CPUCLOCK_PROF      0
#define CPUCLOCK_VIRT      1
#define CPUCLOCK_SCHED     2
#define CPUCLOCK_PERTHREAD 4

struct timespec_g timespec_to_guest(uint64_t ns)
{
    return (struct timespec_g){htobe64(ns / NS_PER_S), htobe64(ns % NS_PER_S)};
}

int timespec_from_guest(const struct timespec_g *raw, uint64_t *ns)
{
    uint64_t sec = be64toh(raw->sec), nsec = be64toh(raw->nsec);

    if ((int64_t)sec < 0 || nsec >= NS_PER_S)
        return -EINVAL;
    *ns = sec > UINT64_MAX / NS_PER_S / 2 ? UINT64_MAX / 2
                                          : sec * NS_PER_S + nsec;
    return 0;
}

static int64_t put_timespec(struct task *t, uint64_t va, uint64_t ns)
{
    struct timespec_g raw = timespec_to_guest(ns);

    return copy_to_user(t, va, &raw, sizeof(raw)) ? -EFAULT : 0;
}

static int64_t get_timespec(struct task *t, uint64_t va, uint64_t *ns)
{
    struct timespec_g raw;
    int err = call_import(t, &raw, va, sizeof(raw));

    return err ? err : timespec_from_guest(&raw, ns);
}

bool clock_is_of_task(int id)
{
    return id < 0 || id == CLOCK_G_PROCESS_CPUTIME ||
           id == CLOCK_G_THREAD_CPUTIME;
}

bool clock_can_wait(int id)
{
    return id != CLOCK_G_MONOTONIC_RAW && id != CLOCK_G_REALTIME_COARSE &&
           id != CLOCK_G_MONOTONIC_COARSE;
}

/*
 * pid_for_clock(): a thread of the caller's process, or any process by its
 * leader, and by itself; NULL: it is not there, or the clock is a device's
 */
static const struct task *task_of_clock(const struct task *t, int id)
{
    uint32_t pid = ~(uint32_t)id >> 3;
    const struct task *of;

    if (id >= 0)
        return t;
    if (CPUCLOCK_WHICH(id) > CPUCLOCK_SCHED)
        return NULL;
    of = pid ? task_find(t->m, pid) : t;
    if (!of || of == t)
        return of;
    if (id & CPUCLOCK_PERTHREAD)
        return of->process == t->process ? of : NULL;
    return of == process_leader(of->process) ? of : NULL;
}

bool clock_is_of_thread(int id)
{
    return id < 0 ? (id & CPUCLOCK_PERTHREAD) != 0
                  : id == CLOCK_G_THREAD_CPUTIME;
}

bool task_clock(const struct task *t, int id, uint64_t *ns)
{
    bool user = id < 0 && CPUCLOCK_WHICH(id) == CPUCLOCK_VIRT;
    const struct task *of;

    if (!clock_is_of_task(id))
        return clock_ns(t->m, id, ns);
    of = task_of_clock(t, id);
    if (!of)
        return false;
    clock_start(t->m);
    if (!clock_is_of_thread(id))
        *ns = user ? cputime_all_user(of->process) : cputime_all(of->process);
    else
        *ns = cputime_user(of) + (user ? 0 : cputime_system(of));
    return true;
}

int64_t sys_clock_gettime(struct task *t, const uint64_t a[6])
{
    uint64_t ns;

    if (!task_clock(t, arg_int(a[0]), &ns))
        return -EINVAL;
    return put_timespec(t, a[1], ns);
}

int64_t sys_clock_getres(struct task *t, const uint64_t a[6])
{
    uint64_t ns;

    if (!task_clock(t, arg_int(a[0]), &ns))
        return -EINVAL;
    return a[1] ? put_timespec(t, a[1], 1) : 0;
}

int64_t sys_gettimeofday(struct task *t, const uint64_t a[6])
{
    uint64_t ns = 0;

    (void)clock_ns(t->m, CLOCK_G_REALTIME, &ns);
    if (a[0]) {
        /* tv_usec is an int here, followed by padding. */
        if (put_user64(t, a[0], ns / NS_PER_S) ||
            put_user32(t, a[0] + 8, (uint32_t)(ns % NS_PER_S / 1000)))
            return -EFAULT;
    }
    if (a[1] && clear_user(t, a[1], 8))
        return -EFAULT;
    return 0;
}

int64_t sys_times(struct task *t, const uint64_t a[6])
{
    const uint64_t tick = NS_PER_S / TICKS_PER_S;
    const struct usage *of_children = &t->process->child_usage;
    uint64_t raw[4], user;

    clock_start(t->m);
    user = cputime_all_user(t->process);
    raw[0] = htobe64(user / tick);
    raw[1] = htobe64((cputime_all(t->process) - user) / tick);
    raw[2] = htobe64((of_children->cpu_ns - of_children->system_ns) / tick);
    raw[3] = htobe64(of_children->system_ns / tick);
    if (a[0] && copy_to_user(t, a[0], raw, sizeof(raw)))
        return -EFAULT;
    return (int64_t)(clock_now(t->m) / tick);
}

/* hrtimer_nanosleep(); @rem: gets the time left when a signal comes; 0 */
static int64_t sleep_for(struct task *t, uint64_t ns, uint64_t rem)
{
    static const struct wait_results results = {.on_signal =
                                                    -ERESTART_RESTARTBLOCK_G};
    int64_t value = sched_wait(t, WAIT_SIGNAL, ns, results);

    if (value != -ERESTART_RESTARTBLOCK_G || rem == 0)
        return value;
    return put_timespec(t, rem, sched_time_left(t)) ? -EFAULT : value;
}

int64_t sys_nanosleep(struct task *t, const uint64_t a[6])
{
    uint64_t ns;
    int64_t err = get_timespec(t, a[0], &ns);

    if (err)
        return err;
    return sleep_for(t, ns, a[1]);
}

int64_t sys_clock_nanosleep(struct task *t, const uint64_t a[6])
{
    int id = arg_int(a[0]);
    uint64_t ns, now;
    int64_t err;

    if (!task_clock(t, id, &now))
        return -EINVAL;
    if (!clock_can_wait(id) || id == CLOCK_G_THREAD_CPUTIME)
        return -EOPNOTSUPP;
    err = get_timespec(t, a[2], &ns);
    if (err)
        return err;
    if (id < 0 && (id & CPUCLOCK_PERTHREAD) && task_of_clock(t, id) == t)
        return -EINVAL; /* it would stand still */
    if (!(a[1] & TIMER_G_ABSTIME))
        return sleep_for(t, ns, a[3]);
    return sleep_for(t, ns > now ? ns - now : 0, 0);
}

static void put_timeval(uint64_t out[2], uint64_t ns)
{
    /* tv_usec is an int here, followed by padding. */
    out[0] = htobe64(ns / NS_PER_S);
    out[1] = htobe64(ns % NS_PER_S / 1000 << 32);
}

/* struct rusage: two timevals and 14 longs; we know the times and the rss. */
int usage_to_user(struct task *t, uint64_t va, const struct usage *usage)
{
    uint64_t raw[18] = {0};

    put_timeval(&raw[0], usage->cpu_ns - usage->system_ns);
    put_timeval(&raw[2], usage->system_ns);
    raw[4] = htobe64(usage->max_rss * (PAGE_SIZE / 1024));
    return copy_to_user(t, va, raw, sizeof(raw)) ? -EFAULT : 0;
}

int64_t sys_getrusage(struct task *t, const uint64_t a[6])
{
    int who = arg_int(a[0]);
    struct usage sum;

    if (who != 0 && who != -1 && who != 1)
        return -EINVAL;
    clock_start(t->m);
    if (who == -1)
        return usage_to_user(t, a[1], &t->process->child_usage);
    cputime_account(t);
    task_keep_max_rss(t);
    sum = process_usage(t->process);
    if (who == 1) { /* all but the memory is its own */
        sum.cpu_ns = t->usage.cpu_ns;
        sum.system_ns = t->usage.system_ns;
    }
    return usage_to_user(t, a[1], &sum);
}
