// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/sched/exit.h"

#include <utlist.h>

#include "emu/debug.h"
#include "emu/linux/abi.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/ipc/sem.h"
#include "emu/linux/path/place.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/sched/pidfd.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/jobctl.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/strace/strace.h"
#include "emu/linux/time/posix_timer.h"
#include "emu/linux/tty/tty.h"
#include "mm/mapping.h"
#include "script/trigger.h"

/* Does any other thread of its process come back to its program? */
static bool others_go_on(const struct task *t)
{
    const struct task *i;

    DL_FOREACH2(t->process->threads, i, thread_next) {
        if (i != t && !task_is_leaving(i))
            return true;
    }
    return false;
}

void task_die(struct task *t)
{
    INVARIANT(!t->dead);
    t->dead = true;
    t->m->deaths = true;
    t->process->live--;
}

/* do_exit() of one, whose tracer may want to look at it first: then it goes on
 * by itself, to ptrace_exit_event(). */
static void begin_exit(struct task *t, int wait_status)
{
    if (task_is_leaving(t))
        return;
    t->exit_code = wait_status;
    stop_leave(t);
    t->jobctl &= ~(JOBCTL_STOPPED | JOBCTL_TRACED | JOBCTL_WORK_MASK);
    if (!ptrace_event_enabled(t, PTRACE_EVENT_G_EXIT)) {
        task_die(t);
        return;
    }
    t->jobctl |= JOBCTL_EXITING;
    t->ptrace.at = STOP_NOWHERE;
    if (!task_curr(t))
        wait_clear(&t->wait);
}

void task_exit(struct task *t, int wait_status)
{
    if (others_go_on(t))
        begin_exit(t, wait_status);
    else
        process_exit(t->process, wait_status); /* synchronize_group_exit() */
}

static void set_exit_code(struct process *p, int wait_status)
{
    struct machine *m = p->m;

    if (!process_dead(p) && !(p->signal_flags & SIGNAL_GROUP_EXIT))
        triggers_exit(m->triggers, p->mm);
    p->signal_flags = SIGNAL_GROUP_EXIT;
    p->group_stop_count = 0;
    p->exit_code = wait_status;
    if (m->debug)
        m->debug->ops->exited(m->debug->ctx, p);
    if (p->pid != m->first_pid)
        return;
    if (wait_status & 0x7f)
        m->exit_code = 128 + (wait_status & 0x7f);
    else
        m->exit_code = wait_status >> 8 & 0xff;
}

void process_exit(struct process *p, int wait_status)
{
    struct task *t;

    set_exit_code(p, wait_status);
    DL_FOREACH2(p->threads, t, thread_next)
        begin_exit(t, wait_status);
}

void process_kill(struct process *p, int wait_status)
{
    struct task *t;

    set_exit_code(p, wait_status);
    DL_FOREACH2(p->threads, t, thread_next) {
        if (t->dead)
            continue;
        t->exit_code = wait_status;
        task_die(t);
    }
}

/* Who hears of @t: @tracer, or its process's parent; NULL: nobody */
static struct process *listener(const struct task *t, bool tracer)
{
    return tracer ? t->ptrace.tracer->process : t->process->parent;
}

void task_wake_waiters(struct process *parent)
{
    struct task *t;

    DL_FOREACH2(parent->threads, t, thread_next)
        sched_wake(t, WAIT_CHILD);
}

void task_tell_parent(struct task *t, bool tracer, int code)
{
    struct siginfo info = {.signo = SIG_CHLD, .code = code};
    struct process *parent = listener(t, tracer);
    struct sigaction_g act;
    struct task *to;

    if (!parent)
        return;
    if (!tracer)
        t = process_leader(t->process);
    info.pid = t->pid;
    info.uid = t->cred.uid.real;
    info.status = code == CLD_G_CONTINUED ? SIG_CONT
                  : code == CLD_G_STOPPED ? t->process->group_stop_code & 0x7f
                                          : t->ptrace.exit_code & 0x7f;
    to = process_leader(parent);
    if (signal_get_action(to, SIG_CHLD, &act) == 0 &&
        act.handler != SIG_IGN_G && !(act.flags & SA_G_NOCLDSTOP))
        signal_send(to, &info);
    task_wake_waiters(parent);
}

/* exit_mm() of one thread; what it waited for is not to be had any more. */
static void release_task(struct task *t)
{
    wait_clear(&t->wait);
    task_mm_release(t);
    wait_clear(&t->wait); /* what a word of the list has waited for */
    t->left = true;
    strace_exited(t, t->exit_code);
}

/* What it may share with others, of any process: exit_sem(), exit_files(),
 * exit_fs(). */
static void release_shared(struct task *t)
{
    sem_exit(t);
    files_put(t->files);
    t->files = NULL;
    fs_put(t->fs);
    t->fs = NULL;
}

/* exit_notify() and before it, of the last task */
static void release(struct process *p)
{
    struct task *t;

    if (p->exe)
        mapping_put(p->exe);
    p->exe = NULL;
    tty_leave(p);
    posix_timers_free(p);
    DL_FOREACH2(p->threads, t, thread_next)
        if (!t->left)
            release_task(t);
    DL_FOREACH2(p->threads, t, thread_next) /* none waits any more */
        release_shared(t);
    task_keep_max_rss(process_leader(p));
    mm_put(p->mm);
    p->mm = NULL;
}

bool task_is_alone(const struct task *t)
{
    return t->process->threads == t && !t->thread_next;
}

int task_exit_status(const struct task *t)
{
    const struct process *p = t->process;

    return p->signal_flags & SIGNAL_GROUP_EXIT ? p->exit_code : t->exit_code;
}

