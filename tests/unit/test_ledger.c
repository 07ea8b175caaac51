// SPDX-License-Identifier: GPL-2.0-or-later
/* Each save must meet its release: what the books say when it does not. */
#include "judge/ledger.h"
#include "unit.h"

#define A     UINT64_C(0x70000000)
#define B     UINT64_C(0x71000000)
#define CHILD 2

struct bench {
    struct ledger *ledger;
    uint64_t nr;
    uint64_t pc;
};

static struct bench bench_create(void)
{
    struct bench b = {.ledger = ledger_create(), .pc = 0x1000};

    assert_non_null(b.ledger);
    return b;
}

static void happens(struct bench *b, struct event ev)
{
    ev.nr = ++b->nr;
    ev.pc = b->pc;
    if (!ev.mm)
        ev.mm = 1;
    ledger_event(b->ledger, &ev);
}

static gva_t nth(unsigned i)
{
    return A + i * PAGE_SIZE;
}

static void save(struct bench *b, gva_t va, uint64_t buf)
{
    happens(b, (struct event){.kind = EV_TAG_SAVE,
                              .path = PATH_SWAP_OUT,
                              .va = va,
                              .buf = buf,
                              .bytes = buf ? 0 : 8});
}

static void restore(struct bench *b, gva_t va, uint64_t buf)
{
    happens(b, (struct event){.kind = EV_TAG_RESTORE,
                              .path = PATH_SWAP_IN,
                              .va = va,
                              .buf = buf});
}

static void at(struct bench *b, enum event_kind kind, enum mm_path path,
               gva_t va)
{
    happens(b, (struct event){.kind = kind, .path = path, .va = va});
}

static void buffer(struct bench *b, enum event_kind kind, uint64_t buf)
{
    happens(b, (struct event){.kind = kind,
                              .path = PATH_SWAP_OUT,
                              .va = A,
                              .end = A + (UINT64_C(8) << 20),
                              .buf = buf,
                              .slot = 3,
                              .bytes = 65536});
}

static void leave(struct bench *b, uint32_t mm)
{
    happens(b, (struct event){.kind = EV_MM_EXIT, .mm = mm});
    happens(b, (struct event){.kind = EV_MM_DEAD, .mm = mm});
}

static const struct leak *only_leak(const struct bench *b)
{
    assert_int_equal(ledger_nr_leaks(b->ledger), 1);
    return ledger_leak(b->ledger, 0);
}

static void assert_clean(struct bench *b)
{
    assert_int_equal(ledger_nr_leaks(b->ledger), 0);
    assert_int_equal(ledger_nr_misreleases(b->ledger), 0);
    ledger_destroy(b->ledger);
}

/* ---------------------------------------------------- books that balance */

static void test_books_when_restored_are_clean(void **state)
{
    struct bench b = bench_create();

    (void)state;
    buffer(&b, EV_STORE_ALLOC, 1);
    save(&b, nth(0), 1);
    save(&b, nth(1), 1);
    assert_int_equal(ledger_copies(b.ledger, 1), 2);
    restore(&b, nth(0), 1);
    happens(&b, (struct event){.kind = EV_TAG_DROP, .va = nth(1), .buf = 1});
    buffer(&b, EV_STORE_FREE, 1);
    assert_int_equal(ledger_copies(b.ledger, 1), 0);
    leave(&b, 1);
    assert_clean(&b);
}

/* The entry ends after its copy was released: nothing is cut off. */
static void test_books_when_entry_ends_after_release_are_clean(void **state)
{
    const enum event_kind ends[] = {EV_SWAP_IN, EV_SWAP_GONE, EV_UNMAP_UNDO,
                                    EV_MIGRATE_IN, EV_MIGRATE_GONE};
    struct bench b = bench_create();

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        save(&b, A, 0);
        restore(&b, A, 0);
        at(&b, ends[i], PATH_SWAP_IN, A);
    }
    leave(&b, 1);
    assert_clean(&b);
}

/* Slot 0 of v6.2 keeps its buffer: freed with the mm, so no leak. */
static void test_books_when_buffer_idles_are_clean(void **state)
{
    struct bench b = bench_create();

    (void)state;
    buffer(&b, EV_STORE_ALLOC, 1);
    save(&b, A, 1);
    restore(&b, A, 1);
    buffer(&b, EV_STORE_IDLE, 1);
    leave(&b, 1);
    assert_clean(&b);
}

