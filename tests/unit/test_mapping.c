// SPDX-License-Identifier: GPL-2.0-or-later
/* The page cache of a file, and shared memory: read, mapped, reclaimed. */
#include <errno.h>
#include <string.h>

#include "fake_ops.h"
#include "migrate/migrate.h"
#include "mm/kcopy.h"
#include "mm/lru.h"
#include "mm/mapping.h"
#include "mm/pin.h"
#include "swap/reclaim.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define RW   (PROT_G_READ | PROT_G_WRITE)

/* A file whose page @i is full of bytes @base + @i. */
struct file {
    uint8_t base;
    uint64_t bytes;
    unsigned reads, released;
    unsigned fail_reads; /* how many of the next fail */
};

static int file_read(void *ctx, uint64_t index, uint8_t *page)
{
    struct file *f = ctx;

    f->reads++;
    if (f->fail_reads) {
        f->fail_reads--;
        return -EIO;
    }
    memset(page, (int)(f->base + index), PAGE_SIZE);
    return 0;
}

static uint64_t file_size(void *ctx)
{
    const struct file *f = ctx;

    return f->bytes;
}

static void file_release(void *ctx)
{
    struct file *f = ctx;

    f->released++;
}

static const struct mapping_ops file_ops = {
    .read = file_read, .size = file_size, .release = file_release};

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

/* Maps 4 pages; the file has 3, the last of them not full. */
static struct world *map_file(struct file *f, unsigned flags, unsigned prot)
{
    struct world *w = world_create_with(adi_profile_find("remap"), 256, 64, 2);
    struct mapping *m;
    struct mmap_args args = {.addr = BASE,
                             .len = 4 * PAGE_SIZE,
                             .prot = prot,
                             .flags = flags | MAP_G_FIXED};
    gva_t at;

    *f = (struct file){.base = 10, .bytes = 2 * PAGE_SIZE + 1};
    m = mapping_create_file(w->mem, &file_ops, f);
    assert_non_null(m);
    args.mapping = m;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    mapping_put(m);
    return w;
}

static struct mapping *mapping_of(struct world *w)
{
    return vma_lookup(w->mm, BASE)->mapping;
}

static void test_fault_when_file_is_mapped_reads_once(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_SHARED, PROT_G_READ);
    struct folio *folio;

    (void)state;
    assert_int_equal(world_read(w, nth(1)), 11);
    folio = world_folio(w, nth(1));
    assert_int_equal(folio->refcount, 2);
    assert_int_equal(folio->mapcount, 1);
    assert_true(folio_test(folio, PG_uptodate));
    assert_false(pte_write(world_pte(w, nth(1))));
    assert_int_equal(mm_rss(w->mm, MM_FILEPAGES), 1);
    assert_int_equal(mm_madvise(w->mm, nth(1), PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(folio->refcount, 1);
    assert_int_equal(world_read(w, nth(1)), 11);
    assert_ptr_equal(world_folio(w, nth(1)), folio);
    assert_int_equal(f.reads, 1);
    assert_ptr_equal(mapping_find(mapping_of(w), 1), folio);
    assert_false(mapping_is_shmem(mapping_of(w)));
    world_exit(w);
    assert_int_equal(f.released, 1);
    world_destroy(w);
}

static void test_fault_when_read_fails_caches_nothing(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_PRIVATE, RW);
    unsigned frames = world_free_frames(w);

    (void)state;
    f.fail_reads = 2;
    assert_int_equal(world_fault(w, nth(0), ACCESS_READ), FAULT_BUS);
    assert_int_equal(world_fault(w, nth(0), ACCESS_WRITE), FAULT_BUS);
    assert_true(pte_none(world_pte(w, nth(0))));
    assert_null(mapping_find(mapping_of(w), 0));
    assert_int_equal(mm_rss(w->mm, MM_FILEPAGES), 0);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    assert_int_equal(world_free_frames(w), frames);
    audit(w);
    assert_int_equal(world_read(w, nth(0)), 10);
    world_destroy(w);
}

