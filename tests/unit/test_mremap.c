// SPDX-License-Identifier: GPL-2.0-or-later
/* mremap(): pages and entries move, or everything is where it was. */
#include <errno.h>

#include "fake_ops.h"
#include "migrate/migrate.h"
#include "mm/mapping.h"
#include "unit.h"

#define BASE  UINT64_C(0x70000000)
#define FAR   UINT64_C(0x71000000)
#define FIXED (MREMAP_G_MAYMOVE | MREMAP_G_FIXED)
#define KEEP  (MREMAP_G_MAYMOVE | MREMAP_G_DONTUNMAP)

static gva_t nth(gva_t base, unsigned i)
{
    return base + i * PAGE_SIZE;
}

/* @nr pages, tag 1 + i: the odd ones are swapped out. */
static struct world *pages(unsigned nr)
{
    struct world *w = world_create("remap", 256, 64);

    assert_int_equal(world_map(w, BASE, nr, true), BASE);
    for (unsigned i = 0; i < nr; i++) {
        world_set_tags(w, nth(BASE, i), (adi_tag_t)(1 + i));
        if (i % 2)
            assert_true(world_out(w, nth(BASE, i)));
    }
    return w;
}

static void assert_tags(struct world *w, gva_t base, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++)
        assert_int_equal(world_tag(w, nth(base, i)), 1 + i);
}

static void move(struct world *w, unsigned flags, gva_t to, int err)
{
    gva_t at = 0;

    assert_int_equal(
        mm_mremap(w->mm, BASE, 4 * PAGE_SIZE, 4 * PAGE_SIZE, flags, to, &at),
        err);
    if (!err)
        assert_int_equal(at, to);
    audit(w);
}

static void test_mremap_when_moved_takes_pages_along(void **state)
{
    struct world *w = pages(4);
    uint64_t total = mm_total_vm(w->mm);
    unsigned frames = world_free_frames(w);
    struct folio *first = world_folio(w, BASE);
    unsigned flushes = w->flushes;

    (void)state;
    move(w, FIXED, FAR, 0);
    assert_int_equal(w->flushes, flushes + 2); /* those in memory */
    assert_null(vma_lookup(w->mm, BASE));
    assert_true(pte_none(world_pte(w, BASE)));
    assert_int_equal(mm_total_vm(w->mm), total);
    assert_int_equal(world_free_frames(w), frames);
    assert_ptr_equal(world_folio(w, FAR), first);
    assert_int_equal(w->calls[HOOK_MOVE_SWAP], 2);
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    assert_tags(w, FAR, 4);
    /* The reverse map finds them at the new place. */
    assert_true(world_out(w, FAR));
    assert_tags(w, FAR, 4);
    world_exit_clean(w);
    world_destroy(w);
}

static void assert_nothing_moved(struct world *w, uint64_t total)
{
    assert_null(vma_lookup(w->mm, FAR));
    assert_int_equal(mm_total_vm(w->mm), total);
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    assert_int_equal(world_slot_count(w, nth(BASE, 1)), 1);
    assert_int_equal(world_slot_count(w, nth(BASE, 3)), 1);
    for (unsigned i = 0; i < 4; i++)
        assert_true(pte_none(world_pte(w, nth(FAR, i))));
    assert_tags(w, BASE, 4);
}

static void test_mremap_when_hook_fails_moves_all_back(void **state)
{
    (void)state;
    for (unsigned nr = 1; nr <= 2; nr++) {
        struct world *w = pages(4);
        uint64_t total = mm_total_vm(w->mm);

        world_fail_hook(w, HOOK_MOVE_SWAP, nr);
        move(w, FIXED, FAR, -ENOMEM);
        assert_nothing_moved(w, total);
        move(w, FIXED, FAR, 0);
        assert_tags(w, FAR, 4);
        world_exit_clean(w);
        world_destroy(w);
    }
}

