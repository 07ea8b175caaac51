// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/sched/sched.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

#include "emu/debug.h"
#include "emu/linux/abi.h"
#include "emu/linux/call.h"
#include "emu/linux/signal/fasync.h"
#include "emu/linux/futex/futex.h"
#include "emu/linux/ipc/msg.h"
#include "emu/linux/ipc/sem.h"
#include "emu/linux/poll/timerfd.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/signal/hostsig.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/time/cputime.h"
#include "emu/linux/time/itimer.h"
#include "emu/linux/time/posix_timer.h"
#include "emu/linux/trap.h"
#include "emu/schedule.h"

#define LOOK_AGAIN_NS 10000000 /* what the host tells nobody */

/* ------------------------------------------------- calls that must wait */

/* TASK_KILLABLE: no other signal ends it */
static bool is_killable(enum wait_kind kind)
{
    return kind == WAIT_VFORK || kind == WAIT_PTRACE || kind == WAIT_REAP;
}

int64_t sched_wait(struct task *t, enum wait_kind kind, uint64_t ns,
                   struct wait_results results)
{
    struct wait *w = &t->wait;
    uint64_t now;

    if (ns != FOREVER)
        clock_start(t->m);
    now = clock_now(t->m);
    if (t->restart_deadline)
        w->deadline = t->restart_deadline;
    else if (!w->again)
        w->deadline = ns > FOREVER - now ? FOREVER : now + ns;
    if (is_killable(kind) ? signal_fatal_pending(t) && kind != WAIT_VFORK
                          : signal_deliverable(t))
        return results.on_signal;
    if (w->deadline <= now)
        return results.on_timeout;
    w->kind = kind;
    w->woken = false;
    return TASK_WAITS;
}

int64_t sched_wait_fds(struct task *t, const struct pollfd *fds, unsigned nr,
                       bool outside, uint64_t ns, struct wait_results results)
{
    int64_t value = sched_wait(t, WAIT_FDS, ns, results);
    struct wait *w = &t->wait;

    if (value != TASK_WAITS)
        return value;
    free(w->fds);
    w->nr_fds = 0;
    w->fds = malloc((nr ? nr : 1) * sizeof(*fds));
    if (!w->fds) {
        w->kind = WAIT_NONE;
        return -ENOMEM;
    }
    if (nr)
        memcpy(w->fds, fds, nr * sizeof(*fds));
    w->nr_fds = nr;
    w->outside = outside;
    return TASK_WAITS;
}

/* Nobody brings pages yet but the kernel itself: one turn is enough. */
void sched_wait_fault(struct task *t)
{
    t->wait.kind = WAIT_FAULT;
    t->wait.fault = false;
    t->wait.woken = true;
}

uint64_t sched_time_left(const struct task *t)
{
    uint64_t now = clock_now(t->m);

    if (t->wait.deadline == FOREVER)
        return FOREVER;
    return t->wait.deadline > now ? t->wait.deadline - now : 0;
}

void sched_wake(struct task *t, enum wait_kind kind)
{
    if (t && t->wait.kind == kind)
        t->wait.woken = true;
}

void sched_wake_all(struct machine *m, enum wait_kind kind)
{
    struct task *t;

    DL_FOREACH(m->tasks, t) {
        sched_wake(t, kind);
    }
}

/* Word by word: there is one for each system call. */
static bool wait_is_clear(const struct wait *w)
{
    const uint8_t *bytes = (const uint8_t *)w;
    uint64_t word, any = 0;

    _Static_assert(sizeof(*w) % sizeof(word) == 0, "nothing is left over");
    for (size_t i = 0; i < sizeof(*w); i += sizeof(word)) {
        memcpy(&word, bytes + i, sizeof(word));
        any |= word;
    }
    return any == 0;
}

