// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The per-page store of the profile "remap", and the map that it is made of:
 * each copy has one end, and the books of pages and bytes agree.
 */
#include "adi/tagmap.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define FAR  UINT64_C(0x71000000)

/* Tags with @runs runs: 1 needs a word only, 7 and more a heap block. */
static void pattern(adi_tag_t tags[static ADI_TAGS_PER_PAGE], unsigned runs,
                    adi_tag_t first)
{
    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++)
        tags[i] = (adi_tag_t)((first + (i < runs ? i : runs - 1)) % 16);
}

static void assert_kept(struct tagmap *map, uint64_t key,
                        const adi_tag_t want[static ADI_TAGS_PER_PAGE])
{
    adi_tag_t tags[ADI_TAGS_PER_PAGE];

    assert_true(tagmap_load(map, key, tags));
    assert_memory_equal(tags, want, sizeof(tags));
}

static void test_map_when_saved_again_replaces(void **state)
{
    struct tagmap map;
    adi_tag_t plain[ADI_TAGS_PER_PAGE], rich[ADI_TAGS_PER_PAGE];

    (void)state;
    pattern(plain, 1, 5);
    pattern(rich, 128, 1);
    tagmap_init(&map);
    assert_false(tagmap_load(&map, 7, plain));
    assert_int_equal(tagmap_bytes(&map, 7), 0);
    assert_int_equal(tagmap_save(&map, 7, rich), 0);
    assert_int_equal(map.nr, 1);
    assert_int_equal(map.heap_bytes, 64);
    assert_int_equal(tagmap_bytes(&map, 7), 72);
    assert_kept(&map, 7, rich);
    assert_int_equal(tagmap_save(&map, 7, plain), 0);
    assert_int_equal(map.nr, 1);
    assert_int_equal(map.heap_bytes, 0);
    assert_kept(&map, 7, plain);
    assert_true(tagmap_drop(&map, 7));
    assert_false(tagmap_drop(&map, 7));
    assert_false(tagmap_has(&map, 7));
    assert_int_equal(map.nr, 0);
    tagmap_fini(&map);
}

static void test_map_when_moved_overwrites_target(void **state)
{
    struct tagmap map;
    adi_tag_t a[ADI_TAGS_PER_PAGE], b[ADI_TAGS_PER_PAGE];

    (void)state;
    pattern(a, 128, 1);
    pattern(b, 10, 2);
    tagmap_init(&map);
    assert_int_equal(tagmap_save(&map, 1, a), 0);
    assert_int_equal(tagmap_save(&map, UINT64_C(1) << 39, b), 0);
    assert_int_equal(map.heap_bytes, 96);
    assert_int_equal(tagmap_move(&map, 1, 1), 0);
    assert_int_equal(tagmap_move(&map, 99, 1), 0); /* nothing to move */
    assert_kept(&map, 1, a);
    assert_int_equal(tagmap_move(&map, 1, UINT64_C(1) << 39), 0);
    assert_false(tagmap_has(&map, 1));
    assert_kept(&map, UINT64_C(1) << 39, a);
    assert_int_equal(map.nr, 1);
    assert_int_equal(map.heap_bytes, 64);
    tagmap_fini(&map); /* frees the block that is left */
    assert_int_equal(map.nr, 0);
    assert_int_equal(map.heap_bytes, 0);
}

/* ------------------------------------------------- the hooks, one by one */

static struct world *page_with(unsigned runs)
{
    struct world *w = world_create("remap", 256, 64);
    adi_tag_t *tags;

    assert_int_equal(world_map(w, BASE, 1, true), BASE);
    world_set_tags(w, BASE, 0);
    tags = tagmem_page(adi_tagmem(w->adi), pte_pfn(world_pte(w, BASE)));
    pattern(tags, runs, 3);
    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++)
        judge_tag_store(w->judge, mm_id(w->mm), BASE + i * ADI_BLKSZ, tags[i],
                        0);
    return w;
}

static void assert_pattern(struct world *w, gva_t va, unsigned runs)
{
    adi_tag_t want[ADI_TAGS_PER_PAGE];

    pattern(want, runs, 3);
    assert_int_equal(world_tag(w, va), want[0]);
    assert_memory_equal(
        tagmem_page(adi_tagmem(w->adi), pte_pfn(world_pte(w, va))), want,
        sizeof(want));
}

static void assert_use(struct world *w, uint64_t pages, uint64_t bytes)
{
    assert_int_equal(adi_store_use(w->adi).pages, pages);
    assert_int_equal(adi_store_use(w->adi).bytes, bytes);
}

static void test_save_when_tags_are_many_costs_what_they_need(void **state)
{
    const struct {
        unsigned runs, bytes;
    } cases[] = {{1, 8}, {6, 8}, {8, 24}, {16, 40}, {128, 72}};

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        struct world *w = page_with(cases[i].runs);

        assert_true(world_out(w, BASE));
        assert_use(w, 1, cases[i].bytes);
        assert_int_equal(adi_store_peak(w->adi).bytes, cases[i].bytes);
        assert_pattern(w, BASE, cases[i].runs);
        assert_use(w, 0, 0);
        world_exit_clean(w);
        assert_int_equal(adi_store_peak(w->adi).bytes, cases[i].bytes);
        world_destroy(w);
    }
}

