// SPDX-License-Identifier: GPL-2.0-or-later
/* Errors with one cause: one record, its ranges of pages and its places. */
#include "judge/record.h"
#include "unit.h"

#define A UINT64_C(0x70000000)

static size_t add_at(struct records *list, unsigned kind, enum cause_id cause,
                     uint64_t pc, gva_t va)
{
    const struct page_range page = {
        .mm = 1, .start = va, .end = va + PAGE_SIZE};
    static uint64_t nr;

    return records_add(list, kind, cause,
                       &(struct stamp){.nr = ++nr, .program = 1, .pc = pc},
                       &page);
}

static size_t add(struct records *list, gva_t va)
{
    return add_at(list, FINDING_LOST, CAUSE_MOVE, 0x1000, va);
}

static void assert_range(const struct record *rec, size_t n, gva_t start,
                         size_t pages)
{
    assert_true(n < rec->nr_ranges);
    assert_int_equal(rec->ranges[n].start, start);
    assert_int_equal(rec->ranges[n].end, start + pages * PAGE_SIZE);
}

static void test_add_when_kind_or_cause_is_another_is_another_record(
    void **state)
{
    struct records list = {0};

    (void)state;
    assert_int_equal(add(&list, A), 0);
    assert_int_equal(add_at(&list, FINDING_STALE, CAUSE_MOVE, 0, A), 1);
    assert_int_equal(add_at(&list, FINDING_LOST, CAUSE_ZAP, 0, A), 2);
    assert_int_equal(add(&list, A + PAGE_SIZE), 0);
    assert_int_equal(list.nr, 3);
    assert_int_equal(list.count, 4);
    assert_int_equal(list.at[0].count, 2);
    records_fini(&list);
}

/* A.A  -> AAA, and A.A.A.A whose holes are filled from above */
static void test_add_when_pages_touch_is_one_range(void **state)
{
    struct records list = {0};
    const struct record *rec;

    (void)state;
    add(&list, A);
    add(&list, A + 2 * PAGE_SIZE);
    rec = &list.at[0];
    assert_int_equal(rec->nr_ranges, 2);
    add(&list, A + PAGE_SIZE);
    assert_int_equal(rec->nr_ranges, 1);
    assert_range(rec, 0, A, 3);
    for (unsigned i = 4; i < 20; i += 2)
        add(&list, A + i * PAGE_SIZE);
    assert_int_equal(rec->nr_ranges, 9);
    for (unsigned i = 19; i > 2; i -= 2)
        add(&list, A + i * PAGE_SIZE);
    assert_int_equal(rec->nr_ranges, 1);
    assert_range(rec, 0, A, 20);
    records_fini(&list);
}

static void test_add_when_page_is_known_counts_it_again(void **state)
{
    struct records list = {0};

    (void)state;
    add(&list, A);
    add(&list, A);
    assert_int_equal(list.at[0].count, 2);
    assert_range(&list.at[0], 0, A, 1);
    assert_int_equal(list.at[0].nr_ranges, 1);
    records_fini(&list);
}

static void test_add_when_space_is_another_is_another_range(void **state)
{
    struct records list = {0};
    const struct stamp at = {.nr = 1};

    (void)state;
    for (uint32_t mm = 3; mm > 0; mm--)
        records_add(
            &list, 0, CAUSE_ZAP, &at,
            &(struct page_range){.mm = mm, .start = A, .end = A + PAGE_SIZE});
    for (uint64_t object = 2; object > 0; object--)
        records_add(&list, 0, CAUSE_ZAP, &at,
                    &(struct page_range){
                        .object = object, .start = 0, .end = PAGE_SIZE});
    assert_int_equal(list.at[0].nr_ranges, 5);
    assert_int_equal(list.at[0].ranges[0].object, 1);
    assert_int_equal(list.at[0].ranges[4].mm, 3);
    records_fini(&list);
}

/* What there is no room for is counted; with .all there is room. */
static void test_add_when_ranges_are_many_is_bounded(void **state)
{
    struct records few = {0}, all = {.all = true};

    (void)state;
    for (unsigned i = 0; i < RECORD_RANGES + 5; i++) {
        add(&few, A + 2 * i * PAGE_SIZE);
        add(&all, A + 2 * i * PAGE_SIZE);
    }
    assert_int_equal(few.at[0].nr_ranges, RECORD_RANGES);
    assert_int_equal(few.at[0].uncovered, 5);
    assert_int_equal(all.at[0].nr_ranges, RECORD_RANGES + 5);
    assert_int_equal(all.at[0].uncovered, 0);
    records_fini(&few);
    records_fini(&all);
}

static void test_add_when_places_are_many_counts_the_rest(void **state)
{
    struct records list = {0};
    const struct record *rec;

    (void)state;
    for (unsigned i = 0; i < RECORD_PLACES + 2; i++)
        add_at(&list, FINDING_LOST, CAUSE_ZAP, 0x1000 + 4 * i, A);
    add_at(&list, FINDING_LOST, CAUSE_ZAP, 0x1004, A);
    rec = &list.at[0];
    assert_int_equal(rec->nr_places, RECORD_PLACES);
    assert_int_equal(rec->places[0].count, 1);
    assert_int_equal(rec->places[1].count, 2);
    assert_int_equal(rec->places[1].first.pc, 0x1004);
    assert_int_equal(rec->elsewhere, 2);
    records_fini(&list);
}

static void test_keep_when_few_takes_the_first(void **state)
{
    struct records few = {0}, all = {.all = true};

    (void)state;
    for (unsigned i = 0; i < RECORD_FIRST + 2; i++) {
        assert_int_equal(records_keep(&few, add(&few, A)), i < RECORD_FIRST);
        assert_true(records_keep(&all, add(&all, A)));
    }
    assert_int_equal(few.at[0].listed, RECORD_FIRST);
    assert_int_equal(all.at[0].listed, RECORD_FIRST + 2);
    records_fini(&few);
    records_fini(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_add_when_kind_or_cause_is_another_is_another_record),
        cmocka_unit_test(test_add_when_pages_touch_is_one_range),
        cmocka_unit_test(test_add_when_page_is_known_counts_it_again),
        cmocka_unit_test(test_add_when_space_is_another_is_another_range),
        cmocka_unit_test(test_add_when_ranges_are_many_is_bounded),
        cmocka_unit_test(test_add_when_places_are_many_counts_the_rest),
        cmocka_unit_test(test_keep_when_few_takes_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
