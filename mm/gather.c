// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/gather.h"

#include "mm/internal.h"
#include "mm/rmap.h"

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm *mm)
{
    tlb->mm = mm;
    tlb->nr_addrs = tlb->nr_pages = 0;
    tlb->delayed = tlb->fullmm = false;
}

void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm *mm)
{
    tlb_gather_mmu(tlb, mm);
    tlb->fullmm = true;
}

void tlb_batch_add(struct mmu_gather *tlb, gva_t addr)
{
    if (tlb->fullmm)
        return;
    if (tlb->nr_addrs == GATHER_ADDRS)
        tlb_flush_tlbonly(tlb);
    tlb->addr[tlb->nr_addrs++] = addr;
}

bool tlb_remove_page(struct mmu_gather *tlb, struct folio *folio,
                     bool delay_rmap)
{
    INVARIANT(tlb->nr_pages < GATHER_PAGES);
    tlb->page[tlb->nr_pages++] = (struct gathered){folio, delay_rmap};
    tlb->mm->mem->nr_gathered++;
    if (delay_rmap)
        tlb->delayed = true;
    return tlb->nr_pages == GATHER_PAGES;
}

void tlb_flush_tlbonly(struct mmu_gather *tlb)
{
    for (unsigned i = 0; i < tlb->nr_addrs; i++)
        tlb_flush_page(tlb->mm, tlb->addr[i]);
    tlb->nr_addrs = 0;
}

void tlb_flush_rmaps(struct mmu_gather *tlb)
{
    if (!tlb->delayed)
        return;
    INVARIANT(tlb->nr_addrs == 0);
    for (unsigned i = 0; i < tlb->nr_pages; i++) {
        if (!tlb->page[i].delay_rmap)
            continue;
        rmap_remove(tlb->mm->mem, tlb->page[i].folio);
        tlb->page[i].delay_rmap = false;
    }
    tlb->delayed = false;
}

void tlb_flush_mmu(struct mmu_gather *tlb)
{
    struct memory *mem = tlb->mm->mem;

    tlb_flush_tlbonly(tlb);
    INVARIANT(!tlb->delayed);
    /* free_pages_and_swap_cache() */
    for (unsigned i = 0; i < tlb->nr_pages; i++) {
        mm_free_swap_cache(mem, tlb->page[i].folio);
        memory_folio_put(mem, tlb->page[i].folio);
    }
    mem->nr_gathered -= tlb->nr_pages;
    tlb->nr_pages = 0;
}
