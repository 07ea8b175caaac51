// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/avl.h"

static int height(const struct avl_node *node)
{
    return node ? node->height : 0;
}

/* What is true of @node, once its children are right. */
static void refresh(const struct avl_root *root, struct avl_node *node)
{
    int left = height(node->left), right = height(node->right);

    node->height = 1 + (left > right ? left : right);
    if (root->update)
        root->update(node);
}

/* @new takes the place that @old has below its parent. */
static void replace(struct avl_root *root, const struct avl_node *old,
                    struct avl_node *new)
{
    struct avl_node *parent = old->parent;

    if (!parent)
        root->node = new;
    else if (parent->left == old)
        parent->left = new;
    else
        parent->right = new;
    if (new)
        new->parent = parent;
}

/*      n            r
 *    a   r   ->   n   c
 *       b c      a b
 */
static struct avl_node *rotate_left(struct avl_root *root, struct avl_node *n)
{
    struct avl_node *r = n->right;

    replace(root, n, r);
    n->right = r->left;
    if (n->right)
        n->right->parent = n;
    r->left = n;
    n->parent = r;
    refresh(root, n);
    refresh(root, r);
    return r;
}

static struct avl_node *rotate_right(struct avl_root *root, struct avl_node *n)
{
    struct avl_node *l = n->left;

    replace(root, n, l);
    n->left = l->right;
    if (n->left)
        n->left->parent = n;
    l->right = n;
    n->parent = l;
    refresh(root, n);
    refresh(root, l);
    return l;
}

/* Balance @node, whose children are; returns what is in its place then. */
static struct avl_node *balance(struct avl_root *root, struct avl_node *node)
{
    int lean = height(node->left) - height(node->right);

    if (lean > 1) {
        if (height(node->left->left) < height(node->left->right))
            (void)rotate_left(root, node->left);
        return rotate_right(root, node);
    }
    if (lean < -1) {
        if (height(node->right->right) < height(node->right->left))
            (void)rotate_right(root, node->right);
        return rotate_left(root, node);
    }
    refresh(root, node);
    return node;
}

/* Balance @node and all above it. */
static void settle(struct avl_root *root, struct avl_node *node)
{
    while (node)
        node = balance(root, node)->parent;
}

static void link_at(struct avl_root *root, struct avl_node *node,
                    struct avl_node *parent, struct avl_node **link)
{
    *node = (struct avl_node){.parent = parent};
    *link = node;
    settle(root, node);
}

void avl_insert(struct avl_root *root, struct avl_node *node,
                bool (*goes_left)(const struct avl_node *node,
                                  const struct avl_node *at))
{
    struct avl_node *parent = NULL, **link = &root->node;

    while (*link) {
        parent = *link;
        link = goes_left(node, parent) ? &parent->left : &parent->right;
    }
    link_at(root, node, parent, link);
}

void avl_insert_after(struct avl_root *root, struct avl_node *node,
                      struct avl_node *at)
{
    struct avl_node *parent = at, **link = &at->right;

    while (*link) {
        parent = *link;
        link = &parent->left;
    }
    link_at(root, node, parent, link);
}

void avl_erase(struct avl_root *root, struct avl_node *node)
{
    struct avl_node *from = node->parent, *next;

    if (!node->left || !node->right) {
        replace(root, node, node->left ? node->left : node->right);
        settle(root, from);
        return;
    }
    /* The next in order takes its place; that one has no left child. */
    next = avl_next(node);
    from = next->parent == node ? next : next->parent;
    replace(root, next, next->right);
    next->left = node->left;
    next->left->parent = next;
    next->right = node->right;
    if (next->right)
        next->right->parent = next;
    replace(root, node, next);
    settle(root, from);
}

void avl_changed(struct avl_root *root, struct avl_node *node)
{
    if (!root->update)
        return;
    for (; node; node = node->parent)
        root->update(node);
}

static struct avl_node *leftmost(struct avl_node *node)
{
    while (node && node->left)
        node = node->left;
    return node;
}

static struct avl_node *rightmost(struct avl_node *node)
{
    while (node && node->right)
        node = node->right;
    return node;
}

struct avl_node *avl_first(const struct avl_root *root)
{
    return leftmost(root->node);
}

struct avl_node *avl_last(const struct avl_root *root)
{
    return rightmost(root->node);
}

struct avl_node *avl_next(const struct avl_node *node)
{
    const struct avl_node *from = node;

    if (node->right)
        return leftmost(node->right);
    while (from->parent && from->parent->right == from)
        from = from->parent;
    return from->parent;
}

struct avl_node *avl_prev(const struct avl_node *node)
{
    const struct avl_node *from = node;

    if (node->left)
        return rightmost(node->left);
    while (from->parent && from->parent->left == from)
        from = from->parent;
    return from->parent;
}
