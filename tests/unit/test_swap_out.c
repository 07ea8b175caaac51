// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Swap-out and swap-in of one page, and each exit half-way: the PTE, the
 * references, the slot and the tag store are as before.
 */
#include "adi/store_linux.h"
#include "mm/fault.h"
#include "swap/slot.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

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

static void assert_right(struct world *w, gva_t a)
{
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(world_read(w, a), 0x5a);
    assert_int_equal(judge_found(w->judge), 0);
}

static void test_page_goes_and_comes_back(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = tagged_page(w);
    pfn_t free = phys_nr_free(memory_phys(w->mem));
    pte_t pte;

    (void)state;
    assert_true(world_out(w, a));
    pte = *mm_pte(w->mm, a);
    assert_true(is_swap_pte(pte));
    assert_int_equal(slot_count(w->swap, pte_to_swp_entry(pte)), 1);
    assert_false(slot_has_cache(w->swap, pte_to_swp_entry(pte)));
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 1);
    assert_int_equal(phys_nr_free(memory_phys(w->mem)), free + 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_right(w, a);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    world_destroy(w);
}

/* The tag store has no room: everything but the swap cache as before. */
static void refused_save(const char *profile, unsigned count_left)
{
    struct world *w = world_create(profile, 64, 64);
    gva_t a = tagged_page(w);
    pte_t before = *mm_pte(w->mm, a);
    struct folio *folio;
    swp_entry_t entry;

    adi_fail_alloc(w->adi, 1);
    assert_false(world_out(w, a));
    assert_int_equal(judge_refused(w->judge), 1);
    assert_true(judge_errors(w->judge));
    assert_int_equal(mm_pte(w->mm, a)->v, pte_mkold(before).v);
    folio = folio_at(w, a);
    assert_int_equal(folio->mapcount, 1);
    assert_int_equal(folio->refcount, 2);
    assert_true(folio_test(folio, PG_swapcache));
    assert_true(folio_test(folio, PG_lru));
    assert_false(folio_test(folio, PG_locked));
    entry = folio->swap;
    assert_int_equal(slot_count(w->swap, entry), count_left);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_right(w, a);
    /* It was once. */
    assert_true(world_out(w, a));
    assert_int_equal(slot_count(w->swap, entry), 1 + count_left);
    assert_right(w, a);
    assert_int_equal(mm_munmap(w->mm, a, PAGE_SIZE), 0);
    assert_int_equal(swap_used_pages(w->swap), count_left);
    world_destroy(w);
}

static void test_refused_save_is_undone(void **state)
{
    (void)state;
    refused_save("remap", 0);
    refused_save("linux-6.2", 0);
}

/* Pinned once it is in the swap cache: the save succeeds, the unmap fails. */
static void pinned(const char *profile, unsigned users)
{
    struct world *w = world_create(profile, 64, 64);
    gva_t a = tagged_page(w);
    pte_t before = *mm_pte(w->mm, a);
    struct folio *folio;

    adi_fail_alloc(w->adi, 1);
    assert_false(world_out(w, a)); /* into the swap cache */
    folio = folio_at(w, a);
    world_pin(w, folio);
    for (unsigned i = 1; i <= 3; i++) {
        assert_false(world_out(w, a));
        assert_int_equal(mm_pte(w->mm, a)->v, pte_mkold(before).v);
        assert_int_equal(slot_count(w->swap, folio->swap), 0);
        assert_int_equal(folio->mapcount, 1);
        assert_int_equal(folio->refcount, 3);
        assert_true(folio_test(folio, PG_anon_exclusive));
    }
    assert_int_equal(adi_store_use(w->adi).pages > 0, users > 0);
    if (users) {
        struct linux_desc d;

        assert_true(linux_store_desc(w->mm, 0, &d));
        assert_int_equal(d.users, users);
    }
    world_unpin(w, folio);
    world_destroy(w);
}

/* B6 in swap-out. */
static void test_pinned_page_stays_and_linux_leaks(void **state)
{
    (void)state;
    pinned("remap", 0);
    pinned("linux-6.2", 3);
}

static void test_page_never_enters_swap_when_pinned_before(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = tagged_page(w);

    (void)state;
    world_pin(w, folio_at(w, a));
    assert_false(world_out(w, a));
    assert_false(folio_test(folio_at(w, a), PG_swapcache));
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_unpin(w, folio_at(w, a));
    world_destroy(w);
}

