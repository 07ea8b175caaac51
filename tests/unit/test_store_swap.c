// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The profiles "swap-keyed": a copy belongs to the slot and lives as long
 * as it does.
 */
#include "judge/ledger.h"
#include "mm/mempolicy.h"
#include "print/report.h"
#include "swap/reclaim.h"
#include "swap/swapin.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static struct world *tagged_world(const char *profile, gva_t *a)
{
    struct world *w = world_create(profile, 256, 256);

    *a = world_map(w, BASE, 1, true);
    world_set_tags(w, *a, 5);
    return w;
}

/* One tag in all blocks fits into the word of the slot. */
static void test_save_is_kept_until_the_slot_is_free(void **state)
{
    gva_t a;
    struct world *w = tagged_world("mte-6.1", &a);

    (void)state;
    assert_true(world_out(w, a));
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(adi_store_use(w->adi).bytes, 8);
    assert_int_equal(world_tag(w, a), 5);
    /* Read only: the folio is still in the swap cache. */
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    world_write(w, a, 1);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(world_tag(w, a), 5);
    world_destroy(w);
}

/* From v6.3 on the entry says that nobody else has the page: a store to it
 * finds it exclusive, and asks no more. */
static void test_save_when_entry_is_exclusive_stays_after_store(void **state)
{
    gva_t a;
    struct world *w = tagged_world("mte-6.6", &a);

    (void)state;
    assert_true(world_out(w, a));
    assert_true(pte_swp_exclusive(world_pte(w, a)));
    assert_int_equal(world_tag(w, a), 5);
    assert_true(folio_test(world_folio(w, a), PG_anon_exclusive));
    world_write(w, a, 1);
    assert_int_equal(swap_used_pages(w->swap), 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(world_tag(w, a), 5);
    world_destroy(w);
}

static void test_save_when_tags_differ_takes_as_many_bytes(void **state)
{
    static const struct {
        unsigned runs;
        size_t bytes;
    } sizes[] = {{1, 8}, {6, 8}, {8, 24}, {16, 40}, {17, 72}, {128, 72}};

    (void)state;
    for (size_t n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++) {
        struct world *w = world_create("swap-keyed", 256, 256);
        gva_t a = world_map(w, BASE, 1, true);
        unsigned runs = sizes[n].runs;

        /* Runs of one block; the last one reaches to the end. */
        for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++)
            world_set_tag(w, a + i * ADI_BLKSZ,
                          1 + (i < runs ? i : runs - 1) % 2);
        assert_true(world_out(w, a));
        assert_int_equal(adi_store_use(w->adi).bytes, sizes[n].bytes);
        assert_int_equal(world_tag(w, a + PAGE_SIZE - 1), 1 + (runs - 1) % 2);
        world_destroy(w);
    }
}

static void test_save_when_tags_are_zero_keeps_nothing(void **state)
{
    struct world *w = world_create("swap-keyed", 256, 256);
    gva_t a = world_map(w, BASE, 1, true);

    (void)state;
    world_write(w, a, 7);
    assert_true(world_out(w, a));
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(world_tag(w, a), 0);
    assert_int_equal(world_read(w, a), 7);
    world_destroy(w);
}

/* The folio stays in the swap cache, dirty, with its tags. */
static void test_save_when_store_is_full_keeps_the_page(void **state)
{
    gva_t a;
    struct world *w = tagged_world("swap-keyed", &a);

    (void)state;
    adi_fail_alloc(w->adi, 1);
    assert_true(world_out(w, a));
    assert_int_equal(hub_counter(w->hub, COUNT_SAVE_FAIL), 1);
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_WRITE), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_READ), 0);
    assert_true(world_out(w, a));
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_WRITE), 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(world_tag(w, a), 5);
    world_destroy(w);
}

