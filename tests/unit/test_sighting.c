// SPDX-License-Identifier: GPL-2.0-or-later
/* What runs of a program showed, by their reports. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "explore/sighting.h"

static const struct run_end plain = {
    .exit_code = 0, .out = "four\n", .out_len = 5, .err = ""};

static const char CLEAN[] = "{\"kernel_bug\": null, \"counters\": {}}";

/* What a run with this report shows. */
static struct sightings seen_in(const char *text, struct run_end end,
                                bool failing, uint64_t seed)
{
    const struct run_usual usual = {
        .plain = &plain, .failing = failing, .timeout = "a while"};
    json_t *report = text ? json_loads(text, 0, NULL) : NULL;
    struct sightings s = {NULL, 0};

    assert_true(!text || report);
    end.report = report;
    assert_int_equal(sightings_read(&s, &end, &usual, seed), 0);
    json_decref(report);
    return s;
}

static void expect_one(struct sightings s, enum found_class class,
                       const char *detail, const char *cause, const char *path)
{
    assert_int_equal(s.nr, 1);
    assert_int_equal(s.all[0].class, class);
    assert_string_equal(s.all[0].detail, detail);
    assert_string_equal(s.all[0].cause, cause);
    assert_string_equal(s.all[0].path, path);
    sightings_free(&s);
}

#define CAUSE                                                                  \
    "\"cause\": {\"id\": \"zap\", \"function\": \"zap_pte_range\", "           \
    "\"what\": \"forgets\", \"hook\": \"missing\"}"

static void test_run_that_is_as_the_plain_one_shows_nothing(void **state)
{
    struct sightings s = seen_in(CLEAN, plain, false, 1);

    (void)state;
    assert_int_equal(s.nr, 0);
    sightings_free(&s);
}

static void test_errors_of_the_report(void **state)
{
    (void)state;
    expect_one(seen_in("{\"pages\": [{\"kind\": \"lost\", " CAUSE
                       ", \"seen\": {\"path\": \"fork\"}},"
                       "{\"kind\": \"lost\", " CAUSE
                       ", \"seen\": {\"path\": \"fork\"}}]}",
                       plain, false, 1),
               FOUND_LOST, "-", "zap", "fork");
    expect_one(seen_in("{\"pages\": [{\"kind\": \"stale\", \"cause\": null, "
                       "\"seen\": {\"path\": \"swap-in\"}}]}",
                       plain, false, 1),
               FOUND_STALE, "-", "-", "swap-in");
    expect_one(seen_in("{\"leaks\": [{\"class\": \"still reachable\"}, "
                       "{\"class\": \"definitely leaked\", " CAUSE
                       ", \"unreachable_since\": null}]}",
                       plain, false, 1),
               FOUND_LEAK, "definitely leaked", "zap", "-");
    expect_one(
        seen_in("{\"wrong_releases\": [{\"kind\": \"never saved\", " CAUSE
                ", \"at\": {\"path\": \"swap-in\"}}]}",
                plain, false, 1),
        FOUND_RELEASE, "never saved", "zap", "swap-in");
    expect_one(seen_in("{\"refused_saves\": [{\"cause\": {\"id\": "
                       "\"no-memory\"}}, {\"cause\": {\"id\": "
                       "\"no-descriptor\"}, \"at\": {\"path\": "
                       "\"swap-out\"}}]}",
                       plain, false, 1),
               FOUND_REFUSED, "-", "no-descriptor", "swap-out");
    expect_one(seen_in("{\"counters\": {\"slots_stuck\": 2}}", plain, false, 1),
               FOUND_STUCK, "-", "-", "swapoff");
    expect_one(seen_in("{\"kernel_bug\": {\"id\": \"fault-hwpoison\", "
                       "\"function\": \"f\", \"why\": \"w\", \"at\": "
                       "{\"path\": \"none\"}}}",
                       (struct run_end){.exit_code = 72, .err = ""}, false, 1),
               FOUND_BUG, "fault-hwpoison", "-", "none");
}

static void test_mismatch_is_of_the_program_or_of_what_was_lost(void **state)
{
    (void)state;
    expect_one(
        seen_in("{\"mismatches\": [{\"access\": \"load\", \"pointer_tag\":"
                " 5, \"memory_tag\": 6, \"kernel\": false, \"set\": "
                "{\"tag\": 6}, \"stack\": [{\"pc\": \"0x10\", \"code\":"
                " [{\"function\": \"use\"}]}]}]}",
                plain, false, 1),
        FOUND_MISMATCH, "load", "-", "use");
    expect_one(seen_in("{\"mismatches\": [{\"access\": \"store\", "
                       "\"pointer_tag\": 5, \"memory_tag\": 6, \"kernel\": "
                       "false, \"set\": null, \"stack\": [{\"pc\": \"0x10\", "
                       "\"code\": []}]}]}",
                       plain, false, 1),
               FOUND_MISMATCH, "store", "-", "0x10");
    expect_one(
        seen_in("{\"mismatches\": [{\"access\": \"load\", \"pointer_tag\":"
                " 5, \"memory_tag\": 0, \"kernel\": false, \"set\": "
                "{\"tag\": 5}, \"stack\": [{\"pc\": \"0x10\", \"code\":"
                " [{\"function\": \"use\"}]}]}]}",
                plain, false, 1),
        FOUND_MISMATCH, "the tag was lost", "-", "-");
}

