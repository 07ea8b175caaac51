// SPDX-License-Identifier: GPL-2.0-or-later
/* Slots taken, and given back, by the batch: swap/slotcache.h. */
#include <errno.h>

#include "mm/fork.h"
#include "swap/slot.h"
#include "swap/slotcache.h"
#include "swap/swapoff.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define ON   (5 * SWAP_BATCH) /* slots, of which more must be free */
#define OFF  (2 * SWAP_BATCH)

/* Slots that nobody has any more, or, with @all, not yet either. */
static unsigned cached(const struct world *w, bool all)
{
    swp_entry_t entry;
    unsigned nr = 0;
    bool freed;

    for (unsigned n = 0; slotcache_nth(w->swap, n, &entry, &freed); n++)
        nr += all || freed;
    return nr;
}

static void take(struct world *w, unsigned nr, swp_entry_t *out)
{
    for (unsigned i = 0; i < nr; i++) {
        out[i] = slotcache_alloc(w->swap);
        assert_true(swp_valid(out[i]));
    }
}

static void give(struct world *w, unsigned nr, const swp_entry_t *entries)
{
    for (unsigned i = 0; i < nr; i++)
        slot_put_cache(w->swap, entries[i]);
}

static void test_alloc_when_few_are_free_takes_one(void **state)
{
    struct world *w = world_create("remap", 64, ON);
    swp_entry_t e;

    (void)state;
    take(w, 1, &e);
    assert_int_equal(swap_used_pages(w->swap), 1);
    slot_put_cache(w->swap, e);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE], 1);
    audit(w);
    world_destroy(w);
}

static void test_alloc_when_many_are_free_takes_a_batch(void **state)
{
    struct world *w = world_create("remap", 64, ON + 1);
    swp_entry_t e[SWAP_BATCH + 1];

    (void)state;
    take(w, 1, e);
    assert_int_equal(swap_used_pages(w->swap), SWAP_BATCH);
    assert_int_equal(cached(w, true), SWAP_BATCH - 1);
    assert_int_equal(cached(w, false), 0);
    take(w, SWAP_BATCH - 1, e + 1);
    assert_int_equal(swap_used_pages(w->swap), SWAP_BATCH);
    for (unsigned i = 1; i < SWAP_BATCH; i++)
        assert_int_equal(swp_offset(e[i]), swp_offset(e[0]) + i);
    take(w, 1, e + SWAP_BATCH);
    assert_int_equal(swap_used_pages(w->swap), 2 * SWAP_BATCH);
    give(w, SWAP_BATCH + 1, e);
    audit(w);
    world_destroy(w);
}

/* The next batch finds the array full. */
static void test_free_when_array_is_full_frees_a_batch(void **state)
{
    struct world *w = world_create("remap", 64, 512);
    swp_entry_t e[SWAP_BATCH + 1];

    (void)state;
    take(w, SWAP_BATCH + 1, e);
    give(w, SWAP_BATCH, e);
    assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE], 0);
    assert_int_equal(swap_used_pages(w->swap), 2 * SWAP_BATCH);
    assert_int_equal(cached(w, false), SWAP_BATCH);
    assert_int_equal(slot_prepare_cache(w->swap, e[0]), -EEXIST);
    slot_put_cache(w->swap, e[SWAP_BATCH]);
    assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE], SWAP_BATCH);
    assert_int_equal(swap_used_pages(w->swap), SWAP_BATCH);
    assert_int_equal(cached(w, false), 1);
    assert_false(slot_has_cache(w->swap, e[0]));
    assert_true(slot_has_cache(w->swap, e[SWAP_BATCH]));
    audit(w);
    world_destroy(w);
}

static void test_alloc_when_few_are_left_empties_the_caches(void **state)
{
    struct world *w = world_create("remap", 64, ON + 1);
    swp_entry_t e[ON + 1];

    (void)state;
    /* The fourth batch leaves fewer than OFF. */
    take(w, 3 * SWAP_BATCH + 1, e);
    assert_int_equal(swap_used_pages(w->swap), 4 * SWAP_BATCH);
    assert_true(swap_total_pages(w->swap) - 4 * SWAP_BATCH < OFF);
    give(w, 3, e);
    assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE], 0);
    take(w, 1, e);
    assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE], 3 + SWAP_BATCH - 1);
    assert_int_equal(cached(w, true), 0);
    assert_int_equal(swap_used_pages(w->swap), 3 * SWAP_BATCH - 1);
    /* Off it stays until more than ON are free. */
    give(w, 1, e);
    assert_int_equal(cached(w, true), 0);
    give(w, 3 * SWAP_BATCH - 2, e + 3);
    assert_int_equal(swap_used_pages(w->swap), 0);
    take(w, 1, e);
    assert_int_equal(swap_used_pages(w->swap), SWAP_BATCH);
    give(w, 1, e);
    audit(w);
    world_destroy(w);
}

static void test_alloc_when_device_has_few_takes_those(void **state)
{
    struct world *w = world_create("remap", 64, 512);
    unsigned type = world_add_swap(w, 10, 5);
    swp_entry_t e[11];

    (void)state;
    take(w, 11, e);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(swp_type(e[i]), type);
    assert_int_equal(swp_type(e[10]), 0);
    assert_int_equal(swap_used_pages(w->swap), 10 + SWAP_BATCH);
    give(w, 11, e);
    audit(w);
    world_destroy(w);
}