static void test_fault_when_past_end_is_sigbus(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_PRIVATE, RW);
    unsigned frames = world_free_frames(w);
    struct folio *folio = NULL;

    (void)state;
    assert_int_equal(world_fault(w, nth(3), ACCESS_READ), FAULT_BUS);
    assert_int_equal(world_fault(w, nth(3), ACCESS_WRITE), FAULT_BUS);
    assert_int_equal(world_free_frames(w), frames);
    assert_int_equal(f.reads, 0);
    assert_int_equal(mapping_get_folio(mapping_of(w), 3, &folio), -EFAULT);
    assert_null(folio);
    assert_int_equal(world_read(w, nth(2)), 12); /* the page with the end */
    assert_int_equal(mapping_size(mapping_of(w)), 2 * PAGE_SIZE + 1);
    world_destroy(w);
}

static void test_write_when_private_leaves_cache_alone(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_PRIVATE, RW | PROT_G_ADI);
    const struct folio *cache;

    (void)state;
    world_write(w, nth(0), 42);
    cache = mapping_find(mapping_of(w), 0);
    assert_int_equal(cache->mapcount, 0);
    assert_int_equal(cache->refcount, 1);
    assert_int_equal(memory_folio_bytes(w->mem, cache)[0], 10);
    assert_false(folio_test(cache, PG_dirty));
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    assert_int_equal(mm_rss(w->mm, MM_FILEPAGES), 0);
    world_set_tags(w, nth(0), 5);
    assert_true(world_out(w, nth(0)));
    assert_int_equal(world_read(w, nth(0)), 42);
    assert_int_equal(world_tag(w, nth(0)), 5);
    world_destroy(w);
}

static void test_refresh_when_file_changes_shows_it(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_PRIVATE, RW);

    (void)state;
    assert_int_equal(world_read(w, nth(0)), 10);
    world_write(w, nth(1), 42);
    f.base = 20;
    mapping_refresh(mapping_of(w), 0, 0);
    assert_int_equal(world_read(w, nth(0)), 10);
    mapping_refresh(mapping_of(w), 5, 2 * PAGE_SIZE);
    assert_int_equal(world_read(w, nth(0)), 20);
    assert_int_equal(world_read(w, nth(1)), 42); /* our own copy */
    assert_null(mapping_find(mapping_of(w), 2));
    assert_int_equal(f.reads, 4);
    world_destroy(w);
}

/* --------------------------------------------------------------- reclaim */

static void test_reclaim_when_clean_drops_file_page(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_PRIVATE, PROT_G_READ);
    unsigned frames = world_free_frames(w);

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(world_read(w, nth(i)), 10 + i);
    assert_true(world_push(w, nth(0)));
    assert_true(pte_none(world_pte(w, nth(0))));
    assert_null(mapping_find(mapping_of(w), 0));
    assert_int_equal(mm_rss(w->mm, MM_FILEPAGES), 2);
    assert_int_equal(swap_used_pages(w->swap), 0);
    audit(w);
    assert_true(world_out(w, nth(1)));
    assert_int_equal(swap_reclaim(w->swap, 1, NODES_ALL), 1);
    assert_int_equal(world_free_frames(w), frames);
    assert_int_equal(f.reads, 3);
    assert_int_equal(world_read(w, nth(0)), 10);
    assert_int_equal(f.reads, 4);
    world_destroy(w);
}

