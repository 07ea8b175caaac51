// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/time/posix_timer.h"

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/time/cputime.h"
#include "emu/linux/time/sys_time.h"
#include "emu/linux/uaccess.h"

#define SIGEV_G_SIGNAL    0u
#define SIGEV_G_NONE      1u
#define SIGEV_G_THREAD    2u
#define SIGEV_G_THREAD_ID 4u

#define TIMER_G_ABSTIME 1u

struct posix_timer {
    int id, clock;
    unsigned notify; /* SIGEV_G_* */
    uint32_t tid;    /* whom SIGEV_THREAD_ID tells */
    uint32_t maker;  /* whose time it is, of a thread's clock; or 0 */
    int sig;
    uint64_t value;
    uint64_t at, interval; /* ns on its clock; at 0: not armed */
    bool queued;           /* its signal waits, and the timer for it */
    int generation;        /* of settings: a signal of an older one */
    int overrun;           /* of the last signal that was delivered */
    struct posix_timer *prev, *next;
};

/* The first fields of struct sigevent. */
struct sigevent_g {
    uint64_t value;
    uint32_t signo, notify, tid, pad;
};

struct itimerspec_g {
    struct timespec_g interval, value;
};

static struct posix_timer *find(const struct process *p, uint64_t id)
{
    struct posix_timer *timer;

    DL_FOREACH(p->timers, timer) {
        if (timer->id == arg_int(id))
            return timer;
    }
    return NULL;
}

/* The thread of @p with number @tid; NULL: it has ended. */
static struct task *thread_of(const struct process *p, uint32_t tid)
{
    struct task *t = task_find(p->m, tid);

    return t && t->process == p && !t->dead ? t : NULL;
}

/* Is its clock that of a thread which has ended? */
static bool is_stopped(const struct process *p, const struct posix_timer *timer)
{
    return timer->maker && !thread_of(p, timer->maker);
}

static uint64_t time_of(const struct process *p,
                        const struct posix_timer *timer)
{
    uint64_t ns = 0;

    const struct task *t =
        timer->maker ? thread_of(p, timer->maker) : process_leader(p);

    /* The clock of a thread that has ended stands still. */
    if (t)
        (void)task_clock(t, timer->clock, &ns);
    return ns;
}

/* hrtimer_forward(): past @now; returns how many periods that took */
static uint64_t forward(struct posix_timer *timer, uint64_t now)
{
    uint64_t periods;

    if (timer->at > now)
        return 0;
    periods = (now - timer->at) / timer->interval + 1;
    timer->at += periods * timer->interval;
    return periods;
}

static void fire(struct process *p, struct posix_timer *timer)
{
    struct task *t = timer->notify & SIGEV_G_THREAD_ID
                         ? thread_of(p, timer->tid)
                         : process_leader(p);
    uint64_t now;

    if (timer->at == 0 || timer->queued)
        return;
    now = time_of(p, timer);
    if (timer->at > now || timer->notify == SIGEV_G_NONE)
        return;
    /* send_sigqueue(): nobody gets it, and the timer does not wait for that. */
    if (!t || (signal_ignored(t, timer->sig) &&
               !(t->blocked & SIGMASK(timer->sig)))) {
        if (timer->interval)
            (void)forward(timer, now);
        else
            timer->at = 0;
        return;
    }
    timer->queued = true;
    (timer->notify & SIGEV_G_THREAD_ID ? signal_send_task : signal_send)(
        t, &(struct siginfo){.signo = timer->sig,
                             .code = SI_G_TIMER,
                             .pid = (uint32_t)timer->id,
                             .value = timer->value,
                             .status = timer->generation});
}

uint64_t posix_timers_count(const struct process *p)
{
    const struct posix_timer *timer;
    uint64_t nr = 0;

    DL_FOREACH(p->timers, timer) {
        nr += !timer->queued;
    }
    return nr;
}

void posix_timers_fire(struct process *p)
{
    struct posix_timer *timer;

    DL_FOREACH(p->timers, timer) {
        fire(p, timer);
    }
}

void posix_timer_taken(struct task *t, struct siginfo *info)
{
    const struct process *p = t->process;
    struct posix_timer *timer = find(p, info->pid);
    uint64_t missed;

    if (!timer || !timer->queued || timer->generation != info->status)
        return;
    timer->queued = false;
    timer->overrun = 0;
    if (timer->interval == 0) {
        timer->at = 0;
        return;
    }
    /* The first period is the signal itself. */
    missed = forward(timer, time_of(p, timer)) - 1;
    timer->overrun = missed > INT_MAX ? INT_MAX : (int)missed;
    info->uid = (uint32_t)timer->overrun;
    machine_start_clock(t->m); /* to stop for the next one */
}

uint64_t posix_timers_next(const struct process *p, bool on_cpu)
{
    const struct posix_timer *timer;
    uint64_t best = FOREVER;

    DL_FOREACH(p->timers, timer) {
        uint64_t now, left;

        if (timer->at == 0 || timer->queued || timer->notify == SIGEV_G_NONE)
            continue;
        if (clock_is_of_task(timer->clock) && (!on_cpu || is_stopped(p, timer)))
            continue; /* that clock stands still */
        now = time_of(p, timer);
        left = timer->at > now ? timer->at - now : 1;
        best = left < best ? left : best;
    }
    return best;
}

void posix_timers_free(struct process *p)
{
    struct posix_timer *timer, *next;

    for (timer = p->timers; timer; timer = next) {
        next = timer->next;
        kmem_free(timer);
    }
    p->timers = NULL;
}

