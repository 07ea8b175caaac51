// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory policies and pages on NUMA nodes.  Every program may move the pages
 * of any other: each is root, as for swapon(2).
 */
#include <errno.h>

#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "migrate/node.h"
#include "mm/memory.h"
#include "mm/populate.h"
#include "mm/vma.h"

#define MPOL_F_NODE         1u
#define MPOL_F_ADDR         2u
#define MPOL_F_MEMS_ALLOWED 4u

#define BITS_PER_LONG 64

/* node_states[N_MEMORY], which is also what every process may use. */
static nodemask_t memory_nodes(const struct task *t)
{
    return phys_nodes(memory_phys(t->m->mem));
}

/* ------------------------------------------------ masks and modes of users */

/* get_bitmap(): the long @nr of a mask, its lowest @bits. */
static int get_mask_long(struct task *t, uint64_t va, uint64_t nr,
                         uint64_t bits, uint64_t *out)
{
    if (get_user64(t, va + nr * sizeof(uint64_t), out))
        return -EFAULT;
    if (bits < BITS_PER_LONG)
        *out &= (UINT64_C(1) << bits) - 1;
    return 0;
}

/* get_nodes(): bits beyond those that nodes can have must be 0. */
static int get_nodes(struct task *t, uint64_t va, uint64_t maxnode,
                     nodemask_t *out)
{
    uint64_t word;
    int err;

    *out = 0;
    maxnode--;
    if (maxnode == 0 || va == 0)
        return 0;
    if (maxnode > PAGE_SIZE * 8)
        return -EINVAL;
    while (maxnode > MAX_NUMNODES) {
        uint64_t bits = maxnode < BITS_PER_LONG ? maxnode : BITS_PER_LONG;

        err = get_mask_long(t, va, (maxnode - 1) / BITS_PER_LONG, bits, &word);
        if (err)
            return err;
        if (maxnode - bits >= MAX_NUMNODES) {
            maxnode -= bits;
        } else {
            maxnode = MAX_NUMNODES;
            word &= ~((UINT64_C(1) << MAX_NUMNODES) - 1);
        }
        if (word)
            return -EINVAL;
    }
    err = get_mask_long(t, va, 0, maxnode, &word);
    if (!err)
        *out = (nodemask_t)word;
    return err;
}

/* copy_nodes_to_user() */
static int put_nodes(struct task *t, uint64_t va, uint64_t maxnode,
                     nodemask_t nodes)
{
    uint64_t bytes =
        ((maxnode - 1 + BITS_PER_LONG - 1) & ~(uint64_t)(BITS_PER_LONG - 1)) /
        8;

    if (bytes > sizeof(uint64_t)) {
        if (bytes > PAGE_SIZE)
            return -EINVAL;
        if (clear_user(t, va + sizeof(uint64_t), bytes - sizeof(uint64_t)))
            return -EFAULT;
    }
    return bytes ? put_user64(t, va, nodes) : 0;
}

/* sanitize_mpol_flags(): a mode and its flags come in one word. */
static int split_mode(uint64_t arg, enum mpol_mode *mode, unsigned *flags)
{
    unsigned value = (unsigned)arg & ~MPOL_MODE_FLAGS;
    const unsigned both = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;

    *flags = (unsigned)arg & MPOL_MODE_FLAGS;
    if (value >= MPOL_MAX || (*flags & both) == both)
        return -EINVAL;
    if (*flags & MPOL_F_NUMA_BALANCING && value != MPOL_BIND)
        return -EINVAL;
    *mode = (enum mpol_mode)value;
    return 0;
}

/* --------------------------------------------------------------- policies */

int64_t sys_set_mempolicy(struct task *t, const uint64_t a[6])
{
    enum mpol_mode mode;
    struct mempolicy pol;
    nodemask_t nodes;
    unsigned flags;
    int err = split_mode(a[0], &mode, &flags);

    if (!err)
        err = get_nodes(t, a[1], a[2], &nodes);
    if (!err)
        err = mpol_new(mode, flags, nodes, memory_nodes(t), &pol);
    if (!err)
        mpol_task_set(&t->mpol, &pol);
    return err;
}

/* lookup_node(): where the page of @addr is; it is faulted in. */
static int lookup_node(struct task *t, gva_t addr)
{
    struct folio *folio;

    if (mm_get_page(t->process->mm, addr, ACCESS_READ, &folio) != FAULT_OK)
        return -EFAULT;
    return folio->node;
}

/* do_get_mempolicy() with MPOL_F_NODE. */
static int get_node(struct task *t, const struct mempolicy *pol, gva_t addr,
                    unsigned flags)
{
    if (flags & MPOL_F_ADDR)
        return lookup_node(t, addr);
    return pol->mode == MPOL_INTERLEAVE ? (int)mpol_task_next(&t->mpol)
                                        : -EINVAL;
}

