// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Truncation and write-back under mappings: which pages go and which stay,
 * by the filters of v5.17 and of v6.2, and what reaches the file.
 */
#include <errno.h>
#include <string.h>

#include "fake_ops.h"
#include "migrate/migrate.h"
#include "mm/kcopy.h"
#include "mm/lru.h"
#include "mm/mapping.h"
#include "mm/rmap.h"
#include "mm/truncate.h"
#include "mm/writeback.h"
#include "swap/reclaim.h"
#include "swap/swap.h"
#include "unit.h"

#define BASE  UINT64_C(0x70000000)
#define OTHER (BASE + 64 * PAGE_SIZE)
#define PAGES 4
#define RW    (PROT_G_READ | PROT_G_WRITE)

/* A file in host memory. */
struct file {
    uint8_t bytes[PAGES * PAGE_SIZE];
    uint64_t size;
    unsigned writes;
    int fail_read, fail_write; /* -errno */
    bool released;
};

static int file_read(void *ctx, uint64_t index, uint8_t *page)
{
    struct file *f = ctx;

    memcpy(page, f->bytes + index * PAGE_SIZE, PAGE_SIZE);
    return f->fail_read;
}

static int file_write(void *ctx, uint64_t index, const uint8_t *page,
                      size_t bytes)
{
    struct file *f = ctx;

    f->writes++;
    if (f->fail_write)
        return f->fail_write;
    memcpy(f->bytes + index * PAGE_SIZE, page, bytes);
    return 0;
}

static uint64_t file_size(void *ctx)
{
    const struct file *f = ctx;

    return f->size;
}

static void file_release(void *ctx)
{
    struct file *f = ctx;

    f->released = true;
}

static const struct mapping_ops file_ops = {
    .read = file_read,
    .write = file_write,
    .size = file_size,
    .release = file_release,
};

static struct mapping *open_file(struct world *w, struct file *f)
{
    struct mapping *m = mapping_create_file(w->mem, &file_ops, f);

    f->size = sizeof(f->bytes);
    assert_non_null(m);
    return m;
}

