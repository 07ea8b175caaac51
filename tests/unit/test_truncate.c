// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Truncation under mappings: which pages go and which stay, by the filters of
 * v5.17 and of v6.2.
 */
#include <string.h>

#include "fake_ops.h"
#include "mapped_file.h"
#include "migrate/migrate.h"
#include "mm/kcopy.h"
#include "mm/mapping.h"
#include "mm/truncate.h"
#include "mm/writeback.h"
#include "swap/swap.h"
#include "unit.h"

/* a: shared.  b: private, page 0 read, page 1 copied, 2 copied and out. */
static void mix(struct world *w, gva_t a, gva_t b)
{
    for (unsigned i = 0; i < PAGES; i++)
        world_write(w, a + i * PAGE_SIZE, (uint8_t)(10 + i));
    assert_int_equal(world_read(w, b), 10);
    world_write(w, b + PAGE_SIZE, 21);
    world_write(w, b + 2 * PAGE_SIZE, 22);
    assert_true(world_out(w, b + 2 * PAGE_SIZE));
}

static void test_truncate_drops_private_copies_too(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
    gva_t b = map_at(w, m, OTHER, MAP_G_PRIVATE);

    (void)state;
    mix(w, a, b);
    f.size = 100;
    truncate_pagecache(m, 100);
    assert_false(none(w, a));
    assert_false(none(w, b));
    for (unsigned i = 1; i < PAGES; i++) {
        assert_true(none(w, a + i * PAGE_SIZE));
        assert_true(none(w, b + i * PAGE_SIZE));
        assert_null(mapping_find(m, i));
        assert_int_equal(touch(w, a + i * PAGE_SIZE, ACCESS_READ), FAULT_BUS);
        assert_int_equal(touch(w, b + i * PAGE_SIZE, ACCESS_WRITE), FAULT_BUS);
    }
    assert_int_equal(mm_rss(w->mm, MM_FILEPAGES), 2);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    end(w, m);
}

static void test_truncate_zeroes_rest_of_last_page(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

    (void)state;
    world_write(w, a + PAGE_SIZE + 99, 1);
    world_write(w, a + PAGE_SIZE + 100, 2);
    truncate_pagecache(m, PAGE_SIZE + 100);
    assert_int_equal(world_read(w, a + PAGE_SIZE + 99), 1);
    assert_int_equal(world_read(w, a + PAGE_SIZE + 100), 0);
    end(w, m);
}

static void test_punch_leaves_private_copies(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
    gva_t b = map_at(w, m, OTHER, MAP_G_PRIVATE);

    (void)state;
    mix(w, a, b);
    truncate_pagecache_range(m, 0, PAGES * PAGE_SIZE);
    for (unsigned i = 0; i < PAGES; i++) {
        assert_true(none(w, a + i * PAGE_SIZE));
        assert_null(mapping_find(m, i));
    }
    assert_true(none(w, b));
    assert_int_equal(world_read(w, b + PAGE_SIZE), 21);
    assert_true(is_swap_pte(*mm_pte(w->mm, b + 2 * PAGE_SIZE)));
    assert_int_equal(world_read(w, b + 2 * PAGE_SIZE), 22);
    end(w, m);
}

/* B17: v5.17 leaves swapped copies behind, whatever was asked for. */
static void test_truncate_when_v517_keeps_swapped_copy(void **state)
{
    struct world *w = world_create("linux-5.17", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
    gva_t b = map_at(w, m, OTHER, MAP_G_PRIVATE);

    (void)state;
    mix(w, a, b);
    f.size = 0;
    truncate_pagecache(m, 0);
    assert_true(none(w, a));
    assert_true(none(w, b));
    assert_true(none(w, b + PAGE_SIZE)); /* in memory: gone */
    assert_true(is_swap_pte(*mm_pte(w->mm, b + 2 * PAGE_SIZE)));
    assert_int_equal(world_read(w, b + 2 * PAGE_SIZE), 22);
    end(w, m);
}

static void test_invalidate_filters_by_either_form(void **state)
{
    for (int v517 = 0; v517 < 2; v517++) {
        struct world *w = world_create(v517 ? "linux-5.17" : "remap", 256, 16);
        struct file f = {0};
        struct mapping *m = open_file(w, &f);
        gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
        gva_t b = map_at(w, m, OTHER, MAP_G_PRIVATE);

        (void)state;
        mix(w, a, b);
        unmap_mapping_range(m, 0, 0, false);
        assert_true(none(w, a));
        assert_true(none(w, b));
        assert_true(pte_present(*mm_pte(w->mm, b + PAGE_SIZE)));
        assert_true(is_swap_pte(*mm_pte(w->mm, b + 2 * PAGE_SIZE)));
        assert_non_null(mapping_find(m, 0));
        end(w, m);
    }
}

/* A migration entry is judged by its page, but by v5.17 not at all. */
static void test_unmap_when_migrating(void **state)
{
    for (int v517 = 0; v517 < 2; v517++) {
        struct world *w = world_create(v517 ? "linux-5.17" : "remap", 256, 16);
        struct file f = {0};
        struct mapping *m = open_file(w, &f);
        gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
        struct folio *folio;

        (void)state;
        world_write(w, a, 1);
        folio = mapping_find(m, 0);
        assert_true(try_to_migrate(w->mem, folio));
        unmap_mapping_range(m, 0, PAGE_SIZE, false);
        assert_int_equal(none(w, a), !v517);
        assert_int_equal(mm_rss(w->mm, MM_FILEPAGES), v517);
        remove_migration_ptes(w->mem, folio, folio);
        assert_int_equal(folio->mapcount, v517);
        end(w, m);
    }
}

static void test_range_when_last_index_wraps_goes_to_the_end(void **state)
{
    static const struct {
        uint64_t start, nr;
        unsigned gone; /* bit i: page i */
    } cases[] = {
        {0, 0, 0xf},          {2, 0, 0xc},
        {1, UINT64_MAX, 0xe}, {3, UINT64_MAX - 1, 0x8},
        {0, UINT64_MAX, 0xf}, {1, 2, 0x6},
        {3, 1, 0x8},          {4, 100, 0},
        {0, 1, 0x1},
    };

    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct world *w = world_create("remap", 256, 16);
        struct file f = {0};
        struct mapping *m = open_file(w, &f);
        gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

        for (unsigned i = 0; i < PAGES; i++)
            world_write(w, a + i * PAGE_SIZE, 1);
        unmap_mapping_pages(m, cases[c].start, cases[c].nr, true);
        for (unsigned i = 0; i < PAGES; i++)
            assert_int_equal(none(w, a + i * PAGE_SIZE),
                             cases[c].gone >> i & 1);
        end(w, m);
    }
}

