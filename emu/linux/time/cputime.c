// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/time/cputime.h"

#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/time/clock.h"

#define ENTER_NS 1000 /* of a system call; nominal */

static uint64_t total(const struct task *t)
{
    uint64_t ns = t->usage.cpu_ns;

    return task_curr(t) && !task_cpu(t)->idle
               ? ns + clock_now(t->m) - t->cpu_since
               : ns;
}

uint64_t cputime_system(const struct task *t)
{
    uint64_t all = total(t);

    /* By the host's clock a call may have taken less. */
    return t->usage.system_ns < all ? t->usage.system_ns : all;
}

uint64_t cputime_user(const struct task *t)
{
    return total(t) - cputime_system(t);
}

uint64_t cputime_all(const struct process *p)
{
    uint64_t ns = p->gone_usage.cpu_ns;
    const struct task *t;

    DL_FOREACH2(p->threads, t, thread_next)
        ns += total(t);
    return ns;
}

uint64_t cputime_all_user(const struct process *p)
{
    uint64_t ns = p->gone_usage.cpu_ns - p->gone_usage.system_ns;
    const struct task *t;

    DL_FOREACH2(p->threads, t, thread_next)
        ns += cputime_user(t);
    return ns;
}

void cputime_account(struct task *t)
{
    uint64_t now = clock_now(t->m);

    t->usage.cpu_ns += now - t->cpu_since;
    t->cpu_since = now;
    if (t->usage.system_ns > t->usage.cpu_ns) /* --realtime */
        t->usage.system_ns = t->usage.cpu_ns;
}

void cputime_enter(struct task *t)
{
    if (!task_curr(t) || !(t->m->clock_asked || t->m->options.realtime))
        return;
    t->usage.system_ns += ENTER_NS;
    t->m->vtime_ns += ENTER_NS;
    /* The instruction clock alone would get there later. */
    if (t->m->timer_due <= clock_now(t->m))
        machine_start_clock(t->m);
}

static uint64_t limit_ns(uint64_t seconds)
{
    return seconds > UINT64_MAX / NS_PER_S ? UINT64_MAX : seconds * NS_PER_S;
}

static void send(const struct process *p, int sig)
{
    signal_send(process_leader(p),
                &(struct siginfo){.signo = sig, .code = SI_G_KERNEL});
}

void cputime_check_limit(struct process *p)
{
    struct rlimit_g *limit = &p->rlim[RLIMIT_G_CPU];
    uint64_t ns;

    if (limit->soft == RLIM_G_INFINITY)
        return;
    ns = cputime_all(p);
    if (ns >= limit_ns(limit->hard)) {
        send(p, SIG_KILL);
    } else if (ns >= limit_ns(limit->soft)) {
        send(p, SIG_XCPU);
        limit->soft++;
    }
}

uint64_t cputime_limit_left(const struct process *p)
{
    const struct rlimit_g *limit = &p->rlim[RLIMIT_G_CPU];
    uint64_t ns, at = limit_ns(limit->soft);

    if (limit->soft == RLIM_G_INFINITY)
        return UINT64_MAX;
    ns = cputime_all(p);
    return at > ns ? at - ns : 0;
}
