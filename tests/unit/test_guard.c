// SPDX-License-Identifier: GPL-2.0-or-later
/* Guard markers: where they can be, what they survive, what they cost. */
#include <errno.h>

#include "adi/profile.h"
#include "fake_ops.h"
#include "judge/cause.h"
#include "judge/ledger.h"
#include "mm/mapping.h"
#include "mm/pin.h"
#include "mm/remote.h"
#include "mm/truncate.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define LEAF (1024 * PAGE_SIZE) /* bytes that a table maps */

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

static struct world *pages(const char *profile, unsigned nr)
{
    struct world *w = world_create(profile, 256, 64);

    assert_int_equal(world_map(w, BASE, nr, true), BASE);
    for (unsigned i = 0; i < nr; i++) {
        world_write(w, nth(i), (uint8_t)(40 + i));
        world_set_tags(w, nth(i), (adi_tag_t)(5 + i));
    }
    return w;
}

static int advise(struct world *w, unsigned first, unsigned nr, int advice)
{
    int err = mm_madvise(w->mm, nth(first), nr * PAGE_SIZE, advice);

    audit(w);
    return err;
}

static bool is_guard(struct world *w, gva_t va)
{
    const pte_t *ptep = mm_pte(w->mm, va);

    return ptep && is_guard_pte(*ptep);
}

static void test_guard_is_unknown_before_v613(void **state)
{
    static const char *const profiles[] = {"linux-6.12", "remap", "mte-6.12"};

    (void)state;
    for (unsigned n = 0; n < 3; n++) {
        struct world *w = pages(profiles[n], 2);

        assert_int_equal(advise(w, 0, 1, MADV_G_GUARD_INSTALL), -EINVAL);
        assert_int_equal(advise(w, 0, 1, MADV_G_GUARD_REMOVE), -EINVAL);
        assert_int_equal(world_read(w, BASE), 40);
        world_exit(w);
        world_destroy(w);
    }
}

static void test_guard_forbids_each_way_in(void **state)
{
    static const enum access kinds[] = {ACCESS_READ, ACCESS_WRITE};

    (void)state;
    for (unsigned n = 0; n < 2; n++) {
        struct world *w = pages(n ? "linux-7.1" : "linux-6.18", 3);
        struct folio *folio;

        assert_int_equal(advise(w, 1, 1, MADV_G_GUARD_INSTALL), 0);
        assert_true(is_guard(w, nth(1)));
        assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 2);
        for (unsigned k = 0; k < 2; k++) {
            assert_int_equal(world_fault(w, nth(1), kinds[k]), FAULT_GUARD);
            assert_int_equal(mm_pin_page(w->mm, nth(1), kinds[k], &folio),
                             FAULT_GUARD);
            assert_int_equal(
                mm_get_remote_page(w->mm, nth(1), kinds[k], &folio),
                FAULT_GUARD);
        }
        assert_false(mm_fault_is_bug(w->mm, nth(1), ACCESS_READ, FAULT_GUARD));
        assert_null(mm_get_dump_page(w->mm, nth(1)));
        assert_int_equal(world_incore(w, nth(1)), 0);
        assert_int_equal(advise(w, 0, 3, MADV_G_POPULATE_READ), -EFAULT);
        assert_int_equal(advise(w, 0, 3, MADV_G_POPULATE_WRITE), -EFAULT);
        assert_int_equal(mm_mlock(w->mm, BASE, 3 * PAGE_SIZE, false), -ENOMEM);
        assert_int_equal(mm_munlock(w->mm, BASE, 3 * PAGE_SIZE), 0);
        assert_int_equal(world_read(w, nth(0)), 40);
        assert_int_equal(world_tag(w, nth(2)), 7);
        world_exit_clean(w);
        world_destroy(w);
    }
}

