// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/core/coredump.h"
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
#include "emu/linux/net/sock.h"
#include "emu/linux/path/path.h"
#include "emu/linux/path/place.h"
#include "emu/linux/sched/clone.h"
#include "emu/linux/signal/hostsig.h"
#include "emu/linux/signal/jobctl.h"
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
    posix_timers_free(p);
    sighand_put(p->sighand);
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
    t->fs = fs_create();
    if (t->fs) {
        t->fs->cwd = path_initial_cwd(t);
        /* Each process has its own; the host's is out of the way. */
        t->fs->umask = m->host_umask = umask(0);
    }
    rlimit_init(p);
    t->files = files_create(m);
    p->sighand = sighand_create();
    if (p->sighand)
        hostsig_inherit(p->sighand);
    p->mm = mm_create(m->mem);
    if (!t->fs || !t->fs->cwd || !t->files || !p->sighand || !p->mm ||
        sock_adopt_inherited(m, t->files) != 0 || process_add(p) != 0) {
        process_free(p);
        return NULL;
    }
    p->pgid = p->sid = p->pid;
    p->coredump_filter = CORE_FILTER_DEFAULT;
    p->exit_signal = SIG_CHLD;
    t->prio.nice = getpriority(PRIO_PROCESS, 0); /* as our caller has it */
    t->timer_slack = t->default_timer_slack = TIMER_SLACK_NS;
    return p;
}

/* What a child's process has of its parent's. */
static void inherit(struct process *p, const struct process *parent)
{
    p->pgid = parent->pgid;
    p->sid = parent->sid;
    p->tty = parent->tty;
    p->layout = parent->layout;
    p->dumpable = parent->dumpable;
    p->coredump_filter = parent->coredump_filter;
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
    const struct task *t;

    DL_FOREACH(parent->m->tasks, t) {
        nr_threads++;
        nr += t->cred.uid.real == uid;
    }
    if (nr_threads >= parent->m->max_threads)
        return false;
    if (uid == 0 || cred_capable(parent, CAP_G_SYS_RESOURCE) ||
        cred_capable(parent, CAP_G_SYS_ADMIN))
        return true;
    return nr <= rlimit(parent, RLIMIT_G_NPROC);
}

/* Who is this one's child: the caller, or with CLONE_PARENT its brother. */
static void set_parent(struct process *p, struct task *caller, uint64_t flags)
{
    struct process *of = caller->process;

    p->exit_signal = (int)(flags & CLONE_G_SIGNAL);
    p->parent = of;
    p->maker = caller;
    if (flags & CLONE_G_PARENT) {
        p->exit_signal = of->exit_signal;
        p->parent = of->parent;
        p->maker = of->maker;
    }
}

/* Each part is the parent's own, or a copy of it: first those of a thread. */
static int copy_task_parts(struct task *t, struct task *parent, uint64_t flags)
{
    t->files = flags & CLONE_G_FILES ? files_get(parent->files)
                                     : files_copy(parent->files);
    t->fs = flags & CLONE_G_FS ? fs_get(parent->fs) : fs_copy(parent->fs);
    if (!t->files || !t->fs)
        return -ENOMEM;
    return flags & CLONE_G_SYSVSEM ? sem_share_undo(t, parent) : 0;
}

static int copy_parts(struct process *p, struct task *parent, uint64_t flags)
{
    const struct process *of = parent->process;
    int err = copy_task_parts(process_leader(p), parent, flags);

    if (err)
        return err;
    p->sighand = flags & CLONE_G_SIGHAND ? sighand_get(of->sighand)
                                         : sighand_copy(of->sighand);
    return p->sighand ? copy_mm(p, of, flags & CLONE_G_VM) : -ENOMEM;
}

static bool may_copy(const struct task *parent)
{
    return may_fork(parent) && (parent->prio.policy != SCHED_G_DEADLINE ||
                                parent->prio.reset_on_fork);
}

int process_copy(struct task *parent, uint64_t flags, struct process **out)
{
    struct process *p;
    struct task *t;
    int err;

    if (!may_copy(parent))
        return -EAGAIN;
    p = process_alloc(parent->m);
    if (!p)
        return -ENOMEM;
    t = process_leader(p);
    inherit(p, parent->process);
    set_parent(p, parent, flags);
    task_inherit(t, parent);
    if (flags & CLONE_G_VM && !(flags & CLONE_G_VFORK))
        t->altstack = (struct sigaltstack){0}; /* it has a stack of its own */
    err = copy_parts(p, parent, flags);
    if (!err)
        err = process_add(p);
    if (err) {
        process_free(p);
        return err;
    }
    *out = p;
    return 0;
}

int process_add_thread(struct task *parent, uint64_t flags, struct task **out)
{
    struct process *p = parent->process;
    struct machine *m = p->m;
    struct task *t;
    int err;

    if (!may_copy(parent))
        return -EAGAIN;
    t = task_alloc(p);
    if (!t)
        return -ENOMEM;
    err = copy_task_parts(t, parent, flags);
    if (!err && (t->pid = pid_alloc(m)) == 0)
        err = -EAGAIN;
    if (err) {
        task_free(t);
        return err;
    }
    task_inherit(t, parent);
    t->altstack = (struct sigaltstack){0};
    DL_APPEND2(p->threads, t, thread_prev, thread_next);
    DL_APPEND(m->tasks, t);
    p->live++;
    m->nr_forks++;
    *out = t;
    return 0;
}

void process_remove_thread(struct task *t)
{
    struct process *p = t->process;

    INVARIANT(p->threads->thread_next);
    usage_add(&p->gone_usage, &t->usage);
    DL_DELETE2(p->threads, t, thread_prev, thread_next);
    DL_DELETE(p->m->tasks, t);
    task_free(t);
}

void process_lead(struct task *t)
{
    struct process *p = t->process;
    struct task *old = process_leader(p);

    if (t == old)
        return;
    DL_DELETE2(p->threads, t, thread_prev, thread_next);
    DL_PREPEND2(p->threads, t, thread_prev, thread_next);
    process_remove_thread(old);
    t->pid = p->pid;
}

struct usage process_usage(const struct process *p)
{
    struct usage sum = p->gone_usage;
    const struct task *t;

    DL_FOREACH2(p->threads, t, thread_next)
        usage_add(&sum, &t->usage);
    return sum;
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
