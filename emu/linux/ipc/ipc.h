/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/ipc/ipc.h - what System V shared memory, semaphores and messages
 *                   have in common: identifiers, keys and permissions
 *
 * Owns:    struct ipc_namespace, the one of the machine
 * Used by: emu/linux/ipc/shm.c, sys_shm.c, sem.c, sys_sem.c, sys_msg.c,
 *          proc_ipc.c, emu/machine.c
 * Source:  linux v6.2 ipc/util.c, arch/sparc/include/uapi/asm/ipcbuf.h
 */
#pragma once

#include "emu/linux/sched/task.h"

#define IPC_G_PRIVATE 0
#define IPC_G_CREAT   01000u
#define IPC_G_EXCL    02000u
#define IPC_G_NOWAIT  04000u
#define IPC_G_RMID    0
#define IPC_G_SET     1
#define IPC_G_STAT    2
#define IPC_G_INFO    3

/* Of permissions asked for, as in a mode. */
#define IPC_READ  0444u
#define IPC_WRITE 0222u
#define IPC_EXEC  0111u

/* struct kern_ipc_perm; first in each object */
struct ipc_perm {
    int id;
    uint32_t key, uid, gid, cuid, cgid, mode;
    uint16_t seq;
};

/* struct ipc_ids: all objects of one kind */
struct ipc_ids {
    struct ipc_perm **at; /* owned array; by index, the low part of an id */
    int room;             /* of it */
    int in_use;
    int max_idx; /* -1: none */
    int next_idx, last_idx;
    int seq;
    int next_id; /* *_next_id: the next one gets this, if it can; -1 */
    int mni;     /* how many there may be */
};

struct ipc_namespace {
    struct ipc_ids shm, sem, msg;
    uint64_t shm_ctlmax, shm_ctlall; /* bytes; pages */
    uint64_t shm_tot;                /* pages of all segments */
    int sem_ctl[3];                  /* SEMMSL, SEMMNS, SEMOPM */
    int used_sems;
    int msg_ctlmax, msg_ctlmnb; /* bytes of a message, of a queue */
    uint64_t msg_bytes, msg_hdrs;
};

#define IPC_SEMMSL 0
#define IPC_SEMMNS 1
#define IPC_SEMOPM 2
#define IPC_MNI    32768 /* most objects of a kind, ever */

/* ipc_create - with nothing in it; NULL: no memory */
struct ipc_namespace *ipc_create(void);
void ipc_destroy(struct ipc_namespace *ns);

/* What *get(2) is asked for; more_checks() and create() see it. */
struct ipc_params {
    uint32_t key;
    unsigned flags;
    uint64_t size; /* bytes, or semaphores */
};

struct ipc_ops {
    /* A new object, with ipc_add(): its id or -errno. */
    int (*create)(struct task *t, const struct ipc_params *params);
    /* May the object that has the key be what is asked for?  NULL: yes. */
    int (*more_checks)(const struct ipc_perm *perm,
                       const struct ipc_params *params);
};

/* ipc_get - ipcget(): an id or -errno */
int ipc_get(struct task *t, struct ipc_ids *ids, const struct ipc_ops *ops,
            const struct ipc_params *params);

/* ipc_add - give @perm an id; key and mode are set; -ENOSPC, -ENOMEM */
MUST_CHECK int ipc_add(struct task *t, struct ipc_ids *ids,
                       struct ipc_perm *perm);
void ipc_remove(struct ipc_ids *ids, const struct ipc_perm *perm);

/* ipc_by_id - the object, or NULL: EINVAL; ipc_by_index - of *_STAT */
struct ipc_perm *ipc_by_id(const struct ipc_ids *ids, int id);
struct ipc_perm *ipc_by_index(const struct ipc_ids *ids, int idx);

/* ipc_next - the first with at least this index, or NULL; *@idx is its own */
struct ipc_perm *ipc_next(const struct ipc_ids *ids, int *idx);

/* ipc_may - ipcperms(): @flag, a mode or IPC_READ, ...; 0 or -EACCES */
MUST_CHECK int ipc_may(const struct task *t, const struct ipc_perm *perm,
                       unsigned flag);

/* ipc_may_change - IPC_SET, IPC_RMID: 0 or -EPERM */
MUST_CHECK int ipc_may_change(const struct task *t,
                              const struct ipc_perm *perm);

/* ipc_now - the time in seconds */
uint64_t ipc_now(struct machine *m);

/* struct ipc64_perm; all fields big-endian. */
struct ipc_perm_g {
    uint32_t key, uid, gid, cuid, cgid, mode;
    uint16_t pad1, seq;
    uint64_t unused[2];
};

void ipc_perm_to_guest(const struct ipc_perm *perm, struct ipc_perm_g *out);

/* ipc_update_perm - what IPC_SET may change; 0 or -EINVAL */
MUST_CHECK int ipc_update_perm(const struct ipc_perm_g *in,
                               struct ipc_perm *perm);
