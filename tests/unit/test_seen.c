// SPDX-License-Identifier: GPL-2.0-or-later
/* States that were seen: each once, by its first way. */
#include "explore/seen.h"

#include <errno.h>

#include "together.h"

#define MANY      100000u
#define PROCESSES 4u
#define EACH      50000u
#define COMMON    25000u /* of these, others add them, too */

/* Spread as keys are; never 0. */
static uint64_t mix(uint64_t x)
{
    x = (x + 1) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static struct state_key key(uint64_t n)
{
    return (struct state_key){.low = mix(n) | 1, .high = mix(~n)};
}

static struct seen_from way(uint32_t state, uint16_t step)
{
    return (struct seen_from){.state = state, .step = step};
}

/* As a search does: when there is no room, there will be some. */
static void add(struct seen_adder *a, struct state_key k, struct seen_from from)
{
    while (!seen_add(a, k, from)) {
        seen_give_back(a);
        assert_int_equal(seen_grow(a->seen), 0);
    }
}

static void assert_state(const struct seen *s, uint32_t state, uint64_t n,
                         struct seen_from from)
{
    struct seen_from was = seen_from(s, state);

    assert_true(state_same(seen_key(s, state), key(n)));
    assert_int_equal(was.state, from.state);
    assert_int_equal(was.step, from.step);
}

static void test_numbers_are_in_the_order_of_ways(void **state)
{
    struct seen *s = seen_create(0);
    struct seen_adder a = {.seen = s};

    (void)state;
    assert_int_equal(seen_nr(s), 0);
    add(&a, key(0), way(0, 0));
    assert_int_equal(seen_nr(s), 0); /* it has none yet */
    assert_int_equal(seen_number(s), 0);
    assert_int_equal(seen_nr(s), 1);
    assert_state(s, 1, 0, way(0, 0));
    add(&a, key(1), way(2, 1));
    add(&a, key(2), way(1, 65535));
    add(&a, key(3), way(1, 3));
    add(&a, key(4), way(UINT32_MAX, 1));
    assert_int_equal(seen_number(s), 0);
    assert_int_equal(seen_nr(s), 5);
    assert_state(s, 1, 0, way(0, 0));
    assert_state(s, 2, 3, way(1, 3));
    assert_state(s, 3, 2, way(1, 65535));
    assert_state(s, 4, 1, way(2, 1));
    assert_state(s, 5, 4, way(UINT32_MAX, 1));
    assert_int_equal(seen_number(s), 0); /* nothing is new */
    assert_int_equal(seen_nr(s), 5);
    assert_state(s, 5, 4, way(UINT32_MAX, 1));
    seen_destroy(s);
}

/* Keys that differ in one half only are two. */
static void test_add_when_known_keeps_the_first_way(void **state)
{
    static const uint16_t orders[][3] = {{1, 2, 3}, {1, 3, 2}, {2, 1, 3},
                                         {2, 3, 1}, {3, 1, 2}, {3, 2, 1}};
    struct seen *s = seen_create(0);
    struct seen_adder a = {.seen = s};

    (void)state;
    for (unsigned i = 0; i < 6; i++)
        for (unsigned n = 0; n < 3; n++)
            add(&a, key(i), way(10 * i + orders[i][n] / 2, orders[i][n]));
    assert_int_equal(seen_number(s), 0);
    assert_int_equal(seen_nr(s), 6);
    for (unsigned i = 0; i < 6; i++)
        assert_state(s, i + 1, i, way(10 * i, 1));
    /* What has its number has its way for good. */
    add(&a, key(3), way(0, 0));
    assert_int_equal(seen_number(s), 0);
    assert_int_equal(seen_nr(s), 6);
    assert_state(s, 4, 3, way(30, 1));
    add(&a, (struct state_key){key(3).low + 2, key(3).high}, way(60, 1));
    add(&a, (struct state_key){key(3).low, key(3).high + 2}, way(60, 2));
    assert_int_equal(seen_number(s), 0);
    assert_int_equal(seen_nr(s), 8);
    seen_destroy(s);
}

/* Each of them is there, and none twice. */
static void assert_all(const struct seen *s, uint32_t first, uint32_t nr,
                       uint64_t keys)
{
    assert_int_equal(seen_nr(s), first + nr - 1);
    for (uint32_t i = 0; i < nr; i++)
        assert_state(s, first + i, keys + i, way(i / 8, (uint16_t)(i % 8)));
}

/* Between two levels, and in the middle of one. */
static void test_grow_loses_nothing(void **state)
{
    struct seen *s = seen_create(0);
    struct seen_adder a = {.seen = s};
    unsigned grown = 0;
    uint64_t bytes = seen_bytes(s);

    (void)state;
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t n = (uint32_t)((uint64_t)i * 7919 % MANY);

        if (i == MANY / 3) {
            seen_give_back(&a);
            assert_int_equal(seen_grow(s), 0); /* when there is no need */
        }
        while (!seen_add(&a, key(n), way(n / 8, (uint16_t)(n % 8)))) {
            /* What is known needs no room. */
            assert_true(seen_add(&a, key(0), way(0, 0)));
            seen_give_back(&a);
            assert_int_equal(seen_grow(s), 0);
            grown++;
        }
    }
    assert_true(grown > 0);
    assert_int_equal(seen_number(s), 0);
    assert_all(s, 1, MANY, 0);
    assert_true(seen_bytes(s) > bytes);
    for (uint32_t i = 0; i < MANY; i++)
        add(&a, key(i), way(0, 0)); /* each is known */
    assert_int_equal(seen_number(s), 0);
    assert_all(s, 1, MANY, 0);
    for (uint32_t i = 0; i < 1000; i++)
        add(&a, key(MANY + i), way(i / 8, (uint16_t)(i % 8)));
    assert_int_equal(seen_number(s), 0);
    assert_all(s, MANY + 1, 1000, MANY);
    seen_destroy(s);
}

