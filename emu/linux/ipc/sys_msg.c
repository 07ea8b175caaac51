// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * msgget(2), msgsnd(2), msgrcv(2), msgctl(2).
 *
 * Source: linux v6.2 ipc/msg.c, arch/sparc/include/uapi/asm/msgbuf.h
 */
#include <endian.h>
#include <errno.h>

#include "emu/linux/ipc/msg.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define MSG_G_NOERROR  010000u
#define MSG_G_EXCEPT   020000u
#define MSG_G_COPY     040000u
#define MSG_G_STAT     11
#define MSG_G_INFO     12
#define MSG_G_STAT_ANY 13

#define MSGSSZ  16
#define MSGPOOL (MSGMNI * MSGMNB / 1024) /* KiB */
#define MSGSEG  0xffff

/* struct msqid64_ds; all fields of both are big-endian. */
struct msqid_ds_g {
    struct ipc_perm_g perm;
    uint64_t stime, rtime, ctime, cbytes, qnum, qbytes;
    uint32_t lspid, lrpid;
    uint64_t unused[2];
};

struct msginfo_g {
    uint32_t msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql;
    uint16_t msgseg, pad;
};

_Static_assert(sizeof(struct msqid_ds_g) == 120, "struct msqid64_ds");
_Static_assert(sizeof(struct msginfo_g) == 32, "struct msginfo");

int64_t sys_msgget(struct task *t, const uint64_t a[6])
{
    const struct ipc_params params = {.key = (uint32_t)a[0],
                                      .flags = (unsigned)a[1]};

    return ipc_get(t, &t->m->ipc->msg, &msg_ops, &params);
}

static int64_t wait_again(struct task *t)
{
    static const struct wait_results results = {.on_signal = -ERESTARTNOHAND_G};

    return sched_wait(t, WAIT_IPC, FOREVER, results);
}

/* Queue a waiter for the first time, or once more. */
static int64_t wait_on(struct task *t, struct msg_queue *q,
                       const struct msg_waiter *what)
{
    struct msg_waiter *w = t->wait.msg;

    if (!w) {
        w = kmem_zalloc(&t->m->kmem, sizeof(*w));
        if (!w) {
            kmem_free(what->msg);
            return -ENOMEM;
        }
        *w = *what;
        t->wait.msg = w;
    }
    msg_wait(q, w);
    return wait_again(t);
}

/* ----------------------------------------------------------- msgsnd(2) */

/* load_msg(): the text follows the type in memory */
static int import_msg(struct task *t, int id, uint64_t va, uint64_t bytes,
                      struct msg **out)
{
    struct msg *msg;
    uint64_t type;

    if (get_user64(t, va, &type))
        return -EFAULT;
    if (bytes > (uint64_t)t->m->ipc->msg_ctlmax || (int64_t)bytes < 0 ||
        id < 0 || (int64_t)type < 1)
        return -EINVAL;
    msg = kmem_zalloc(&t->m->kmem, sizeof(*msg) + bytes);
    if (!msg)
        return -ENOMEM;
    *msg = (struct msg){.type = (int64_t)type, .bytes = bytes};
    if (copy_from_user(t, msg->text, va + 8, bytes)) {
        kmem_free(msg);
        return -EFAULT;
    }
    *out = msg;
    return 0;
}

/* What becomes of @msg, which the caller owns no longer. */
static int64_t try_send(struct task *t, int id, struct msg *msg, unsigned flags)
{
    struct msg_queue *q = msg_by_id(t->m->ipc, id);
    int err = q ? ipc_may(t, &q->perm, IPC_WRITE) : -EINVAL;

    if (!err && !msg_fits(q, msg->bytes)) {
        if (!(flags & IPC_G_NOWAIT))
            return wait_on(
                t, q,
                &(struct msg_waiter){.task = t, .sends = true, .msg = msg});
        err = -EAGAIN;
    }
    if (err)
        kmem_free(msg);
    else
        msg_send(q, msg, t);
    return err;
}

