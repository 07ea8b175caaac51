// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/sched/task.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/locks.h"
#include "emu/linux/futex/futex.h"
#include "emu/linux/futex/robust.h"
#include "emu/linux/ipc/sem.h"
#include "emu/linux/path/path.h"
#include "emu/linux/path/place.h"
#include "emu/linux/sched/clone.h"
#include "emu/linux/sched/jobctl.h"
#include "emu/linux/sched/pidfd.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/sigpending.h"
#include "emu/linux/time/posix_timer.h"
#include "emu/linux/tty/tty.h"
#include "emu/linux/uaccess.h"
#include "mm/fork.h"
#include "mm/mapping.h"
#include "script/trigger.h"

#define RESERVED_PIDS  300   /* for those that start with the machine */
#define TIMER_SLACK_NS 50000 /* of init */

static struct task *task_alloc(struct machine *m)
{
    struct task *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->m = m;
    t->cred =
        cred_get(current_task(m) ? &current_task(m)->cred : &m->first_cred);
    t->cpu = m->this_cpu;
    t->regs = calloc(1, cpu_state_bytes());
    if (!t->regs) {
        cred_put(&t->cred);
        free(t);
        return NULL;
    }
    return t;
}

static void task_free(struct task *t)
{
    if (t->exe)
        mapping_put(t->exe);
    if (t->mm)
        mm_put(t->mm);
    place_put(t->cwd);
    files_put(t->files);
    sighand_destroy(t->sighand);
    sigpending_drop(&t->pending, UINT64_MAX);
    cred_put(&t->cred);
    wait_clear(&t->wait);
    posix_timers_free(t);
    free(t->regs);
    free(t);
}

static bool pid_is_used(const struct machine *m, uint32_t pid)
{
    const struct task *t;

    DL_FOREACH(m->tasks, t) {
        if (t->pid == pid || t->pgid == pid || t->sid == pid)
            return true;
    }
    return false;
}

/* alloc_pid(): the next one that nobody has; 0: there is none */
static uint32_t pid_alloc(struct machine *m)
{
    for (int i = 0; i < m->pid_max; i++) {
        uint32_t pid = m->next_pid;

        if (pid >= (uint32_t)m->pid_max)
            pid = RESERVED_PIDS;
        m->next_pid = pid + 1;
        if (!pid_is_used(m, pid))
            return pid;
    }
    return 0;
}

static int task_add(struct task *t)
{
    t->pid = pid_alloc(t->m);
    if (t->pid == 0)
        return -EAGAIN;
    DL_APPEND(t->m->tasks, t);
    t->m->nr_forks++;
    return 0;
}

struct task *task_create(struct machine *m)
{
    struct task *t = task_alloc(m);

    if (!t)
        return NULL;
    t->cwd = path_initial_cwd(t);
    /* Each process has its own; the host's is out of the way. */
    t->umask = m->host_umask = umask(0);
    rlimit_init(t);
    t->files = files_create(m);
    t->sighand = sighand_create();
    t->mm = mm_create(m->mem);
    if (!t->cwd || !t->files || !t->sighand || !t->mm || task_add(t) != 0) {
        task_free(t);
        return NULL;
    }
    t->pgid = t->sid = t->pid;
    t->exit_signal = SIG_CHLD;
    t->timer_slack = t->default_timer_slack = TIMER_SLACK_NS;
    return t;
}

/* What a child has of its parent, but for address space and files. */
static void inherit(struct task *t, struct task *parent)
{
    t->parent = parent;
    t->pgid = parent->pgid;
    t->sid = parent->sid;
    t->tty = parent->tty;
    t->umask = parent->umask;
    t->oom_score_adj = parent->oom_score_adj;
    t->oom_score_adj_min = parent->oom_score_adj_min;
    t->prio = priority_fork(&parent->prio);
    t->personality = parent->personality;
    t->dumpable = parent->dumpable;
    t->thp_disable = parent->thp_disable;
    t->membarrier_private = parent->membarrier_private;
    t->mce_kill = parent->mce_kill;
    t->timer_slack = t->default_timer_slack = parent->timer_slack;
    t->mcdper = engine_mcdper(task_engine(t));
    t->blocked = parent->blocked;
    t->altstack = parent->altstack;
    t->nr_wsaved = parent->nr_wsaved;
    memcpy(t->wsaved, parent->wsaved, sizeof(t->wsaved));
    memcpy(t->comm, parent->comm, sizeof(t->comm));
    t->start_code = parent->start_code;
    t->end_code = parent->end_code;
    t->start_data = parent->start_data;
    t->end_data = parent->end_data;
    t->start_stack = parent->start_stack;
    t->arg_start = parent->arg_start;
    t->arg_end = parent->arg_end;
    t->env_start = parent->env_start;
    t->env_end = parent->env_end;
    memcpy(t->auxv, parent->auxv, sizeof(t->auxv));
    t->mpol = parent->mpol;
    memcpy(t->rlim, parent->rlim, sizeof(t->rlim));
}