static void test_guard_stays_until_it_is_removed(void **state)
{
    struct world *w = pages("linux-6.18", 4);
    struct mm *parent = w->mm;
    gva_t to;

    (void)state;
    assert_int_equal(advise(w, 1, 2, MADV_G_GUARD_INSTALL), 0);
    assert_int_equal(advise(w, 1, 2, MADV_G_GUARD_INSTALL), 0); /* again */
    assert_int_equal(advise(w, 0, 3, MADV_G_DONTNEED), 0);
    assert_true(is_guard(w, nth(1)) && is_guard(w, nth(2)));
    assert_int_equal(world_read(w, nth(0)), 0);
    assert_int_equal(advise(w, 0, 3, MADV_G_FREE), 0);
    assert_int_equal(advise(w, 0, 3, MADV_G_PAGEOUT), 0);
    assert_int_equal(advise(w, 0, 3, MADV_G_DONTNEED_LOCKED), 0);
    assert_int_equal(mm_mprotect(w->mm, BASE, 4 * PAGE_SIZE, PROT_G_READ), 0);
    assert_int_equal(
        mm_mprotect(w->mm, BASE, 4 * PAGE_SIZE, PROT_G_READ | PROT_G_WRITE), 0);
    assert_true(is_guard(w, nth(1)) && is_guard(w, nth(2)));
    /* fork copies them, mremap moves them. */
    w->mm = world_share(w);
    assert_true(is_guard(w, nth(1)));
    assert_int_equal(mm_mremap(w->mm, nth(1), PAGE_SIZE, PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED, nth(64), &to),
                     0);
    audit(w);
    assert_true(is_guard(w, nth(64)) && !is_guard(w, nth(1)));
    assert_int_equal(mm_munmap(w->mm, nth(64), PAGE_SIZE), 0);
    audit(w);
    assert_true(world_push(w, nth(3)));
    assert_int_equal(advise(w, 2, 2, MADV_G_GUARD_REMOVE), 0);
    assert_int_equal(world_read(w, nth(2)), 0);
    assert_int_equal(world_read(w, nth(3)), 43); /* what is no guard stays */
    w->mm = parent;
    assert_true(is_guard(w, nth(1)) && is_guard(w, nth(2)));
    world_exit_clean(w);
    world_destroy(w);
}

/* B1 by another call: the page in swap goes, and nobody frees its tags. */
static void test_guard_over_a_swapped_page_leaks_its_tags(void **state)
{
    struct world *w = pages("linux-6.18", 2);
    struct cause cause;

    (void)state;
    assert_true(world_out(w, BASE));
    assert_int_equal(advise(w, 0, 2, MADV_G_GUARD_INSTALL), 0);
    assert_true(is_guard(w, nth(0)) && is_guard(w, nth(1)));
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 0);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    world_exit(w);
    assert_int_equal(judge_nr_leaks(w->judge), 1);
    cause = cause_of_leak(w->judge, judge_leak(w->judge, 0));
    assert_string_equal(cause.function, "zap_pte_range");
    assert_int_equal(judge_leak(w->judge, 0)->leaked, 1);
    world_destroy(w);
}

static void test_guard_in_a_locked_area_can_only_go(void **state)
{
    struct world *w = pages("linux-6.18", 4);

    (void)state;
    assert_int_equal(advise(w, 0, 1, MADV_G_GUARD_INSTALL), 0);
    assert_int_equal(mm_mlock(w->mm, BASE, PAGE_SIZE, true), 0);
    assert_int_equal(mm_mlock(w->mm, nth(2), PAGE_SIZE, false), 0);
    /* The first area has its guard, the locked one and those behind none. */
    assert_int_equal(advise(w, 1, 3, MADV_G_GUARD_INSTALL), -EINVAL);
    assert_true(is_guard(w, nth(1)));
    assert_int_equal(world_read(w, nth(2)), 42);
    assert_int_equal(world_read(w, nth(3)), 43);
    assert_int_equal(advise(w, 0, 1, MADV_G_GUARD_REMOVE), 0);
    assert_int_equal(advise(w, 2, 1, MADV_G_GUARD_REMOVE), 0);
    assert_false(is_guard(w, BASE));
    world_exit_clean(w);
    world_destroy(w);
}

