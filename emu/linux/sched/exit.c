// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/sched/exit.h"

#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/ipc/sem.h"
#include "emu/linux/path/place.h"
#include "emu/linux/sched/jobctl.h"
#include "emu/linux/sched/pidfd.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/strace/strace.h"
#include "emu/linux/time/posix_timer.h"
#include "emu/linux/tty/tty.h"
#include "mm/mapping.h"
#include "script/trigger.h"

void task_exit(struct task *t, int wait_status)
{
    struct process *p = t->process;

    if (p->live == 1) {
        process_exit(p, wait_status); /* synchronize_group_exit() */
        return;
    }
    t->dead = true;
    t->exit_status = wait_status;
    p->live--;
}

void process_exit(struct process *p, int wait_status)
{
    struct machine *m = p->m;
    struct task *t;

    if (!process_dead(p))
        triggers_exit(m->triggers, p->mm);
    DL_FOREACH2(p->threads, t, thread_next) {
        if (!t->dead)
            t->exit_status = wait_status;
        t->dead = true;
    }
    p->live = 0;
    p->exit_code = wait_status;
    if (p->pid != m->first_pid)
        return;
    if (wait_status & 0x7f)
        m->exit_code = 128 + (wait_status & 0x7f);
    else
        m->exit_code = wait_status >> 8 & 0xff;
}

int process_exit_code(const struct process *p)
{
    if (p->exit_code & WCOREFLAG_G)
        return CLD_G_DUMPED;
    return p->exit_code & 0x7f ? CLD_G_KILLED : CLD_G_EXITED;
}

struct siginfo process_child_info(const struct process *p, int code)
{
    struct siginfo info = {.signo = p->exit_signal ? p->exit_signal : SIG_CHLD,
                           .code = code,
                           .pid = p->pid,
                           .uid = process_leader(p)->cred.uid.real};

    switch (code) {
    case CLD_G_EXITED: info.status = p->exit_code >> 8 & 0xff; break;
    case CLD_G_STOPPED: info.status = p->stop_signal; break;
    case CLD_G_CONTINUED: info.status = SIG_CONT; break;
    default: info.status = p->exit_code & 0x7f; break;
    }
    return info;
}

/* __wake_up_parent() */
static void wake_parent(const struct process *p)
{
    struct task *t;

    DL_FOREACH2(p->parent->threads, t, thread_next)
        sched_wake(t, WAIT_CHILD);
}

void process_tell_parent(struct process *p, int code)
{
    struct siginfo info = process_child_info(p, code);
    struct task *to;
    struct sigaction_g act;

    if (!p->parent)
        return;
    to = process_leader(p->parent);
    info.signo = SIG_CHLD;
    if (signal_get_action(to, SIG_CHLD, &act) == 0 &&
        act.handler != SIG_IGN_G && !(act.flags & SA_G_NOCLDSTOP))
        signal_send(to, &info);
    wake_parent(p);
}

/* exit_mm() of one thread; what it waited for is not to be had any more. */
static void release_task(struct task *t)
{
    wait_clear(&t->wait);
    task_mm_release(t);
    wait_clear(&t->wait); /* what a word of the list has waited for */
    t->left = true;
    strace_exited(t, t->exit_status);
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
    sem_exit(p);
    DL_FOREACH2(p->threads, t, thread_next)
        if (!t->left)
            release_task(t);
    task_keep_max_rss(process_leader(p));
    mm_put(p->mm);
    p->mm = NULL;
    files_put(p->files);
    p->files = NULL;
    fs_put(p->fs);
    p->fs = NULL;
}

/* do_notify_parent(): true when nobody will wait for @p. */
static bool tell_of_exit(struct process *p)
{
    struct siginfo info = process_child_info(p, process_exit_code(p));
    struct sigaction_g act = {0};
    bool reap = false;
    struct task *to;

    if (!p->parent)
        return true;
    to = process_leader(p->parent);
    if (p->exit_signal == SIG_CHLD &&
        signal_get_action(to, SIG_CHLD, &act) == 0)
        reap = act.handler == SIG_IGN_G || act.flags & SA_G_NOCLDWAIT;
    if (p->exit_signal && act.handler != SIG_IGN_G)
        signal_send(to, &info);
    wake_parent(p);
    return reap;
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
    const struct task *t;

    DL_FOREACH2(p->threads, t, thread_next)
        forget_vforker(t);
    DL_FOREACH_SAFE(p->m->processes, c, next) {
        if (c->parent != p)
            continue;
        c->parent = reaper;
        c->maker = reaper ? process_leader(reaper) : NULL;
        tell_of_parent(c, p);
        c->exit_signal = SIG_CHLD;
        if (c->zombie && tell_of_exit(c))
            process_destroy(c);
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
    forget_vforker(t);
    pass_children(t);
    if (t != process_leader(t->process))
        process_remove_thread(t);
}

void task_kill_others(struct task *t)
{
    struct process *p = t->process;
    struct task *i, *next;

    DL_FOREACH_SAFE2(p->threads, i, next, thread_next) {
        if (i == t || i->left)
            continue;
        if (!i->dead)
            p->live--;
        i->dead = true;
        task_leave(i);
    }
    process_lead(t);
}

void process_leave(struct process *p)
{
    release(p);
    jobctl_leave(p);
    orphan_children(p);
    p->zombie = true;
    pidfd_notify(p);
    if (tell_of_exit(p))
        process_destroy(p);
}
