// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/ipc/sem.h"
#include "emu/linux/sched/process.h"

#include <errno.h>
#include <utlist.h>

#include "emu/linux/sched/sched.h"

#define SEMAEM   SEMVMX /* how far an undo goes */
#define MODE_ALL 0777u

void sem_init_ns(struct ipc_namespace *ns)
{
    ns->sem.mni = SEMMNI;
    ns->sem_ctl[IPC_SEMMSL] = SEMMSL;
    ns->sem_ctl[IPC_SEMMNS] = SEMMNS;
    ns->sem_ctl[IPC_SEMOPM] = SEMOPM;
}

/* ---------------------------------------------------------- life of one */

static int create(struct task *t, const struct ipc_params *params)
{
    struct ipc_namespace *ns = t->m->ipc;
    int nsems = (int)params->size, id;
    struct sem_array *sma;

    if (nsems == 0)
        return -EINVAL;
    if (nsems > ns->sem_ctl[IPC_SEMMNS] - ns->used_sems)
        return -ENOSPC;
    sma = kmem_zalloc(&t->m->kmem,
                      sizeof(*sma) + (size_t)nsems * sizeof(sma->sems[0]));
    if (!sma)
        return -ENOMEM;
    sma->perm.key = params->key;
    sma->perm.mode = params->flags & MODE_ALL;
    sma->m = t->m;
    sma->nsems = nsems;
    sma->ctime = ipc_now(t->m);
    id = ipc_add(t, &ns->sem, &sma->perm);
    if (id < 0)
        kmem_free(sma);
    else
        ns->used_sems += nsems;
    return id;
}

static int more_checks(const struct ipc_perm *perm,
                       const struct ipc_params *params)
{
    const struct sem_array *sma = (const struct sem_array *)perm;

    return params->size > (uint64_t)sma->nsems ? -EINVAL : 0;
}

const struct ipc_ops sem_ops = {.create = create, .more_checks = more_checks};

struct sem_array *sem_by_id(const struct ipc_namespace *ns, int id)
{
    return (struct sem_array *)ipc_by_id(&ns->sem, id);
}

/* Done, or refused: its task goes on with @status. */
static void finish(struct sem_array *sma, struct sem_queue *q, int status)
{
    if (q->alters)
        DL_DELETE(sma->alter, q);
    else
        DL_DELETE(sma->zero, q);
    q->sma = NULL;
    q->status = status;
    sched_wake(q->task, WAIT_IPC);
}

static void refuse_all(struct sem_array *sma)
{
    while (sma->zero)
        finish(sma, sma->zero, -EIDRM);
    while (sma->alter)
        finish(sma, sma->alter, -EIDRM);
}

static void free_undo(struct sem_array *sma, struct sem_undo *un)
{
    DL_DELETE(sma->undo, un);
    kmem_free(un);
}

void sem_free(struct ipc_namespace *ns, struct ipc_perm *perm)
{
    struct sem_array *sma = (struct sem_array *)perm;

    refuse_all(sma);
    while (sma->undo)
        free_undo(sma, sma->undo);
    ipc_remove(&ns->sem, perm);
    ns->used_sems -= sma->nsems;
    kmem_free(sma);
}

void sem_remove(struct sem_array *sma)
{
    sem_free(sma->m->ipc, &sma->perm);
}

/* ----------------------------------------------------------- operations */

static bool undo_fits(int adj)
{
    return adj >= -SEMAEM - 1 && adj <= SEMAEM;
}

/* One of them: 0, 1 or -ERANGE */
static int do_one(struct sem_array *sma, struct sem_undo *un,
                  const struct sembuf *sop)
{
    struct sem *sem = &sma->sems[sop->num];
    int val = sem->val + sop->op;

    if ((sop->op == 0 && sem->val != 0) || val < 0)
        return 1;
    if (val > SEMVMX)
        return -ERANGE;
    if (sop->flags & SEM_G_UNDO) {
        int adj = un->adj[sop->num] - sop->op;

        if (!undo_fits(adj))
            return -ERANGE;
        un->adj[sop->num] = (int16_t)adj;
    }
    sem->val = val;
    return 0;
}

static void undo_one(struct sem_array *sma, struct sem_undo *un,
                     const struct sembuf *sop)
{
    sma->sems[sop->num].val -= sop->op;
    if (sop->flags & SEM_G_UNDO)
        un->adj[sop->num] = (int16_t)(un->adj[sop->num] + sop->op);
}

