/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/mempolicy.h - on which node a page is allocated
 *
 * Owns:    the rules of memory policies; the policies of shared objects
 * Used by: mm/ and swap/ allocate by it; migrate/ and emu/linux/ change it;
 *          script/script.h
 * Source:  linux v6.2 mm/mempolicy.c, include/uapi/linux/mempolicy.h
 * Differs: the only CPU is on node 0, so that is what is local; no cpusets:
 *          every node is allowed
 *
 * A policy is a value: MPOL_DEFAULT stands for the NULL of the kernel.
 */
#pragma once

#include "mm/types.h"

struct memory;
struct mm;
struct mapping;
struct vma;
struct folio;

#define MAX_NUMNODES 32 /* CONFIG_NODES_SHIFT 5; bits of a nodemask_t */

enum mpol_mode {
    MPOL_DEFAULT,
    MPOL_PREFERRED,
    MPOL_BIND,
    MPOL_INTERLEAVE,
    MPOL_LOCAL,
    MPOL_PREFERRED_MANY,
    MPOL_MAX
};

#define MPOL_F_STATIC_NODES   0x8000u
#define MPOL_F_RELATIVE_NODES 0x4000u
#define MPOL_F_NUMA_BALANCING 0x2000u
#define MPOL_MODE_FLAGS                                                        \
    (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES | MPOL_F_NUMA_BALANCING)

struct mempolicy {
    enum mpol_mode mode;
    unsigned flags;        /* MPOL_MODE_FLAGS */
    nodemask_t nodes;      /* where pages may or should go */
    nodemask_t user_nodes; /* as given, with static or relative nodes */
    unsigned home;         /* set_mempolicy_home_node(): node + 1, or 0 */
};

/* What a process has of it. */
struct mpol_task {
    struct mempolicy policy;
    unsigned il_prev; /* interleave: the node used last */
};

/*
 * mpol_new - mpol_new(), mpol_set_nodemask(): check and build a policy
 *
 * @memory: the nodes that have memory
 * Returns 0 or -EINVAL, @out then unchanged.
 */
MUST_CHECK int mpol_new(enum mpol_mode mode, unsigned flags, nodemask_t nodes,
                        nodemask_t memory, struct mempolicy *out);

bool mpol_equal(const struct mempolicy *a, const struct mempolicy *b);

/* mpol_user_nodes - the nodes that get_mempolicy(2) tells */
nodemask_t mpol_user_nodes(const struct mempolicy *pol);

/* mpol_task_set - do_set_mempolicy(), once the policy is made */
void mpol_task_set(struct mpol_task *task, const struct mempolicy *pol);

/* The node that the next page of an interleaved process gets. */
unsigned mpol_task_next(const struct mpol_task *task);

/* ------------------------------------------------- areas and objects */

/* Policies of parts of a shared object; [start, end) in pages, sorted. */
struct shared_policy {
    struct sp_node {
        uint64_t start, end;
        struct mempolicy policy;
    } * node; /* owned */
    size_t nr, cap;
};

/* mpol_set_shared - 0, or -ENOMEM (host) with nothing changed */
MUST_CHECK int mpol_set_shared(struct shared_policy *sp, uint64_t start,
                               uint64_t end, const struct mempolicy *pol);
void mpol_free_shared(struct shared_policy *sp);

/*
 * vma_policy_at - __get_vma_policy(): the policy of a page
 *
 * Of shared memory the object has it, of all else the area.  MPOL_DEFAULT:
 * that of the process counts.
 */
struct mempolicy vma_policy_at(const struct vma *vma, gva_t addr);

/* vma_replace_policy - of the whole area; 0 or -ENOMEM (host) */
MUST_CHECK int vma_replace_policy(struct vma *vma, const struct mempolicy *pol);

/*
 * mm_set_policy - mbind_range(): of each area in [start, end)
 *
 * Page aligned.  Returns 0, -EFAULT: no area at all, or -ENOMEM with some of
 * them changed: too many areas, or the host has no memory.
 */
MUST_CHECK int mm_set_policy(struct mm *mm, gva_t start, gva_t end,
                             const struct mempolicy *pol);

/*
 * mm_set_home_node - set_mempolicy_home_node(2), once @node is known to be
 * one
 *
 * Returns 0, -ENOENT: no area has a policy, -EOPNOTSUPP: one has neither
 * BIND nor PREFERRED_MANY (those before it are changed), -EINVAL, -ENOMEM.
 */
MUST_CHECK int mm_set_home_node(struct mm *mm, gva_t start, uint64_t len,
                                unsigned node);

/* --------------------------------------------------------- allocation */

/* For whom a page is: an area, or a shared object, or neither. */
struct alloc_for {
    const struct vma *vma;
    gva_t addr;
    const struct mapping *mapping; /* shared memory, when @vma is NULL */
    uint64_t index;
};

/*
 * mpol_alloc_folio - vma_alloc_folio(), shmem_alloc_folio(), folio_alloc()
 *
 * As memory_alloc_folio(), from the nodes that the policy names.
 */
struct folio *mpol_alloc_folio(struct memory *mem, const struct alloc_for *who);

/* For a page of @vma; bytes and tags 0 when zeroed. */
struct folio *vma_alloc_folio(const struct vma *vma, gva_t addr);
struct folio *vma_alloc_zeroed_folio(const struct vma *vma, gva_t addr);
