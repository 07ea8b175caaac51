// SPDX-License-Identifier: GPL-2.0-or-later
/* zap_pte_range(): whatever an entry holds goes, and every count with it. */
#include "adi/store_linux.h"
#include "mm/lru.h"
#include "mm/mapping.h"
#include "swap/cache.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static struct world *pages(unsigned nr)
{
    struct world *w = world_create("remap", 256, 64);

    assert_int_equal(world_map(w, BASE, nr, true), BASE);
    for (unsigned i = 0; i < nr; i++)
        world_set_tags(w, BASE + i * PAGE_SIZE, (adi_tag_t)(5 + i));
    return w;
}

static void zap(struct world *w, gva_t va, unsigned nr)
{
    assert_int_equal(mm_madvise(w->mm, va, nr * PAGE_SIZE, MADV_G_DONTNEED), 0);
    audit(w);
}

static void test_zap_when_present_frees_frame(void **state)
{
    struct world *w = pages(3);
    unsigned frames = world_free_frames(w), flushes = w->flushes;

    (void)state;
    zap(w, BASE + PAGE_SIZE, 1);
    assert_int_equal(world_free_frames(w), frames + 1);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 2);
    assert_int_equal(w->flushes, flushes + 1);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_int_equal(world_tag(w, BASE + PAGE_SIZE), 0);
    assert_int_equal(world_tag(w, BASE + 2 * PAGE_SIZE), 7);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_zap_when_zero_page_counts_nothing(void **state)
{
    struct world *w = world_create("remap", 256, 0);
    unsigned frames = world_free_frames(w);

    (void)state;
    world_map(w, BASE, 1, true);
    assert_int_equal(world_read(w, BASE), 0);
    assert_true(pte_special(world_pte(w, BASE)));
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    zap(w, BASE, 1);
    assert_true(pte_none(world_pte(w, BASE)));
    assert_int_equal(world_free_frames(w), frames);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_zap_when_frame_is_used_again_shows_no_tags(void **state)
{
    struct world *w = world_create("remap", 64, 0);

    (void)state;
    world_map(w, BASE, 60, true);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 60; i++) {
            world_write(w, BASE + i * PAGE_SIZE, 1);
            assert_int_equal(world_tag(w, BASE + i * PAGE_SIZE), 0);
            world_set_tags(w, BASE + i * PAGE_SIZE, 9);
        }
        zap(w, BASE, 60);
    }
    world_exit_clean(w);
    world_destroy(w);
}

static void test_zap_when_swapped_drops_slot_and_copy(void **state)
{
    struct world *w = pages(2);

    (void)state;
    assert_true(world_out(w, BASE));
    assert_true(world_out(w, BASE + PAGE_SIZE));
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    zap(w, BASE, 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(swap_used_pages(w->swap), 1);
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 1);
    assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE], 1);
    assert_int_equal(hub_counter(w->hub, COUNT_TAGS_DROPPED), 1);
    assert_int_equal(world_tag(w, BASE), 0);
    assert_int_equal(world_tag(w, BASE + PAGE_SIZE), 6);
    world_exit_clean(w);
    world_destroy(w);
}

