// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * semget(2), semop(2), semtimedop(2), semctl(2).
 *
 * Source: linux v6.2 ipc/sem.c, arch/sparc/include/uapi/asm/sembuf.h
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "emu/linux/ipc/sem.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"

#define SEM_G_GETPID   11
#define SEM_G_GETVAL   12
#define SEM_G_GETALL   13
#define SEM_G_GETNCNT  14
#define SEM_G_GETZCNT  15
#define SEM_G_SETVAL   16
#define SEM_G_SETALL   17
#define SEM_G_STAT     18
#define SEM_G_INFO     19
#define SEM_G_STAT_ANY 20

#define SEMUSZ 20 /* what Linux once took for an undo, in bytes */

/* struct semid64_ds; all fields of all of these are big-endian. */
struct semid_ds_g {
    struct ipc_perm_g perm;
    uint64_t otime, ctime, nsems, unused[2];
};

struct seminfo_g {
    uint32_t semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz,
        semvmx, semaem;
};

struct sembuf_g {
    uint16_t num, op, flags;
};

_Static_assert(sizeof(struct semid_ds_g) == 88, "struct semid64_ds");
_Static_assert(sizeof(struct seminfo_g) == 40, "struct seminfo");
_Static_assert(sizeof(struct sembuf_g) == 6, "struct sembuf");

int64_t sys_semget(struct task *t, const uint64_t a[6])
{
    const struct ipc_params params = {
        .key = (uint32_t)a[0], .size = (uint32_t)a[1], .flags = (unsigned)a[2]};
    int nsems = arg_int(a[1]);

    if (nsems < 0 || nsems > t->m->ipc->sem_ctl[IPC_SEMMSL])
        return -EINVAL;
    return ipc_get(t, &t->m->ipc->sem, &sem_ops, &params);
}

/* ------------------------------------------------------------ semop(2) */

/* A copy of the operations at @va; -EFAULT, -ENOMEM. */
static int import_sops(struct task *t, uint64_t va, unsigned nsops,
                       struct sem_queue **out)
{
    struct sem_queue *q =
        kmem_zalloc(&t->m->kmem, sizeof(*q) + nsops * sizeof(q->sops[0]));

    if (!q)
        return -ENOMEM;
    *q = (struct sem_queue){.task = t, .pid = t->process->pid, .nsops = nsops};
    for (unsigned i = 0; i < nsops; i++) {
        struct sembuf_g raw;

        if (copy_from_user(t, &raw, va + i * sizeof(raw), sizeof(raw))) {
            kmem_free(q);
            return -EFAULT;
        }
        q->sops[i] = (struct sembuf){be16toh(raw.num), (int16_t)be16toh(raw.op),
                                     (int16_t)be16toh(raw.flags)};
        q->alters |= q->sops[i].op != 0;
    }
    *out = q;
    return 0;
}

/* Is the array there, large enough, and ours to use? */
static int check_sops(struct task *t, struct sem_array *sma,
                      struct sem_queue *q)
{
    bool undo = false;

    for (unsigned i = 0; i < q->nsops; i++)
        undo |= q->sops[i].flags & SEM_G_UNDO;
    if (!sma)
        return -EINVAL;
    if (undo) {
        q->undo = sem_find_undo(sma, t);
        if (!q->undo)
            return -ENOMEM;
    }
    for (unsigned i = 0; i < q->nsops; i++)
        if (q->sops[i].num >= sma->nsems)
            return -EFBIG;
    return ipc_may(t, &sma->perm, q->alters ? IPC_WRITE : IPC_READ);
}

/* @timeout: a timespec of the user's, or 0 */
static int get_timeout(struct task *t, uint64_t timeout, uint64_t *ns)
{
    uint64_t sec, nsec;

    *ns = FOREVER;
    if (timeout == 0)
        return 0;
    if (get_user64(t, timeout, &sec) || get_user64(t, timeout + 8, &nsec))
        return -EFAULT;
    if ((int64_t)sec < 0 || nsec >= NS_PER_S)
        return -EINVAL;
    if (sec < FOREVER / NS_PER_S / 4)
        *ns = sec * NS_PER_S + nsec;
    return 0;
}

static int64_t wait_again(struct task *t, uint64_t ns)
{
    static const struct wait_results results = {.on_signal = -EINTR,
                                                .on_timeout = -EAGAIN};

    return sched_wait(t, WAIT_IPC, ns, results);
}