int sem_try(struct sem_array *sma, struct sem_queue *q)
{
    unsigned i;
    int err = 0;

    for (i = 0; i < q->nsops && !err; i++)
        err = do_one(sma, q->undo, &q->sops[i]);
    if (err) {
        const struct sembuf *last = &q->sops[i - 1];

        if (err == 1) {
            q->blocking = last;
            if ((unsigned)last->flags & IPC_G_NOWAIT)
                err = -EAGAIN;
        }
        for (i--; i > 0; i--)
            undo_one(sma, q->undo, &q->sops[i - 1]);
        return err;
    }
    for (i = 0; i < q->nsops; i++)
        sma->sems[q->sops[i].num].pid = q->pid;
    sma->otime = ipc_now(sma->m);
    return 0;
}

void sem_wait(struct sem_array *sma, struct sem_queue *q)
{
    q->sma = sma;
    q->status = -EINTR;
    if (q->alters)
        DL_APPEND(sma->alter, q);
    else
        DL_APPEND(sma->zero, q);
}

void sem_forget(struct sem_queue *q)
{
    if (q && q->sma) {
        if (q->alters)
            DL_DELETE(q->sma->alter, q);
        else
            DL_DELETE(q->sma->zero, q);
    }
    kmem_free(q);
}

/* wake_const_ops(): these change nothing for anybody. */
static void wake_zero(struct sem_array *sma)
{
    struct sem_queue *q, *next;

    DL_FOREACH_SAFE(sma->zero, q, next) {
        int err = sem_try(sma, q);

        if (err <= 0)
            finish(sma, q, err);
    }
}

/* The first of the queue that can be done, or must be refused. */
static bool wake_one(struct sem_array *sma)
{
    struct sem_queue *q;

    DL_FOREACH(sma->alter, q) {
        int err = sem_try(sma, q);

        if (err <= 0) {
            finish(sma, q, err);
            return true;
        }
    }
    return false;
}

void sem_update(struct sem_array *sma)
{
    do {
        wake_zero(sma);
    } while (wake_one(sma));
}

/* A process waits for the first semaphore that stops it, and no other. */
static int count_queue(const struct sem_queue *head, int num, bool zero)
{
    const struct sem_queue *q;
    int nr = 0;

    DL_FOREACH(head, q) {
        nr += q->blocking->num == num &&
              (zero ? q->blocking->op == 0 : q->blocking->op < 0);
    }
    return nr;
}

int sem_count(const struct sem_array *sma, int num, bool zero)
{
    return count_queue(sma->alter, num, zero) +
           count_queue(sma->zero, num, zero);
}

/* ----------------------------------------------------------------- undo */

/* get_undo_list(): false: no memory */
static bool get_list(struct task *t)
{
    if (t->undo)
        return true;
    t->undo = kmem_zalloc(&t->m->kmem, sizeof(*t->undo));
    if (t->undo)
        t->undo->refs = 1;
    return t->undo != NULL;
}

int sem_share_undo(struct task *t, struct task *parent)
{
    if (!get_list(parent))
        return -ENOMEM;
    parent->undo->refs++;
    t->undo = parent->undo;
    return 0;
}

struct sem_undo *sem_find_undo(struct sem_array *sma, struct task *t)
{
    struct sem_undo *un;

    if (!get_list(t))
        return NULL;
    DL_FOREACH(sma->undo, un) {
        if (un->list == t->undo)
            return un;
    }
    un = kmem_zalloc(&t->m->kmem,
                     sizeof(*un) + (size_t)sma->nsems * sizeof(un->adj[0]));
    if (un) {
        un->list = t->undo;
        DL_PREPEND(sma->undo, un);
    }
    return un;
}

/* Values stay in their range, whatever the sum is. */
static void apply_undo(struct sem_array *sma, const struct sem_undo *un,
                       uint32_t pid)
{
    for (int i = 0; i < sma->nsems; i++) {
        int val = sma->sems[i].val + un->adj[i];

        if (un->adj[i] == 0)
            continue;
        sma->sems[i].val = val < 0 ? 0 : val > SEMVMX ? SEMVMX : val;
        sma->sems[i].pid = pid;
    }
}

static void undo_all(struct task *t)
{
    const struct ipc_ids *ids = &t->m->ipc->sem;
    struct ipc_perm *perm;
    int idx = 0;

    for (; (perm = ipc_next(ids, &idx)) != NULL; idx++) {
        struct sem_array *sma = (struct sem_array *)perm;
        struct sem_undo *un, *next;

        DL_FOREACH_SAFE(sma->undo, un, next) {
            if (un->list != t->undo)
                continue;
            apply_undo(sma, un, t->process->pid);
            free_undo(sma, un);
            sma->otime = ipc_now(t->m);
            sem_update(sma);
        }
    }
}

void sem_put_undo(struct task *t)
{
    if (t->undo && --t->undo->refs == 0)
        kmem_free(t->undo);
    t->undo = NULL;
}

void sem_exit(struct task *t)
{
    if (t->undo && t->undo->refs == 1)
        undo_all(t);
    sem_put_undo(t);
}