static void test_reclaim_when_held_or_dirty_keeps_page(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_PRIVATE, PROT_G_READ);
    struct folio *folio;

    (void)state;
    assert_int_equal(world_read(w, nth(0)), 10);
    folio = world_folio(w, nth(0));
    world_hold(w, folio);
    assert_false(world_push(w, nth(0)));
    assert_ptr_equal(mapping_find(mapping_of(w), 0), folio);
    assert_true(folio_test(folio, PG_lru));
    audit(w);
    world_release(w, folio);
    folio_set(folio, PG_dirty);
    assert_false(swap_out_folio(w->swap, folio));
    folio_clear(folio, PG_dirty);
    assert_int_equal(world_read(w, nth(0)), 10);
    assert_int_equal(f.reads, 1);
    assert_int_equal(mm_mlock(w->mm, nth(0), PAGE_SIZE, false), 0);
    assert_false(world_push(w, nth(0)));
    assert_true(world_resident(w, nth(0)));
    world_destroy(w);
}

/* Code that runs is not the first to go. */
static void test_reclaim_when_code_is_young_activates_it(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_PRIVATE, PROT_G_READ | PROT_G_EXEC);

    (void)state;
    assert_int_equal(world_read(w, nth(0)), 10);
    assert_int_equal(swap_reclaim(w->swap, 0, NODES_ALL), 0);
    assert_true(world_resident(w, nth(0)));
    assert_int_equal(world_folio(w, nth(0))->lru, LRU_ACTIVE_FILE);
    assert_false(pte_young(world_pte(w, nth(0))));
    world_destroy(w);
}

static void test_fault_when_frames_run_out_is_oom(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_PRIVATE, RW);

    (void)state;
    assert_int_equal(mm_mlockall(w->mm, MCL_G_FUTURE), 0);
    world_map(w, nth(100), 255, false); /* locked, and populated */
    assert_true(world_is_full(w));
    assert_int_equal(world_fault(w, nth(0), ACCESS_READ), FAULT_OOM);
    assert_int_equal(world_fault(w, nth(0), ACCESS_WRITE), FAULT_OOM);
    assert_null(mapping_find(mapping_of(w), 0));
    /* With one frame there is a page, but no copy of it. */
    assert_int_equal(mm_munmap(w->mm, nth(100), PAGE_SIZE), 0);
    assert_int_equal(world_fault(w, nth(0), ACCESS_WRITE), FAULT_OOM);
    assert_true(pte_none(world_pte(w, nth(0))));
    assert_int_equal(phys_nr_free(memory_phys(w->mem)), 1);
    assert_int_equal(world_read(w, nth(0)), 10);
    audit(w);
    world_destroy(w);
}

/* ------------------------------------------------ migration of file pages */

