// SPDX-License-Identifier: GPL-2.0-or-later
/* Delta debugging, and what is left of a plan. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explore/ddmin.h"
#include "explore/shrink.h"

/* ------------------------------------------------------------------ ddmin */

/* It takes all of these things, of which one asks. */
struct needs {
    const size_t *things;
    size_t nr;
    unsigned asked;
    unsigned most; /* after so many sets there is an error */
};

static bool has_all(const struct needs *n, const bool *has)
{
    for (size_t i = 0; i < n->nr; i++)
        if (!has[n->things[i]])
            return false;
    return true;
}

static int first_of(void *ctx, const struct ddmin_sets *sets, long *first)
{
    struct needs *n = ctx;

    for (size_t i = 0; i < sets->nr; i++) {
        if (n->asked++ == n->most)
            return -EIO;
        if (has_all(n, sets->has + i * sets->things)) {
            *first = (long)i;
            return 0;
        }
    }
    return 0;
}

static unsigned check_ddmin(size_t nr, const size_t *things, size_t needed)
{
    struct needs needs = {.things = things, .nr = needed, .most = 10000};
    bool keep[400];
    size_t kept = 0;

    assert_int_equal(ddmin(nr, keep, first_of, &needs), 0);
    for (size_t i = 0; i < nr; i++)
        kept += keep[i];
    assert_true(has_all(&needs, keep));
    assert_int_equal(kept, needed ? needed : nr ? 1 : 0);
    return needs.asked;
}

static void test_ddmin_when_one_is_needed_finds_it_in_few(void **state)
{
    (void)state;
    for (size_t one = 0; one < 300; one += 13)
        assert_in_range(check_ddmin(300, &one, 1), 8, 40);
}

static void test_ddmin_when_several_are_needed_finds_them(void **state)
{
    const size_t far[] = {0, 150, 299}, near[] = {70, 71, 72, 73};
    size_t all[20];

    (void)state;
    check_ddmin(300, far, 3);
    check_ddmin(300, near, 4);
    for (size_t i = 0; i < 20; i++)
        all[i] = i;
    check_ddmin(20, all, 20);
}

static void test_ddmin_when_there_is_nothing_to_leave_out(void **state)
{
    const size_t first = 0;

    (void)state;
    assert_int_equal(check_ddmin(0, NULL, 0), 0);
    assert_int_equal(check_ddmin(1, &first, 1), 0);
    check_ddmin(5, NULL, 0);
}

static void test_ddmin_when_asking_fails_keeps_what_was_found(void **state)
{
    const size_t one = 5;
    struct needs needs = {.things = &one, .nr = 1, .most = 2};
    bool keep[64];
    size_t kept = 0;

    (void)state;
    assert_int_equal(ddmin(64, keep, first_of, &needs), -EIO);
    for (size_t i = 0; i < 64; i++)
        kept += keep[i];
    assert_int_equal(kept, 16); /* a half of a half */
    assert_true(keep[one]);
}

/* ----------------------------------------------------------------- shrink */

/* A program that shows it when it has these. */
struct program {
    unsigned kinds;      /* of the plan, a bit for each */
    const char *lines;   /* of its script, each a letter; or a stress */
    unsigned most;       /* runs that there are */
    unsigned runs;       /* that were made */
    bool only_by_itself; /* a script does not show it */
    int err;             /* of the next run */
};

static bool shows(struct program *p, const struct attempt *a)
{
    bool stress = plan_has(&a->plan, PLAN_SWAP);
    char line[] = "?\n";

    p->runs++;
    for (unsigned k = 0; k < PLAN_KINDS; k++)
        if (p->kinds >> k & 1 && !plan_has(&a->plan, k) &&
            !(k == PLAN_SWAP && a->script && !p->only_by_itself))
            return false;
    for (const char *c = p->lines; *c && !stress; c++) {
        *line = *c;
        if (!a->script || !strstr(a->script, line))
            return false;
    }
    return true;
}

static int first_that_shows(void *ctx, const struct attempt *attempts,
                            size_t nr, long *first, char **lines)
{
    struct program *p = ctx;

    *first = -1;
    if (p->err)
        return p->err;
    for (size_t i = 0; i < nr && *first < 0; i++)
        if (shows(p, &attempts[i]))
            *first = (long)i;
    if (lines)
        *lines = strdup("a\nb\n# a page that no process has\nc\nd\ne\nf\n");
    return 0;
}

