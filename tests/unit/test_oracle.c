// SPDX-License-Identifier: GPL-2.0-or-later
/* What the tags of a page must be, told by events alone. */
#include <string.h>

#include "judge/blame.h"
#include "judge/history.h"
#include "judge/oracle.h"
#include "unit.h"

#define A     UINT64_C(0x70000000)
#define B     UINT64_C(0x71000000)
#define OTHER 2

struct bench {
    struct history *history;
    struct blames *blames;
    struct oracle *oracle;
    uint64_t nr;
};

static struct bench bench_create(void)
{
    struct bench b = {.history = history_create()};

    assert_non_null(b.history);
    b.blames = blames_create(false);
    b.oracle = oracle_create(b.history, b.blames);
    assert_non_null(b.oracle);
    return b;
}

static void bench_destroy(struct bench *b)
{
    oracle_destroy(b->oracle);
    blames_destroy(b->blames);
    history_destroy(b->history);
}

static void happens(struct bench *b, struct event ev)
{
    ev.nr = ++b->nr;
    if (!ev.mm)
        ev.mm = 1;
    history_event(b->history, &ev);
    oracle_event(b->oracle, &ev);
}

static void set(struct bench *b, uint32_t mm, gva_t page, adi_tag_t tag)
{
    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++)
        oracle_tag_store(b->oracle, mm, page + i * ADI_BLKSZ, tag, 0);
}

/* A page of @tag becomes visible, but for block 3, which has @odd. */
static void show_odd(struct bench *b, uint32_t mm, gva_t va, adi_tag_t tag,
                     adi_tag_t odd)
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE];

    memset(tags, tag, sizeof(tags));
    tags[3] = odd;
    happens(b, (struct event){.kind = EV_VISIBLE,
                              .path = PATH_SWAP_IN,
                              .mm = mm,
                              .va = va,
                              .tags = tags});
}

static void show(struct bench *b, uint32_t mm, gva_t va, adi_tag_t tag)
{
    show_odd(b, mm, va, tag, tag);
}

static const struct finding *last(const struct bench *b, size_t nr)
{
    assert_int_equal(oracle_nr_findings(b->oracle), nr);
    return oracle_finding(b->oracle, nr - 1);
}

static void assert_nothing_found(const struct bench *b)
{
    assert_int_equal(oracle_nr_findings(b->oracle), 0);
}

static void test_visible_when_tags_are_right_finds_nothing(void **state)
{
    struct bench b = bench_create();

    (void)state;
    show(&b, 1, B, 0); /* never tagged: 0 */
    set(&b, 1, A, 5);
    oracle_tag_store(b.oracle, 1, A + 3 * ADI_BLKSZ, 9, 0);
    assert_int_equal(oracle_expects(b.oracle, 1, A + 3 * ADI_BLKSZ + 63), 9);
    assert_int_equal(oracle_expects(b.oracle, 1, A + 4 * ADI_BLKSZ), 5);
    assert_int_equal(oracle_expects(b.oracle, OTHER, A), 0);
    show_odd(&b, 1, A, 5, 9);
    assert_nothing_found(&b);
    bench_destroy(&b);
}

static void test_visible_when_tag_is_gone_is_lost(void **state)
{
    struct bench b = bench_create();
    const struct finding *f;

    (void)state;
    set(&b, 1, A, 5);
    show_odd(&b, 1, A, 5, 0);
    f = last(&b, 1);
    assert_int_equal(f->kind, FINDING_LOST);
    assert_int_equal(f->mm, 1);
    assert_int_equal(f->va, A);
    assert_int_equal(f->blocks, 1);
    assert_int_equal(f->first, 3);
    assert_int_equal(f->expected, 5);
    assert_int_equal(f->found, 0);
    assert_int_equal(f->seen.path, PATH_SWAP_IN);
    /* Told once: from here on the program has what it has. */
    show_odd(&b, 1, A, 5, 0);
    (void)last(&b, 1);
    show(&b, 1, A, 7);
    f = last(&b, 2);
    assert_int_equal(f->blocks, 128);
    assert_int_equal(f->kind, FINDING_LOST);
    bench_destroy(&b);
}

