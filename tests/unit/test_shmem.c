// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shared memory and swap: out through shmem_writepage(), back through
 * shmem_swapin_folio(), and each way in which that can fail.
 */
#include <errno.h>

#include "migrate/migrate.h"
#include "mm/lru.h"
#include "mm/mapping.h"
#include "mm/truncate.h"
#include "print/report.h"
#include "swap/cache.h"
#include "swap/shmem.h"
#include "swap/swapoff.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define RW   (PROT_G_READ | PROT_G_WRITE)
#define RWA  (RW | PROT_G_ADI)

static gva_t map_object(struct world *w, struct mapping *m, gva_t at,
                        unsigned prot)
{
    struct mmap_args args = {.addr = at,
                             .len = mapping_size(m),
                             .prot = prot,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t out;

    assert_int_equal(mm_mmap(w->mm, &args, &out), 0);
    return out;
}

/* A shared object of @pages, mapped at BASE with PROT_ADI. */
static struct mapping *shared(struct world *w, unsigned pages)
{
    struct mapping *m = mapping_create_shmem(w->mem, pages * PAGE_SIZE);

    assert_non_null(m);
    assert_int_equal(map_object(w, m, BASE, RWA), BASE);
    return m;
}

static struct folio *cached(struct mapping *m, uint64_t index)
{
    struct folio *folio = mapping_find(m, index);

    assert_non_null(folio);
    return folio;
}

static uint64_t counter(const struct world *w, enum counter c)
{
    return hub_counter(w->hub, c);
}

static void out(struct world *w, struct mapping *m, uint64_t index)
{
    assert_true(swap_out_folio(w->swap, cached(m, index)));
    assert_null(mapping_find(m, index));
    assert_true(swp_valid(mapping_entry(m, index)));
}

static void end(struct world *w, struct mapping *m)
{
    assert_int_equal(mm_munmap(w->mm, BASE, UINT64_C(64) * PAGE_SIZE), 0);
    mapping_put(m);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(adi_store_use(w->adi).bytes, 0);
    world_destroy(w);
}

static void test_swap_when_mapped_twice_clears_both(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct mapping *m = shared(w, 2);
    gva_t b = map_object(w, m, BASE + 16 * PAGE_SIZE, RWA);

    (void)state;
    world_set_tags(w, BASE + PAGE_SIZE, 5);
    world_write(w, BASE + PAGE_SIZE + 7, 42);
    assert_int_equal(world_read(w, b + PAGE_SIZE + 7), 42);
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 2);

    out(w, m, 1);
    assert_true(pte_none(*mm_pte(w->mm, BASE + PAGE_SIZE)));
    assert_true(pte_none(*mm_pte(w->mm, b + PAGE_SIZE)));
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 0);
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 0);
    assert_int_equal(swap_used_pages(w->swap), 1);
    assert_false(mapping_incore(m, 1));
    assert_int_equal(world_incore(w, BASE + PAGE_SIZE), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 1);

    assert_int_equal(world_tag(w, b + PAGE_SIZE), 5);
    assert_int_equal(world_read(w, BASE + PAGE_SIZE + 7), 42);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_false(judge_errors(w->judge));
    end(w, m);
}

static void test_swap_when_linux_loses_tags(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 16);
    struct mapping *m = shared(w, 1);

    (void)state;
    world_set_tags(w, BASE, 5);
    world_write(w, BASE, 1);
    out(w, m, 0);
    assert_int_equal(counter(w, COUNT_TAGS_SAVED), 0);
    assert_int_equal(world_read(w, BASE), 1);
    assert_int_equal(world_tag(w, BASE), 0);
    assert_true(judge_errors(w->judge));
    end(w, m);
}

static void test_out_when_no_slot_stays(void **state)
{
    struct world *w = world_create("remap", 256, 1);
    struct mapping *m = shared(w, 2);

    (void)state;
    world_set_tags(w, BASE, 1);
    world_set_tags(w, BASE + PAGE_SIZE, 2);
    out(w, m, 0);
    assert_false(swap_out_folio(w->swap, cached(m, 1)));
    assert_true(folio_test(cached(m, 1), PG_dirty));
    assert_int_equal(cached(m, 1)->lru, LRU_ACTIVE_ANON);
    assert_int_equal(cached(m, 1)->refcount, 1);
    assert_int_equal(world_tag(w, BASE + PAGE_SIZE), 2);
    end(w, m);
}

