// SPDX-License-Identifier: GPL-2.0-or-later
/* The balanced tree, and the intervals in it, beside a sorted array. */
#include <stdlib.h>

#include "base/avl.h"
#include "mm/itree.h"
#include "unit.h"

#define NR 400

struct item {
    struct avl_node node;
    unsigned key, serial;
    unsigned below; /* how many it and all below it are */
};

static struct item *item_of(const struct avl_node *node)
{
    return node ? avl_entry(node, struct item, node) : NULL;
}

static unsigned count(const struct avl_node *node)
{
    return node ? item_of(node)->below : 0;
}

static void update(struct avl_node *node)
{
    item_of(node)->below = 1 + count(node->left) + count(node->right);
}

static bool goes_left(const struct avl_node *node, const struct avl_node *at)
{
    return item_of(node)->key < item_of(at)->key;
}

static unsigned next_random(unsigned *state)
{
    *state = *state * 1103515245u + 12345u;
    return *state >> 16;
}

/* Heights, parents and what update() made, from the bottom. */
static int check_below(const struct avl_node *node,
                       const struct avl_node *parent)
{
    int left, right;

    if (!node)
        return 0;
    assert_ptr_equal(node->parent, parent);
    left = check_below(node->left, node);
    right = check_below(node->right, node);
    assert_in_range(left - right + 1, 0, 2);
    assert_int_equal(node->height, 1 + (left > right ? left : right));
    assert_int_equal(item_of(node)->below,
                     1 + count(node->left) + count(node->right));
    return node->height;
}

/* Both ways: as often as there are, equal keys in the order they came in. */
static void check_tree(const struct avl_root *root, unsigned nr)
{
    const struct avl_node *node = avl_first(root), *last = NULL;
    unsigned seen = 0;

    (void)check_below(root->node, NULL);
    assert_int_equal(count(root->node), nr);
    for (; node; node = avl_next(node)) {
        const struct item *a = item_of(last), *b = item_of(node);

        assert_true(!a || a->key < b->key ||
                    (a->key == b->key && a->serial < b->serial));
        last = node;
        seen++;
    }
    assert_int_equal(seen, nr);
    assert_ptr_equal(avl_last(root), last);
    for (; last; last = avl_prev(last))
        seen--;
    assert_int_equal(seen, 0);
}

static void test_tree_when_in_any_order_stays_sorted(void **state)
{
    struct item *items = calloc(NR, sizeof(*items));
    unsigned order[NR];

    (void)state;
    assert_non_null(items);
    for (unsigned seed = 0; seed < 4; seed++) {
        struct avl_root root = {.update = update};
        unsigned r = seed;

        for (unsigned i = 0; i < NR; i++) {
            items[i] = (struct item){.serial = i};
            /* Rising, falling, at random, and few that repeat. */
            items[i].key = seed == 0   ? i
                           : seed == 1 ? NR - i
                           : seed == 2 ? next_random(&r)
                                       : next_random(&r) % 5;
            avl_insert(&root, &items[i].node, goes_left);
            check_tree(&root, i + 1);
        }
        for (unsigned i = 0; i < NR; i++)
            order[i] = i;
        for (unsigned i = 0; i < NR; i++) {
            unsigned at = i + next_random(&r) % (NR - i), gone = order[at];

            order[at] = order[i];
            avl_erase(&root, &items[gone].node);
            check_tree(&root, NR - i - 1);
        }
        assert_null(root.node);
    }
    free(items);
}

static void test_insert_after_when_equal_comes_next(void **state)
{
    static const unsigned order[] = {0, 4, 3, 1, 2, 5};
    struct item items[6] = {0};
    struct avl_root root = {.update = update};
    const struct avl_node *node;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        avl_insert(&root, &items[i].node, goes_left);
    avl_insert_after(&root, &items[3].node, &items[0].node);
    avl_insert_after(&root, &items[4].node, &items[0].node);
    avl_insert_after(&root, &items[5].node, &items[2].node);
    (void)check_below(root.node, NULL);
    node = avl_first(&root);
    for (unsigned i = 0; i < 6; i++, node = avl_next(node))
        assert_ptr_equal(node, &items[order[i]].node);
}

