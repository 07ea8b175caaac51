// SPDX-License-Identifier: GPL-2.0-or-later
/* Where an area may be: the ends of the address space, and its hole. */
#include <errno.h>

#include "mm/mapping.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE      UINT64_C(0x70000000)
#define HOLE      UINT64_C(0x0008000000000000)
#define HOLE_END  UINT64_C(0xfff8000000000000)
#define GUARD     (UINT64_C(1) << 32) /* on either side of the hole */
#define TASK_SIZE UINT64_C(0xfffffffe00000000)
#define FIXED     (MAP_G_PRIVATE | MAP_G_FIXED)

/* Nobody may touch it, so it needs no memory however long it is. */
static int map(struct world *w, gva_t addr, uint64_t len, unsigned flags,
               gva_t *at)
{
    struct mmap_args args = {
        .addr = addr, .len = len, .flags = flags | MAP_G_ANONYMOUS};

    *at = 0;
    return mm_mmap(w->mm, &args, at);
}

/* ------------------------------------------------------------------- mmap */

static void test_map_when_low_half_is_full_goes_above_the_hole(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    uint64_t quarter = UINT64_C(1) << 50; /* of what is on each side */
    gva_t at;

    (void)state;
    assert_int_equal(map(w, 0, quarter, MAP_G_PRIVATE, &at), 0);
    assert_int_equal(at, BASE);
    assert_int_equal(map(w, 0, quarter, MAP_G_PRIVATE, &at), 0);
    assert_int_equal(at, HOLE_END + GUARD);
    assert_int_equal(map(w, 0, quarter, MAP_G_PRIVATE, &at), -ENOMEM);
    /* What is shorter still fits below. */
    assert_int_equal(map(w, 0, quarter / 2, MAP_G_PRIVATE, &at), 0);
    assert_int_equal(at, BASE + quarter);
    assert_int_equal(mm_munmap(w->mm, HOLE_END + GUARD, quarter), 0);
    assert_int_equal(map(w, 0, quarter, MAP_G_PRIVATE, &at), 0);
    assert_int_equal(at, HOLE_END + GUARD);
    world_destroy(w);
}

/* To the last byte: then nothing begins behind it. */
static void test_map_when_both_halves_are_full_is_enomem(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t at;

    (void)state;
    assert_int_equal(map(w, BASE, HOLE - GUARD - BASE, FIXED, &at), 0);
    assert_int_equal(map(w, 0, PAGE_SIZE, MAP_G_PRIVATE, &at), 0);
    assert_int_equal(at, HOLE_END + GUARD);
    assert_int_equal(map(w, at, TASK_SIZE - HOLE_END - GUARD, FIXED, &at), 0);
    assert_int_equal(map(w, 0, PAGE_SIZE, MAP_G_PRIVATE, &at), -ENOMEM);
    world_destroy(w);
}

static void test_map_when_fixed_past_an_end_says_why(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t at;

    (void)state;
    /* Into the hole, over it, past 2^64, past the end of user space. */
    assert_int_equal(
        map(w, HOLE - GUARD - PAGE_SIZE, 2 * PAGE_SIZE, FIXED, &at), -EINVAL);
    assert_int_equal(map(w, HOLE_END, PAGE_SIZE, FIXED, &at), -EINVAL);
    assert_int_equal(map(w, BASE, HOLE, FIXED, &at), -EINVAL);
    assert_int_equal(map(w, UINT64_MAX & PAGE_MASK, 2 * PAGE_SIZE, FIXED, &at),
                     -EINVAL);
    assert_int_equal(map(w, TASK_SIZE - PAGE_SIZE, 2 * PAGE_SIZE, FIXED, &at),
                     -ENOMEM);
    assert_int_equal(vma_count(w->mm), 0);
    assert_int_equal(map(w, TASK_SIZE - PAGE_SIZE, PAGE_SIZE, FIXED, &at), 0);
    assert_int_equal(map(w, HOLE - GUARD - PAGE_SIZE, PAGE_SIZE, FIXED, &at),
                     0);
    assert_int_equal(map(w, HOLE_END + GUARD, PAGE_SIZE, FIXED, &at), 0);
    world_destroy(w);
}

static void test_map_when_hint_is_no_place_takes_the_first_free(void **state)
{
    static const gva_t hints[] = {HOLE, HOLE - GUARD - PAGE_SIZE,
                                  TASK_SIZE - PAGE_SIZE, UINT64_MAX,
                                  UINT64_MAX & PAGE_MASK};
    struct world *w = world_create("remap", 64, 0);
    gva_t at;

    (void)state;
    for (unsigned i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        assert_int_equal(map(w, hints[i], 2 * PAGE_SIZE, MAP_G_PRIVATE, &at),
                         0);
        assert_int_equal(at, BASE + i * 2 * PAGE_SIZE);
    }
    assert_int_equal(
        map(w, TASK_SIZE - PAGE_SIZE, PAGE_SIZE, MAP_G_PRIVATE, &at), 0);
    assert_int_equal(at, TASK_SIZE - PAGE_SIZE);
    world_destroy(w);
}