static int get_mempolicy(struct task *t, gva_t addr, unsigned flags, int *value,
                         nodemask_t *nodes)
{
    struct mempolicy pol = t->mpol.policy;

    *value = 0;
    if (flags & ~(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED))
        return -EINVAL;
    if (flags & MPOL_F_MEMS_ALLOWED) {
        *nodes = memory_nodes(t);
        return flags & (MPOL_F_NODE | MPOL_F_ADDR) ? -EINVAL : 0;
    }
    if (flags & MPOL_F_ADDR) {
        const struct vma *vma = vma_lookup(t->process->mm, addr);

        if (!vma)
            return -EFAULT;
        pol = vma_policy_at(vma, addr);
    } else if (addr) {
        return -EINVAL;
    }
    *nodes = mpol_user_nodes(&pol);
    *value = (int)(pol.mode | pol.flags);
    if (flags & MPOL_F_NODE)
        *value = get_node(t, &pol, addr, flags);
    return *value < 0 ? *value : 0;
}

int64_t sys_get_mempolicy(struct task *t, const uint64_t a[6])
{
    unsigned nr_node_ids = phys_nr_nodes(memory_phys(t->m->mem));
    nodemask_t nodes;
    int value, err;

    if (a[1] && a[2] < nr_node_ids)
        return -EINVAL;
    if (a[4] > UINT32_MAX)
        return -EINVAL;
    err = get_mempolicy(t, untagged_addr(a[3]), (unsigned)a[4], &value, &nodes);
    if (err)
        return err;
    if (a[0] && put_user32(t, a[0], (uint32_t)value))
        return -EFAULT;
    return a[1] ? put_nodes(t, a[1], a[2], nodes) : 0;
}

int64_t sys_mbind(struct task *t, const uint64_t a[6])
{
    struct mbind_args args = {
        .start = untagged_addr(a[0]), .len = a[1], .flags = (unsigned)a[5]};
    int err = split_mode(a[2], &args.mode, &args.mode_flags);

    if (!err)
        err = get_nodes(t, a[3], a[4], &args.nodes);
    return err ? err : mm_mbind(t->process->mm, &args);
}

int64_t sys_set_mempolicy_home_node(struct task *t, const uint64_t a[6])
{
    gva_t start = untagged_addr(a[0]);

    if (start & ~PAGE_MASK || a[3] != 0)
        return -EINVAL;
    if (a[2] >= MAX_NUMNODES || !(memory_nodes(t) >> a[2] & 1))
        return -EINVAL;
    return mm_set_home_node(t->process->mm, start, a[1], (unsigned)a[2]);
}

/* ---------------------------------------------------- pages of a process */

/* The address space of process @pid, 0 being the caller; it is borrowed. */
static int find_mm(struct task *t, uint64_t pid, struct mm **out)
{
    const struct task *of =
        arg_int(pid) == 0 ? t : task_find(t->m, (uint32_t)pid);

    if (!of)
        return -ESRCH;
    *out = of->process->mm;
    return of->process->mm ? 0 : -EINVAL;
}

int64_t sys_migrate_pages(struct task *t, const uint64_t a[6])
{
    nodemask_t from, to;
    struct mm *mm;
    int err = get_nodes(t, a[2], a[1], &from);

    if (!err)
        err = get_nodes(t, a[3], a[1], &to);
    if (!err)
        err = find_mm(t, a[0], &mm);
    if (err)
        return err;
    to &= memory_nodes(t);
    return to ? mm_migrate_nodes(mm, from, to, true) : -EINVAL;
}

struct user_arrays {
    struct task *t;
    uint64_t pages, nodes, status;
};

static int user_get(void *ctx, uint64_t i, gva_t *page, int *node)
{
    const struct user_arrays *u = ctx;
    uint32_t value;

    if (get_user64(u->t, u->pages + i * sizeof(uint64_t), page))
        return -EFAULT;
    if (!node)
        return 0;
    if (get_user32(u->t, u->nodes + i * sizeof(value), &value))
        return -EFAULT;
    *node = (int)value;
    return 0;
}

static int user_put(void *ctx, uint64_t i, int status)
{
    const struct user_arrays *u = ctx;

    return put_user32(u->t, u->status + i * sizeof(uint32_t), (uint32_t)status);
}

int64_t sys_move_pages(struct task *t, const uint64_t a[6])
{
    struct user_arrays u = {
        .t = t, .pages = a[2], .nodes = a[3], .status = a[4]};
    struct move_pages_io io = {.get = user_get, .put = user_put, .ctx = &u};
    unsigned flags = (unsigned)a[5];
    struct mm *mm;
    int err;

    if (flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
        return -EINVAL;
    err = find_mm(t, a[0], &mm);
    if (err)
        return err;
    if (u.nodes)
        return mm_move_pages(mm, a[1], &io, flags & MPOL_MF_MOVE_ALL);
    return mm_stat_pages(mm, a[1], &io);
}