static void test_out_when_tags_cannot_be_saved_stays(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct mapping *m = shared(w, 1);

    (void)state;
    world_set_tags(w, BASE, 3);
    adi_fail_alloc(w->adi, 1);
    assert_false(swap_out_folio(w->swap, cached(m, 0)));
    assert_int_equal(counter(w, COUNT_SAVE_FAIL), 1);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_false(folio_test(cached(m, 0), PG_swapcache));
    assert_true(folio_test(cached(m, 0), PG_dirty));
    assert_int_equal(cached(m, 0)->refcount, 1);
    assert_int_equal(world_tag(w, BASE), 3);
    out(w, m, 0);
    assert_int_equal(world_tag(w, BASE), 3);
    end(w, m);
}

static void test_out_when_write_fails_waits_in_swap_cache(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct mapping *m = shared(w, 1);
    struct folio *folio;

    (void)state;
    world_set_tags(w, BASE, 3);
    world_write(w, BASE, 9);
    folio = cached(m, 0);
    world_fail_writes(w, 1);
    assert_false(swap_out_folio(w->swap, folio));
    assert_true(folio_test(folio, PG_swapcache));
    assert_true(folio_test(folio, PG_dirty));
    assert_int_equal(folio->lru, LRU_INACTIVE_ANON);
    assert_null(folio->mapping);
    assert_true(mapping_incore(m, 0));
    assert_int_equal(world_incore(w, BASE), 1);

    /* The next try writes it, from the swap cache. */
    assert_true(swap_out_folio(w->swap, folio));
    assert_false(mapping_incore(m, 0));
    assert_int_equal(world_read(w, BASE), 9);
    assert_int_equal(world_tag(w, BASE), 3);

    /* A fault finds it in the swap cache: nothing is read. */
    world_fail_writes(w, 1);
    assert_false(swap_out_folio(w->swap, cached(m, 0)));
    world_fail_reads(w, 1);
    assert_int_equal(world_read(w, BASE), 9);
    assert_int_equal(world_tag(w, BASE), 3);
    end(w, m);
}

