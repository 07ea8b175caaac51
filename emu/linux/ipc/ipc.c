// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/ipc/ipc.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "emu/linux/ipc/msg.h"
#include "emu/linux/ipc/sem.h"
#include "emu/linux/ipc/shm.h"
#include "emu/linux/time/clock.h"

#define IPC_SEQ_SHIFT 15
#define IPC_SEQ_MAX   (INT32_MAX >> IPC_SEQ_SHIFT)
#define MIN_CYCLE     64 /* ids before the first index is used again */
#define MODE_ALL      0777u

struct ipc_namespace *ipc_create(void)
{
    struct ipc_namespace *ns = calloc(1, sizeof(*ns));
    struct ipc_ids *all[3];

    if (!ns)
        return NULL;
    all[0] = &ns->shm;
    all[1] = &ns->sem;
    all[2] = &ns->msg;
    for (unsigned i = 0; i < 3; i++)
        all[i]->max_idx = all[i]->last_idx = all[i]->next_id = -1;
    shm_init_ns(ns);
    sem_init_ns(ns);
    msg_init_ns(ns);
    return ns;
}

void ipc_destroy(struct ipc_namespace *ns)
{
    struct ipc_perm *perm;
    int idx;

    if (!ns)
        return;
    for (idx = 0; (perm = ipc_next(&ns->shm, &idx)) != NULL; idx++)
        shm_free(ns, perm);
    for (idx = 0; (perm = ipc_next(&ns->sem, &idx)) != NULL; idx++)
        sem_free(ns, perm);
    for (idx = 0; (perm = ipc_next(&ns->msg, &idx)) != NULL; idx++)
        msg_free(ns, perm);
    free(ns->shm.at);
    free(ns->sem.at);
    free(ns->msg.at);
    free(ns);
}

uint64_t ipc_now(struct machine *m)
{
    return clock_date_ns(m) / NS_PER_S;
}

/* ---------------------------------------------------------- identifiers */

static int grow(struct ipc_ids *ids, int room)
{
    struct ipc_perm **at;

    if (room <= ids->room)
        return 0;
    room = room < MIN_CYCLE ? MIN_CYCLE : room;
    at = realloc(ids->at, (size_t)room * sizeof(struct ipc_perm *));
    if (!at)
        return -ENOMEM;
    for (int i = ids->room; i < room; i++)
        at[i] = NULL;
    ids->at = at;
    ids->room = room;
    return 0;
}

/* idr_alloc(): the first free index of [@from, @end) */
static int first_free(struct ipc_ids *ids, int from, int end)
{
    for (int idx = from; idx < end; idx++) {
        if (idx < ids->room && ids->at[idx])
            continue;
        return grow(ids, idx + 1) ? -ENOMEM : idx;
    }
    return -ENOSPC;
}

/* ipc_idr_alloc() */
static int find_index(struct ipc_ids *ids, uint16_t *seq)
{
    int end = ids->in_use * 3 / 2, idx;

    if (ids->next_id >= 0) {
        *seq = (uint16_t)(ids->next_id >> IPC_SEQ_SHIFT);
        idx = first_free(ids, ids->next_id % IPC_MNI, IPC_MNI);
        ids->next_id = -1;
        return idx;
    }
    end = end < MIN_CYCLE ? MIN_CYCLE : end;
    end = end > IPC_MNI ? IPC_MNI : end;
    idx = first_free(ids, ids->next_idx, end);
    if (idx == -ENOSPC)
        idx = first_free(ids, 0, end);
    if (idx < 0)
        return idx;
    ids->next_idx = idx + 1;
    if (idx <= ids->last_idx && ++ids->seq >= IPC_SEQ_MAX)
        ids->seq = 0;
    ids->last_idx = idx;
    *seq = (uint16_t)ids->seq;
    return idx;
}

int ipc_add(struct task *t, struct ipc_ids *ids, struct ipc_perm *perm)
{
    int idx;

    if (ids->in_use >= (ids->mni < IPC_MNI ? ids->mni : IPC_MNI))
        return -ENOSPC;
    idx = find_index(ids, &perm->seq);
    if (idx < 0)
        return idx;
    perm->id = perm->seq << IPC_SEQ_SHIFT | idx;
    perm->cuid = perm->uid = t->cred.uid.effective;
    perm->cgid = perm->gid = t->cred.gid.effective;
    ids->at[idx] = perm;
    ids->in_use++;
    if (idx > ids->max_idx)
        ids->max_idx = idx;
    return perm->id;
}