/* Tags of before mprotect() are saved; a page that has none is not. */
static void test_save_when_area_has_no_adi_looks_at_tags(void **state)
{
    struct world *w = page_with(10);

    (void)state;
    world_map(w, FAR, 1, false);
    world_write(w, FAR, 1);
    assert_true(world_out(w, FAR));
    assert_use(w, 0, 0);
    assert_int_equal(
        mm_mprotect(w->mm, BASE, PAGE_SIZE, PROT_G_READ | PROT_G_WRITE), 0);
    assert_true(world_out(w, BASE));
    assert_use(w, 1, 40);
    assert_pattern(w, BASE, 10);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_save_when_allocation_fails_keeps_books(void **state)
{
    struct world *w = page_with(128);

    (void)state;
    adi_fail_alloc(w->adi, 1);
    assert_false(world_out(w, BASE));
    assert_use(w, 0, 0);
    assert_int_equal(hub_counter(w->hub, COUNT_SAVE_FAIL), 1);
    assert_int_equal(hub_counter(w->hub, COUNT_TAGS_SAVED), 0);
    assert_pattern(w, BASE, 128);
    assert_true(world_out(w, BASE));
    assert_int_equal(hub_counter(w->hub, COUNT_TAGS_SAVED), 1);
    assert_pattern(w, BASE, 128);
    assert_int_equal(hub_counter(w->hub, COUNT_TAGS_RESTORED), 1);
    world_exit_clean(w);
    world_destroy(w);
}

/* A frame filled from the device shows no tags of its last owner. */
static void test_read_when_nothing_saved_clears_frame(void **state)
{
    struct world *w = world_create("remap", 64, 64);

    (void)state;
    world_map(w, BASE, 1, false);
    world_write(w, BASE, 42);
    assert_true(world_out(w, BASE));
    world_map(w, FAR, 60, true);
    for (unsigned i = 0; i < 60; i++)
        world_set_tags(w, FAR + i * PAGE_SIZE, 9);
    assert_int_equal(mm_munmap(w->mm, FAR, 60 * PAGE_SIZE), 0);
    world_write(w, BASE, 43);
    assert_int_equal(world_tag(w, BASE), 0);
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE,
                                 PROT_G_READ | PROT_G_WRITE | PROT_G_ADI),
                     0);
    assert_int_equal(world_tag(w, BASE), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_drop_when_zapped_or_freed_frees_heap(void **state)
{
    const int advice[] = {MADV_G_DONTNEED, MADV_G_FREE};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct world *w = page_with(128);

        assert_true(world_out(w, BASE));
        assert_use(w, 1, 72);
        assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, advice[i]), 0);
        assert_use(w, 0, 0);
        assert_int_equal(hub_counter(w->hub, COUNT_TAGS_DROPPED), 1);
        world_exit_clean(w);
        world_destroy(w);
    }
}

static void test_move_when_mremapped_keeps_bytes(void **state)
{
    struct world *w = page_with(128);
    gva_t at;

    (void)state;
    assert_true(world_out(w, BASE));
    assert_int_equal(mm_mremap(w->mm, BASE, PAGE_SIZE, PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED, FAR, &at),
                     0);
    assert_use(w, 1, 72);
    assert_pattern(w, FAR, 128);
    assert_use(w, 0, 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_fork_when_swapped_duplicates(void **state)
{
    struct world *w = page_with(128);
    struct mm *parent = w->mm, *child;

    (void)state;
    assert_true(world_out(w, BASE));
    child = world_share(w);
    assert_use(w, 2, 144);
    /* The parent's end is not the child's. */
    assert_int_equal(mm_munmap(parent, BASE, PAGE_SIZE), 0);
    assert_use(w, 1, 72);
    w->mm = child;
    assert_pattern(w, BASE, 128);
    assert_use(w, 0, 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_fork_when_allocation_fails_takes_nothing(void **state)
{
    struct world *w = page_with(128);

    (void)state;
    assert_true(world_out(w, BASE));
    world_fail_hook_for(w, HOOK_FORK_SWAP, 1, 2);
    assert_null(world_share(w));
    assert_use(w, 1, 72);
    assert_pattern(w, BASE, 128);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_exit_when_swapped_frees_all(void **state)
{
    struct world *w = page_with(128);

    (void)state;
    world_map(w, FAR, 8, true);
    for (unsigned i = 0; i < 8; i++) {
        world_set_tags(w, FAR + i * PAGE_SIZE, (adi_tag_t)(1 + i));
        assert_true(world_out(w, FAR + i * PAGE_SIZE));
    }
    assert_true(world_out(w, BASE));
    assert_use(w, 9, 72 + 8 * 8);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_map_when_there_is_nothing_copies_nothing(void **state)
{
    struct tagmap from, to;

    (void)state;
    tagmap_init(&from);
    tagmap_init(&to);
    assert_int_equal(tagmap_copy(&to, &from, 7), 0);
    assert_false(tagmap_has(&to, 7));
    assert_int_equal(to.nr, 0);
    tagmap_fini(&from);
    tagmap_fini(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_when_saved_again_replaces),
        cmocka_unit_test(test_map_when_moved_overwrites_target),
        cmocka_unit_test(test_save_when_tags_are_many_costs_what_they_need),
        cmocka_unit_test(test_save_when_area_has_no_adi_looks_at_tags),
        cmocka_unit_test(test_save_when_allocation_fails_keeps_books),
        cmocka_unit_test(test_read_when_nothing_saved_clears_frame),
        cmocka_unit_test(test_drop_when_zapped_or_freed_frees_heap),
        cmocka_unit_test(test_move_when_mremapped_keeps_bytes),
        cmocka_unit_test(test_fork_when_swapped_duplicates),
        cmocka_unit_test(test_fork_when_allocation_fails_takes_nothing),
        cmocka_unit_test(test_exit_when_swapped_frees_all),
        cmocka_unit_test(test_map_when_there_is_nothing_copies_nothing),
    };

    return RUN(tests);
}