int64_t sys_msgsnd(struct task *t, const uint64_t a[6])
{
    struct msg_waiter *w = t->wait.msg;
    struct msg *msg;
    int err;

    if (t->wait.again) {
        INVARIANT(w && w->sends);
        if (w->q)
            return wait_again(t); /* a signal, or nothing */
        if (w->status != -EAGAIN)
            return w->status;
        msg = w->msg;
        w->msg = NULL;
        msg_forget(w);
        t->wait.msg = NULL;
        return try_send(t, arg_int(a[0]), msg, (unsigned)a[3]);
    }
    err = import_msg(t, arg_int(a[0]), a[1], a[2], &msg);
    return err ? err : try_send(t, arg_int(a[0]), msg, (unsigned)a[3]);
}

/* ----------------------------------------------------------- msgrcv(2) */

/* do_msg_fill() */
static int64_t put_msg(struct task *t, uint64_t va, uint64_t bufsz,
                       const struct msg *msg)
{
    uint64_t bytes = bufsz > msg->bytes ? msg->bytes : bufsz;

    if (put_user64(t, va, (uint64_t)msg->type) ||
        copy_to_user(t, va + 8, msg->text, bytes))
        return -EFAULT;
    return (int64_t)bytes;
}

/* convert_mode() */
static struct msg_search search_for(int64_t type, unsigned flags)
{
    struct msg_search s = {MSG_EQUAL, type};

    if (flags & MSG_G_COPY)
        s.mode = MSG_NUMBER;
    else if (type == 0)
        s.mode = MSG_ANY;
    else if (type < 0)
        s = (struct msg_search){MSG_LESSEQUAL,
                                type == INT64_MIN ? INT64_MAX : -type};
    else if (flags & MSG_G_EXCEPT)
        s.mode = MSG_NOTEQUAL;
    return s;
}

static int64_t try_receive(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[4];
    struct msg_search search = search_for((int64_t)a[3], flags);
    struct msg_queue *q = msg_by_id(t->m->ipc, arg_int(a[0]));
    int err = q ? ipc_may(t, &q->perm, IPC_READ) : -EINVAL;
    struct msg *msg;
    int64_t value;

    if (err)
        return err;
    msg = msg_find(q, search);
    if (!msg) {
        struct msg_waiter w = {.task = t,
                               .search = search,
                               .maxsize =
                                   flags & MSG_G_NOERROR ? INT32_MAX : a[2]};

        return flags & IPC_G_NOWAIT ? -ENOMSG : wait_on(t, q, &w);
    }
    if (a[2] < msg->bytes && !(flags & MSG_G_NOERROR))
        return -E2BIG;
    if (flags & MSG_G_COPY)
        return put_msg(t, a[1], a[2], msg);
    msg_take(q, msg, t);
    value = put_msg(t, a[1], a[2], msg);
    kmem_free(msg);
    return value;
}

int64_t sys_msgrcv(struct task *t, const uint64_t a[6])
{
    const struct msg_waiter *w = t->wait.msg;
    unsigned flags = (unsigned)a[4];

    if (t->wait.again) {
        INVARIANT(w && !w->sends);
        if (w->q)
            return wait_again(t);
        if (w->status == 0)
            return put_msg(t, a[1], a[2], w->msg);
        return w->status == -EAGAIN ? try_receive(t, a) : w->status;
    }
    if (arg_int(a[0]) < 0 || (int64_t)a[2] < 0)
        return -EINVAL;
    if (flags & MSG_G_COPY && (flags & MSG_G_EXCEPT || !(flags & IPC_G_NOWAIT)))
        return -EINVAL;
    return try_receive(t, a);
}

/* ----------------------------------------------------------- msgctl(2) */