static void test_in_when_read_fails_leaves_marker(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct mapping *m = shared(w, 1);

    (void)state;
    world_set_tags(w, BASE, 3);
    out(w, m, 0);
    world_fail_reads(w, 1);
    assert_int_equal(mm_handle_fault(w->mm, BASE, ACCESS_READ), FAULT_BUS);
    assert_true(is_marker_entry(mapping_entry(m, 0)));
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(mm_handle_fault(w->mm, BASE, ACCESS_WRITE), FAULT_BUS);
    assert_false(judge_errors(w->judge));
    end(w, m);
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

/* v5.17 has no marker: it stays in swap, and swapoff does not end. */
static void test_in_when_517_cannot_read_leaves_the_entry(void **state)
{
    struct world *w = world_create("linux-5.17", 256, 16);
    struct mapping *m = shared(w, 1);
    uint64_t stuck;

    (void)state;
    world_write(w, BASE, 9);
    out(w, m, 0);
    world_fail_reads(w, 1);
    /* The second time the swap cache has the folio that was not read. */
    for (int i = 0; i < 2; i++)
        assert_int_equal(mm_handle_fault(w->mm, BASE, ACCESS_READ), FAULT_BUS);
    assert_int_equal(swap_used_pages(w->swap), 1);
    assert_int_equal(swap_off(w->swap, 0, never, NULL, &stuck), -EINTR);
    assert_int_equal(stuck, 1);
    assert_false(non_swap_entry(mapping_entry(m, 0)));
    /* When that is gone, the device is asked again. */
    assert_true(
        swap_out_folio(w->swap, cache_find(w->swap, mapping_entry(m, 0))));
    assert_int_equal(world_read(w, BASE), 9);
    assert_int_equal(swap_used_pages(w->swap), 0);
    end(w, m);
}

static void test_in_when_no_frame_is_oom_and_entry_stays(void **state)
{
    struct world *w = world_create("remap", 64, 16);
    struct mapping *m = shared(w, 1);
    struct folio *taken[64];
    unsigned nr = 0;

    (void)state;
    world_set_tags(w, BASE, 3);
    out(w, m, 0);
    while ((taken[nr] = phys_alloc(memory_phys(w->mem), 0)) != NULL)
        nr++;
    assert_int_equal(mm_handle_fault(w->mm, BASE, ACCESS_READ), FAULT_OOM);
    assert_true(swp_valid(mapping_entry(m, 0)));
    while (nr > 0)
        memory_folio_put(w->mem, taken[--nr]);
    assert_int_equal(world_tag(w, BASE), 3);
    end(w, m);
}

static void test_in_when_locked_asks_for_retry(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct mapping *m = shared(w, 1);
    struct folio *folio;

    (void)state;
    world_set_tags(w, BASE, 3);
    folio = cached(m, 0);
    world_fail_writes(w, 1);
    assert_false(swap_out_folio(w->swap, folio));
    assert_true(folio_trylock(folio));
    assert_int_equal(mm_handle_fault(w->mm, BASE, ACCESS_READ), FAULT_RETRY);
    assert_int_equal(folio->refcount, 1);
    folio_unlock(folio);
    assert_int_equal(world_tag(w, BASE), 3);
    end(w, m);
}

/* The page is read, and while somebody has it locked the object is cut. */
static void truncate_locked(struct world *w)
{
    struct mapping *m = vma_lookup(w->mm, BASE)->mapping;
    struct folio *folio = cache_find(w->swap, mapping_entry(m, 0));

    assert_true(folio_trylock(folio));
    truncate_pagecache(m, 0);
    folio_unlock(folio);
    assert_true(folio_test(folio, PG_swapcache));
}

static void test_in_when_truncated_meanwhile_finds_a_new_page(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct mapping *m = shared(w, 1);
    uint64_t stuck;

    (void)state;
    world_write(w, BASE, 7);
    out(w, m, 0);
    world_on_read(w, truncate_locked);
    assert_int_equal(world_read(w, BASE), 0);
    assert_ptr_equal(mapping_find(m, 0), world_folio(w, BASE));
    /* The old page is only in the swap cache; swapoff finds it there. */
    assert_int_equal(swap_off(w->swap, 0, never, NULL, &stuck), 0);
    end(w, m);
}

static void test_destroy_when_swapped_frees_slots_and_copies(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct mapping *m = shared(w, 4);

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        world_set_tags(w, BASE + i * PAGE_SIZE, (adi_tag_t)(1 + i));
        if (i != 2)
            out(w, m, i);
    }
    assert_int_equal(swap_used_pages(w->swap), 3);
    assert_int_equal(adi_store_use(w->adi).pages, 3);
    assert_int_equal(mm_munmap(w->mm, BASE, 4 * PAGE_SIZE), 0);
    assert_int_equal(swap_used_pages(w->swap), 3);
    end(w, m);
}

static void test_reclaim_when_locked_object_stays(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct mapping *m = shared(w, 1);

    (void)state;
    world_set_tags(w, BASE, 3);
    mapping_set_unevictable(m, true);
    assert_false(swap_out_folio(w->swap, cached(m, 0)));
    assert_true(pte_present(*mm_pte(w->mm, BASE)));
    mapping_set_unevictable(m, false);
    out(w, m, 0);
    end(w, m);
}

static void test_reclaim_when_short_takes_shared_pages(void **state)
{
    struct world *w = world_create("remap", 128, 256);
    struct mapping *m = shared(w, 32);

    (void)state;
    for (unsigned i = 0; i < 32; i++) {
        world_set_tags(w, BASE + i * PAGE_SIZE, (adi_tag_t)(1 + i % 13));
        world_write(w, BASE + i * PAGE_SIZE + 64, (uint8_t)i);
    }
    world_map(w, BASE + 256 * PAGE_SIZE, 256, false);
    for (unsigned i = 0; i < 256; i++)
        world_write(w, BASE + (256 + i) * PAGE_SIZE, 1);
    assert_true(counter(w, COUNT_SWAP_OUT) > 128 + 31);
    for (unsigned i = 0; i < 32; i++) {
        assert_int_equal(world_tag(w, BASE + i * PAGE_SIZE), 1 + i % 13);
        assert_int_equal(world_read(w, BASE + i * PAGE_SIZE + 64), i);
    }
    assert_false(judge_errors(w->judge));
    assert_int_equal(mm_munmap(w->mm, BASE + 256 * PAGE_SIZE, 256 * PAGE_SIZE),
                     0);
    end(w, m);
}

