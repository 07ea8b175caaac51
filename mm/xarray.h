/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/xarray.h - a sparse array of 64-bit words, indexed by up to 40 bits
 *
 * Owns:    its nodes; a leaf holds 1024 words, as a page table does
 * Used by: page tables, page caches, the swap cache, tag stores; adi/, script/,
 *          swap/
 * Source:  the role of linux lib/xarray.c; the shape of a sparc64 page table
 *
 * A word that was never stored reads as 0.  Slots do not move: a pointer to
 * one is good until its leaf is freed by xa_free_range() or xa_destroy().
 */
#pragma once

#include "mm/types.h"

#define XA_LEAF_SHIFT 10
#define XA_LEAF_WORDS (1u << XA_LEAF_SHIFT)
#define XA_MAX_LEVELS 4

struct xarray {
    void *root;      /* owned; a leaf when levels == 1 */
    unsigned levels; /* 0: empty */
    size_t nr_nodes; /* nodes and leaves, of 8 KiB each */
    uint64_t last;   /* number of the leaf found last */
    uint64_t *leaf;  /* that leaf, or NULL */
};

void xa_init(struct xarray *xa);
void xa_destroy(struct xarray *xa);

/* The same, looking into the nodes. */
uint64_t *xa_slot_walk(struct xarray *xa, uint64_t index);

/*
 * xa_slot - the word at @index, or NULL when its leaf does not exist
 */
static inline uint64_t *xa_slot(struct xarray *xa, uint64_t index)
{
    if (xa->leaf && xa->last == index >> XA_LEAF_SHIFT)
        return &xa->leaf[index & (XA_LEAF_WORDS - 1)];
    return xa_slot_walk(xa, index);
}

/*
 * xa_slot_alloc - the word at @index; its leaf is made when absent
 *
 * Returns NULL when the host has no memory; the array is then unchanged.
 */
uint64_t *xa_slot_alloc(struct xarray *xa, uint64_t index);

/* xa_missing - nodes that xa_slot_alloc() would make for @index */
size_t xa_missing(const struct xarray *xa, uint64_t index);

/* xa_load - the word at @index, 0 when never stored */
static inline uint64_t xa_load(struct xarray *xa, uint64_t index)
{
    const uint64_t *slot = xa_slot(xa, index);

    return slot ? *slot : 0;
}

/* xa_store - returns 0, or -ENOMEM (host) with the array unchanged */
MUST_CHECK int xa_store(struct xarray *xa, uint64_t index, uint64_t value);

static inline void xa_erase(struct xarray *xa, uint64_t index)
{
    uint64_t *slot = xa_slot(xa, index);

    if (slot)
        *slot = 0;
}

/*
 * xa_next - the first non-zero word at or after *@index, up to @last
 *
 * Returns its slot and sets *@index, or NULL when there is none.
 */
uint64_t *xa_next(struct xarray *xa, uint64_t *index, uint64_t last);

/* xa_free_range - free the leaves that lie wholly inside [first, last] */
void xa_free_range(struct xarray *xa, uint64_t first, uint64_t last);
