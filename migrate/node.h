/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate/node.h - pages of a process to other NUMA nodes
 *
 * Owns:    nothing
 * Used by: emu/linux/mm/sys_numa.c, script/, tests
 * Source:  linux v6.2 mm/mempolicy.c: do_mbind(), queue_pages_range(),
 *          do_migrate_pages(); mm/migrate.c: do_pages_move(), do_pages_stat()
 */
#pragma once

#include "mm/mempolicy.h"

struct mm;

#define MPOL_MF_STRICT   1u /* -EIO for pages that are elsewhere */
#define MPOL_MF_MOVE     2u /* move pages that only this process maps */
#define MPOL_MF_MOVE_ALL 4u /* move those of others too */
#define MPOL_MF_VALID    (MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)

/* mbind(2), as the program gives it. */
struct mbind_args {
    gva_t start; /* tag bits stripped */
    uint64_t len;
    enum mpol_mode mode;
    unsigned mode_flags; /* MPOL_MODE_FLAGS */
    nodemask_t nodes;
    unsigned flags; /* MPOL_MF_* */
};

/*
 * mm_mbind - do_mbind(): the policy of a range; pages follow with MF_MOVE
 *
 * Returns 0; -EINVAL; -EFAULT: a hole; -EIO: pages that are not where the
 * policy says; -ENOMEM.  With MF_STRICT alone -EIO comes before the policy
 * is set, otherwise after.
 */
MUST_CHECK int mm_mbind(struct mm *mm, const struct mbind_args *args);

/*
 * mm_migrate_nodes - do_migrate_pages(): every page, from node to node
 *
 * @all: also those that others map
 * Returns how many could not be moved, or -ENOMEM.
 */
MUST_CHECK int mm_migrate_nodes(struct mm *mm, nodemask_t from, nodemask_t to,
                                bool all);

/* The arrays of move_pages(2); -EFAULT where the program's memory ends. */
struct move_pages_io {
    /* @node: NULL when the nodes are not asked for */
    int (*get)(void *ctx, uint64_t i, gva_t *page, int *node);
    int (*put)(void *ctx, uint64_t i, int status);
    void *ctx;
};

/*
 * mm_move_pages - do_pages_move()
 *
 * The status of a page: its node, or -EFAULT: no page can be there, or the
 * zero page, or nothing was ever stored there; -ENOENT: not in memory;
 * -EACCES: others map it, and not @all; -EBUSY: on no LRU list.  Pages after
 * the first that could not be moved have none.
 * Returns 0; how many pages were not moved or not tried; -ENODEV: no such
 * node; -EFAULT; -ENOMEM.
 */
MUST_CHECK int64_t mm_move_pages(struct mm *mm, uint64_t nr,
                                 const struct move_pages_io *io, bool all);

/* mm_stat_pages - do_pages_stat(): the same status, nothing moves */
MUST_CHECK int mm_stat_pages(struct mm *mm, uint64_t nr,
                             const struct move_pages_io *io);
