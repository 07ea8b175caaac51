// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/mempolicy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/internal.h"
#include "mm/mapping.h"

/* ---------------------------------------------------------- node masks */

static bool node_isset(nodemask_t nodes, unsigned node)
{
    return (nodes >> node & 1) != 0;
}

static unsigned weight(nodemask_t nodes)
{
    return (unsigned)__builtin_popcount(nodes);
}

static unsigned first_node(nodemask_t nodes)
{
    return (unsigned)__builtin_ctz(nodes);
}

/* The @nth node of the mask, from 0. */
static unsigned nth_node(nodemask_t nodes, uint64_t nth)
{
    while (nth-- > 0)
        nodes &= nodes - 1;
    return first_node(nodes);
}

static unsigned next_node_in(nodemask_t nodes, unsigned after)
{
    for (unsigned n = after + 1; n < MAX_NUMNODES; n++)
        if (node_isset(nodes, n))
            return n;
    return first_node(nodes);
}

/* mpol_relative_nodemask(): the nth of those that have memory. */
static nodemask_t relative_nodes(nodemask_t nodes, nodemask_t memory)
{
    nodemask_t out = 0;

    for (unsigned n = 0; n < MAX_NUMNODES; n++)
        if (node_isset(nodes, n))
            out |= UINT32_C(1) << nth_node(memory, n % weight(memory));
    return out;
}

/* ------------------------------------------------------------ policies */

int mpol_new(enum mpol_mode mode, unsigned flags, nodemask_t nodes,
             nodemask_t memory, struct mempolicy *out)
{
    const unsigned user = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;
    struct mempolicy pol = {
        .mode = mode, .flags = flags & MPOL_MODE_FLAGS, .user_nodes = nodes};

    if (mode == MPOL_DEFAULT) {
        if (nodes)
            return -EINVAL;
        *out = (struct mempolicy){.mode = MPOL_DEFAULT};
        return 0;
    }
    if (mode == MPOL_LOCAL || (mode == MPOL_PREFERRED && !nodes)) {
        if (nodes || flags & user)
            return -EINVAL;
        pol.mode = MPOL_LOCAL;
        *out = pol;
        return 0;
    }
    if (flags & MPOL_F_RELATIVE_NODES)
        pol.nodes = relative_nodes(nodes, memory);
    else
        pol.nodes = nodes & memory;
    if (!pol.nodes)
        return -EINVAL;
    if (mode == MPOL_PREFERRED)
        pol.nodes = UINT32_C(1) << first_node(pol.nodes);
    *out = pol;
    return 0;
}

bool mpol_equal(const struct mempolicy *a, const struct mempolicy *b)
{
    if (a->mode != b->mode || a->flags != b->flags || a->nodes != b->nodes ||
        a->home != b->home)
        return false;
    return !(a->flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)) ||
           a->user_nodes == b->user_nodes;
}

nodemask_t mpol_user_nodes(const struct mempolicy *pol)
{
    return pol->flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES)
               ? pol->user_nodes
               : pol->nodes;
}

void mpol_task_set(struct mpol_task *task, const struct mempolicy *pol)
{
    task->policy = *pol;
    if (pol->mode == MPOL_INTERLEAVE)
        task->il_prev = MAX_NUMNODES - 1;
}

unsigned mpol_task_next(const struct mpol_task *task)
{
    return next_node_in(task->policy.nodes, task->il_prev);
}

/* --------------------------------------------------- areas and objects */

/* Append to @sp, which has room. */
static void append(struct shared_policy *sp, uint64_t start, uint64_t end,
                   const struct mempolicy *pol)
{
    if (start < end && pol->mode != MPOL_DEFAULT)
        sp->node[sp->nr++] =
            (struct sp_node){.start = start, .end = end, .policy = *pol};
}

int mpol_set_shared(struct shared_policy *sp, uint64_t start, uint64_t end,
                    const struct mempolicy *pol)
{
    struct shared_policy made = {.cap = sp->nr + 2};
    bool placed = false;

    /* Cutting a node in two is the most that a new one adds. */
    made.node = calloc(made.cap, sizeof(*made.node));
    if (!made.node)
        return -ENOMEM;
    for (size_t i = 0; i < sp->nr; i++) {
        const struct sp_node *n = &sp->node[i];

        append(&made, n->start, n->end < start ? n->end : start, &n->policy);
        if (!placed && n->end > start) {
            append(&made, start, end, pol);
            placed = true;
        }
        append(&made, n->start > end ? n->start : end, n->end, &n->policy);
    }
    if (!placed)
        append(&made, start, end, pol);
    free(sp->node);
    *sp = made;
    return 0;
}

void mpol_free_shared(struct shared_policy *sp)
{
    free(sp->node);
    *sp = (struct shared_policy){0};
}

static struct mempolicy shared_lookup(const struct shared_policy *sp,
                                      uint64_t index)
{
    for (size_t i = 0; i < sp->nr; i++)
        if (sp->node[i].start <= index && index < sp->node[i].end)
            return sp->node[i].policy;
    return (struct mempolicy){.mode = MPOL_DEFAULT};
}

static bool policy_is_shared(const struct vma *vma)
{
    return vma->mapping && mapping_is_shmem(vma->mapping);
}