static gva_t map_at(struct world *w, struct mapping *m, gva_t at, unsigned type)
{
    struct mmap_args args = {.addr = at,
                             .len = PAGES * PAGE_SIZE,
                             .prot = RW,
                             .flags = type | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t out;

    assert_int_equal(mm_mmap(w->mm, &args, &out), 0);
    return out;
}

static enum fault touch(struct world *w, gva_t va, enum access access)
{
    struct folio *folio;

    return mm_get_page(w->mm, va, access, &folio);
}

static bool none(struct world *w, gva_t va)
{
    const pte_t *ptep = mm_pte(w->mm, va);

    return !ptep || pte_none(*ptep);
}

static void end(struct world *w, struct mapping *m)
{
    assert_int_equal(mm_munmap(w->mm, BASE, 256 * PAGE_SIZE), 0);
    mapping_put(m);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(phys_nr_free(memory_phys(w->mem)),
                     phys_nr_frames(memory_phys(w->mem)) - 1);
    world_destroy(w);
}

/* The kernel's form of zap_details, whatever the profile says. */
static void set_zap_form(struct world *w, bool v517)
{
    struct mm_policy *policy =
        (struct mm_policy *)(uintptr_t)memory_policy(w->mem);

    policy->zap_mapping = v517;
}

/* ---------------------------------------------------------- write-back */

static void test_store_when_shared_is_seen_and_written(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
    const pte_t *ptep;

    (void)state;
    f.bytes[5] = 9;
    assert_int_equal(world_read(w, a + 5), 9);
    ptep = mm_pte(w->mm, a);
    assert_false(pte_write(*ptep)); /* the first store is to be seen */
    world_write(w, a, 1);
    assert_true(pte_dirty(*ptep));
    assert_true(folio_test(mapping_find(m, 0), PG_dirty));
    world_write(w, a + 2 * PAGE_SIZE, 3);

    mapping_writeback(m, 0, 0);
    assert_int_equal(f.writes, 1);
    assert_int_equal(f.bytes[0], 1);
    assert_int_equal(f.bytes[2 * PAGE_SIZE], 0);
    assert_false(pte_dirty(*ptep));
    assert_false(pte_write(*ptep));
    mapping_writeback(m, 0, UINT64_MAX);
    assert_int_equal(f.writes, 2);
    mapping_writeback(m, 0, UINT64_MAX);
    assert_int_equal(f.writes, 2);
    world_write(w, a, 7);
    end(w, m);
    assert_int_equal(f.bytes[0], 7);
    assert_true(f.released);
}

/* mprotect() lets no store to a clean page pass unseen. */
static void test_mprotect_when_clean_keeps_it_read_only(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

    (void)state;
    assert_int_equal(world_read(w, a), 0);
    assert_int_equal(mm_mprotect(w->mm, a, PAGE_SIZE, PROT_G_READ), 0);
    assert_int_equal(mm_mprotect(w->mm, a, PAGE_SIZE, RW), 0);
    assert_false(pte_write(*mm_pte(w->mm, a)));
    world_write(w, a, 1);
    mapping_writeback(m, 0, UINT64_MAX);
    assert_int_equal(f.bytes[0], 1);
    end(w, m);
}

static void test_writeback_when_past_end_writes_the_part(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

    (void)state;
    f.size = PAGE_SIZE + 10;
    world_write(w, a + PAGE_SIZE + 9, 1);
    world_write(w, a + PAGE_SIZE + 10, 2);
    assert_int_equal(touch(w, a + 2 * PAGE_SIZE, ACCESS_READ), FAULT_BUS);
    mapping_writeback(m, 0, UINT64_MAX);
    assert_int_equal(f.bytes[PAGE_SIZE + 9], 1);
    assert_int_equal(f.bytes[PAGE_SIZE + 10], 0);
    /* Nor is it there when the file grows. */
    f.size = 2 * PAGE_SIZE;
    assert_int_equal(world_read(w, a + PAGE_SIZE + 9), 1);
    assert_int_equal(world_read(w, a + PAGE_SIZE + 10), 0);
    end(w, m);
}

static void test_writeback_when_write_fails_is_told_once(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

    (void)state;
    world_write(w, a, 1);
    f.fail_write = -ENOSPC;
    mapping_writeback(m, 0, UINT64_MAX);
    assert_false(folio_test(mapping_find(m, 0), PG_dirty));
    assert_int_equal(mapping_check_error(m), -ENOSPC);
    assert_int_equal(mapping_check_error(m), 0);
    assert_int_equal(world_read(w, a), 1);
    f.fail_write = 0;
    world_write(w, a, 2);
    end(w, m);
    assert_int_equal(f.bytes[0], 2);
}

static void test_fault_when_read_fails_is_bus_and_nothing_stays(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {.fail_read = -EIO};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
    gva_t b = map_at(w, m, OTHER, MAP_G_PRIVATE);

    (void)state;
    assert_int_equal(touch(w, a, ACCESS_READ), FAULT_BUS);
    assert_int_equal(touch(w, a, ACCESS_WRITE), FAULT_BUS);
    assert_int_equal(touch(w, b, ACCESS_WRITE), FAULT_BUS);
    assert_null(mapping_find(m, 0));
    assert_int_equal(mm_rss(w->mm, MM_FILEPAGES), 0);
    end(w, m);
}

static void test_store_when_file_shrank_is_bus(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

    (void)state;
    assert_int_equal(world_read(w, a + PAGE_SIZE), 0);
    f.size = PAGE_SIZE; /* page_mkwrite comes before the unmapping */
    assert_int_equal(touch(w, a + PAGE_SIZE, ACCESS_WRITE), FAULT_BUS);
    assert_false(folio_test(mapping_find(m, 1), PG_dirty));
    end(w, m);
}

static void test_reclaim_when_dirty_writes_to_file(void **state)
{
    struct world *w = world_create("remap", 256, 0);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

    (void)state;
    world_write(w, a, 5);
    assert_true(swap_out_folio(w->swap, mapping_find(m, 0)));
    assert_null(mapping_find(m, 0));
    assert_int_equal(f.bytes[0], 5);
    assert_int_equal(world_read(w, a), 5);
    end(w, m);
}

static void test_migrate_when_dirty_keeps_dirty(void **state)
{
    struct world *w = world_create("remap", 256, 0);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

    (void)state;
    world_write(w, a, 5);
    assert_int_equal(migrate_folio(w->mem, mapping_find(m, 0), 0), 0);
    assert_true(folio_test(mapping_find(m, 0), PG_dirty));
    world_write(w, a + 1, 6);
    mapping_writeback(m, 0, UINT64_MAX);
    assert_int_equal(f.bytes[0], 5);
    assert_int_equal(f.bytes[1], 6);
    end(w, m);
}

/* A reference that somebody else holds: everything is put back. */
static void test_migrate_when_held_leaves_page_and_ptes(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 0);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
    gva_t b = map_at(w, m, OTHER, MAP_G_SHARED);
    struct folio *folio;

    (void)state;
    world_write(w, a, 5);
    assert_int_equal(world_read(w, b), 5);
    folio = mapping_find(m, 0);
    folio_get(folio);
    assert_int_equal(migrate_folio(w->mem, folio, 0), -EAGAIN);
    assert_int_equal(folio->mapcount, 2);
    assert_int_equal(folio->refcount, 4);
    assert_ptr_equal(mapping_find(m, 0), folio);
    assert_true(pte_write(*mm_pte(w->mm, a)));
    assert_false(pte_write(*mm_pte(w->mm, b)));
    memory_folio_put(w->mem, folio);
    end(w, m);
}

