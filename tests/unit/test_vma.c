// SPDX-License-Identifier: GPL-2.0-or-later
/* Areas: found, cut, joined, placed, and refused. */
#include <errno.h>

#include "fake_ops.h"
#include "mm/mapping.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define RW   (PROT_G_READ | PROT_G_WRITE)
#define HOLE UINT64_C(0x0008000000000000)

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

static struct world *area(unsigned nr)
{
    struct world *w = world_create("remap", 256, 64);

    assert_int_equal(world_map(w, BASE, nr, true), BASE);
    return w;
}

static void tag(struct world *w, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++)
        world_set_tags(w, nth(i), (adi_tag_t)(1 + i));
}

static void assert_area(struct world *w, unsigned first, unsigned end)
{
    const struct vma *vma = vma_lookup(w->mm, nth(first));

    assert_non_null(vma);
    assert_int_equal(vma->start, nth(first));
    assert_int_equal(vma->end, nth(end));
    assert_int_equal(vma->pgoff, nth(first) >> PAGE_SHIFT);
}

static void test_find_when_between_gives_next(void **state)
{
    struct world *w = area(2);
    struct vma *first, *second;

    (void)state;
    world_map(w, nth(4), 2, false);
    first = vma_first(w->mm);
    second = vma_next(first);
    assert_ptr_equal(vma_find(w->mm, 0), first);
    assert_ptr_equal(vma_find(w->mm, nth(1)), first);
    assert_ptr_equal(vma_find(w->mm, nth(2)), second);
    assert_null(vma_find(w->mm, nth(6)));
    assert_null(vma_lookup(w->mm, nth(2)));
    assert_null(vma_lookup(w->mm, nth(6)));
    assert_ptr_equal(vma_lookup(w->mm, nth(5)), second);
    assert_null(vma_next(second));
    assert_ptr_equal(vma_prev(second), first);
    assert_null(vma_prev(first));
    assert_int_equal(mm_total_vm(w->mm), 4);
    world_destroy(w);
}

/* AAAA -> AABB, once with the new area above and once below. */
static void test_split_when_cut_keeps_pages_reachable(void **state)
{
    (void)state;
    for (int below = 0; below < 2; below++) {
        struct world *w = area(4);
        struct vma *vma = vma_first(w->mm);

        tag(w, 4);
        assert_int_equal(vma_split(vma, nth(1), below), 0);
        assert_area(w, 0, 1);
        assert_area(w, 1, 4);
        assert_int_equal(vma->start, below ? nth(1) : nth(0));
        assert_int_equal(mm_total_vm(w->mm), 4);
        audit(w);
        for (unsigned i = 0; i < 4; i++) {
            assert_true(world_out(w, nth(i)));
            assert_int_equal(world_tag(w, nth(i)), 1 + i);
        }
        (void)world_join(w, nth(0));
        assert_area(w, 0, 4);
        assert_true(world_push(w, nth(3)));
        world_exit_clean(w);
        world_destroy(w);
    }
}

static void test_munmap_when_middle_leaves_two(void **state)
{
    struct world *w = area(6);

    (void)state;
    tag(w, 6);
    assert_true(world_out(w, nth(2)));
    assert_int_equal(mm_munmap(w->mm, nth(2), 2 * PAGE_SIZE), 0);
    assert_area(w, 0, 2);
    assert_area(w, 4, 6);
    assert_int_equal(mm_total_vm(w->mm), 4);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 4);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(world_fault(w, nth(3), ACCESS_READ), FAULT_MAPERR);
    audit(w);
    /* Over several areas and the hole between them. */
    assert_int_equal(mm_munmap(w->mm, nth(1), 4 * PAGE_SIZE), 0);
    assert_area(w, 0, 1);
    assert_area(w, 5, 6);
    assert_int_equal(world_tag(w, nth(5)), 6);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_munmap_when_range_is_bad_says_why(void **state)
{
    struct world *w = area(1);

    (void)state;
    assert_int_equal(mm_munmap(w->mm, BASE + 1, PAGE_SIZE), -EINVAL);
    assert_int_equal(mm_munmap(w->mm, BASE, 0), -EINVAL);
    assert_int_equal(mm_munmap(w->mm, BASE, UINT64_MAX), -EINVAL);
    assert_int_equal(mm_munmap(w->mm, BASE, UINT64_MAX - BASE - PAGE_SIZE),
                     -EINVAL);
    assert_int_equal(mm_munmap(w->mm, nth(8), PAGE_SIZE), 0);
    assert_area(w, 0, 1);
    world_destroy(w);
}

/* -------------------------------------------------------------- merging */