static void test_visible_when_tag_is_strange_is_stale(void **state)
{
    struct bench b = bench_create();
    const struct finding *f;

    (void)state;
    show_odd(&b, 1, A, 0, 5);
    f = last(&b, 1);
    assert_int_equal(f->kind, FINDING_STALE);
    assert_int_equal(f->blocks, 1);
    assert_int_equal(f->first, 3);
    assert_int_equal(f->expected, 0);
    assert_int_equal(f->found, 5);
    bench_destroy(&b);
}

/* A page that another process has is not this one's. */
static void test_visible_when_other_process_tagged_is_stale(void **state)
{
    struct bench b = bench_create();

    (void)state;
    set(&b, OTHER, A, 5);
    show(&b, 1, A, 5);
    assert_int_equal(last(&b, 1)->kind, FINDING_STALE);
    assert_int_equal(last(&b, 1)->mm, 1);
    bench_destroy(&b);
}

/* A file page starts with whatever its frame had: only stores count. */
static void test_visible_when_undefined_asks_for_set_tags_only(void **state)
{
    struct bench b = bench_create();
    adi_tag_t tags[ADI_TAGS_PER_PAGE] = {0, 9, 9};
    const struct event ev = {.kind = EV_VISIBLE,
                             .path = PATH_FAULT,
                             .va = A,
                             .undefined = true,
                             .tags = tags};

    (void)state;
    happens(&b, ev);
    assert_nothing_found(&b);
    oracle_tag_store(b.oracle, 1, A + 2 * ADI_BLKSZ, 4, 0);
    happens(&b, ev);
    assert_int_equal(last(&b, 1)->first, 2);
    assert_int_equal(last(&b, 1)->blocks, 1);
    bench_destroy(&b);
}

/* Without the MCD bit the program cannot see tags: no verdict. */
static void test_visible_without_tags_is_no_verdict(void **state)
{
    struct bench b = bench_create();

    (void)state;
    set(&b, 1, A, 5);
    happens(&b, (struct event){.kind = EV_VISIBLE, .va = A});
    assert_nothing_found(&b);
    assert_int_equal(oracle_expects(b.oracle, 1, A), 5);
    bench_destroy(&b);
}

static void test_zap_when_range_covers_forgets(void **state)
{
    struct bench b = bench_create();

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        set(&b, 1, A + i * PAGE_SIZE, 5);
    happens(&b, (struct event){.kind = EV_ZAP,
                               .va = A + PAGE_SIZE,
                               .end = A + 2 * PAGE_SIZE});
    show(&b, 1, A, 5);
    show(&b, 1, A + PAGE_SIZE, 0);
    show(&b, 1, A + 2 * PAGE_SIZE, 5);
    assert_nothing_found(&b);
    bench_destroy(&b);
}

/* COW: the copy starts with the tags of the original, then has its own. */
static void test_fork_when_one_writes_keeps_the_other(void **state)
{
    struct bench b = bench_create();

    (void)state;
    set(&b, 1, A, 5);
    set(&b, 1, B, 6);
    happens(&b,
            (struct event){
                .kind = EV_FORK, .mm2 = OTHER, .va = A, .end = A + PAGE_SIZE});
    set(&b, OTHER, A, 7);
    show(&b, 1, A, 5);
    show(&b, OTHER, A, 7);
    show(&b, OTHER, B, 0); /* outside the range */
    assert_nothing_found(&b);
    happens(&b, (struct event){
                    .kind = EV_FORK, .mm2 = 3, .va = A, .end = A + PAGE_SIZE});
    show(&b, 3, A, 0);
    assert_int_equal(last(&b, 1)->kind, FINDING_LOST);
    bench_destroy(&b);
}

static void test_move_when_mremapped_follows(void **state)
{
    struct bench b = bench_create();

    (void)state;
    set(&b, 1, A, 5);
    set(&b, 1, A + PAGE_SIZE, 6);
    set(&b, 1, A + 2 * PAGE_SIZE, 7);
    happens(&b, (struct event){.kind = EV_REMAP,
                               .path = PATH_MREMAP,
                               .va = A,
                               .end = A + 2 * PAGE_SIZE,
                               .to = B});
    show(&b, 1, A, 0);
    show(&b, 1, B, 5);
    show(&b, 1, B + PAGE_SIZE, 6);
    show(&b, 1, A + 2 * PAGE_SIZE, 7);
    assert_nothing_found(&b);
    show(&b, 1, B + PAGE_SIZE, 0);
    assert_int_equal(last(&b, 1)->expected, 6);
    bench_destroy(&b);
}