bool task_tell_exit(struct task *t, int signo)
{
    struct process *parent = listener(t, t->ptrace.flags != 0);
    int status = t->exit_code;
    struct siginfo info = {.signo = signo,
                           .code = exit_code_cld(status),
                           .pid = t->pid,
                           .uid = t->cred.uid.real,
                           .status = exit_code_value(status)};
    struct sigaction_g act = {0};
    bool reap = false;
    struct task *to;

    if (!parent)
        return true;
    to = process_leader(parent);
    if (!t->ptrace.flags && signo == SIG_CHLD &&
        signal_get_action(to, SIG_CHLD, &act) == 0)
        reap = act.handler == SIG_IGN_G || act.flags & SA_G_NOCLDWAIT;
    if (signo && act.handler != SIG_IGN_G)
        signal_send(to, &info);
    task_wake_waiters(parent);
    return reap;
}

/* exit_notify(): true: nobody will wait for it */
static bool notify(struct task *t)
{
    struct process *p = t->process;
    bool alone = task_is_alone(t);

    if (t->ptrace.flags)
        return task_tell_exit(t, alone && !ptrace_reparented(t) ? p->exit_signal
                                                                : SIG_CHLD);
    if (t == process_leader(p))
        return alone && task_tell_exit(t, p->exit_signal);
    return true;
}

void task_reap(struct task *t)
{
    struct process *p = t->process;
    struct task *leader = process_leader(p);

    INVARIANT(t->left);
    ptrace_unlink(t);
    if (t == leader) {
        process_destroy(p);
        return;
    }
    process_remove_thread(t);
    if (!task_is_alone(leader))
        return;
    sched_wake(leader, WAIT_REAP);
    if (p->zombie && task_tell_exit(leader, p->exit_signal))
        task_reap(leader);
}

/* find_new_reaper(): the nearest ancestor that asked for it; NULL: init */
static struct process *new_reaper(const struct process *p)
{
    struct process *a = p->parent;

    while (a && (process_dead(a) || !a->child_subreaper))
        a = a->parent;
    return a;
}

static void forget_vforker(const struct task *gone)
{
    struct task *t;

    DL_FOREACH(gone->m->tasks, t) {
        if (t->vforker == gone)
            t->vforker = NULL;
    }
}

/* pdeath_signal: of the thread that made it, as there */
static void tell_of_parent(struct process *c, const struct process *p)
{
    struct siginfo info = {.signo = process_leader(c)->pdeath_signal,
                           .code = SI_G_USER,
                           .pid = p->pid,
                           .uid = process_leader(p)->cred.uid.real};

    if (info.signo)
        signal_send(process_leader(c), &info);
}

/* forget_original_parent(); init always waits. */
static void orphan_children(struct process *p)
{
    struct process *c, *next, *reaper = new_reaper(p);
    struct task *t, *leader;

    DL_FOREACH2(p->threads, t, thread_next)
        forget_vforker(t);
    DL_FOREACH_SAFE(p->m->processes, c, next) {
        if (c->parent != p)
            continue;
        c->parent = reaper;
        c->maker = reaper ? process_leader(reaper) : NULL;
        tell_of_parent(c, p);
        c->exit_signal = SIG_CHLD;
        leader = process_leader(c);
        if (c->zombie && !leader->ptrace.flags && task_is_alone(leader) &&
            task_tell_exit(leader, SIG_CHLD))
            task_reap(leader);
    }
}

/* find_alive_thread(): its children are those of another thread */
static void pass_children(struct task *t)
{
    struct task *to = process_leader(t->process);
    struct process *c;

    while (to && to->dead)
        to = to->thread_next;
    DL_FOREACH(t->m->processes, c) {
        if (c->maker != t)
            continue;
        c->maker = to;
        tell_of_parent(c, t->process);
    }
}

void task_leave(struct task *t)
{
    INVARIANT(t->dead && !t->left);
    release_task(t);
    release_shared(t);
    forget_vforker(t);
    ptrace_exit(t);
    pass_children(t);
    t->told = true;
    if (notify(t) && t != process_leader(t->process))
        task_reap(t);
}

void task_kill_others(struct task *t)
{
    struct process *p = t->process;
    struct task *i, *next, *leader = process_leader(p);

    DL_FOREACH_SAFE2(p->threads, i, next, thread_next) {
        if (i == t || i->left)
            continue;
        if (!i->dead)
            task_die(i);
        task_leave(i);
    }
    if (t == leader)
        return;
    /* The tracer of the one that was need not wait for it any more. */
    if (leader->ptrace.flags)
        task_wake_waiters(leader->ptrace.tracer->process);
    ptrace_unlink(leader);
    process_lead(t);
}

/* exit_notify() of all threads that were the last to end; the leader's comes
 * when there is no other any more. */
static void notify_last(struct process *p)
{
    struct task *t, *next, *leader = process_leader(p);
    bool first = !leader->told;

    DL_FOREACH_SAFE2(p->threads, t, next, thread_next) {
        bool told = t->told;

        t->told = true;
        if (t != leader && !told && notify(t))
            process_remove_thread(t);
    }
    if (first ? notify(leader)
              : task_is_alone(leader) && task_tell_exit(leader, p->exit_signal))
        task_reap(leader);
}

void process_leave(struct process *p)
{
    struct task *t;

    release(p);
    jobctl_leave(p);
    DL_FOREACH2(p->threads, t, thread_next)
        ptrace_exit(t);
    orphan_children(p);
    p->zombie = true;
    pidfd_notify(p);
    notify_last(p);
}
