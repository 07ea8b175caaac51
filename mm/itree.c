// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/itree.h"

static struct itree_node *entry(struct avl_node *node)
{
    return node ? avl_entry(node, struct itree_node, avl) : NULL;
}

static uint64_t furthest(struct avl_node *node)
{
    return node ? entry(node)->furthest : 0;
}

static void update(struct avl_node *avl)
{
    struct itree_node *node = entry(avl);
    uint64_t left = furthest(avl->left), right = furthest(avl->right);

    node->furthest = node->last;
    if (left > node->furthest)
        node->furthest = left;
    if (right > node->furthest)
        node->furthest = right;
}

static bool goes_left(const struct avl_node *node, const struct avl_node *at)
{
    return avl_entry(node, const struct itree_node, avl)->first <
           avl_entry(at, const struct itree_node, avl)->first;
}

void itree_init(struct itree *tree)
{
    tree->root = (struct avl_root){.update = update};
}

void itree_insert(struct itree *tree, struct itree_node *node, uint64_t first,
                  uint64_t last)
{
    node->first = first;
    node->last = last;
    avl_insert(&tree->root, &node->avl, goes_left);
}

void itree_insert_after(struct itree *tree, struct itree_node *node,
                        struct itree_node *at)
{
    node->first = at->first;
    node->last = at->last;
    avl_insert_after(&tree->root, &node->avl, &at->avl);
}

void itree_erase(struct itree *tree, struct itree_node *node)
{
    avl_erase(&tree->root, &node->avl);
}

/* The first of @top and all below it that overlaps, or NULL. */
static struct itree_node *first_below(struct avl_node *top, uint64_t first,
                                      uint64_t last)
{
    while (top && furthest(top) >= first) {
        struct itree_node *node = entry(top);

        if (top->left && furthest(top->left) >= first) {
            /* Some there end late enough; if they begin too late, so do all
             * that come after them. */
            top = top->left;
            continue;
        }
        if (node->first > last)
            return NULL;
        if (node->last >= first)
            return node;
        top = top->right;
    }
    return NULL;
}

struct itree_node *itree_first(const struct itree *tree, uint64_t first,
                               uint64_t last)
{
    return first_below(tree->root.node, first, last);
}

struct itree_node *itree_next(const struct itree_node *node, uint64_t first,
                              uint64_t last)
{
    const struct avl_node *from = &node->avl;
    struct itree_node *found = first_below(from->right, first, last);

    while (!found && from->parent) {
        const struct avl_node *up = from->parent;

        if (up->left == from) {
            struct itree_node *here = entry(from->parent);

            if (here->first > last)
                return NULL;
            if (here->last >= first)
                return here;
            found = first_below(up->right, first, last);
        }
        from = up;
    }
    return found;
}
