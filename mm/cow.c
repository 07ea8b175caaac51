// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/fault.h"

#include "mm/internal.h"
#include "mm/mapping.h"
#include "mm/rmap.h"

/* wp_page_reuse(): nobody else has it, so just allow the store. */
static enum fault wp_page_reuse(struct vm_fault *vmf)
{
    pte_t pte = pte_mkyoung(vmf->orig);

    pte = maybe_mkwrite(pte_mkdirty(pte), vmf->vma);
    mm_set_pte(vmf->mm, vmf->addr, vmf->ptep, pte);
    return FAULT_OK;
}

/* The new page of a copy, filled.  @old is NULL for the zero page. */
static struct folio *make_copy(struct vm_fault *vmf, struct folio *old)
{
    struct memory *mem = vmf->mm->mem;
    struct folio *copy;

    if (!old)
        return vma_alloc_zeroed_folio(vmf->vma, vmf->addr);
    folio_get(old); /* reclaim must not take it while we allocate */
    copy = vma_alloc_folio(vmf->vma, vmf->addr);
    if (copy)
        memory_copy_folio(mem, copy, old, vmf->vma->flags);
    memory_folio_put(mem, old);
    return copy;
}

static enum fault wp_page_copy(struct vm_fault *vmf, struct folio *old)
{
    struct mm *mm = vmf->mm;
    struct memory *mem = mm->mem;
    struct folio *copy;
    pte_t pte;

    if (anon_vma_prepare(vmf->vma) != 0)
        return FAULT_OOM;
    copy = make_copy(vmf, old);
    if (!copy)
        return FAULT_OOM;
    folio_set(copy, PG_uptodate);
    memory_moment(mem, &(struct moment){MOMENT_FAULT_DURING, FAULT_KIND_COW, mm,
                                        vmf->addr});
    if (!pte_same(*vmf->ptep, vmf->orig)) {
        memory_folio_put(mem, copy);
        return FAULT_OK;
    }
    if (!old) {
        mm->rss[MM_ANONPAGES]++;
    } else if (!folio_test(old, PG_anon)) {
        mm->rss[folio_test(old, PG_swapbacked) ? MM_SHMEMPAGES
                                               : MM_FILEPAGES]--;
        mm->rss[MM_ANONPAGES]++;
    }
    pte = pte_mkyoung(mk_pte(memory_folio_pfn(mem, copy), vmf->vma->page_prot));
    if (vmf->flags & FAULT_FLAG_WRITE)
        pte = maybe_mkwrite(pte_mkdirty(pte), vmf->vma);

    /* No CPU may see old and new at once: clear and flush, then set. */
    (void)mm_clear_pte(mm, vmf->addr, vmf->ptep);
    rmap_add_new_anon(mem, copy, vmf->vma, vmf->addr);
    lru_add(&mem->lru, copy);
    mm_set_pte(mm, vmf->addr, vmf->ptep, pte);
    mm_count_event(mm, COUNT_FAULT_COW);
    if (old) {
        mm_event_copied(vmf->vma, vmf->addr, memory_folio_pfn(mem, old),
                        PATH_COW);
        rmap_remove(mem, old);
        mm_free_swap_cache(mem, old);
        memory_folio_put(mem, old);
    }
    return FAULT_OK;
}

/* May this anonymous page become the faulting process's own? (v5.18 on) */
static bool can_reuse_anon(struct memory *mem, struct folio *folio,
                           struct vma *vma)
{
    if (folio->refcount > 1 + folio_test(folio, PG_swapcache))
        return false;
    if (!folio_trylock(folio))
        return false;
    if (folio_test(folio, PG_swapcache))
        (void)mem->swap->folio_free_swap(mem->swap_ctx, folio);
    if (folio->refcount != 1) {
        folio_unlock(folio);
        return false;
    }
    rmap_move_anon(folio, vma);
    folio_unlock(folio);
    return true;
}

/* The rule before that: one reference, one mapping (v5.17). */
static bool can_reuse_anon_v517(struct folio *folio)
{
    return folio->refcount == 1 && folio->mapcount == 1 &&
           !folio_test(folio, PG_locked);
}

/* wp_page_shared(), page_mkwrite(): the store dirties the cache's page. */
static enum fault wp_page_shared(struct vm_fault *vmf, struct folio *folio)
{
    struct mapping *m = vmf->vma->mapping;

    if (!folio)
        return wp_page_reuse(vmf);
    if (mapping_can_writeback(m) && vma_index(vmf->vma, vmf->addr) >=
                                        page_align_up(mapping_size(m)) >>
                                        PAGE_SHIFT)
        return FAULT_BUS;
    folio_set(folio, PG_dirty);
    mapping_set_dirty(m);
    return wp_page_reuse(vmf);
}

enum fault mm_do_wp_page(struct vm_fault *vmf)
{
    struct memory *mem = vmf->mm->mem;
    struct folio *folio = NULL;

    if (!pte_special(vmf->orig))
        folio = pte_folio(vmf->mm, vmf->orig);
    if (vmf->vma->flags & (VM_SHARED | VM_MAYSHARE))
        return wp_page_shared(vmf, folio);
    if (folio && folio_test(folio, PG_anon)) {
        bool mine =
            (mem->policy.anon_exclusive &&
             folio_test(folio, PG_anon_exclusive)) ||
            (mem->policy.reuse_by_refs ? can_reuse_anon(mem, folio, vmf->vma)
                                       : can_reuse_anon_v517(folio));

        if (mine && vmf->flags & FAULT_FLAG_UNSHARE)
            return FAULT_OK;
        if (mine)
            return wp_page_reuse(vmf);
    }
    return wp_page_copy(vmf, folio);
}