static const struct plan whole = {.nr = 4,
                                  .parts = {{PLAN_FAIL, "fail"},
                                            {PLAN_SWAP, "stress"},
                                            {PLAN_SCHEDULE, "order"},
                                            {PLAN_DEVICE, "swap,sync"}}};

static struct shrunk shrink_it(struct program *p, unsigned stays)
{
    const struct shrink_config config = {.first = first_that_shows,
                                         .ctx = p,
                                         .max_runs = p->most ? p->most : 100,
                                         .stays = stays};
    struct shrunk out;

    assert_int_equal(shrink(&config, &whole, &out), 0);
    assert_int_equal(out.runs, p->runs);
    assert_in_range(out.runs, 0, config.max_runs);
    return out;
}

static void test_shrink_leaves_the_lines_that_it_takes(void **state)
{
    struct program p = {.kinds = 1u << PLAN_SWAP | 1u << PLAN_DEVICE,
                        .lines = "be"};
    struct shrunk out = shrink_it(&p, 0);

    (void)state;
    assert_int_equal(out.attempt.plan.nr, 1);
    assert_string_equal(out.attempt.plan.parts[0].word, "swap");
    assert_string_equal(out.attempt.script, "b\ne\n");
    assert_int_equal(out.lines, 2);
    assert_false(out.used_up || out.not_lines);
    shrunk_free(&out);
}

static void test_shrink_without_stress_has_no_script(void **state)
{
    struct program p = {.kinds = 1u << PLAN_SCHEDULE, .lines = ""};
    struct shrunk out = shrink_it(&p, 0);

    (void)state;
    assert_int_equal(out.attempt.plan.nr, 1);
    assert_null(out.attempt.script);
    shrunk_free(&out);

    p.runs = 0;
    out = shrink_it(&p, 1u << PLAN_DEVICE);
    assert_int_equal(out.attempt.plan.nr, 2);
    shrunk_free(&out);
}

static void test_shrink_when_lines_do_not_show_it_keeps_the_stress(void **state)
{
    struct program p = {
        .kinds = 1u << PLAN_SWAP, .lines = "b", .only_by_itself = true};
    struct shrunk out = shrink_it(&p, 0);

    (void)state;
    assert_true(out.not_lines);
    assert_false(out.used_up);
    assert_null(out.attempt.script);
    assert_true(plan_has(&out.attempt.plan, PLAN_SWAP));
    shrunk_free(&out);
}

/* Whenever it ends, what is left shows it. */
static void test_shrink_when_runs_are_used_up_says_so(void **state)
{
    (void)state;
    for (unsigned most = 1; most < 40; most++) {
        struct program p = {.kinds = 1u << PLAN_SWAP | 1u << PLAN_DEVICE,
                            .lines = "be",
                            .most = most};
        struct shrunk out = shrink_it(&p, 0);

        assert_true(shows(&p, &out.attempt));
        assert_true(out.used_up || out.lines == 2);
        if (out.used_up)
            assert_int_equal(out.runs, most);
        shrunk_free(&out);
    }
}

static void test_shrink_when_a_run_fails_has_what_it_had(void **state)
{
    struct program p = {.err = -EINTR};
    const struct shrink_config config = {
        .first = first_that_shows, .ctx = &p, .max_runs = 100};
    struct shrunk out;

    (void)state;
    assert_int_equal(shrink(&config, &whole, &out), -EINTR);
    assert_int_equal(out.attempt.plan.nr, whole.nr);
    shrunk_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ddmin_when_one_is_needed_finds_it_in_few),
        cmocka_unit_test(test_ddmin_when_several_are_needed_finds_them),
        cmocka_unit_test(test_ddmin_when_there_is_nothing_to_leave_out),
        cmocka_unit_test(test_ddmin_when_asking_fails_keeps_what_was_found),
        cmocka_unit_test(test_shrink_leaves_the_lines_that_it_takes),
        cmocka_unit_test(test_shrink_without_stress_has_no_script),
        cmocka_unit_test(
            test_shrink_when_lines_do_not_show_it_keeps_the_stress),
        cmocka_unit_test(test_shrink_when_runs_are_used_up_says_so),
        cmocka_unit_test(test_shrink_when_a_run_fails_has_what_it_had),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
