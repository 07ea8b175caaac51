// SPDX-License-Identifier: GPL-2.0-or-later
/* Plans for runs of a program, by a seed. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "explore/plan.h"

static const struct plan_limits usual = {.insns = 1000000, .ram_peak = 8 << 20};

static const char *word_of_kind(const struct plan *p, enum plan_kind kind)
{
    for (unsigned i = 0; i < p->nr; i++)
        if (p->parts[i].kind == kind)
            return p->parts[i].word;
    return NULL;
}

static void test_seed_when_same_makes_the_same_plan(void **state)
{
    struct plan a, b;
    unsigned others = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        plan_of_seed(seed, &usual, &a);
        plan_of_seed(seed, &usual, &b);
        assert_int_equal(a.nr, b.nr);
        for (unsigned i = 0; i < a.nr; i++)
            assert_string_equal(a.parts[i].word, b.parts[i].word);
        plan_of_seed(seed + 1, &usual, &b);
        others += a.nr != b.nr || strcmp(a.parts[0].word, b.parts[0].word) != 0;
    }
    assert_in_range(others, 190, 200);
}

/* The same on every host: who says a seed means a plan. */
static void test_seed_when_known_makes_its_plan(void **state)
{
    struct plan p;

    (void)state;
    plan_of_seed(0, &usual, &p);
    assert_int_equal(p.nr, 1);
    assert_string_equal(p.parts[0].word, "--swap=64M");
    plan_of_seed(1, &usual, &p);
    assert_string_equal(p.parts[0].word, "--stress=swap:15625:867045");
}

static void test_seeds_have_every_kind_and_more_than_a_device(void **state)
{
    unsigned of_kind[PLAN_KINDS] = {0};
    struct plan p;

    (void)state;
    for (uint64_t seed = 1; seed <= 500; seed++) {
        plan_of_seed(seed, &usual, &p);
        assert_in_range(p.nr, 2, PLAN_KINDS);
        for (unsigned i = 0; i < p.nr; i++) {
            of_kind[p.parts[i].kind]++;
            assert_true(i == 0 || p.parts[i].kind > p.parts[i - 1].kind);
            assert_true(strlen(p.parts[i].word) + 1 < PLAN_WORD_MAX);
        }
    }
    for (unsigned k = 0; k < PLAN_KINDS; k++)
        assert_in_range(of_kind[k], 50, 500);
}

static void test_what_is_given_is_left_to_the_user(void **state)
{
    struct plan_limits limits = usual;
    struct plan p;

    (void)state;
    for (unsigned k = 0; k < PLAN_KINDS; k++)
        for (uint64_t seed = 0; seed <= 100; seed++) {
            limits.given = 1u << k;
            plan_of_seed(seed, &limits, &p);
            assert_false(plan_has(&p, k));
        }
    limits.given = (1u << PLAN_KINDS) - 1;
    plan_of_seed(7, &limits, &p);
    assert_int_equal(p.nr, 0);
}

static void test_stress_comes_tens_to_hundreds_of_times(void **state)
{
    unsigned long period;
    struct plan p;

    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        const char *word;

        plan_of_seed(seed, &usual, &p);
        word = word_of_kind(&p, PLAN_SWAP);
        if (!word)
            continue;
        assert_int_equal(sscanf(word, "--stress=swap:%lu:", &period), 1);
        assert_in_range(period, usual.insns / 300, usual.insns / 10);
    }
}

/* A program of no length, or of no size. */
static void test_limits_when_tiny_make_options_that_adiemu_takes(void **state)
{
    const struct plan_limits tiny = {.insns = 3, .ram_peak = 400000};
    unsigned long n;
    struct plan p;

    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        plan_of_seed(seed, &tiny, &p);
        assert_false(plan_has(&p, PLAN_RAM));
        if (plan_has(&p, PLAN_SWAP)) {
            assert_int_equal(
                sscanf(word_of_kind(&p, PLAN_SWAP), "--stress=swap:%lu", &n),
                1);
            assert_int_equal(n, 1);
        }
        plan_of_seed(seed, &usual, &p);
        if (plan_has(&p, PLAN_RAM)) {
            assert_int_equal(
                sscanf(word_of_kind(&p, PLAN_RAM), "--ram=%luK", &n), 1);
            assert_in_range(n, 4096, 8192);
        }
    }
}

static void test_parts_can_be_left_out(void **state)
{
    const struct plan p = {
        .nr = 3,
        .parts = {{PLAN_SWAP, "s"}, {PLAN_MIGRATE, "m"}, {PLAN_DEVICE, "d"}}};
    struct plan less = plan_without(&p, 1);

    (void)state;
    assert_int_equal(less.nr, 2);
    assert_string_equal(less.parts[1].word, "d");
    less = plan_without_stress(&p);
    assert_int_equal(less.nr, 1);
    assert_string_equal(less.parts[0].word, "d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seed_when_same_makes_the_same_plan),
        cmocka_unit_test(test_seed_when_known_makes_its_plan),
        cmocka_unit_test(test_seeds_have_every_kind_and_more_than_a_device),
        cmocka_unit_test(test_what_is_given_is_left_to_the_user),
        cmocka_unit_test(test_stress_comes_tens_to_hundreds_of_times),
        cmocka_unit_test(test_limits_when_tiny_make_options_that_adiemu_takes),
        cmocka_unit_test(test_parts_can_be_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
