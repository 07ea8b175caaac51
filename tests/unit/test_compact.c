// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compaction: what it moves, what it leaves, and that nothing is lost.
 */
#include "adi/store_linux.h"
#include "migrate/compact.h"
#include "mm/lru.h"
#include "mm/mapping.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

static pfn_t frame_of(struct world *w, unsigned i)
{
    return memory_folio_pfn(w->mem, world_folio(w, nth(i)));
}

/* Every other of 80 pages, tags and a number in each; node 0 of 2. */
static struct world *fragmented(const char *profile)
{
    struct world *w = world_create_with(adi_profile_find(profile), 256, 64, 2);

    world_map(w, BASE, 80, true);
    for (unsigned i = 0; i < 80; i++) {
        world_write(w, nth(i), (uint8_t)i);
        world_set_tags(w, nth(i), 1 + i % 14);
    }
    for (unsigned i = 0; i < 80; i += 2)
        assert_int_equal(mm_madvise(w->mm, nth(i), PAGE_SIZE, MADV_G_DONTNEED),
                         0);
    return w;
}

static void assert_contents(struct world *w)
{
    for (unsigned i = 1; i < 80; i += 2) {
        assert_int_equal(world_read(w, nth(i)), (uint8_t)i);
        assert_int_equal(world_tag(w, nth(i)), 1 + i % 14);
    }
}

/* Frames from 1 on that are free; frame 0 is the zero page. */
static pfn_t free_at_the_low_end(const struct world *w)
{
    pfn_t pfn = 1;

    while (phys_folio(memory_phys(w->mem), pfn)->refcount == 0)
        pfn++;
    return pfn - 1;
}

static struct compact_result compact(struct world *w, unsigned node)
{
    unsigned frames = world_free_frames(w);
    struct compact_result r = compact_node(w->mem, node);

    assert_int_equal(world_free_frames(w), frames);
    audit(w);
    return r;
}

static void test_compact_frees_the_low_end(void **state)
{
    static const char *const profiles[] = {"remap", "swap-keyed"};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        struct world *w = fragmented(profiles[n]);
        struct compact_result r = compact(w, 0);

        assert_int_equal(r.failed, 0);
        assert_int_equal(r.moved, 40);
        assert_int_equal(free_at_the_low_end(w), 127 - 40);
        assert_contents(w);
        /* Nothing is left to be done, nor is anything unmapped for it. */
        r = compact(w, 0);
        assert_int_equal(r.moved, 0);
        assert_int_equal(hub_counter(w->hub, COUNT_MIGRATED), 40);
        assert_int_equal(w->calls[HOOK_UNMAP_MIGRATE], 40);
        /* What is free can be used, fresh frames and old ones. */
        world_map(w, nth(1000), 200, true);
        for (unsigned i = 0; i < 200; i++)
            assert_int_equal(world_tag(w, nth(1000 + i)), 0);
        for (unsigned i = 0; i < 200; i++)
            world_write(w, nth(1000 + i), 7);
        for (unsigned i = 0; i < 200; i++) {
            assert_int_equal(world_read(w, nth(1000 + i)), 7);
            assert_int_equal(world_tag(w, nth(1000 + i)), 0);
        }
        assert_contents(w);
        world_exit_clean(w);
        world_destroy(w);
    }
}