/* What is there stays as it was. */
static void test_the_last_state_is_the_last(void **state)
{
    static const uint32_t most[] = {5, 52427, 52428, 52429, 70000};

    (void)state;
    for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
        struct seen *s = seen_create(most[i]);
        struct seen_adder a = {.seen = s};

        for (uint32_t n = 0; n < most[i]; n++)
            add(&a, key(n), way(n / 8, (uint16_t)(n % 8)));
        assert_false(seen_add(&a, key(MANY), way(0, 0)));
        assert_int_equal(seen_grow(s), -ENOMEM);
        assert_false(seen_add(&a, key(MANY), way(0, 0)));
        assert_true(seen_add(&a, key(most[i] - 1), way(MANY, 0)));
        seen_give_back(&a);
        assert_int_equal(seen_number(s), 0);
        assert_int_equal(seen_nr(s), most[i]);
        assert_state(s, most[i] - 1, most[i] - 2,
                     way((most[i] - 2) / 8, (uint16_t)((most[i] - 2) % 8)));
        seen_destroy(s);
    }
}

/* ----------------------------------------------------------- many processes */

/*
 * The first COMMON keys are everybody's, each by his own way; the rest are his.
 * Everyone begins at another place, so that they meet.
 */
static bool add_mine(struct together *t, void *seen, unsigned me)
{
    struct seen_adder a = {.seen = seen};
    bool ok = true;

    for (unsigned i = 0; i < EACH; i++) {
        unsigned n = (i + (me & 1) * 10) % EACH;
        unsigned k = n < COMMON ? n : me * EACH + n;

        if (i % 25 == 0)
            together_wait(t);
        ok = ok && seen_add(&a, key(k), way(k, (uint16_t)((me + k) % 4 + 1)));
    }
    seen_give_back(&a);
    return ok;
}

