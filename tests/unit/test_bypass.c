// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices as fast as memory: pages that go past the swap cache, or do not. */
#include <errno.h>
#include <string.h>

#include "mm/mapping.h"
#include "mm/truncate.h"
#include "swap/swapoff.h"
#include "swapped_page.h"

/* ------------------------------------------- past the swap cache */

static const struct {
    const char *kernel;
    bool bypasses, guards;
} by_kernel[] = {
    {"linux-5.17", true, false}, {"linux-6.1", true, true},
    {"linux-6.2", true, false},  {"linux-6.6", true, false},
    {"linux-6.12", true, true},  {"linux-6.18", true, true},
    {"linux-7.1", false, true},
};

#define NR_KERNELS (sizeof(by_kernel) / sizeof(by_kernel[0]))

static void test_in_when_synchronous_goes_past_the_cache(void **state)
{
    struct look l;

    (void)state;
    for (unsigned k = 0; k < NR_KERNELS; k++) {
        struct world *w = page_out(by_kernel[k].kernel, true, 7);

        watch(&l, w, MOMENT_FAULT_DURING, look_at_slot);
        assert_int_equal(world_read(w, BASE), 7);
        assert_int_equal(l.times, 1);
        assert_int_equal(l.cached, !by_kernel[k].bypasses);
        assert_int_equal(l.has_cache, by_kernel[k].guards);
        /* In v7.1 it was in the cache, and has left it. */
        assert_false(folio_test(world_folio(w, BASE), PG_swapcache));
        assert_int_equal(world_folio(w, BASE)->refcount, 1);
        assert_true(folio_test(world_folio(w, BASE), PG_lru));
        assert_int_equal(swap_used_pages(w->swap), 0);
        assert_int_equal(world_tag(w, BASE), 5);
        end(w);
    }
}

static void test_in_when_not_synchronous_goes_through_the_cache(void **state)
{
    struct look l;

    (void)state;
    for (unsigned k = 0; k < NR_KERNELS; k++) {
        struct world *w = page_out(by_kernel[k].kernel, false, 7);

        watch(&l, w, MOMENT_FAULT_DURING, look_at_slot);
        assert_int_equal(world_read(w, BASE), 7);
        assert_true(l.cached && l.has_cache);
        assert_true(folio_test(world_folio(w, BASE), PG_swapcache));
        end(w);
    }
}

/* Two entries name the slot: it goes through the cache, and stays there. */
static void test_in_when_shared_goes_through_the_cache(void **state)
{
    struct look l;

    (void)state;
    for (unsigned k = 0; k < NR_KERNELS; k++) {
        struct world *w = page_out(by_kernel[k].kernel, true, 7);

        assert_non_null(world_share(w));
        watch(&l, w, MOMENT_FAULT_DURING, look_at_slot);
        assert_int_equal(world_read(w, BASE), 7);
        assert_true(l.cached);
        assert_true(folio_test(world_folio(w, BASE), PG_swapcache));
        end(w);
    }
}

/* Frames on a list that somebody has locked. */
static void count_locked(struct look *l)
{
    struct phys *ph = memory_phys(l->w->mem);

    for (pfn_t pfn = 1; pfn < 256; pfn++)
        l->count += folio_test(phys_folio(ph, pfn), PG_lru) &&
                    folio_test(phys_folio(ph, pfn), PG_locked);
}

static void test_page_when_bypassed_is_locked_and_can_leave_again(void **state)
{
    struct look l;

    (void)state;
    for (unsigned k = 0; k < NR_KERNELS; k++) {
        struct world *w = page_out(by_kernel[k].kernel, true, 7);

        watch(&l, w, MOMENT_FAULT_DURING, count_locked);
        assert_int_equal(world_read(w, BASE), 7);
        assert_int_equal(l.count, by_kernel[k].bypasses);
        assert_true(world_push(w, BASE));
        assert_int_equal(world_read(w, BASE), 7);
        end(w);
    }
}

static void test_store_when_bypassed_is_exclusive(void **state)
{
    (void)state;
    for (unsigned k = 0; k < NR_KERNELS; k++) {
        struct world *w = page_out(by_kernel[k].kernel, true, 7);

        world_write(w, BASE, 8);
        assert_true(pte_hw_write(world_pte(w, BASE)));
        assert_int_equal(counted(w, COUNT_FAULT_COW), 0);
        assert_int_equal(world_read(w, BASE), 8);
        end(w);
    }
}

