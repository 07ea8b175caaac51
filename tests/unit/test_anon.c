// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Anonymous pages: the zero page, copies on write, DONTNEED, COLD, mlock,
 * and running out of frames in each.
 */
#include <errno.h>
#include <string.h>

#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static struct folio *folio_at(struct world *w, gva_t va)
{
    return phys_folio(memory_phys(w->mem), pte_pfn(*mm_pte(w->mm, va)));
}

/* Every frame is taken, by somebody whom reclaim cannot see. */
static unsigned take_all(struct world *w, struct folio *taken[64])
{
    unsigned nr = 0;

    while (nr < 64 && (taken[nr] = phys_alloc(memory_phys(w->mem), 0)) != NULL)
        nr++;
    return nr;
}

static void give_back(struct world *w, struct folio *taken[64], unsigned nr)
{
    while (nr > 0)
        memory_folio_put(w->mem, taken[--nr]);
}

static void test_read_maps_the_zero_page_and_a_store_copies_it(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = world_map(w, BASE, 2, true);
    pte_t zero;

    (void)state;
    assert_int_equal(world_read(w, a), 0);
    assert_int_equal(world_read(w, a + PAGE_SIZE), 0);
    zero = *mm_pte(w->mm, a);
    assert_true(pte_special(zero));
    assert_int_equal(pte_pfn(zero), pte_pfn(*mm_pte(w->mm, a + PAGE_SIZE)));
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    world_write(w, a, 7);
    assert_false(pte_special(*mm_pte(w->mm, a)));
    assert_true(folio_test(folio_at(w, a), PG_anon_exclusive));
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    assert_int_equal(world_read(w, a + PAGE_SIZE), 0);
    assert_int_equal(world_tag(w, a), 0);
    world_destroy(w);
}

static void test_fresh_page_has_no_tags_of_the_frames_last_owner(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = world_map(w, BASE, 1, true);

    (void)state;
    for (adi_tag_t tag = 1; tag < 15; tag++) {
        world_write(w, a, tag);
        assert_int_equal(world_tag(w, a), 0);
        assert_int_equal(world_read(w, a + 1), 0);
        world_set_tags(w, a, tag);
        assert_int_equal(mm_madvise(w->mm, a, PAGE_SIZE, MADV_G_DONTNEED), 0);
    }
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

static void test_no_frame_for_a_fault_changes_nothing(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = world_map(w, BASE, 2, true);
    struct folio *taken[64], *out;
    unsigned nr;
    pte_t zero;

    (void)state;
    assert_int_equal(world_read(w, a), 0);
    zero = *mm_pte(w->mm, a);
    nr = take_all(w, taken);
    assert_int_equal(mm_get_page(w->mm, a, ACCESS_WRITE, &out), FAULT_OOM);
    assert_int_equal(mm_pte(w->mm, a)->v, zero.v);
    assert_int_equal(mm_get_page(w->mm, a + PAGE_SIZE, ACCESS_WRITE, &out),
                     FAULT_OOM);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    give_back(w, taken, nr);
    world_write(w, a, 1);
    world_write(w, a + PAGE_SIZE, 2);
    world_destroy(w);
}

/* Write-protected by mprotect and back: the page is its own, no copy. */
static void test_exclusive_page_is_reused(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = world_map(w, BASE, 1, true);
    pfn_t pfn;

    (void)state;
    world_write(w, a, 1);
    pfn = pte_pfn(*mm_pte(w->mm, a));
    assert_int_equal(mm_mprotect(w->mm, a, PAGE_SIZE, PROT_G_READ), 0);
    assert_int_equal(
        mm_mprotect(w->mm, a, PAGE_SIZE, PROT_G_READ | PROT_G_WRITE), 0);
    world_write(w, a, 2);
    assert_int_equal(pte_pfn(*mm_pte(w->mm, a)), pfn);
    world_destroy(w);
}

/* Somebody else has a reference: a store makes a copy, with its tags. */
static void copy_on_write(bool adi, adi_tag_t tag_of_copy)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = world_map(w, BASE, 1, true);
    struct folio *old;
    pte_t *ptep;

    world_write(w, a, 0x42);
    world_set_tags(w, a, 9);
    if (!adi)
        assert_int_equal(
            mm_mprotect(w->mm, a, PAGE_SIZE, PROT_G_READ | PROT_G_WRITE), 0);
    old = folio_at(w, a);
    folio_get(old);
    folio_clear(old, PG_anon_exclusive);
    ptep = world_raw_pte(w, a);
    mm_set_pte(w->mm, a, ptep, pte_wrprotect(*ptep));
    world_write(w, a + 1, 0x43);
    assert_ptr_not_equal(folio_at(w, a), old);
    assert_int_equal(old->mapcount, 0);
    assert_int_equal(old->refcount, 1);
    assert_int_equal(memory_folio_bytes(w->mem, old)[1], 0);
    assert_int_equal(world_read(w, a), 0x42);
    assert_int_equal(world_tag(w, a), tag_of_copy);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    memory_folio_put(w->mem, old);
    world_destroy(w);
}

static void test_copy_takes_tags_only_with_adi(void **state)
{
    (void)state;
    copy_on_write(true, 9);
    copy_on_write(false, 0);
}