/* Saved, but the bytes were not written: memory still has both. */
static void test_save_when_device_fails_is_repeated(void **state)
{
    gva_t a;
    struct world *w = tagged_world("swap-keyed", &a);

    (void)state;
    world_fail_writes(w, 1);
    assert_true(world_out(w, a));
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(hub_counter(w->hub, COUNT_TAGS_RESTORED), 0);
    world_set_tags(w, a, 6);
    assert_true(world_out(w, a));
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(world_tag(w, a), 6);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

/* Read and written again before anybody maps it: the copy must stay. */
static void test_save_when_tags_are_away_keeps_the_copy(void **state)
{
    gva_t a;
    struct world *w = tagged_world("swap-keyed", &a);
    struct alloc_for who = {.vma = vma_lookup(w->mm, a), .addr = a};
    struct folio *folio;

    (void)state;
    assert_true(world_out(w, a));
    assert_int_equal(swap_read_folio(w->swap, world_entry(w, a), &who, &folio),
                     0);
    folio_set(folio, PG_dirty);
    memory_folio_put(w->mem, folio);
    assert_true(swap_out_folio(w->swap, folio));
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_WRITE), 2);
    assert_int_equal(world_tag(w, a), 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* Saved, not written, and without tags when it is written: no copy. */
static void test_save_when_tags_went_drops_the_copy(void **state)
{
    gva_t a;
    struct world *w = tagged_world("swap-keyed", &a);
    struct folio *folio = world_folio(w, a);

    (void)state;
    world_fail_writes(w, 1);
    assert_false(world_push(w, a));
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    tagmem_clear_page(adi_tagmem(w->adi), memory_folio_pfn(w->mem, folio));
    assert_true(swap_out_folio(w->swap, folio));
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(world_tag(w, a), 0);
    world_exit(w);
    world_destroy(w);
}

static void test_zap_when_swapped_drops_the_copy(void **state)
{
    gva_t a;
    struct world *w = tagged_world("swap-keyed", &a);

    (void)state;
    assert_true(world_out(w, a));
    assert_int_equal(mm_madvise(w->mm, a, PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(world_tag(w, a), 0);
    world_destroy(w);
}

static void test_mremap_when_swapped_keeps_the_tags(void **state)
{
    gva_t a, b;
    struct world *w = tagged_world("swap-keyed", &a);

    (void)state;
    assert_true(world_out(w, a));
    assert_int_equal(mm_mremap(w->mm, a, PAGE_SIZE, PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED,
                               BASE + 64 * PAGE_SIZE, &b),
                     0);
    assert_int_equal(world_tag(w, b), 5);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

/* B18: the store's copy goes with the slot before set_pte_at() looks. */
static void test_write_fault_when_slot_is_freed_first_loses(void **state)
{
    static const struct {
        const char *profile;
        adi_tag_t tag;
    } cases[] = {{"swap-keyed", 5}, {"swap-keyed-5.18", 0}};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        gva_t a;
        struct world *w = tagged_world(cases[n].profile, &a);

        assert_true(world_out(w, a));
        world_write(w, a, 1);
        assert_int_equal(world_tag(w, a), cases[n].tag);
        assert_int_equal(judge_errors(w->judge), cases[n].tag == 0);
        /* A load does not free the slot: nothing is lost. */
        world_set_tags(w, a, 4);
        assert_true(world_out(w, a));
        assert_int_equal(world_tag(w, a), 4);
        world_destroy(w);
    }
}

/* By swapoff; the slots of other devices keep theirs. */
static void test_invalidate_area_drops_one_device(void **state)
{
    struct world *w = world_create("swap-keyed", 64, 64);
    struct hook_args args = {.entry = swp_entry(1, 0), .pfn = PFN_NONE};
    gva_t a = world_map(w, BASE, 3, true);

    (void)state;
    world_set_tags(w, a, 5);
    assert_true(world_out(w, a));
    (void)world_add_swap(w, 16, 1);
    for (unsigned i = 1; i < 3; i++) {
        world_set_tags(w, a + i * PAGE_SIZE, 6);
        assert_true(world_out(w, a + i * PAGE_SIZE));
    }
    assert_int_equal(adi_store_use(w->adi).pages, 3);
    assert_int_equal(memory_hook(w->mem, HOOK_SWAP_INVALIDATE_AREA, &args), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(adi_store_use(w->adi).bytes, 8);
    assert_int_equal(world_tag(w, a), 5);
    /* Only the hook was called: the others have lost their tags. */
    assert_int_equal(mm_munmap(w->mm, a + PAGE_SIZE, 2 * PAGE_SIZE), 0);
    world_destroy(w);
}

/* ------------------------------------------- what the ledger makes of it */

static void slot_event(struct ledger *l, enum event_kind kind, uint64_t entry)
{
    static uint64_t nr;

    ledger_event(l, &(struct event){.kind = kind,
                                    .nr = ++nr,
                                    .entry = entry,
                                    .bytes = 8,
                                    .by_entry = kind != EV_SLOT_FREE});
}

static void mm_event_of(struct ledger *l, enum event_kind kind, uint32_t mm)
{
    ledger_event(l, &(struct event){.kind = kind, .mm = mm});
}

static void test_ledger_when_slot_is_free_calls_the_copy_leaked(void **state)
{
    struct ledger *l = ledger_create();

    (void)state;
    mm_event_of(l, EV_MM_START, 1);
    slot_event(l, EV_TAG_SAVE, 0x200000);
    slot_event(l, EV_TAG_SAVE, 0x400000);
    slot_event(l, EV_TAG_RESTORE, 0x200000);
    assert_int_equal(ledger_copies(l, 0), 2);
    slot_event(l, EV_SLOT_FREE, 0x200000);
    slot_event(l, EV_TAG_DROP, 0x400000);
    slot_event(l, EV_SLOT_FREE, 0x400000);
    mm_event_of(l, EV_MM_EXIT, 1);
    mm_event_of(l, EV_MM_DEAD, 1);
    assert_int_equal(ledger_nr_leaks(l), 1);
    assert_int_equal(ledger_leak(l, 0)->kind, LEAK_DEFINITE);
    assert_int_equal(ledger_leak(l, 0)->entry, 0x200000);
    assert_int_equal(ledger_leak(l, 0)->bytes, 8);
    assert_int_equal(ledger_nr_misreleases(l), 0);
    ledger_destroy(l);
}

static void test_ledger_when_exit_drops_calls_the_copy_reachable(void **state)
{
    struct ledger *l = ledger_create();

    (void)state;
    mm_event_of(l, EV_MM_START, 1);
    mm_event_of(l, EV_MM_START, 2);
    slot_event(l, EV_TAG_SAVE, 0x200000);
    slot_event(l, EV_TAG_SAVE, 0x400000);
    /* Not the last to leave: its slots are nobody's business. */
    mm_event_of(l, EV_MM_EXIT, 1);
    slot_event(l, EV_TAG_DROP, 0x200000);
    slot_event(l, EV_SLOT_FREE, 0x200000);
    mm_event_of(l, EV_MM_DEAD, 1);
    assert_int_equal(ledger_nr_leaks(l), 0);
    mm_event_of(l, EV_MM_EXIT, 2);
    slot_event(l, EV_TAG_DROP, 0x400000);
    slot_event(l, EV_SLOT_FREE, 0x400000);
    mm_event_of(l, EV_MM_DEAD, 2);
    assert_int_equal(ledger_nr_leaks(l), 1);
    assert_int_equal(ledger_leak(l, 0)->kind, LEAK_REACHABLE);
    ledger_destroy(l);
}

/* Reachable when the process left, but its exit did not release it. */
static void test_ledger_when_exit_forgets_calls_the_copy_leaked(void **state)
{
    struct ledger *l = ledger_create();

    (void)state;
    mm_event_of(l, EV_MM_START, 1);
    slot_event(l, EV_TAG_SAVE, 0x200000);
    mm_event_of(l, EV_MM_EXIT, 1);
    slot_event(l, EV_SLOT_FREE, 0x200000);
    mm_event_of(l, EV_MM_DEAD, 1);
    assert_int_equal(ledger_nr_leaks(l), 1);
    assert_int_equal(ledger_leak(l, 0)->kind, LEAK_DEFINITE);
    ledger_destroy(l);
}

static void test_ledger_when_never_saved_calls_the_drop_wrong(void **state)
{
    struct ledger *l = ledger_create();

    (void)state;
    slot_event(l, EV_TAG_DROP, 0x200000);
    assert_int_equal(ledger_nr_misreleases(l), 1);
    ledger_destroy(l);
}

/* ------------------------------------------------- Linux v5.17, beside it */

/* B7: the count that the failed unmap took stays. */
static void test_v517_when_save_fails_keeps_a_swap_count(void **state)
{
    static const struct {
        const char *profile;
        uint64_t used;
    } cases[] = {{"linux-5.17", 1}, {"linux-6.2", 0}, {"remap", 0}};

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        gva_t a;
        struct world *w = tagged_world(cases[n].profile, &a);

        adi_fail_alloc(w->adi, 1);
        assert_false(world_out(w, a));
        world_write(w, a, 1);
        assert_int_equal(mm_munmap(w->mm, a, PAGE_SIZE), 0);
        assert_int_equal(swap_used_pages(w->swap), cases[n].used);
        w->lost_slots = (unsigned)cases[n].used;
        world_destroy(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_save_is_kept_until_the_slot_is_free),
        cmocka_unit_test(test_save_when_entry_is_exclusive_stays_after_store),
        cmocka_unit_test(test_save_when_tags_differ_takes_as_many_bytes),
        cmocka_unit_test(test_save_when_tags_are_zero_keeps_nothing),
        cmocka_unit_test(test_save_when_store_is_full_keeps_the_page),
        cmocka_unit_test(test_save_when_device_fails_is_repeated),
        cmocka_unit_test(test_save_when_tags_are_away_keeps_the_copy),
        cmocka_unit_test(test_save_when_tags_went_drops_the_copy),
        cmocka_unit_test(test_zap_when_swapped_drops_the_copy),
        cmocka_unit_test(test_mremap_when_swapped_keeps_the_tags),
        cmocka_unit_test(test_write_fault_when_slot_is_freed_first_loses),
        cmocka_unit_test(test_invalidate_area_drops_one_device),
        cmocka_unit_test(test_ledger_when_slot_is_free_calls_the_copy_leaked),
        cmocka_unit_test(test_ledger_when_exit_drops_calls_the_copy_reachable),
        cmocka_unit_test(test_ledger_when_exit_forgets_calls_the_copy_leaked),
        cmocka_unit_test(test_ledger_when_never_saved_calls_the_drop_wrong),
        cmocka_unit_test(test_v517_when_save_fails_keeps_a_swap_count),
    };

    return RUN(tests);
}