/* ----------------------------------------------------------- shared areas */

static void share(struct bench *b, uint32_t mm, gva_t va, uint64_t pgoff)
{
    happens(b, (struct event){.kind = EV_SHARE,
                              .mm = mm,
                              .va = va,
                              .end = va + 2 * PAGE_SIZE,
                              .to = pgoff,
                              .object = 77});
}

static void test_share_when_two_map_object_both_see_it(void **state)
{
    struct bench b = bench_create();

    (void)state;
    share(&b, 1, A, 0);
    share(&b, OTHER, B, 1);
    set(&b, 1, A + PAGE_SIZE, 5);
    show(&b, OTHER, B, 5);
    assert_nothing_found(&b);
    /* A zap of one mapping leaves the object's tags. */
    happens(&b,
            (struct event){.kind = EV_ZAP, .va = A, .end = A + 2 * PAGE_SIZE});
    happens(&b, (struct event){
                    .kind = EV_UNSHARE, .va = A, .end = A + 2 * PAGE_SIZE});
    show(&b, 1, A + PAGE_SIZE, 0); /* private memory again */
    show(&b, OTHER, B, 5);
    assert_nothing_found(&b);
    happens(&b, (struct event){.kind = EV_TRUNCATE,
                               .object = 77,
                               .va = PAGE_SIZE,
                               .end = UINT64_MAX});
    show(&b, OTHER, B, 0);
    assert_nothing_found(&b);
    bench_destroy(&b);
}

/* ---------------------------------------------------------------- stories */

/* A private page of a file may show any tags, but its copy has those of 0. */
static void test_untag_when_private_page_of_file_is_copied_knows_0(void **state)
{
    struct bench b = bench_create();
    struct event seen = {
        .kind = EV_VISIBLE, .path = PATH_MPROTECT, .mm = 1, .undefined = true};
    adi_tag_t nines[ADI_TAGS_PER_PAGE];

    (void)state;
    memset(nines, 9, sizeof(nines));
    seen.tags = nines;
    set(&b, 1, A, 5);
    for (gva_t page = A; page <= B; page += B - A)
        happens(&b, (struct event){.kind = EV_UNTAG,
                                   .path = PATH_COW,
                                   .va = page,
                                   .end = page + PAGE_SIZE});
    assert_int_equal(oracle_expects(b.oracle, 1, A), 0);
    seen.va = B; /* which nobody has ever tagged */
    happens(&b, seen);
    assert_int_equal(oracle_nr_findings(b.oracle), 0);
    seen.va = A;
    happens(&b, seen);
    assert_int_equal(oracle_nr_findings(b.oracle), 1);
    assert_int_equal(oracle_finding(b.oracle, 0)->kind, FINDING_STALE);
    assert_int_equal(oracle_finding(b.oracle, 0)->found, 9);
    bench_destroy(&b);
}

static void test_finding_when_made_tells_the_story(void **state)
{
    struct bench b = bench_create();
    const struct finding *f;

    (void)state;
    set(&b, 1, A, 5); /* from here on its pages are watched */
    happens(&b, (struct event){
                    .kind = EV_TAG_SAVE, .path = PATH_SWAP_OUT, .va = A});
    happens(&b, (struct event){
                    .kind = EV_SWAP_OUT, .path = PATH_SWAP_OUT, .va = A});
    happens(&b,
            (struct event){.kind = EV_SWAP_IN, .path = PATH_SWAP_IN, .va = A});
    show(&b, 1, A, 0);
    f = last(&b, 1);
    assert_int_equal(f->nr_history, 3);
    assert_int_equal(f->dropped, 0);
    assert_int_equal(f->history[0].kind, EV_TAG_SAVE);
    assert_int_equal(f->history[2].kind, EV_SWAP_IN);
    assert_true(f->history[0].nr < f->history[2].nr);
    bench_destroy(&b);
}