static void test_books_when_moved_follow_the_page(void **state)
{
    struct bench b = bench_create();

    (void)state;
    save(&b, A, 0);
    happens(&b, (struct event){.kind = EV_TAG_MOVE, .va = A, .to = B});
    happens(&b, (struct event){.kind = EV_REMAP,
                               .path = PATH_MREMAP,
                               .va = A,
                               .end = A + PAGE_SIZE,
                               .to = B});
    restore(&b, B, 0);
    leave(&b, 1);
    assert_clean(&b);
}

static void test_books_when_forked_count_for_each(void **state)
{
    struct bench b = bench_create();

    (void)state;
    save(&b, A, 0);
    happens(&b, (struct event){
                    .kind = EV_TAG_DUP, .mm2 = CHILD, .va = A, .bytes = 8});
    assert_int_equal(ledger_copies(b.ledger, 1), 1);
    assert_int_equal(ledger_copies(b.ledger, CHILD), 1);
    restore(&b, A, 0);
    leave(&b, 1);
    assert_int_equal(ledger_nr_leaks(b.ledger), 0);
    at(&b, EV_SWAP_GONE, PATH_ZAP, A); /* of a process that has none */
    leave(&b, CHILD);
    assert_int_equal(only_leak(&b)->kind, LEAK_REACHABLE);
    assert_int_equal(only_leak(&b)->mm, CHILD);
    ledger_destroy(b.ledger);
}

/* A store without buffers has one copy a page: a save replaces it. */
static void test_books_when_saved_twice_keep_one(void **state)
{
    struct bench b = bench_create();

    (void)state;
    save(&b, A, 0);
    save(&b, A, 0);
    assert_int_equal(ledger_copies(b.ledger, 1), 1);
    restore(&b, A, 0);
    leave(&b, 1);
    assert_clean(&b);
}

/* ------------------------------------------------------ each class of leak */

static void test_leak_when_entry_stands_is_reachable(void **state)
{
    struct bench b = bench_create();
    const struct leak *leak;

    (void)state;
    buffer(&b, EV_STORE_ALLOC, 4);
    save(&b, nth(0), 4);
    save(&b, nth(1), 4);
    leave(&b, 1);
    leak = only_leak(&b);
    assert_int_equal(leak->kind, LEAK_REACHABLE);
    assert_int_equal(leak->users, 2);
    assert_int_equal(leak->leaked, 0);
    assert_int_equal(leak->cut.nr, 0);
    assert_int_equal(leak->bytes, 65536);
    assert_int_equal(leak->slot, 3);
    assert_int_equal(leak->buf, 4);
    assert_int_equal(leak->start, A);
    assert_int_equal(leak->end, A + (UINT64_C(8) << 20));
    assert_int_equal(leak->alloc.path, PATH_SWAP_OUT);
    assert_int_equal(ledger_copies(b.ledger, 1), 0); /* the mm is dead */
    ledger_destroy(b.ledger);
}

/* Each way in which an entry may end cuts the copy off. */
static void test_leak_when_entry_is_gone_is_definite(void **state)
{
    const struct {
        enum event_kind kind;
        enum mm_path path;
    } ends[] = {{EV_SWAP_IN, PATH_SWAP_IN},
                {EV_SWAP_GONE, PATH_ZAP},
                {EV_UNMAP_UNDO, PATH_SWAP_OUT},
                {EV_MIGRATE_IN, PATH_MIGRATE_IN},
                {EV_MIGRATE_GONE, PATH_ZAP}};

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        struct bench b = bench_create();
        const struct leak *leak;

        buffer(&b, EV_STORE_ALLOC, 1);
        save(&b, A, 1);
        at(&b, ends[i].kind, ends[i].path, A);
        /* What happens later to the page is another story. */
        at(&b, EV_SWAP_IN, PATH_SWAPOFF, A);
        leave(&b, 1);
        leak = only_leak(&b);
        assert_int_equal(leak->kind, LEAK_DEFINITE);
        assert_int_equal(leak->users, 1);
        assert_int_equal(leak->leaked, 1);
        assert_int_equal(leak->cut.nr, 3);
        assert_int_equal(leak->cut.path, ends[i].path);
        ledger_destroy(b.ledger);
    }
}

