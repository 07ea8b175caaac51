// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * try_to_unmap_one() for one page: out, and back again at each step that can
 * fail, with every count as it was.
 */
#include "adi/store_linux.h"
#include "mm/lru.h"
#include "mm/unmap.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

/* One page with tag 5 and a byte of 42. */
static struct world *one_page(const struct adi_profile *profile)
{
    struct world *w = world_create_with(profile, 256, 64, 1);

    assert_int_equal(world_map(w, BASE, 1, true), BASE);
    world_write(w, BASE, 42);
    world_set_tags(w, BASE, 5);
    return w;
}

static struct world *remap_page(void)
{
    return one_page(adi_profile_find("remap"));
}

/* Linux v5.17: no AnonExclusive, and no swap_free after a failed save. */
static struct adi_profile linux_5_17(void)
{
    struct adi_profile p = *adi_profile_find("linux-6.2");

    p.policy = (struct mm_policy){0};
    return p;
}

static void assert_comes_back(struct world *w, gva_t va)
{
    assert_int_equal(world_read(w, va), 42);
    assert_int_equal(world_tag(w, va), 5);
}

static void test_unmap_when_nothing_fails_leaves_one_entry(void **state)
{
    struct world *w = remap_page();
    unsigned flushes = w->flushes, frames = world_free_frames(w);

    (void)state;
    assert_true(world_out(w, BASE));
    assert_int_equal(world_slot_count(w, BASE), 1);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 1);
    assert_int_equal(world_free_frames(w), frames + 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_true(w->flushes > flushes);
    assert_true(mm_is_on_mmlist(w->mm));
    audit(w);
    assert_comes_back(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_unmap_when_save_fails_puts_all_back(void **state)
{
    const char *const names[] = {"remap", "linux-6.2"};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct world *w = one_page(adi_profile_find(names[i]));
        struct page_state before = page_state(w, BASE);
        swp_entry_t entry;

        world_fail_hook(w, HOOK_UNMAP_SWAP, 1);
        assert_false(world_push(w, BASE));
        assert_page_state(w, BASE, &before);
        assert_int_equal(hub_counter(w->hub, COUNT_UNMAP_FAIL), 1);
        /* It stays in the swap cache: a slot that no PTE counts. */
        assert_true(folio_test(world_folio(w, BASE), PG_swapcache));
        entry = world_folio(w, BASE)->swap;
        assert_true(swp_valid(entry));
        assert_int_equal(swap_used_pages(w->swap), 1);
        audit(w);
        assert_true(world_push(w, BASE));
        assert_int_equal(world_entry(w, BASE).v, entry.v);
        assert_int_equal(world_slot_count(w, BASE), 1);
        assert_comes_back(w, BASE);
        world_destroy(w);
    }
}

/* B7: the count that swap_duplicate() took is never given back. */
static void test_unmap_when_save_fails_in_5_17_loses_slot(void **state)
{
    struct adi_profile old = linux_5_17();
    struct world *w = one_page(&old);
    struct page_state before = page_state(w, BASE);

    (void)state;
    world_fail_hook(w, HOOK_UNMAP_SWAP, 1);
    assert_false(world_push(w, BASE));
    assert_page_state(w, BASE, &before);
    w->lost_slots = 1;
    audit(w);
    assert_true(world_push(w, BASE));
    assert_int_equal(world_slot_count(w, BASE), 2);
    assert_comes_back(w, BASE);
    world_exit(w);
    assert_int_equal(swap_used_pages(w->swap), 1);
    world_destroy(w);
}

/* The folio is pinned after it came into the swap cache. */
static void pin_in_cache(struct world *w)
{
    world_fail_hook(w, HOOK_UNMAP_SWAP, 1);
    assert_false(world_push(w, BASE));
    world_pin(w, world_folio(w, BASE));
}

static void test_unmap_when_share_fails_undoes_save(void **state)
{
    struct world *w = remap_page();
    struct page_state before = page_state(w, BASE);

    (void)state;
    pin_in_cache(w);
    assert_false(world_push(w, BASE));
    assert_int_equal(w->calls[HOOK_UNMAP_SWAP_UNDO], 1);
    assert_page_state(w, BASE, &before);
    audit(w);
    world_unpin(w, world_folio(w, BASE));
    assert_true(world_push(w, BASE));
    assert_comes_back(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* B6: v6.2 saves, fails, and nobody takes the user back. */
static void test_unmap_when_share_fails_in_6_2_leaks_user(void **state)
{
    struct world *w = one_page(adi_profile_find("linux-6.2"));
    struct linux_desc d;

    (void)state;
    pin_in_cache(w);
    for (unsigned nr = 1; nr <= 3; nr++) {
        assert_false(world_push(w, BASE));
        assert_true(linux_store_desc(w->mm, 0, &d));
        assert_int_equal(d.users, nr);
    }
    audit(w); /* the slot is clean all the same */
    world_unpin(w, world_folio(w, BASE));
    world_destroy(w);
}

/* A pinned page does not even get a slot. */
static void test_unmap_when_pinned_first_takes_no_slot(void **state)
{
    struct world *w = remap_page();
    struct page_state before = page_state(w, BASE);

    (void)state;
    world_pin(w, world_folio(w, BASE));
    assert_false(world_push(w, BASE));
    assert_page_state(w, BASE, &before);
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_unpin(w, world_folio(w, BASE));
    world_destroy(w);
}

/* --------------------------------------- a swap that cannot count higher */

static int refuse_duplicate(void *swap, swp_entry_t entry)
{
    (void)swap, (void)entry;
    return -1;
}

static bool keep_swap(void *swap, struct folio *folio)
{
    (void)swap, (void)folio;
    return false;
}

static void forget_nothing(void *swap, struct folio *folio)
{
    (void)swap, (void)folio;
}

static void test_unmap_when_duplicate_fails_saves_nothing(void **state)
{
    static const struct swap_ops ops = {
        .duplicate = refuse_duplicate,
        .folio_free_swap = keep_swap,
        .forget_folio = forget_nothing,
    };
    struct world *w = remap_page();
    struct folio *folio = world_folio(w, BASE);
    struct page_state before = page_state(w, BASE);

    (void)state;
    memory_attach_swap(w->mem, &ops, NULL);
    folio_set(folio, PG_swapcache);
    assert_false(try_to_unmap(w->mem, folio, 0));
    folio_clear(folio, PG_swapcache);
    assert_page_state(w, BASE, &before);
    assert_int_equal(w->calls[HOOK_UNMAP_SWAP], 0);
    world_destroy(w);
}

static void test_unmap_when_locked_leaves_entry_alone(void **state)
{
    struct world *w = remap_page();
    struct page_state before;
    unsigned flushes;

    (void)state;
    assert_int_equal(mm_mlock(w->mm, BASE, PAGE_SIZE, false), 0);
    before = page_state(w, BASE);
    flushes = w->flushes;
    assert_false(world_push(w, BASE));
    assert_page_state(w, BASE, &before);
    assert_int_equal(w->flushes, flushes);
    assert_int_equal(w->calls[HOOK_UNMAP_SWAP], 0);
    assert_int_equal(mm_munlock(w->mm, BASE, PAGE_SIZE), 0);
    assert_true(world_push(w, BASE));
    assert_comes_back(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_unmap_when_told_so_ignores_lock(void **state)
{
    struct world *w = remap_page();
    struct folio *folio = world_folio(w, BASE);

    (void)state;
    world_fail_hook(w, HOOK_UNMAP_SWAP, 1);
    assert_false(world_push(w, BASE)); /* into the swap cache */
    assert_int_equal(mm_mlock(w->mm, BASE, PAGE_SIZE, false), 0);
    assert_false(try_to_unmap(w->mem, folio, 0));
    assert_true(try_to_unmap(w->mem, folio, TTU_IGNORE_MLOCK));
    assert_int_equal(world_slot_count(w, BASE), 1);
    audit(w);
    assert_comes_back(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_unmap_when_it_fails_moves_dirty_to_folio(void **state)
{
    struct world *w = remap_page();
    struct folio *folio = world_folio(w, BASE);

    (void)state;
    folio_clear(folio, PG_dirty);
    assert_true(pte_dirty(world_pte(w, BASE)));
    world_fail_hook(w, HOOK_UNMAP_SWAP, 1);
    assert_false(world_push(w, BASE));
    assert_true(folio_test(folio, PG_dirty));
    assert_true(pte_dirty(world_pte(w, BASE)));
    world_destroy(w);
}

/* A page that was only read since it came in has its copy on the device. */
static void test_unmap_when_clean_is_not_written_again(void **state)
{
    struct world *w = remap_page();
    uint64_t written;

    (void)state;
    assert_true(world_out(w, BASE));
    written = hub_counter(w->hub, COUNT_SWAP_WRITE);
    assert_comes_back(w, BASE);
    assert_true(world_out(w, BASE));
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_WRITE), written);
    assert_comes_back(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* ------------------------------------------------------------ MADV_FREE */

static struct world *lazyfree_page(void)
{
    struct world *w = remap_page();

    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_FREE), 0);
    assert_false(folio_test(world_folio(w, BASE), PG_swapbacked));
    return w;
}

static void test_unmap_when_lazyfree_is_clean_discards(void **state)
{
    struct world *w = lazyfree_page();
    unsigned frames = world_free_frames(w);

    (void)state;
    assert_true(world_push(w, BASE));
    assert_true(pte_none(world_pte(w, BASE)));
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(w->calls[HOOK_UNMAP_SWAP], 0);
    assert_int_equal(world_free_frames(w), frames + 1);
    assert_int_equal(world_read(w, BASE), 0);
    assert_int_equal(world_tag(w, BASE), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_unmap_when_lazyfree_was_written_keeps_page(void **state)
{
    struct world *w = lazyfree_page();
    struct page_state before;

    (void)state;
    world_write(w, BASE, 42);
    before = page_state(w, BASE);
    assert_false(world_push(w, BASE));
    assert_page_state(w, BASE, &before);
    assert_true(folio_test(world_folio(w, BASE), PG_swapbacked));
    assert_int_equal(world_folio(w, BASE)->lru, LRU_ACTIVE_ANON);
    assert_true(world_push(w, BASE)); /* an ordinary page again */
    assert_int_equal(world_slot_count(w, BASE), 1);
    assert_comes_back(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_unmap_when_lazyfree_is_held_keeps_page(void **state)
{
    struct world *w = lazyfree_page();
    struct folio *folio = world_folio(w, BASE);
    struct page_state before;

    (void)state;
    world_hold(w, folio);
    before = page_state(w, BASE);
    assert_false(world_push(w, BASE));
    assert_page_state(w, BASE, &before);
    assert_true(folio_test(folio, PG_swapbacked));
    world_release(w, folio);
    assert_comes_back(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* ------------------------------------------------------ several mappings */

static void test_unmap_when_two_map_it_counts_both(void **state)
{
    struct world *w = remap_page();
    struct mm *parent = w->mm, *child = world_share(w);

    (void)state;
    assert_int_equal(world_folio(w, BASE)->mapcount, 2);
    assert_true(world_push(w, BASE));
    assert_int_equal(world_slot_count(w, BASE), 2);
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    audit(w);
    w->mm = child;
    assert_comes_back(w, BASE);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    w->mm = parent;
    assert_int_equal(world_slot_count(w, BASE), 1);
    assert_comes_back(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* The parent's entry is gone when the child's cannot go. */
static void test_unmap_when_second_fails_keeps_its_entry(void **state)
{
    struct world *w = remap_page();
    struct mm *parent = w->mm, *child = world_share(w);
    struct folio *folio = world_folio(w, BASE);
    struct page_state before;

    (void)state;
    w->mm = child;
    before = page_state(w, BASE);
    before.references = before.mapcount = 1;
    before.store.pages = 1;
    before.store.bytes = 8;
    world_fail_hook(w, HOOK_UNMAP_SWAP, 2);
    assert_false(world_push(w, BASE));
    assert_page_state(w, BASE, &before);
    w->mm = parent;
    assert_int_equal(world_slot_count(w, BASE), 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    audit(w);
    /* The frame is still in the swap cache: the parent gets the same. */
    assert_comes_back(w, BASE);
    assert_ptr_equal(world_folio(w, BASE), folio);
    assert_int_equal(folio->mapcount, 2);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unmap_when_nothing_fails_leaves_one_entry),
        cmocka_unit_test(test_unmap_when_save_fails_puts_all_back),
        cmocka_unit_test(test_unmap_when_save_fails_in_5_17_loses_slot),
        cmocka_unit_test(test_unmap_when_share_fails_undoes_save),
        cmocka_unit_test(test_unmap_when_share_fails_in_6_2_leaks_user),
        cmocka_unit_test(test_unmap_when_pinned_first_takes_no_slot),
        cmocka_unit_test(test_unmap_when_duplicate_fails_saves_nothing),
        cmocka_unit_test(test_unmap_when_locked_leaves_entry_alone),
        cmocka_unit_test(test_unmap_when_told_so_ignores_lock),
        cmocka_unit_test(test_unmap_when_it_fails_moves_dirty_to_folio),
        cmocka_unit_test(test_unmap_when_clean_is_not_written_again),
        cmocka_unit_test(test_unmap_when_lazyfree_is_clean_discards),
        cmocka_unit_test(test_unmap_when_lazyfree_was_written_keeps_page),
        cmocka_unit_test(test_unmap_when_lazyfree_is_held_keeps_page),
        cmocka_unit_test(test_unmap_when_two_map_it_counts_both),
        cmocka_unit_test(test_unmap_when_second_fails_keeps_its_entry),
    };

    return RUN(tests);
}