/* It is in t->wait from here on when it must wait. */
static int64_t start_sops(struct task *t, int id, struct sem_queue *q,
                          uint64_t ns)
{
    struct sem_array *sma = sem_by_id(t->m->ipc, id);
    int err = check_sops(t, sma, q);

    if (!err)
        err = sem_try(sma, q);
    if (err == 1) {
        sem_wait(sma, q);
        t->wait.sem = q;
        return wait_again(t, ns);
    }
    if (!err && q->alters)
        sem_update(sma);
    kmem_free(q);
    return err;
}

static int64_t do_semtimedop(struct task *t, int id, uint64_t va,
                             unsigned nsops, uint64_t timeout)
{
    struct sem_queue *q;
    int err, bad_time;
    uint64_t ns;

    if (t->wait.again) {
        INVARIANT(t->wait.sem);
        err = t->wait.sem->status;
        return err == -EINTR ? wait_again(t, FOREVER) : err;
    }
    /* The bytes of the time, the operations, then what the time says. */
    bad_time = get_timeout(t, timeout, &ns);
    if (bad_time == -EFAULT)
        return bad_time;
    if (nsops > (unsigned)t->m->ipc->sem_ctl[IPC_SEMOPM])
        return -E2BIG;
    if (nsops < 1)
        return -EINVAL;
    err = import_sops(t, va, nsops, &q);
    if (err)
        return err;
    if (id < 0 || bad_time) {
        kmem_free(q);
        return -EINVAL;
    }
    return start_sops(t, id, q, ns);
}

int64_t sys_semtimedop(struct task *t, const uint64_t a[6])
{
    return do_semtimedop(t, arg_int(a[0]), a[1], (unsigned)a[2], a[3]);
}

/* ----------------------------------------------------------- semctl(2) */

static int64_t sem_info(struct task *t, int cmd, uint64_t va)
{
    const struct ipc_namespace *ns = t->m->ipc;
    bool used = cmd == SEM_G_INFO;
    const struct seminfo_g info = {
        .semmap = htobe32(SEMMNS),
        .semmni = htobe32((uint32_t)ns->sem.mni),
        .semmns = htobe32((uint32_t)ns->sem_ctl[IPC_SEMMNS]),
        .semmnu = htobe32(SEMMNS),
        .semmsl = htobe32((uint32_t)ns->sem_ctl[IPC_SEMMSL]),
        .semopm = htobe32((uint32_t)ns->sem_ctl[IPC_SEMOPM]),
        .semume = htobe32(SEMOPM),
        .semusz = htobe32(used ? (uint32_t)ns->sem.in_use : SEMUSZ),
        .semvmx = htobe32(SEMVMX),
        .semaem = htobe32(used ? (uint32_t)ns->used_sems : SEMVMX)};

    if (copy_to_user(t, va, &info, sizeof(info)))
        return -EFAULT;
    return ns->sem.max_idx < 0 ? 0 : ns->sem.max_idx;
}

static int64_t sem_stat(struct task *t, int id, int cmd, uint64_t va)
{
    const struct ipc_ids *ids = &t->m->ipc->sem;
    const struct sem_array *sma =
        (const struct sem_array *)(cmd == IPC_G_STAT ? ipc_by_id(ids, id)
                                                     : ipc_by_index(ids, id));
    int err = !sma                    ? -EINVAL
              : cmd == SEM_G_STAT_ANY ? 0
                                      : ipc_may(t, &sma->perm, IPC_READ);
    struct semid_ds_g ds = {0};

    if (err)
        return err;
    ipc_perm_to_guest(&sma->perm, &ds.perm);
    ds.otime = htobe64(sma->otime);
    ds.ctime = htobe64(sma->ctime);
    ds.nsems = htobe64((uint64_t)sma->nsems);
    if (copy_to_user(t, va, &ds, sizeof(ds)))
        return -EFAULT;
    return cmd == IPC_G_STAT ? 0 : sma->perm.id;
}

/* What was to be undone of them counts no more. */
static void forget_undo(struct sem_array *sma, int first, int end)
{
    struct sem_undo *un;

    DL_FOREACH(sma->undo, un) {
        for (int i = first; i < end; i++)
            un->adj[i] = 0;
    }
}