static void test_compact_leaves_other_nodes_alone(void **state)
{
    struct world *w = fragmented("remap");
    pfn_t frame = frame_of(w, 1);
    struct compact_result r = compact(w, 1);

    (void)state;
    assert_int_equal(r.moved + r.failed, 0);
    assert_int_equal(frame_of(w, 1), frame);
    r = compact_memory(w->mem);
    assert_int_equal(r.moved, 40);
    assert_int_equal(world_folio(w, nth(1))->node, 0);
    assert_contents(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* Anonymous pages with a foreign reference are not touched. */
static void test_compact_when_page_is_held_passes_it_over(void **state)
{
    struct world *w = fragmented("linux-6.2");
    struct folio *folio = world_folio(w, nth(1));
    struct compact_result r;
    struct linux_desc d;

    (void)state;
    world_pin(w, folio);
    r = compact(w, 0);
    assert_int_equal(r.moved, 39);
    assert_int_equal(r.failed, 0);
    assert_ptr_equal(world_folio(w, nth(1)), folio);
    /* B5: a user for each page that moved, none for this one. */
    assert_true(linux_store_desc(w->mm, 0, &d));
    assert_int_equal(d.users, 39);
    world_unpin(w, folio);
    assert_contents(w);
    world_destroy(w);
}

/* Off its list, or locked: stays; the others go. */
static void test_compact_when_page_is_busy_goes_on(void **state)
{
    struct world *w = fragmented("remap");
    struct lru *lru = memory_lru(w->mem);
    struct folio *off = world_folio(w, nth(1));
    struct folio *locked = world_folio(w, nth(3));
    struct compact_result r;

    (void)state;
    lru_del(lru, off);
    assert_true(folio_trylock(locked));
    r = compact_node(w->mem, 0);
    assert_int_equal(r.moved, 38);
    assert_int_equal(r.failed, 1);
    assert_ptr_equal(world_folio(w, nth(1)), off);
    assert_ptr_equal(world_folio(w, nth(3)), locked);
    assert_int_equal(hub_counter(w->hub, COUNT_MIGRATE_FAIL), 1);
    folio_unlock(locked);
    lru_add(lru, off);
    audit(w);
    assert_contents(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* Only when it is tried does it show that a page of a cache is held. */
static void test_compact_when_shared_page_is_held_keeps_no_frame(void **state)
{
    struct world *w = world_create_with(adi_profile_find("remap"), 256, 64, 2);
    struct mapping *m = mapping_create_shmem(w->mem, PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    struct compact_result r;
    struct folio *folio;
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    world_write(w, BASE, 42);
    folio = world_folio(w, BASE);
    world_hold(w, folio);
    r = compact(w, 0);
    assert_int_equal(r.moved, 0);
    assert_int_equal(r.failed, 1);
    assert_ptr_equal(world_folio(w, BASE), folio);
    world_release(w, folio);
    assert_int_equal(world_read(w, BASE), 42);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

/* A refused save puts the page back; its new frame serves another. */
static void test_compact_when_save_fails_goes_on(void **state)
{
    struct world *w = fragmented("remap");
    struct compact_result r;

    (void)state;
    world_fail_hook(w, HOOK_UNMAP_MIGRATE, 3);
    r = compact(w, 0);
    assert_int_equal(r.moved, 40); /* in the second pass */
    assert_int_equal(r.failed, 0);
    assert_contents(w);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_compact_when_node_is_full_does_nothing(void **state)
{
    struct world *w = world_create_with(adi_profile_find("remap"), 128, 0, 2);
    struct compact_result r;

    (void)state;
    world_map(w, BASE, 63, true);
    for (unsigned i = 0; i < 63; i++)
        world_write(w, nth(i), 1);
    assert_int_equal(phys_node_free(memory_phys(w->mem), 0), 0);
    r = compact(w, 0);
    assert_int_equal(r.moved, 0);
    assert_int_equal(r.failed, 32);
    assert_int_equal(frame_of(w, 0), 1);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_compact_moves_shared_memory_and_swap_cache(void **state)
{
    struct world *w = world_create_with(adi_profile_find("remap"), 256, 64, 2);
    struct mapping *m = mapping_create_shmem(w->mem, 4 * PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = 4 * PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE | PROT_G_ADI,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    world_map(w, nth(100), 1, true);
    for (unsigned i = 0; i < 4; i++)
        world_set_tags(w, nth(i), 3);
    world_set_tags(w, nth(100), 4);
    world_fail_writes(w, 1);
    assert_false(world_push(w, nth(100))); /* unmapped, in the cache */
    assert_int_equal(compact(w, 0).moved, 5);
    assert_int_equal(free_at_the_low_end(w), 127 - 5);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(world_tag(w, nth(i)), 3);
    assert_int_equal(world_tag(w, nth(100)), 4);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compact_frees_the_low_end),
        cmocka_unit_test(test_compact_leaves_other_nodes_alone),
        cmocka_unit_test(test_compact_when_page_is_held_passes_it_over),
        cmocka_unit_test(test_compact_when_page_is_busy_goes_on),
        cmocka_unit_test(test_compact_when_save_fails_goes_on),
        cmocka_unit_test(test_compact_when_shared_page_is_held_keeps_no_frame),
        cmocka_unit_test(test_compact_when_node_is_full_does_nothing),
        cmocka_unit_test(test_compact_moves_shared_memory_and_swap_cache),
    };

    return RUN(tests);
}
