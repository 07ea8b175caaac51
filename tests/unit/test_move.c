// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mremap, mprotect and unmap over pages that are present, in swap, or not
 * there; and mremap that fails half-way.
 */
#include <errno.h>

#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define FAR  (BASE + 64 * PAGE_SIZE)

/* 4 pages with tags 1..4; the 2nd and the 4th are in swap. */
static gva_t four_pages(struct world *w)
{
    gva_t a = world_map(w, BASE, 4, true);

    for (unsigned i = 0; i < 4; i++) {
        world_write(w, a + i * PAGE_SIZE, (uint8_t)(i + 0x10));
        world_set_tags(w, a + i * PAGE_SIZE, (adi_tag_t)(i + 1));
    }
    assert_true(world_out(w, a + PAGE_SIZE));
    assert_true(world_out(w, a + 3 * PAGE_SIZE));
    return a;
}

static void assert_four(struct world *w, gva_t a)
{
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(world_tag(w, a + i * PAGE_SIZE), i + 1);
        assert_int_equal(world_read(w, a + i * PAGE_SIZE), i + 0x10);
    }
    assert_false(judge_errors(w->judge));
    assert_int_equal(adi_store_use(w->adi).pages, 0);
}

static int move(struct world *w, gva_t from, uint64_t old_pages,
                uint64_t new_pages, unsigned flags, gva_t to, gva_t *out)
{
    return mm_mremap(w->mm, from, old_pages * PAGE_SIZE, new_pages * PAGE_SIZE,
                     flags, to, out);
}

#define FIXED (MREMAP_G_MAYMOVE | MREMAP_G_FIXED)

static void test_move_takes_saved_tags_along(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = four_pages(w), b;

    (void)state;
    assert_int_equal(move(w, a, 4, 4, FIXED, FAR, &b), 0);
    assert_int_equal(b, FAR);
    assert_null(vma_lookup(w->mm, a));
    assert_true(pte_none(*mm_pte(w->mm, a)));
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    assert_four(w, b);
    world_destroy(w);
}

/* B3 */
static void test_linux_loses_tags_in_a_move(void **state)
{
    struct world *w = world_create("linux-6.2", 64, 64);
    gva_t a = four_pages(w), b;

    (void)state;
    assert_int_equal(move(w, a, 4, 4, FIXED, BASE + 4096 * PAGE_SIZE, &b), 0);
    assert_int_equal(world_tag(w, b), 1);
    assert_int_equal(world_tag(w, b + 2 * PAGE_SIZE), 3);
    assert_int_equal(world_read(w, b + PAGE_SIZE), 0x11);
    (void)world_tag(w, b + PAGE_SIZE);
    assert_true(judge_errors(w->judge));
    world_destroy(w);
}

/* The store cannot make room for the @nr-th copy: all pages go back. */
static void failed_move(uint64_t nr)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = four_pages(w), b = 0;
    pte_t before[4];
    struct vma *vma;

    for (unsigned i = 0; i < 4; i++)
        before[i] = *mm_pte(w->mm, a + i * PAGE_SIZE);
    adi_fail_alloc(w->adi, nr);
    assert_int_equal(move(w, a, 4, 4, FIXED, FAR, &b), -ENOMEM);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(mm_pte(w->mm, a + i * PAGE_SIZE)->v, before[i].v);
    vma = vma_lookup(w->mm, FAR);
    assert_true(!vma || vma->start > FAR);
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    assert_four(w, a);
    world_destroy(w);
}

static void test_failed_move_goes_back(void **state)
{
    (void)state;
    failed_move(1);
    failed_move(2);
}