static int copy_mm(struct task *t, struct task *parent, bool share)
{
    if (!share)
        return mm_fork(parent->mm, &t->mm);
    mm_get(parent->mm);
    t->mm = parent->mm;
    return 0;
}

/* copy_process(): RLIMIT_NPROC, which root does not have */
static bool may_fork(const struct task *parent)
{
    uint32_t uid = parent->cred.uid.real;
    uint64_t nr = 1; /* the child */
    const struct task *t;

    if (uid == 0 || cred_capable(parent, CAP_G_SYS_RESOURCE) ||
        cred_capable(parent, CAP_G_SYS_ADMIN))
        return true;
    DL_FOREACH(parent->m->tasks, t) {
        nr += t->cred.uid.real == uid;
    }
    return nr <= rlimit(parent, RLIMIT_G_NPROC);
}

int task_copy(struct task *parent, uint64_t flags, struct task **out)
{
    struct task *t;
    int err = -ENOMEM;

    if (!may_fork(parent) || (parent->prio.policy == SCHED_G_DEADLINE &&
                              !parent->prio.reset_on_fork))
        return -EAGAIN;
    t = task_alloc(parent->m);
    if (!t)
        return err;
    inherit(t, parent);
    t->files = flags & CLONE_G_FILES ? files_get(parent->files)
                                     : files_copy(parent->files);
    t->sighand = sighand_copy(parent->sighand);
    if (!t->files || !t->sighand)
        goto fail;
    t->cwd = place_get(parent->cwd);
    t->exe = parent->exe;
    t->program = parent->program;
    if (t->exe)
        mapping_get(t->exe);
    err = copy_mm(t, parent, flags & CLONE_G_VM);
    if (err)
        goto fail;
    if (!(flags & CLONE_G_VM) || flags & CLONE_G_VFORK)
        t->altstack = parent->altstack;
    else
        t->altstack = (struct sigaltstack){0};
    err = task_add(t);
    if (err)
        goto fail;
    *out = t;
    return 0;

fail:
    task_free(t);
    return err;
}

void task_destroy(struct task *t)
{
    if (!t)
        return;
    DL_DELETE(t->m->tasks, t);
    pidfd_forget(t);
    task_free(t);
}

struct task *task_find(const struct machine *m, uint32_t pid)
{
    struct task *t;

    DL_FOREACH(m->tasks, t) {
        if (t->pid == pid)
            return t;
    }
    return NULL;
}

uint32_t task_ppid(const struct task *t)
{
    return t->parent ? t->parent->pid : 1;
}

/* ------------------------------------------------------------------- exit */

void task_exit(struct task *t, int wait_status)
{
    struct machine *m = t->m;

    if (!t->dead)
        triggers_exit(m->triggers, t->mm);
    t->dead = true;
    t->exit_code = wait_status;
    if (t->pid != m->first_pid)
        return;
    if (wait_status & 0x7f)
        m->exit_code = 128 + (wait_status & 0x7f);
    else
        m->exit_code = wait_status >> 8 & 0xff;
}

int task_exit_code(const struct task *t)
{
    if (t->exit_code & WCOREFLAG_G)
        return CLD_G_DUMPED;
    return t->exit_code & 0x7f ? CLD_G_KILLED : CLD_G_EXITED;
}

struct siginfo task_child_info(const struct task *t, int code)
{
    struct siginfo info = {.signo = t->exit_signal ? t->exit_signal : SIG_CHLD,
                           .code = code,
                           .pid = t->pid,
                           .uid = t->cred.uid.real};