/* The other process still needs slot and folio. */
static void test_zap_when_slot_is_shared_drops_one_count(void **state)
{
    struct world *w = pages(1);
    struct mm *parent = w->mm, *child;

    (void)state;
    assert_true(world_out(w, BASE));
    child = world_share(w);
    assert_int_equal(world_slot_count(w, BASE), 2);
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    zap(w, BASE, 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    w->mm = child;
    assert_int_equal(world_slot_count(w, BASE), 1);
    assert_int_equal(world_tag(w, BASE), 5);
    w->mm = parent;
    assert_int_equal(world_tag(w, BASE), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* A fork that the tag store refuses leaves nothing behind. */
static void test_zap_when_fork_failed_gives_counts_back(void **state)
{
    struct world *w = pages(2);

    (void)state;
    assert_true(world_out(w, BASE));
    assert_true(world_out(w, BASE + PAGE_SIZE));
    world_fail_hook_for(w, HOOK_FORK_SWAP, 2, 2);
    assert_null(world_share(w));
    assert_int_equal(world_slot_count(w, BASE), 1);
    assert_int_equal(world_slot_count(w, BASE + PAGE_SIZE), 1);
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    audit(w);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_int_equal(world_tag(w, BASE + PAGE_SIZE), 6);
    world_exit_clean(w);
    world_destroy(w);
}

/* Mapped, and its slot kept by the swap cache alone. */
static void test_zap_when_in_swap_cache_frees_slot(void **state)
{
    struct world *w = pages(1);
    unsigned frames = world_free_frames(w);

    (void)state;
    assert_true(world_out(w, BASE));
    assert_int_equal(world_tag(w, BASE), 5);
    assert_int_equal(swap_used_pages(w->swap), 1);
    zap(w, BASE, 1);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(world_free_frames(w), frames + 1);
    world_exit_clean(w);
    world_destroy(w);
}

/* The entry goes while the other process has the folio mapped. */
static void test_zap_when_other_maps_folio_keeps_cache(void **state)
{
    struct world *w = pages(1);
    struct mm *parent = w->mm, *child;
    struct folio *folio;

    (void)state;
    assert_true(world_out(w, BASE));
    child = world_share(w);
    assert_int_equal(world_tag(w, BASE), 5);
    folio = world_folio(w, BASE);
    w->mm = child;
    zap(w, BASE, 1);
    assert_true(folio_test(folio, PG_swapcache));
    w->mm = parent;
    assert_int_equal(world_tag(w, BASE), 5);
    zap(w, BASE, 1);
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* B1 under v6.2, for munmap as for exit: the books name both. */
static void test_zap_when_6_2_leaks_user(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 64);
    struct linux_desc d;

    (void)state;
    world_map(w, BASE, 2, true);
    for (unsigned i = 0; i < 2; i++) {
        world_set_tags(w, BASE + i * PAGE_SIZE, 5);
        assert_true(world_out(w, BASE + i * PAGE_SIZE));
    }
    assert_int_equal(mm_munmap(w->mm, BASE, PAGE_SIZE), 0);
    assert_int_equal(swap_used_pages(w->swap), 1);
    assert_true(linux_store_desc(w->mm, 0, &d));
    assert_int_equal(d.users, 2);
    world_exit(w);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(adi_store_use(w->adi).bytes, 0);
    world_destroy(w);
}

static void test_zap_when_shared_page_keeps_cache_dirty(void **state)
{
    struct world *w = world_create("remap", 256, 0);
    struct mapping *m = mapping_create_shmem(w->mem, PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE | PROT_G_ADI,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    struct folio *folio;
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    world_set_tags(w, BASE, 5);
    folio = world_folio(w, BASE);
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 1);
    folio_clear(folio, PG_dirty);
    folio_clear(folio, PG_referenced);
    zap(w, BASE, 1);
    assert_true(folio_test(folio, PG_dirty));
    assert_true(folio_test(folio, PG_referenced));
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 0);
    assert_int_equal(folio->refcount, 1);
    assert_ptr_equal(mapping_find(m, 0), folio);
    assert_int_equal(world_tag(w, BASE), 5);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zap_when_present_frees_frame),
        cmocka_unit_test(test_zap_when_zero_page_counts_nothing),
        cmocka_unit_test(test_zap_when_frame_is_used_again_shows_no_tags),
        cmocka_unit_test(test_zap_when_swapped_drops_slot_and_copy),
        cmocka_unit_test(test_zap_when_slot_is_shared_drops_one_count),
        cmocka_unit_test(test_zap_when_fork_failed_gives_counts_back),
        cmocka_unit_test(test_zap_when_in_swap_cache_frees_slot),
        cmocka_unit_test(test_zap_when_other_maps_folio_keeps_cache),
        cmocka_unit_test(test_zap_when_6_2_leaks_user),
        cmocka_unit_test(test_zap_when_shared_page_keeps_cache_dirty),
    };

    return RUN(tests);
}
