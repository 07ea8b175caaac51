// SPDX-License-Identifier: GPL-2.0-or-later
/* Each invariant of check/ sees what is done to the memory behind its back. */
#include <string.h>

#include "adi/internal.h"
#include "adi/match.h"
#include "check/check.h"
#include "mm/gather.h"
#include "mm/mapping.h"
#include "mm/mm.h"
#include "swap/cache.h"
#include "swap/internal.h"
#include "swap/slot.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define FAR  UINT64_C(0x78000000)

/* A page with tags at BASE in memory, one at FAR in swap. */
struct scene {
    struct world *w;
    struct check *check;
};

static struct scene scene(const char *profile)
{
    struct scene s = {.w = world_create(profile, 256, 64)};
    const struct check_config config = {.mem = s.w->mem,
                                        .adi = s.w->adi,
                                        .swap = s.w->swap,
                                        .judge = s.w->judge,
                                        .level = CHECK_FULL,
                                        .own_files = true};

    s.check = check_create(&config);
    assert_non_null(s.check);
    world_map(s.w, BASE, 2, true);
    world_map(s.w, FAR, 2, true);
    world_set_tags(s.w, BASE, 5);
    world_write(s.w, BASE, 1);
    world_set_tags(s.w, FAR, 6);
    assert_true(world_out(s.w, FAR));
    assert_true(check_now(s.check));
    assert_null(check_failure(s.check));
    return s;
}

static pte_t *pte(const struct scene *s, gva_t va)
{
    return world_raw_pte(s->w, va);
}

static struct folio *folio(const struct scene *s)
{
    return world_folio(s->w, BASE);
}

/* ------------------------------------------- one hand behind each back */

static void no_mcd(const struct scene *s)
{
    pte(s, BASE)->v &= ~PTE_MCD;
}

static void mergeable(const struct scene *s)
{
    struct vma *vma = vma_lookup(s->w->mm, BASE);

    vma_set_flags(vma, vma->flags | VM_MERGEABLE);
}

static void one_mapping_more(const struct scene *s)
{
    *pte(s, BASE) = pte_wrprotect(*pte(s, BASE));
    folio(s)->mapcount++;
}

static void one_reference_more(const struct scene *s)
{
    folio(s)->refcount++;
}

static void one_reference_fewer(const struct scene *s)
{
    folio(s)->refcount--;
}

static void mapped_twice(const struct scene *s)
{
    *pte(s, BASE + PAGE_SIZE) = *pte(s, BASE);
    folio(s)->mapcount++;
    folio(s)->refcount++;
    mm_rss_add(s->w->mm, MM_ANONPAGES, 1);
}

static void not_exclusive(const struct scene *s)
{
    folio_clear(folio(s), PG_anon_exclusive);
}

static void one_page_more(const struct scene *s)
{
    mm_rss_add(s->w->mm, MM_ANONPAGES, 1);
}

static void outside_of_areas(const struct scene *s)
{
    *pte(s, BASE + 9 * PAGE_SIZE) = *pte(s, BASE);
}

static void off_the_mmlist(const struct scene *s)
{
    mm_clear_on_mmlist(s->w->mm);
}

static void one_count_more(const struct scene *s)
{
    assert_int_equal(slot_duplicate(s->w->swap, world_entry(s->w, FAR)), 0);
}

static void one_count_fewer(const struct scene *s)
{
    *pte(s, FAR + PAGE_SIZE) = *pte(s, FAR);
    mm_rss_add(s->w->mm, MM_SWAPENTS, 1);
}

static void no_such_slot(const struct scene *s)
{
    *pte(s, FAR) = swp_entry_to_pte(swp_entry(0, 9999));
}

static void write_without_area(const struct scene *s)
{
    struct vma *vma = vma_lookup(s->w->mm, BASE);

    vma->flags &= ~VM_WRITE;
}

static void store_without_dirty(const struct scene *s)
{
    pte(s, BASE)->v &= ~PTE_MODIFIED;
}

static void dirty_without_may(const struct scene *s)
{
    struct vma *vma = vma_lookup(s->w->mm, BASE);

    vma->flags &= ~(VM_WRITE | VM_MAYWRITE);
    *pte(s, BASE) = pte_wrprotect(*pte(s, BASE));
}