    switch (code) {
    case CLD_G_EXITED: info.status = t->exit_code >> 8 & 0xff; break;
    case CLD_G_STOPPED: info.status = t->stop_signal; break;
    case CLD_G_CONTINUED: info.status = SIG_CONT; break;
    default: info.status = t->exit_code & 0x7f; break;
    }
    return info;
}

void task_tell_parent(struct task *t, int code)
{
    struct siginfo info = task_child_info(t, code);
    struct sigaction_g act;

    if (!t->parent)
        return;
    info.signo = SIG_CHLD;
    if (signal_get_action(t->parent, SIG_CHLD, &act) == 0 &&
        act.handler != SIG_IGN_G && !(act.flags & SA_G_NOCLDSTOP))
        signal_send(t->parent, &info);
    sched_wake(t->parent, WAIT_CHILD);
}

void task_mm_release(struct task *t)
{
    struct task *parent = t->vforker;

    t->vforker = NULL;
    robust_release(t);
    if (t->clear_child_tid) {
        if (put_user32(t, t->clear_child_tid, 0) == 0)
            futex_wake_address(t, t->clear_child_tid);
        t->clear_child_tid = 0;
    }
    if (parent && parent->vfork_child == t->pid)
        sched_wake(parent, WAIT_VFORK);
}

void task_keep_max_rss(struct task *t)
{
    uint64_t rss =
        (uint64_t)(mm_rss(t->mm, MM_ANONPAGES) + mm_rss(t->mm, MM_FILEPAGES) +
                   mm_rss(t->mm, MM_SHMEMPAGES));

    if (rss > t->usage.max_rss)
        t->usage.max_rss = rss;
}

static void release(struct task *t)
{
    if (t->exe)
        mapping_put(t->exe);
    t->exe = NULL;
    wait_clear(&t->wait);
    tty_leave(t);
    posix_timers_free(t);
    sem_exit(t);
    if (t->mm) {
        task_mm_release(t);
        task_keep_max_rss(t);
        mm_put(t->mm);
        t->mm = NULL;
    }
    wait_clear(&t->wait);
    files_put(t->files);
    t->files = NULL;
    place_put(t->cwd);
    t->cwd = NULL;
}

/* do_notify_parent(): true when nobody will wait for @t. */
static bool tell_of_exit(struct task *t)
{
    struct siginfo info = task_child_info(t, task_exit_code(t));
    struct sigaction_g act = {0};
    bool reap = false;

    if (!t->parent)
        return true;
    if (t->exit_signal == SIG_CHLD &&
        signal_get_action(t->parent, SIG_CHLD, &act) == 0)
        reap = act.handler == SIG_IGN_G || act.flags & SA_G_NOCLDWAIT;
    if (t->exit_signal && act.handler != SIG_IGN_G)
        signal_send(t->parent, &info);
    sched_wake(t->parent, WAIT_CHILD);
    return reap;
}

/* find_new_reaper(): the nearest ancestor that asked for it; NULL: init */
static struct task *new_reaper(const struct task *t)
{
    struct task *p = t->parent;

    while (p && (p->dead || !p->child_subreaper))
        p = p->parent;
    return p;
}

/* forget_original_parent(); init always waits. */
static void orphan_children(struct task *t)
{
    struct task *c, *next, *reaper = new_reaper(t);

    DL_FOREACH_SAFE(t->m->tasks, c, next)
    {
        if (c->vforker == t)
            c->vforker = NULL;
        if (c->parent != t)
            continue;
        c->parent = reaper;
        if (c->pdeath_signal)
            signal_send(c, &(struct siginfo){.signo = c->pdeath_signal,
                                             .code = SI_G_USER,
                                             .pid = t->pid,
                                             .uid = t->cred.uid.real});
        c->exit_signal = SIG_CHLD;
        if (c->zombie && tell_of_exit(c))
            task_destroy(c);
    }
}

void task_leave(struct task *t)
{
    release(t);
    jobctl_leave(t);
    orphan_children(t);
    t->zombie = true;
    pidfd_notify(t);
    if (tell_of_exit(t))
        task_destroy(t);
}
