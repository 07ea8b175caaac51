#include "mm/zap.h"

#include "mm/internal.h"
#include "mm/rmap.h"

/* mm_counter() of a folio that is, or will be again, mapped */
static enum mm_counter counter_of(const struct folio *folio)
{
    if (folio_test(folio, PG_anon))
        return MM_ANONPAGES;
    return folio_test(folio, PG_swapbacked) ? MM_SHMEMPAGES : MM_FILEPAGES;
}

static void zap_present(struct vma *vma, gva_t addr, pte_t *ptep)
{
    struct mm *mm = vma->mm;
    struct memory *mem = mm->mem;
    pte_t pte = mm_clear_pte(mm, addr, ptep);
    struct folio *folio;

    if (pte_special(pte))
        return;
    folio = pte_folio(mm, pte);
    mm->rss[counter_of(folio)]--;
    if (!folio_test(folio, PG_anon)) {
        if (pte_dirty(pte))
            folio_set(folio, PG_dirty);
        if (pte_young(pte))
            lru_mark_accessed(&mem->lru, folio);
    }
    rmap_remove(mem, folio);
    mm_free_swap_cache(mem, folio);
    memory_folio_put(mem, folio);
}

static void zap_nonpresent(struct vma *vma, gva_t addr, pte_t *ptep,
                           enum mm_path path)
{
    struct mm *mm = vma->mm;
    struct memory *mem = mm->mem;
    swp_entry_t entry = pte_to_swp_entry(*ptep);
    struct hook_args args = {
        .mm = mm, .vma = vma, .addr = addr, .pte = *ptep, .entry = entry};
    struct event ev = {
        .path = path, .va = addr, .entry = entry.v, .pfn = PFN_NONE};

    if (is_migration_entry(entry)) {
        struct folio *folio = phys_folio(mem->phys, migration_entry_pfn(entry));

        mm->rss[counter_of(folio)]--;
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
    *ptep = (pte_t){0};
}

void zap_page_range(struct vma *vma, gva_t start, gva_t end, enum mm_path path)
{
    struct mm *mm = vma->mm;
    gva_t addr = start;
    pte_t *ptep;

    mm_update_hiwater_rss(mm);
    for (; (ptep = mm_next_pte(mm, &addr, end)) != NULL; addr += PAGE_SIZE) {
        if (pte_present(*ptep))
            zap_present(vma, addr, ptep);
        else
            zap_nonpresent(vma, addr, ptep, path);
    }
    mm_event(mm, &(struct event){
                     .kind = EV_ZAP, .path = path, .va = start, .end = end});
}