static void test_slots_when_kernel_has_no_cache_are_free_at_once(void **state)
{
    struct world *w = world_create("linux-6.18", 64, 512);
    swp_entry_t e;

    (void)state;
    take(w, 1, &e);
    assert_int_equal(swap_used_pages(w->swap), 1);
    slot_put_cache(w->swap, e);
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_destroy(w);
}

static unsigned looks;

static bool look(void *ctx)
{
    looks++;
    assert_int_equal(cached(ctx, true), 0);
    return false;
}

static bool interrupted(void *ctx)
{
    (void)ctx;
    return true;
}

/* One page in swap, and one whose slot is given back. */
static struct world *half_out(void)
{
    struct world *w = world_create("swap-keyed", 64, 512);

    world_map(w, BASE, 2, true);
    for (unsigned i = 0; i < 2; i++) {
        world_set_tags(w, BASE + i * PAGE_SIZE, 5);
        assert_true(world_out(w, BASE + i * PAGE_SIZE));
    }
    assert_int_equal(mm_munmap(w->mm, BASE, PAGE_SIZE), 0);
    assert_int_equal(cached(w, false), 1);
    assert_int_equal(swap_used_pages(w->swap), SWAP_BATCH);
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    return w;
}

static void test_swapoff_empties_the_caches_first(void **state)
{
    struct world *w = half_out();
    uint64_t stuck;
    swp_entry_t e;

    (void)state;
    looks = 0;
    assert_int_equal(swap_off(w->swap, 0, look, w, &stuck), 0);
    assert_int_equal(looks, 1);
    assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE], 2 + SWAP_BATCH - 2);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    /* Without a device they are off; with the next they are on again. */
    assert_false(swp_valid(slotcache_alloc(w->swap)));
    (void)world_add_swap(w, 512, -1);
    take(w, 1, &e);
    assert_int_equal(swap_used_pages(w->swap), SWAP_BATCH);
    slot_put_cache(w->swap, e);
    assert_int_equal(world_tag(w, BASE + PAGE_SIZE), 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_swapoff_when_interrupted_switches_them_on_again(void **state)
{
    struct world *w = half_out();
    uint64_t stuck;
    swp_entry_t e;

    (void)state;
    assert_int_equal(swap_off(w->swap, 0, interrupted, w, &stuck), -EINTR);
    assert_int_equal(stuck, 1);
    assert_int_equal(cached(w, true), 0);
    take(w, 1, &e);
    assert_int_equal(swap_used_pages(w->swap), 1 + SWAP_BATCH);
    slot_put_cache(w->swap, e);
    assert_int_equal(cached(w, false), 1);
    world_exit(w);
    assert_false(judge_errors(w->judge));
    world_destroy(w);
}

/* The tags of the last process, of slots that wait for others. */
static void test_exit_leaves_copies_to_the_next_batch(void **state)
{
    struct world *w = half_out();

    (void)state;
    world_exit(w);
    assert_false(judge_errors(w->judge));
    assert_int_equal(adi_store_use(w->adi).pages, 2);
    assert_int_equal(cached(w, false), 2);
    world_destroy(w);
}

/* B18: with the caches on the copy outlives the slot; when they go off, not. */
static void test_write_fault_when_caches_are_on_finds_the_copy(void **state)
{
    struct world *w = world_create("swap-keyed-5.18", 64, ON + 1);
    swp_entry_t e[ON + 1];
    unsigned nr = 4 * SWAP_BATCH - 1;

    (void)state;
    world_map(w, BASE, 1, true);
    world_set_tags(w, BASE, 5);
    assert_true(world_out(w, BASE));
    world_write(w, BASE, 1);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_false(judge_errors(w->judge));
    assert_int_equal(adi_store_use(w->adi).pages, 1);

    take(w, nr, e);
    assert_true(world_out(w, BASE));
    assert_int_equal(cached(w, true), 0);
    world_write(w, BASE, 1);
    assert_int_equal(world_tag(w, BASE), 0);
    assert_true(judge_errors(w->judge));
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    give(w, nr, e);
    world_exit(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc_when_few_are_free_takes_one),
        cmocka_unit_test(test_alloc_when_many_are_free_takes_a_batch),
        cmocka_unit_test(test_free_when_array_is_full_frees_a_batch),
        cmocka_unit_test(test_alloc_when_few_are_left_empties_the_caches),
        cmocka_unit_test(test_alloc_when_device_has_few_takes_those),
        cmocka_unit_test(test_slots_when_kernel_has_no_cache_are_free_at_once),
        cmocka_unit_test(test_swapoff_empties_the_caches_first),
        cmocka_unit_test(test_swapoff_when_interrupted_switches_them_on_again),
        cmocka_unit_test(test_exit_leaves_copies_to_the_next_batch),
        cmocka_unit_test(test_write_fault_when_caches_are_on_finds_the_copy),
    };

    return RUN(tests);
}