static void test_in_when_read_fails_leaves_all_as_it_was(void **state)
{
    (void)state;
    for (unsigned k = 0; k < NR_KERNELS; k++) {
        struct world *w = page_out(by_kernel[k].kernel, true, 7);
        pte_t pte = world_pte(w, BASE);
        swp_entry_t entry = world_entry(w, BASE);
        unsigned frames = world_free_frames(w);

        world_fail_reads(w, 1);
        assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_BUS);
        assert_int_equal(world_pte(w, BASE).v, pte.v);
        assert_int_equal(slot_count(w->swap, entry), 1);
        if (by_kernel[k].bypasses) {
            assert_false(slot_has_cache(w->swap, entry));
            assert_int_equal(world_free_frames(w), frames);
            assert_int_equal(world_read(w, BASE), 7);
        }
        end(w);
    }
}

/* The entry goes while its page is on its way. */
static void test_in_when_zapped_meanwhile_frees_slot_and_frame(void **state)
{
    struct look l;

    (void)state;
    for (unsigned k = 0; k < NR_KERNELS; k++) {
        struct world *w = page_out(by_kernel[k].kernel, true, 7);
        unsigned frames = world_free_frames(w);

        watch(&l, w, MOMENT_FAULT_DURING, zap);
        (void)world_fault(w, BASE, ACCESS_READ);
        assert_int_equal(l.times, 1);
        assert_int_equal(swap_used_pages(w->swap), 0);
        assert_true(world_free_frames(w) >= frames);
        end(w);
    }
}

/* Another thread of the process faults on the page that is being read. */
static void fault_too(struct look *l)
{
    enum fault end = world_fault(l->w, BASE, ACCESS_READ);
    bool guarded = memory_policy(l->w->mem)->bypass_guard;

    l->has_cache = end == FAULT_OK && pte_present(world_pte(l->w, BASE));
    assert_int_equal(l->has_cache, !guarded);
}

static void test_in_when_two_read_at_once_maps_one_page(void **state)
{
    struct look l;

    (void)state;
    for (unsigned k = 0; k < NR_KERNELS; k++) {
        struct world *w = page_out(by_kernel[k].kernel, true, 7);

        if (!by_kernel[k].bypasses) {
            world_destroy(w);
            continue;
        }
        watch(&l, w, MOMENT_FAULT_DURING, fault_too);
        assert_int_equal(world_read(w, BASE), 7);
        assert_true(l.times > 0);
        assert_int_equal(world_folio(w, BASE)->mapcount, 1);
        assert_int_equal(swap_used_pages(w->swap), 0);
        end(w);
    }
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

/* swapoff waits for a guarded slot, which is what the fault then waits for;
 * without the guard it brings the page in before the fault does. */
static void swap_off_too(struct look *l)
{
    bool guarded = memory_policy(l->w->mem)->bypass_guard;
    uint64_t stuck;

    assert_int_equal(swap_off(l->w->swap, 0, never, NULL, &stuck),
                     guarded ? -EDEADLK : 0);
}

/* Nothing of the other device is on its way. */
static void swap_off_other(struct look *l)
{
    uint64_t stuck;

    assert_int_equal(swap_off(l->w->swap, 1, never, NULL, &stuck), 0);
}

static void test_swapoff_of_another_device_waits_for_no_guard(void **state)
{
    struct look l;

    (void)state;
    for (unsigned k = 0; k < NR_KERNELS; k++) {
        struct world *w = page_out(by_kernel[k].kernel, true, 7);

        assert_int_equal(world_add_swap(w, 8, -1), 1);
        watch(&l, w, MOMENT_FAULT_DURING, swap_off_other);
        assert_int_equal(world_read(w, BASE), 7);
        assert_int_equal(l.times, 1);
        end(w);
    }
}

static void test_swapoff_when_slot_is_guarded_would_wait(void **state)
{
    struct look l;

    (void)state;
    for (unsigned k = 0; k < NR_KERNELS; k++) {
        struct world *w = page_out(by_kernel[k].kernel, true, 7);
        uint64_t stuck;

        if (by_kernel[k].bypasses) {
            watch(&l, w, MOMENT_FAULT_DURING, swap_off_too);
            assert_int_equal(world_read(w, BASE), 7);
            assert_int_equal(counted(w, COUNT_SLOTS_STUCK), 0);
        }
        if (by_kernel[k].guards)
            assert_int_equal(swap_off(w->swap, 0, never, NULL, &stuck), 0);
        end(w);
    }
}

/* ------------------------------------------- shared memory past the cache */

static struct look shmem_look;

static void look_in_read(struct world *w)
{
    struct mapping *m = vma_lookup(w->mm, BASE)->mapping;

    shmem_look.entry = mapping_entry(m, 0);
    shmem_look.times++;
    shmem_look.cached = cache_find(w->swap, shmem_look.entry) != NULL;
    shmem_look.has_cache = slot_has_cache(w->swap, shmem_look.entry);
}

/* A page of shared memory, in swap. */
static struct world *shared_out(const char *kernel, struct mapping **m)
{
    struct world *w = world_create(kernel, 256, 64);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE | PROT_G_ADI,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .may_write = true};
    gva_t at;

    swap_set_synchronous(w->swap, 0);
    *m = args.mapping = mapping_create_shmem(w->mem, PAGE_SIZE);
    assert_non_null(*m);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    world_write(w, BASE, 7);
    world_set_tags(w, BASE, 5);
    assert_true(world_push(w, BASE));
    assert_true(swp_valid(mapping_entry(*m, 0)));
    return w;
}

