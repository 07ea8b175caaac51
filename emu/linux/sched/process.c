/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu/linux/sched/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/files.h"
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
#include "mm/fork.h"
#include "mm/mapping.h"
#include "script/trigger.h"

#define RESERVED_PIDS  300   /* for those that start with the machine */
#define TIMER_SLACK_NS 50000 /* of init */
#define MIN_THREADS    20
#define THREAD_SIZE    (2 * PAGE_SIZE) /* of the kernel's stack */

/* With a task, its leader. */
static struct process *process_alloc(struct machine *m)
{
    struct process *p = calloc(1, sizeof(*p));
    struct task *t;

    if (!p)
        return NULL;
    p->m = m;
    t = task_alloc(p);
    if (!t) {
        free(p);
        return NULL;
    }
    DL_APPEND2(p->threads, t, thread_prev, thread_next);
    p->live = 1;
    return p;
}

static void process_free(struct process *p)
{
    struct task *t, *next;

    DL_FOREACH_SAFE2(p->threads, t, next, thread_next) {
        DL_DELETE2(p->threads, t, thread_prev, thread_next);
        task_free(t);
    }
    if (p->exe)
        mapping_put(p->exe);
    if (p->mm)
        mm_put(p->mm);
    place_put(p->root);
    place_put(p->cwd);
    files_put(p->files);
    posix_timers_free(p);
    sighand_destroy(p->sighand);
    sigpending_drop(&p->pending, UINT64_MAX);
    free(p);
}