static void test_migrate_when_file_page_moves_cache(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_SHARED, PROT_G_READ);
    struct folio *old, *folio;

    (void)state;
    assert_int_equal(world_read(w, nth(2)), 12);
    old = world_folio(w, nth(2));
    assert_int_equal(migrate_folio(w->mem, old, 1), 0);
    folio = mapping_find(mapping_of(w), 2);
    assert_ptr_not_equal(folio, old);
    assert_int_equal(folio->index, 2);
    assert_ptr_equal(world_folio(w, nth(2)), folio);
    audit(w);
    world_hold(w, folio);
    assert_int_equal(migrate_folio(w->mem, folio, 0), -EAGAIN);
    assert_ptr_equal(world_folio(w, nth(2)), folio);
    world_release(w, folio);
    assert_int_equal(world_read(w, nth(2)), 12);
    assert_int_equal(f.reads, 1);
    /* Nobody maps it: only the cache follows. */
    assert_int_equal(mm_madvise(w->mm, nth(2), PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(migrate_folio(w->mem, folio, 0), 0);
    assert_int_equal(world_read(w, nth(2)), 12);
    assert_int_equal(f.reads, 1);
    world_destroy(w);
}

/* ---------------------------------------------------------- shared memory */

static void test_shmem_when_mapped_twice_is_one_page(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mapping *m = mapping_create_shmem(w->mem, 2 * PAGE_SIZE);
    struct mapping *other = mapping_create_shmem(w->mem, PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = 2 * PAGE_SIZE,
                             .prot = RW | PROT_G_ADI,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    struct mm *first = w->mm;
    gva_t at;

    (void)state;
    assert_true(mapping_is_shmem(m));
    assert_int_not_equal(mapping_id(m), mapping_id(other));
    mapping_put(other);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    world_write(w, nth(1), 42);
    world_set_tags(w, nth(1), 5);
    w->mm = mm_create(w->mem);
    args.addr = nth(64);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_int_equal(world_read(w, nth(65)), 42);
    assert_int_equal(world_tag(w, nth(65)), 5);
    assert_int_equal(world_folio(w, nth(65))->mapcount, 2);
    assert_int_equal(world_folio(w, nth(65))->refcount, 3);
    audit(w);
    mm_put(first);
    assert_int_equal(world_tag(w, nth(65)), 5);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

/* Further than the cache can count, whatever the file says of its size. */
static void test_page_when_index_is_too_large_is_efault(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_PRIVATE, RW);
    struct folio *folio = NULL;

    (void)state;
    f.bytes = UINT64_MAX / 2;
    assert_int_equal(
        mapping_get_folio(mapping_of(w), UINT64_C(1) << 48, &folio), -EFAULT);
    assert_null(folio);
    assert_int_equal(f.reads, 0);
    world_destroy(w);
}

static void test_refresh_when_memory_is_all_there_is_changes_nothing(void **s)
{
    struct world *w = world_create("remap", 64, 0);
    struct mapping *m = mapping_create_shmem(w->mem, PAGE_SIZE);
    struct folio *folio;

    (void)s;
    assert_int_equal(mapping_get_folio(m, 0, &folio), 0);
    memory_folio_bytes(w->mem, folio)[5] = 7;
    mapping_refresh(m, 0, PAGE_SIZE);
    assert_int_equal(memory_folio_bytes(w->mem, folio)[5], 7);
    memory_folio_put(w->mem, folio);
    mapping_put(m);
    world_destroy(w);
}

/* Running code stays on the active list for another round. */
static void test_shrink_when_code_is_used_keeps_it_active(void **state)
{
    struct file f;
    struct world *w = map_file(&f, MAP_G_PRIVATE, PROT_G_READ | PROT_G_EXEC);
    struct lru *lru = memory_lru(w->mem);
    struct folio *code, *data;

    (void)state;
    world_map(w, nth(64), 1, false);
    assert_int_equal(mm_mprotect(w->mm, nth(1), PAGE_SIZE, PROT_G_READ), 0);
    assert_int_equal(world_read(w, nth(0)), 10);
    assert_int_equal(world_read(w, nth(1)), 11);
    code = world_folio(w, nth(0));
    data = world_folio(w, nth(1));
    lru_activate(lru, code);
    lru_activate(lru, data);
    /* Data as old as it is no longer active, and goes. */
    assert_int_equal(swap_reclaim(w->swap, 0, NODES_ALL), 1);
    assert_int_equal(code->lru, LRU_ACTIVE_FILE);
    assert_true(world_resident(w, nth(0)));
    assert_false(world_resident(w, nth(1)));
    world_destroy(w);
}

/* Code that a program has made itself is no better than its data. */
static void test_shrink_when_code_is_anonymous_is_not_spared(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct folio *folio;

    (void)state;
    world_map(w, BASE, 1, false);
    world_write(w, BASE, 1);
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE, RW | PROT_G_EXEC), 0);
    folio = world_folio(w, BASE);
    lru_activate(memory_lru(w->mem), folio);
    assert_true(pte_young(world_pte(w, BASE)));
    assert_int_equal(swap_reclaim(w->swap, 1, NODES_ALL), 1);
    assert_false(world_resident(w, BASE));
    assert_int_equal(world_read(w, BASE), 1);
    world_exit_clean(w);
    world_destroy(w);
}

/* Areas that map a watched object, and its last reference in close(). */
struct watched {
    struct mapping *m;
    unsigned open, closed;
};

static void watch_open(void *ctx)
{
    struct watched *x = ctx;

    x->open++;
}