static void test_shrink_frees_and_grow_keeps(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = four_pages(w), b;

    (void)state;
    assert_int_equal(move(w, a, 4, 8, 0, 0, &b), 0);
    assert_int_equal(b, a);
    assert_int_equal(world_tag(w, a + 7 * PAGE_SIZE), 0);
    assert_int_equal(move(w, a, 8, 2, 0, 0, &b), 0);
    assert_int_equal(b, a);
    assert_null(vma_lookup(w->mm, a + 2 * PAGE_SIZE));
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(swap_used_pages(w->swap), 1);
    assert_int_equal(world_tag(w, a + PAGE_SIZE), 2);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

static void test_grow_moves_when_there_is_no_room(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = four_pages(w), b = 0;
    gva_t wall = world_map(w, a + 4 * PAGE_SIZE, 1, false);

    (void)state;
    world_write(w, wall, 1);
    /* Not the same kind of area: no merge, no room. */
    assert_int_equal(move(w, a, 4, 8, 0, 0, &b), -ENOMEM);
    assert_int_equal(move(w, a, 4, 8, MREMAP_G_MAYMOVE, 0, &b), 0);
    assert_int_not_equal(b, a);
    assert_four(w, b);
    world_destroy(w);
}

static void test_dontunmap_leaves_an_empty_area(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = four_pages(w), b;

    (void)state;
    assert_int_equal(
        move(w, a, 4, 4, MREMAP_G_MAYMOVE | MREMAP_G_DONTUNMAP, 0, &b), 0);
    assert_non_null(vma_lookup(w->mm, a));
    assert_four(w, b);
    assert_int_equal(world_read(w, a), 0);
    assert_int_equal(world_tag(w, a), 0);
    world_destroy(w);
}

static void test_bad_arguments_change_nothing(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = four_pages(w), b;

    (void)state;
    assert_int_equal(move(w, a + 1, 4, 4, 0, 0, &b), -EINVAL);
    assert_int_equal(move(w, a, 4, 0, 0, 0, &b), -EINVAL);
    assert_int_equal(move(w, a, 4, 4, 8, 0, &b), -EINVAL);
    assert_int_equal(move(w, a, 4, 4, MREMAP_G_FIXED, FAR, &b), -EINVAL);
    assert_int_equal(move(w, a, 4, 4, FIXED, a + PAGE_SIZE, &b), -EINVAL);
    assert_int_equal(move(w, a, 4, 4, FIXED, FAR + 1, &b), -EINVAL);
    assert_int_equal(move(w, a, 0, 4, MREMAP_G_MAYMOVE, 0, &b), -EINVAL);
    assert_int_equal(move(w, FAR, 4, 4, 0, 0, &b), -EFAULT);
    assert_int_equal(move(w, a, 5, 6, MREMAP_G_MAYMOVE, 0, &b), -EFAULT);
    assert_four(w, a);
    world_destroy(w);
}

static void test_unmap_in_the_middle_splits(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = four_pages(w);

    (void)state;
    assert_int_equal(mm_munmap(w->mm, a + PAGE_SIZE, 2 * PAGE_SIZE), 0);
    assert_int_equal(vma_lookup(w->mm, a)->end, a + PAGE_SIZE);
    assert_int_equal(vma_lookup(w->mm, a + 3 * PAGE_SIZE)->start,
                     a + 3 * PAGE_SIZE);
    assert_null(vma_lookup(w->mm, a + PAGE_SIZE));
    assert_int_equal(swap_used_pages(w->swap), 1);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_int_equal(world_tag(w, a + 3 * PAGE_SIZE), 4);
    assert_int_equal(mm_munmap(w->mm, a + 1, PAGE_SIZE), -EINVAL);
    assert_int_equal(mm_munmap(w->mm, a, 0), -EINVAL);
    world_destroy(w);
}

static void test_protect_splits_and_merges_back(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t a = four_pages(w);
    struct folio *folio;

    (void)state;
    assert_int_equal(
        mm_mprotect(w->mm, a + PAGE_SIZE, PAGE_SIZE, PROT_G_READ | PROT_G_ADI),
        0);
    assert_int_equal(vma_lookup(w->mm, a)->end, a + PAGE_SIZE);
    assert_int_equal(mm_get_page(w->mm, a + PAGE_SIZE, ACCESS_WRITE, &folio),
                     FAULT_ACCERR);
    assert_int_equal(world_tag(w, a + PAGE_SIZE), 2);
    assert_false(pte_write(*mm_pte(w->mm, a + PAGE_SIZE)));
    assert_int_equal(mm_mprotect(w->mm, a + PAGE_SIZE, PAGE_SIZE,
                                 PROT_G_READ | PROT_G_WRITE | PROT_G_ADI),
                     0);
    assert_int_equal(vma_lookup(w->mm, a)->end, a + 4 * PAGE_SIZE);
    assert_int_equal(mm_mprotect(w->mm, a, 8 * PAGE_SIZE, PROT_G_READ),
                     -ENOMEM);
    /* The part before the hole has changed. */
    assert_int_equal(mm_get_page(w->mm, a, ACCESS_WRITE, &folio), FAULT_ACCERR);
    assert_int_equal(world_read(w, a + 3 * PAGE_SIZE), 0x13);
    assert_int_equal(mm_munmap(w->mm, a, 4 * PAGE_SIZE), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_move_takes_saved_tags_along),
        cmocka_unit_test(test_linux_loses_tags_in_a_move),
        cmocka_unit_test(test_failed_move_goes_back),
        cmocka_unit_test(test_shrink_frees_and_grow_keeps),
        cmocka_unit_test(test_grow_moves_when_there_is_no_room),
        cmocka_unit_test(test_dontunmap_leaves_an_empty_area),
        cmocka_unit_test(test_bad_arguments_change_nothing),
        cmocka_unit_test(test_unmap_in_the_middle_splits),
        cmocka_unit_test(test_protect_splits_and_merges_back),
    };

    return RUN(tests);
}