static void test_leak_when_one_of_two_is_gone_is_partial(void **state)
{
    struct bench b = bench_create();

    (void)state;
    buffer(&b, EV_STORE_ALLOC, 1);
    save(&b, nth(0), 1);
    save(&b, nth(1), 1);
    at(&b, EV_SWAP_GONE, PATH_ZAP, nth(1));
    leave(&b, 1);
    assert_int_equal(only_leak(&b)->kind, LEAK_PARTLY);
    assert_int_equal(only_leak(&b)->users, 2);
    assert_int_equal(only_leak(&b)->leaked, 1);
    ledger_destroy(b.ledger);
}

/* mremap without a move of the copy: the range is cut, the rest is not. */
static void test_leak_when_mremap_leaves_copies_is_partial(void **state)
{
    struct bench b = bench_create();

    (void)state;
    buffer(&b, EV_STORE_ALLOC, 1);
    for (unsigned i = 0; i < 3; i++)
        save(&b, nth(i), 1);
    happens(&b, (struct event){.kind = EV_REMAP,
                               .path = PATH_MREMAP,
                               .va = nth(1),
                               .end = nth(3),
                               .to = B});
    leave(&b, 1);
    assert_int_equal(only_leak(&b)->kind, LEAK_PARTLY);
    assert_int_equal(only_leak(&b)->leaked, 2);
    assert_int_equal(only_leak(&b)->cut.path, PATH_MREMAP);
    ledger_destroy(b.ledger);
}

static void test_leak_when_pointer_is_lost_lasts_until_reboot(void **state)
{
    struct bench b = bench_create();

    (void)state;
    buffer(&b, EV_STORE_ALLOC, 1);
    save(&b, A, 1);
    restore(&b, A, 1);
    buffer(&b, EV_STORE_IDLE, 1);
    buffer(&b, EV_STORE_ORPHAN, 1);
    buffer(&b, EV_STORE_ORPHAN, 99); /* nobody's: ignored */
    buffer(&b, EV_STORE_ALLOC, 2);
    save(&b, A, 2);
    restore(&b, A, 2);
    buffer(&b, EV_STORE_IDLE, 2);
    leave(&b, 1);
    assert_int_equal(only_leak(&b)->kind, LEAK_REBOOT);
    assert_int_equal(only_leak(&b)->buf, 1);
    assert_int_equal(only_leak(&b)->bytes, 65536);
    ledger_destroy(b.ledger);
}

/* Two saves of one page into a buffer are two users. */
static void test_leak_when_saved_twice_counts_events(void **state)
{
    struct bench b = bench_create();

    (void)state;
    buffer(&b, EV_STORE_ALLOC, 1);
    for (unsigned i = 0; i < 3; i++) {
        save(&b, A, 1);
        at(&b, EV_MIGRATE_IN, PATH_MIGRATE_IN, A);
    }
    save(&b, A, 1);
    leave(&b, 1);
    assert_int_equal(only_leak(&b)->kind, LEAK_PARTLY);
    assert_int_equal(only_leak(&b)->users, 4);
    assert_int_equal(only_leak(&b)->leaked, 3);
    ledger_destroy(b.ledger);
}

/* A process that still lives has leaked nothing yet. */
static void test_leak_when_other_exits_is_not_told(void **state)
{
    struct bench b = bench_create();

    (void)state;
    save(&b, A, 0);
    at(&b, EV_SWAP_GONE, PATH_ZAP, A);
    leave(&b, CHILD);
    assert_int_equal(ledger_nr_leaks(b.ledger), 0);
    leave(&b, 1);
    assert_int_equal(only_leak(&b)->kind, LEAK_DEFINITE);
    assert_int_equal(only_leak(&b)->buf, 0);
    ledger_destroy(b.ledger);
}

/* --------------------------------------------- records of single copies */

static void test_record_when_pages_are_adjacent_joins(void **state)
{
    struct bench b = bench_create();
    const struct leak *leak;

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        save(&b, nth(i), 0);
    b.pc = 0x2000;
    save(&b, nth(4), 0); /* other code */
    save(&b, nth(6), 0); /* not adjacent */
    leave(&b, 1);
    assert_int_equal(ledger_nr_leaks(b.ledger), 3);
    leak = ledger_leak(b.ledger, 0);
    assert_int_equal(leak->kind, LEAK_REACHABLE);
    assert_int_equal(leak->start, nth(0));
    assert_int_equal(leak->end, nth(4));
    assert_int_equal(leak->count, 4);
    assert_int_equal(leak->bytes, 32);
    assert_int_equal(leak->users, 4);
    assert_int_equal(ledger_leak(b.ledger, 1)->alloc.pc, 0x2000);
    assert_int_equal(ledger_leak(b.ledger, 2)->start, nth(6));
    ledger_destroy(b.ledger);
}

