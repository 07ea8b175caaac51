// SPDX-License-Identifier: GPL-2.0-or-later
/* The events of a run, the life of each saved copy, and what is left out. */
#include "judge/ledger.h"
#include "judge/lives.h"
#include "judge/timeline.h"
#include "unit.h"

#define A     UINT64_C(0x70000000)
#define B     UINT64_C(0x71000000)
#define CHILD 2

struct bench {
    struct ledger *ledger;
    struct lives *lives;
    uint64_t nr;
};

static struct bench bench_create(size_t limit)
{
    struct bench b = {.ledger = ledger_create(), .lives = lives_create(limit)};

    assert_non_null(b.ledger);
    assert_non_null(b.lives);
    ledger_keep_lives(b.ledger, b.lives);
    return b;
}

static void bench_destroy(struct bench *b)
{
    ledger_destroy(b->ledger);
    lives_destroy(b->lives);
}

static void happens(struct bench *b, struct event ev)
{
    ev.nr = ++b->nr;
    if (!ev.mm)
        ev.mm = 1;
    ledger_event(b->ledger, &ev);
}

static void at(struct bench *b, enum event_kind kind, gva_t va)
{
    happens(b, (struct event){.kind = kind, .va = va, .bytes = 8});
}

static const struct life *nth(const struct bench *b, size_t n)
{
    assert_true(n < lives_count(b->lives));
    return lives_nth(b->lives, n);
}

static void test_life_ends_with_its_release(void **state)
{
    struct bench b = bench_create(100);

    (void)state;
    at(&b, EV_TAG_SAVE, A);
    at(&b, EV_TAG_SAVE, B);
    at(&b, EV_TAG_RESTORE, A);
    at(&b, EV_TAG_DROP, B);
    assert_int_equal(lives_count(b.lives), 2);
    assert_int_equal(nth(&b, 0)->fate, LIFE_RESTORED);
    assert_int_equal(nth(&b, 0)->begin.nr, 1);
    assert_int_equal(nth(&b, 0)->end.nr, 3);
    assert_int_equal(nth(&b, 1)->fate, LIFE_FREED);
    assert_int_equal(nth(&b, 1)->end.nr, 4);
    bench_destroy(&b);
}

/* A[1]  -> B[2], and in the child B[3], which has 2 as its parent */
static void test_life_goes_on_where_the_page_went(void **state)
{
    struct bench b = bench_create(100);

    (void)state;
    at(&b, EV_TAG_SAVE, A);
    happens(&b, (struct event){.kind = EV_TAG_MOVE, .va = A, .to = B});
    happens(&b, (struct event){.kind = EV_TAG_DUP, .va = B, .mm2 = CHILD});
    at(&b, EV_TAG_RESTORE, B);
    assert_int_equal(nth(&b, 0)->fate, LIFE_GONE);
    assert_int_equal(nth(&b, 1)->origin, LIFE_MOVED);
    assert_int_equal(nth(&b, 1)->va, B);
    assert_int_equal(nth(&b, 1)->parent, 1);
    assert_int_equal(nth(&b, 1)->fate, LIFE_RESTORED);
    assert_int_equal(nth(&b, 2)->origin, LIFE_SHARED);
    assert_int_equal(nth(&b, 2)->mm, CHILD);
    assert_int_equal(nth(&b, 2)->parent, 2);
    assert_int_equal(nth(&b, 2)->fate, LIFE_OPEN);
    bench_destroy(&b);
}

/* A is cut off and leaks; B is held by its entry, and exit frees it. */
static void test_life_when_mm_leaves_is_leaked_or_held(void **state)
{
    struct bench b = bench_create(100);

    (void)state;
    at(&b, EV_TAG_SAVE, A);
    at(&b, EV_TAG_SAVE, B);
    at(&b, EV_SWAP_GONE, A);
    at(&b, EV_MM_EXIT, 0);
    assert_int_equal(nth(&b, 0)->fate, LIFE_LEAKED);
    assert_int_equal(nth(&b, 0)->cut.nr, 3);
    assert_int_equal(nth(&b, 1)->fate, LIFE_HELD);
    at(&b, EV_TAG_DROP, A);
    at(&b, EV_TAG_DROP, B);
    assert_int_equal(nth(&b, 0)->fate, LIFE_LEAKED);
    assert_int_equal(nth(&b, 0)->end.nr, 0);
    assert_int_equal(nth(&b, 1)->fate, LIFE_FREED);
    bench_destroy(&b);
}