void ipc_remove(struct ipc_ids *ids, const struct ipc_perm *perm)
{
    ids->at[perm->id % IPC_MNI] = NULL;
    ids->in_use--;
    while (ids->max_idx >= 0 && !ids->at[ids->max_idx])
        ids->max_idx--;
}

struct ipc_perm *ipc_by_index(const struct ipc_ids *ids, int idx)
{
    idx = (unsigned)idx % IPC_MNI;
    return idx < ids->room ? ids->at[idx] : NULL;
}

struct ipc_perm *ipc_by_id(const struct ipc_ids *ids, int id)
{
    struct ipc_perm *perm = id < 0 ? NULL : ipc_by_index(ids, id);

    return perm && perm->id == id ? perm : NULL;
}

struct ipc_perm *ipc_next(const struct ipc_ids *ids, int *idx)
{
    for (; *idx <= ids->max_idx; ++*idx)
        if (ids->at[*idx])
            return ids->at[*idx];
    return NULL;
}

/* --------------------------------------------------------------- *get(2) */

static const struct ipc_perm *by_key(const struct ipc_ids *ids, uint32_t key)
{
    const struct ipc_perm *perm;
    int idx = 0;

    for (; (perm = ipc_next(ids, &idx)) != NULL; idx++)
        if (perm->key == key)
            return perm;
    return NULL;
}

int ipc_get(struct task *t, struct ipc_ids *ids, const struct ipc_ops *ops,
            const struct ipc_params *params)
{
    const struct ipc_perm *perm;
    int err = 0;

    if (params->key == IPC_G_PRIVATE)
        return ops->create(t, params);
    perm = by_key(ids, params->key);
    if (!perm)
        return params->flags & IPC_G_CREAT ? ops->create(t, params) : -ENOENT;
    if (params->flags & IPC_G_CREAT && params->flags & IPC_G_EXCL)
        return -EEXIST;
    if (ops->more_checks)
        err = ops->more_checks(perm, params);
    if (!err)
        err = ipc_may(t, perm, params->flags);
    return err ? err : perm->id;
}

/* ---------------------------------------------------------- permissions */

int ipc_may(const struct task *t, const struct ipc_perm *perm, unsigned flag)
{
    unsigned wanted = flag >> 6 | flag >> 3 | flag, granted = perm->mode;
    uint32_t euid = t->cred.uid.effective;

    if (euid == perm->cuid || euid == perm->uid)
        granted >>= 6;
    else if (cred_in_group(t, perm->cgid) || cred_in_group(t, perm->gid))
        granted >>= 3;
    return wanted & ~granted & 7 && !cred_capable(t, CAP_G_IPC_OWNER) ? -EACCES
                                                                      : 0;
}

int ipc_may_change(const struct task *t, const struct ipc_perm *perm)
{
    uint32_t euid = t->cred.uid.effective;

    return euid == perm->cuid || euid == perm->uid ||
                   cred_capable(t, CAP_G_SYS_ADMIN)
               ? 0
               : -EPERM;
}

void ipc_perm_to_guest(const struct ipc_perm *perm, struct ipc_perm_g *out)
{
    *out = (struct ipc_perm_g){.key = htobe32(perm->key),
                               .uid = htobe32(perm->uid),
                               .gid = htobe32(perm->gid),
                               .cuid = htobe32(perm->cuid),
                               .cgid = htobe32(perm->cgid),
                               .mode = htobe32(perm->mode),
                               .seq = htobe16(perm->seq)};
}

int ipc_update_perm(const struct ipc_perm_g *in, struct ipc_perm *perm)
{
    uint32_t uid = be32toh(in->uid), gid = be32toh(in->gid);

    if (uid == ID_NONE || gid == ID_NONE)
        return -EINVAL;
    perm->uid = uid;
    perm->gid = gid;
    perm->mode = (perm->mode & ~MODE_ALL) | (be32toh(in->mode) & MODE_ALL);
    return 0;
}