static void test_failed_write_keeps_the_folio(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = tagged_page(w);

    (void)state;
    world_fail_writes(w, 1);
    assert_true(world_out(w, a)); /* unmapped, but in the swap cache */
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_WRITE), 0);
    assert_true(slot_has_cache(w->swap, pte_to_swp_entry(*mm_pte(w->mm, a))));
    assert_right(w, a);
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_READ), 0);
    assert_true(world_out(w, a));
    assert_right(w, a);
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_READ), 1);
    world_destroy(w);
}

static void test_failed_read_is_sigbus_and_keeps_the_entry(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = tagged_page(w);
    struct folio *folio;
    pte_t pte;

    (void)state;
    assert_true(world_out(w, a));
    pte = *mm_pte(w->mm, a);
    world_fail_reads(w, 1);
    assert_int_equal(mm_get_page(w->mm, a, ACCESS_READ, &folio), FAULT_BUS);
    assert_int_equal(mm_pte(w->mm, a)->v, pte.v);
    assert_int_equal(slot_count(w->swap, pte_to_swp_entry(pte)), 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(mm_munmap(w->mm, a, PAGE_SIZE), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    world_destroy(w);
}

static void test_full_device_keeps_the_page(void **state)
{
    struct world *w = world_create("remap", 64, 2);
    gva_t a = world_map(w, BASE, 3, true);

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        world_set_tags(w, a + i * PAGE_SIZE, (adi_tag_t)(i + 1));
    assert_true(world_out(w, a));
    assert_true(world_out(w, a + PAGE_SIZE));
    assert_int_equal(swap_used_pages(w->swap), 2);
    assert_false(world_out(w, a + 2 * PAGE_SIZE));
    assert_false(folio_test(folio_at(w, a + 2 * PAGE_SIZE), PG_swapcache));
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(world_tag(w, a + i * PAGE_SIZE), i + 1);
    world_destroy(w);
}

static void test_memory_and_swap_full_is_oom(void **state)
{
    struct world *w = world_create("remap", 64, 4);
    gva_t a = world_map(w, BASE, 40, false);
    gva_t b = world_map(w, BASE + 40 * PAGE_SIZE, 40, false);
    enum fault got = FAULT_OK;
    struct folio *folio;

    (void)state;
    for (unsigned i = 0; i < 80 && got == FAULT_OK; i++)
        got = mm_get_page(w->mm, a + i * PAGE_SIZE, ACCESS_WRITE, &folio);
    assert_int_equal(got, FAULT_OOM);
    assert_int_equal(b, a + 40 * PAGE_SIZE);
    assert_int_equal(swap_used_pages(w->swap), 4);
    assert_int_equal(mm_munmap(w->mm, a, 80 * PAGE_SIZE), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_destroy(w);
}

static void test_locked_page_stays(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = tagged_page(w);

    (void)state;
    assert_int_equal(mm_mlock(w->mm, a, PAGE_SIZE, false), 0);
    (void)swap_out_folio(w->swap, folio_at(w, a));
    assert_true(world_resident(w, a));
    assert_int_equal(mm_munlock(w->mm, a, PAGE_SIZE), 0);
    assert_true(world_out(w, a));
    assert_right(w, a);
    world_destroy(w);
}

static void test_lazyfree_goes_when_clean_and_stays_when_written(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = world_map(w, BASE, 2, false), b = a + PAGE_SIZE;

    (void)state;
    world_write(w, a, 1);
    world_write(w, b, 2);
    assert_int_equal(mm_madvise(w->mm, a, 2 * PAGE_SIZE, MADV_G_FREE), 0);
    world_write(w, b, 3);
    (void)world_out(w, a);
    (void)world_out(w, b);
    assert_int_equal(world_read(w, a), 0);
    assert_int_equal(world_read(w, b), 3);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_goes_and_comes_back),
        cmocka_unit_test(test_refused_save_is_undone),
        cmocka_unit_test(test_pinned_page_stays_and_linux_leaks),
        cmocka_unit_test(test_page_never_enters_swap_when_pinned_before),
        cmocka_unit_test(test_failed_write_keeps_the_folio),
        cmocka_unit_test(test_failed_read_is_sigbus_and_keeps_the_entry),
        cmocka_unit_test(test_full_device_keeps_the_page),
        cmocka_unit_test(test_memory_and_swap_full_is_oom),
        cmocka_unit_test(test_locked_page_stays),
        cmocka_unit_test(test_lazyfree_goes_when_clean_and_stays_when_written),
    };

    return RUN(tests);
}