static void test_output_counts_where_nothing_else_explains_it(void **state)
{
    struct run_end other = plain, status = plain;
    struct sightings s;

    (void)state;
    other.out = "five\n";
    status.exit_code = 3;
    expect_one(seen_in(CLEAN, other, false, 1), FOUND_OUTPUT, "standard output",
               "-", "-");
    expect_one(seen_in(CLEAN, status, false, 1), FOUND_OUTPUT, "exit status",
               "-", "-");
    other.out_len = 4;
    expect_one(seen_in(CLEAN, other, false, 1), FOUND_OUTPUT, "standard output",
               "-", "-");
    s = seen_in(CLEAN, other, true, 1);
    assert_int_equal(s.nr, 0);
    sightings_free(&s);
    expect_one(seen_in("{\"pages\": [{\"kind\": \"lost\", " CAUSE
                       ", \"seen\": {\"path\": \"fork\"}}]}",
                       status, false, 1),
               FOUND_LOST, "-", "zap", "fork");
}

/* Whether it was ended in time for its report is luck. */
static void test_too_much_output_differs_whatever_the_report_says(void **state)
{
    struct run_end other = {.exit_code = 137,
                            .too_much = "standard output",
                            .out = "four\nfive\n",
                            .out_len = 10,
                            .err = ""};
    struct sightings s;

    (void)state;
    s = seen_in("{\"pages\": [{\"kind\": \"lost\"}]}", other, false, 1);
    assert_string_equal(s.all[0].note, "standard output differs from that of "
                                       "the plain run at byte 6");
    expect_one(s, FOUND_OUTPUT, "standard output", "-", "-");
    other.out_len = 5;
    other.too_much = "standard error";
    expect_one(seen_in(NULL, other, false, 1), FOUND_OUTPUT, "standard error",
               "-", "-");
    s = seen_in(NULL, other, true, 1);
    assert_int_equal(s.nr, 0);
    sightings_free(&s);
}

static void test_who_is_killed_for_want_of_ram_differs(void **state)
{
    static const char said[] =
        "adiemu: Out of memory: Killed process 1001 (a)\n";
    struct run_usual usual = {
        .plain = &plain, .little_ram = true, .timeout = "a while"};
    struct run_end other = plain;
    struct sightings s = {NULL, 0};

    (void)state;
    other.out = "five\n";
    other.err = said;
    other.err_len = sizeof(said) - 1;
    assert_int_equal(sightings_read(&s, &other, &usual, 1), 0);
    assert_int_equal(s.nr, 0);
    other.err_len = 0;
    assert_int_equal(sightings_read(&s, &other, &usual, 1), 0);
    assert_int_equal(s.nr, 1);
    sightings_free(&s);
    /* The plain run had as much. */
    other.err_len = sizeof(said) - 1;
    usual.little_ram = false;
    assert_int_equal(sightings_read(&s, &other, &usual, 1), 0);
    assert_int_equal(s.nr, 1);
    sightings_free(&s);
}

static void test_run_that_does_not_end_or_breaks_adiemu(void **state)
{
    static const char said[] = "hello\nadiemu: internal error: no\nmore\n";
    struct run_end end = {.timed_out = true, .exit_code = 137, .err = ""};
    struct sightings s;

    (void)state;
    expect_one(seen_in(NULL, end, false, 1), FOUND_HANG, "-", "-", "-");
    end = (struct run_end){.exit_code = 139, .err = ""};
    expect_one(seen_in(NULL, end, false, 1), FOUND_CRASH, "-", "-", "-");
    end =
        (struct run_end){.exit_code = 70, .err = said, .err_len = strlen(said)};
    s = seen_in(CLEAN, end, false, 1);
    assert_string_equal(s.all[0].note, "internal error: no");
    expect_one(s, FOUND_CRASH, "-", "-", "-");
    /* Its own exit status. */
    end.err_len = 6;
    expect_one(seen_in(CLEAN, end, false, 1), FOUND_OUTPUT, "exit status", "-",
               "-");
}

static void test_merge_keeps_the_smallest_seed_in_any_order(void **state)
{
    struct run_end other = plain, status = plain;
    struct sightings all = {NULL, 0}, one;

    (void)state;
    other.out = "five\n";
    status.exit_code = 3;
    one = seen_in(CLEAN, other, false, 9);
    assert_int_equal(sightings_merge(&all, &one), 0);
    assert_int_equal(one.nr, 0);
    one = seen_in(CLEAN, status, false, 5);
    assert_int_equal(sightings_merge(&all, &one), 0);
    one = seen_in(CLEAN, other, false, 4);
    assert_int_equal(sightings_merge(&all, &one), 0);
    one = seen_in(CLEAN, other, false, 7);
    assert_non_null(sightings_find(&all, &one.all[0]));
    assert_int_equal(sightings_merge(&all, &one), 0);
    sightings_sort(&all);
    assert_int_equal(all.nr, 2);
    assert_int_equal(all.all[0].seed, 4);
    assert_string_equal(all.all[0].detail, "standard output");
    assert_int_equal(all.all[1].seed, 5);
    sightings_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_that_is_as_the_plain_one_shows_nothing),
        cmocka_unit_test(test_errors_of_the_report),
        cmocka_unit_test(test_mismatch_is_of_the_program_or_of_what_was_lost),
        cmocka_unit_test(test_output_counts_where_nothing_else_explains_it),
        cmocka_unit_test(test_too_much_output_differs_whatever_the_report_says),
        cmocka_unit_test(test_who_is_killed_for_want_of_ram_differs),
        cmocka_unit_test(test_run_that_does_not_end_or_breaks_adiemu),
        cmocka_unit_test(test_merge_keeps_the_smallest_seed_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
