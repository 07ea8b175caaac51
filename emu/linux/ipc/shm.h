/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/ipc/shm.h - System V shared memory: the life of a segment
 *
 * Owns:    struct shm_segment
 * Used by: emu/linux/ipc/sys_shm.c, ipc.c, proc_ipc.c, proc_maps.c
 * Source:  linux v6.2 ipc/shm.c
 * Differs: no huge pages (SHM_HUGETLB is EINVAL, with a warning)
 */
#pragma once

#include "emu/linux/ipc/ipc.h"

struct mapping;

#define SHM_G_DEST   01000u /* of a mode */
#define SHM_G_LOCKED 02000u

struct shm_segment {
    struct ipc_perm perm; /* first */
    struct machine *m;    /* borrowed */
    uint32_t name;        /* the key that it was made with */
    uint64_t bytes;
    struct mapping *mapping; /* counted */
    uint32_t cpid, lpid;
    uint32_t locker;              /* uid, of SHM_G_LOCKED */
    uint64_t atime, dtime, ctime; /* seconds */
};

void shm_init_ns(struct ipc_namespace *ns);
void shm_free(struct ipc_namespace *ns, struct ipc_perm *perm);

/* newseg(), shm_more_checks() */
extern const struct ipc_ops shm_ops;

/* NULL: there is no such segment */
struct shm_segment *shm_by_id(const struct ipc_namespace *ns, int id);
struct shm_segment *shm_by_mapping(const struct ipc_namespace *ns,
                                   const struct mapping *mapping);

/* shm_attachments - areas that map the segment */
unsigned shm_attachments(const struct shm_segment *seg);

/* shm_remove - IPC_RMID; freed when nobody is attached any more */
void shm_remove(struct shm_segment *seg);

/* shm_add_rss_swap - its pages in memory, and in swap */
void shm_add_rss_swap(const struct shm_segment *seg, uint64_t *rss,
                      uint64_t *swp);