static void test_merge_when_neighbours_are_equal_joins(void **state)
{
    struct world *w = world_create("linux-5.17", 256, 64);

    (void)state;
    world_map(w, BASE, 1, true);
    world_map(w, nth(2), 1, true);
    world_write(w, nth(0), 1);
    world_write(w, nth(2), 1);
    assert_int_equal(vma_count(w->mm), 2);
    /* The two have an anon_vma each: the new one joins the lower only. */
    world_map(w, nth(1), 1, true);
    assert_area(w, 0, 2);
    assert_int_equal(vma_count(w->mm), 2);
    /* Without pages all three become one. */
    assert_int_equal(mm_munmap(w->mm, nth(0), 3 * PAGE_SIZE), 0);
    world_map(w, nth(0), 1, true);
    world_map(w, nth(2), 1, true);
    world_map(w, nth(1), 1, true);
    assert_area(w, 0, 3);
    audit(w);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_merge_when_flags_differ_does_not(void **state)
{
    struct world *w = area(1);

    (void)state;
    world_map(w, nth(1), 1, false);
    assert_int_equal(vma_count(w->mm), 2);
    world_destroy(w);
}

/* Pages of a moved area count from elsewhere. */
static void test_merge_when_offsets_differ_does_not(void **state)
{
    struct world *w = area(1);
    gva_t at;

    (void)state;
    world_map(w, nth(8), 1, true);
    world_set_tags(w, nth(8), 5);
    assert_int_equal(mm_mremap(w->mm, nth(8), PAGE_SIZE, PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED, nth(1), &at),
                     0);
    (void)world_join(w, nth(1));
    assert_int_equal(vma_count(w->mm), 2);
    assert_true(world_out(w, nth(1)));
    assert_int_equal(world_tag(w, nth(1)), 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* The child's areas hang in two anon_vmas: joining would mix them up. */
static void test_merge_when_forked_does_not(void **state)
{
    struct world *w = area(1);

    (void)state;
    world_set_tags(w, nth(0), 5);
    w->mm = world_share(w);
    world_map(w, nth(1), 1, true);
    assert_int_equal(vma_count(w->mm), 2);
    world_set_tags(w, nth(1), 6);
    assert_true(world_push(w, nth(0)));
    assert_true(world_push(w, nth(1)));
    assert_int_equal(world_tag(w, nth(0)), 5);
    assert_int_equal(world_tag(w, nth(1)), 6);
    world_exit_clean(w);
    world_destroy(w);
}

/* ---------------------------------------------------------------- limits */

static void fill_areas(struct world *w)
{
    for (unsigned i = vma_count(w->mm); i < MAX_MAP_COUNT; i++)
        world_map(w, nth(16 + 2 * i), 1, false);
}

/* From the top, where nothing has to close up. */
static void drop_areas(struct world *w)
{
    for (unsigned i = MAX_MAP_COUNT; i > 0; i--)
        assert_int_equal(mm_munmap(w->mm, nth(16 + 2 * i), PAGE_SIZE), 0);
}

static void test_areas_when_too_many_change_nothing(void **state)
{
    struct world *w = area(4);
    struct mmap_args args = {.len = PAGE_SIZE,
                             .prot = PROT_G_READ,
                             .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS};
    struct vma *vma = vma_first(w->mm);
    gva_t at;

    (void)state;
    tag(w, 4);
    fill_areas(w);
    assert_int_equal(vma_split(vma, nth(1), true), -ENOMEM);
    assert_int_equal(vma_split(vma, nth(1), false), -ENOMEM);
    assert_int_equal(mm_munmap(w->mm, nth(1), PAGE_SIZE), -ENOMEM);
    assert_int_equal(mm_mprotect(w->mm, nth(1), PAGE_SIZE, PROT_G_READ),
                     -ENOMEM);
    assert_int_equal(mm_mprotect(w->mm, nth(0), PAGE_SIZE, PROT_G_READ),
                     -ENOMEM);
    assert_int_equal(mm_madvise(w->mm, nth(1), PAGE_SIZE, MADV_G_DONTFORK),
                     -ENOMEM);
    assert_int_equal(mm_mlock(w->mm, nth(1), PAGE_SIZE, false), -ENOMEM);
    assert_int_equal(mm_mremap(w->mm, nth(0), 4 * PAGE_SIZE, 5 * PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED, BASE / 2,
                               &at),
                     -ENOMEM);
    assert_area(w, 0, 4);
    assert_true(vma->flags & VM_WRITE);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(world_tag(w, nth(i)), 1 + i);
    /* What leaves no more areas than before still works. */
    assert_int_equal(mm_munmap(w->mm, nth(3), PAGE_SIZE), 0);
    assert_area(w, 0, 3);
    assert_int_equal(mm_munmap(w->mm, nth(0), PAGE_SIZE), 0);
    assert_area(w, 1, 3);
    /* mmap() is let through once at the limit. */
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_int_equal(vma_count(w->mm), MAX_MAP_COUNT + 1);
    args.prot = PROT_G_EXEC;
    assert_int_equal(mm_mmap(w->mm, &args, &at), -ENOMEM);
    drop_areas(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* ---------------------------------------------------------------- placing */

static int map(struct world *w, gva_t addr, uint64_t len, unsigned flags,
               gva_t *at)
{
    struct mmap_args args = {
        .addr = addr, .len = len, .prot = RW, .flags = flags | MAP_G_ANONYMOUS};

    *at = 0;
    return mm_mmap(w->mm, &args, at);
}

static void test_mmap_when_arguments_are_bad_says_why(void **state)
{
    struct world *w = area(1);
    const unsigned fixed = MAP_G_PRIVATE | MAP_G_FIXED;
    struct mmap_args huge = {
        .len = PAGE_SIZE, .flags = MAP_G_PRIVATE, .pgoff = UINT64_MAX};
    gva_t at;

    (void)state;
    assert_int_equal(map(w, 0, 0, MAP_G_PRIVATE, &at), -EINVAL);
    assert_int_equal(map(w, 0, UINT64_MAX, MAP_G_PRIVATE, &at), -ENOMEM);
    assert_int_equal(map(w, 0, HOLE, MAP_G_PRIVATE, &at), -ENOMEM);
    assert_int_equal(mm_mmap(w->mm, &huge, &at), -EOVERFLOW);
    assert_int_equal(map(w, BASE + 1, PAGE_SIZE, fixed, &at), -EINVAL);
    assert_int_equal(map(w, HOLE, PAGE_SIZE, fixed, &at), -EINVAL);
    assert_int_equal(map(w, UINT64_C(5) << 60, PAGE_SIZE, fixed, &at), -EINVAL);
    assert_int_equal(map(w, 0, PAGE_SIZE, fixed, &at), -EPERM);
    assert_int_equal(
        map(w, BASE, PAGE_SIZE, MAP_G_PRIVATE | MAP_G_FIXED_NOREPLACE, &at),
        -EEXIST);
    /* More than RAM and swap together, unless nothing is reserved. */
    assert_int_equal(map(w, 0, 1000 * PAGE_SIZE, MAP_G_PRIVATE, &at), -ENOMEM);
    assert_int_equal(
        map(w, 0, 1000 * PAGE_SIZE, MAP_G_PRIVATE | MAP_G_NORESERVE, &at), 0);
    assert_int_equal(mm_total_vm(w->mm), 1001);
    world_destroy(w);
}

static void test_mmap_when_shared_keeps_colour(void **state)
{
    struct world *w = area(1);
    struct mapping *m = mapping_create_shmem(w->mem, 4 * PAGE_SIZE);
    struct mmap_args args = {.addr = nth(2),
                             .len = PAGE_SIZE,
                             .prot = RW,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .pgoff = 1,
                             .may_write = true};
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), -EINVAL);
    args.flags = MAP_G_SHARED;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_int_equal(at & (SHMLBA_G - 1), PAGE_SIZE);
    args.may_write = false;
    assert_int_equal(mm_mmap(w->mm, &args, &at), -EACCES);
    mapping_put(m);
    world_destroy(w);
}

static void test_mmap_when_fixed_replaces(void **state)
{
    struct world *w = area(3);

    (void)state;
    tag(w, 3);
    assert_true(world_out(w, nth(1)));
    world_map(w, nth(1), 1, true);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(world_tag(w, nth(0)), 1);
    assert_int_equal(world_tag(w, nth(1)), 0);
    assert_int_equal(world_tag(w, nth(2)), 3);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_find_area_when_hint_is_taken_goes_up(void **state)
{
    struct world *w = area(2);
    gva_t at;

    (void)state;
    assert_int_equal(mm_find_area(w->mm, nth(9), PAGE_SIZE, -1, &at), 0);
    assert_int_equal(at, nth(9));
    assert_int_equal(mm_find_area(w->mm, nth(1), PAGE_SIZE, -1, &at), 0);
    assert_int_equal(at, nth(2));
    world_map(w, nth(3), 1, false);
    assert_int_equal(mm_find_area(w->mm, 0, PAGE_SIZE, -1, &at), 0);
    assert_int_equal(at, nth(2));
    assert_int_equal(mm_find_area(w->mm, 0, 2 * PAGE_SIZE, -1, &at), 0);
    assert_int_equal(at, nth(4));
    assert_int_equal(mm_find_area(w->mm, 0, HOLE, -1, &at), -ENOMEM);
    world_destroy(w);
}

/* ------------------------------------------------------------ brk, stack */

static void test_brk_when_moved_maps_and_unmaps(void **state)
{
    struct world *w = area(1);
    gva_t start = BASE / 2;

    (void)state;
    mm_set_brk(w->mm, start, start + 64 * PAGE_SIZE);
    assert_int_equal(mm_brk(w->mm, 0), start);
    assert_int_equal(mm_brk(w->mm, start + 100), start + 100);
    world_write(w, start, 1);
    assert_int_equal(mm_brk(w->mm, start + 4 * PAGE_SIZE),
                     start + 4 * PAGE_SIZE);
    assert_int_equal(mm_total_vm(w->mm), 5);
    assert_int_equal(world_read(w, start), 1);
    /* Too high, too low, and into a neighbour: no change. */
    assert_int_equal(mm_brk(w->mm, start + 65 * PAGE_SIZE),
                     start + 4 * PAGE_SIZE);
    assert_int_equal(mm_brk(w->mm, start - 1), start + 4 * PAGE_SIZE);
    world_map(w, start + 8 * PAGE_SIZE, 1, false);
    assert_int_equal(mm_brk(w->mm, start + 8 * PAGE_SIZE),
                     start + 4 * PAGE_SIZE);
    assert_int_equal(mm_brk(w->mm, start + 7 * PAGE_SIZE),
                     start + 7 * PAGE_SIZE);
    assert_int_equal(mm_brk(w->mm, start), start);
    assert_int_equal(mm_total_vm(w->mm), 2);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_stack_when_touched_below_grows(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct vma *vma;
    gva_t at;

    (void)state;
    assert_int_equal(map(w, nth(1000), PAGE_SIZE,
                         MAP_G_PRIVATE | MAP_G_FIXED | MAP_G_GROWSDOWN, &at),
                     0);
    mm_set_stack_limit(w->mm, 16 * PAGE_SIZE);
    world_write(w, nth(1000), 1);
    world_write(w, nth(990), 2);
    vma = vma_lookup(w->mm, nth(995));
    assert_int_equal(vma->start, nth(990));
    assert_int_equal(vma->pgoff, nth(990) >> PAGE_SHIFT);
    assert_true(world_out(w, nth(1000))); /* the walk still finds it */
    assert_int_equal(world_read(w, nth(1000)), 1);
    assert_int_equal(world_fault(w, nth(984), ACCESS_WRITE), FAULT_MAPERR);
    assert_int_equal(mm_expand_stack(vma, nth(984)), -ENOMEM);
    /* A neighbour keeps 256 pages away, unless nobody may touch it. */
    mm_set_stack_limit(w->mm, 4096 * PAGE_SIZE);
    world_map(w, nth(700), 1, false);
    assert_int_equal(mm_expand_stack(vma, nth(957)), 0);
    assert_int_equal(mm_expand_stack(vma, nth(956)), -ENOMEM);
    assert_int_equal(mm_mprotect(w->mm, nth(700), PAGE_SIZE, 0), 0);
    assert_int_equal(mm_expand_stack(vma, nth(701)), 0);
    assert_int_equal(mm_expand_stack(vma, nth(700)), -ENOMEM);
    assert_int_equal(mm_total_vm(w->mm), 301);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_when_between_gives_next),
        cmocka_unit_test(test_split_when_cut_keeps_pages_reachable),
        cmocka_unit_test(test_munmap_when_middle_leaves_two),
        cmocka_unit_test(test_munmap_when_range_is_bad_says_why),
        cmocka_unit_test(test_merge_when_neighbours_are_equal_joins),
        cmocka_unit_test(test_merge_when_flags_differ_does_not),
        cmocka_unit_test(test_merge_when_offsets_differ_does_not),
        cmocka_unit_test(test_merge_when_forked_does_not),
        cmocka_unit_test(test_areas_when_too_many_change_nothing),
        cmocka_unit_test(test_mmap_when_arguments_are_bad_says_why),
        cmocka_unit_test(test_mmap_when_shared_keeps_colour),
        cmocka_unit_test(test_mmap_when_fixed_replaces),
        cmocka_unit_test(test_find_area_when_hint_is_taken_goes_up),
        cmocka_unit_test(test_brk_when_moved_maps_and_unmaps),
        cmocka_unit_test(test_stack_when_touched_below_grows),
    };

    return RUN(tests);
}