static void test_life_in_a_buffer_that_goes(void **state)
{
    struct bench b = bench_create(100);

    (void)state;
    for (uint64_t buf = 1; buf <= 2; buf++) {
        happens(&b, (struct event){.kind = EV_STORE_ALLOC, .buf = buf});
        happens(&b, (struct event){.kind = EV_TAG_SAVE, .va = A, .buf = buf});
    }
    happens(&b, (struct event){.kind = EV_STORE_FREE, .buf = 1});
    happens(&b, (struct event){.kind = EV_STORE_ORPHAN, .buf = 2});
    assert_int_equal(nth(&b, 0)->fate, LIFE_DISCARDED);
    assert_int_equal(nth(&b, 0)->end.nr, 5);
    assert_int_equal(nth(&b, 1)->fate, LIFE_LEAKED);
    assert_int_equal(nth(&b, 1)->cut.nr, 6);
    bench_destroy(&b);
}

/* The copy of a slot stays when a page got it. */
static void test_life_of_a_slot_counts_restores(void **state)
{
    struct bench b = bench_create(100);
    struct event ev = {
        .kind = EV_TAG_SAVE, .by_entry = true, .va = A, .entry = 0x200000};

    (void)state;
    happens(&b, ev);
    ev.kind = EV_TAG_RESTORE;
    happens(&b, ev);
    happens(&b, ev);
    assert_int_equal(nth(&b, 0)->fate, LIFE_OPEN);
    assert_int_equal(nth(&b, 0)->restores, 2);
    assert_int_equal(nth(&b, 0)->entry, 0x200000);
    ev.kind = EV_TAG_SAVE;
    happens(&b, ev);
    ev.kind = EV_TAG_DROP;
    happens(&b, ev);
    assert_int_equal(nth(&b, 0)->fate, LIFE_REPLACED);
    assert_int_equal(nth(&b, 1)->fate, LIFE_FREED);
    bench_destroy(&b);
}

/* The last two stay, and the first, which leaked. */
static void test_lives_over_the_limit_are_counted(void **state)
{
    struct bench b = bench_create(2);

    (void)state;
    at(&b, EV_TAG_SAVE, A);
    at(&b, EV_SWAP_GONE, A);
    for (unsigned i = 0; i < 20; i++) {
        at(&b, EV_TAG_SAVE, B);
        at(&b, EV_TAG_DROP, B);
    }
    at(&b, EV_MM_EXIT, 0);
    lives_trim(b.lives);
    assert_int_equal(lives_count(b.lives), 3);
    assert_int_equal(lives_left_out(b.lives), 18);
    assert_int_equal(nth(&b, 0)->nr, 1);
    assert_int_equal(nth(&b, 0)->fate, LIFE_LEAKED);
    assert_int_equal(nth(&b, 1)->nr, 20);
    assert_int_equal(nth(&b, 2)->nr, 21);
    assert_int_equal(nth(&b, 2)->fate, LIFE_FREED);
    bench_destroy(&b);
}

/* However many leak, the room is for so many and no more. */
static void test_lives_that_leak_are_bounded(void **state)
{
    struct bench b = bench_create(3);

    (void)state;
    for (unsigned i = 0; i < 50; i++)
        at(&b, EV_TAG_SAVE, A + i * PAGE_SIZE);
    assert_true(lives_count(b.lives) <= 9);
    lives_trim(b.lives);
    assert_int_equal(lives_count(b.lives), 6);
    assert_int_equal(nth(&b, 0)->nr, 45);
    assert_int_equal(lives_left_out(b.lives), 44);
    bench_destroy(&b);
}

static void told(struct timeline *t, enum event_kind kind, uint64_t nr,
                 gva_t va)
{
    timeline_event(t,
                   &(struct event){.kind = kind, .nr = nr, .mm = 1, .va = va});
}

static void assert_events(struct timeline *t, size_t nr, const uint64_t *want)
{
    timeline_trim(t);
    assert_int_equal(timeline_nr_events(t), nr);
    for (size_t i = 0; i < nr; i++)
        assert_int_equal(timeline_nth(t, i)->ev.nr, want[i]);
}

static void test_events_keep_their_tags(void **state)
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE] = {7};
    struct timeline *t = timeline_create(2);

    (void)state;
    assert_non_null(t);
    timeline_event(t, &(struct event){.kind = EV_VISIBLE, .nr = 1});
    timeline_event(t,
                   &(struct event){.kind = EV_VISIBLE, .nr = 2, .tags = tags});
    tags[0] = 9;
    timeline_event(t, &(struct event){.kind = EV_ZAP, .nr = 3});
    assert_events(t, 2, (const uint64_t[]){2, 3});
    assert_true(timeline_nth(t, 0)->has_tags);
    assert_int_equal(timeline_nth(t, 0)->tags[0], 7);
    assert_false(timeline_nth(t, 1)->has_tags);
    assert_int_equal(timeline_left_out(t), 0);
    assert_int_equal(timeline_complete_from(t), 1);
    timeline_destroy(t);
}

static void test_events_over_the_limit_are_the_last(void **state)
{
    struct timeline *t = timeline_create(3);

    (void)state;
    for (uint64_t nr = 1; nr <= 100; nr++)
        told(t, EV_SWAP_OUT, nr, A);
    assert_events(t, 3, (const uint64_t[]){98, 99, 100});
    assert_int_equal(timeline_left_out(t), 97);
    assert_int_equal(timeline_complete_from(t), 98);
    timeline_destroy(t);
}

