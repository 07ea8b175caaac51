// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/time/itimer.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/time/cputime.h"
#include "emu/linux/uaccess.h"

/* struct itimerval: tv_usec is an int, followed by padding. */
struct itimerval_g {
    struct {
        uint64_t sec;
        uint32_t usec, pad;
    } interval, value;
};

static uint64_t time_of(const struct process *p, unsigned which)
{
    switch (which) {
    case ITIMER_G_REAL: return clock_now(p->m);
    case ITIMER_G_VIRTUAL: return cputime_all_user(p);
    default: return cputime_all(p);
    }
}

static void fire(struct process *p, unsigned which)
{
    static const int sig[NR_ITIMERS] = {SIG_ALRM, SIG_VTALRM, SIG_PROF};
    struct itimer *timer = &p->timer[which];
    uint64_t now = time_of(p, which);

    if (timer->next == 0 || timer->next > now)
        return;
    signal_send(process_leader(p),
                &(struct siginfo){.signo = sig[which], .code = SI_G_KERNEL});
    if (timer->interval == 0)
        timer->next = 0;
    else
        timer->next +=
            timer->interval * ((now - timer->next) / timer->interval + 1);
}

void itimer_fire(struct process *p)
{
    for (unsigned which = 0; which < NR_ITIMERS; which++)
        fire(p, which);
}

uint64_t itimer_next(const struct process *p, bool on_cpu)
{
    uint64_t best = FOREVER;

    for (unsigned which = 0; which < NR_ITIMERS; which++) {
        uint64_t next = p->timer[which].next, now;

        if (next == 0 || (which != ITIMER_G_REAL && !on_cpu))
            continue;
        now = time_of(p, which);
        next = next > now ? next - now : 1;
        best = next < best ? next : best;
    }
    return best;
}

static void put(const struct process *p, unsigned which,
                struct itimerval_g *raw)
{
    const struct itimer *timer = &p->timer[which];
    uint64_t now = time_of(p, which), left = 0;

    /* An armed timer never shows 0. */
    if (timer->next)
        left = timer->next > now + NS_PER_US ? timer->next - now : NS_PER_US;
    memset(raw, 0, sizeof(*raw));
    raw->interval.sec = htobe64(timer->interval / NS_PER_S);
    raw->interval.usec =
        htobe32((uint32_t)(timer->interval % NS_PER_S / NS_PER_US));
    raw->value.sec = htobe64(left / NS_PER_S);
    raw->value.usec = htobe32((uint32_t)(left % NS_PER_S / NS_PER_US));
}

static int to_ns(uint64_t sec_raw, uint32_t usec_raw, uint64_t *ns)
{
    uint64_t sec = be64toh(sec_raw), usec = be32toh(usec_raw);

    if ((int64_t)sec < 0 || usec >= 1000000)
        return -EINVAL;
    if (sec > FOREVER / NS_PER_S / 4)
        sec = FOREVER / NS_PER_S / 4;
    *ns = sec * NS_PER_S + usec * NS_PER_US;
    return 0;
}

int64_t sys_getitimer(struct task *t, const uint64_t a[6])
{
    struct itimerval_g raw;

    if (a[0] >= NR_ITIMERS)
        return -EINVAL;
    put(t->process, (unsigned)a[0], &raw);
    return copy_to_user(t, a[1], &raw, sizeof(raw)) ? -EFAULT : 0;
}

int64_t sys_setitimer(struct task *t, const uint64_t a[6])
{
    struct itimerval_g raw = {0}, old;
    struct process *p = t->process;
    unsigned which = (unsigned)a[0];
    uint64_t interval, value;

    if (a[1] && copy_from_user(t, &raw, a[1], sizeof(raw)))
        return -EFAULT;
    if (to_ns(raw.interval.sec, raw.interval.usec, &interval) ||
        to_ns(raw.value.sec, raw.value.usec, &value) || a[0] >= NR_ITIMERS)
        return -EINVAL;
    if (value)
        clock_start(t->m);
    put(p, which, &old);
    p->timer[which] = (struct itimer){
        .next = value ? time_of(p, which) + value : 0, .interval = interval};
    if (value)
        machine_start_clock(t->m);
    return a[2] && copy_to_user(t, a[2], &old, sizeof(old)) ? -EFAULT : 0;
}

/* alarm_setitimer(): what was left, in whole seconds, and never 0 of it. */
int64_t sys_alarm(struct task *t, const uint64_t a[6])
{
    struct itimer *timer = &t->process->timer[ITIMER_G_REAL];
    uint64_t now, left = 0, sec = (uint32_t)a[0];

    if (sec)
        clock_start(t->m);
    now = clock_now(t->m);
    if (timer->next)
        left = timer->next > now ? timer->next - now : 1;
    *timer = (struct itimer){.next = sec ? now + sec * NS_PER_S : 0};
    if (sec)
        machine_start_clock(t->m);
    if (left > 0 && left < NS_PER_S)
        return 1;
    return (int64_t)((left + NS_PER_S / 2) / NS_PER_S);
}
