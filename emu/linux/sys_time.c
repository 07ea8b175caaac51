#include <endian.h>
#include <errno.h>
#include <string.h>

#include "emu/linux/call.h"
#include "emu/linux/clock.h"
#include "emu/linux/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define TIMER_G_ABSTIME 1
#define TICKS_PER_S     100

static int64_t put_timespec(struct task *t, uint64_t va, uint64_t ns)
{
    uint64_t raw[2] = {htobe64(ns / NS_PER_S), htobe64(ns % NS_PER_S)};

    return copy_to_user(t, va, raw, sizeof(raw)) ? -EFAULT : 0;
}

static int64_t get_timespec(struct task *t, uint64_t va, uint64_t *ns)
{
    uint64_t raw[2];
    int err = call_import(t, raw, va, sizeof(raw));

    if (err)
        return err;
    if ((int64_t)be64toh(raw[0]) < 0 || be64toh(raw[1]) >= NS_PER_S)
        return -EINVAL;
    if (be64toh(raw[0]) > UINT64_MAX / NS_PER_S - 1) {
        *ns = UINT64_MAX / 2;
        return 0;
    }
    *ns = be64toh(raw[0]) * NS_PER_S + be64toh(raw[1]);
    return 0;
}

static uint64_t cpu_ns(struct task *t)
{
    uint64_t ns = 0;

    /* The look at the clock takes time, as any other. */
    (void)clock_ns(t->m, CLOCK_G_MONOTONIC, &ns);
    sched_account(t);
    return t->usage.cpu_ns;
}

/* CLOCK_PROCESS_CPUTIME_ID and CLOCK_THREAD_CPUTIME_ID are the task's. */
static bool task_clock(struct task *t, int id, uint64_t *ns)
{
    if (id != CLOCK_G_PROCESS_CPUTIME && id != CLOCK_G_THREAD_CPUTIME)
        return clock_ns(t->m, id, ns);
    *ns = cpu_ns(t);
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
    uint64_t own = cpu_ns(t) / tick;
    uint64_t of_children = t->child_usage.cpu_ns / tick;

    if (a[0] &&
        (put_user64(t, a[0], own) || clear_user(t, a[0] + 8, 8) ||
         put_user64(t, a[0] + 16, of_children) || clear_user(t, a[0] + 24, 8)))
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
    uint64_t ns, now;
    int64_t err = get_timespec(t, a[2], &ns);

    if (err)
        return err;
    if (!task_clock(t, arg_int(a[0]), &now))
        return -EINVAL;
    if (!(a[1] & TIMER_G_ABSTIME))
        return sleep_for(t, ns, a[3]);
    return sleep_for(t, ns > now ? ns - now : 0, 0);
}

/* struct rusage: two timevals and 14 longs; we know the time and the rss. */
int usage_to_user(struct task *t, uint64_t va, const struct usage *usage)
{
    uint64_t raw[18] = {0};
    uint32_t usec = htobe32((uint32_t)(usage->cpu_ns % NS_PER_S / 1000));

    raw[0] = htobe64(usage->cpu_ns / NS_PER_S);
    memcpy(&raw[1], &usec, sizeof(usec));
    raw[4] = htobe64(usage->max_rss * (PAGE_SIZE / 1024));
    return copy_to_user(t, va, raw, sizeof(raw)) ? -EFAULT : 0;
}

int64_t sys_getrusage(struct task *t, const uint64_t a[6])
{
    int who = arg_int(a[0]);

    if (who != 0 && who != -1 && who != 1)
        return -EINVAL;
    if (who == -1)
        return usage_to_user(t, a[1], &t->child_usage);
    (void)cpu_ns(t);
    task_keep_max_rss(t);
    return usage_to_user(t, a[1], &t->usage);
}