void wait_clear(struct wait *w)
{
    /* Most calls wait for nothing and keep nothing. */
    if (wait_is_clear(w))
        return;
    free(w->fds);
    free(w->lock);
    futex_forget(w->futex);
    sem_forget(w->sem);
    msg_forget(w->msg);
    call_clear(&w->call);
    *w = (struct wait){.kind = WAIT_NONE};
}

/* ------------------------------------------------------------- whose turn */

bool sched_is_runnable(const struct task *t)
{
    const struct wait *w = &t->wait;

    if (w->kind == WAIT_NONE || w->woken)
        return true;
    if (is_killable(w->kind) || (w->kind == WAIT_FAULT && w->in_call))
        return signal_fatal_pending(t);
    if (w->kind == WAIT_FAULT)
        return signal_deliverable(t);
    if (signal_deliverable(t) || signal_pending(t) & w->signals)
        return true;
    if (w->deadline <= clock_now(t->m))
        return true;
    return w->nr_fds > 0 && poll(w->fds, w->nr_fds, 0) > 0;
}

static bool can_run(const struct task *t)
{
    return !t->dead && !t->held && !task_is_stopped_or_traced(t) &&
           sched_is_runnable(t);
}

/* Does any but @t live? */
static bool any_other(const struct machine *m, const struct task *t)
{
    const struct task *i;

    DL_FOREACH(m->tasks, i) {
        if (i != t && !i->dead)
            return true;
    }
    return false;
}

bool sched_alone(const struct task *t)
{
    return !any_other(t->m, t) && !t->m->debug;
}

static bool can_run_on(const struct cpu *cpu, const struct task *t)
{
    return can_run(t) && (task_cpu(t) == cpu || !task_curr(t));
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What is due of the timers of all. */
static void fire_timers(struct machine *m)
{
    struct process *p;

    timerfd_fire(m);
    DL_FOREACH(m->processes, p) {
        if (process_dead(p))
            continue;
        itimer_fire(p);
        posix_timers_fire(p);
        cputime_check_limit(p);
    }
}

/* Is one of its threads on a CPU? */
static bool runs(const struct process *p)
{
    const struct task *t;

    DL_FOREACH2(p->threads, t, thread_next) {
        if (task_curr(t))
            return true;
    }
    return false;
}

/* ns until one of the timers of @p is due; @on_cpu: while it runs */
static uint64_t next_timer(const struct process *p, bool on_cpu)
{
    uint64_t ns = earlier(itimer_next(p, on_cpu), posix_timers_next(p, on_cpu));

    return on_cpu ? earlier(ns, cputime_limit_left(p)) : ns;
}

/* When something happens by itself; FOREVER: nothing will. */
static uint64_t next_deadline(const struct machine *m)
{
    uint64_t at = timerfd_deadline(m), now = clock_now(m);
    const struct process *p;
    const struct task *t;

    DL_FOREACH(m->processes, p) {
        if (!process_dead(p) && next_timer(p, false) != FOREVER)
            at = earlier(at, now + next_timer(p, false));
    }
    DL_FOREACH(m->tasks, t) {
        if (!t->dead && !t->held && !task_is_stopped_or_traced(t) &&
            t->wait.kind != WAIT_NONE && t->wait.kind != WAIT_FAULT)
            at = earlier(at, t->wait.deadline);
    }
    return at;
}

/* What tasks of others than this machine could make ready. */
static unsigned outside_fds(const struct machine *m, struct pollfd *out)
{
    const struct task *t;
    unsigned nr = 0;

    DL_FOREACH(m->tasks, t) {
        if (t->dead || t->wait.kind != WAIT_FDS || !t->wait.outside)
            continue;
        if (out)
            memcpy(out + nr, t->wait.fds, t->wait.nr_fds * sizeof(*out));
        nr += t->wait.nr_fds;
    }
    return nr;
}

/* Does a call wait for what only a look can tell? */
static bool any_looks_again(const struct machine *m)
{
    const struct task *t;

    DL_FOREACH(m->tasks, t) {
        if (!t->dead && t->wait.kind != WAIT_NONE && t->wait.look_again)
            return true;
    }
    return false;
}

static void look_again(struct machine *m)
{
    struct task *t;

    DL_FOREACH(m->tasks, t) {
        if (t->wait.look_again)
            t->wait.woken = true;
    }
}

/*
 * Nobody can run: let time pass.  A wait for nothing but time only moves the
 * machine's clock, so a run without real input can be repeated.
 */
static void idle(struct machine *m)
{
    uint64_t start = clock_now(m), at = next_deadline(m), ns;
    unsigned nr = outside_fds(m, NULL), user = 0;
    bool outside = nr > 0 || fasync_any_outside(m);
    struct pollfd *fds;
    struct timespec ts;

    ns = at == FOREVER ? FOREVER : at > start ? at - start : 0;
    if (any_looks_again(m)) {
        outside = true;
        ns = earlier(ns, LOOK_AGAIN_NS);
    }
    if (!outside && ns != FOREVER && !m->options.realtime) {
        m->vtime_ns += ns;
        return;
    }
    fds = malloc((nr + 1) * sizeof(*fds));
    if (!fds)
        return; /* busy, but right */
    (void)outside_fds(m, fds);
    if (m->debug && m->debug->fd >= 0) {
        fds[nr] = (struct pollfd){.fd = m->debug->fd, .events = POLLIN};
        user = 1;
    }
    ts = (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S),
                           .tv_nsec = (long)(ns % NS_PER_S)};
    clock_host_passed(m, 0);
    hostsig_poll(m, fds, nr + user, ns == FOREVER ? NULL : &ts);
    clock_host_passed(m, ns);
    look_again(m);
    free(fds);
}