static void test_unuse_brings_every_page_in(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct mapping *m = shared(w, 4);

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        world_set_tags(w, BASE + i * PAGE_SIZE, (adi_tag_t)(1 + i));
    out(w, m, 1);
    out(w, m, 3);
    assert_int_equal(shmem_unuse(w->swap, 1), 0);
    assert_int_equal(swap_used_pages(w->swap), 2);
    assert_int_equal(shmem_unuse(w->swap, 0), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_true(pte_none(*mm_pte(w->mm, BASE + PAGE_SIZE)));
    assert_int_equal(world_tag(w, BASE + PAGE_SIZE), 2);

    /* A page that cannot be read does not hold the device up. */
    out(w, m, 0);
    out(w, m, 1);
    world_fail_reads(w, 1);
    assert_int_equal(shmem_unuse(w->swap, 0), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_true(is_marker_entry(mapping_entry(m, 0)));
    assert_int_equal(world_tag(w, BASE + PAGE_SIZE), 2);
    end(w, m);
}

static void test_migrate_moves_place_in_mapping(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct mapping *m = shared(w, 1);
    struct folio *from;

    (void)state;
    world_set_tags(w, BASE, 3);
    from = cached(m, 0);
    assert_int_equal(migrate_folio(w->mem, from, 0), 0);
    assert_ptr_not_equal(cached(m, 0), from);
    assert_int_equal(cached(m, 0)->refcount, 2);
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 1);
    assert_int_equal(world_tag(w, BASE), 3);

    /* In the swap cache only: no mapping to walk, its slot moves along. */
    from = cached(m, 0);
    world_fail_writes(w, 1);
    assert_false(swap_out_folio(w->swap, from));
    assert_int_equal(migrate_folio(w->mem, from, 0), 0);
    assert_int_equal(world_tag(w, BASE), 3);
    assert_ptr_not_equal(cached(m, 0), from);
    end(w, m);
}

static void test_zap_when_migrating_counts_shared(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct mapping *m = shared(w, 1);

    (void)state;
    world_write(w, BASE, 3);
    assert_true(try_to_migrate(w->mem, cached(m, 0)));
    assert_true(is_swap_pte(*mm_pte(w->mm, BASE)));
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 0);
    assert_int_equal(mm_rss(w->mm, MM_FILEPAGES), 0);
    assert_int_equal(world_read(w, BASE), 3);
    end(w, m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_swap_when_mapped_twice_clears_both),
        cmocka_unit_test(test_swap_when_linux_loses_tags),
        cmocka_unit_test(test_out_when_no_slot_stays),
        cmocka_unit_test(test_out_when_tags_cannot_be_saved_stays),
        cmocka_unit_test(test_out_when_write_fails_waits_in_swap_cache),
        cmocka_unit_test(test_in_when_read_fails_leaves_marker),
        cmocka_unit_test(test_in_when_517_cannot_read_leaves_the_entry),
        cmocka_unit_test(test_in_when_no_frame_is_oom_and_entry_stays),
        cmocka_unit_test(test_in_when_locked_asks_for_retry),
        cmocka_unit_test(test_in_when_truncated_meanwhile_finds_a_new_page),
        cmocka_unit_test(test_destroy_when_swapped_frees_slots_and_copies),
        cmocka_unit_test(test_reclaim_when_locked_object_stays),
        cmocka_unit_test(test_reclaim_when_short_takes_shared_pages),
        cmocka_unit_test(test_unuse_brings_every_page_in),
        cmocka_unit_test(test_migrate_moves_place_in_mapping),
        cmocka_unit_test(test_zap_when_migrating_counts_shared),
    };

    return RUN(tests);
}