static void test_map_when_noreplace_fits_before_the_next_is_made(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    unsigned flags = MAP_G_PRIVATE | MAP_G_FIXED_NOREPLACE;
    gva_t at;

    (void)state;
    world_map(w, BASE + 2 * PAGE_SIZE, 1, false);
    assert_int_equal(map(w, BASE, 3 * PAGE_SIZE, flags, &at), -EEXIST);
    assert_int_equal(map(w, BASE, 2 * PAGE_SIZE, flags, &at), 0);
    assert_int_equal(at, BASE);
    assert_int_equal(map(w, BASE + 8 * PAGE_SIZE, PAGE_SIZE, flags, &at), 0);
    assert_int_equal(at, BASE + 8 * PAGE_SIZE); /* nothing follows */
    world_destroy(w);
}

/* MAP_LOCKED: in memory at once, and what it grows by too. */
static void test_map_when_locked_is_in_memory(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct mmap_args args = {.addr = BASE,
                             .len = 2 * PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = FIXED | MAP_G_ANONYMOUS | MAP_G_LOCKED};
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_true(vma_lookup(w->mm, BASE)->flags & VM_LOCKED);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 2);
    assert_int_equal(
        mm_mremap(w->mm, BASE, 2 * PAGE_SIZE, 5 * PAGE_SIZE, 0, 0, &at), 0);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_map_when_populated_is_in_memory(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct mmap_args args = {.addr = BASE,
                             .len = 2 * PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = FIXED | MAP_G_ANONYMOUS | MAP_G_POPULATE};
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_false(vma_lookup(w->mm, BASE)->flags & VM_LOCKED);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 2);
    world_exit_clean(w);
    world_destroy(w);
}

/* A file that cannot be written: shared, it is as good as private. */
static void test_map_when_file_is_read_only_never_becomes_writable(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ,
                             .flags = MAP_G_SHARED | MAP_G_FIXED};
    gva_t at;

    (void)state;
    args.mapping = mapping_create_shmem(w->mem, PAGE_SIZE);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_false(vma_lookup(w->mm, BASE)->flags & (VM_SHARED | VM_MAYWRITE));
    assert_true(vma_lookup(w->mm, BASE)->flags & VM_MAYSHARE);
    assert_int_equal(
        mm_mprotect(w->mm, BASE, PAGE_SIZE, PROT_G_READ | PROT_G_WRITE),
        -EACCES);
    mapping_put(args.mapping);
    world_destroy(w);
}

/* ------------------------------------------------------------ munmap, brk */

static void test_unmap_when_range_wraps_is_einval(void **state)
{
    struct world *w = world_create("remap", 64, 0);

    (void)state;
    world_map(w, BASE, 1, false);
    assert_int_equal(
        mm_munmap(w->mm, UINT64_MAX & PAGE_MASK, BASE + 2 * PAGE_SIZE),
        -EINVAL);
    assert_int_equal(mm_munmap(w->mm, BASE, TASK_SIZE), -EINVAL);
    assert_int_equal(vma_count(w->mm), 1);
    world_destroy(w);
}

static void test_brk_when_it_could_never_fit_stays(void **state)
{
    struct world *w = world_create("remap", 64, 0);

    (void)state;
    mm_set_brk(w->mm, BASE, BASE + 1000 * PAGE_SIZE);
    assert_int_equal(mm_brk(w->mm, BASE + 65 * PAGE_SIZE), BASE);
    assert_int_equal(vma_count(w->mm), 0);
    assert_int_equal(mm_brk(w->mm, BASE + 64 * PAGE_SIZE),
                     BASE + 64 * PAGE_SIZE);
    world_destroy(w);
}

/* ----------------------------------------------------------------- mremap */