/* --------------------------------------------------------------- the calls */

/* good_sigevent() */
static bool is_good(const struct task *t, const struct sigevent_g *event)
{
    uint32_t notify = be32toh(event->notify), sig = be32toh(event->signo);

    switch (notify) {
    case SIGEV_G_SIGNAL | SIGEV_G_THREAD_ID:
        if (!thread_of(t->process, be32toh(event->tid)))
            return false;
        return sig >= 1 && sig <= NSIG_GUEST;
    case SIGEV_G_SIGNAL:
    case SIGEV_G_THREAD: return sig >= 1 && sig <= NSIG_GUEST;
    case SIGEV_G_NONE: return true;
    default: return false;
    }
}

/* The thread whose time the clock is, by number; 0: it is no thread's */
static uint32_t thread_of_clock(const struct task *t, int clock)
{
    uint32_t named = clock < 0 ? ~(uint32_t)clock >> 3 : 0;

    if (!clock_is_of_thread(clock))
        return 0;
    return named ? named : t->pid;
}

int64_t sys_timer_create(struct task *t, const uint64_t a[6])
{
    struct sigevent_g event = {.signo = htobe32(SIG_ALRM)};
    struct process *p = t->process;
    struct posix_timer *timer;
    uint64_t now;

    if (a[1] && copy_from_user(t, &event, a[1], sizeof(event)))
        return -EFAULT;
    if (!task_clock(t, arg_int(a[0]), &now))
        return -EINVAL;
    if (!clock_can_wait(arg_int(a[0])))
        return -EOPNOTSUPP;
    if (!signal_has_room(t))
        return -EAGAIN;
    if (a[1] && !is_good(t, &event))
        return -EINVAL;
    timer = kmem_zalloc(&t->m->kmem, sizeof(*timer));
    if (!timer)
        return -EAGAIN;
    timer->id = p->next_timer_id;
    timer->clock = arg_int(a[0]);
    timer->notify = be32toh(event.notify);
    timer->tid = be32toh(event.tid);
    timer->maker = thread_of_clock(t, timer->clock);
    timer->sig = (int)be32toh(event.signo);
    timer->value =
        a[1] ? be64toh(event.value) : (uint64_t)(uint32_t)timer->id << 32;
    if (user_room(t, a[2], 4) < 4 || put_user32(t, a[2], (uint32_t)timer->id)) {
        kmem_free(timer);
        return -EFAULT;
    }
    p->next_timer_id = timer->id == INT_MAX ? 0 : timer->id + 1;
    DL_APPEND(p->timers, timer);
    return 0;
}

/* common_timer_get() */
static void get(const struct process *p, struct posix_timer *timer,
                struct itimerspec_g *raw)
{
    uint64_t left = 0, now = time_of(p, timer);

    if (timer->at && timer->interval && timer->at <= now &&
        (timer->queued || timer->notify == SIGEV_G_NONE)) {
        struct posix_timer later = *timer;

        (void)forward(&later, now);
        left = later.at - now;
    } else if (timer->at > now) {
        left = timer->at - now;
    } else if (timer->at && !timer->queued && timer->notify != SIGEV_G_NONE) {
        left = 1; /* an armed timer never shows 0 */
    }
    raw->interval = timespec_to_guest(timer->interval);
    raw->value = timespec_to_guest(left);
}

int64_t sys_timer_gettime(struct task *t, const uint64_t a[6])
{
    struct posix_timer *timer = find(t->process, a[0]);
    struct itimerspec_g raw;

    if (!timer)
        return -EINVAL;
    get(t->process, timer, &raw);
    return copy_to_user(t, a[1], &raw, sizeof(raw)) ? -EFAULT : 0;
}

int64_t sys_timer_settime(struct task *t, const uint64_t a[6])
{
    const struct process *p = t->process;
    struct posix_timer *timer = find(p, a[0]);
    struct itimerspec_g raw, old;
    uint64_t value, interval, now;

    if (a[2] == 0)
        return -EINVAL;
    if (copy_from_user(t, &raw, a[2], sizeof(raw)))
        return -EFAULT;
    if (timespec_from_guest(&raw.interval, &interval) ||
        timespec_from_guest(&raw.value, &value) || !timer)
        return -EINVAL;
    if (is_stopped(p, timer))
        return -ESRCH; /* posix_cpu_timer_set() */
    get(p, timer, &old);
    timer->generation++;
    timer->queued = false;
    timer->overrun = 0;
    timer->at = 0;
    timer->interval = value ? interval : 0;
    if (value) {
        clock_start(t->m);
        now = time_of(p, timer);
        timer->at = a[1] & TIMER_G_ABSTIME  ? value
                    : value > FOREVER - now ? FOREVER
                                            : now + value;
        machine_start_clock(t->m);
    }
    return a[3] && copy_to_user(t, a[3], &old, sizeof(old)) ? -EFAULT : 0;
}

int64_t sys_timer_getoverrun(struct task *t, const uint64_t a[6])
{
    const struct posix_timer *timer = find(t->process, a[0]);

    return timer ? timer->overrun : -EINVAL;
}

int64_t sys_timer_delete(struct task *t, const uint64_t a[6])
{
    struct posix_timer *timer = find(t->process, a[0]);

    if (!timer)
        return -EINVAL;
    DL_DELETE(t->process->timers, timer);
    kmem_free(timer);
    return 0;
}