static bool pid_is_used(const struct machine *m, uint32_t pid)
{
    const struct process *p;

    DL_FOREACH(m->processes, p) {
        if (p->pgid == pid || p->sid == pid)
            return true;
    }
    return task_find(m, pid) != NULL;
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

/* Gives it a number; from here on others see it. */
static int process_add(struct process *p)
{
    struct machine *m = p->m;
    struct task *leader = process_leader(p);

    leader->pid = p->pid = pid_alloc(m);
    if (p->pid == 0)
        return -EAGAIN;
    DL_APPEND(m->processes, p);
    DL_APPEND(m->tasks, leader);
    m->nr_forks++;
    return 0;
}

struct process *process_create(struct machine *m)
{
    struct process *p = process_alloc(m);
    struct task *t;

    if (!p)
        return NULL;
    t = process_leader(p);
    p->root = path_initial_root();
    p->cwd = p->root ? path_initial_cwd(t) : NULL;
    /* Each process has its own; the host's is out of the way. */
    p->umask = m->host_umask = umask(0);
    rlimit_init(p);
    p->files = files_create(m);
    p->sighand = sighand_create();
    p->mm = mm_create(m->mem);
    if (!p->cwd || !p->files || !p->sighand || !p->mm || process_add(p) != 0) {
        process_free(p);
        return NULL;
    }
    p->pgid = p->sid = p->pid;
    p->exit_signal = SIG_CHLD;
    t->prio.nice = getpriority(PRIO_PROCESS, 0); /* as our caller has it */
    t->timer_slack = t->default_timer_slack = TIMER_SLACK_NS;
    return p;
}

/* What a child's process has of its parent's. */
static void inherit(struct process *p, struct process *parent)
{
    p->parent = parent;
    p->pgid = parent->pgid;
    p->sid = parent->sid;
    p->tty = parent->tty;
    p->umask = parent->umask;
    p->layout = parent->layout;
    p->dumpable = parent->dumpable;
    p->thp_disable = parent->thp_disable;
    p->membarrier_private = parent->membarrier_private;
    p->oom_score_adj = parent->oom_score_adj;
    p->oom_score_adj_min = parent->oom_score_adj_min;
    memcpy(p->rlim, parent->rlim, sizeof(p->rlim));
}

static int copy_mm(struct process *p, const struct process *parent, bool share)
{
    p->program = parent->program;
    p->exe = parent->exe;
    if (p->exe)
        mapping_get(p->exe);
    if (!share)
        return mm_fork(parent->mm, &p->mm);
    mm_get(parent->mm);
    p->mm = parent->mm;
    return 0;
}

void process_set_max(struct machine *m, uint64_t wanted)
{
    uint64_t most = (uint64_t)phys_nr_frames(memory_phys(m->mem)) * PAGE_SIZE /
                    (THREAD_SIZE * 8);

    most = wanted < most ? wanted : most;
    m->max_threads = most < MIN_THREADS ? MIN_THREADS : most;
}

/* copy_process(): kernel.threads-max, and RLIMIT_NPROC, which root does not
 * have */
static bool may_fork(const struct task *parent)
{
    uint32_t uid = parent->cred.uid.real;
    uint64_t nr = 1, nr_threads = 0; /* 1: the child */
    const struct process *p;
    const struct task *t;

    DL_COUNT(parent->m->tasks, t, nr_threads);
    if (nr_threads >= parent->m->max_threads)
        return false;
    if (uid == 0 || cred_capable(parent, CAP_G_SYS_RESOURCE) ||
        cred_capable(parent, CAP_G_SYS_ADMIN))
        return true;
    DL_FOREACH(parent->m->processes, p) {
        nr += process_leader(p)->cred.uid.real == uid;
    }
    return nr <= rlimit(parent, RLIMIT_G_NPROC);
}

int process_copy(struct task *parent, uint64_t flags, struct process **out)
{
    struct process *p;
    struct task *t;
    int err = -ENOMEM;

    if (!may_fork(parent) || (parent->prio.policy == SCHED_G_DEADLINE &&
                              !parent->prio.reset_on_fork))
        return -EAGAIN;
    p = process_alloc(parent->m);
    if (!p)
        return err;
    t = process_leader(p);
    inherit(p, parent->process);
    task_inherit(t, parent);
    p->files = flags & CLONE_G_FILES ? files_get(parent->process->files)
                                     : files_copy(parent->process->files);
    p->sighand = sighand_copy(parent->process->sighand);
    if (!p->files || !p->sighand)
        goto fail;
    p->root = place_get(parent->process->root);
    p->cwd = place_get(parent->process->cwd);
    err = copy_mm(p, parent->process, flags & CLONE_G_VM);
    if (err)
        goto fail;
    if (flags & CLONE_G_VM && !(flags & CLONE_G_VFORK))
        t->altstack = (struct sigaltstack){0}; /* it has a stack of its own */
    err = process_add(p);
    if (err)
        goto fail;
    *out = p;
    return 0;

fail:
    process_free(p);
    return err;
}

void process_destroy(struct process *p)
{
    struct task *t;

    if (!p)
        return;
    DL_FOREACH2(p->threads, t, thread_next)
        DL_DELETE(p->m->tasks, t);
    DL_DELETE(p->m->processes, p);
    pidfd_forget(p);
    process_free(p);
}

struct process *process_find(const struct machine *m, uint32_t pid)
{
    struct process *p;

    DL_FOREACH(m->processes, p) {
        if (p->pid == pid)
            return p;
    }
    return NULL;
}

uint32_t process_ppid(const struct process *p)
{
    return p->parent ? p->parent->pid : 1;
}

/* ------------------------------------------------------------------- exit */

void process_exit(struct process *p, int wait_status)
{
    struct machine *m = p->m;
    struct task *t;

    if (!process_dead(p))
        triggers_exit(m->triggers, p->mm);
    DL_FOREACH2(p->threads, t, thread_next)
        t->dead = true;
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

/* exit_notify() and before it, of the last task */
static void release(struct process *p)
{
    struct task *t = process_leader(p);

    if (p->exe)
        mapping_put(p->exe);
    p->exe = NULL;
    wait_clear(&t->wait);
    tty_leave(p);
    posix_timers_free(p);
    sem_exit(t);
    if (p->mm) {
        task_mm_release(t);
        task_keep_max_rss(t);
        mm_put(p->mm);
        p->mm = NULL;
    }
    wait_clear(&t->wait);
    files_put(p->files);
    p->files = NULL;
    place_put(p->root);
    place_put(p->cwd);
    p->root = p->cwd = NULL;
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

static void forget_vforker(const struct process *p)
{
    struct task *t;

    DL_FOREACH(p->m->tasks, t) {
        if (t->vforker && t->vforker->process == p)
            t->vforker = NULL;
    }
}

/* forget_original_parent(); init always waits. */
static void orphan_children(struct process *p)
{
    struct process *c, *next, *reaper = new_reaper(p);

    forget_vforker(p);
    DL_FOREACH_SAFE(p->m->processes, c, next) {
        int sig;

        if (c->parent != p)
            continue;
        c->parent = reaper;
        sig = process_leader(c)->pdeath_signal;
        if (sig)
            signal_send(
                process_leader(c),
                &(struct siginfo){.signo = sig,
                                  .code = SI_G_USER,
                                  .pid = p->pid,
                                  .uid = process_leader(p)->cred.uid.real});
        c->exit_signal = SIG_CHLD;
        if (c->zombie && tell_of_exit(c))
            process_destroy(c);
    }
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