struct mempolicy vma_policy_at(const struct vma *vma, gva_t addr)
{
    if (policy_is_shared(vma))
        return shared_lookup(&vma->mapping->policy, vma_index(vma, addr));
    return vma->policy;
}

int vma_replace_policy(struct vma *vma, const struct mempolicy *pol)
{
    int err = 0;

    if (policy_is_shared(vma))
        err = mpol_set_shared(&vma->mapping->policy, vma->pgoff,
                              vma->pgoff + vma_pages(vma), pol);
    if (!err)
        vma->policy = *pol;
    return err;
}

/* The part of @vma in [start, end) gets @pol. */
static int set_part(struct vma *vma, gva_t start, gva_t end,
                    const struct mempolicy *pol)
{
    int err;

    if (mpol_equal(&vma->policy, pol))
        return 0;
    err = vma_modify(vma, start, end, vma->flags, pol, &vma);
    return err ? err : vma_replace_policy(vma, pol);
}

/*
 * for_each_vma_range(): the next area of [*from, end), and the part of it
 * that is in there.  The areas may be cut and joined meanwhile.
 */
static struct vma *next_area(struct mm *mm, gva_t *from, gva_t *to, gva_t end)
{
    struct vma *vma = *from < end ? vma_find(mm, *from) : NULL;

    if (!vma || vma->start >= end)
        return NULL;
    if (vma->start > *from)
        *from = vma->start;
    *to = vma->end < end ? vma->end : end;
    return vma;
}

int mm_set_policy(struct mm *mm, gva_t start, gva_t end,
                  const struct mempolicy *pol)
{
    int err = -EFAULT;
    struct vma *vma;
    gva_t to;

    for (; (vma = next_area(mm, &start, &to, end)) != NULL; start = to) {
        err = set_part(vma, start, to, pol);
        if (err)
            break;
    }
    return err;
}

int mm_set_home_node(struct mm *mm, gva_t start, uint64_t len, unsigned node)
{
    gva_t end = start + page_align_up(len), to;
    int err = -ENOENT;
    struct vma *vma;

    if (start & ~PAGE_MASK || end < start)
        return -EINVAL;
    if (end == start)
        return 0;
    for (; (vma = next_area(mm, &start, &to, end)) != NULL; start = to) {
        struct mempolicy pol = vma->policy;

        if (pol.mode == MPOL_DEFAULT)
            continue;
        if (pol.mode != MPOL_BIND && pol.mode != MPOL_PREFERRED_MANY)
            return -EOPNOTSUPP;
        pol.home = node + 1;
        err = set_part(vma, start, to, &pol);
        if (err)
            break;
    }
    return err;
}

/* ---------------------------------------------------------- allocation */

/* offset_il_node() of a page, or interleave_nodes() for none of an area. */
static unsigned interleave(const struct mempolicy *pol, struct mpol_task *task,
                           const struct alloc_for *who)
{
    uint64_t n;

    if (who->vma && !policy_is_shared(who->vma))
        n = vma_index(who->vma, who->addr);
    else if (who->vma)
        n = vma_index(who->vma, who->addr) + who->vma->mapping->id;
    else if (who->mapping)
        n = who->index + who->mapping->id; /* for the inode's number */
    else
        return task->il_prev = mpol_task_next(task);
    return nth_node(pol->nodes, n % weight(pol->nodes));
}

/* policy_node(), policy_nodemask(). */
static struct folio *alloc_by(struct memory *mem, const struct mempolicy *pol,
                              struct mpol_task *task,
                              const struct alloc_for *who)
{
    const unsigned local = pol->home ? pol->home - 1 : mem->alloc_node;
    const nodemask_t all = phys_nodes(mem->phys);
    struct folio *folio;

    switch (pol->mode) {
    case MPOL_INTERLEAVE:
        return memory_alloc_nodes(mem, interleave(pol, task, who), all);
    case MPOL_PREFERRED:
        return memory_alloc_nodes(mem, first_node(pol->nodes), all);
    case MPOL_BIND: return memory_alloc_nodes(mem, local, pol->nodes);
    case MPOL_PREFERRED_MANY:
        folio = phys_alloc_nodes(mem->phys, local, pol->nodes);
        return folio ? folio : memory_alloc_nodes(mem, local, all);
    default: return memory_alloc_nodes(mem, local, all);
    }
}

struct folio *mpol_alloc_folio(struct memory *mem, const struct alloc_for *who)
{
    struct mpol_task *task = mem->current->mpol(mem->current_ctx);
    struct mempolicy pol = {.mode = MPOL_DEFAULT};

    if (who->vma)
        pol = vma_policy_at(who->vma, who->addr);
    else if (who->mapping)
        pol = shared_lookup(&who->mapping->policy, who->index);
    if (pol.mode == MPOL_DEFAULT && task)
        pol = task->policy;
    return alloc_by(mem, &pol, task, who);
}

struct folio *vma_alloc_folio(const struct vma *vma, gva_t addr)
{
    return mpol_alloc_folio(vma->mm->mem,
                            &(struct alloc_for){.vma = vma, .addr = addr});
}

struct folio *vma_alloc_zeroed_folio(const struct vma *vma, gva_t addr)
{
    return memory_zero_folio(vma->mm->mem, vma_alloc_folio(vma, addr));
}