static void test_changed_when_told_reaches_the_root(void **state)
{
    struct itree_node nodes[3] = {0};
    struct itree tree;

    (void)state;
    itree_init(&tree);
    for (unsigned i = 0; i < 3; i++)
        itree_insert(&tree, &nodes[i], i, i);
    assert_null(itree_first(&tree, 7, 9));
    nodes[0].last = 8;
    avl_changed(&tree.root, &nodes[0].avl);
    assert_ptr_equal(itree_first(&tree, 7, 9), &nodes[0]);
}

/* -------------------------------------------------------------- intervals */

struct span {
    struct itree_node node;
    bool in;
    unsigned serial;
};

/* The next of @spans after (first, serial) that overlaps; NULL: none */
static struct span *plain_next(struct span *spans, const struct span *after,
                               uint64_t first, uint64_t last)
{
    struct span *best = NULL;

    for (unsigned i = 0; i < NR; i++) {
        struct span *s = &spans[i];

        if (!s->in || s->node.first > last || s->node.last < first)
            continue;
        if (after && (s->node.first < after->node.first ||
                      (s->node.first == after->node.first &&
                       s->serial <= after->serial)))
            continue;
        if (!best || s->node.first < best->node.first ||
            (s->node.first == best->node.first && s->serial < best->serial))
            best = s;
    }
    return best;
}

static void test_intervals_when_asked_are_those_that_overlap(void **state)
{
    struct span *spans = calloc(NR, sizeof(*spans));
    unsigned r = 7, serial = 0;
    struct itree tree;

    (void)state;
    assert_non_null(spans);
    itree_init(&tree);
    for (unsigned round = 0; round < 4000; round++) {
        struct span *s = &spans[next_random(&r) % NR], *found = NULL;
        uint64_t first = next_random(&r) % 1000;
        uint64_t last = first + next_random(&r) % (round % 7 ? 5 : 400);

        if (s->in)
            itree_erase(&tree, &s->node);
        else
            itree_insert(&tree, &s->node, first, last);
        s->in = !s->in;
        s->serial = serial++;
        first = next_random(&r) % 1000;
        last = first + next_random(&r) % 50;
        for (struct itree_node *n = itree_first(&tree, first, last);;
             n = itree_next(n, first, last)) {
            found = plain_next(spans, found, first, last);
            assert_ptr_equal(n, found ? &found->node : NULL);
            if (!n)
                break;
        }
    }
    free(spans);
}

static void test_intervals_when_empty_have_none(void **state)
{
    struct itree_node node, twin, last;
    struct itree tree;

    (void)state;
    itree_init(&tree);
    assert_true(itree_is_empty(&tree));
    assert_null(itree_first(&tree, 0, UINT64_MAX));
    itree_insert(&tree, &node, 5, UINT64_MAX);
    itree_insert(&tree, &last, 5, 6);
    itree_insert_after(&tree, &twin, &node);
    assert_false(itree_is_empty(&tree));
    assert_null(itree_first(&tree, 0, 4));
    assert_ptr_equal(itree_first(&tree, 0, 5), &node);
    assert_ptr_equal(itree_next(&node, 0, 5), &twin);
    assert_int_equal(twin.last, UINT64_MAX);
    assert_ptr_equal(itree_next(&twin, 0, 5), &last);
    assert_null(itree_next(&last, 0, UINT64_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_when_in_any_order_stays_sorted),
        cmocka_unit_test(test_insert_after_when_equal_comes_next),
        cmocka_unit_test(test_changed_when_told_reaches_the_root),
        cmocka_unit_test(test_intervals_when_asked_are_those_that_overlap),
        cmocka_unit_test(test_intervals_when_empty_have_none),
    };

    return RUN(tests);
}