static int64_t set_val(struct task *t, struct sem_array *sma, int num, int val)
{
    int err;

    if (val > SEMVMX || val < 0)
        return -ERANGE;
    if (!sma || num < 0 || num >= sma->nsems)
        return -EINVAL;
    err = ipc_may(t, &sma->perm, IPC_WRITE);
    if (err)
        return err;
    forget_undo(sma, num, num + 1);
    sma->sems[num] = (struct sem){val, t->process->pid};
    sma->ctime = ipc_now(t->m);
    sem_update(sma);
    return 0;
}

static int64_t get_all(struct task *t, const struct sem_array *sma, uint64_t va)
{
    for (int i = 0; i < sma->nsems; i++) {
        uint16_t val = htobe16((uint16_t)sma->sems[i].val);

        if (copy_to_user(t, va + 2 * (uint64_t)i, &val, sizeof(val)))
            return -EFAULT;
    }
    return 0;
}

static int64_t set_all(struct task *t, struct sem_array *sma, uint64_t va)
{
    uint16_t *vals = calloc((size_t)sma->nsems, sizeof(*vals));
    int err = 0;

    if (!vals)
        return -ENOMEM;
    if (copy_from_user(t, vals, va, (size_t)sma->nsems * sizeof(*vals)))
        err = -EFAULT;
    for (int i = 0; i < sma->nsems && !err; i++)
        if (be16toh(vals[i]) > SEMVMX)
            err = -ERANGE;
    for (int i = 0; i < sma->nsems && !err; i++)
        sma->sems[i] = (struct sem){be16toh(vals[i]), t->process->pid};
    free(vals);
    if (err)
        return err;
    forget_undo(sma, 0, sma->nsems);
    sma->ctime = ipc_now(t->m);
    sem_update(sma);
    return 0;
}

/* semctl_main() */
static int64_t sem_main(struct task *t, struct sem_array *sma, int num, int cmd,
                        uint64_t va)
{
    int err = !sma ? -EINVAL
                   : ipc_may(t, &sma->perm,
                             cmd == SEM_G_SETALL ? IPC_WRITE : IPC_READ);

    if (err)
        return err;
    if (cmd == SEM_G_GETALL)
        return get_all(t, sma, va);
    if (cmd == SEM_G_SETALL)
        return set_all(t, sma, va);
    if (num < 0 || num >= sma->nsems)
        return -EINVAL;
    switch (cmd) {
    case SEM_G_GETVAL: return sma->sems[num].val;
    case SEM_G_GETPID: return sma->sems[num].pid;
    default: return sem_count(sma, num, cmd == SEM_G_GETZCNT);
    }
}

/* semctl_down() */
static int64_t sem_down(struct task *t, struct sem_array *sma, int cmd,
                        uint64_t va)
{
    struct semid_ds_g ds;
    int err;

    if (cmd == IPC_G_SET && copy_from_user(t, &ds, va, sizeof(ds)))
        return -EFAULT;
    err = sma ? ipc_may_change(t, &sma->perm) : -EINVAL;
    if (err)
        return err;
    if (cmd == IPC_G_RMID) {
        sem_remove(sma);
        return 0;
    }
    err = ipc_update_perm(&ds.perm, &sma->perm);
    if (!err)
        sma->ctime = ipc_now(t->m);
    return err;
}

/* The value of SETVAL is an int in a union of 8 bytes: the upper half. */
int64_t sys_semctl(struct task *t, const uint64_t a[6])
{
    int id = arg_int(a[0]), num = arg_int(a[1]), cmd = arg_int(a[2]);
    struct sem_array *sma = sem_by_id(t->m->ipc, id);

    if (id < 0)
        return -EINVAL;
    switch (cmd) {
    case IPC_G_INFO:
    case SEM_G_INFO: return sem_info(t, cmd, a[3]);
    case IPC_G_STAT:
    case SEM_G_STAT:
    case SEM_G_STAT_ANY: return sem_stat(t, id, cmd, a[3]);
    case SEM_G_GETALL:
    case SEM_G_GETVAL:
    case SEM_G_GETPID:
    case SEM_G_GETNCNT:
    case SEM_G_GETZCNT:
    case SEM_G_SETALL: return sem_main(t, sma, num, cmd, a[3]);
    case SEM_G_SETVAL: return set_val(t, sma, num, arg_int(a[3] >> 32));
    case IPC_G_SET:
    case IPC_G_RMID: return sem_down(t, sma, cmd, a[3]);
    default: return -EINVAL;
    }
}
