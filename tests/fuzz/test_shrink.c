// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The shrinker, asked about failures that are made up: what is left of a
 * record must be what they need, and nothing else.
 */
#include <string.h>

#include "random_shrink.h"
#include "unit/unit.h"

#define P 6 /* the process that it is about, */
#define A 5 /* and its page */

static struct op *add(struct record *rec, enum verb verb, uint32_t pid,
                      unsigned page)
{
    struct op *op = &rec->op[rec->nr++];

    *op = (struct op){
        .verb = verb, .pid = pid, .va = layout_va(1, page), .pages = 1};
    return op;
}

/* Operations of other processes on other pages. */
static void add_noise(struct record *rec, unsigned n)
{
    static const enum verb verbs[] = {OP_WRITE, OP_TAG, OP_SWAPOUT, OP_READ,
                                      OP_MIGRATE};

    for (; n > 0; n--)
        add(rec, verbs[n % 5], 7 + n % 5, 30 + n % 40);
}

static struct record *record(void)
{
    static struct record rec;

    memset(&rec, 0, sizeof(rec));
    rec.config.layout = 1;
    rec.config.frames = 300;
    return &rec;
}

/* The first @verb from @from on, of the process and page of @of; or -1. */
static int next(const struct record *rec, int from, enum verb verb,
                const struct op *of)
{
    for (unsigned i = (unsigned)(from + 1); from >= -1 && i < rec->nr; i++)
        if (rec->op[i].verb == verb &&
            (!of || (rec->op[i].pid == of->pid && rec->op[i].va == of->va)))
            return (int)i;
    return -2;
}

/* Some page is written, swapped out and read. */
static bool round_trip(void *ctx, struct record *rec)
{
    unsigned *asked = ctx;

    ++*asked;
    for (int i = next(rec, -1, OP_WRITE, NULL); i >= 0;
         i = next(rec, i, OP_WRITE, NULL))
        if (next(rec, next(rec, i, OP_SWAPOUT, &rec->op[i]), OP_READ,
                 &rec->op[i]) >= 0)
            return true;
    return false;
}

static void test_shrink_when_noise_is_between_leaves_three(void **state)
{
    struct record *rec = record();
    unsigned asked = 0;

    (void)state;
    add_noise(rec, 300);
    add(rec, OP_WRITE, P, A)->pages = 5;
    add_noise(rec, 200);
    add(rec, OP_SWAPOUT, P, A);
    add_noise(rec, 200);
    add(rec, OP_READ, P, A);
    shrink(rec, round_trip, &asked);
    assert_int_equal(rec->nr, 3);
    assert_int_equal(rec->op[0].verb, OP_WRITE);
    assert_int_equal(rec->op[0].pages, 1);
    assert_int_equal(rec->op[0].pid, 1);
    assert_int_equal(rec->op[2].verb, OP_READ);
    assert_int_equal(rec->config.frames, 64);
    assert_true(asked < 45000);
}

/* As many locked as unlocked, and a write: one without the other will not do.
 */
static bool balanced(void *ctx, struct record *rec)
{
    int locks = 0, writes = 0;

    (void)ctx;
    for (unsigned i = 0; i < rec->nr; i++) {
        locks += rec->op[i].verb == OP_MLOCK;
        locks -= rec->op[i].verb == OP_MUNLOCK;
        writes += rec->op[i].verb == OP_WRITE;
    }
    return locks == 0 && writes > 0;
}

static void test_shrink_when_two_belong_together_takes_both(void **state)
{
    struct record *rec = record();

    (void)state;
    for (unsigned i = 0; i < 10; i++)
        add(rec, OP_MLOCK, 1, A);
    add(rec, OP_WRITE, 1, A);
    for (unsigned i = 0; i < 10; i++)
        add(rec, OP_MUNLOCK, 1, A);
    shrink(rec, balanced, NULL);
    assert_int_equal(rec->nr, 1);
}

/* A read fails, the one that a "fail" further up has counted. */
static bool read_fails(void *ctx, struct record *rec)
{
    unsigned in = 0;

    (void)ctx;
    for (unsigned i = 0; i < rec->nr; i++) {
        const struct op *op = &rec->op[i];

        if (op->verb == OP_FAIL)
            in = op->nr;
        else if (op->verb == OP_READ && in > 0 && --in == 0)
            return op->va == layout_va(1, A) && op->pid == P;
    }
    return false;
}

static void test_shrink_when_others_are_counted_counts_less(void **state)
{
    struct record *rec = record();

    (void)state;
    add(rec, OP_FAIL, 0, 0)->nr = 6;
    for (unsigned i = 0; i < 5; i++)
        add(rec, OP_READ, P, 30 + i);
    add_noise(rec, 40);
    for (unsigned i = 0; i < rec->nr; i++)
        if (rec->op[i].verb == OP_READ && rec->op[i].pid != P)
            rec->op[0].nr++;
    add(rec, OP_READ, P, A);
    assert_true(read_fails(NULL, rec));
    shrink(rec, read_fails, NULL);
    assert_int_equal(rec->nr, 2);
    assert_int_equal(rec->op[0].nr, 1);
}

/* A process, and the one that it was forked from, both have a page tagged. */
static bool two_tagged(void *ctx, struct record *rec)
{
    int a = next(rec, -1, OP_TAG, NULL), b = next(rec, a, OP_TAG, NULL);

    (void)ctx;
    return a >= 0 && b >= 0 && rec->op[a].value == 9 && rec->op[b].value == 9;
}

static void test_shrink_when_processes_matter_not_leaves_one(void **state)
{
    struct record *rec = record();

    (void)state;
    add(rec, OP_FORK, 1, 0)->child = P;
    add(rec, OP_FORK, P, 0)->child = 8;
    add(rec, OP_TAG, P, A)->value = 9;
    add(rec, OP_TAG, 8, A + 1)->value = 9;
    for (unsigned i = 2; i < 4; i++)
        rec->op[i].block = 3;
    shrink(rec, two_tagged, NULL);
    assert_int_equal(rec->nr, 2);
    assert_int_equal(rec->op[0].pid, 1);
    assert_int_equal(rec->op[1].pid, 1);
    assert_true(rec->op[0].va == rec->op[1].va);
}

/* Something goes to swap after a write; today it is reclaim that does it. */
static bool written_goes(void *ctx, struct record *rec)
{
    int w = next(rec, -1, OP_WRITE, NULL);

    (void)ctx;
    if (w < 0)
        return false;
    if (next(rec, w, OP_SWAPOUT, &rec->op[w]) >= 0)
        return true;
    for (int k = 0; k < 4; k++)
        w = next(rec, w, OP_COMPACT, NULL);
    return w >= 0;
}

static void test_shrink_when_a_swapout_will_do_takes_that(void **state)
{
    struct record *rec = record();

    (void)state;
    add(rec, OP_WRITE, 1, A);
    for (unsigned i = 0; i < 4; i++)
        add(rec, OP_COMPACT, 0, 0);
    shrink(rec, written_goes, NULL);
    assert_int_equal(rec->nr, 2);
    assert_int_equal(rec->op[1].verb, OP_SWAPOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shrink_when_noise_is_between_leaves_three),
        cmocka_unit_test(test_shrink_when_two_belong_together_takes_both),
        cmocka_unit_test(test_shrink_when_others_are_counted_counts_less),
        cmocka_unit_test(test_shrink_when_processes_matter_not_leaves_one),
        cmocka_unit_test(test_shrink_when_a_swapout_will_do_takes_that),
    };

    return RUN(tests);
}
