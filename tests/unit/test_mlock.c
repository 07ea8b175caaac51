// SPDX-License-Identifier: GPL-2.0-or-later
/* mlock(): pages that stay, and mincore(), which says where pages are. */
#include <errno.h>

#include "swap/swapoff.h"
#include "fake_ops.h"
#include "mm/mapping.h"
#include "swap/reclaim.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

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

static vm_flags_t lock_flags(struct world *w, unsigned i)
{
    return vma_lookup(w->mm, nth(i))->flags & (VM_LOCKED | VM_LOCKONFAULT);
}

static void test_mlock_when_area_is_empty_populates_it(void **state)
{
    struct world *w = area(4);

    (void)state;
    /* Any address inside the page does. */
    assert_int_equal(mm_mlock(w->mm, nth(1) + 5, PAGE_SIZE, false), 0);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 2);
    assert_false(world_resident(w, nth(0)));
    assert_true(pte_hw_write(world_pte(w, nth(1))));
    assert_true(pte_hw_write(world_pte(w, nth(2))));
    assert_int_equal(lock_flags(w, 0), 0);
    assert_int_equal(lock_flags(w, 1), VM_LOCKED);
    assert_int_equal(lock_flags(w, 3), 0);
    assert_int_equal(mm_munlock(w->mm, nth(0), 4 * PAGE_SIZE), 0);
    assert_int_equal(lock_flags(w, 1), 0);
    /* Areas with pages do not join those without. */
    assert_int_equal(vma_count(w->mm), 3);
    world_exit_clean(w);
    world_destroy(w);
}

/* The areas are locked all the same. */
/* FOLL_FORCE: as long as it is not PROT_NONE. */
static void test_mlock_when_only_to_be_written_populates_it(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct mapping *m = mapping_create_shmem(w->mem, 2 * PAGE_SIZE);
    struct mmap_args args = {.addr = nth(4),
                             .len = 2 * PAGE_SIZE,
                             .prot = PROT_G_WRITE,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    mapping_put(m);
    assert_int_equal(mm_mlock(w->mm, nth(4), 2 * PAGE_SIZE, false), 0);
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 2);
    assert_int_equal(mm_mprotect(w->mm, nth(4), PAGE_SIZE, 0), 0);
    assert_int_equal(mm_mlock(w->mm, nth(4), PAGE_SIZE, false), -ENOMEM);
    world_destroy(w);
}