static void watch_close(void *ctx)
{
    struct watched *x = ctx;

    x->closed++;
    if (!mapping_mapped(x->m)) {
        mapping_set_watch(x->m, NULL, NULL);
        mapping_put(x->m);
        x->m = NULL;
    }
}

static const struct mapping_watch watch = {.open = watch_open,
                                           .close = watch_close};

static void test_watch_when_areas_come_and_go_is_told(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct watched x = {.m = mapping_create_shmem(w->mem, 3 * PAGE_SIZE)};
    struct mmap_args args = {.addr = BASE,
                             .len = 3 * PAGE_SIZE,
                             .prot = RW,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = x.m,
                             .may_write = true};
    struct mm *first = w->mm;
    gva_t at;

    (void)state;
    mapping_set_watch(x.m, &watch, &x);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_int_equal(x.open, 1);
    assert_int_equal(mapping_nr_pages(x.m), 0);
    world_write(w, nth(0), 1);
    world_write(w, nth(2), 1);
    assert_int_equal(mapping_nr_pages(x.m), 2);
    assert_true(world_out(w, nth(0)));
    assert_int_equal(mapping_nr_pages(x.m), 1);
    /* AAA -> A-A: one area more */
    assert_int_equal(mm_munmap(w->mm, nth(1), PAGE_SIZE), 0);
    assert_int_equal(x.open, x.closed + 2);
    (void)world_share(w);
    assert_int_equal(x.open, x.closed + 4);
    mm_put(first);
    assert_int_equal(x.open, x.closed + 2);
    assert_non_null(x.m);
    world_exit(w);
    assert_null(x.m); /* gone with the last of them */
    assert_int_equal(x.open, x.closed);
    world_destroy(w);
}

static void test_seal_when_mapped_shared_is_never_writable(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mapping *m = mapping_create_shmem(w->mem, 2 * PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = 2 * PAGE_SIZE,
                             .prot = RW,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    struct folio *folio;
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_false(mapping_is_pinned(m));
    assert_int_equal(mm_pin_page(w->mm, nth(1), ACCESS_WRITE, &folio), 0);
    assert_true(mapping_is_pinned(m));
    memory_unpin(w->mem, folio);
    assert_false(mapping_is_pinned(m));
    args.addr = nth(16);
    args.prot = PROT_G_READ;
    args.sealed = true;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_int_equal(mm_mprotect(w->mm, at, PAGE_SIZE, RW), -EACCES);
    assert_true(vma_lookup(w->mm, at)->flags & VM_SHARED);
    mapping_put(m);
    world_exit(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_when_file_is_mapped_reads_once),
        cmocka_unit_test(test_fault_when_read_fails_caches_nothing),
        cmocka_unit_test(test_fault_when_past_end_is_sigbus),
        cmocka_unit_test(test_write_when_private_leaves_cache_alone),
        cmocka_unit_test(test_refresh_when_file_changes_shows_it),
        cmocka_unit_test(test_reclaim_when_clean_drops_file_page),
        cmocka_unit_test(test_reclaim_when_held_or_dirty_keeps_page),
        cmocka_unit_test(test_reclaim_when_code_is_young_activates_it),
        cmocka_unit_test(test_fault_when_frames_run_out_is_oom),
        cmocka_unit_test(test_migrate_when_file_page_moves_cache),
        cmocka_unit_test(test_shmem_when_mapped_twice_is_one_page),
        cmocka_unit_test(test_watch_when_areas_come_and_go_is_told),
        cmocka_unit_test(test_seal_when_mapped_shared_is_never_writable),
        cmocka_unit_test(test_page_when_index_is_too_large_is_efault),
        cmocka_unit_test(
            test_refresh_when_memory_is_all_there_is_changes_nothing),
        cmocka_unit_test(test_shrink_when_code_is_used_keeps_it_active),
        cmocka_unit_test(test_shrink_when_code_is_anonymous_is_not_spared),
    };

    return RUN(tests);
}
