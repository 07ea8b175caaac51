/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/avl.h - a balanced tree of nodes that are parts of other structs
 *
 * Owns:    nothing; the links between nodes of their owners
 * Used by: areas by address (mm/vma.c), intervals (mm/itree.c), what an
 *          address space shares (judge/oracle.c); mm/itree.h
 * Source:  the role of linux lib/rbtree.c and of its augmented callbacks
 *
 * The order is the caller's: it says where a node goes.  With an @update,
 * each node may keep what is true of all nodes below it (the largest gap, the
 * furthest end); it is called for a node whenever that may have changed,
 * children first.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct avl_node {
    struct avl_node *parent, *left, *right;
    int height; /* 1: no children */
};

struct avl_root {
    struct avl_node *node;                 /* NULL: empty */
    void (*update)(struct avl_node *node); /* may be NULL */
};

/* The struct of type @type that @node is the @member of. */
#define avl_entry(node, type, member)                                          \
    ((type *)((uintptr_t)(node)-offsetof(type, member)))

/*
 * avl_insert - put @node where @goes_left says
 *
 * @goes_left: does @node come before @at?  When not, and nor does @at before
 *             @node, it comes after all that are its equals.
 */
void avl_insert(struct avl_root *root, struct avl_node *node,
                bool (*goes_left)(const struct avl_node *node,
                                  const struct avl_node *at));

/* avl_insert_after - make @node the next of @at */
void avl_insert_after(struct avl_root *root, struct avl_node *node,
                      struct avl_node *at);

void avl_erase(struct avl_root *root, struct avl_node *node);

/* avl_changed - what @update looks at has changed in @node */
void avl_changed(struct avl_root *root, struct avl_node *node);

/* In order; NULL at the end. */
struct avl_node *avl_first(const struct avl_root *root);
struct avl_node *avl_last(const struct avl_root *root);
struct avl_node *avl_next(const struct avl_node *node);
struct avl_node *avl_prev(const struct avl_node *node);
