// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/madvise.h"

#include <errno.h>
#include <utlist.h>

#include "mm/guard.h"
#include "mm/internal.h"
#include "mm/mapping.h"
#include "mm/populate.h"
#include "mm/zap.h"

/* madvise_free_pte_range(): a page that may go if nobody writes to it. */
static int free_present(void *ctx, struct mm *mm, gva_t addr, const pte_t *ptep)
{
    struct memory *mem = mm->mem;
    struct folio *folio;
    pte_t pte = *ptep;

    (void)ctx;
    if (pte_special(pte))
        return 0;
    folio = pte_folio(mm, pte);
    if (!folio_test(folio, PG_anon) || folio->mapcount != 1)
        return 0;
    if (folio_test(folio, PG_swapcache) || folio_test(folio, PG_dirty)) {
        if (!folio_trylock(folio))
            return 0;
        if (folio_test(folio, PG_swapcache) &&
            !mem->swap->folio_free_swap(mem->swap_ctx, folio)) {
            folio_unlock(folio);
            return 0;
        }
        folio_clear(folio, PG_dirty);
        folio_unlock(folio);
    }
    if (pte_young(pte) || pte_dirty(pte))
        mm_set_pte(mm, addr, ptep, pte_mkold(pte_mkclean(pte)));
    /* mark_page_lazyfree() */
    if (folio_test(folio, PG_lru) && folio_test(folio, PG_swapbacked) &&
        !folio_test(folio, PG_swapcache) &&
        !folio_test(folio, PG_unevictable)) {
        lru_del(&mem->lru, folio);
        folio_clear(folio, PG_active);
        folio_clear(folio, PG_referenced);
        folio_clear(folio, PG_swapbacked);
        lru_add(&mem->lru, folio);
    }
    return 0;
}

/* The page is forgotten: the next access finds a new one. */
static void forget(struct mm *mm, gva_t addr, const pte_t *ptep)
{
    (void)mm_clear_pte(mm, addr, ptep);
    mm_event(mm, &(struct event){.kind = EV_ZAP,
                                 .path = PATH_MADV_FREE,
                                 .va = addr,
                                 .end = addr + PAGE_SIZE});
}

static int free_swapped(void *ctx, struct mm *mm, gva_t addr, const pte_t *ptep)
{
    struct memory *mem = mm->mem;
    swp_entry_t entry = pte_to_swp_entry(*ptep);
    struct hook_args args = {
        .mm = mm, .vma = ctx, .addr = addr, .pte = *ptep, .entry = entry};

    if (is_poison_entry(entry))
        forget(mm, addr, ptep);
    if (non_swap_entry(entry))
        return 0;
    mm->rss[MM_SWAPENTS]--;
    (void)arch_hook(mem, HOOK_FREE_SWAP, &args);
    mm_event(mm, &(struct event){.kind = EV_SWAP_GONE,
                                 .path = PATH_MADV_FREE,
                                 .va = addr,
                                 .entry = entry.v,
                                 .pfn = PFN_NONE});
    mem->swap->free_and_cache(mem->swap_ctx, entry);
    forget(mm, addr, ptep);
    return 0;
}

static int madvise_free(struct vma *vma, gva_t start, gva_t end)
{
    static const struct pgtable_ops ops = {.present = free_present,
                                           .swap = free_swapped};

    /* madvise_dontneed_free_valid_vma() */
    if (!vma_is_anonymous(vma) || vma->flags & (VM_LOCKED | VM_PFNMAP))
        return -EINVAL;
    return pgtable_walk(vma->mm, start, end, &ops, vma);
}

/* madvise_cold_or_pageout_pte_range(): the page, when only this area has it. */
static struct folio *make_old(struct mm *mm, gva_t addr, const pte_t *ptep)
{
    struct folio *folio;

    if (pte_special(*ptep))
        return NULL;
    folio = pte_folio(mm, *ptep);
    if (folio->mapcount != 1)
        return NULL;
    if (pte_young(*ptep))
        mm_set_pte(mm, addr, ptep, pte_mkold(*ptep));
    folio_clear(folio, PG_referenced);
    return folio;
}

static int deactivate(void *ctx, struct mm *mm, gva_t addr, const pte_t *ptep)
{
    struct folio *folio = make_old(mm, addr, ptep);

    (void)ctx;
    if (folio)
        lru_deactivate(&mm->mem->lru, folio);
    return 0;
}

static int madvise_cold(struct vma *vma, gva_t start, gva_t end)
{
    static const struct pgtable_ops ops = {.present = deactivate};

    if (vma->flags & (VM_LOCKED | VM_PFNMAP))
        return -EINVAL;
    return pgtable_walk(vma->mm, start, end, &ops, NULL);
}

/* @ctx: the list */
static int isolate(void *ctx, struct mm *mm, gva_t addr, const pte_t *ptep)
{
    struct folio *folio = make_old(mm, addr, ptep), **list = ctx;

    if (!folio || !folio_test(folio, PG_lru) ||
        folio_test(folio, PG_unevictable))
        return 0;
    lru_del(&mm->mem->lru, folio);
    folio_get(folio);
    DL_APPEND(*list, folio);
    return 0;
}