static void test_mremap_when_tag_store_is_full_moves_all_back(void **state)
{
    struct world *w = pages(4);
    uint64_t total = mm_total_vm(w->mm);

    (void)state;
    adi_fail_alloc(w->adi, 2);
    move(w, FIXED, FAR, -ENOMEM);
    assert_nothing_moved(w, total);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mremap_when_migration_entry_stays_moves_back(void **state)
{
    struct world *w = pages(4);
    uint64_t total = mm_total_vm(w->mm);
    struct folio *folio = world_folio(w, nth(BASE, 2));

    (void)state;
    world_lock(w, folio);
    assert_true(try_to_migrate(w->mem, folio));
    world_fail_hook(w, HOOK_MOVE_MIGRATE, 1);
    move(w, FIXED, FAR, -ENOMEM);
    remove_migration_ptes(w->mem, folio, folio);
    world_unlock(w, folio);
    assert_nothing_moved(w, total);
    world_exit_clean(w);
    world_destroy(w);
}

/* ------------------------------------------------------------ DONTUNMAP */

static void test_mremap_when_dontunmap_leaves_area_empty(void **state)
{
    struct world *w = pages(4);

    (void)state;
    move(w, KEEP | MREMAP_G_FIXED, FAR, 0);
    assert_non_null(vma_lookup(w->mm, BASE));
    assert_tags(w, FAR, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_true(pte_none(world_pte(w, nth(BASE, i))));
        assert_int_equal(world_tag(w, nth(BASE, i)), 0);
        world_set_tags(w, nth(BASE, i), 9);
    }
    assert_true(world_out(w, BASE));
    assert_int_equal(world_tag(w, BASE), 9);
    assert_tags(w, FAR, 4);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mremap_when_dontunmap_unlocks_old_area(void **state)
{
    struct world *w = pages(4);

    (void)state;
    assert_int_equal(mm_mlock(w->mm, BASE, 4 * PAGE_SIZE, true), 0);
    move(w, KEEP | MREMAP_G_FIXED, FAR, 0);
    assert_int_equal(
        vma_lookup(w->mm, BASE)->flags & (VM_LOCKED | VM_LOCKONFAULT), 0);
    assert_true(vma_lookup(w->mm, FAR)->flags & VM_LOCKED);
    assert_int_equal(mm_locked_vm(w->mm), 4);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mremap_when_dontunmap_finds_a_place(void **state)
{
    struct world *w = pages(4);
    gva_t at;

    (void)state;
    assert_int_equal(
        mm_mremap(w->mm, BASE, 4 * PAGE_SIZE, 4 * PAGE_SIZE, KEEP, 0, &at), 0);
    assert_int_not_equal(at, BASE);
    assert_tags(w, at, 4);
    assert_int_equal(
        mm_mremap(w->mm, BASE, 4 * PAGE_SIZE, 5 * PAGE_SIZE, KEEP, 0, &at),
        -EINVAL);
    /* The hint must not overlap, with MREMAP_FIXED or without. */
    assert_int_equal(mm_mremap(w->mm, BASE, 4 * PAGE_SIZE, 4 * PAGE_SIZE, KEEP,
                               nth(BASE, 1), &at),
                     -EINVAL);
    world_exit_clean(w);
    world_destroy(w);
}

/* --------------------------------------------------------------- lengths */

static void test_mremap_when_room_is_free_grows_in_place(void **state)
{
    struct world *w = pages(4);
    gva_t at;

    (void)state;
    assert_int_equal(
        mm_mremap(w->mm, BASE, 4 * PAGE_SIZE, 6 * PAGE_SIZE, 0, 0, &at), 0);
    assert_int_equal(at, BASE);
    world_set_tags(w, nth(BASE, 5), 6);
    assert_int_equal(mm_total_vm(w->mm), 6);
    assert_tags(w, BASE, 4);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mremap_when_neighbour_is_near_must_move(void **state)
{
    struct world *w = pages(4);
    gva_t at;

    (void)state;
    world_map(w, nth(BASE, 5), 1, false);
    assert_int_equal(
        mm_mremap(w->mm, BASE, 4 * PAGE_SIZE, 6 * PAGE_SIZE, 0, 0, &at),
        -ENOMEM);
    assert_int_equal(mm_total_vm(w->mm), 5);
    assert_tags(w, BASE, 4);
    assert_int_equal(mm_mremap(w->mm, BASE, 4 * PAGE_SIZE, 6 * PAGE_SIZE,
                               MREMAP_G_MAYMOVE, 0, &at),
                     0);
    assert_int_equal(at, nth(BASE, 6));
    assert_int_equal(mm_total_vm(w->mm), 7);
    assert_tags(w, at, 4);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mremap_when_shorter_cuts_tail(void **state)
{
    struct world *w = pages(4);
    gva_t at;

    (void)state;
    assert_int_equal(
        mm_mremap(w->mm, BASE, 4 * PAGE_SIZE, 2 * PAGE_SIZE, 0, 0, &at), 0);
    assert_int_equal(mm_total_vm(w->mm), 2);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_tags(w, BASE, 2);
    /* And with a move: only what is left goes along. */
    assert_int_equal(
        mm_mremap(w->mm, BASE, 2 * PAGE_SIZE, PAGE_SIZE, FIXED, FAR, &at), 0);
    assert_int_equal(mm_total_vm(w->mm), 1);
    assert_tags(w, FAR, 1);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mremap_when_target_is_mapped_replaces_it(void **state)
{
    struct world *w = pages(4);

    (void)state;
    world_map(w, FAR, 8, true);
    world_set_tags(w, nth(FAR, 3), 9);
    assert_true(world_out(w, nth(FAR, 3)));
    move(w, FIXED, FAR, 0);
    assert_tags(w, FAR, 4);
    assert_int_equal(mm_total_vm(w->mm), 8);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mremap_when_shared_of_length_0_maps_again(void **state)
{
    struct world *w = world_create("remap", 256, 64);
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
    mapping_put(m);
    world_set_tags(w, nth(BASE, 2), 5);
    assert_int_equal(mm_mremap(w->mm, nth(BASE, 2), 0, 2 * PAGE_SIZE,
                               MREMAP_G_MAYMOVE, 0, &at),
                     0);
    assert_int_equal(world_tag(w, at), 5);
    assert_int_equal(world_tag(w, nth(BASE, 2)), 5);
    assert_int_equal(world_folio(w, at)->mapcount, 2);
    assert_int_equal(
        mm_mremap(w->mm, nth(BASE, 2), 0, 2 * PAGE_SIZE, 0, 0, &at), -ENOMEM);
    /* Two views of a page must agree in the cache's colour. */
    assert_int_equal(
        mm_mremap(w->mm, BASE, PAGE_SIZE, PAGE_SIZE, FIXED, nth(FAR, 1), &at),
        -EINVAL);
    assert_int_equal(
        mm_mremap(w->mm, BASE, PAGE_SIZE, PAGE_SIZE, FIXED, FAR, &at), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* -------------------------------------------------------------- refusals */

static int try_move(struct world *w, gva_t addr, unsigned old, unsigned new,
                    unsigned flags, gva_t to)
{
    gva_t at;

    return mm_mremap(w->mm, addr, old * PAGE_SIZE, new *PAGE_SIZE, flags, to,
                     &at);
}

static void test_mremap_when_arguments_are_bad_changes_nothing(void **state)
{
    struct world *w = pages(4);
    uint64_t total = mm_total_vm(w->mm);

    (void)state;
    assert_int_equal(try_move(w, BASE + 1, 4, 4, FIXED, FAR), -EINVAL);
    assert_int_equal(try_move(w, BASE, 4, 0, FIXED, FAR), -EINVAL);
    assert_int_equal(try_move(w, BASE, 4, 4, 8, FAR), -EINVAL);
    assert_int_equal(try_move(w, BASE, 4, 4, MREMAP_G_FIXED, FAR), -EINVAL);
    assert_int_equal(try_move(w, BASE, 4, 4, MREMAP_G_DONTUNMAP, FAR), -EINVAL);
    assert_int_equal(try_move(w, BASE, 4, 4, FIXED, FAR + 1), -EINVAL);
    assert_int_equal(
        try_move(w, BASE, 4, 4, FIXED, UINT64_C(0x0008000000000000)), -EINVAL);
    assert_int_equal(try_move(w, FAR, 4, 4, FIXED, BASE), -EFAULT);
    assert_int_equal(try_move(w, BASE, 0, 4, MREMAP_G_MAYMOVE, 0), -EINVAL);
    assert_int_equal(try_move(w, BASE, 5, 6, MREMAP_G_MAYMOVE, 0), -EFAULT);
    /* Ranges that overlap by one page, on either side and wholly. */
    assert_int_equal(try_move(w, BASE, 4, 4, FIXED, nth(BASE, 3)), -EINVAL);
    assert_int_equal(try_move(w, nth(BASE, 1), 3, 3, FIXED, BASE), -EINVAL);
    assert_int_equal(try_move(w, BASE, 4, 4, FIXED, BASE), -EINVAL);
    assert_nothing_moved(w, total);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mremap_when_next_is_far_grows_in_place(void **state)
{
    struct world *w = pages(4);
    gva_t at;

    (void)state;
    world_map(w, nth(BASE, 6), 1, false);
    assert_int_equal(
        mm_mremap(w->mm, BASE, 4 * PAGE_SIZE, 6 * PAGE_SIZE, 0, 0, &at), 0);
    assert_int_equal(at, BASE);
    assert_int_equal(mm_total_vm(w->mm), 7);
    assert_tags(w, BASE, 4);
    world_exit_clean(w);
    world_destroy(w);
}

/* Memory of a device has its length, and is nowhere else. */
static void test_mremap_when_memory_is_of_a_device_says_why(void **state)
{
    static const vm_flags_t flags[] = {VM_PFNMAP, VM_DONTEXPAND};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct world *w = world_create("remap", 256, 64);
        struct vma *vma;

        world_map(w, BASE, 4, false);
        vma = vma_first(w->mm);
        vma_set_flags(vma, vma->flags | flags[i]);
        move(w, KEEP, FAR, -EINVAL);
        assert_int_equal(try_move(w, BASE, 4, 5, MREMAP_G_MAYMOVE, 0), -EFAULT);
        assert_int_equal(mm_total_vm(w->mm), 4);
        move(w, FIXED, FAR, 0);
        world_exit_clean(w);
        world_destroy(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mremap_when_moved_takes_pages_along),
        cmocka_unit_test(test_mremap_when_hook_fails_moves_all_back),
        cmocka_unit_test(test_mremap_when_tag_store_is_full_moves_all_back),
        cmocka_unit_test(test_mremap_when_migration_entry_stays_moves_back),
        cmocka_unit_test(test_mremap_when_dontunmap_leaves_area_empty),
        cmocka_unit_test(test_mremap_when_dontunmap_unlocks_old_area),
        cmocka_unit_test(test_mremap_when_dontunmap_finds_a_place),
        cmocka_unit_test(test_mremap_when_room_is_free_grows_in_place),
        cmocka_unit_test(test_mremap_when_neighbour_is_near_must_move),
        cmocka_unit_test(test_mremap_when_shorter_cuts_tail),
        cmocka_unit_test(test_mremap_when_target_is_mapped_replaces_it),
        cmocka_unit_test(test_mremap_when_shared_of_length_0_maps_again),
        cmocka_unit_test(test_mremap_when_arguments_are_bad_changes_nothing),
        cmocka_unit_test(test_mremap_when_next_is_far_grows_in_place),
        cmocka_unit_test(test_mremap_when_memory_is_of_a_device_says_why),
    };

    return RUN(tests);
}
