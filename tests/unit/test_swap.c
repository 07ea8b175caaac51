// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A page on its way to the device and back: I/O errors, the swap cache, full
 * devices, and memory that runs out.
 */
#include <errno.h>

#include "mm/lru.h"
#include "mm/mempolicy.h"
#include "mm/ops.h"
#include "swap/cache.h"
#include "swap/reclaim.h"
#include "swap/slot.h"
#include "swap/swapin.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static struct world *one_page(unsigned slots)
{
    struct world *w = world_create("remap", 256, slots);

    assert_int_equal(world_map(w, BASE, 1, true), BASE);
    world_write(w, BASE, 42);
    world_set_tags(w, BASE, 5);
    return w;
}

static void assert_comes_back(struct world *w)
{
    assert_int_equal(world_read(w, BASE), 42);
    assert_int_equal(world_tag(w, BASE), 5);
}

static struct folio *cached(struct world *w)
{
    return cache_find(w->swap, world_entry(w, BASE));
}

/* ----------------------------------------------------------------- write */

static void assert_stayed_in_cache(struct world *w, unsigned frames)
{
    const struct folio *folio = cached(w);

    assert_non_null(folio);
    assert_true(folio_test(folio, PG_dirty));
    assert_true(folio_test(folio, PG_lru));
    assert_int_equal(folio->lru, LRU_INACTIVE_ANON);
    assert_int_equal(folio->mapcount, 0);
    assert_int_equal(folio->refcount, 1);
    assert_int_equal(world_slot_count(w, BASE), 1);
    assert_int_equal(world_free_frames(w), frames);
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_WRITE), 0);
    audit(w);
}

