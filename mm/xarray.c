// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/xarray.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NODE_BYTES (XA_LEAF_WORDS * sizeof(uint64_t))

static unsigned digit(uint64_t index, unsigned level)
{
    return (index >> (level * XA_LEAF_SHIFT)) & (XA_LEAF_WORDS - 1);
}

/* Can an array of @levels levels hold @index? */
static bool fits(uint64_t index, unsigned levels)
{
    return levels > 0 && index >> (levels * XA_LEAF_SHIFT) == 0;
}

static void *node_alloc(struct xarray *xa)
{
    void *node = calloc(1, NODE_BYTES);

    if (node)
        xa->nr_nodes++;
    return node;
}

void xa_init(struct xarray *xa)
{
    memset(xa, 0, sizeof(*xa));
}

static void node_free(struct xarray *xa, void *node, unsigned levels)
{
    if (!node)
        return;
    if (levels > 1) {
        void **children = node;

        for (unsigned i = 0; i < XA_LEAF_WORDS; i++)
            node_free(xa, children[i], levels - 1);
    }
    free(node);
    xa->nr_nodes--;
}

void xa_destroy(struct xarray *xa)
{
    node_free(xa, xa->root, xa->levels);
    xa_init(xa);
}

uint64_t *xa_slot_walk(struct xarray *xa, uint64_t index)
{
    void *node = xa->root;

    if (!fits(index, xa->levels))
        return NULL;
    for (unsigned level = xa->levels - 1; level > 0; level--) {
        node = ((void **)node)[digit(index, level)];
        if (!node)
            return NULL;
    }
    xa->last = index >> XA_LEAF_SHIFT;
    xa->leaf = node;
    return &xa->leaf[digit(index, 0)];
}

/* Levels that @index needs, at least @levels; too many: for none. */
static unsigned levels_for(uint64_t index, unsigned levels)
{
    while (levels <= XA_MAX_LEVELS && !fits(index, levels))
        levels++;
    return levels;
}

static int grow(struct xarray *xa, uint64_t index)
{
    while (!fits(index, xa->levels)) {
        /* An empty one gets its root where it will stay. */
        unsigned levels = xa->root ? xa->levels + 1 : levels_for(index, 1);
        void **node;

        if (levels > XA_MAX_LEVELS)
            return -ERANGE;
        node = node_alloc(xa);
        if (!node)
            return -ENOMEM;
        if (levels > 1)
            node[0] = xa->root;
        xa->root = node;
        xa->levels = levels;
    }
    return 0;
}

size_t xa_missing(const struct xarray *xa, uint64_t index)
{
    unsigned levels = levels_for(index, xa->root ? xa->levels : 1);
    unsigned level = levels;
    const void *node = xa->root;

    /* New roots, and what is below the uppermost of them. */
    if (node && levels > xa->levels)
        return levels - xa->levels + levels - 1;
    while (node && level > 1)
        node = ((void *const *)node)[digit(index, --level)];
    return node ? 0 : level;
}

uint64_t *xa_slot_alloc(struct xarray *xa, uint64_t index)
{
    uint64_t *slot = xa_slot(xa, index);
    void **node;

    if (slot)
        return slot;
    if (grow(xa, index) != 0)
        return NULL;
    node = xa->root;
    for (unsigned level = xa->levels - 1; level > 0; level--) {
        void **child = &node[digit(index, level)];

        if (!*child)
            *child = node_alloc(xa);
        if (!*child)
            return NULL;
        node = *child;
    }
    return xa_slot(xa, index);
}

int xa_store(struct xarray *xa, uint64_t index, uint64_t value)
{
    uint64_t *slot = xa_slot_alloc(xa, index);

    if (!slot)
        return -ENOMEM;
    *slot = value;
    return 0;
}

/* @index is in an absent subtree: the first index of the next one that is
 * there, or where their node ends. */
static uint64_t skip_hole(const struct xarray *xa, uint64_t index)
{
    void *const *node = xa->root;
    unsigned level = xa->levels - 1;
    unsigned n;

    while (node[digit(index, level)]) {
        node = node[digit(index, level)];
        level--;
    }
    n = digit(index, level) + 1;
    while (n < XA_LEAF_WORDS && !node[n])
        n++;
    index >>= (level + 1) * XA_LEAF_SHIFT;
    return ((index << XA_LEAF_SHIFT) + n) << (level * XA_LEAF_SHIFT);
}

uint64_t *xa_next(struct xarray *xa, uint64_t *index, uint64_t last)
{
    uint64_t i = *index;

    while (i <= last && fits(i, xa->levels)) {
        uint64_t *slot = xa_slot(xa, i);

        if (!slot) {
            i = skip_hole(xa, i);
            continue;
        }
        do {
            if (*slot) {
                *index = i;
                return slot;
            }
            slot++;
            i++;
        } while (digit(i, 0) != 0 && i <= last);
    }
    return NULL;
}

/* @base: the first index below @node.  Returns true when @node was freed. */
static bool free_range(struct xarray *xa, void *node, unsigned levels,
                       uint64_t base, uint64_t first, uint64_t last)
{
    uint64_t span = UINT64_C(1) << (levels * XA_LEAF_SHIFT);
    void **children = node;

    if (base >= first && base + span - 1 <= last) {
        node_free(xa, node, levels);
        return true;
    }
    if (levels == 1)
        return false;
    span >>= XA_LEAF_SHIFT;
    for (uint64_t i = first > base ? (first - base) / span : 0;
         i < XA_LEAF_WORDS && base + i * span <= last; i++)
        if (children[i] && free_range(xa, children[i], levels - 1,
                                      base + i * span, first, last))
            children[i] = NULL;
    return false;
}

void xa_free_range(struct xarray *xa, uint64_t first, uint64_t last)
{
    if (!xa->root)
        return;
    xa->leaf = NULL;
    if (free_range(xa, xa->root, xa->levels, 0, first, last)) {
        xa->root = NULL;
        xa->levels = 0;
    }
}
