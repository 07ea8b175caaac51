// SPDX-License-Identifier: GPL-2.0-or-later
/* What was found: each kind once, by its first way. */
#include "explore/found.h"

#include "together.h"

static bool key_equal(const struct found_key *a, const struct found_key *b)
{
    return a->class == b->class && a->detail == b->detail &&
           a->cause == b->cause && a->path == b->path;
}

static bool way_equal(const struct found_way *a, const struct found_way *b)
{
    return a->length == b->length && a->state == b->state && a->step == b->step;
}

static void test_found_keeps_the_first_way(void **state)
{
    static const struct found_way ways[] = {
        {5, 9, 9}, {4, 9, 9}, {4, 8, 9}, {4, 8, 1}, {4, 8, FOUND_AT_END}};
    struct found_list *l = found_create();
    struct found_key key = {.class = FOUND_LEAK, .detail = 1};
    struct found_key other = key;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        assert_true(found_add(l, &key, &ways[i]));
        assert_true(found_add(l, &key, &ways[i / 2]));
        assert_int_equal(found_sort(l), 1);
        assert_true(way_equal(&found_nth(l, 0)->way, &ways[i]));
    }
    other.detail = 2;
    assert_true(found_add(l, &other, &ways[2]));
    other.path++;
    assert_true(found_add(l, &other, &ways[0]));
    other.cause++;
    assert_true(found_add(l, &other, &ways[1]));
    other.class = FOUND_LOST;
    assert_true(found_add(l, &other, &ways[1]));
    assert_int_equal(found_sort(l), 5);
    for (unsigned i = 0; i + 1 < 5; i++)
        assert_true(found_nth(l, i)->way.length <=
                    found_nth(l, i + 1)->way.length);
    assert_true(key_equal(&found_nth(l, 0)->key, &key));
    assert_true(key_equal(&found_nth(l, 2)->key, &other)); /* by its class */
    found_destroy(l);
}

static void test_found_when_full_refuses(void **state)
{
    struct found_list *l = found_create();
    struct found_key key = {.class = FOUND_LOST};
    struct found_way way = {3, 7, 1};

    (void)state;
    for (key.detail = 0; key.detail < FOUND_MAX; key.detail++)
        assert_true(found_add(l, &key, &way));
    assert_false(found_add(l, &key, &way));
    assert_int_equal(found_sort(l), FOUND_MAX);
    key.detail = FOUND_MAX / 2; /* it is known */
    way.length = 2;
    assert_true(found_add(l, &key, &way));
    assert_int_equal(found_sort(l), FOUND_MAX);
    assert_int_equal(found_nth(l, 0)->key.detail, FOUND_MAX / 2);
    found_destroy(l);
}

#define LISTS     2500u
#define PROCESSES 4u
#define OWN       60u
#define COMMON    40u

/* Into one list after the other: some that no other adds, and some that all
 * do, by ways of their own. */
static bool add_many(struct together *t, void *ctx, unsigned me)
{
    struct found_list **lists = ctx;
    bool ok = true;

    for (unsigned n = 0; n < LISTS; n++) {
        together_wait(t);
        for (unsigned i = 0; i < OWN; i++) {
            struct found_key key = {.class = 1, .detail = me * OWN + i};
            struct found_way way = {2, 1 + me, 1};

            ok = ok && found_add(lists[n], &key, &way);
        }
        for (unsigned i = 0; i < 3 * COMMON; i++) {
            struct found_key key = {.detail = i % COMMON};
            struct found_way way = {3 - i / COMMON, 1 + (me + i) % 4, 1};

            ok = ok && found_add(lists[n], &key, &way);
        }
    }
    return ok;
}

/* None is lost or there twice, and the first way is kept. */
static void check_list(struct found_list *l)
{
    assert_int_equal(found_sort(l), COMMON + PROCESSES * OWN);
    for (unsigned i = 0; i < COMMON; i++) {
        assert_int_equal(found_nth(l, i)->key.detail, i);
        assert_int_equal(found_nth(l, i)->way.length, 1);
        assert_int_equal(found_nth(l, i)->way.state, 1);
    }
    for (unsigned i = 0; i < PROCESSES * OWN; i++) {
        assert_int_equal(found_nth(l, COMMON + i)->key.detail, i);
        assert_int_equal(found_nth(l, COMMON + i)->way.state, 1 + i / OWN);
    }
}

static void test_found_when_many_add_has_each_once(void **state)
{
    struct found_list *lists[LISTS];

    (void)state;
    for (unsigned n = 0; n < LISTS; n++) {
        lists[n] = found_create();
        assert_non_null(lists[n]);
    }
    together_run(PROCESSES, add_many, lists);
    for (unsigned n = 0; n < LISTS; n++) {
        check_list(lists[n]);
        found_destroy(lists[n]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found_keeps_the_first_way),
        cmocka_unit_test(test_found_when_full_refuses),
        cmocka_unit_test(test_found_when_many_add_has_each_once),
    };

    return RUN(tests);
}
