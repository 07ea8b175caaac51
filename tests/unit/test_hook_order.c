// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is true when a hook of the architecture runs.  A store keyed by slot
 * needs the slot counted, one keyed by page the entry still there, and nobody
 * may see a page whose tags are not back.
 */
#include "fake_ops.h"
#include "migrate/migrate.h"
#include "mm/mapping.h"
#include "swap/slot.h"
#include "swap/swapoff.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define FAR  UINT64_C(0x171000000)

/* The page of the test, and what a hook found. */
static struct {
    struct world *w;
    struct mapping *object;
    adi_hook_fn then; /* what the kernel does there; NULL: nothing */
    unsigned calls;
} probe;

static pte_t entry_now(const struct hook_args *args)
{
    probe.calls++;
    return *mm_pte(args->mm, args->addr);
}

static int go_on(struct adi *adi, const struct hook_args *args)
{
    return probe.then ? probe.then(adi, args) : 0;
}

static bool slot_counted(const struct hook_args *args)
{
    return slot_count(probe.w->swap, args->entry) > 0;
}

static struct world *world_of(const char *base, enum arch_hook hook,
                              adi_hook_fn fn)
{
    static struct adi_profile profile;
    struct world *w;

    profile = *adi_profile_find(base);
    probe.then = profile.hooks[hook];
    profile.hooks[hook] = fn;
    w = world_create_with(&profile, 256, 64, 1);
    probe.w = w;
    probe.object = NULL;
    probe.calls = 0;
    return w;
}

/* A page with tags of 5 that is in swap. */
static struct world *swapped_page(const char *base, enum arch_hook hook,
                                  adi_hook_fn fn)
{
    struct world *w = world_of(base, hook, fn);

    assert_int_equal(world_map(w, BASE, 1, true), BASE);
    world_set_tags(w, BASE, 5);
    assert_true(world_out(w, BASE));
    return w;
}

static void finish(struct world *w)
{
    assert_int_equal(probe.calls, 1);
    world_exit(w);
    world_destroy(w);
}

/* ------------------------------------------------------------ the probes */

/* try_to_unmap_one(): nobody can change the page any more. */
static int unmapped(struct adi *adi, const struct hook_args *args)
{
    assert_true(pte_none(entry_now(args)));
    assert_true(slot_counted(args));
    return go_on(adi, args);
}

static int migrating(struct adi *adi, const struct hook_args *args)
{
    assert_true(pte_none(entry_now(args)));
    return go_on(adi, args);
}

/* The entry is there, and stands for its slot. */
static int entry_stands(struct adi *adi, const struct hook_args *args)
{
    pte_t pte = entry_now(args);

    assert_true(is_swap_pte(pte));
    assert_int_equal(pte_to_swp_entry(pte).v, args->entry.v);
    assert_true(slot_counted(args));
    return go_on(adi, args);
}

/* The entry is there, and need not be counted any more. */
static int not_visible(struct adi *adi, const struct hook_args *args)
{
    assert_true(is_swap_pte(entry_now(args)));
    return go_on(adi, args);
}

static int not_visible_but_tagged(struct adi *adi, const struct hook_args *args)
{
    assert_true(is_swap_pte(entry_now(args)));
    assert_int_equal(tagmem_page(adi_tagmem(adi), args->pfn)[0], 5);
    return go_on(adi, args);
}

static int visible(struct adi *adi, const struct hook_args *args)
{
    assert_true(pte_present(entry_now(args)));
    return go_on(adi, args);
}

/* Nobody finds the page in its object yet. */
static int not_in_object(struct adi *adi, const struct hook_args *args)
{
    probe.calls++;
    assert_null(mapping_find(probe.object, args->index));
    assert_true(slot_counted(args));
    return go_on(adi, args);
}

/* --------------------------------------------------------------- the tests */

static void test_unmap_hooks_run_with_entry_cleared(void **state)
{
    struct world *w = swapped_page("remap", HOOK_UNMAP_SWAP, unmapped);

    (void)state;
    finish(w);
}

static void test_swapin_hooks_run_around_the_pte(void **state)
{
    const struct {
        enum arch_hook hook;
        adi_hook_fn fn;
    } at[] = {
        {HOOK_SWAPIN_EARLY, entry_stands},
        {HOOK_SWAP_RESTORE, entry_stands},
        {HOOK_SWAPIN_SET_PTE, not_visible},
        {HOOK_SWAPIN_LATE, visible},
    };
    static const char *const profiles[] = {"remap", "linux-5.17"};

    (void)state;
    for (unsigned p = 0; p < 2; p++)
        for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
            struct world *w = swapped_page(profiles[p], at[i].hook, at[i].fn);

            (void)world_read(w, BASE);
            finish(w);
        }
}

