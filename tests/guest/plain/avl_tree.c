// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/avl_tree.c - a balanced tree with inserts, lookups and deletes
 *
 * Catches lost or doubled pointer updates; the tree is checked in full
 * after each phase.
 */
#include "plain.h"

struct node {
    struct node *kid[2];
    long key, height, value;
};

static int count;

static long height(const struct node *n)
{
    return n ? n->height : 0;
}

static void update(struct node *n)
{
    long l = height(n->kid[0]), r = height(n->kid[1]);

    n->height = 1 + (l > r ? l : r);
}

/* Lift the child on the given side. */
static struct node *rotate(struct node *n, int side)
{
    struct node *up = n->kid[side];

    n->kid[side] = up->kid[!side];
    up->kid[!side] = n;
    update(n);
    update(up);
    return up;
}

static struct node *balance(struct node *n)
{
    update(n);
    for (int side = 0; side < 2; side++) {
        struct node *k = n->kid[side];

        if (height(k) <= height(n->kid[!side]) + 1)
            continue;
        if (height(k->kid[!side]) > height(k->kid[side]))
            n->kid[side] = rotate(k, !side);
        return rotate(n, side);
    }
    return n;
}

static struct node *insert(struct node *n, long key, long value)
{
    int side;

    if (!n) {
        n = calloc(1, sizeof(*n));
        n->key = key;
        count++;
    }
    if (n->key == key) {
        n->value += value;
        return balance(n);
    }
    side = key > n->key;
    n->kid[side] = insert(n->kid[side], key, value);
    return balance(n);
}

static struct node *take_first(struct node *n, struct node **first)
{
    if (!n->kid[0]) {
        *first = n;
        return n->kid[1];
    }
    n->kid[0] = take_first(n->kid[0], first);
    return balance(n);
}

static struct node *delete(struct node *n, long key)
{
    if (!n)
        return NULL;
    if (n->key != key) {
        int side = key > n->key;

        n->kid[side] = delete(n->kid[side], key);
    } else {
        struct node *next = n->kid[0];

        if (n->kid[1]) {
            struct node *rest = take_first(n->kid[1], &next);

            next->kid[1] = rest;
            next->kid[0] = n->kid[0];
        }
        free(n);
        count--;
        n = next;
    }
    return n ? balance(n) : NULL;
}

/* In-order walk: order, balance and a checksum. Returns the height. */
static int check(const struct node *n, long *last, int *bad, uint64_t *h)
{
    int l, r;

    if (!n)
        return 0;
    l = check(n->kid[0], last, bad, h);
    *bad += n->key <= *last;
    *last = n->key;
    *h = fold(fold(*h, n->key), n->value);
    r = check(n->kid[1], last, bad, h);
    *bad += l - r > 1 || r - l > 1;
    return 1 + (l > r ? l : r);
}

static void show(const char *name, const struct node *root)
{
    uint64_t h = FOLD_START;
    long last = -1000000;
    int bad = 0, deep = check(root, &last, &bad, &h);

    printf("%-8s count %d height %d bad %d %016llx\n", name, count,
           deep, bad, (unsigned long long)h);
}

int main(void)
{
    struct node *root = NULL;
    uint64_t seed = 17;

    for (int i = 0; i < 3000; i++)
        root = insert(root, i, i * 3);
    show("rising", root);
    for (int i = 0; i < 6000; i++)
        root = insert(root, next_random(&seed) >> 51, 1);
    show("random", root);
    for (int i = 0; i < 4000; i++)
        root = delete(root, next_random(&seed) >> 51);
    show("deleted", root);
    while (root)
        root = delete(root, root->key);
    return count;
}