static void test_guard_across_a_hole_tells_of_it(void **state)
{
    struct world *w = pages("linux-6.18", 3);

    (void)state;
    assert_int_equal(mm_munmap(w->mm, nth(1), PAGE_SIZE), 0);
    assert_int_equal(advise(w, 0, 3, MADV_G_GUARD_INSTALL), -ENOMEM);
    assert_true(is_guard(w, nth(0)) && is_guard(w, nth(2)));
    assert_int_equal(advise(w, 0, 3, MADV_G_GUARD_REMOVE), -ENOMEM);
    assert_false(is_guard(w, nth(0)) || is_guard(w, nth(2)));
    world_exit_clean(w);
    world_destroy(w);
}

static void map_file(struct world *w, gva_t at, unsigned pages,
                     struct mapping *m, unsigned flags)
{
    struct mmap_args args = {.addr = at,
                             .len = pages * PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = flags | MAP_G_FIXED | MAP_G_NORESERVE,
                             .mapping = m,
                             .may_write = true};
    gva_t out;

    assert_int_equal(mm_mmap(w->mm, &args, &out), 0);
}

/* The second page is of another table, for which there is no frame. */
static void test_guard_without_a_frame_keeps_those_before(void **state)
{
    struct world *w = world_create("linux-6.18", 64, 0);
    gva_t last = BASE + LEAF - PAGE_SIZE, va = BASE;

    (void)state;
    map_file(w, BASE, 2 * 1024, NULL, MAP_G_PRIVATE | MAP_G_ANONYMOUS);
    for (; !world_is_full(w); va += PAGE_SIZE)
        world_write(w, va, 1);
    assert_int_equal(
        mm_madvise(w->mm, last, 2 * PAGE_SIZE, MADV_G_GUARD_INSTALL), -ENOMEM);
    audit(w);
    assert_true(is_guard(w, last));
    assert_null(mm_pte(w->mm, last + PAGE_SIZE));
    assert_int_equal(world_read(w, BASE), 1);
    world_exit_clean(w);
    world_destroy(w);
}

/* Since v6.15 also in areas of an object, where they outlive a cut. */
static void test_guard_in_an_object(void **state)
{
    static const struct mm_policy v614 = MM_POLICY_OF(KERNEL(6, 14, 0));
    static struct adi_profile before;

    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        struct mapping *m;
        struct world *w;

        before = *adi_profile_find("linux-6.18");
        if (n >= 2)
            before.policy = v614;
        w = world_create_with(&before, 256, 64, 1);
        m = mapping_create_shmem(w->mem, 4 * PAGE_SIZE);
        map_file(w, BASE, 4, m, n % 2 ? MAP_G_PRIVATE : MAP_G_SHARED);
        world_write(w, nth(2), 7);
        if (n >= 2) {
            assert_int_equal(advise(w, 0, 3, MADV_G_GUARD_INSTALL), -EINVAL);
            assert_int_equal(world_read(w, nth(2)), 7);
        } else {
            assert_int_equal(advise(w, 1, 2, MADV_G_GUARD_INSTALL), 0);
            assert_int_equal(world_fault(w, nth(2), ACCESS_READ), FAULT_GUARD);
            /* As a hole: what the object has is there. */
            assert_int_equal(world_incore(w, nth(2)), 1);
            truncate_pagecache(m, 2 * PAGE_SIZE);
            audit(w);
            assert_true(is_guard(w, nth(2)));
            assert_int_equal(advise(w, 0, 4, MADV_G_GUARD_REMOVE), 0);
            assert_int_equal(world_read(w, nth(2)), 0);
        }
        mapping_put(m);
        world_exit_clean(w);
        world_destroy(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guard_is_unknown_before_v613),
        cmocka_unit_test(test_guard_forbids_each_way_in),
        cmocka_unit_test(test_guard_stays_until_it_is_removed),
        cmocka_unit_test(test_guard_over_a_swapped_page_leaks_its_tags),
        cmocka_unit_test(test_guard_in_a_locked_area_can_only_go),
        cmocka_unit_test(test_guard_across_a_hole_tells_of_it),
        cmocka_unit_test(test_guard_without_a_frame_keeps_those_before),
        cmocka_unit_test(test_guard_in_an_object),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
