// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Migration: to a new frame with everything, or back to the old one; and what
 * others may do to the entry that stands in between.
 */
#include <errno.h>

#include "adi/store_linux.h"
#include "migrate/migrate.h"
#include "mm/lru.h"
#include "mm/mapping.h"
#include "swap/cache.h"
#include "swap/swapin.h"
#include "page_to_move.h"

#define FAR UINT64_C(0x71000000)

/* Before v6.1 dirty and young do not come back: the folio is dirty instead. */
static struct page_state remapped(struct world *w, gva_t va)
{
    struct page_state s = page_state(w, va);

    if (!memory_policy(w->mem)->migration_keeps_ad)
        s.pte = pte_mkold(pte_mkclean(s.pte));
    return s;
}

static void moves_tags(const char *profile)
{
    struct world *w = one_page(profile);
    struct page_state before = remapped(w, BASE);
    struct folio *old = world_folio(w, BASE), *folio;

    assert_int_equal(migrate(w, old), 0);
    folio = world_folio(w, BASE);
    assert_ptr_not_equal(folio, old);
    assert_int_equal(folio->node, 1);
    assert_int_equal(old->refcount, 0);
    assert_true(folio_test(folio, PG_dirty));
    assert_true(folio_test(folio, PG_lru));
    before.pte.v &= ~PTE_PADDR; /* all but the frame is as it was */
    before.pte = mk_pte(memory_folio_pfn(w->mem, folio), before.pte);
    assert_page_state(w, BASE, &before);
    assert_int_equal(hub_counter(w->hub, COUNT_MIGRATED), 1);
    assert_int_equal(w->calls[HOOK_REMAP_MIGRATE], 1);
    assert_contents(w, BASE);
    world_write(w, BASE, 42); /* no copy: it is still our own */
    assert_ptr_equal(world_folio(w, BASE), folio);
    world_exit(w);
    world_destroy(w);
}

static void test_migrate_when_all_is_well_moves_tags(void **state)
{
    (void)state;
    moves_tags("remap");
    moves_tags("swap-keyed");
}

