// SPDX-License-Identifier: GPL-2.0-or-later
/* do_wp_page(): keep the page, or copy it with its tags, or say no. */
#include <errno.h>

#include "mm/mapping.h"
#include "mm/pin.h"
#include "swap/cache.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define FAR  UINT64_C(0x71000000)

static struct world *one_page_of(const struct adi_profile *profile,
                                 unsigned frames)
{
    struct world *w = world_create_with(profile, frames, 64, 1);

    assert_int_equal(world_map(w, BASE, 1, true), BASE);
    world_write(w, BASE, 42);
    world_set_tags(w, BASE, 5);
    return w;
}

static struct world *one_page(void)
{
    return one_page_of(adi_profile_find("remap"), 256);
}

static void assert_page(struct world *w, uint8_t byte, adi_tag_t tag)
{
    assert_int_equal(world_read(w, BASE), byte);
    assert_int_equal(world_tag(w, BASE), tag);
}

static void test_write_when_zero_page_gets_a_page(void **state)
{
    struct world *w = world_create("remap", 256, 0);

    (void)state;
    world_map(w, BASE, 1, true);
    assert_page(w, 0, 0);
    assert_true(pte_special(world_pte(w, BASE)));
    assert_true(pte_mcd(world_pte(w, BASE)));
    world_write(w, BASE, 42);
    assert_false(pte_special(world_pte(w, BASE)));
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    assert_int_equal(hub_counter(w->hub, COUNT_FAULT_COW), 1);
    assert_page(w, 42, 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_write_when_shared_copies_tags(void **state)
{
    struct world *w = one_page();
    struct mm *parent = w->mm, *child = world_share(w);
    struct folio *folio = world_folio(w, BASE);
    unsigned frames = world_free_frames(w), flushes = w->flushes;

    (void)state;
    world_write(w, BASE, 43);
    assert_ptr_not_equal(world_folio(w, BASE), folio);
    assert_int_equal(folio->mapcount, 1);
    assert_int_equal(folio->refcount, 1);
    assert_int_equal(world_free_frames(w), frames - 1);
    assert_true(w->flushes > flushes);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    audit(w);
    world_set_tags(w, BASE, 7);
    assert_page(w, 43, 7);
    w->mm = child;
    assert_page(w, 42, 5);
    /* The other is gone: this one may keep the page. */
    assert_false(folio_test(folio, PG_anon_exclusive));
    world_write(w, BASE, 44);
    assert_ptr_equal(world_folio(w, BASE), folio);
    assert_true(folio_test(folio, PG_anon_exclusive));
    assert_page(w, 44, 5);
    w->mm = parent;
    assert_page(w, 43, 7);
    world_exit_clean(w);
    world_destroy(w);
}

/* Without PROT_ADI the copy has tags of 0, whatever its frame had. */
static void test_write_when_area_has_no_tags_clears_them(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct mm *parent = w->mm;

    (void)state;
    world_map(w, FAR, 62, true);
    for (unsigned i = 0; !world_is_full(w); i++)
        world_set_tags(w, FAR + i * PAGE_SIZE, 9);
    assert_int_equal(mm_munmap(w->mm, FAR, 62 * PAGE_SIZE), 0);
    world_map(w, BASE, 1, false);
    world_write(w, BASE, 42);
    w->mm = world_share(w);
    world_write(w, BASE, 43);
    assert_page(w, 43, 0);
    w->mm = parent;
    assert_page(w, 42, 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* The program gave up its tags for a while, and with them the copy's. */
static void test_write_when_tags_are_off_forgets_them(void **state)
{
    struct world *w = one_page();
    struct mm *parent = w->mm;

    (void)state;
    w->mm = world_share(w);
    assert_int_equal(
        mm_mprotect(w->mm, BASE, PAGE_SIZE, PROT_G_READ | PROT_G_WRITE), 0);
    world_write(w, BASE, 43);
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE,
                                 PROT_G_READ | PROT_G_WRITE | PROT_G_ADI),
                     0);
    assert_page(w, 43, 0);
    w->mm = parent;
    assert_page(w, 42, 5);
    world_exit_clean(w);
    world_destroy(w);
}

/*
 * The page's tags were lost before, which shows in no page with PROT_ADI; the
 * copy has none, lost or not.
 */
static void test_write_when_lost_tags_are_off_forgets_them(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 16);
    unsigned rw = PROT_G_READ | PROT_G_WRITE;

    (void)state;
    world_map(w, BASE, 1, true);
    world_set_tags(w, BASE, 5);
    assert_true(world_out(w, BASE));
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE, rw), 0);
    assert_int_equal(mm_handle_fault(w->mm, BASE, ACCESS_READ), FAULT_OK);
    w->mm = world_share(w);
    world_write(w, BASE, 43);
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE, rw | PROT_G_ADI), 0);
    assert_int_equal(world_tag(w, BASE), 0);
    assert_int_equal(judge_nr_findings(w->judge), 0);
    world_exit(w);
    world_destroy(w);
}

