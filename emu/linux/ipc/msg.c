// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/ipc/msg.h"
#include "emu/linux/sched/process.h"

#include <errno.h>
#include <utlist.h>

#include "emu/linux/sched/sched.h"

#define MODE_ALL 0777u

void msg_init_ns(struct ipc_namespace *ns)
{
    ns->msg.mni = MSGMNI;
    ns->msg_ctlmax = MSGMAX;
    ns->msg_ctlmnb = MSGMNB;
}

static int create(struct task *t, const struct ipc_params *params)
{
    struct msg_queue *q = kmem_zalloc(&t->m->kmem, sizeof(*q));
    int id;

    if (!q)
        return -ENOMEM;
    q->perm.key = params->key;
    q->perm.mode = params->flags & MODE_ALL;
    q->m = t->m;
    q->ctime = ipc_now(t->m);
    q->qbytes = (uint64_t)t->m->ipc->msg_ctlmnb;
    id = ipc_add(t, &t->m->ipc->msg, &q->perm);
    if (id < 0)
        kmem_free(q);
    return id;
}

const struct ipc_ops msg_ops = {.create = create};

struct msg_queue *msg_by_id(const struct ipc_namespace *ns, int id)
{
    return (struct msg_queue *)ipc_by_id(&ns->msg, id);
}

/* -------------------------------------------------------------- waiters */

void msg_wait(struct msg_queue *q, struct msg_waiter *w)
{
    w->q = q;
    w->status = -EAGAIN;
    if (w->sends)
        DL_APPEND(q->senders, w);
    else
        DL_APPEND(q->receivers, w);
}

static void unqueue(struct msg_waiter *w)
{
    if (!w->q)
        return;
    if (w->sends)
        DL_DELETE(w->q->senders, w);
    else
        DL_DELETE(w->q->receivers, w);
    w->q = NULL;
}

void msg_forget(struct msg_waiter *w)
{
    if (!w)
        return;
    unqueue(w);
    kmem_free(w->msg);
    kmem_free(w);
}

static void wake(struct msg_waiter *w, int status)
{
    unqueue(w);
    w->status = status;
    sched_wake(w->task, WAIT_IPC);
}

/* ss_wakeup(): all whose message there is room for now; each of them looks
 * for itself whether there still is. */
static void wake_senders(struct msg_queue *q)
{
    struct msg_waiter *w, *next;

    DL_FOREACH_SAFE(q->senders, w, next) {
        if (msg_fits(q, w->msg->bytes))
            wake(w, -EAGAIN);
    }
}

void msg_changed(struct msg_queue *q)
{
    while (q->receivers)
        wake(q->receivers, -EAGAIN);
    wake_senders(q);
}

void msg_free(struct ipc_namespace *ns, struct ipc_perm *perm)
{
    struct msg_queue *q = (struct msg_queue *)perm;
    struct msg *msg, *next;

    while (q->receivers)
        wake(q->receivers, -EIDRM);
    while (q->senders)
        wake(q->senders, -EIDRM);
    DL_FOREACH_SAFE(q->msgs, msg, next) {
        DL_DELETE(q->msgs, msg);
        ns->msg_hdrs--;
        kmem_free(msg);
    }
    ns->msg_bytes -= q->cbytes;
    ipc_remove(&ns->msg, perm);
    kmem_free(q);
}

/* ------------------------------------------------------------- messages */

bool msg_fits(const struct msg_queue *q, size_t bytes)
{
    return bytes + q->cbytes <= q->qbytes && q->qnum + 1 <= q->qbytes;
}

/* testmsg() */
static bool matches(const struct msg *msg, struct msg_search s)
{
    switch (s.mode) {
    case MSG_LESSEQUAL: return msg->type <= s.type;
    case MSG_EQUAL: return msg->type == s.type;
    case MSG_NOTEQUAL: return msg->type != s.type;
    default: return true;
    }
}

struct msg *msg_find(const struct msg_queue *q, struct msg_search search)
{
    struct msg *msg, *found = NULL;
    int64_t at = 0;

    DL_FOREACH(q->msgs, msg) {
        if (!matches(msg, search))
            continue;
        if (search.mode == MSG_LESSEQUAL) {
            found = msg;
            search.type = msg->type - 1; /* only a lower one is better */
        } else if (search.mode != MSG_NUMBER || at++ == search.type) {
            return msg;
        }
    }
    return found;
}

void msg_take(struct msg_queue *q, struct msg *msg, const struct task *t)
{
    struct ipc_namespace *ns = q->m->ipc;

    DL_DELETE(q->msgs, msg);
    q->qnum--;
    q->cbytes -= msg->bytes;
    q->rtime = ipc_now(q->m);
    q->lrpid = t->process->pid;
    ns->msg_bytes -= msg->bytes;
    ns->msg_hdrs--;
    wake_senders(q);
}

/* pipelined_send(): true when somebody has it. */
static bool hand_over(struct msg_queue *q, struct msg *msg)
{
    struct msg_waiter *w, *next;

    DL_FOREACH_SAFE(q->receivers, w, next) {
        if (!matches(msg, w->search))
            continue;
        if (w->maxsize < msg->bytes) {
            wake(w, -E2BIG);
            continue;
        }
        q->lrpid = w->task->process->pid;
        q->rtime = ipc_now(q->m);
        w->msg = msg;
        wake(w, 0);
        return true;
    }
    return false;
}

void msg_send(struct msg_queue *q, struct msg *msg, const struct task *t)
{
    struct ipc_namespace *ns = q->m->ipc;

    q->lspid = t->process->pid;
    q->stime = ipc_now(q->m);
    if (hand_over(q, msg))
        return;
    DL_APPEND(q->msgs, msg);
    q->cbytes += msg->bytes;
    q->qnum++;
    ns->msg_bytes += msg->bytes;
    ns->msg_hdrs++;
}