static void test_mlock_when_a_page_cannot_be_had_says_so(void **state)
{
    struct world *w = area(3);

    (void)state;
    assert_int_equal(mm_mprotect(w->mm, nth(1), PAGE_SIZE, 0), 0);
    assert_int_equal(mm_mlock(w->mm, nth(0), 3 * PAGE_SIZE, false), -ENOMEM);
    assert_int_equal(lock_flags(w, 0), VM_LOCKED);
    assert_int_equal(lock_flags(w, 1), VM_LOCKED);
    assert_int_equal(lock_flags(w, 2), VM_LOCKED);
    assert_true(world_resident(w, nth(0)));
    assert_false(world_resident(w, nth(2)));
    /* mlockall() goes on with the next area. */
    assert_int_equal(mm_mlockall(w->mm, MCL_G_CURRENT), 0);
    assert_true(world_resident(w, nth(2)));
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mlock_when_memory_is_short_gives_eagain(void **state)
{
    struct world *w = world_create("remap", 64, 0);

    (void)state;
    assert_int_equal(world_map(w, BASE, 40, true), BASE);
    assert_int_equal(world_map(w, nth(40), 40, true), nth(40));
    assert_int_equal(mm_mlock(w->mm, BASE, 80 * PAGE_SIZE, false), -EAGAIN);
    assert_true(world_is_full(w));
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mlock_when_onfault_waits(void **state)
{
    struct world *w = area(2);

    (void)state;
    assert_int_equal(mm_mlock(w->mm, BASE, 2 * PAGE_SIZE, true), 0);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    assert_int_equal(lock_flags(w, 0), VM_LOCKED | VM_LOCKONFAULT);
    world_write(w, BASE, 1);
    assert_false(world_push(w, BASE));
    /* Plain mlock() after it takes LOCKONFAULT away. */
    assert_int_equal(mm_mlock(w->mm, BASE, 2 * PAGE_SIZE, false), 0);
    assert_int_equal(lock_flags(w, 0), VM_LOCKED);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 2);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mlock_when_swapped_brings_tags_back(void **state)
{
    struct world *w = area(1);

    (void)state;
    world_set_tags(w, BASE, 5);
    assert_true(world_out(w, BASE));
    assert_int_equal(mm_mlock(w->mm, BASE, PAGE_SIZE, false), 0);
    assert_true(world_resident(w, BASE));
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    assert_int_equal(world_tag(w, BASE), 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_reclaim_when_locked_takes_the_others(void **state)
{
    struct world *w = area(8);

    (void)state;
    for (unsigned i = 0; i < 8; i++)
        world_set_tags(w, nth(i), (adi_tag_t)(1 + i));
    assert_int_equal(mm_mlock(w->mm, nth(2), 2 * PAGE_SIZE, false), 0);
    assert_int_equal(swap_reclaim(w->swap, 8, NODES_ALL), 6);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(world_resident(w, nth(i)), i == 2 || i == 3);
    audit(w);
    assert_int_equal(mm_munlock(w->mm, nth(2), 2 * PAGE_SIZE), 0);
    assert_true(world_out(w, nth(2)));
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(world_tag(w, nth(i)), 1 + i);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mlock_when_range_is_bad_says_why(void **state)
{
    struct world *w = area(3);

    (void)state;
    assert_int_equal(mm_munmap(w->mm, nth(1), PAGE_SIZE), 0);
    assert_int_equal(mm_mlock(w->mm, BASE, UINT64_MAX - BASE, false), -EINVAL);
    assert_int_equal(mm_munlock(w->mm, nth(1), PAGE_SIZE), -ENOMEM);
    assert_int_equal(mm_mlock(w->mm, BASE, 3 * PAGE_SIZE, false), -ENOMEM);
    /* What lies before the hole is locked, but nothing was faulted in. */
    assert_int_equal(lock_flags(w, 0), VM_LOCKED);
    assert_int_equal(lock_flags(w, 2), 0);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mlockall_when_future_locks_new_areas(void **state)
{
    struct world *w = area(2);

    (void)state;
    assert_int_equal(mm_mlockall(w->mm, MCL_G_CURRENT), 0);
    assert_int_equal(lock_flags(w, 0), VM_LOCKED);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 2);
    world_map(w, nth(8), 1, true);
    assert_int_equal(lock_flags(w, 8), 0);
    assert_int_equal(mm_mlockall(w->mm, MCL_G_FUTURE), 0);
    world_map(w, nth(16), 1, true);
    assert_int_equal(lock_flags(w, 8), 0);
    assert_int_equal(lock_flags(w, 16), VM_LOCKED);
    mm_munlockall(w->mm);
    world_map(w, nth(24), 1, true);
    for (unsigned i = 0; i <= 24; i += 8)
        assert_int_equal(lock_flags(w, i), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* MCL_FUTURE, as MAP_LOCKED, faults a new area in at once. */
static void test_mmap_when_locked_populates(void **state)
{
    struct world *w = world_create("remap", 256, 64);

    (void)state;
    assert_int_equal(mm_mlockall(w->mm, MCL_G_FUTURE), 0);
    world_map(w, BASE, 2, true);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 2);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mincore_when_asked_tells_memory_from_swap(void **state)
{
    struct world *w = area(3);
    struct mapping *m = mapping_create_shmem(w->mem, PAGE_SIZE);
    struct mmap_args args = {.addr = nth(4),
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m};
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    mapping_put(m);
    world_write(w, nth(0), 1);
    world_write(w, nth(1), 1);
    assert_true(world_out(w, nth(1)));
    assert_int_equal(world_incore(w, nth(0)), 1);
    assert_int_equal(world_incore(w, nth(1)), 0);
    assert_int_equal(world_incore(w, nth(2)), 0);
    assert_int_equal(world_incore(w, nth(3)), -ENOMEM);
    assert_int_equal(world_incore(w, nth(4)), 0);
    /* In the page cache, or in the swap cache, though no PTE maps it. */
    assert_int_equal(world_read(w, nth(4)), 0);
    assert_int_equal(mm_madvise(w->mm, nth(4), PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(world_incore(w, nth(4)), 1);
    world_fail_writes(w, 1);
    assert_false(world_push(w, nth(0)));
    assert_int_equal(world_incore(w, nth(0)), 1);
    world_exit_clean(w);
    world_destroy(w);
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

/* A page that swapoff could not read: an entry on its way, until v6.2. */
static void test_mincore_when_page_is_lost_asks_the_version(void **state)
{
    static const struct {
        const char *kernel;
        int incore;
    } kernels[] = {{"linux-6.1", 1}, {"linux-6.2", 0}, {"linux-7.1", 0}};
    uint64_t stuck;

    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        struct world *w = world_create(kernels[k].kernel, 256, 64);

        assert_int_equal(world_map(w, nth(0), 1, false), nth(0));
        world_write(w, nth(0), 1);
        assert_true(world_out(w, nth(0)));
        world_fail_reads(w, 1);
        assert_int_equal(swap_off(w->swap, 0, never, NULL, &stuck), 0);
        assert_int_equal(world_incore(w, nth(0)), kernels[k].incore);
        world_destroy(w);
    }
}

/* Far from all that was ever touched there is no page table to look at. */
static void test_mincore_when_there_is_no_table_is_0(void **state)
{
    struct world *w = area(1);
    gva_t far = UINT64_C(0x171000000);

    (void)state;
    world_map(w, far, 1, false);
    assert_null(mm_pte(w->mm, far));
    assert_int_equal(world_incore(w, far), 0);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mlock_when_area_is_empty_populates_it),
        cmocka_unit_test(test_mlock_when_only_to_be_written_populates_it),
        cmocka_unit_test(test_mlock_when_a_page_cannot_be_had_says_so),
        cmocka_unit_test(test_mlock_when_memory_is_short_gives_eagain),
        cmocka_unit_test(test_mlock_when_onfault_waits),
        cmocka_unit_test(test_mlock_when_swapped_brings_tags_back),
        cmocka_unit_test(test_reclaim_when_locked_takes_the_others),
        cmocka_unit_test(test_mlock_when_range_is_bad_says_why),
        cmocka_unit_test(test_mlockall_when_future_locks_new_areas),
        cmocka_unit_test(test_mmap_when_locked_populates),
        cmocka_unit_test(test_mincore_when_asked_tells_memory_from_swap),
        cmocka_unit_test(test_mincore_when_page_is_lost_asks_the_version),
        cmocka_unit_test(test_mincore_when_there_is_no_table_is_0),
    };

    return RUN(tests);
}