/* The fixes restore before the page is visible; Linux does so after. */
static void test_tags_are_back_before_the_pte(void **state)
{
    static const char *const profiles[] = {"remap", "swap-keyed"};

    (void)state;
    for (unsigned p = 0; p < 2; p++) {
        struct world *w = swapped_page(profiles[p], HOOK_SWAPIN_SET_PTE,
                                       not_visible_but_tagged);

        (void)world_read(w, BASE);
        finish(w);
    }
}

static bool never(void *ctx)
{
    (void)ctx;
    return false;
}

static void test_unuse_hook_runs_before_the_slot_is_free(void **state)
{
    struct world *w = swapped_page("remap", HOOK_UNUSE, entry_stands);
    uint64_t stuck;

    (void)state;
    assert_int_equal(swap_off(w->swap, 0, never, NULL, &stuck), 0);
    finish(w);
    w = swapped_page("remap", HOOK_UNUSE_LOST, entry_stands);
    world_fail_reads(w, 1);
    assert_int_equal(swap_off(w->swap, 0, never, NULL, &stuck), 0);
    finish(w);
}

static void test_drop_hooks_run_before_the_slot_is_free(void **state)
{
    struct world *w = swapped_page("remap", HOOK_ZAP_SWAP, entry_stands);

    (void)state;
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    finish(w);
    w = swapped_page("remap", HOOK_FREE_SWAP, entry_stands);
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_FREE), 0);
    finish(w);
}

static void test_move_hook_runs_with_the_entry_in_its_old_place(void **state)
{
    struct world *w = swapped_page("remap", HOOK_MOVE_SWAP, entry_stands);
    gva_t at;

    (void)state;
    assert_int_equal(mm_mremap(w->mm, BASE, PAGE_SIZE, PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED, FAR, &at),
                     0);
    finish(w);
}

/* One count for each: a store keyed by slot must not see it free. */
static int counted_twice(struct adi *adi, const struct hook_args *args)
{
    assert_true(is_swap_pte(entry_now(args)));
    assert_int_equal(slot_count(probe.w->swap, args->entry), 2);
    return go_on(adi, args);
}

static void test_fork_hook_runs_with_the_child_counted(void **state)
{
    struct world *w = swapped_page("remap", HOOK_FORK_SWAP, counted_twice);

    (void)state;
    assert_non_null(world_share(w));
    finish(w);
}

static void test_migrate_hook_runs_with_entry_cleared(void **state)
{
    struct world *w = world_of("remap", HOOK_UNMAP_MIGRATE, migrating);

    (void)state;
    assert_int_equal(world_map(w, BASE, 1, true), BASE);
    world_set_tags(w, BASE, 5);
    assert_int_equal(migrate_folio(w->mem, world_folio(w, BASE), 0), 0);
    finish(w);
}

static void test_object_hooks_run_before_the_page_is_found(void **state)
{
    static const enum arch_hook hooks[] = {HOOK_SHMEM_IN, HOOK_SWAP_RESTORE};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct world *w = world_of("remap", hooks[i], not_in_object);
        struct mapping *m = mapping_create_shmem(w->mem, PAGE_SIZE);
        struct mmap_args args = {.addr = BASE,
                                 .len = PAGE_SIZE,
                                 .prot = PROT_G_READ | PROT_G_WRITE,
                                 .flags = MAP_G_SHARED | MAP_G_FIXED,
                                 .mapping = m,
                                 .may_write = true};
        gva_t at;

        probe.object = m;
        assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
        world_write(w, BASE, 1);
        assert_true(world_push(w, BASE));
        assert_int_equal(world_read(w, BASE), 1);
        assert_int_equal(probe.calls, 1);
        mapping_put(m);
        finish(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unmap_hooks_run_with_entry_cleared),
        cmocka_unit_test(test_swapin_hooks_run_around_the_pte),
        cmocka_unit_test(test_tags_are_back_before_the_pte),
        cmocka_unit_test(test_unuse_hook_runs_before_the_slot_is_free),
        cmocka_unit_test(test_drop_hooks_run_before_the_slot_is_free),
        cmocka_unit_test(test_move_hook_runs_with_the_entry_in_its_old_place),
        cmocka_unit_test(test_fork_hook_runs_with_the_child_counted),
        cmocka_unit_test(test_migrate_hook_runs_with_entry_cleared),
        cmocka_unit_test(test_object_hooks_run_before_the_page_is_found),
    };

    return RUN(tests);
}