static int madvise_pageout(struct vma *vma, gva_t start, gva_t end)
{
    static const struct pgtable_ops ops = {.present = isolate};
    struct memory *mem = vma->mm->mem;
    struct folio *list = NULL;

    if (vma->flags & (VM_LOCKED | VM_PFNMAP))
        return -EINVAL;
    (void)pgtable_walk(vma->mm, start, end, &ops, &list);
    (void)mem->swap->reclaim_list(mem->swap_ctx, list);
    return 0;
}

static int madvise_populate(struct vma *vma, gva_t start, gva_t end,
                            enum access access)
{
    for (gva_t va = start; va < end; va += PAGE_SIZE) {
        struct folio *folio;
        enum fault fault;

        if (memory_fatal_signal(vma->mm->mem))
            return -EINTR;
        fault = mm_get_page(vma->mm, va, access, &folio);
        if (fault == FAULT_RETRY || fault == FAULT_WAIT)
            mm_stuck(vma->mm, va);
        switch (fault) {
        case FAULT_OK: break;
        case FAULT_OOM: return -ENOMEM;
        case FAULT_BUS:
        case FAULT_GUARD: return -EFAULT;
        case FAULT_HWPOISON: return -EHWPOISON; /* FOLL_HWPOISON */
        default: return -EINVAL;
        }
    }
    return 0;
}

/* madvise_update_vma() */
static int change_flags(struct vma *vma, gva_t start, gva_t end,
                        vm_flags_t flags)
{
    int err;

    if (vma->flags == flags)
        return 0;
    err = vma_modify(vma, start, end, flags, &vma->policy, &vma);
    if (!err)
        vma_set_flags(vma, flags);
    return err;
}

static int advise_vma(struct vma *vma, gva_t start, gva_t end, int advice)
{
    switch (advice) {
    case MADV_G_DONTNEED:
        if (vma->flags & VM_LOCKED)
            return -EINVAL;
        /* fall through */
    case MADV_G_DONTNEED_LOCKED:
        if (vma->flags & VM_PFNMAP)
            return -EINVAL;
        zap_page_range_single(vma, start, end, PATH_ZAP, NULL);
        return 0;
    case MADV_G_FREE: return madvise_free(vma, start, end);
    case MADV_G_COLD: return madvise_cold(vma, start, end);
    case MADV_G_PAGEOUT: return madvise_pageout(vma, start, end);
    case MADV_G_POPULATE_READ:
        return madvise_populate(vma, start, end, ACCESS_READ);
    case MADV_G_POPULATE_WRITE:
        return madvise_populate(vma, start, end, ACCESS_WRITE);
    case MADV_G_GUARD_INSTALL: return mm_guard_install(vma, start, end);
    case MADV_G_GUARD_REMOVE: return mm_guard_remove(vma, start, end);
    case MADV_G_DONTFORK:
        return change_flags(vma, start, end, vma->flags | VM_DONTCOPY);
    case MADV_G_DOFORK:
        return change_flags(vma, start, end, vma->flags & ~VM_DONTCOPY);
    case MADV_G_DONTDUMP:
        return change_flags(vma, start, end, vma->flags | VM_DONTDUMP);
    case MADV_G_DODUMP:
        if (vma->flags & (VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP))
            return -EINVAL; /* VM_SPECIAL */
        return change_flags(vma, start, end, vma->flags & ~VM_DONTDUMP);
    case MADV_G_WIPEONFORK:
        if (!vma_is_anonymous(vma) || vma->flags & VM_SHARED)
            return -EINVAL;
        return change_flags(vma, start, end, vma->flags | VM_WIPEONFORK);
    case MADV_G_KEEPONFORK:
        return change_flags(vma, start, end, vma->flags & ~VM_WIPEONFORK);
    case MADV_G_MERGEABLE:
        /* ksm_madvise() leaves areas with version tags alone. */
        if (vma->flags & (VM_SPARC_ADI | VM_SHARED))
            return 0;
        return change_flags(vma, start, end, vma->flags | VM_MERGEABLE);
    case MADV_G_UNMERGEABLE:
        return change_flags(vma, start, end, vma->flags & ~VM_MERGEABLE);
    default: return 0; /* hints without effect on this model */
    }
}

static bool advice_known(const struct mm *mm, int advice)
{
    if (advice == MADV_G_GUARD_INSTALL || advice == MADV_G_GUARD_REMOVE)
        return mm->mem->policy.guard_marker;
    if (advice == MADV_G_DONTNEED_LOCKED)
        return mm->mem->policy.dontneed_locked;
    return (advice >= MADV_G_NORMAL && advice <= MADV_G_DONTNEED) ||
           advice == MADV_G_FREE ||
           (advice >= MADV_G_DONTFORK && advice < MADV_G_DONTNEED_LOCKED);
}

int mm_madvise(struct mm *mm, gva_t addr, uint64_t len, int advice)
{
    gva_t end = addr + page_align_up(len);
    bool hole = false;

    if (!advice_known(mm, advice) || addr & ~PAGE_MASK)
        return -EINVAL;
    if ((len && page_align_up(len) == 0) || end < addr)
        return -EINVAL;
    while (addr < end) {
        struct vma *vma = vma_find(mm, addr);
        gva_t part_end;
        int err;

        if (!vma || vma->start >= end)
            return -ENOMEM;
        if (vma->start > addr) {
            hole = true;
            addr = vma->start;
        }
        part_end = vma->end < end ? vma->end : end;
        err = advise_vma(vma, addr, part_end, advice);
        if (err)
            return err;
        addr = part_end;
    }
    return hole ? -ENOMEM : 0;
}