/* What is known of a page that is wrong, and what comes later, stays. */
static void test_events_of_a_wanted_page_stay(void **state)
{
    struct timeline *t = timeline_create(3);
    uint64_t nr = 1;

    (void)state;
    told(t, EV_TAG_SAVE, nr++, A);
    told(t, EV_SWAP_OUT, nr++, B);
    timeline_want(t, 1, B, (const struct stamp[]){{.nr = 1}}, 1);
    for (; nr < 20; nr++)
        told(t, EV_SWAP_OUT, nr, A);
    told(t, EV_SWAP_IN, nr++, B);
    for (; nr < 50; nr++)
        told(t, EV_SWAP_OUT, nr, A);
    assert_events(t, 5, (const uint64_t[]){1, 20, 47, 48, 49});
    assert_int_equal(timeline_complete_from(t), 47);
    timeline_destroy(t);
}

/* A range is of each page in it; mremap takes the page along. */
static void test_events_of_a_range_with_a_wanted_page_stay(void **state)
{
    struct timeline *t = timeline_create(2);
    struct event range = {
        .kind = EV_ZAP, .mm = 1, .va = A, .end = A + 4 * PAGE_SIZE};
    const gva_t last = A + 3 * PAGE_SIZE;
    uint64_t nr = 1;

    (void)state;
    timeline_want(t, 1, last, NULL, 0);
    range.nr = nr++;
    timeline_event(t, &range);
    range.end -= PAGE_SIZE;
    range.nr = nr++;
    timeline_event(t, &range);
    range = (struct event){.kind = EV_REMAP,
                           .mm = 1,
                           .va = last,
                           .end = last + PAGE_SIZE,
                           .to = B,
                           .nr = nr++};
    timeline_event(t, &range);
    told(t, EV_SWAP_OUT, nr++, B);
    for (; nr < 30; nr++)
        told(t, EV_SWAP_OUT, nr, A);
    assert_events(t, 4, (const uint64_t[]){3, 4, 28, 29});
    timeline_destroy(t);
}

static void test_events_of_wanted_pages_are_bounded(void **state)
{
    struct timeline *t = timeline_create(3);

    (void)state;
    timeline_want(t, 1, A, NULL, 0);
    for (uint64_t nr = 1; nr <= 100; nr++)
        told(t, EV_SWAP_OUT, nr, A);
    assert_true(timeline_nr_events(t) <= 9);
    assert_events(t, 6, (const uint64_t[]){95, 96, 97, 98, 99, 100});
    timeline_destroy(t);
}

static void test_pages_over_the_limit_are_counted(void **state)
{
    struct timeline *t = timeline_create(1);

    (void)state;
    assert_non_null(t);
    assert_true(timeline_leave(t, &(struct event){.mm = 1, .nr = 1}));
    for (gva_t i = 0; i < TIMELINE_MAX_PAGES; i++)
        timeline_page(t, &(struct page_image){.va = i << PAGE_SHIFT});
    assert_true(timeline_leave(t, &(struct event){.mm = 2, .nr = 2}));
    timeline_page(t, &(struct page_image){.va = A});
    timeline_area(t, &(struct area_image){.start = A});
    assert_int_equal(timeline_nr_spaces(t), 2);
    assert_int_equal(timeline_space(t, 0)->nr_pages, TIMELINE_MAX_PAGES);
    assert_int_equal(timeline_space(t, 0)->pages_left_out, 0);
    assert_int_equal(timeline_space(t, 0)->pages[100].va, 100 << PAGE_SHIFT);
    assert_int_equal(timeline_space(t, 1)->nr_pages, 0);
    assert_int_equal(timeline_space(t, 1)->pages_left_out, 1);
    assert_int_equal(timeline_space(t, 1)->nr_areas, 1);
    timeline_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life_ends_with_its_release),
        cmocka_unit_test(test_life_goes_on_where_the_page_went),
        cmocka_unit_test(test_life_when_mm_leaves_is_leaked_or_held),
        cmocka_unit_test(test_life_in_a_buffer_that_goes),
        cmocka_unit_test(test_life_of_a_slot_counts_restores),
        cmocka_unit_test(test_lives_over_the_limit_are_counted),
        cmocka_unit_test(test_lives_that_leak_are_bounded),
        cmocka_unit_test(test_events_keep_their_tags),
        cmocka_unit_test(test_events_over_the_limit_are_the_last),
        cmocka_unit_test(test_events_of_a_wanted_page_stay),
        cmocka_unit_test(test_events_of_a_range_with_a_wanted_page_stay),
        cmocka_unit_test(test_events_of_wanted_pages_are_bounded),
        cmocka_unit_test(test_pages_over_the_limit_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
