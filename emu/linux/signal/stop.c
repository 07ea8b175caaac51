// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/signal/stop.h"

#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"

bool task_set_jobctl_pending(struct task *t, unsigned mask)
{
    if (signal_fatal_pending(t) || task_is_leaving(t))
        return false;
    if (mask & JOBCTL_STOP_SIGMASK)
        t->jobctl &= ~JOBCTL_STOP_SIGMASK;
    t->jobctl |= mask;
    return true;
}

void task_clear_jobctl_trapping(struct task *t)
{
    if (!(t->jobctl & JOBCTL_TRAPPING))
        return;
    t->jobctl &= ~JOBCTL_TRAPPING;
    sched_wake(t->ptrace.tracer, WAIT_PTRACE);
}

void task_clear_jobctl_pending(struct task *t, unsigned mask)
{
    if (mask & JOBCTL_STOP_PENDING)
        mask |= JOBCTL_STOP_CONSUME | JOBCTL_STOP_DEQUEUED;
    t->jobctl &= ~mask;
    if (!(t->jobctl & JOBCTL_PENDING_MASK))
        task_clear_jobctl_trapping(t);
}

void task_wake_stopped(struct task *t, unsigned states)
{
    if (!(t->jobctl & states))
        return;
    t->jobctl &= ~states;
    t->jobctl |= JOBCTL_RELOCK;
    sched_wake(t, WAIT_PTRACE);
}

/* signal_set_stop_flags() */
static void set_stop_flags(struct process *p, unsigned flags)
{
    p->signal_flags = (p->signal_flags & ~SIGNAL_STOP_MASK) | flags;
}

bool stop_participate(struct task *t)
{
    struct process *p = t->process;
    bool consume = t->jobctl & JOBCTL_STOP_CONSUME;

    INVARIANT(t->jobctl & JOBCTL_STOP_PENDING);
    task_clear_jobctl_pending(t, JOBCTL_STOP_PENDING);
    if (!consume)
        return false;
    INVARIANT(p->group_stop_count > 0);
    p->group_stop_count--;
    if (p->group_stop_count || p->signal_flags & SIGNAL_STOP_STOPPED)
        return false;
    set_stop_flags(p, SIGNAL_STOP_STOPPED);
    return true;
}

void stop_join(const struct task *by, struct task *t)
{
    unsigned mask = by->jobctl & JOBCTL_STOP_SIGMASK;
    struct process *p = by->process;

    if (p->group_stop_count) {
        p->group_stop_count++;
        mask |= JOBCTL_STOP_CONSUME;
    } else if (!(p->signal_flags & SIGNAL_STOP_STOPPED)) {
        return;
    }
    (void)task_set_jobctl_pending(t, mask | JOBCTL_STOP_PENDING);
}

/* The stop of all threads of @t's process, by @signo. */
static void begin(struct task *t, int signo)
{
    const unsigned gstop = JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME;
    struct process *p = t->process;
    struct task *i;

    if (!(p->signal_flags & SIGNAL_STOP_STOPPED))
        p->group_stop_code = signo;
    p->group_stop_count = 0;
    DL_FOREACH2(p->threads, i, thread_next) {
        if ((i != t && i->jobctl & JOBCTL_STOPPED) ||
            !task_set_jobctl_pending(i, (unsigned)signo | gstop))
            continue;
        p->group_stop_count++;
        if (i != t && i->ptrace.flags & PT_SEIZED)
            ptrace_trap_notify(i);
    }
}

bool stop_task(struct task *t, int signo)
{
    struct process *p = t->process;

    if (!(t->jobctl & JOBCTL_STOP_PENDING)) {
        if (!(t->jobctl & JOBCTL_STOP_DEQUEUED) ||
            p->signal_flags & SIGNAL_GROUP_EXIT)
            return false;
        begin(t, signo);
    }
    if (t->ptrace.flags) {
        (void)task_set_jobctl_pending(t, JOBCTL_TRAP_STOP);
        return false;
    }
    if (!(t->jobctl & JOBCTL_STOP_PENDING))
        return false; /* it is being killed */
    t->jobctl |= JOBCTL_STOPPED;
    if (stop_participate(t))
        task_tell_parent(t, false, CLD_G_STOPPED);
    return true;
}

void stop_leave(struct task *t)
{
    bool told = false;

    if (t->jobctl & JOBCTL_STOP_PENDING &&
        !(t->process->signal_flags & SIGNAL_GROUP_EXIT))
        told = stop_participate(t);
    task_clear_jobctl_pending(t, JOBCTL_PENDING_MASK);
    if (told)
        task_tell_parent(t, false, CLD_G_STOPPED);
}

void stop_continue(struct process *p)
{
    struct task *t;
    unsigned why = 0;

    DL_FOREACH2(p->threads, t, thread_next) {
        task_clear_jobctl_pending(t, JOBCTL_STOP_PENDING);
        if (t->ptrace.flags & PT_SEIZED)
            ptrace_trap_notify(t);
        else
            task_wake_stopped(t, JOBCTL_STOPPED);
    }
    if (p->signal_flags & SIGNAL_STOP_STOPPED)
        why = SIGNAL_CLD_CONTINUED;
    else if (p->group_stop_count)
        why = SIGNAL_CLD_STOPPED;
    if (!why)
        return;
    set_stop_flags(p, why | SIGNAL_STOP_CONTINUED);
    p->group_stop_count = 0;
    p->group_stop_code = 0;
}

void stop_kill(struct process *p)
{
    struct task *t;

    p->group_stop_count = 0;
    set_stop_flags(p, 0);
    DL_FOREACH2(p->threads, t, thread_next) {
        task_clear_jobctl_pending(t, JOBCTL_PENDING_MASK);
        task_wake_stopped(t, JOBCTL_STOPPED | JOBCTL_TRACED);
    }
}

/*
 * The event is the process's; who traces its leader hears of it, too, unless
 * that is the parent.
 */
void stop_tell(struct task *t)
{
    struct process *p = t->process;
    struct task *leader = process_leader(p);
    int why = p->signal_flags & SIGNAL_CLD_CONTINUED ? CLD_G_CONTINUED
                                                     : CLD_G_STOPPED;

    t->jobctl &= ~JOBCTL_RELOCK;
    if (!(p->signal_flags & SIGNAL_CLD_MASK))
        return;
    p->signal_flags &= ~SIGNAL_CLD_MASK;
    task_tell_parent(t, false, why);
    if (leader->ptrace.flags && ptrace_reparented(leader))
        task_tell_parent(leader, true, why);
}