static void test_history_when_long_keeps_the_end(void **state)
{
    struct bench b = bench_create();
    const struct finding *f;

    (void)state;
    set(&b, 1, A, 5);
    for (unsigned i = 0; i < HISTORY_MAX + 10; i++)
        happens(&b, (struct event){.kind = EV_SWAP_OUT, .va = A});
    show(&b, 1, A, 0);
    f = last(&b, 1);
    assert_int_equal(f->nr_history, HISTORY_MAX);
    assert_int_equal(f->dropped, 10);
    assert_int_equal(f->history[0].nr, 11);
    assert_int_equal(f->history[HISTORY_MAX - 1].nr, HISTORY_MAX + 10);
    bench_destroy(&b);
}

/* 1: save, out | fork | 2: in, lost; what 1 does then is not 2's. */
static void test_history_when_forked_begins_with_the_parents(void **state)
{
    static const enum event_kind want[] = {EV_TAG_SAVE, EV_SWAP_OUT, EV_FORK,
                                           EV_SWAP_IN};
    struct bench b = bench_create();
    const struct finding *f;

    (void)state;
    set(&b, 1, A, 5);
    happens(&b, (struct event){.kind = EV_TAG_SAVE, .va = A});
    happens(&b, (struct event){.kind = EV_SWAP_OUT, .va = A});
    happens(&b,
            (struct event){
                .kind = EV_FORK, .mm2 = OTHER, .va = A, .end = A + PAGE_SIZE});
    happens(&b, (struct event){.kind = EV_SWAP_IN, .va = A});
    happens(&b, (struct event){.kind = EV_SWAP_IN, .mm = OTHER, .va = A});
    show(&b, OTHER, A, 0);
    f = last(&b, 1);
    assert_int_equal(f->nr_history, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(f->history[i].kind, want[i]);
    show(&b, 1, A, 0);
    f = last(&b, 2);
    assert_int_equal(f->nr_history, 3);
    assert_int_equal(f->history[2].kind, EV_SWAP_IN);
    bench_destroy(&b);
}

/* A copy for the child is in the child's story, and told of the grandchild. */
static void test_history_when_forked_again_is_told_once(void **state)
{
    static const enum event_kind want[] = {EV_SWAP_OUT, EV_FORK, EV_TAG_DUP,
                                           EV_FORK};
    struct event fork = {
        .kind = EV_FORK, .mm2 = OTHER, .va = A, .end = A + PAGE_SIZE};
    struct bench b = bench_create();
    const struct finding *f;

    (void)state;
    set(&b, 1, A, 5);
    happens(&b, (struct event){.kind = EV_SWAP_OUT, .va = A});
    happens(&b, fork);
    happens(&b, (struct event){.kind = EV_TAG_DUP, .mm2 = OTHER, .va = A});
    fork.mm = OTHER;
    fork.mm2 = 3;
    happens(&b, fork);
    happens(&b, (struct event){.kind = EV_MM_DEAD, .mm = 1});
    happens(&b, (struct event){.kind = EV_MM_DEAD, .mm = OTHER});
    show(&b, 3, A, 0);
    f = last(&b, 1);
    assert_int_equal(f->nr_history, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(f->history[i].kind, want[i]);
    bench_destroy(&b);
}

static void test_history_when_forked_and_long_keeps_the_end(void **state)
{
    struct bench b = bench_create();
    const struct finding *f;

    (void)state;
    set(&b, 1, A, 5);
    for (unsigned i = 0; i < HISTORY_MAX + 10; i++)
        happens(&b, (struct event){.kind = EV_SWAP_OUT, .va = A});
    happens(&b,
            (struct event){
                .kind = EV_FORK, .mm2 = OTHER, .va = A, .end = A + PAGE_SIZE});
    show(&b, OTHER, A, 0);
    f = last(&b, 1);
    assert_int_equal(f->nr_history, HISTORY_MAX);
    assert_int_equal(f->dropped, 11);
    assert_int_equal(f->history[0].nr, 12);
    assert_int_equal(f->history[HISTORY_MAX - 1].kind, EV_FORK);
    bench_destroy(&b);
}

/* B's old page is gone when A comes there: in the order of what happened. */
static void test_history_when_moved_over_keeps_that_of_the_address(void **state)
{
    static const enum event_kind want[] = {EV_SWAP_OUT,  EV_MIGRATE_OUT,
                                           EV_SWAP_GONE, EV_MIGRATE_IN,
                                           EV_UNTAG,     EV_REMAP};
    static const enum event_kind first[] = {EV_SWAP_OUT, EV_MIGRATE_OUT,
                                            EV_SWAP_GONE, EV_MIGRATE_IN};
    struct bench b = bench_create();
    const struct finding *f;

    (void)state;
    set(&b, 1, A, 5);
    for (unsigned i = 0; i < 4; i++)
        happens(&b, (struct event){.kind = first[i], .va = i % 2 ? A : B});
    happens(&b, (struct event){.kind = EV_UNTAG, .end = UINT64_MAX});
    set(&b, 1, A, 5);
    happens(&b, (struct event){
                    .kind = EV_REMAP, .va = A, .end = A + PAGE_SIZE, .to = B});
    show(&b, 1, B, 0);
    f = last(&b, 1);
    assert_int_equal(f->nr_history, 6);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(f->history[i].kind, want[i]);
    bench_destroy(&b);
}

static void test_dead_when_mm_is_gone_forgets_it(void **state)
{
    struct bench b = bench_create();

    (void)state;
    set(&b, 1, A, 5);
    share(&b, 1, B, 0);
    happens(&b, (struct event){.kind = EV_MM_DEAD});
    assert_int_equal(oracle_expects(b.oracle, 1, A), 0);
    show(&b, 1, A, 0);
    assert_nothing_found(&b);
    bench_destroy(&b);
}

static void test_object_when_its_page_is_set_all_who_show_it_expect_it(
    void **state)
{
    struct bench b = bench_create();
    adi_tag_t tag = 0;

    (void)state;
    share(&b, 1, A, 0);
    oracle_object_tag_store(b.oracle, 77, 3 * ADI_BLKSZ, 9, 4);
    share(&b, OTHER, B, 0);
    assert_int_equal(oracle_expects(b.oracle, 1, A + 3 * ADI_BLKSZ), 9);
    assert_int_equal(oracle_setter(b.oracle, OTHER, B + 3 * ADI_BLKSZ, &tag),
                     4);
    assert_int_equal(tag, 9);
    show_odd(&b, 1, A, 0, 9);
    show_odd(&b, OTHER, B, 0, 9);
    assert_nothing_found(&b);
    bench_destroy(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_visible_when_tags_are_right_finds_nothing),
        cmocka_unit_test(test_visible_when_tag_is_gone_is_lost),
        cmocka_unit_test(test_visible_when_tag_is_strange_is_stale),
        cmocka_unit_test(test_visible_when_other_process_tagged_is_stale),
        cmocka_unit_test(test_visible_when_undefined_asks_for_set_tags_only),
        cmocka_unit_test(test_visible_without_tags_is_no_verdict),
        cmocka_unit_test(test_zap_when_range_covers_forgets),
        cmocka_unit_test(test_fork_when_one_writes_keeps_the_other),
        cmocka_unit_test(test_move_when_mremapped_follows),
        cmocka_unit_test(test_share_when_two_map_object_both_see_it),
        cmocka_unit_test(
            test_untag_when_private_page_of_file_is_copied_knows_0),
        cmocka_unit_test(test_finding_when_made_tells_the_story),
        cmocka_unit_test(test_history_when_long_keeps_the_end),
        cmocka_unit_test(test_history_when_forked_begins_with_the_parents),
        cmocka_unit_test(test_history_when_forked_again_is_told_once),
        cmocka_unit_test(test_history_when_forked_and_long_keeps_the_end),
        cmocka_unit_test(
            test_history_when_moved_over_keeps_that_of_the_address),
        cmocka_unit_test(
            test_object_when_its_page_is_set_all_who_show_it_expect_it),
        cmocka_unit_test(test_dead_when_mm_is_gone_forgets_it),
    };

    return RUN(tests);
}