static void test_write_when_folio_is_held_copies(void **state)
{
    struct world *w = one_page();
    struct folio *folio = world_folio(w, BASE);
    struct mm *parent = w->mm, *child = world_share(w);

    (void)state;
    mm_put(child);
    world_hold(w, folio);
    w->mm = parent;
    assert_false(folio_test(folio, PG_anon_exclusive));
    world_write(w, BASE, 43);
    assert_ptr_not_equal(world_folio(w, BASE), folio);
    assert_int_equal(folio->refcount, 1);
    assert_page(w, 43, 5);
    world_release(w, folio);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_write_when_exclusive_ignores_references(void **state)
{
    struct world *w = one_page();
    struct folio *folio = world_folio(w, BASE);

    (void)state;
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE, PROT_G_READ), 0);
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE,
                                 PROT_G_READ | PROT_G_WRITE | PROT_G_ADI),
                     0);
    *world_raw_pte(w, BASE) = pte_wrprotect(world_pte(w, BASE));
    world_hold(w, folio);
    world_write(w, BASE, 43);
    assert_ptr_equal(world_folio(w, BASE), folio);
    world_release(w, folio);
    assert_page(w, 43, 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_write_when_locked_folio_copies(void **state)
{
    struct world *w = one_page();
    struct folio *folio = world_folio(w, BASE);

    (void)state;
    mm_put(world_share(w));
    world_hold(w, folio);
    assert_true(folio_trylock(folio));
    world_release(w, folio);
    world_write(w, BASE, 43);
    assert_ptr_not_equal(world_folio(w, BASE), folio);
    assert_int_equal(folio->refcount, 0);
    assert_page(w, 43, 5);
    folio_unlock(folio);
    world_exit_clean(w);
    world_destroy(w);
}

/* Two map a folio of the swap cache; the one that writes leaves it. */
static void test_write_when_in_swap_cache_copies(void **state)
{
    struct world *w = one_page();
    struct mm *parent = w->mm, *child = world_share(w);
    struct folio *folio;
    swp_entry_t entry;

    (void)state;
    assert_true(world_push(w, BASE));
    entry = world_entry(w, BASE);
    assert_page(w, 42, 5);
    folio = world_folio(w, BASE);
    w->mm = child;
    world_write(w, BASE, 43); /* swap-in, then copy */
    assert_ptr_not_equal(world_folio(w, BASE), folio);
    assert_int_equal(folio->mapcount, 1);
    assert_ptr_equal(cache_find(w->swap, entry), folio);
    audit(w);
    assert_page(w, 43, 5);
    w->mm = parent;
    world_write(w, BASE, 44);
    assert_ptr_equal(world_folio(w, BASE), folio);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_page(w, 44, 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* Only the swap cache still has it then: neither slot nor frame stay. */
static void test_write_when_cached_page_is_held_frees_its_slot(void **state)
{
    struct world *w = one_page();
    struct folio *folio;

    (void)state;
    assert_true(world_push(w, BASE));
    assert_page(w, 42, 5);
    folio = world_folio(w, BASE);
    assert_true(folio_test(folio, PG_swapcache));
    *world_raw_pte(w, BASE) = pte_wrprotect(world_pte(w, BASE));
    folio_clear(folio, PG_anon_exclusive);
    world_hold(w, folio);
    world_write(w, BASE, 43);
    assert_ptr_not_equal(world_folio(w, BASE), folio);
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_release(w, folio);
    assert_page(w, 43, 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* A pin for reading takes the page for this process, and no more. */
static void test_pin_when_child_has_gone_keeps_page_read_only(void **state)
{
    struct world *w = one_page();
    struct folio *folio = world_folio(w, BASE), *pinned;

    (void)state;
    mm_put(world_share(w));
    assert_false(folio_test(folio, PG_anon_exclusive));
    assert_int_equal(mm_pin_page(w->mm, BASE, ACCESS_READ, &pinned), FAULT_OK);
    assert_ptr_equal(pinned, folio);
    assert_true(folio_test(folio, PG_anon_exclusive));
    assert_false(pte_write(world_pte(w, BASE)));
    memory_unpin(w->mem, pinned);
    assert_page(w, 42, 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* Its PTE is clean, but what it holds is nowhere else. */
static void test_pin_when_shared_makes_a_copy_that_is_written(void **state)
{
    struct world *w = one_page();
    struct folio *pinned;

    (void)state;
    assert_non_null(world_share(w));
    assert_int_equal(mm_pin_page(w->mm, BASE, ACCESS_READ, &pinned), FAULT_OK);
    assert_int_equal(pinned->mapcount, 1);
    assert_false(pte_dirty(world_pte(w, BASE)));
    memory_unpin(w->mem, pinned);
    assert_true(world_out(w, BASE));
    assert_page(w, 42, 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* -------------------------------------------------------- no frame for it */

static void fill(struct world *w)
{
    unsigned nr = world_free_frames(w);

    world_map(w, FAR, nr, false);
    assert_int_equal(mm_mlock(w->mm, FAR, nr * PAGE_SIZE, false), -EAGAIN);
    assert_true(world_is_full(w));
}

static void test_copy_when_no_frame_is_free_is_oom(void **state)
{
    struct world *w = one_page_of(adi_profile_find("remap"), 64);
    struct mm *child = world_share(w);
    struct page_state before;

    (void)state;
    assert_int_equal(mm_mlock(w->mm, BASE, PAGE_SIZE, true), 0);
    fill(w);
    before = page_state(w, BASE);
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), FAULT_OOM);
    assert_page_state(w, BASE, &before);
    assert_page(w, 42, 5);
    audit(w);
    mm_put(child);
    world_write(w, BASE, 43);
    assert_page(w, 43, 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_zero_page_when_no_frame_is_free_is_oom(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct page_state before;

    (void)state;
    world_map(w, BASE, 1, true);
    assert_page(w, 0, 0);
    world_map(w, FAR, 63, false);
    for (unsigned i = 0; !world_is_full(w); i++)
        world_write(w, FAR + i * PAGE_SIZE, 1);
    before = page_state(w, BASE);
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), FAULT_OOM);
    assert_page_state(w, BASE, &before);
    world_exit_clean(w);
    world_destroy(w);
}

/* ------------------------------------------------------------ file pages */

static struct mapping *map_object(struct world *w, unsigned flags)
{
    struct mapping *m = mapping_create_shmem(w->mem, PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE | PROT_G_ADI,
                             .flags = flags | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t at;

    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    return m;
}

static void test_write_when_private_of_object_copies(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mapping *m = map_object(w, MAP_G_PRIVATE);
    struct folio *folio;

    (void)state;
    assert_page(w, 0, 0);
    folio = world_folio(w, BASE);
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 1);
    world_write(w, BASE, 42);
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 0);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
    assert_int_equal(folio->mapcount, 0);
    assert_int_equal(memory_folio_bytes(w->mem, folio)[0], 0);
    audit(w);
    world_set_tags(w, BASE, 5);
    assert_true(world_out(w, BASE));
    assert_page(w, 42, 5);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_write_when_shared_object_dirties_it(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mapping *m = map_object(w, MAP_G_SHARED);
    struct folio *folio;

    (void)state;
    assert_page(w, 0, 0);
    folio = world_folio(w, BASE);
    folio_clear(folio, PG_dirty);
    *world_raw_pte(w, BASE) = pte_wrprotect(world_pte(w, BASE));
    world_write(w, BASE, 42);
    assert_ptr_equal(world_folio(w, BASE), folio);
    assert_true(folio_test(folio, PG_dirty));
    assert_int_equal(hub_counter(w->hub, COUNT_FAULT_COW), 0);
    /* The first store to it: the page is dirty at once. */
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    folio_clear(folio, PG_dirty);
    world_write(w, BASE, 43);
    assert_ptr_equal(world_folio(w, BASE), folio);
    assert_true(folio_test(folio, PG_dirty));
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

/* ----------------------------------------------------------------- v5.17 */

static void test_write_in_5_17_goes_by_counts(void **state)
{
    struct adi_profile old = *adi_profile_find("remap");
    struct world *w;
    struct folio *folio;

    (void)state;
    old.policy.anon_exclusive = old.policy.reuse_by_refs = false;
    w = one_page_of(&old, 256);
    folio = world_folio(w, BASE);
    assert_false(folio_test(folio, PG_anon_exclusive));
    mm_put(world_share(w));
    world_write(w, BASE, 43);
    assert_ptr_equal(world_folio(w, BASE), folio);
    /* A write to a swapped page takes it out of the swap cache. */
    assert_true(world_push(w, BASE));
    world_write(w, BASE, 44);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_true(pte_hw_write(world_pte(w, BASE)));
    assert_page(w, 44, 5);
    /* One reference too many is one copy too many. */
    folio = world_folio(w, BASE);
    *world_raw_pte(w, BASE) = pte_wrprotect(world_pte(w, BASE));
    world_hold(w, folio);
    world_write(w, BASE, 45);
    assert_ptr_not_equal(world_folio(w, BASE), folio);
    world_release(w, folio);
    assert_page(w, 45, 5);
    /* So is a lock: whoever has it may be about to move the page. */
    folio = world_folio(w, BASE);
    *world_raw_pte(w, BASE) = pte_wrprotect(world_pte(w, BASE));
    assert_true(folio_trylock(folio));
    world_write(w, BASE, 46);
    assert_ptr_not_equal(world_folio(w, BASE), folio);
    folio_unlock(folio);
    assert_page(w, 46, 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* A pin for a store makes the page its own by the store itself. */
static void test_pin_when_for_a_store_breaks_the_share_first(void **state)
{
    struct world *w = one_page();
    struct mm *child = world_share(w);
    struct folio *pinned;

    (void)state;
    assert_int_equal(mm_pin_page(w->mm, BASE, ACCESS_WRITE, &pinned), FAULT_OK);
    assert_int_equal(pinned->mapcount, 1);
    assert_true(folio_test(pinned, PG_anon_exclusive));
    assert_true(pte_hw_write(world_pte(w, BASE)));
    memory_unpin(w->mem, pinned);
    assert_page(w, 42, 5);
    w->mm = child;
    assert_page(w, 42, 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* v5.17 pins what is shared, and a later store goes elsewhere. */
static void test_pin_when_5_17_pins_the_shared_page(void **state)
{
    struct world *w = one_page_of(adi_profile_find("linux-5.17"), 256);
    struct folio *folio = world_folio(w, BASE), *pinned;

    (void)state;
    assert_non_null(world_share(w));
    assert_int_equal(mm_pin_page(w->mm, BASE, ACCESS_READ, &pinned), FAULT_OK);
    assert_ptr_equal(pinned, folio);
    assert_int_equal(folio->mapcount, 2);
    world_write(w, BASE, 43);
    assert_ptr_not_equal(world_folio(w, BASE), pinned);
    memory_unpin(w->mem, pinned);
    world_exit(w);
    world_destroy(w);
}

static void test_pin_when_page_is_of_an_object_takes_it_as_it_is(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mapping *m = map_object(w, MAP_G_PRIVATE);
    struct folio *pinned;

    (void)state;
    assert_int_equal(mm_pin_page(w->mm, BASE, ACCESS_READ, &pinned), FAULT_OK);
    assert_ptr_equal(pinned, mapping_find(m, 0));
    memory_unpin(w->mem, pinned);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_pin_when_no_frame_is_free_is_oom(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct folio *taken[64], *pinned = NULL;
    unsigned nr = 0;

    (void)state;
    world_map(w, BASE, 1, true);
    world_write(w, BASE, 42);
    world_set_tags(w, BASE, 5);
    assert_non_null(world_share(w));
    while ((taken[nr] = phys_alloc(memory_phys(w->mem), 0)) != NULL)
        nr++;
    assert_int_equal(mm_pin_page(w->mm, BASE, ACCESS_READ, &pinned), FAULT_OOM);
    assert_int_equal(world_folio(w, BASE)->pins, 0);
    assert_int_equal(world_folio(w, BASE)->mapcount, 2);
    while (nr > 0)
        memory_folio_put(w->mem, taken[--nr]);
    assert_page(w, 42, 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_pin_when_page_is_ours_needs_no_copy(void **state)
{
    struct world *w = one_page();
    struct folio *folio = world_folio(w, BASE), *pinned;

    (void)state;
    assert_int_equal(mm_pin_page(w->mm, BASE, ACCESS_READ, &pinned), FAULT_OK);
    assert_ptr_equal(pinned, folio);
    assert_int_equal(folio->pins, 1);
    assert_int_equal(hub_counter(w->hub, COUNT_FAULT_COW), 0);
    memory_unpin(w->mem, pinned);
    assert_page(w, 42, 5);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_when_zero_page_gets_a_page),
        cmocka_unit_test(test_write_when_shared_copies_tags),
        cmocka_unit_test(test_write_when_area_has_no_tags_clears_them),
        cmocka_unit_test(test_write_when_tags_are_off_forgets_them),
        cmocka_unit_test(test_write_when_lost_tags_are_off_forgets_them),
        cmocka_unit_test(test_write_when_folio_is_held_copies),
        cmocka_unit_test(test_write_when_exclusive_ignores_references),
        cmocka_unit_test(test_write_when_locked_folio_copies),
        cmocka_unit_test(test_write_when_in_swap_cache_copies),
        cmocka_unit_test(test_write_when_cached_page_is_held_frees_its_slot),
        cmocka_unit_test(test_pin_when_child_has_gone_keeps_page_read_only),
        cmocka_unit_test(test_pin_when_shared_makes_a_copy_that_is_written),
        cmocka_unit_test(test_copy_when_no_frame_is_free_is_oom),
        cmocka_unit_test(test_zero_page_when_no_frame_is_free_is_oom),
        cmocka_unit_test(test_write_when_private_of_object_copies),
        cmocka_unit_test(test_write_when_shared_object_dirties_it),
        cmocka_unit_test(test_write_in_5_17_goes_by_counts),
        cmocka_unit_test(test_pin_when_for_a_store_breaks_the_share_first),
        cmocka_unit_test(test_pin_when_5_17_pins_the_shared_page),
        cmocka_unit_test(test_pin_when_page_is_of_an_object_takes_it_as_it_is),
        cmocka_unit_test(test_pin_when_no_frame_is_free_is_oom),
        cmocka_unit_test(test_pin_when_page_is_ours_needs_no_copy),
    };

    return RUN(tests);
}
