// SPDX-License-Identifier: GPL-2.0-or-later
/* Write-back of mapped files: what reaches the file, and what clean means. */
#include <errno.h>

#include "fake_ops.h"
#include "mapped_file.h"
#include "migrate/migrate.h"
#include "mm/mapping.h"
#include "mm/rmap.h"
#include "mm/writeback.h"
#include "swap/swap.h"
#include "unit.h"

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
        cmocka_unit_test(test_writeback_when_two_writes_fail_tells_the_first),
        cmocka_unit_test(test_writeback_when_file_shrank_writes_nothing),
        cmocka_unit_test(test_mkclean_when_clean_does_nothing),
        cmocka_unit_test(test_mkclean_when_only_writable_forbids_stores),
        cmocka_unit_test(test_read_file_gives_what_the_file_has),
    };

    return RUN(tests);
}