/* Bytes are rounded outwards, and a length near 2^64 does not wrap to 0. */
static void test_range_when_bytes_are_rounded(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

    (void)state;
    for (unsigned i = 0; i < PAGES; i++)
        world_write(w, a + i * PAGE_SIZE, 1);
    unmap_mapping_range(m, PAGE_SIZE + 1, 1, true);
    assert_false(none(w, a));
    assert_true(none(w, a + PAGE_SIZE));
    assert_false(none(w, a + 2 * PAGE_SIZE));
    unmap_mapping_range(m, 3 * PAGE_SIZE, UINT64_MAX, true);
    assert_false(none(w, a + 2 * PAGE_SIZE));
    assert_true(none(w, a + 3 * PAGE_SIZE));
    end(w, m);
}

static void test_unmap_folio_takes_every_shared_view(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
    gva_t b = map_at(w, m, OTHER, MAP_G_SHARED);
    gva_t c = map_at(w, m, OTHER + 64 * PAGE_SIZE, MAP_G_PRIVATE);
    struct folio *folio;

    (void)state;
    world_write(w, a + PAGE_SIZE, 1);
    assert_int_equal(world_read(w, b + PAGE_SIZE), 1);
    world_write(w, c + PAGE_SIZE, 2);
    folio = mapping_find(m, 1);
    assert_true(folio_trylock(folio));
    unmap_mapping_folio(m, folio);
    folio_unlock(folio);
    assert_int_equal(folio->mapcount, 0);
    assert_true(none(w, a + PAGE_SIZE));
    assert_true(none(w, b + PAGE_SIZE));
    assert_int_equal(world_read(w, c + PAGE_SIZE), 2);
    assert_true(folio_test(folio, PG_dirty)); /* the PTE's bit moved */
    end(w, m);
}

