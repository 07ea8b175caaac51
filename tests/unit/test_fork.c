// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fork: what parent and child share, what each has after a store, and every
 * kind of PTE; and fork that fails half-way.
 */
#include "mm/fork.h"

#include <errno.h>

#include "migrate/migrate.h"
#include "swap/cache.h"
#include "swap/slot.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

/* The program's view is now that of @mm; returns the one before. */
static struct mm *be(struct world *w, struct mm *mm)
{
    struct mm *old = w->mm;

    w->mm = mm;
    return old;
}

static struct folio *folio_at(struct world *w, gva_t va)
{
    return phys_folio(memory_phys(w->mem), pte_pfn(*mm_pte(w->mm, va)));
}

static gva_t tagged_page(struct world *w)
{
    gva_t a = world_map(w, BASE, 1, true);

    world_write(w, a, 0x5a);
    world_set_tags(w, a, 5);
    return a;
}

static void test_present_page_is_shared_until_a_store(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = tagged_page(w);
    struct folio *folio = folio_at(w, a);
    struct mm *child, *parent = w->mm;
    unsigned flushes = w->flushes;

    (void)state;
    assert_int_equal(mm_fork(parent, &child), 0);
    assert_int_equal(w->flushes, flushes + 1);
    assert_int_equal(folio->mapcount, 2);
    assert_int_equal(folio->refcount, 2);
    assert_false(folio_test(folio, PG_anon_exclusive));
    assert_false(pte_write(*mm_pte(parent, a)));
    assert_false(pte_write(*mm_pte(child, a)));
    assert_int_equal(mm_rss(child, MM_ANONPAGES), 1);
    be(w, child);
    assert_int_equal(world_tag(w, a), 5);
    world_write(w, a, 0x11);
    world_set_tags(w, a, 9);
    assert_ptr_not_equal(folio_at(w, a), folio);
    be(w, parent);
    assert_int_equal(world_read(w, a), 0x5a);
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(folio->mapcount, 1);
    /* Alone again: the store needs no copy. */
    world_write(w, a, 0x22);
    assert_ptr_equal(folio_at(w, a), folio);
    be(w, child);
    assert_int_equal(world_read(w, a), 0x11);
    assert_int_equal(world_tag(w, a), 9);
    be(w, parent);
    mm_put(child);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

static void test_swapped_page_gets_a_count_and_a_copy_of_its_tags(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = tagged_page(w);
    struct mm *child, *parent = w->mm;
    swp_entry_t entry;

    (void)state;
    assert_true(world_out(w, a));
    entry = pte_to_swp_entry(*mm_pte(parent, a));
    assert_int_equal(mm_fork(parent, &child), 0);
    assert_int_equal(slot_count(w->swap, entry), 2);
    assert_int_equal(mm_pte(child, a)->v, mm_pte(parent, a)->v);
    assert_int_equal(mm_rss(child, MM_SWAPENTS), 1);
    assert_true(mm_is_on_mmlist(child));
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    be(w, child);
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(world_read(w, a), 0x5a);
    be(w, parent);
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    mm_put(child);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

/* B2 */
/* A swap that cannot count higher, as when the host has no memory. */
static int refuse_duplicate(void *swap, swp_entry_t entry)
{
    (void)swap, (void)entry;
    return -ENOMEM;
}

static void free_and_cache(void *swap, swp_entry_t entry)
{
    cache_free_entry(swap, entry);
}

static void forget_nothing(void *swap, struct folio *folio)
{
    (void)swap, (void)folio;
}

static void test_slot_that_cannot_count_higher_ends_the_fork(void **state)
{
    static const struct swap_ops ops = {
        .duplicate = refuse_duplicate,
        .free_and_cache = free_and_cache,
        .forget_folio = forget_nothing,
    };
    struct world *w = world_create("remap", 64, 64);
    gva_t a = tagged_page(w);
    struct mm *child = NULL;

    (void)state;
    assert_true(world_out(w, a));
    memory_attach_swap(w->mem, &ops, w->swap);
    assert_int_equal(mm_fork(w->mm, &child), -ENOMEM);
    assert_null(child);
    assert_int_equal(world_slot_count(w, a), 1);
    assert_int_equal(w->calls[HOOK_FORK_SWAP], 0);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    world_exit_clean(w);
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_destroy(w);
}

static void test_linux_loses_tags_in_the_child(void **state)
{
    struct world *w = world_create("linux-6.2", 64, 64);
    gva_t a = tagged_page(w);
    struct mm *child, *parent = w->mm;

    (void)state;
    assert_true(world_out(w, a));
    assert_int_equal(mm_fork(parent, &child), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    be(w, child);
    assert_int_equal(world_read(w, a), 0x5a);
    (void)world_tag(w, a);
    be(w, parent);
    assert_int_equal(world_tag(w, a), 5);
    mm_put(child);
    world_destroy(w);
}

static void test_exit_of_the_child_leaves_the_parent_whole(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = tagged_page(w);
    struct mm *child;
    swp_entry_t entry;

    (void)state;
    assert_true(world_out(w, a));
    entry = pte_to_swp_entry(*mm_pte(w->mm, a));
    assert_int_equal(mm_fork(w->mm, &child), 0);
    mm_put(child);
    assert_int_equal(slot_count(w->swap, entry), 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(world_tag(w, a), 5);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

/* The store has no room for the second of two copies. */
static void test_refused_copy_is_tried_again(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = world_map(w, BASE, 3, true);
    struct mm *child = NULL, *parent = w->mm;
    pte_t before;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        world_set_tags(w, a + i * PAGE_SIZE, (adi_tag_t)(i + 1));
    assert_true(world_out(w, a));
    assert_true(world_out(w, a + PAGE_SIZE));
    before = *mm_pte(parent, a + PAGE_SIZE);
    adi_fail_alloc(w->adi, 2);
    /* Once: the second attempt succeeds. */
    assert_int_equal(mm_fork(parent, &child), 0);
    mm_put(child);
    assert_int_equal(mm_pte(parent, a + PAGE_SIZE)->v, before.v);
    assert_int_equal(slot_count(w->swap, pte_to_swp_entry(before)), 1);
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(world_tag(w, a + i * PAGE_SIZE), i + 1);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

static void copy_pinned_page(const char *kernel)
{
    struct world *w = world_create(kernel, 64, 0);
    gva_t a = tagged_page(w);
    struct folio *folio = folio_at(w, a);
    pte_t before = *mm_pte(w->mm, a);
    struct mm *child, *parent = w->mm;

    world_pin(w, folio);
    assert_int_equal(mm_fork(parent, &child), 0);
    assert_int_equal(mm_pte(parent, a)->v, before.v);
    assert_int_equal(folio_test(folio, PG_anon_exclusive),
                     memory_policy(w->mem)->anon_exclusive);
    assert_int_equal(folio->mapcount, 1);
    be(w, child);
    assert_ptr_not_equal(folio_at(w, a), folio);
    assert_true(folio_test(folio_at(w, a), PG_lru));
    assert_true(pte_write(*mm_pte(child, a)));
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(world_read(w, a), 0x5a);
    be(w, parent);
    world_unpin(w, folio);
    mm_put(child);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

/* Before v5.19 nobody knows whether the page is exclusive: the pin decides. */
static void test_pinned_page_is_copied_at_once(void **state)
{
    (void)state;
    copy_pinned_page("remap");
    copy_pinned_page("linux-5.17");
    copy_pinned_page("mte-5.18");
}

/* The early copy, too, has the tags only where there are tags. */
static void test_pinned_page_without_tags_is_copied_without(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = tagged_page(w);
    struct folio *folio = folio_at(w, a);
    struct mm *child, *parent = w->mm;
    unsigned rw = PROT_G_READ | PROT_G_WRITE;

    (void)state;
    assert_int_equal(mm_mprotect(parent, a, PAGE_SIZE, rw), 0);
    world_pin(w, folio);
    assert_int_equal(mm_fork(parent, &child), 0);
    world_unpin(w, folio);
    assert_int_equal(mm_mprotect(parent, a, PAGE_SIZE, rw | PROT_G_ADI), 0);
    assert_int_equal(mm_mprotect(child, a, PAGE_SIZE, rw | PROT_G_ADI), 0);
    assert_int_equal(world_tag(w, a), 5);
    be(w, child);
    assert_int_equal(world_tag(w, a), 0);
    be(w, parent);
    mm_put(child);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

static void test_no_frame_for_a_pinned_page_ends_the_fork(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = tagged_page(w);
    struct folio *taken[64], *folio = folio_at(w, a);
    struct mm *child = NULL;
    unsigned nr = 0;

    (void)state;
    world_pin(w, folio);
    while (nr < 64 && (taken[nr] = phys_alloc(memory_phys(w->mem), 0)) != NULL)
        nr++;
    assert_int_equal(mm_fork(w->mm, &child), -ENOMEM);
    assert_null(child);
    assert_int_equal(folio->mapcount, 1);
    assert_true(folio_test(folio, PG_anon_exclusive));
    while (nr > 0)
        memory_folio_put(w->mem, taken[--nr]);
    world_unpin(w, folio);
    assert_int_equal(world_tag(w, a), 5);
    world_destroy(w);
}

static void test_migrating_page_becomes_readable_in_both(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = tagged_page(w);
    struct folio *folio = folio_at(w, a);
    struct mm *child, *parent = w->mm;

    (void)state;
    folio_get(folio);
    assert_true(folio_trylock(folio));
    assert_true(try_to_migrate(w->mem, folio));
    assert_int_equal(mm_fork(parent, &child), 0);
    assert_int_equal(w->calls[HOOK_FORK_MIGRATE], 1);
    assert_true(
        is_readable_migration_entry(pte_to_swp_entry(*mm_pte(parent, a))));
    assert_int_equal(mm_pte(child, a)->v, mm_pte(parent, a)->v);
    remove_migration_ptes(w->mem, folio, folio);
    folio_unlock(folio);
    memory_folio_put(w->mem, folio);
    assert_int_equal(folio->mapcount, 2);
    assert_false(pte_write(*mm_pte(parent, a)));
    assert_false(pte_write(*mm_pte(child, a)));
    mm_put(child);
    assert_int_equal(world_tag(w, a), 5);
    world_destroy(w);
}

static void test_advice_for_fork(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = world_map(w, BASE, 3, false);
    struct mm *child, *parent = w->mm;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        world_write(w, a + i * PAGE_SIZE, 7);
    assert_int_equal(
        mm_madvise(parent, a + PAGE_SIZE, PAGE_SIZE, MADV_G_DONTFORK), 0);
    assert_int_equal(
        mm_madvise(parent, a + 2 * PAGE_SIZE, PAGE_SIZE, MADV_G_WIPEONFORK), 0);
    assert_int_equal(mm_mlock(parent, a, PAGE_SIZE, false), 0);
    assert_int_equal(mm_fork(parent, &child), 0);
    assert_null(vma_lookup(child, a + PAGE_SIZE));
    assert_int_equal(vma_lookup(child, a)->flags & VM_LOCKED, 0);
    be(w, child);
    assert_int_equal(world_read(w, a), 7);
    assert_int_equal(world_read(w, a + 2 * PAGE_SIZE), 0);
    be(w, parent);
    mm_put(child);
    world_destroy(w);
}

/* One folio of three processes leaves and comes back to each. */
static void test_shared_page_is_swapped_for_all(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = tagged_page(w);
    struct mm *mm[3] = {w->mm};
    swp_entry_t entry;

    (void)state;
    assert_int_equal(mm_fork(mm[0], &mm[1]), 0);
    assert_int_equal(mm_fork(mm[1], &mm[2]), 0);
    assert_int_equal(folio_at(w, a)->mapcount, 3);
    assert_true(swap_out_folio(w->swap, folio_at(w, a)) ||
                swap_out_folio(w->swap, folio_at(w, a)));
    entry = pte_to_swp_entry(*mm_pte(mm[0], a));
    assert_int_equal(slot_count(w->swap, entry), 3);
    assert_int_equal(adi_store_use(w->adi).pages, 3);
    for (unsigned i = 3; i-- > 0;) {
        be(w, mm[i]);
        assert_int_equal(world_tag(w, a), 5);
        assert_int_equal(world_read(w, a), 0x5a);
        world_write(w, a, (uint8_t)i);
    }
    for (unsigned i = 0; i < 3; i++) {
        be(w, mm[i]);
        assert_int_equal(world_read(w, a), i);
    }
    be(w, mm[0]);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    mm_put(mm[2]);
    mm_put(mm[1]);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

/* A page on its way that two have: the third gets it as they have it. */
static void test_migrating_page_that_is_shared_is_shared_again(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = tagged_page(w);
    struct folio *folio = folio_at(w, a);
    struct mm *child, *second, *parent = w->mm;
    pte_t entry;

    (void)state;
    folio_get(folio);
    assert_true(folio_trylock(folio));
    assert_true(try_to_migrate(w->mem, folio));
    assert_int_equal(mm_fork(parent, &child), 0);
    entry = *mm_pte(parent, a);
    assert_int_equal(mm_fork(parent, &second), 0);
    assert_int_equal(mm_pte(parent, a)->v, entry.v);
    assert_int_equal(mm_pte(second, a)->v, entry.v);
    remove_migration_ptes(w->mem, folio, folio);
    folio_unlock(folio);
    memory_folio_put(w->mem, folio);
    assert_int_equal(folio->mapcount, 3);
    be(w, second);
    assert_int_equal(world_tag(w, a), 5);
    be(w, parent);
    world_exit_clean(w);
    world_destroy(w);
}

/* The first of two areas is refused: the second is not even looked at. */
static void test_fork_when_first_area_fails_leaves_the_others(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = tagged_page(w), b = BASE + 64 * PAGE_SIZE;
    struct mm *child = NULL;

    (void)state;
    world_map(w, b, 1, true);
    world_set_tags(w, b, 7);
    assert_true(world_out(w, a));
    world_fail_hook_for(w, HOOK_FORK_SWAP, 1, 2);
    assert_int_equal(mm_fork(w->mm, &child), -ENOMEM);
    assert_null(child);
    assert_int_equal(folio_at(w, b)->mapcount, 1);
    assert_true(pte_write(*mm_pte(w->mm, b)));
    assert_int_equal(world_slot_count(w, a), 1);
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(world_tag(w, b), 7);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_present_page_is_shared_until_a_store),
        cmocka_unit_test(test_swapped_page_gets_a_count_and_a_copy_of_its_tags),
        cmocka_unit_test(test_slot_that_cannot_count_higher_ends_the_fork),
        cmocka_unit_test(test_linux_loses_tags_in_the_child),
        cmocka_unit_test(test_exit_of_the_child_leaves_the_parent_whole),
        cmocka_unit_test(test_refused_copy_is_tried_again),
        cmocka_unit_test(test_pinned_page_is_copied_at_once),
        cmocka_unit_test(test_pinned_page_without_tags_is_copied_without),
        cmocka_unit_test(test_no_frame_for_a_pinned_page_ends_the_fork),
        cmocka_unit_test(test_migrating_page_becomes_readable_in_both),
        cmocka_unit_test(test_advice_for_fork),
        cmocka_unit_test(test_shared_page_is_swapped_for_all),
        cmocka_unit_test(test_migrating_page_that_is_shared_is_shared_again),
        cmocka_unit_test(test_fork_when_first_area_fails_leaves_the_others),
    };

    return RUN(tests);
}