/* ---------------------------------------------------------- truncation */

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
    struct world *w = world_create("linux-6.2", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
    gva_t b = map_at(w, m, OTHER, MAP_G_PRIVATE);

    (void)state;
    set_zap_form(w, true);
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
        struct world *w = world_create("remap", 256, 16);
        struct file f = {0};
        struct mapping *m = open_file(w, &f);
        gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
        gva_t b = map_at(w, m, OTHER, MAP_G_PRIVATE);

        (void)state;
        set_zap_form(w, v517);
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
        struct world *w = world_create("remap", 256, 16);
        struct file f = {0};
        struct mapping *m = open_file(w, &f);
        gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
        struct folio *folio;

        (void)state;
        set_zap_form(w, v517);
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

/* ------------------------------------------------------- shared memory */

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

static void test_writeback_when_two_writes_fail_tells_the_first(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        world_write(w, a + i * PAGE_SIZE, 1);
        f.fail_write = i ? -ENOSPC : -EIO;
        mapping_writeback(m, i, i);
    }
    assert_int_equal(f.writes, 2);
    assert_int_equal(mapping_check_error(m), -EIO);
    assert_int_equal(mapping_check_error(m), 0);
    f.fail_write = 0;
    end(w, m);
}

/* The file got shorter behind our back: there is no place for the page. */
static void test_writeback_when_file_shrank_writes_nothing(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

    (void)state;
    world_write(w, a + 2 * PAGE_SIZE, 1);
    f.size = PAGE_SIZE;
    mapping_writeback(m, 0, UINT64_MAX);
    assert_int_equal(f.writes, 0);
    assert_int_equal(mapping_check_error(m), 0);
    assert_false(folio_test(mapping_find(m, 2), PG_dirty));
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

static void test_mkclean_when_clean_does_nothing(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);
    unsigned flushes;
    pte_t pte;

    (void)state;
    assert_int_equal(world_read(w, a), 0);
    pte = world_pte(w, a);
    flushes = w->flushes;
    assert_false(folio_mkclean(w->mem, mapping_find(m, 0)));
    assert_true(pte_same(world_pte(w, a), pte));
    assert_int_equal(w->flushes, flushes);
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

/* v5.17: a page comes back from its migration writable, but clean. */
static void test_mkclean_when_only_writable_forbids_stores(void **state)
{
    struct world *w = world_create("linux-5.17", 256, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    gva_t a = map_at(w, m, BASE, MAP_G_SHARED);

    (void)state;
    world_write(w, a, 1);
    assert_int_equal(migrate_folio(w->mem, world_folio(w, a), 0), 0);
    assert_true(pte_write(world_pte(w, a)));
    assert_false(pte_dirty(world_pte(w, a)));
    assert_true(folio_mkclean(w->mem, world_folio(w, a)));
    assert_false(pte_write(world_pte(w, a)));
    mapping_writeback(m, 0, UINT64_MAX);
    assert_int_equal(f.bytes[0], 1);
    end(w, m);
}

static void test_read_file_gives_what_the_file_has(void **state)
{
    struct world *w = world_create("remap", 64, 16);
    struct file f = {0};
    struct mapping *m = open_file(w, &f);
    struct mapping *shmem = mapping_create_shmem(w->mem, PAGE_SIZE);
    uint8_t page[PAGE_SIZE];

    (void)state;
    f.bytes[PAGE_SIZE] = 7;
    f.size = PAGE_SIZE + 10;
    assert_int_equal(mapping_read_file(m, 0, page), PAGE_SIZE);
    assert_int_equal(mapping_read_file(m, 1, page), 10);
    assert_int_equal(page[0], 7);
    assert_int_equal(mapping_read_file(m, 2, page), 0);
    f.fail_read = -EIO;
    assert_int_equal(mapping_read_file(m, 0, page), 0);
    assert_int_equal(mapping_read_file(shmem, 0, page), 0);
    mapping_put(shmem);
    mapping_put(m);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_when_shared_is_seen_and_written),
        cmocka_unit_test(test_mprotect_when_clean_keeps_it_read_only),
        cmocka_unit_test(test_writeback_when_past_end_writes_the_part),
        cmocka_unit_test(test_writeback_when_write_fails_is_told_once),
        cmocka_unit_test(test_fault_when_read_fails_is_bus_and_nothing_stays),
        cmocka_unit_test(test_store_when_file_shrank_is_bus),
        cmocka_unit_test(test_reclaim_when_dirty_writes_to_file),
        cmocka_unit_test(test_migrate_when_dirty_keeps_dirty),
        cmocka_unit_test(test_migrate_when_held_leaves_page_and_ptes),
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
        cmocka_unit_test(test_writeback_when_two_writes_fail_tells_the_first),
        cmocka_unit_test(test_writeback_when_file_shrank_writes_nothing),
        cmocka_unit_test(test_punch_when_no_page_is_whole_drops_none),
        cmocka_unit_test(test_refresh_when_page_is_lost_leaves_it_lost),
        cmocka_unit_test(test_mkclean_when_clean_does_nothing),
        cmocka_unit_test(test_reclaim_when_truncated_and_held_keeps_page),
        cmocka_unit_test(test_mkclean_when_only_writable_forbids_stores),
        cmocka_unit_test(test_read_file_gives_what_the_file_has),
    };

    return RUN(tests);
}