/* ---------------------------------------------------------------- turns */

static void switch_to(struct cpu *cpu, struct task *t)
{
    struct engine *e = cpu->engine;
    struct task *old = cpu->current;

    if (old == t)
        return;
    if (old) {
        cpu_save_state(e, old->regs);
        old->mcdper = engine_mcdper(e);
    }
    cpu->current = t;
    t->cpu = cpu;
    cred_host_follow(cpu->m);
    cpu_load_state(e, t->regs);
    engine_set_mcdper(e, t->mcdper);
    engine_set_mcde(e, adi_mm_enabled(t->process->mm));
    if (old && old->process->mm == t->process->mm)
        return; /* as switch_mm() finds it: the TLB is good */
    engine_enter_space(e, mm_id(t->process->mm));
    machine_check_flush(cpu->m);
}

static bool debug_wants(const struct machine *m)
{
    return m->debug && m->debug->ops->wants(m->debug->ctx);
}

/* What there is to tell a debugger is told; true: look again. */
static bool debug_attend(struct cpu *cpu)
{
    const struct debug *d = cpu->m->debug;

    return d && d->ops->attend(d->ctx, cpu);
}

/* Returns who can run on @cpu; NULL when the host, or a debugger, interrupts.
 */
static struct task *wait_for_turn(struct cpu *cpu)
{
    struct machine *m = cpu->m;
    struct task *next;

    if (cpu->current)
        cputime_account(cpu->current);
    cpu->idle = true;
    for (;;) {
        hostsig_take(m);
        if (m->interrupted || debug_wants(m))
            return NULL;
        fire_timers(m);
        next = schedule_next(cpu, can_run_on);
        if (next)
            break;
        idle(m);
    }
    cpu->idle = false;
    next->cpu_since = clock_now(m);
    cpu->slice_end = machine_insns(m) + schedule_turn(m);
    cpu->resched = false;
    return next;
}

static void kill_all(struct machine *m)
{
    struct process *p;

    DL_FOREACH(m->processes, p) {
        if (!process_dead(p))
            process_kill(p, m->interrupted);
    }
}