static int64_t msg_info(struct task *t, int cmd, uint64_t va)
{
    const struct ipc_namespace *ns = t->m->ipc;
    bool used = cmd == MSG_G_INFO;
    const struct msginfo_g info = {
        .msgpool = htobe32(used ? (uint32_t)ns->msg.in_use : MSGPOOL),
        .msgmap = htobe32(used ? (uint32_t)ns->msg_hdrs : MSGMNB),
        .msgmax = htobe32((uint32_t)ns->msg_ctlmax),
        .msgmnb = htobe32((uint32_t)ns->msg_ctlmnb),
        .msgmni = htobe32((uint32_t)ns->msg.mni),
        .msgssz = htobe32(MSGSSZ),
        .msgtql = htobe32(used ? (uint32_t)ns->msg_bytes : MSGMNB),
        .msgseg = htobe16(MSGSEG)};

    if (copy_to_user(t, va, &info, sizeof(info)))
        return -EFAULT;
    return ns->msg.max_idx < 0 ? 0 : ns->msg.max_idx;
}

static int64_t msg_stat(struct task *t, int id, int cmd, uint64_t va)
{
    const struct ipc_ids *ids = &t->m->ipc->msg;
    const struct msg_queue *q =
        (const struct msg_queue *)(cmd == IPC_G_STAT ? ipc_by_id(ids, id)
                                                     : ipc_by_index(ids, id));
    int err = !q                      ? -EINVAL
              : cmd == MSG_G_STAT_ANY ? 0
                                      : ipc_may(t, &q->perm, IPC_READ);
    struct msqid_ds_g ds = {0};

    if (err)
        return err;
    ipc_perm_to_guest(&q->perm, &ds.perm);
    ds.stime = htobe64(q->stime);
    ds.rtime = htobe64(q->rtime);
    ds.ctime = htobe64(q->ctime);
    ds.cbytes = htobe64(q->cbytes);
    ds.qnum = htobe64(q->qnum);
    ds.qbytes = htobe64(q->qbytes);
    ds.lspid = htobe32(q->lspid);
    ds.lrpid = htobe32(q->lrpid);
    if (copy_to_user(t, va, &ds, sizeof(ds)))
        return -EFAULT;
    return cmd == IPC_G_STAT ? 0 : q->perm.id;
}

/* msgctl_down() */
static int64_t msg_down(struct task *t, int id, int cmd, uint64_t va)
{
    struct msg_queue *q = msg_by_id(t->m->ipc, id);
    struct msqid_ds_g ds;
    uint64_t qbytes;
    int err;

    if (cmd == IPC_G_SET && copy_from_user(t, &ds, va, sizeof(ds)))
        return -EFAULT;
    err = q ? ipc_may_change(t, &q->perm) : -EINVAL;
    if (err)
        return err;
    if (cmd == IPC_G_RMID) {
        msg_free(t->m->ipc, &q->perm);
        return 0;
    }
    qbytes = (uint32_t)be64toh(ds.qbytes);
    if ((int)qbytes > t->m->ipc->msg_ctlmnb &&
        !cred_capable(t, CAP_G_SYS_RESOURCE))
        return -EPERM;
    err = ipc_update_perm(&ds.perm, &q->perm);
    if (err)
        return err;
    q->qbytes = qbytes;
    q->ctime = ipc_now(t->m);
    msg_changed(q);
    return 0;
}

int64_t sys_msgctl(struct task *t, const uint64_t a[6])
{
    int id = arg_int(a[0]), cmd = arg_int(a[1]);

    if (id < 0 || cmd < 0)
        return -EINVAL;
    switch (cmd) {
    case IPC_G_INFO:
    case MSG_G_INFO: return msg_info(t, cmd, a[2]);
    case IPC_G_STAT:
    case MSG_G_STAT:
    case MSG_G_STAT_ANY: return msg_stat(t, id, cmd, a[2]);
    case IPC_G_SET:
    case IPC_G_RMID: return msg_down(t, id, cmd, a[2]);
    default: return -EINVAL;
    }
}