static void test_shmem_when_synchronous_goes_past_the_cache(void **state)
{
    static const struct {
        const char *kernel;
        bool bypasses;
    } kernels[] = {{"linux-6.12", false},
                   {"linux-6.18", true},
                   {"linux-7.1", false},
                   {"mte-6.12", false}};
    struct mapping *m;

    (void)state;
    for (unsigned k = 0; k < 4; k++) {
        struct world *w = shared_out(kernels[k].kernel, &m);

        shmem_look.times = 0;
        world_on_read(w, look_in_read);
        assert_int_equal(world_read(w, BASE), 7);
        assert_int_equal(shmem_look.times, 1);
        assert_true(shmem_look.has_cache);
        assert_int_equal(shmem_look.cached, !kernels[k].bypasses);
        assert_int_equal(swap_used_pages(w->swap), 0);
        assert_ptr_equal(mapping_find(m, 0), world_folio(w, BASE));
        assert_true(folio_test(world_folio(w, BASE), PG_dirty));
        mapping_put(m);
        end(w);
    }
}

static void test_shmem_when_read_fails_leaves_a_marker(void **state)
{
    struct mapping *m;
    struct world *w = shared_out("linux-6.18", &m);
    unsigned frames = world_free_frames(w);

    (void)state;
    world_fail_reads(w, 1);
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_BUS);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(world_free_frames(w), frames);
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_BUS);
    mapping_put(m);
    end(w);
}

/* The write has failed: the page is in the swap cache, and is taken there. */
static void test_shmem_when_cached_is_not_read(void **state)
{
    struct mapping *m;
    struct world *w = shared_out("linux-6.18", &m);

    (void)state;
    assert_int_equal(world_read(w, BASE), 7);
    world_fail_writes(w, 1);
    (void)world_push(w, BASE);
    assert_non_null(cache_find(w->swap, mapping_entry(m, 0)));
    assert_int_equal(world_read(w, BASE), 7);
    mapping_put(m);
    end(w);
}

static void cut(struct world *w)
{
    truncate_pagecache(vma_lookup(w->mm, BASE)->mapping, 0);
}

/* The object is cut while its page is read: the slot goes with the guard. */
static void test_shmem_when_cut_meanwhile_frees_the_slot(void **state)
{
    struct mapping *m;
    struct world *w = shared_out("linux-6.18", &m);

    (void)state;
    world_on_read(w, cut);
    assert_int_equal(world_read(w, BASE), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    mapping_put(m);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_when_synchronous_goes_past_the_cache),
        cmocka_unit_test(test_in_when_not_synchronous_goes_through_the_cache),
        cmocka_unit_test(test_in_when_shared_goes_through_the_cache),
        cmocka_unit_test(test_store_when_bypassed_is_exclusive),
        cmocka_unit_test(test_in_when_read_fails_leaves_all_as_it_was),
        cmocka_unit_test(test_in_when_zapped_meanwhile_frees_slot_and_frame),
        cmocka_unit_test(test_in_when_two_read_at_once_maps_one_page),
        cmocka_unit_test(test_swapoff_when_slot_is_guarded_would_wait),
        cmocka_unit_test(test_swapoff_of_another_device_waits_for_no_guard),
        cmocka_unit_test(test_shmem_when_synchronous_goes_past_the_cache),
        cmocka_unit_test(test_shmem_when_read_fails_leaves_a_marker),
        cmocka_unit_test(test_shmem_when_cached_is_not_read),
        cmocka_unit_test(test_shmem_when_cut_meanwhile_frees_the_slot),
        cmocka_unit_test(test_page_when_bypassed_is_locked_and_can_leave_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