/* The tasks of @p are on their CPUs until it has left. */
static void leave_cpus(struct process *p)
{
    struct cpu *cpus = p->m->cpus;
    unsigned nr = p->m->nr_cpus;
    bool on[MACHINE_MAX_CPUS];

    for (unsigned i = 0; i < nr; i++) {
        on[i] = cpus[i].current && cpus[i].current->process == p;
        if (on[i])
            cputime_account(cpus[i].current);
    }
    process_leave(p);
    for (unsigned i = 0; i < nr; i++)
        if (on[i])
            cpus[i].current = NULL;
}

/* The same of one thread. */
static void leave_cpu(struct task *t)
{
    struct cpu *cpu = task_curr(t) ? task_cpu(t) : NULL;

    if (cpu)
        cputime_account(t);
    task_leave(t);
    if (cpu)
        cpu->current = NULL;
}

/* Who is dead leaves; false: there is nobody left. */
static bool bury(struct machine *m)
{
    struct process *p, *next;
    struct task *t, *after;

    m->deaths = false;
    DL_FOREACH_SAFE(m->tasks, t, after) {
        if (!t->dead || t->left || process_dead(t->process))
            continue;
        leave_cpu(t);
        after = m->tasks; /* those that it has traced may be gone with it */
    }
    DL_FOREACH_SAFE(m->processes, p, next) {
        if (!process_dead(p) || p->zombie)
            continue;
        leave_cpus(p);
        /* Its children may be gone with it. */
        next = m->processes;
    }
    return m->processes != NULL;
}

/* Does @t wait for nothing, nor is it stopped? */
static bool goes_on(const struct task *t)
{
    return t && t->wait.kind == WAIT_NONE && !task_is_stopped_or_traced(t) &&
           !t->held;
}

/* Must it give way to one that comes first? */
static bool gives_way(const struct cpu *cpu)
{
    return cpu->resched || (schedule_has_priorities(&cpu->m->schedule) &&
                            schedule_preempts(cpu, can_run_on));
}

void sched_settle(struct cpu *cpu)
{
    struct machine *m = cpu->m;

    for (;;) {
        struct task *t = cpu->current;

        hostsig_take(m);
        if (m->interrupted)
            kill_all(m);
        if (goes_on(t) && !t->dead)
            trap_return(t);
        if (debug_attend(cpu))
            continue;
        if (m->interrupted || m->deaths) {
            if (!bury(m)) {
                engine_stop(cpu->engine);
                return;
            }
            continue;
        }
        if (goes_on(t) && !gives_way(cpu))
            return;
        t = wait_for_turn(cpu);
        if (!t)
            continue;
        switch_to(cpu, t);
        if (t->wait.kind != WAIT_NONE)
            trap_resume(t);
        cpu->resched = false;
    }
}

void sched_yield_turn(struct task *t)
{
    schedule_used_up(t);
    task_cpu(t)->resched = true;
}

uint64_t sched_next_event(struct cpu *cpu)
{
    struct machine *m = cpu->m;
    uint64_t now = machine_insns(m), ns = timerfd_deadline(m), at;
    const struct process *p;

    if (ns != FOREVER)
        ns = ns > clock_now(m) ? ns - clock_now(m) : 1;
    DL_FOREACH(m->processes, p) {
        if (!process_dead(p))
            ns = earlier(ns, next_timer(p, runs(p)));
    }
    m->timer_due = ns == FOREVER ? FOREVER : clock_now(m) + ns;
    at = clock_insns(m, ns);
    if (any_other(m, cpu->current))
        at = earlier(at, cpu->slice_end > now ? cpu->slice_end - now : 1);
    return at;
}

void sched_on_clock(struct cpu *cpu)
{
    fire_timers(cpu->m);
    if (machine_insns(cpu->m) < cpu->slice_end)
        return;
    if (cpu->current)
        schedule_used_up(cpu->current);
    cpu->resched = true;
    look_again(cpu->m);
}
