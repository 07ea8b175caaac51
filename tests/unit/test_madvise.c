// SPDX-License-Identifier: GPL-2.0-or-later
/* madvise(): each advice, on pages in every state, and its refusals. */
#include <errno.h>

#include "fake_ops.h"
#include "migrate/migrate.h"
#include "mm/lru.h"
#include "mm/mapping.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

static struct world *pages(unsigned nr)
{
    struct world *w = world_create("remap", 256, 64);

    assert_int_equal(world_map(w, BASE, nr, true), BASE);
    for (unsigned i = 0; i < nr; i++) {
        world_write(w, nth(i), 42);
        world_set_tags(w, nth(i), (adi_tag_t)(5 + i));
    }
    return w;
}

static int advise(struct world *w, unsigned first, unsigned nr, int advice)
{
    int err = mm_madvise(w->mm, nth(first), nr * PAGE_SIZE, advice);

    audit(w);
    return err;
}

static struct mapping *map_shmem(struct world *w, gva_t at, unsigned pages)
{
    struct mapping *m = mapping_create_shmem(w->mem, pages * PAGE_SIZE);
    struct mmap_args args = {.addr = at,
                             .len = (pages + 1) * PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t out;

    assert_int_equal(mm_mmap(w->mm, &args, &out), 0);
    mapping_put(m);
    return m;
}

static void test_madvise_when_arguments_are_bad_refuses(void **state)
{
    struct world *w = pages(1);
    struct page_state before = page_state(w, BASE);

    (void)state;
    assert_int_equal(advise(w, 0, 1, 7), -EINVAL);
    assert_int_equal(advise(w, 0, 1, 25), -EINVAL);
    assert_int_equal(mm_madvise(w->mm, BASE + 1, 1, MADV_G_DONTNEED), -EINVAL);
    assert_int_equal(
        mm_madvise(w->mm, BASE, UINT64_MAX - BASE, MADV_G_DONTNEED), -EINVAL);
    assert_int_equal(mm_madvise(w->mm, BASE, UINT64_MAX, MADV_G_DONTNEED),
                     -EINVAL);
    assert_int_equal(advise(w, 0, 0, MADV_G_DONTNEED), 0);
    assert_int_equal(advise(w, 1, 1, MADV_G_DONTNEED), -ENOMEM);
    assert_page_state(w, BASE, &before);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_dontneed_when_hole_is_inside_does_the_rest(void **state)
{
    struct world *w = pages(3);

    (void)state;
    assert_int_equal(mm_munmap(w->mm, nth(1), PAGE_SIZE), 0);
    assert_int_equal(advise(w, 0, 3, MADV_G_DONTNEED), -ENOMEM);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    assert_int_equal(world_tag(w, nth(2)), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_advice_when_area_is_locked_is_refused(void **state)
{
    const int refused[] = {MADV_G_DONTNEED, MADV_G_FREE, MADV_G_COLD,
                           MADV_G_PAGEOUT};
    struct world *w = pages(1);
    struct page_state before;

    (void)state;
    assert_int_equal(mm_mlock(w->mm, BASE, PAGE_SIZE, false), 0);
    before = page_state(w, BASE);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(advise(w, 0, 1, refused[i]), -EINVAL);
        assert_page_state(w, BASE, &before);
        assert_true(folio_test(world_folio(w, BASE), PG_swapbacked));
    }
    assert_int_equal(advise(w, 0, 1, MADV_G_DONTNEED_LOCKED), 0);
    assert_true(pte_none(world_pte(w, BASE)));
    world_exit_clean(w);
    world_destroy(w);
}

static void test_dontneed_locked_is_unknown_before_v518(void **state)
{
    static const struct {
        const char *kernel;
        int err;
    } kernels[] = {{"linux-5.17", -EINVAL}, {"mte-5.18", 0}, {"linux-7.1", 0}};

    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        struct world *w = world_create(kernels[k].kernel, 256, 64);

        assert_int_equal(world_map(w, BASE, 1, false), BASE);
        assert_int_equal(advise(w, 0, 1, MADV_G_DONTNEED_LOCKED),
                         kernels[k].err);
        world_destroy(w);
    }
}

/* ------------------------------------------------------------------ FREE */

static void test_free_when_written_after_rescues_page(void **state)
{
    struct world *w = pages(2);

    (void)state;
    assert_int_equal(advise(w, 0, 2, MADV_G_FREE), 0);
    assert_false(pte_dirty(world_pte(w, BASE)));
    assert_int_equal(world_folio(w, BASE)->lru, LRU_INACTIVE_FILE);
    world_write(w, nth(0), 42);
    assert_int_equal(advise(w, 0, 2, MADV_G_PAGEOUT), 0);
    assert_int_equal(world_read(w, nth(0)), 42);
    assert_int_equal(world_tag(w, nth(0)), 5);
    assert_int_equal(world_read(w, nth(1)), 0);
    assert_int_equal(world_tag(w, nth(1)), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_free_when_swapped_drops_entry(void **state)
{
    struct world *w = pages(2);

    (void)state;
    assert_true(world_out(w, nth(0)));
    assert_int_equal(advise(w, 0, 2, MADV_G_FREE), 0);
    assert_true(pte_none(world_pte(w, nth(0))));
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(w->calls[HOOK_FREE_SWAP], 1);
    assert_int_equal(world_tag(w, nth(0)), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_free_when_in_swap_cache_takes_it_out(void **state)
{
    struct world *w = pages(1);

    (void)state;
    assert_true(world_out(w, BASE));
    assert_int_equal(world_read(w, BASE), 42);
    assert_int_equal(swap_used_pages(w->swap), 1);
    assert_int_equal(advise(w, 0, 1, MADV_G_FREE), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_false(folio_test(world_folio(w, BASE), PG_swapbacked));
    assert_false(folio_test(world_folio(w, BASE), PG_dirty));
    assert_true(world_out(w, BASE));
    assert_int_equal(world_read(w, BASE), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* The child's entry still needs the slot. */
static void test_free_when_slot_is_needed_keeps_page(void **state)
{
    struct world *w = pages(1);
    struct mm *child;
    struct page_state before;

    (void)state;
    assert_true(world_out(w, BASE));
    child = world_share(w);
    assert_int_equal(world_read(w, BASE), 42);
    before = page_state(w, BASE);
    assert_int_equal(advise(w, 0, 1, MADV_G_FREE), 0);
    assert_page_state(w, BASE, &before);
    assert_true(folio_test(world_folio(w, BASE), PG_swapbacked));
    w->mm = child;
    assert_int_equal(world_read(w, BASE), 42);
    assert_int_equal(world_tag(w, BASE), 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_free_when_page_is_not_ours_alone_leaves_it(void **state)
{
    struct world *w = pages(2);
    struct folio *folio = world_folio(w, nth(1));
    struct mm *child;
    struct page_state before;

    (void)state;
    folio_set(folio, PG_dirty);
    assert_true(folio_trylock(folio));
    assert_int_equal(mm_madvise(w->mm, nth(1), PAGE_SIZE, MADV_G_FREE), 0);
    folio_unlock(folio);
    assert_true(folio_test(folio, PG_swapbacked));
    child = world_share(w);
    before = page_state(w, BASE);
    assert_int_equal(advise(w, 0, 1, MADV_G_FREE), 0);
    assert_page_state(w, BASE, &before);
    w->mm = child;
    map_shmem(w, nth(4), 1);
    assert_int_equal(advise(w, 4, 1, MADV_G_FREE), -EINVAL);
    world_exit_clean(w);
    world_destroy(w);
}

/* --------------------------------------------------------- COLD, PAGEOUT */

static void test_cold_when_active_goes_to_old_end(void **state)
{
    struct world *w = pages(2);
    struct lru *lru = memory_lru(w->mem);
    struct folio *folio = world_folio(w, nth(1));
    uint64_t frame = world_pte(w, nth(1)).v & PTE_PADDR;

    (void)state;
    lru_activate(lru, folio);
    assert_int_equal(advise(w, 1, 1, MADV_G_COLD), 0);
    assert_int_equal(folio->lru, LRU_INACTIVE_ANON);
    assert_ptr_equal(lru_oldest(lru, LRU_INACTIVE_ANON), folio);
    assert_false(pte_young(world_pte(w, nth(1))));
    assert_int_equal(world_pte(w, nth(1)).v & PTE_PADDR, frame);
    assert_int_equal(world_tag(w, nth(1)), 6);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_pageout_when_two_map_it_leaves_it(void **state)
{
    struct world *w = pages(2);
    struct page_state before;

    (void)state;
    assert_true(world_out(w, nth(1)));
    assert_non_null(world_share(w));
    before = page_state(w, BASE);
    assert_int_equal(advise(w, 0, 2, MADV_G_PAGEOUT), 0);
    assert_page_state(w, BASE, &before);
    assert_int_equal(world_slot_count(w, nth(1)), 2);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_pageout_when_zero_page_or_none_does_nothing(void **state)
{
    struct world *w = world_create("remap", 256, 64);

    (void)state;
    world_map(w, BASE, 2, true);
    assert_int_equal(world_read(w, BASE), 0);
    assert_int_equal(advise(w, 0, 2, MADV_G_PAGEOUT), 0);
    assert_true(pte_special(world_pte(w, BASE)));
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* -------------------------------------------------------------- POPULATE */

static void test_populate_when_swapped_restores(void **state)
{
    struct world *w = pages(2);

    (void)state;
    assert_true(world_out(w, nth(0)));
    assert_true(world_out(w, nth(1)));
    assert_int_equal(advise(w, 0, 1, MADV_G_POPULATE_READ), 0);
    assert_int_equal(advise(w, 1, 1, MADV_G_POPULATE_WRITE), 0);
    assert_true(world_resident(w, nth(0)));
    assert_false(pte_hw_write(world_pte(w, nth(0))));
    assert_true(pte_hw_write(world_pte(w, nth(1))));
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(world_tag(w, nth(1)), 6);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_populate_when_a_page_cannot_be_says_why(void **state)
{
    struct world *w = world_create("remap", 64, 0);

    (void)state;
    map_shmem(w, nth(100), 1);
    assert_int_equal(advise(w, 100, 2, MADV_G_POPULATE_READ), -EFAULT);
    assert_true(world_resident(w, nth(100)));
    world_map(w, BASE, 64, false);
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE, PROT_G_READ), 0);
    assert_int_equal(advise(w, 0, 1, MADV_G_POPULATE_WRITE), -EINVAL);
    assert_int_equal(advise(w, 1, 63, MADV_G_POPULATE_WRITE), -ENOMEM);
    assert_true(world_is_full(w));
    world_exit_clean(w);
    world_destroy(w);
}

/* ------------------------------------------------------------ flag advice */

static void test_flags_when_advised_split_and_merge(void **state)
{
    struct world *w = pages(3);

    (void)state;
    assert_int_equal(advise(w, 1, 1, MADV_G_DONTFORK), 0);
    assert_true(vma_lookup(w->mm, nth(1))->flags & VM_DONTCOPY);
    assert_int_equal(vma_lookup(w->mm, nth(1))->end, nth(2));
    assert_int_equal(advise(w, 0, 3, MADV_G_DOFORK), 0);
    assert_int_equal(vma_first(w->mm)->end, nth(3));
    assert_int_equal(advise(w, 0, 3, MADV_G_WIPEONFORK), 0);
    assert_true(vma_first(w->mm)->flags & VM_WIPEONFORK);
    assert_int_equal(advise(w, 0, 3, MADV_G_KEEPONFORK), 0);
    assert_false(vma_first(w->mm)->flags & VM_WIPEONFORK);
    assert_int_equal(advise(w, 2, 1, MADV_G_DONTDUMP), 0);
    assert_true(vma_lookup(w->mm, nth(2))->flags & VM_DONTDUMP);
    assert_int_equal(vma_first(w->mm)->end, nth(2));
    assert_int_equal(advise(w, 0, 3, MADV_G_DODUMP), 0);
    assert_int_equal(vma_first(w->mm)->end, nth(3));
    /* KSM would merge pages of one content and different tags. */
    assert_int_equal(advise(w, 0, 3, MADV_G_MERGEABLE), 0);
    assert_false(vma_first(w->mm)->flags & VM_MERGEABLE);
    map_shmem(w, nth(4), 1);
    assert_int_equal(advise(w, 4, 1, MADV_G_WIPEONFORK), -EINVAL);
    assert_int_equal(advise(w, 0, 3, MADV_G_WILLNEED), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* A page that somebody has taken off its list stays as it is. */
static void test_pageout_and_free_when_isolated_leave_the_page(void **state)
{
    struct world *w = pages(2);
    struct folio *folio = world_folio(w, nth(0));

    (void)state;
    assert_true(migrate_isolate(w->mem, folio));
    w->held++;
    assert_int_equal(advise(w, 0, 2, MADV_G_PAGEOUT), 0);
    assert_true(world_resident(w, nth(0)));
    assert_false(world_resident(w, nth(1)));
    assert_int_equal(advise(w, 0, 1, MADV_G_FREE), 0);
    assert_true(folio_test(folio, PG_swapbacked));
    assert_false(pte_dirty(world_pte(w, nth(0))));
    lru_add(memory_lru(w->mem), folio);
    w->held--;
    memory_folio_put(w->mem, folio);
    assert_int_equal(world_tag(w, nth(0)), 5);
    assert_int_equal(world_tag(w, nth(1)), 6);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_advice_when_negative_is_einval(void **state)
{
    struct world *w = pages(1);

    (void)state;
    assert_int_equal(advise(w, 0, 1, -1), -EINVAL);
    assert_int_equal(world_tag(w, nth(0)), 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* Used twice while it is on no list: it goes to the active one. */
static void test_accessed_when_isolated_is_active_later(void **state)
{
    struct world *w = pages(1);
    struct folio *folio = world_folio(w, nth(0));
    struct lru *lru = memory_lru(w->mem);

    (void)state;
    lru_del(lru, folio);
    lru_mark_accessed(lru, folio);
    assert_false(folio_test(folio, PG_active));
    lru_mark_accessed(lru, folio);
    assert_true(folio_test(folio, PG_active));
    assert_false(folio_test(folio, PG_lru));
    lru_add(lru, folio);
    assert_int_equal(folio->lru, LRU_ACTIVE_ANON);
    world_exit_clean(w);
    world_destroy(w);
}

/* A slot is not given back by a zap when somebody else has the page. */
static void test_dontneed_when_cached_page_is_locked_keeps_slot(void **state)
{
    struct world *w = pages(1);
    struct folio *folio;

    (void)state;
    assert_true(world_out(w, nth(0)));
    assert_int_equal(world_read(w, nth(0)), 42);
    folio = world_folio(w, nth(0));
    assert_true(folio_test(folio, PG_swapcache));
    world_lock(w, folio);
    assert_int_equal(advise(w, 0, 1, MADV_G_DONTNEED), 0);
    assert_true(folio_test(folio, PG_swapcache));
    assert_int_equal(swap_used_pages(w->swap), 1);
    world_unlock(w, folio);
    assert_int_equal(world_read(w, nth(0)), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* Memory of a device is not ours to drop, nor to write to swap. */
static void test_advice_when_memory_is_of_a_device_is_einval(void **state)
{
    static const int advice[] = {MADV_G_DONTNEED, MADV_G_DONTNEED_LOCKED,
                                 MADV_G_FREE, MADV_G_COLD, MADV_G_PAGEOUT};
    struct world *w = world_create("remap", 256, 64);
    struct vma *vma;

    (void)state;
    world_map(w, BASE, 1, false);
    world_write(w, BASE, 42);
    vma = vma_first(w->mm);
    vma_set_flags(vma, vma->flags | VM_PFNMAP);
    for (unsigned i = 0; i < sizeof(advice) / sizeof(advice[0]); i++) {
        assert_int_equal(advise(w, 0, 1, advice[i]), -EINVAL);
        assert_int_equal(world_read(w, BASE), 42);
    }
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_madvise_when_arguments_are_bad_refuses),
        cmocka_unit_test(test_dontneed_when_hole_is_inside_does_the_rest),
        cmocka_unit_test(test_advice_when_area_is_locked_is_refused),
        cmocka_unit_test(test_dontneed_locked_is_unknown_before_v518),
        cmocka_unit_test(test_free_when_written_after_rescues_page),
        cmocka_unit_test(test_free_when_swapped_drops_entry),
        cmocka_unit_test(test_free_when_in_swap_cache_takes_it_out),
        cmocka_unit_test(test_free_when_slot_is_needed_keeps_page),
        cmocka_unit_test(test_free_when_page_is_not_ours_alone_leaves_it),
        cmocka_unit_test(test_cold_when_active_goes_to_old_end),
        cmocka_unit_test(test_pageout_when_two_map_it_leaves_it),
        cmocka_unit_test(test_pageout_when_zero_page_or_none_does_nothing),
        cmocka_unit_test(test_populate_when_swapped_restores),
        cmocka_unit_test(test_populate_when_a_page_cannot_be_says_why),
        cmocka_unit_test(test_flags_when_advised_split_and_merge),
        cmocka_unit_test(test_pageout_and_free_when_isolated_leave_the_page),
        cmocka_unit_test(test_advice_when_negative_is_einval),
        cmocka_unit_test(test_accessed_when_isolated_is_active_later),
        cmocka_unit_test(test_dontneed_when_cached_page_is_locked_keeps_slot),
        cmocka_unit_test(test_advice_when_memory_is_of_a_device_is_einval),
    };

    return RUN(tests);
}