static void test_remap_when_length_stays_is_no_change(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t at = 0;

    (void)state;
    world_map(w, BASE, 2, true);
    world_set_tags(w, BASE, 5);
    assert_int_equal(
        mm_mremap(w->mm, BASE, 2 * PAGE_SIZE, 2 * PAGE_SIZE, 0, 0, &at), 0);
    assert_int_equal(at, BASE);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_int_equal(mm_total_vm(w->mm), 2);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_remap_when_too_long_for_any_place_is_enomem(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t at;

    (void)state;
    world_map(w, BASE, 1, false);
    for (unsigned move = 0; move < 2; move++) {
        unsigned flags = move ? MREMAP_G_MAYMOVE : 0;

        /* Past 2^64; into the hole; longer than half of the space. */
        assert_int_equal(mm_mremap(w->mm, BASE, PAGE_SIZE,
                                   UINT64_MAX & PAGE_MASK, flags, 0, &at),
                         -ENOMEM);
        assert_int_equal(mm_mremap(w->mm, BASE, PAGE_SIZE,
                                   HOLE - BASE + PAGE_SIZE, flags, 0, &at),
                         -ENOMEM);
    }
    assert_int_equal(mm_mremap(w->mm, BASE, PAGE_SIZE, PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED,
                               UINT64_MAX & PAGE_MASK, &at),
                     -EINVAL);
    assert_int_equal(mm_total_vm(w->mm), 1);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_remap_when_target_reaches_into_the_hole_is_einval(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t at;

    (void)state;
    world_map(w, BASE, 2, false);
    world_write(w, BASE, 7);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(mm_mremap(w->mm, BASE, 2 * PAGE_SIZE, 2 * PAGE_SIZE,
                                   MREMAP_G_MAYMOVE | MREMAP_G_FIXED,
                                   HOLE - PAGE_SIZE + i * PAGE_SIZE, &at),
                         -EINVAL);
    assert_int_equal(world_read(w, BASE), 7);
    world_destroy(w);
}

static void test_remap_when_areas_are_too_many_is_enomem(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t at;

    (void)state;
    for (unsigned i = 0; vma_count(w->mm) < MAX_MAP_COUNT - 3; i++)
        world_map(w, BASE + 2 * i * PAGE_SIZE, 1, false);
    world_map(w, BASE + PAGE_SIZE, 1, false); /* joins two to one */
    assert_int_equal(vma_count(w->mm), MAX_MAP_COUNT - 4);
    world_write(w, BASE + 6 * PAGE_SIZE, 7);
    /* A neighbour is in the way: one more, for a moment. */
    assert_int_equal(mm_mremap(w->mm, BASE + 6 * PAGE_SIZE, PAGE_SIZE,
                               3 * PAGE_SIZE, MREMAP_G_MAYMOVE, 0, &at),
                     0);
    assert_int_equal(world_read(w, at), 7);
    world_map(w, BASE + 6 * PAGE_SIZE, 1, false);
    assert_int_equal(vma_count(w->mm), MAX_MAP_COUNT - 3);
    assert_int_equal(mm_mremap(w->mm, BASE + 4 * PAGE_SIZE, PAGE_SIZE,
                               3 * PAGE_SIZE, MREMAP_G_MAYMOVE, 0, &at),
                     -ENOMEM);
    assert_int_equal(vma_count(w->mm), MAX_MAP_COUNT - 3);
    world_exit(w);
    world_destroy(w);
}

/* ------------------------------------------------------------ populating */

static void test_populate_when_there_is_a_hole_goes_on_after_it(void **state)
{
    struct world *w = world_create("remap", 64, 0);

    (void)state;
    world_map(w, BASE, 1, false);
    world_map(w, BASE + 2 * PAGE_SIZE, 1, false);
    mm_populate(w->mm, BASE + PAGE_SIZE, BASE + 2 * PAGE_SIZE);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    mm_populate(w->mm, BASE, BASE + 4 * PAGE_SIZE);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 2);
    world_destroy(w);
}

static void test_populate_when_memory_is_short_ends(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    uint64_t faults;

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        world_map(w, BASE + 21 * i * PAGE_SIZE, 20, false);
    mm_populate(w->mm, BASE, BASE + 84 * PAGE_SIZE);
    /* Two frames are page tables, and one the zero page. */
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 61);
    assert_true(world_is_full(w));
    faults = hub_counter(w->hub, COUNT_FAULT_ANON);
    assert_int_equal(faults, 61);
    audit(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_when_low_half_is_full_goes_above_the_hole),
        cmocka_unit_test(test_map_when_both_halves_are_full_is_enomem),
        cmocka_unit_test(test_map_when_fixed_past_an_end_says_why),
        cmocka_unit_test(test_map_when_hint_is_no_place_takes_the_first_free),
        cmocka_unit_test(test_map_when_noreplace_fits_before_the_next_is_made),
        cmocka_unit_test(test_map_when_locked_is_in_memory),
        cmocka_unit_test(test_map_when_populated_is_in_memory),
        cmocka_unit_test(
            test_map_when_file_is_read_only_never_becomes_writable),
        cmocka_unit_test(test_unmap_when_range_wraps_is_einval),
        cmocka_unit_test(test_brk_when_it_could_never_fit_stays),
        cmocka_unit_test(test_remap_when_length_stays_is_no_change),
        cmocka_unit_test(test_remap_when_too_long_for_any_place_is_enomem),
        cmocka_unit_test(
            test_remap_when_target_reaches_into_the_hole_is_einval),
        cmocka_unit_test(test_remap_when_areas_are_too_many_is_enomem),
        cmocka_unit_test(test_populate_when_there_is_a_hole_goes_on_after_it),
        cmocka_unit_test(test_populate_when_memory_is_short_ends),
    };

    return RUN(tests);
}