static void zero_page_writable(const struct scene *s)
{
    assert_int_equal(world_read(s->w, BASE + PAGE_SIZE), 0);
    pte(s, BASE + PAGE_SIZE)->v |= PTE_WRITE;
}

static void unknown_marker(const struct scene *s)
{
    *pte(s, BASE + PAGE_SIZE) = swp_entry_to_pte(swp_entry(SWP_MARKER, 77));
}

static void migration_entry(const struct scene *s)
{
    pfn_t pfn = pte_pfn(*pte(s, BASE));

    *pte(s, BASE) =
        swp_entry_to_pte(make_migration_entry(SWP_MIGRATION_READ, pfn));
}

static void locked(const struct scene *s)
{
    assert_true(folio_trylock(folio(s)));
}

static void free_but_pinned(const struct scene *s)
{
    struct folio *other;

    world_write(s->w, BASE + PAGE_SIZE, 1);
    other = world_folio(s->w, BASE + PAGE_SIZE);
    assert_int_equal(
        mm_madvise(s->w->mm, BASE + PAGE_SIZE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    other->pins = 1;
}

static void other_tag(const struct scene *s)
{
    tagmem_page(adi_tagmem(s->w->adi), pte_pfn(*pte(s, BASE)))[7] = 3;
}

static void tag_on_new_page(const struct scene *s)
{
    world_write(s->w, BASE + PAGE_SIZE, 1);
    tagmem_page(adi_tagmem(s->w->adi), pte_pfn(*pte(s, BASE + PAGE_SIZE)))[0] =
        1;
}

static void finding_without_bug(const struct scene *s)
{
    other_tag(s);
    mm_event_visible(vma_lookup(s->w->mm, BASE), BASE, *pte(s, BASE),
                     PATH_FAULT);
}

static struct hook_args args_of(const struct scene *s, gva_t va)
{
    return (struct hook_args){.mm = s->w->mm,
                              .vma = vma_lookup(s->w->mm, va),
                              .addr = va,
                              .pte = *pte(s, va),
                              .pfn = pte_pfn(*pte(s, va))};
}

static void saved_too_early(const struct scene *s)
{
    struct hook_args args = args_of(s, BASE);

    assert_int_equal(memory_hook(s->w->mem, HOOK_UNMAP_SWAP, &args), 0);
}

static void dropped_too_early(const struct scene *s)
{
    struct hook_args args = args_of(s, FAR);

    assert_int_equal(memory_hook(s->w->mem, HOOK_ZAP_SWAP, &args), 0);
}

static void saved_for_free_slot(const struct scene *s)
{
    struct hook_args args = args_of(s, BASE);

    args.entry = swp_entry(0, 60);
    assert_int_equal(memory_hook(s->w->mem, HOOK_SWAP_WRITE, &args), 0);
}

static void no_mismatch(const struct scene *s)
{
    assert_true(check_mismatch(s->check, s->w->mm, BASE | UINT64_C(7) << 60));
    assert_false(check_mismatch(s->check, s->w->mm, BASE | UINT64_C(5) << 60));
}

/* In the swap cache, and a swap entry stands for it. */
static void exclusive_in_swap(const struct scene *s)
{
    struct world *w = s->w;

    w->mm = world_share(w);
    assert_int_equal(world_read(w, FAR), 0);
    folio_set(world_folio(w, FAR), PG_anon_exclusive);
}

/* Fork leaves the entry as it was. */
static void exclusive_entry_of_two(const struct scene *s)
{
    assert_non_null(world_share(s->w));
    *pte(s, FAR) = pte_swp_mkexclusive(*pte(s, FAR));
}

/* An unmap that fails, and puts another entry back. */
static void undone_by_half(const struct scene *s)
{
    memory_watch_unmap(s->w->mem, false, s->w->mm, BASE);
    *pte(s, BASE) = pte_wrprotect(*pte(s, BASE));
    memory_watch_unmap(s->w->mem, true, s->w->mm, BASE);
}

static void copy_not_undone(const struct scene *s)
{
    memory_watch_unmap(s->w->mem, false, s->w->mm, BASE);
    saved_too_early(s);
    memory_watch_unmap(s->w->mem, true, s->w->mm, BASE);
}

static void count_not_undone(const struct scene *s)
{
    assert_int_equal(world_read(s->w, FAR), 0);
    memory_watch_unmap(s->w->mem, false, s->w->mm, FAR);
    if (!folio_test(world_folio(s->w, FAR), PG_swapcache))
        folio_get(world_folio(s->w, FAR));
    else
        assert_int_equal(
            slot_duplicate(s->w->swap, world_folio(s->w, FAR)->swap), 0);
    memory_watch_unmap(s->w->mem, true, s->w->mm, FAR);
}

static void seen_too_early(const struct scene *s)
{
    other_tag(s);
    mm_event_glimpse(vma_lookup(s->w->mm, BASE), BASE, *pte(s, BASE),
                     PATH_FAULT);
}

/* Locked, so that the entry itself may be there. */
static void migration_entry_may_write(const struct scene *s)
{
    pfn_t pfn = pte_pfn(*pte(s, BASE));

    locked(s);
    folio(s)->mapcount = 0;
    *pte(s, BASE) =
        swp_entry_to_pte(make_migration_entry(SWP_MIGRATION_WRITE, pfn));
    vma_lookup(s->w->mm, BASE)->flags &= ~VM_WRITE;
}

static void translation_stays(const struct scene *s)
{
    check_tlb_fill(s->check, s->w->mm, BASE, *pte(s, BASE));
    assert_true(check_now(s->check));
    assert_int_equal(mm_madvise(s->w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
}

static void translation_may_store(const struct scene *s)
{
    check_tlb_fill(s->check, s->w->mm, BASE, *pte(s, BASE));
    assert_int_equal(
        mm_mprotect(s->w->mm, BASE, PAGE_SIZE, PROT_G_READ | PROT_G_ADI), 0);
}

/* A file of two pages, mapped at AWAY. */
#define AWAY UINT64_C(0x7a000000)

static uint8_t file_bytes[2 * PAGE_SIZE];
static uint64_t file_size;

static int read_file(void *ctx, uint64_t index, uint8_t *page)
{
    (void)ctx;
    memcpy(page, file_bytes + index * PAGE_SIZE, PAGE_SIZE);
    return 0;
}

static uint64_t size_of_file(void *ctx)
{
    (void)ctx;
    return file_size;
}

static void map_file(const struct scene *s, bool tmpfs)
{
    static const struct mapping_ops ops = {.read = read_file,
                                           .size = size_of_file};
    struct mmap_args args = {.addr = AWAY,
                             .len = 2 * PAGE_SIZE,
                             .prot = PROT_G_READ,
                             .flags = MAP_G_SHARED | MAP_G_FIXED};
    gva_t at;

    file_size = sizeof(file_bytes);
    args.mapping = tmpfs ? mapping_create_tmpfs(s->w->mem, &ops, NULL)
                         : mapping_create_file(s->w->mem, &ops, NULL);
    assert_int_equal(mm_mmap(s->w->mm, &args, &at), 0);
    assert_int_equal(world_read(s->w, AWAY + PAGE_SIZE), 0);
    assert_true(check_now(s->check));
}

static void shorter_than_mapped(const struct scene *s)
{
    map_file(s, true);
    file_size = PAGE_SIZE;
}

static void clean_but_written(const struct scene *s)
{
    map_file(s, false);
    memory_folio_bytes(s->w->mem, world_folio(s->w, AWAY + PAGE_SIZE))[9] = 1;
}

static void queued_for_ever(const struct scene *s)
{
    static struct mmu_gather tlb;

    tlb_gather_mmu(&tlb, s->w->mm);
    folio_get(folio(s));
    check_hold(s->check, 1);
    assert_false(tlb_remove_page(&tlb, folio(s), false));
}

static void copy_left_behind(const struct scene *s)
{
    saved_for_free_slot(s);
    mm_put(s->w->mm);
}

static void frame_left_behind(const struct scene *s)
{
    struct folio *left = memory_alloc_folio(s->w->mem, 0);

    folio_set(left, PG_anon);
    mm_put(s->w->mm);
}

static void bytes_of_nobody(const struct scene *s)
{
    adi_account(s->w->adi, 0, 8);
}

static void copies_of_nobody(const struct scene *s)
{
    adi_account(s->w->adi, 1, 0);
}

static void other_slot_in_cache(const struct scene *s)
{
    exclusive_in_swap(s);
    folio_clear(world_folio(s->w, FAR), PG_anon_exclusive);
    assert_true(check_now(s->check));
    world_folio(s->w, FAR)->swap = swp_entry(0, 50);
}

static void flag_of_cache_lost(const struct scene *s)
{
    swp_entry_t entry;

    exclusive_in_swap(s);
    folio_clear(world_folio(s->w, FAR), PG_anon_exclusive);
    entry = world_folio(s->w, FAR)->swap;
    s->w->swap->info[0].map[swp_offset(entry)] &= (uint8_t)~SWAP_HAS_CACHE;
}

/* The page's slot is in a slot cache as well. */
static void used_and_given_back(const struct scene *s)
{
    struct slot_cache *sc = &s->w->swap->slot_cache;

    exclusive_in_swap(s);
    folio_clear(world_folio(s->w, FAR), PG_anon_exclusive);
    sc->slots_ret[sc->nr_ret++] = world_folio(s->w, FAR)->swap;
}

static void spare_and_nowhere(const struct scene *s)
{
    struct swap_info *si = &s->w->swap->info[0];

    si->map[si->slots - 1] = SWAP_HAS_CACHE;
    si->inuse++;
}

static void one_slot_more(const struct scene *s)
{
    s->w->swap->info[0].inuse++;
}

/* A frame is taken for a page table that there is not. */
static void charged_without_table(const struct scene *s)
{
    assert_true(phys_charge(memory_phys(s->w->mem), 0));
}

static void unused_but_not_free(const struct scene *s)
{
    memory_alloc_folio(s->w->mem, 0)->refcount = 0;
}

static void pin_without_reference(const struct scene *s)
{
    folio(s)->pins++;
}

/* A process that never asked for version tags. */
static void area_of_another(const struct scene *s)
{
    struct world *w = s->w;

    w->mm = mm_create(w->mem);
    world_map(w, AWAY, 1, false);
    world_write(w, AWAY, 1);
    assert_true(check_now(s->check));
    vma_lookup(w->mm, AWAY)->flags |= VM_SPARC_ADI;
    world_raw_pte(w, AWAY)->v |= PTE_MCD;
}

/* Of a page that parent and child share. */
static void migration_entry_of_both(const struct scene *s)
{
    pfn_t pfn = pte_pfn(*pte(s, BASE));

    assert_non_null(world_share(s->w));
    assert_true(check_now(s->check));
    folio(s)->mapcount = 1;
    *pte(s, BASE) =
        swp_entry_to_pte(make_migration_entry(SWP_MIGRATION_WRITE, pfn));
}

static void anon_in_shared_area(const struct scene *s)
{
    map_file(s, false);
    folio_set(world_folio(s->w, AWAY + PAGE_SIZE), PG_anon);
}

static const struct {
    const char *profile;
    void (*hand)(const struct scene *s);
    unsigned nr;
    const char *name;
} cases[] = {
    {"linux-6.2", saved_too_early, 1, "check_users_match_saved"},
    {"remap", copies_of_nobody, 2, "check_copies_add_up"},
    {"remap", saved_too_early, 3, "check_saved_has_entry"},
    {"remap", dropped_too_early, 4, "check_saved_tags_are_right"},
    {"remap", other_tag, 7, "check_frame_has_its_tags"},
    {"linux-6.2", other_tag, 7, "check_frame_has_its_tags"},
    {"swap-keyed", tag_on_new_page, 7, "check_frame_has_its_tags"},
    {"linux-6.2", finding_without_bug, 7, "check_findings_are_predicted"},
    {"remap", bytes_of_nobody, 9, "check_bytes_add_up"},
    {"linux-6.2", bytes_of_nobody, 9, "check_bytes_add_up"},
    {"remap", undone_by_half, 10, "check_failed_unmap_is_undone"},
    {"remap", copy_not_undone, 10, "check_failed_unmap_is_undone"},
    {"remap", count_not_undone, 10, "check_failed_unmap_is_undone"},
    {"remap", seen_too_early, 11, "check_no_glimpse"},
    {"remap", no_mismatch, 12, "check_mismatch"},
    {"remap", no_mcd, 13, "check_mcd_follows_area"},
    {"remap", mergeable, 13, "check_mcd_follows_area"},
    {"remap", area_of_another, 13, "check_mcde_is_on"},
    {"remap", other_slot_in_cache, 14, "check_cache_agrees"},
    {"remap", flag_of_cache_lost, 14, "check_has_cache_is_true"},
    {"remap", used_and_given_back, 14, "check_spare_is_cached"},
    {"remap", spare_and_nowhere, 14, "check_spare_is_cached"},
    {"remap", one_count_more, 14, "check_lost_counts_are_known"},
    {"remap", one_count_fewer, 14, "check_count_matches_entries"},
    {"remap", one_slot_more, 15, "check_inuse_matches_map"},
    {"remap", no_such_slot, 15, "check_slot_exists"},
    {"remap", off_the_mmlist, 16, "check_swapped_is_on_mmlist"},
    {"swap-keyed", saved_for_free_slot, 17, "check_slot_copy_is_in_use"},
    {"remap", exclusive_in_swap, 18, "check_swapped_is_not_exclusive"},
    {"linux-6.6", exclusive_entry_of_two, 18, "check_exclusive_entry_is_alone"},
    {"remap", one_mapping_more, 19, "check_mapcount_matches_entries"},
    {"remap", pin_without_reference, 19, "check_references_cover_users"},
    {"remap", one_reference_more, 19, "check_references_are_held"},
    {"remap", one_reference_fewer, 19, "check_mapped_is_allocated"},
    {"remap", one_page_more, 20, "check_rss_matches_entries"},
    {"remap", outside_of_areas, 20, "check_page_is_in_area"},
    {"remap", mapped_twice, 21, "check_anon_writable_is_exclusive"},
    {"remap", not_exclusive, 21, "check_anon_writable_is_exclusive"},
    {"remap", migration_entry_of_both, 22, "check_shared_copy_is_readonly"},
    {"remap", anon_in_shared_area, 23, "check_shared_has_no_anon"},
    {"remap", zero_page_writable, 23, "check_private_spares_cache"},
    {"remap", write_without_area, 24, "check_area_allows_write"},
    {"remap", store_without_dirty, 24, "check_hw_write_is_earned"},
    {"remap", dirty_without_may, 24, "check_dirty_needs_write"},
    {"remap", migration_entry_may_write, 25, "check_migration_may_write"},
    {"remap", unknown_marker, 26, "check_markers_are_known"},
    {"remap", shorter_than_mapped, 27, "check_nothing_past_end"},
    {"remap", translation_stays, 28, "check_tlb_is_granted"},
    {"remap", translation_may_store, 28, "check_tlb_is_granted"},
    {"remap", unused_but_not_free, 29, "check_free_frames_add_up"},
    {"remap", charged_without_table, 29, "check_tables_are_charged"},
    {"remap", free_but_pinned, 29, "check_free_is_forgotten"},
    {"remap", clean_but_written, 30, "check_clean_is_on_disk"},
    {"remap", queued_for_ever, 31, "check_nothing_is_gathered"},
    {"remap", locked, 32, "check_nothing_is_locked"},
    {"remap", migration_entry, 32, "check_migration_is_locked"},
    {"swap-keyed", copy_left_behind, 33, "check_no_copy_is_left"},
    {"remap", frame_left_behind, 33, "check_no_frame_is_left"},
};

#define NR_CASES (sizeof(cases) / sizeof(cases[0]))

/* Beyond repair: the host takes them back at our end. */
static struct scene kept[2 * NR_CASES + 4];

/* @looks: with so many it has been seen; @pace: 0: the usual one */
static void break_each(struct scene *keep, unsigned pace, unsigned looks)
{
    for (size_t i = 0; i < NR_CASES; i++) {
        struct scene s = scene(cases[i].profile);
        const struct check_failure *failure;
        unsigned n = 0;

        if (pace)
            check_set_pace(s.check, pace);
        cases[i].hand(&s);
        while (n < looks && check_now(s.check))
            n++;
        failure = check_failure(s.check);
        assert_non_null(failure);
        assert_int_equal(failure->nr, cases[i].nr);
        assert_string_equal(failure->name, cases[i].name);
        keep[i] = s;
    }
}

static void test_broken_invariants_are_seen(void **state)
{
    (void)state;
    break_each(kept, 0, 1);
}

/* In a memory that several looks must pay for. */
static void test_sweep_sees_what_looks_do_not(void **state)
{
    (void)state;
    break_each(kept + NR_CASES, 4, 16);
}

/* ---------------------------------------------- a look between two sweeps */

/* The next sweep is far away. */
static struct scene between_sweeps(void)
{
    struct scene s = scene("remap");

    check_set_pace(s.check, 1);
    assert_true(check_now(s.check));
    return s;
}

/* Out and in: events are about the page at BASE. */
static void touch_base(const struct scene *s)
{
    assert_true(world_out(s->w, BASE));
    assert_int_equal(world_read(s->w, BASE), 1);
}

static void test_look_sees_frame_of_touched_page(void **state)
{
    struct scene s = between_sweeps();

    (void)state;
    folio(&s)->pins = 9;
    assert_true(check_now(s.check)); /* no event was about it */
    folio(&s)->pins = 0;
    touch_base(&s);
    folio(&s)->pins = 9;
    assert_false(check_now(s.check));
    assert_string_equal(check_failure(s.check)->name,
                        "check_references_cover_users");
    kept[2 * NR_CASES] = s;
}

static void test_look_sees_entry_of_touched_page(void **state)
{
    struct scene s = between_sweeps();

    (void)state;
    touch_base(&s);
    not_exclusive(&s);
    *pte(&s, BASE) = pte_mkwrite(*pte(&s, BASE));
    assert_false(check_now(s.check));
    assert_string_equal(check_failure(s.check)->name,
                        "check_anon_writable_is_exclusive");
    kept[2 * NR_CASES + 1] = s;
}

static void test_look_sees_slot_of_touched_page(void **state)
{
    struct scene s = between_sweeps();
    swp_entry_t entry;

    (void)state;
    assert_true(world_out(s.w, BASE));
    entry = pte_to_swp_entry(*pte(&s, BASE));
    swap_info(s.w->swap, entry)->map[swp_offset(entry)] = 0;
    assert_false(check_now(s.check));
    assert_string_equal(check_failure(s.check)->name, "check_named_is_used");
    kept[2 * NR_CASES + 2] = s;
}

/* More than a look can keep apart: everything is looked at. */
static void test_many_events_bring_a_sweep(void **state)
{
    struct scene s = between_sweeps();

    (void)state;
    world_write(s.w, BASE + PAGE_SIZE, 1);
    one_page_more(&s);
    touch_base(&s);
    assert_true(check_now(s.check));
    for (int i = 0; i < 40; i++) {
        touch_base(&s);
        assert_true(world_out(s.w, BASE + PAGE_SIZE));
        assert_int_equal(world_read(s.w, BASE + PAGE_SIZE), 1);
    }
    assert_false(check_now(s.check));
    assert_string_equal(check_failure(s.check)->name,
                        "check_rss_matches_entries");
    kept[2 * NR_CASES + 3] = s;
}

/* Only what events were about is looked at. */
static void test_path_level_looks_at_touched_pages(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    const struct check_config config = {.mem = w->mem,
                                        .adi = w->adi,
                                        .swap = w->swap,
                                        .judge = w->judge,
                                        .level = CHECK_PATH};
    struct check *c = check_create(&config);

    (void)state;
    world_map(w, BASE, 2, true);
    world_set_tags(w, BASE, 5);
    world_set_tags(w, BASE + PAGE_SIZE, 5);
    assert_true(check_now(c));
    tagmem_page(adi_tagmem(w->adi), pte_pfn(*mm_pte(w->mm, BASE)))[0] = 1;
    assert_true(world_out(w, BASE + PAGE_SIZE));
    assert_true(check_now(c));
    assert_true(world_out(w, BASE));
    assert_false(check_now(c));
    assert_int_equal(check_failure(c)->nr, 4);
    assert_int_equal(check_failure(c)->va, BASE);
    check_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broken_invariants_are_seen),
        cmocka_unit_test(test_sweep_sees_what_looks_do_not),
        cmocka_unit_test(test_look_sees_frame_of_touched_page),
        cmocka_unit_test(test_look_sees_entry_of_touched_page),
        cmocka_unit_test(test_look_sees_slot_of_touched_page),
        cmocka_unit_test(test_many_events_bring_a_sweep),
        cmocka_unit_test(test_path_level_looks_at_touched_pages),
    };

    return RUN(tests);
}