static void test_write_when_device_fails_keeps_folio(void **state)
{
    struct world *w = one_page(64);
    struct folio *folio = world_folio(w, BASE);
    unsigned frames = world_free_frames(w);

    (void)state;
    world_fail_writes(w, 1);
    assert_false(world_push(w, BASE));
    assert_stayed_in_cache(w, frames);
    assert_comes_back(w); /* without a read */
    assert_ptr_equal(world_folio(w, BASE), folio);
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_READ), 0);
    assert_true(world_push(w, BASE));
    assert_comes_back(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* Somebody has it in hand: it is not written, and stays inactive. */
static void test_write_when_held_keeps_folio(void **state)
{
    struct world *w = one_page(64);
    struct folio *folio = world_folio(w, BASE);
    unsigned frames = world_free_frames(w);

    (void)state;
    world_hold(w, folio);
    assert_false(world_push(w, BASE));
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_WRITE), 0);
    world_release(w, folio);
    assert_stayed_in_cache(w, frames);
    assert_comes_back(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* The second try does not need the PTEs any more. */
static void test_write_when_tried_again_frees_frame(void **state)
{
    struct world *w = one_page(64);
    unsigned frames = world_free_frames(w);

    (void)state;
    world_fail_writes(w, 1);
    assert_false(world_push(w, BASE));
    assert_true(swap_out_folio(w->swap, cached(w)));
    assert_int_equal(world_free_frames(w), frames + 1);
    assert_int_equal(world_slot_count(w, BASE), 1);
    assert_comes_back(w);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_write_when_hook_refuses_keeps_folio(void **state)
{
    struct world *w = one_page(64);
    unsigned frames = world_free_frames(w);

    (void)state;
    world_fail_hook(w, HOOK_SWAP_WRITE, 1);
    assert_false(world_push(w, BASE));
    assert_stayed_in_cache(w, frames);
    assert_comes_back(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* Nobody needs the slot any more when the folio comes to be written. */
static void test_write_when_entry_is_gone_drops_slot(void **state)
{
    struct world *w = one_page(64);
    unsigned frames = world_free_frames(w);
    struct folio *folio;

    (void)state;
    world_fail_writes(w, 1);
    assert_false(world_push(w, BASE));
    folio = cached(w);
    world_hold(w, folio);
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_false(folio_test(folio, PG_swapcache));
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_release(w, folio);
    assert_int_equal(world_free_frames(w), frames + 1);
    world_exit_clean(w);
    world_destroy(w);
}

/* The same, but somebody has locked it then: reclaim finds it later. */
static void test_write_when_entry_went_under_lock_writes_nothing(void **state)
{
    struct world *w = one_page(64);
    unsigned frames = world_free_frames(w);
    struct folio *folio;

    (void)state;
    world_fail_writes(w, 1);
    assert_false(world_push(w, BASE));
    folio = cached(w);
    world_lock(w, folio);
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_true(folio_test(folio, PG_swapcache));
    world_unlock(w, folio);
    (void)swap_out_folio(w->swap, folio);
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_WRITE), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(world_free_frames(w), frames + 1);
    world_exit_clean(w);
    world_destroy(w);
}

/* One fault does it all: the page comes in and is copied. */
static void test_swap_in_when_store_meets_shared_copies_at_once(void **state)
{
    struct world *w = one_page(64);

    (void)state;
    assert_true(world_push(w, BASE));
    assert_non_null(world_share(w));
    assert_int_equal(mm_handle_fault(w->mm, BASE, ACCESS_WRITE), FAULT_OK);
    assert_true(pte_hw_write(world_pte(w, BASE)));
    assert_int_equal(hub_counter(w->hub, COUNT_FAULT_COW), 1);
    assert_comes_back(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* Clean and in the swap cache, but an area has it locked. */
static void test_out_when_unmap_fails_activates(void **state)
{
    struct world *w = one_page(64);
    struct folio *folio;

    (void)state;
    assert_true(world_push(w, BASE));
    assert_comes_back(w);
    folio = world_folio(w, BASE);
    assert_true(folio_test(folio, PG_swapcache));
    folio_clear(folio, PG_active);
    vma_lookup(w->mm, BASE)->flags |= VM_LOCKED;
    assert_false(world_push(w, BASE));
    vma_lookup(w->mm, BASE)->flags &= ~(vm_flags_t)VM_LOCKED;
    assert_true(folio_test(folio, PG_active));
    assert_comes_back(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* An extra reference: the frame cannot go, so it is not written either. */
static void test_out_when_folio_is_held_keeps_frame(void **state)
{
    struct world *w = one_page(64);
    struct folio *folio = world_folio(w, BASE);

    (void)state;
    world_hold(w, folio);
    assert_false(world_push(w, BASE));
    assert_ptr_equal(cached(w), folio);
    assert_int_equal(hub_counter(w->hub, COUNT_SWAP_WRITE), 0);
    assert_true(folio_test(folio, PG_dirty));
    audit(w);
    world_release(w, folio);
    assert_comes_back(w);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_out_when_folio_is_locked_leaves_it(void **state)
{
    struct world *w = one_page(64);
    struct folio *folio = world_folio(w, BASE);
    struct page_state before = page_state(w, BASE);

    (void)state;
    assert_true(folio_trylock(folio));
    assert_false(world_push(w, BASE));
    assert_page_state(w, BASE, &before);
    assert_true(folio_test(folio, PG_lru));
    assert_int_equal(swap_used_pages(w->swap), 0);
    folio_unlock(folio);
    world_destroy(w);
}

/* ------------------------------------------------------------------ read */

static void test_read_when_device_fails_is_sigbus(void **state)
{
    struct world *w = one_page(64);
    pte_t pte;

    (void)state;
    assert_true(world_push(w, BASE));
    pte = world_pte(w, BASE);
    world_fail_reads(w, 1);
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_BUS);
    assert_int_equal(world_pte(w, BASE).v, pte.v);
    assert_int_equal(world_slot_count(w, BASE), 1);
    assert_int_equal(mm_rss(w->mm, MM_SWAPENTS), 1);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    assert_false(folio_test(cached(w), PG_uptodate));
    audit(w);
    /* The folio that was not filled stays, and fails again. */
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), FAULT_BUS);
    assert_true(swap_out_folio(w->swap, cached(w)));
    assert_null(cached(w));
    assert_comes_back(w);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_zap_after_failed_read_frees_slot(void **state)
{
    struct world *w = one_page(64);
    unsigned frames = world_free_frames(w);

    (void)state;
    assert_true(world_push(w, BASE));
    world_fail_reads(w, 1);
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_BUS);
    assert_int_equal(mm_munmap(w->mm, BASE, PAGE_SIZE), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(world_free_frames(w), frames + 1);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_read_when_folio_is_locked_retries(void **state)
{
    struct world *w = one_page(64);
    struct folio *folio;

    (void)state;
    world_fail_writes(w, 1);
    assert_false(world_push(w, BASE));
    folio = cached(w);
    assert_true(folio_trylock(folio));
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_RETRY);
    assert_int_equal(world_slot_count(w, BASE), 1);
    folio_unlock(folio);
    assert_comes_back(w);
    world_exit_clean(w);
    world_destroy(w);
}

static unsigned late; /* so many faults come before their page */

static enum fault swap_page_later(void *swap, struct vm_fault *vmf)
{
    return late && late-- ? FAULT_WAIT : swap_do_swap_page(swap, vmf);
}

static void forget_nothing(void *swap, struct folio *folio)
{
    (void)swap, (void)folio;
}

static bool free_swap(void *swap, struct folio *folio)
{
    return cache_free_swap(swap, folio);
}

/* Whoever faults hears of it at once; nothing is done, and nothing lost. */
static void test_read_when_page_must_be_waited_for_says_so(void **state)
{
    static const struct swap_ops slow = {.do_swap_page = swap_page_later,
                                         .folio_free_swap = free_swap,
                                         .forget_folio = forget_nothing};
    struct world *w = one_page(64);
    struct page_state before;

    (void)state;
    assert_true(world_out(w, BASE));
    before = page_state(w, BASE);
    memory_attach_swap(w->mem, &slow, w->swap);
    late = 1;
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_WAIT);
    assert_page_state(w, BASE, &before);
    assert_comes_back(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* Without an area that allows the access there is nothing to wait for. */
static void test_may_fault_when_area_allows_it(void **state)
{
    struct world *w = one_page(64);

    (void)state;
    assert_true(mm_may_fault(w->mm, BASE, ACCESS_WRITE));
    assert_false(mm_may_fault(w->mm, BASE, ACCESS_EXEC));
    assert_false(mm_may_fault(w->mm, BASE - 1, ACCESS_READ));
    world_exit_clean(w);
    world_destroy(w);
}

/* A marker that a read failed stays what it is. */
static void fault_at_marker(const char *profile, enum fault expected)
{
    struct world *w = world_create(profile, 256, 0);
    pte_t marker = swp_entry_to_pte(swp_entry(SWP_MARKER, MARKER_SWAPIN_ERROR));

    world_map(w, BASE, 1, true);
    *world_raw_pte(w, BASE) = marker;
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), expected);
    assert_int_equal(world_pte(w, BASE).v, marker.v);
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(world_read(w, BASE), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_fault_when_marker_is_an_error(void **state)
{
    (void)state;
    fault_at_marker("remap", FAULT_BUS);
    fault_at_marker("linux-6.2", FAULT_BUS);
    fault_at_marker("linux-6.6", FAULT_HWPOISON);
    fault_at_marker("linux-7.1", FAULT_HWPOISON);
}

/* ------------------------------------------------------------ swap cache */

static void test_cache_when_read_keeps_slot_until_write(void **state)
{
    struct world *w = one_page(64);
    struct folio *folio;
    swp_entry_t entry;

    (void)state;
    assert_true(world_push(w, BASE));
    entry = world_entry(w, BASE);
    assert_comes_back(w);
    folio = world_folio(w, BASE);
    assert_ptr_equal(cache_find(w->swap, entry), folio);
    assert_int_equal(slot_count(w->swap, entry), 0);
    assert_int_equal(folio->refcount, 2);
    assert_false(pte_write(world_pte(w, BASE)));
    assert_int_equal(swap_used_pages(w->swap), 1);
    world_write(w, BASE, 42);
    assert_ptr_equal(world_folio(w, BASE), folio);
    assert_int_equal(folio->refcount, 1);
    assert_false(folio_test(folio, PG_swapcache));
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(w->calls[HOOK_SWAP_INVALIDATE], 1);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_cache_when_first_access_writes_is_left_at_once(void **state)
{
    struct world *w = one_page(64);

    (void)state;
    assert_true(world_push(w, BASE));
    world_write(w, BASE, 42);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_true(pte_hw_write(world_pte(w, BASE)));
    assert_true(folio_test(world_folio(w, BASE), PG_anon_exclusive));
    assert_comes_back(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* Slots are scarce: a load takes it out too, and it is ours alone. */
static void test_cache_when_nearly_full_is_left_by_a_load(void **state)
{
    struct world *w = one_page(1);

    (void)state;
    assert_true(world_push(w, BASE));
    assert_comes_back(w);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_true(folio_test(world_folio(w, BASE), PG_anon_exclusive));
    world_exit_clean(w);
    world_destroy(w);
}

static void test_free_swap_when_entry_is_left_refuses(void **state)
{
    struct world *w = one_page(64);
    struct mm *parent = w->mm, *child = world_share(w);
    struct folio *folio;

    (void)state;
    assert_true(world_push(w, BASE));
    assert_comes_back(w);
    folio = world_folio(w, BASE);
    assert_false(cache_free_swap(w->swap, folio));
    assert_true(folio_test(folio, PG_swapcache));
    w->mm = child;
    assert_comes_back(w);
    folio_set(folio, PG_writeback);
    assert_false(cache_free_swap(w->swap, folio));
    folio_clear(folio, PG_writeback);
    folio_clear(folio, PG_dirty);
    assert_true(cache_free_swap(w->swap, folio));
    assert_true(folio_test(folio, PG_dirty));
    assert_false(cache_free_swap(w->swap, folio));
    assert_int_equal(swap_used_pages(w->swap), 0);
    w->mm = parent;
    world_exit_clean(w);
    world_destroy(w);
}

/* ------------------------------------------------------------ full device */

static void test_out_when_device_is_full_keeps_page(void **state)
{
    struct world *w = world_create("remap", 256, 2);
    struct page_state before;

    (void)state;
    world_map(w, BASE, 3, true);
    for (unsigned i = 0; i < 3; i++)
        world_set_tags(w, BASE + i * PAGE_SIZE, (adi_tag_t)(1 + i));
    assert_true(world_push(w, BASE));
    assert_true(world_push(w, BASE + PAGE_SIZE));
    before = page_state(w, BASE + 2 * PAGE_SIZE);
    assert_false(world_push(w, BASE + 2 * PAGE_SIZE));
    assert_page_state(w, BASE + 2 * PAGE_SIZE, &before);
    assert_int_equal(world_folio(w, BASE + 2 * PAGE_SIZE)->lru,
                     LRU_ACTIVE_ANON);
    assert_int_equal(w->calls[HOOK_UNMAP_SWAP], 2);
    /* More than half is in use: a page that comes in frees its slot. */
    assert_int_equal(world_tag(w, BASE), 1);
    assert_int_equal(swap_used_pages(w->swap), 1);
    assert_true(world_push(w, BASE + 2 * PAGE_SIZE));
    assert_int_equal(world_tag(w, BASE + PAGE_SIZE), 2);
    assert_int_equal(world_tag(w, BASE + 2 * PAGE_SIZE), 3);
    world_exit_clean(w);
    world_destroy(w);
}

/* A page that cannot go gives its slot back while slots are scarce. */
static void test_out_when_nearly_full_gives_slot_back(void **state)
{
    struct world *w = one_page(1);
    struct page_state before = page_state(w, BASE);

    (void)state;
    world_fail_hook(w, HOOK_UNMAP_SWAP, 1);
    assert_false(world_push(w, BASE));
    assert_page_state(w, BASE, &before);
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* ---------------------------------------------------------- frames run out */

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

static void test_reclaim_when_memory_is_short_keeps_all(void **state)
{
    struct world *w = world_create("remap", 64, 256);

    (void)state;
    world_map(w, BASE, 200, true);
    for (unsigned i = 0; i < 200; i++) {
        world_set_tags(w, nth(i), (adi_tag_t)(1 + i % 13));
        world_write(w, nth(i), (uint8_t)i);
    }
    audit(w);
    assert_true(swap_used_pages(w->swap) >= 200 - 63);
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(world_read(w, nth(i)), i);
        assert_int_equal(world_tag(w, nth(i)), 1 + i % 13);
    }
    world_exit_clean(w);
    world_destroy(w);
}

static void test_reclaim_when_nothing_can_go_frees_none(void **state)
{
    struct world *w = one_page(0);
    struct page_state before = page_state(w, BASE);

    (void)state;
    assert_int_equal(swap_reclaim(w->swap, 1, NODES_ALL), 0);
    assert_page_state(w, BASE, &before);
    world_destroy(w);
}

/* Pages in all frames, none of which can leave; returns how many. */
static unsigned fill_memory(struct world *w, unsigned frames)
{
    unsigned nr = 0;

    world_map(w, BASE, frames, true);
    assert_int_equal(mm_mlock(w->mm, BASE, frames * PAGE_SIZE, true), 0);
    while (!world_is_full(w))
        assert_int_equal(world_fault(w, nth(nr++), ACCESS_WRITE), FAULT_OK);
    return nr;
}

static void test_fault_when_frames_run_out_is_oom(void **state)
{
    (void)state;
    for (unsigned slots = 0; slots <= 64; slots += 64) {
        struct world *w = world_create("remap", 64, slots);
        unsigned nr;

        nr = fill_memory(w, 64);
        assert_int_equal(world_fault(w, nth(63), ACCESS_WRITE), FAULT_OOM);
        assert_true(pte_none(world_pte(w, nth(63))));
        assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), nr);
        audit(w);
        assert_int_equal(mm_munmap(w->mm, BASE, PAGE_SIZE), 0);
        assert_int_equal(world_fault(w, nth(63), ACCESS_WRITE), FAULT_OK);
        world_exit_clean(w);
        world_destroy(w);
    }
}

static void test_swap_in_when_frames_run_out_is_oom(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t out = nth(100);
    pte_t pte;

    (void)state;
    world_map(w, out, 1, true);
    world_set_tags(w, out, 5);
    assert_true(world_out(w, out));
    (void)fill_memory(w, 64);
    pte = world_pte(w, out);
    assert_int_equal(world_fault(w, out, ACCESS_READ), FAULT_OOM);
    assert_int_equal(world_pte(w, out).v, pte.v);
    assert_int_equal(world_slot_count(w, out), 1);
    assert_false(slot_has_cache(w->swap, world_entry(w, out)));
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    audit(w);
    assert_int_equal(mm_munmap(w->mm, BASE, PAGE_SIZE), 0);
    assert_int_equal(world_tag(w, out), 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* No frame, but none is needed: the entry has gone. */
static void test_swap_in_when_entry_has_gone_needs_no_frame(void **state)
{
    struct world *w = world_create("remap", 64, 64);
    gva_t out = nth(100);
    struct vm_fault vmf = {.mm = w->mm, .addr = out};

    (void)state;
    world_map(w, out, 1, true);
    world_set_tags(w, out, 5);
    assert_true(world_out(w, out));
    assert_non_null(world_share(w)); /* still needs the slot */
    vmf.vma = vma_lookup(w->mm, out);
    vmf.ptep = mm_pte(w->mm, out);
    vmf.orig = *vmf.ptep;
    assert_int_equal(mm_madvise(w->mm, out, PAGE_SIZE, MADV_G_DONTNEED), 0);
    (void)fill_memory(w, 64);
    assert_int_equal(swap_do_swap_page(w->swap, &vmf), FAULT_OK);
    assert_true(pte_none(*vmf.ptep));
    world_exit_clean(w);
    world_destroy(w);
}

static void test_read_when_slot_is_free_says_again(void **state)
{
    struct world *w = one_page(64);
    struct alloc_for who = {.vma = vma_lookup(w->mm, BASE), .addr = BASE};
    struct folio *folio = NULL;
    swp_entry_t entry;
    unsigned frames;

    (void)state;
    assert_true(world_push(w, BASE));
    entry = world_entry(w, BASE);
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    frames = world_free_frames(w);
    assert_int_equal(swap_read_folio(w->swap, entry, &who, &folio), -EAGAIN);
    assert_null(folio);
    assert_int_equal(world_free_frames(w), frames);
    world_exit_clean(w);
    world_destroy(w);
}

/* v5.17 discards it all the same; the frame goes with the last reference. */
static void test_out_when_lazyfree_is_held_in_v517_keeps_frame(void **state)
{
    struct world *w = world_create("linux-5.17", 64, 64);
    struct folio *folio;

    (void)state;
    world_map(w, BASE, 1, false);
    world_write(w, BASE, 42);
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_FREE), 0);
    folio = world_folio(w, BASE);
    world_hold(w, folio);
    assert_false(world_push(w, BASE));
    assert_true(pte_none(world_pte(w, BASE)));
    assert_true(folio_test(folio, PG_lru));
    world_release(w, folio);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_when_device_fails_keeps_folio),
        cmocka_unit_test(test_write_when_held_keeps_folio),
        cmocka_unit_test(test_write_when_tried_again_frees_frame),
        cmocka_unit_test(test_write_when_hook_refuses_keeps_folio),
        cmocka_unit_test(test_write_when_entry_is_gone_drops_slot),
        cmocka_unit_test(test_write_when_entry_went_under_lock_writes_nothing),
        cmocka_unit_test(test_swap_in_when_store_meets_shared_copies_at_once),
        cmocka_unit_test(test_out_when_unmap_fails_activates),
        cmocka_unit_test(test_out_when_folio_is_held_keeps_frame),
        cmocka_unit_test(test_out_when_folio_is_locked_leaves_it),
        cmocka_unit_test(test_read_when_device_fails_is_sigbus),
        cmocka_unit_test(test_zap_after_failed_read_frees_slot),
        cmocka_unit_test(test_read_when_folio_is_locked_retries),
        cmocka_unit_test(test_read_when_page_must_be_waited_for_says_so),
        cmocka_unit_test(test_may_fault_when_area_allows_it),
        cmocka_unit_test(test_fault_when_marker_is_an_error),
        cmocka_unit_test(test_cache_when_read_keeps_slot_until_write),
        cmocka_unit_test(test_cache_when_first_access_writes_is_left_at_once),
        cmocka_unit_test(test_cache_when_nearly_full_is_left_by_a_load),
        cmocka_unit_test(test_free_swap_when_entry_is_left_refuses),
        cmocka_unit_test(test_out_when_device_is_full_keeps_page),
        cmocka_unit_test(test_out_when_nearly_full_gives_slot_back),
        cmocka_unit_test(test_reclaim_when_memory_is_short_keeps_all),
        cmocka_unit_test(test_reclaim_when_nothing_can_go_frees_none),
        cmocka_unit_test(test_fault_when_frames_run_out_is_oom),
        cmocka_unit_test(test_swap_in_when_frames_run_out_is_oom),
        cmocka_unit_test(test_swap_in_when_entry_has_gone_needs_no_frame),
        cmocka_unit_test(test_read_when_slot_is_free_says_again),
        cmocka_unit_test(test_out_when_lazyfree_is_held_in_v517_keeps_frame),
    };

    return RUN(tests);
}
