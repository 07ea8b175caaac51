// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/sched/task.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "emu/linux/fs/files.h"
#include "emu/linux/futex/futex.h"
#include "emu/linux/futex/robust.h"
#include "emu/linux/ipc/sem.h"
#include "emu/linux/path/place.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/sigpending.h"
#include "emu/linux/uaccess.h"
#include "mm/mapping.h"

struct task *task_alloc(struct process *p)
{
    struct machine *m = p->m;
    struct task *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->m = m;
    t->process = p;
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

void task_free(struct task *t)
{
    if (!t)
        return;
    sigpending_drop(&t->pending, UINT64_MAX);
    cred_put(&t->cred);
    wait_clear(&t->wait);
    sem_put_undo(t);
    fs_put(t->fs);
    files_put(t->files);
    free(t->regs);
    free(t->waited);
    free(t);
}

void task_inherit(struct task *t, const struct task *parent)
{
    t->prio = priority_fork(&parent->prio);
    t->personality = parent->personality;
    t->mce_kill = parent->mce_kill;
    t->timer_slack = t->default_timer_slack = parent->timer_slack;
    t->mcdper = engine_mcdper(task_engine(t));
    t->blocked = parent->blocked;
    t->altstack = parent->altstack;
    t->nr_wsaved = parent->nr_wsaved;
    memcpy(t->wsaved, parent->wsaved, sizeof(t->wsaved));
    memcpy(t->comm, parent->comm, sizeof(t->comm));
    t->mpol = parent->mpol;
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

/* mm_users > 1: is anybody left who could wait for a thread to be gone? */
static bool others_use_mm(const struct task *t)
{
    const struct task *i;

    DL_FOREACH2(t->process->threads, i, thread_next) {
        if (i != t && !i->left)
            return true;
    }
    return mm_is_shared(t->process->mm);
}

void task_mm_release(struct task *t)
{
    struct task *parent = t->vforker;

    t->vforker = NULL;
    robust_release(t);
    if (t->clear_child_tid) {
        if (others_use_mm(t) && put_user32(t, t->clear_child_tid, 0) == 0)
            futex_wake_address(t, t->clear_child_tid);
        t->clear_child_tid = 0;
    }
    if (parent && parent->vfork_child == t->pid)
        sched_wake(parent, WAIT_VFORK);
}

void task_keep_max_rss(struct task *t)
{
    uint64_t rss = (uint64_t)(mm_rss(t->process->mm, MM_ANONPAGES) +
                              mm_rss(t->process->mm, MM_FILEPAGES) +
                              mm_rss(t->process->mm, MM_SHMEMPAGES));

    if (rss > t->usage.max_rss)
        t->usage.max_rss = rss;
}

void usage_add(struct usage *to, const struct usage *of)
{
    to->cpu_ns += of->cpu_ns;
    to->system_ns += of->system_ns;
    if (of->max_rss > to->max_rss)
        to->max_rss = of->max_rss;
}

bool task_visit(struct task_visit *v, struct task *t)
{
    *v = (struct task_visit){.t = t};
    if (task_curr(t))
        return true;
    v->own = malloc(cpu_state_bytes());
    if (!v->own)
        return false;
    cpu_save_state(task_engine(t), v->own);
    cpu_load_state(task_engine(t), t->regs);
    return true;
}

void task_visit_end(struct task_visit *v, bool changed)
{
    struct engine *e = task_engine(v->t);

    if (!v->own)
        return;
    if (changed)
        cpu_save_state(e, v->t->regs);
    cpu_load_state(e, v->own);
    free(v->own);
}
