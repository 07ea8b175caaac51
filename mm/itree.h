/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/itree.h - intervals of pages, found by what they overlap
 *
 * Owns:    nothing; the links between nodes of their owners
 * Used by: mm/rmap.c, mm/mapping.c: areas by the pages of an object
 * Source:  the role and the order of linux mm/interval_tree.c
 *
 * By first page, then in the order in which they came.
 */
#pragma once

#include "base/avl.h"

struct itree_node {
    struct avl_node avl;
    uint64_t first, last; /* inclusive; fixed while it is in a tree */
    uint64_t furthest;    /* the greatest @last of it and all below */
};

struct itree {
    struct avl_root root;
};

void itree_init(struct itree *tree);

static inline bool itree_is_empty(const struct itree *tree)
{
    return tree->root.node == NULL;
}

/* itree_insert - [first, last]; @node must not be in a tree */
void itree_insert(struct itree *tree, struct itree_node *node, uint64_t first,
                  uint64_t last);

/*
 * itree_insert_after - the same interval as @at, and right behind it
 *
 * Source: vma_interval_tree_insert_after()
 */
void itree_insert_after(struct itree *tree, struct itree_node *node,
                        struct itree_node *at);

void itree_erase(struct itree *tree, struct itree_node *node);

/* itree_first, itree_next - those that overlap [first, last]; NULL: no more */
struct itree_node *itree_first(const struct itree *tree, uint64_t first,
                               uint64_t last);
struct itree_node *itree_next(const struct itree_node *node, uint64_t first,
                              uint64_t last);