static void test_record_when_cut_differs_does_not_join(void **state)
{
    struct bench b = bench_create();

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        save(&b, nth(i), 0);
    at(&b, EV_SWAP_GONE, PATH_ZAP, nth(0));
    at(&b, EV_SWAP_GONE, PATH_ZAP, nth(1));
    at(&b, EV_SWAP_GONE, PATH_MADV_FREE, nth(2));
    leave(&b, 1);
    assert_int_equal(ledger_nr_leaks(b.ledger), 2);
    assert_int_equal(ledger_leak(b.ledger, 0)->leaked, 2);
    assert_int_equal(ledger_leak(b.ledger, 1)->leaked, 1);
    ledger_destroy(b.ledger);
}

/* ----------------------------------------------------------- misreleases */

/* B9: a page that was never saved takes its neighbour's user. */
static void test_release_when_page_has_no_copy_is_wrong(void **state)
{
    struct bench b = bench_create();
    const struct misrelease *wrong;

    (void)state;
    buffer(&b, EV_STORE_ALLOC, 1);
    save(&b, nth(0), 1);
    restore(&b, nth(9), 1);
    assert_int_equal(ledger_nr_misreleases(b.ledger), 1);
    wrong = ledger_misrelease(b.ledger, 0);
    assert_int_equal(wrong->va, nth(9));
    assert_int_equal(wrong->buf, 1);
    assert_int_equal(wrong->at.path, PATH_SWAP_IN);
    assert_int_equal(ledger_copies(b.ledger, 1), 1);
    /* The store gives the buffer up, and the neighbour's copy with it. */
    buffer(&b, EV_STORE_FREE, 1);
    assert_int_equal(ledger_copies(b.ledger, 1), 0);
    leave(&b, 1);
    assert_int_equal(ledger_nr_leaks(b.ledger), 0);
    ledger_destroy(b.ledger);
}

static void test_release_when_buffer_is_another_is_wrong(void **state)
{
    struct bench b = bench_create();

    (void)state;
    save(&b, A, 1);
    restore(&b, A, 2);
    assert_int_equal(ledger_nr_misreleases(b.ledger), 1);
    assert_int_equal(ledger_copies(b.ledger, 1), 1);
    restore(&b, A, 1);
    assert_int_equal(ledger_nr_misreleases(b.ledger), 1);
    assert_int_equal(ledger_copies(b.ledger, 1), 0);
    for (unsigned i = 0; i < 20; i++) /* the list grows */
        restore(&b, nth(i), 1);
    assert_int_equal(ledger_nr_misreleases(b.ledger), 21);
    assert_int_equal(ledger_misrelease(b.ledger, 20)->va, nth(19));
    ledger_destroy(b.ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_books_when_restored_are_clean),
        cmocka_unit_test(test_books_when_entry_ends_after_release_are_clean),
        cmocka_unit_test(test_books_when_buffer_idles_are_clean),
        cmocka_unit_test(test_books_when_moved_follow_the_page),
        cmocka_unit_test(test_books_when_forked_count_for_each),
        cmocka_unit_test(test_books_when_saved_twice_keep_one),
        cmocka_unit_test(test_leak_when_entry_stands_is_reachable),
        cmocka_unit_test(test_leak_when_entry_is_gone_is_definite),
        cmocka_unit_test(test_leak_when_one_of_two_is_gone_is_partial),
        cmocka_unit_test(test_leak_when_mremap_leaves_copies_is_partial),
        cmocka_unit_test(test_leak_when_pointer_is_lost_lasts_until_reboot),
        cmocka_unit_test(test_leak_when_saved_twice_counts_events),
        cmocka_unit_test(test_leak_when_other_exits_is_not_told),
        cmocka_unit_test(test_record_when_pages_are_adjacent_joins),
        cmocka_unit_test(test_record_when_cut_differs_does_not_join),
        cmocka_unit_test(test_release_when_page_has_no_copy_is_wrong),
        cmocka_unit_test(test_release_when_buffer_is_another_is_wrong),
    };

    return RUN(tests);
}