/* A page that was written and then cleaned stays clean. */
static void test_migrate_when_page_is_old_and_clean_stays_so(void **state)
{
    struct world *w = one_page("remap");
    pte_t *ptep = world_raw_pte(w, BASE);

    (void)state;
    for (unsigned bits = 0; bits < 4; bits++) {
        pte_t pte = bits & 1 ? pte_mkyoung(*ptep) : pte_mkold(*ptep);

        *ptep = bits & 2 ? pte_mkdirty(pte) : pte_mkclean(pte);
        assert_int_equal(migrate_folio(w->mem, world_folio(w, BASE), bits & 1),
                         0);
        assert_int_equal(pte_young(*ptep), bits & 1);
        assert_int_equal(pte_dirty(*ptep), bits >> 1);
        assert_int_equal(pte_hw_write(*ptep), bits >> 1);
    }
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_migrate_when_5_17_forgets_young_and_dirty(void **state)
{
    struct world *w = one_page("linux-5.17");

    (void)state;
    assert_int_equal(migrate(w, world_folio(w, BASE)), 0);
    assert_false(pte_young(world_pte(w, BASE)));
    assert_false(pte_dirty(world_pte(w, BASE)));
    assert_true(folio_test(world_folio(w, BASE), PG_dirty));
    assert_contents(w, BASE);
    world_destroy(w);
}

static void test_migrate_when_read_only_stays_exclusive(void **state)
{
    struct world *w = one_page("remap");

    (void)state;
    assert_int_equal(
        mm_mprotect(w->mm, BASE, PAGE_SIZE, PROT_G_READ | PROT_G_ADI), 0);
    assert_int_equal(migrate(w, world_folio(w, BASE)), 0);
    assert_true(folio_test(world_folio(w, BASE), PG_anon_exclusive));
    assert_false(pte_write(world_pte(w, BASE)));
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* B5: v6.2 saves what nobody will restore. */
static void test_migrate_when_6_2_leaks_user_each_time(void **state)
{
    struct world *w = one_page("linux-6.2");
    struct linux_desc d;

    (void)state;
    for (unsigned nr = 1; nr <= 4; nr++) {
        assert_int_equal(migrate_folio(w->mem, world_folio(w, BASE), nr % 2),
                         0);
        assert_true(linux_store_desc(w->mm, 0, &d));
        assert_int_equal(d.users, nr);
        assert_contents(w, BASE);
    }
    world_destroy(w);
}
/* -------------------------------------------------------------- failures */

static void assert_failed(struct world *w, struct folio *folio, int err,
                          const struct page_state *before)
{
    assert_int_equal(migrate(w, folio), err);
    assert_page_state(w, BASE, before);
    assert_ptr_equal(world_folio(w, BASE), folio);
    assert_int_equal(hub_counter(w->hub, COUNT_MIGRATED), 0);
    audit(w);
}

static void test_migrate_when_save_fails_puts_all_back(void **state)
{
    struct world *w = one_page("remap");
    struct page_state before = page_state(w, BASE);

    (void)state;
    world_fail_hook(w, HOOK_UNMAP_MIGRATE, 1);
    assert_failed(w, world_folio(w, BASE), -EAGAIN, &before);
    assert_true(folio_test(world_folio(w, BASE), PG_lru));
    assert_int_equal(hub_counter(w->hub, COUNT_MIGRATE_FAIL), 1);
    assert_int_equal(migrate(w, world_folio(w, BASE)), 0);
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* The first mapping is a migration entry already when the second fails. */
static void test_migrate_when_second_fails_remaps_first(void **state)
{
    struct world *w = one_page("remap");
    struct mm *parent = w->mm, *child = world_share(w);
    struct folio *folio = world_folio(w, BASE);
    struct page_state first = remapped(w, BASE), second;

    (void)state;
    w->mm = child;
    second = page_state(w, BASE);
    world_fail_hook(w, HOOK_UNMAP_MIGRATE, 2);
    assert_failed(w, folio, -EAGAIN, &second);
    w->mm = parent;
    assert_page_state(w, BASE, &first);
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_migrate_when_pinned_undoes_save(void **state)
{
    struct world *w = one_page("remap");
    struct page_state before = page_state(w, BASE);

    (void)state;
    world_pin(w, world_folio(w, BASE));
    assert_failed(w, world_folio(w, BASE), -EAGAIN, &before);
    assert_int_equal(w->calls[HOOK_UNMAP_MIGRATE_UNDO], 1);
    world_unpin(w, world_folio(w, BASE));
    world_exit_clean(w);
    world_destroy(w);
}

static void test_migrate_when_held_maps_old_page_again(void **state)
{
    struct world *w = one_page("remap");
    struct folio *folio = world_folio(w, BASE);
    struct page_state before;

    (void)state;
    world_hold(w, folio);
    before = remapped(w, BASE);
    assert_failed(w, folio, -EAGAIN, &before);
    assert_true(folio_test(folio, PG_dirty));
    assert_contents(w, BASE);
    world_write(w, BASE, 42);
    assert_ptr_equal(world_folio(w, BASE), folio);
    world_release(w, folio);
    assert_int_equal(migrate(w, folio), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_migrate_when_busy_touches_nothing(void **state)
{
    struct world *w = one_page("remap");
    struct folio *folio = world_folio(w, BASE);
    struct page_state before = page_state(w, BASE);
    struct lru *lru = memory_lru(w->mem);

    (void)state;
    assert_true(folio_trylock(folio));
    assert_int_equal(migrate(w, folio), -EAGAIN);
    folio_unlock(folio);
    lru_del(lru, folio);
    assert_failed(w, folio, -EBUSY, &before);
    lru_add(lru, folio);
    folio_set(folio, PG_writeback);
    assert_failed(w, folio, -EBUSY, &before);
    folio_clear(folio, PG_writeback);
    assert_true(folio_test(folio, PG_lru));
    world_exit_clean(w);
    world_destroy(w);
}

static void test_migrate_when_no_frame_is_free_is_enomem(void **state)
{
    struct world *w = one_page("remap");
    struct page_state before;

    (void)state;
    assert_int_equal(mm_mlock(w->mm, BASE, PAGE_SIZE, true), 0);
    world_map(w, FAR, 256, false);
    assert_int_equal(mm_mlock(w->mm, FAR, 256 * PAGE_SIZE, true), 0);
    for (unsigned i = 0; !world_is_full(w); i++)
        world_write(w, FAR + i * PAGE_SIZE, 1);
    before = page_state(w, BASE);
    assert_failed(w, world_folio(w, BASE), -ENOMEM, &before);
    assert_int_equal(w->calls[HOOK_UNMAP_MIGRATE], 0);
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* ------------------------------------------------------ folios of all kinds */

static void test_migrate_when_shared_maps_both_again(void **state)
{
    struct world *w = one_page("remap");
    struct mm *child = world_share(w);

    (void)state;
    assert_int_equal(migrate(w, world_folio(w, BASE)), 0);
    assert_int_equal(world_folio(w, BASE)->mapcount, 2);
    assert_false(folio_test(world_folio(w, BASE), PG_anon_exclusive));
    audit(w);
    assert_contents(w, BASE);
    w->mm = child;
    assert_contents(w, BASE);
    world_write(w, BASE, 43); /* copies */
    assert_int_equal(world_tag(w, BASE), 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_migrate_when_in_swap_cache_takes_slot_along(void **state)
{
    struct world *w = one_page("remap");
    struct folio *old, *folio;
    swp_entry_t entry;

    (void)state;
    assert_true(world_push(w, BASE));
    entry = world_entry(w, BASE);
    assert_contents(w, BASE); /* mapped, and in the cache */
    old = world_folio(w, BASE);
    assert_int_equal(migrate(w, old), 0);
    folio = world_folio(w, BASE);
    assert_ptr_equal(cache_find(w->swap, entry), folio);
    assert_false(folio_test(old, PG_swapcache));
    assert_int_equal(old->refcount, 0);
    audit(w);
    assert_true(world_push(w, BASE));
    assert_int_equal(world_entry(w, BASE).v, entry.v);
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* Only the swap cache has it: nothing to unmap, the slot moves. */
static void test_migrate_when_unmapped_moves_cache(void **state)
{
    struct world *w = one_page("remap");
    struct folio *old;

    (void)state;
    world_fail_writes(w, 1);
    assert_false(world_push(w, BASE));
    old = cache_find(w->swap, world_entry(w, BASE));
    assert_int_equal(migrate(w, old), 0);
    assert_ptr_not_equal(cache_find(w->swap, world_entry(w, BASE)), old);
    assert_int_equal(old->refcount, 0);
    audit(w);
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* Read, but not mapped since: its tags still wait beside the slot. */
static void test_migrate_when_tags_are_away_leaves_them_there(void **state)
{
    struct world *w = one_page("swap-keyed");
    struct alloc_for who = {.vma = vma_lookup(w->mm, BASE), .addr = BASE};
    struct folio *folio;

    (void)state;
    assert_true(world_push(w, BASE));
    assert_int_equal(
        swap_read_folio(w->swap, world_entry(w, BASE), &who, &folio), 0);
    memory_folio_put(w->mem, folio);
    assert_int_equal(migrate(w, folio), 0);
    folio = cache_find(w->swap, world_entry(w, BASE));
    assert_true(folio_test(folio, PG_tags_away));
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* The folio of a failed read was never anybody's. */
static void test_migrate_when_read_failed_moves_cache(void **state)
{
    struct world *w = one_page("remap");
    struct folio *old, *folio;

    (void)state;
    assert_true(world_push(w, BASE));
    world_fail_reads(w, 1);
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_BUS);
    old = cache_find(w->swap, world_entry(w, BASE));
    assert_int_equal(migrate(w, old), 0);
    folio = cache_find(w->swap, world_entry(w, BASE));
    assert_ptr_not_equal(folio, old);
    assert_false(folio_test(folio, PG_uptodate));
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_BUS);
    assert_true(swap_out_folio(w->swap, folio));
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_migrate_when_lazyfree_stays_lazyfree(void **state)
{
    struct world *w = one_page("remap");

    (void)state;
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_FREE), 0);
    assert_int_equal(migrate(w, world_folio(w, BASE)), 0);
    assert_false(folio_test(world_folio(w, BASE), PG_swapbacked));
    assert_contents(w, BASE);
    assert_true(world_push(w, BASE));
    assert_int_equal(world_read(w, BASE), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static struct world *shared_page(void)
{
    struct world *w = world_create_with(adi_profile_find("remap"), 256, 64, 2);
    struct mapping *m = mapping_create_shmem(w->mem, PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE | PROT_G_ADI,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t at;

    assert_non_null(m);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    mapping_put(m); /* the area has it */
    world_write(w, BASE, 42);
    world_set_tags(w, BASE, 5);
    return w;
}

static void test_migrate_when_shmem_moves_page_cache(void **state)
{
    struct world *w = shared_page();
    struct folio *old = world_folio(w, BASE), *folio;

    (void)state;
    assert_int_equal(migrate(w, old), 0);
    folio = world_folio(w, BASE);
    assert_ptr_not_equal(folio, old);
    assert_ptr_equal(mapping_find(folio->mapping, 0), folio);
    assert_int_equal(folio->refcount, 2);
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 1);
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* ------------------------------------- while the migration entry is there */

static struct folio *start(struct world *w)
{
    struct folio *folio = world_folio(w, BASE);

    world_lock(w, folio);
    assert_true(try_to_migrate(w->mem, folio));
    assert_true(is_migration_entry(world_entry(w, BASE)));
    assert_int_equal(folio->mapcount, 0);
    audit(w);
    return folio;
}

static void finish(struct world *w, struct folio *folio)
{
    remove_migration_ptes(w->mem, folio, folio);
    world_unlock(w, folio);
    audit(w);
}

/* The same address in parent and child, two pages: each gets its own. */
static void test_remap_when_two_move_finds_each(void **state)
{
    struct world *w = one_page("remap");
    struct mm *parent = w->mm, *child = world_share(w);
    struct folio *first, *second;

    (void)state;
    w->mm = child;
    world_write(w, BASE, 43);
    second = start(w);
    w->mm = parent;
    first = start(w);
    finish(w, first);
    assert_ptr_equal(world_folio(w, BASE), first);
    w->mm = child;
    assert_true(is_migration_entry(world_entry(w, BASE)));
    finish(w, second);
    assert_ptr_equal(world_folio(w, BASE), second);
    assert_int_equal(world_read(w, BASE), 43);
    w->mm = parent;
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* Somebody has write-protected this one entry of a writable area. */
static void test_migrate_when_protected_stays_so(void **state)
{
    struct world *w = shared_page();

    (void)state;
    *world_raw_pte(w, BASE) = pte_wrprotect(world_pte(w, BASE));
    assert_int_equal(migrate(w, world_folio(w, BASE)), 0);
    assert_false(pte_write(world_pte(w, BASE)));
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* Written back while it was away: no PTE may call it dirty again. */
static void test_migrate_when_cleaned_meanwhile_stays_clean(void **state)
{
    struct world *w = shared_page();
    struct folio *folio;

    (void)state;
    assert_true(pte_dirty(world_pte(w, BASE)));
    folio = start(w);
    folio_clear(folio, PG_dirty);
    finish(w, folio);
    assert_false(pte_dirty(world_pte(w, BASE)));
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

/* The entry was read, and then the migration ended: no need to wait. */
static void test_fault_when_migration_has_ended_goes_on(void **state)
{
    struct world *w = one_page("remap");
    struct folio *folio = start(w);
    struct vm_fault vmf = {.mm = w->mm,
                           .vma = vma_lookup(w->mm, BASE),
                           .addr = BASE,
                           .ptep = mm_pte(w->mm, BASE),
                           .orig = world_pte(w, BASE)};

    (void)state;
    assert_int_equal(swap_do_swap_page(w->swap, &vmf), FAULT_RETRY);
    finish(w, folio);
    assert_int_equal(swap_do_swap_page(w->swap, &vmf), FAULT_OK);
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_fault_when_migrating_waits(void **state)
{
    struct world *w = one_page("remap");
    struct folio *folio = start(w);

    (void)state;
    assert_true(is_writable_migration_entry(world_entry(w, BASE)));
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_RETRY);
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), FAULT_RETRY);
    assert_int_equal(world_incore(w, BASE), 1);
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_FREE), 0);
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_PAGEOUT), 0);
    assert_true(is_migration_entry(world_entry(w, BASE)));
    finish(w, folio);
    assert_ptr_equal(world_folio(w, BASE), folio);
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

static void zap_while_migrating(struct world *w, struct folio *folio)
{
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_true(pte_none(world_pte(w, BASE)));
    assert_int_equal(w->calls[HOOK_ZAP_MIGRATE], 1);
    for (int c = 0; c < NR_MM_COUNTERS; c++)
        assert_int_equal(mm_rss(w->mm, c), 0);
    finish(w, folio); /* finds nothing */
    assert_true(pte_none(world_pte(w, BASE)));
}

static void test_zap_when_migrating_drops_page(void **state)
{
    struct world *w = one_page("remap");
    unsigned frames = world_free_frames(w);

    (void)state;
    zap_while_migrating(w, start(w));
    assert_int_equal(world_free_frames(w), frames + 1);
    assert_int_equal(world_read(w, BASE), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_zap_when_shmem_migrates_keeps_count(void **state)
{
    struct world *w = shared_page();

    (void)state;
    zap_while_migrating(w, start(w));
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mprotect_when_migrating_takes_write_away(void **state)
{
    struct world *w = one_page("remap");
    struct folio *folio = start(w);

    (void)state;
    assert_int_equal(
        mm_mprotect(w->mm, BASE, PAGE_SIZE, PROT_G_READ | PROT_G_ADI), 0);
    assert_false(is_writable_migration_entry(world_entry(w, BASE)));
    finish(w, folio);
    assert_false(pte_write(world_pte(w, BASE)));
    assert_true(pte_mcd(world_pte(w, BASE)));
    assert_true(folio_test(folio, PG_anon_exclusive));
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), FAULT_ACCERR);
    assert_contents(w, BASE);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mremap_when_migrating_is_found_at_new_place(void **state)
{
    struct world *w = one_page("remap");
    struct folio *folio = start(w);
    gva_t at;

    (void)state;
    assert_int_equal(mm_mremap(w->mm, BASE, PAGE_SIZE, PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED, FAR, &at),
                     0);
    assert_int_equal(w->calls[HOOK_MOVE_MIGRATE], 1);
    assert_true(is_migration_entry(world_entry(w, FAR)));
    finish(w, folio);
    assert_ptr_equal(world_folio(w, FAR), folio);
    assert_contents(w, FAR);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_exit_when_migrating_leaves_no_count(void **state)
{
    struct world *w = one_page("remap");
    struct folio *folio = start(w);

    (void)state;
    mm_put(w->mm);
    w->mm = NULL;
    world_unlock(w, folio);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_migrate_when_all_is_well_moves_tags),
        cmocka_unit_test(test_migrate_when_page_is_old_and_clean_stays_so),
        cmocka_unit_test(test_migrate_when_5_17_forgets_young_and_dirty),
        cmocka_unit_test(test_migrate_when_read_only_stays_exclusive),
        cmocka_unit_test(test_migrate_when_6_2_leaks_user_each_time),
        cmocka_unit_test(test_migrate_when_save_fails_puts_all_back),
        cmocka_unit_test(test_migrate_when_second_fails_remaps_first),
        cmocka_unit_test(test_migrate_when_pinned_undoes_save),
        cmocka_unit_test(test_migrate_when_held_maps_old_page_again),
        cmocka_unit_test(test_migrate_when_busy_touches_nothing),
        cmocka_unit_test(test_migrate_when_no_frame_is_free_is_enomem),
        cmocka_unit_test(test_migrate_when_shared_maps_both_again),
        cmocka_unit_test(test_migrate_when_in_swap_cache_takes_slot_along),
        cmocka_unit_test(test_migrate_when_unmapped_moves_cache),
        cmocka_unit_test(test_migrate_when_tags_are_away_leaves_them_there),
        cmocka_unit_test(test_migrate_when_read_failed_moves_cache),
        cmocka_unit_test(test_migrate_when_lazyfree_stays_lazyfree),
        cmocka_unit_test(test_migrate_when_shmem_moves_page_cache),
        cmocka_unit_test(test_remap_when_two_move_finds_each),
        cmocka_unit_test(test_migrate_when_protected_stays_so),
        cmocka_unit_test(test_migrate_when_cleaned_meanwhile_stays_clean),
        cmocka_unit_test(test_fault_when_migration_has_ended_goes_on),
        cmocka_unit_test(test_fault_when_migrating_waits),
        cmocka_unit_test(test_zap_when_migrating_drops_page),
        cmocka_unit_test(test_zap_when_shmem_migrates_keeps_count),
        cmocka_unit_test(test_mprotect_when_migrating_takes_write_away),
        cmocka_unit_test(test_mremap_when_migrating_is_found_at_new_place),
        cmocka_unit_test(test_exit_when_migrating_leaves_no_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