static void test_truncate_when_shmem_is_away_frees_slots(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = mapping_create_tmpfs(w->mem, &file_ops, &f);
    gva_t a;

    (void)state;
    assert_non_null(m);
    f.size = sizeof(f.bytes);
    a = map_at(w, m, BASE, MAP_G_SHARED);
    assert_int_equal(mm_mprotect(w->mm, a, PAGES * PAGE_SIZE, RW | PROT_G_ADI),
                     0);
    for (unsigned i = 0; i < PAGES; i++) {
        world_set_tags(w, a + i * PAGE_SIZE, (adi_tag_t)(i + 1));
        memset(memory_folio_bytes(w->mem, mapping_find(m, i)), 7, PAGE_SIZE);
        assert_true(swap_out_folio(w->swap, mapping_find(m, i)));
    }
    assert_int_equal(swap_used_pages(w->swap), 4);
    assert_int_equal(adi_store_use(w->adi).pages, 4);
    assert_int_equal(f.bytes[0], 7); /* read(2) finds it there */

    /* The page that is cut comes in: its first part stays. */
    f.size = PAGE_SIZE + 50;
    truncate_pagecache(m, f.size);
    assert_int_equal(swap_used_pages(w->swap), 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(world_read(w, a + PAGE_SIZE + 49), 7);
    assert_int_equal(world_read(w, a + PAGE_SIZE + 50), 0);
    assert_int_equal(world_tag(w, a + PAGE_SIZE), 2);
    assert_int_equal(world_tag(w, a), 1);
    end(w, m);
}

static void test_refresh_when_shmem_is_away_brings_it_in(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = mapping_create_tmpfs(w->mem, &file_ops, &f);
    gva_t a;

    (void)state;
    f.size = sizeof(f.bytes);
    a = map_at(w, m, BASE, MAP_G_SHARED);
    world_write(w, a, 1);
    assert_true(swap_out_folio(w->swap, mapping_find(m, 0)));
    f.bytes[1] = 2; /* write(2) */
    mapping_refresh(m, 1, 2);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(world_read(w, a), 1);
    assert_int_equal(world_read(w, a + 1), 2);
    world_write(w, a + 2, 3);
    mapping_writeback(m, 0, UINT64_MAX);
    assert_int_equal(f.bytes[2], 3);
    end(w, m);
}

/* No whole page in it, or nothing at all: only bytes become 0. */
static void test_punch_when_no_page_is_whole_drops_none(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a;

    (void)state;
    memset(f.bytes, 7, sizeof(f.bytes));
    a = map_at(w, m, BASE, MAP_G_SHARED);
    assert_int_equal(world_read(w, a), 7);
    assert_int_equal(world_read(w, a + PAGE_SIZE), 7);
    truncate_pagecache_range(m, 100, PAGE_SIZE + 50);
    assert_non_null(mapping_find(m, 0));
    assert_non_null(mapping_find(m, 1));
    assert_true(pte_present(world_pte(w, a)));
    assert_int_equal(world_read(w, a + 99), 7);
    assert_int_equal(world_read(w, a + 100), 0);
    assert_int_equal(world_read(w, a + PAGE_SIZE + 49), 0);
    assert_int_equal(world_read(w, a + PAGE_SIZE + 50), 7);
    truncate_pagecache_range(m, 200, 200);
    truncate_pagecache_range(m, 2 * PAGE_SIZE, PAGE_SIZE);
    assert_int_equal(world_read(w, a + PAGE_SIZE + 50), 7);
    end(w, m);
}

/* An object of a file on the host, whose copy in swap cannot be read. */
static void test_refresh_when_page_is_lost_leaves_it_lost(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = mapping_create_tmpfs(w->mem, &file_ops, &f);
    gva_t a;

    (void)state;
    f.size = sizeof(f.bytes);
    a = map_at(w, m, BASE, MAP_G_SHARED);
    world_write(w, a, 1);
    assert_true(swap_out_folio(w->swap, mapping_find(m, 0)));
    world_fail_reads(w, 1);
    assert_int_equal(touch(w, a, ACCESS_READ), FAULT_BUS);
    mapping_refresh(m, 0, PAGE_SIZE);
    assert_null(mapping_find(m, 0));
    assert_false(mapping_incore(m, 0));
    assert_int_equal(touch(w, a, ACCESS_READ), FAULT_BUS);
    end(w, m);
}

/* Gone from its file, but somebody still has it: it is nobody's to free. */
static void test_reclaim_when_truncated_and_held_keeps_page(void **state)
{
    (void)state;
    for (unsigned dirty = 0; dirty < 2; dirty++) {
        struct world *w = world_create("remap", 256, 16);
        struct file f = {0};
        struct mapping *m = open_file(w, &f);
        gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
        struct folio *folio;

        assert_int_equal(world_read(w, a), 0);
        folio = world_folio(w, a);
        world_hold(w, folio);
        truncate_pagecache(m, 0);
        assert_null(folio->mapping);
        if (dirty)
            folio_set(folio, PG_dirty);
        assert_false(swap_out_folio(w->swap, folio));
        assert_int_equal(folio->refcount, 1);
        assert_true(folio_test(folio, PG_lru));
        assert_int_equal(f.writes, 0);
        world_release(w, folio);
        end(w, m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_truncate_drops_private_copies_too),
        cmocka_unit_test(test_truncate_zeroes_rest_of_last_page),
        cmocka_unit_test(test_punch_leaves_private_copies),
        cmocka_unit_test(test_truncate_when_v517_keeps_swapped_copy),
        cmocka_unit_test(test_invalidate_filters_by_either_form),
        cmocka_unit_test(test_unmap_when_migrating),
        cmocka_unit_test(test_range_when_last_index_wraps_goes_to_the_end),
        cmocka_unit_test(test_range_when_bytes_are_rounded),
        cmocka_unit_test(test_unmap_folio_takes_every_shared_view),
        cmocka_unit_test(test_truncate_when_shmem_is_away_frees_slots),
        cmocka_unit_test(test_refresh_when_shmem_is_away_brings_it_in),
        cmocka_unit_test(test_punch_when_no_page_is_whole_drops_none),
        cmocka_unit_test(test_refresh_when_page_is_lost_leaves_it_lost),
        cmocka_unit_test(test_reclaim_when_truncated_and_held_keeps_page),
    };

    return RUN(tests);
}