static void test_add_when_many_do_is_each_once(void **state)
{
    struct seen *s = seen_create(0);
    uint32_t nr = COMMON + PROCESSES * (EACH - COMMON), last = 0;

    (void)state;
    for (unsigned i = 0; i < 8; i++) /* room for all */
        assert_int_equal(seen_grow(s), 0);
    together_run(PROCESSES, add_mine, s);
    assert_int_equal(seen_number(s), 0);
    assert_int_equal(seen_nr(s), nr); /* and no hole */
    for (uint32_t i = 1; i <= nr; i++) {
        struct seen_from from = seen_from(s, i);
        uint32_t me = from.state / EACH;

        assert_true(i == 1 || from.state > last);
        assert_true(state_same(seen_key(s, i), key(from.state)));
        assert_int_equal(from.step,
                         from.state < COMMON ? 1 : (me + from.state) % 4 + 1);
        last = from.state;
    }
    seen_destroy(s);
}

/*
 * A place is left over where somebody else was faster, which no test can wait
 * for: it is made of one that has a state, which is then forgotten.
 */
static void test_give_back_leaves_no_hole(void **state)
{
    struct seen *s = seen_create(0);
    struct seen_adder a = {.seen = s}, b = {.seen = s};

    (void)state;
    seen_give_back(&b); /* nothing */
    for (unsigned i = 0; i < 10; i++)
        add(&a, key(i), way(20 - i, 1));
    for (unsigned i = 0; i < 10; i += 3) {
        b.spare = i + 1;
        seen_give_back(&b);
        assert_int_equal(b.spare, 0);
    }
    assert_int_equal(seen_grow(s), 0); /* it passes over them */
    assert_int_equal(seen_number(s), 0);
    assert_int_equal(seen_nr(s), 6);
    for (unsigned i = 0, nr = 6; i < 10; i++)
        if (i % 3 != 0)
            assert_state(s, nr--, i, way(20 - i, 1));
    add(&a, key(0), way(7, 7));
    add(&a, key(8), way(0, 0));
    assert_int_equal(seen_number(s), 0);
    assert_int_equal(seen_nr(s), 7);
    assert_state(s, 7, 0, way(7, 7));
    seen_destroy(s);
}

static bool add_same(struct together *t, void *seen, unsigned me)
{
    (void)me;
    return add_mine(t, seen, 0);
}

/* All want the same at the same time: that is when places are left over. */
static void test_add_when_all_add_the_same_leaves_no_hole(void **state)
{
    struct seen *s = seen_create(0);
    uint64_t bytes = seen_bytes(s);

    (void)state;
    together_run(PROCESSES, add_same, s);
    assert_int_equal(seen_number(s), 0);
    assert_int_equal(seen_nr(s), EACH);
    assert_int_equal(seen_bytes(s), bytes + EACH * UINT64_C(24));
    for (uint32_t i = 1; i <= EACH; i++)
        assert_true(state_same(seen_key(s, i), key(i - 1)));
    seen_destroy(s);
}

static void test_bytes_are_few_for_each_state(void **state)
{
    struct seen *s = seen_create(0);
    struct seen_adder a = {.seen = s};

    (void)state;
    for (uint32_t i = 0; i < 1000000; i++) {
        add(&a, key(i), way(i / 8, (uint16_t)(i % 8)));
        if (i >= 65536 && i % 10007 == 0)
            assert_true(seen_bytes(s) <= 32 * (uint64_t)(i + 1));
    }
    assert_int_equal(seen_number(s), 0);
    assert_int_equal(seen_nr(s), 1000000);
    assert_true(seen_bytes(s) <= UINT64_C(32000000));
    assert_state(s, 777777, 777776, way(777776 / 8, 777776 % 8));
    seen_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_in_the_order_of_ways),
        cmocka_unit_test(test_add_when_known_keeps_the_first_way),
        cmocka_unit_test(test_grow_loses_nothing),
        cmocka_unit_test(test_the_last_state_is_the_last),
        cmocka_unit_test(test_add_when_many_do_is_each_once),
        cmocka_unit_test(test_give_back_leaves_no_hole),
        cmocka_unit_test(test_add_when_all_add_the_same_leaves_no_hole),
        cmocka_unit_test(test_bytes_are_few_for_each_state),
    };

    return RUN(tests);
}