static void test_no_frame_for_a_copy_leaves_the_page(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = world_map(w, BASE, 1, true);
    struct folio *taken[64], *old, *out;
    unsigned nr;
    pte_t *ptep, before;

    (void)state;
    world_write(w, a, 0x42);
    old = folio_at(w, a);
    folio_get(old);
    folio_clear(old, PG_anon_exclusive);
    ptep = world_raw_pte(w, a);
    mm_set_pte(w->mm, a, ptep, pte_wrprotect(*ptep));
    before = *ptep;
    nr = take_all(w, taken);
    assert_int_equal(mm_get_page(w->mm, a, ACCESS_WRITE, &out), FAULT_OOM);
    assert_int_equal(mm_pte(w->mm, a)->v, before.v);
    assert_int_equal(old->refcount, 2);
    assert_int_equal(old->mapcount, 1);
    give_back(w, taken, nr);
    memory_folio_put(w->mem, old);
    world_write(w, a, 0x43);
    world_destroy(w);
}

static void test_dontneed_of_swapped_pages_frees_slots(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = world_map(w, BASE, 3, true);

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        world_set_tags(w, a + i * PAGE_SIZE, 3);
    assert_true(world_out(w, a));
    assert_true(world_out(w, a + PAGE_SIZE));
    assert_int_equal(mm_madvise(w->mm, a, 3 * PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 0);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    assert_int_equal(world_tag(w, a), 0);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

static void test_free_of_a_swapped_page_drops_it(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = world_map(w, BASE, 1, true);

    (void)state;
    world_set_tags(w, a, 3);
    assert_true(world_out(w, a));
    assert_int_equal(mm_madvise(w->mm, a, PAGE_SIZE, MADV_G_FREE), 0);
    assert_true(pte_none(*mm_pte(w->mm, a)));
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    world_destroy(w);
}

static void test_advice_is_checked(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = world_map(w, BASE, 2, true);

    (void)state;
    assert_int_equal(mm_madvise(w->mm, a + 1, PAGE_SIZE, MADV_G_COLD), -EINVAL);
    assert_int_equal(mm_madvise(w->mm, a, PAGE_SIZE, 99), -EINVAL);
    assert_int_equal(mm_madvise(w->mm, a, 3 * PAGE_SIZE, MADV_G_COLD), -ENOMEM);
    assert_int_equal(mm_mlock(w->mm, a, PAGE_SIZE, false), 0);
    assert_int_equal(mm_madvise(w->mm, a, PAGE_SIZE, MADV_G_DONTNEED), -EINVAL);
    assert_int_equal(mm_madvise(w->mm, a, PAGE_SIZE, MADV_G_PAGEOUT), -EINVAL);
    assert_int_equal(mm_munlock(w->mm, a, PAGE_SIZE), 0);
    world_destroy(w);
}

static void test_mlock_faults_pages_in(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = world_map(w, BASE, 4, false);

    (void)state;
    assert_int_equal(mm_mlock(w->mm, a, 2 * PAGE_SIZE, false), 0);
    assert_true(world_resident(w, a));
    assert_true(world_resident(w, a + PAGE_SIZE));
    assert_false(world_resident(w, a + 2 * PAGE_SIZE));
    assert_int_equal(mm_mlock(w->mm, a + 2 * PAGE_SIZE, PAGE_SIZE, true), 0);
    assert_false(world_resident(w, a + 2 * PAGE_SIZE));
    assert_int_equal(mm_mlock(w->mm, a, 8 * PAGE_SIZE, true), -ENOMEM);
    mm_munlockall(w->mm);
    assert_true(vma_lookup(w->mm, a)->end == a + 4 * PAGE_SIZE);
    world_destroy(w);
}

/* Another CPU was first: the entry is made young, and dirty by a store. */
static void test_fault_when_present_marks_the_entry_used(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = world_map(w, BASE, 1, true);
    const struct folio *folio;
    pte_t *ptep, young;

    (void)state;
    world_set_tags(w, a, 5);
    folio = folio_at(w, a);
    ptep = world_raw_pte(w, a);
    *ptep = pte_mkold(pte_mkclean(*ptep));
    assert_int_equal(mm_handle_fault(w->mm, a, ACCESS_READ), FAULT_OK);
    assert_true(pte_young(*ptep));
    assert_false(pte_dirty(*ptep));
    young = *ptep;
    assert_int_equal(mm_handle_fault(w->mm, a, ACCESS_READ), FAULT_OK);
    assert_true(pte_same(*ptep, young));
    assert_int_equal(mm_handle_fault(w->mm, a, ACCESS_WRITE), FAULT_OK);
    assert_true(pte_hw_write(*ptep));
    assert_ptr_equal(folio_at(w, a), folio);
    assert_int_equal(world_tag(w, a), 5);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_maps_the_zero_page_and_a_store_copies_it),
        cmocka_unit_test(test_fresh_page_has_no_tags_of_the_frames_last_owner),
        cmocka_unit_test(test_no_frame_for_a_fault_changes_nothing),
        cmocka_unit_test(test_exclusive_page_is_reused),
        cmocka_unit_test(test_copy_takes_tags_only_with_adi),
        cmocka_unit_test(test_no_frame_for_a_copy_leaves_the_page),
        cmocka_unit_test(test_dontneed_of_swapped_pages_frees_slots),
        cmocka_unit_test(test_free_of_a_swapped_page_drops_it),
        cmocka_unit_test(test_advice_is_checked),
        cmocka_unit_test(test_mlock_faults_pages_in),
        cmocka_unit_test(test_fault_when_present_marks_the_entry_used),
    };

    return RUN(tests);
}
