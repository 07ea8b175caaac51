// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/zap.h"

#include "mm/gather.h"
#include "mm/internal.h"
#include "mm/rmap.h"

/* should_zap_cows(): also private copies? */
static bool should_zap_cows(const struct zap_details *details)
{
    return !details || details->even_cows;
}

/* should_zap_page(), or not zap_skip_check_mapping(). */
static bool should_zap_page(const struct memory *mem,
                            const struct zap_details *details,
                            const struct folio *folio)
{
    if (mem->policy.zap_mapping)
        return !details || !details->mapping ||
               (!folio_test(folio, PG_anon) &&
                folio->mapping == details->mapping);
    return should_zap_cows(details) || !folio_test(folio, PG_anon);
}

/* Does @details spare an entry that is not present? */
static bool should_zap_entry(const struct memory *mem,
                             const struct zap_details *details,
                             swp_entry_t entry)
{
    if (mem->policy.zap_mapping)
        return !details;
    if (is_migration_entry(entry))
        return should_zap_page(
            mem, details, phys_folio(mem->phys, migration_entry_pfn(entry)));
    return should_zap_cows(details);
}

/* What a walk takes away. */
struct zap {
    struct mmu_gather *tlb;
    struct vma *vma;
    enum mm_path path;
    const struct zap_details *details;
    bool drop_markers; /* ZAP_FLAG_DROP_MARKER: guards go, too */
    gva_t next;        /* where to go on when the queue is full */
};

/*
 * A page in memory.  Ends the walk when the queue is full.
 *
 * The order matters: dirty moves to the folio, TLBs are flushed, and only
 * then may the page look unmapped, or else write-back, which sees no mapping,
 * would miss a store through a stale translation.
 */
static int zap_present(void *ctx, struct mm *mm, gva_t addr, const pte_t *ptep)
{
    struct zap *z = ctx;
    struct memory *mem = mm->mem;
    struct folio *folio = pte_special(*ptep) ? NULL : pte_folio(mm, *ptep);
    bool delay_rmap = false;
    pte_t pte;

    if (folio && !should_zap_page(mem, z->details, folio))
        return 0;
    pte = mm_gather_pte(z->tlb, addr, ptep);
    if (!folio)
        return 0;
    if (folio_test(folio, PG_anon)) {
        mm->rss[MM_ANONPAGES]--;
    } else {
        if (pte_dirty(pte)) {
            folio_set(folio, PG_dirty);
            delay_rmap = mem->policy.delay_rmap;
        }
        if (pte_young(pte))
            lru_mark_accessed(&mem->lru, folio);
        mm->rss[mm_counter(folio)]--;
    }
    if (!delay_rmap)
        rmap_remove(mem, folio);
    z->next = addr + PAGE_SIZE;
    return tlb_remove_page(z->tlb, folio, delay_rmap);
}

static int zap_nonpresent(void *ctx, struct mm *mm, gva_t addr,
                          const pte_t *ptep)
{
    const struct zap *z = ctx;
    struct memory *mem = mm->mem;
    swp_entry_t entry = pte_to_swp_entry(*ptep);
    struct hook_args args = {
        .mm = mm, .vma = z->vma, .addr = addr, .pte = *ptep, .entry = entry};
    struct event ev = {
        .path = z->path, .va = addr, .entry = entry.v, .pfn = PFN_NONE};

    if (is_guard_entry(entry) ? !z->drop_markers
                              : !should_zap_entry(mem, z->details, entry))
        return 0;
    if (is_migration_entry(entry)) {
        mm->rss[mm_counter(
            phys_folio(mem->phys, migration_entry_pfn(entry)))]--;
        ev.kind = EV_MIGRATE_GONE;
        (void)arch_hook(mem, HOOK_ZAP_MIGRATE, &args);
        mm_event(mm, &ev);
    } else if (!non_swap_entry(entry)) {
        mm->rss[MM_SWAPENTS]--;
        ev.kind = EV_SWAP_GONE;
        (void)arch_hook(mem, HOOK_ZAP_SWAP, &args);
        mm_event(mm, &ev);
        mem->swap->free_and_cache(mem->swap_ctx, entry);
    }
    (void)mm_clear_pte(mm, addr, ptep);
    return 0;
}

/* What the architecture makes of it: the pages' tags are forgotten. */
static void event_zap(struct vma *vma, gva_t start, gva_t end,
                      enum mm_path path)
{
    mm_event(
        vma->mm,
        &(struct event){.kind = EV_ZAP, .path = path, .va = start, .end = end});
}

/*
 * What happens under one hold of the page-table lock; free outside it.
 *
 * Returns where to go on, @end when nothing is left.
 */
static gva_t zap_pte_range(struct zap *z, gva_t addr, gva_t end)
{
    static const struct pgtable_ops ops = {.present = zap_present,
                                           .swap = zap_nonpresent};
    bool full;

    mm_update_hiwater_rss(z->vma->mm);
    full = pgtable_walk(z->vma->mm, addr, end, &ops, z) != 0;
    tlb_flush_tlbonly(z->tlb);
    tlb_flush_rmaps(z->tlb);
    return full ? z->next : end;
}

static void zap_range(struct vma *vma, gva_t start, gva_t end,
                      enum mm_path path, const struct zap_details *details,
                      bool drop_markers)
{
    struct mmu_gather tlb;
    struct zap z = {&tlb, vma, path, details, drop_markers, start};

    if (path == PATH_EXIT)
        tlb_gather_mmu_fullmm(&tlb, vma->mm);
    else
        tlb_gather_mmu(&tlb, vma->mm);
    for (gva_t addr = start; addr < end;) {
        addr = zap_pte_range(&z, addr, end);
        tlb_flush_mmu(&tlb);
    }
    if (should_zap_cows(details))
        event_zap(vma, start, end, path);
}

void zap_page_range_single(struct vma *vma, gva_t start, gva_t end,
                           enum mm_path path, const struct zap_details *details)
{
    zap_range(vma, start, end, path, details, false);
}

void zap_page_range(struct vma *vma, gva_t start, gva_t end, enum mm_path path)
{
    zap_range(vma, start, end, path, NULL, true);
}
