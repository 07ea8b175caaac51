// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/unmap.h"

#include "mm/internal.h"
#include "mm/rmap.h"

struct unmap {
    struct memory *mem;
    struct folio *folio;
    unsigned flags;
    bool failed;
};

/* Put the entry back as it was.  Always stops the walk. */
static bool put_back(struct unmap *u, const struct rmap_pte *at, pte_t pte)
{
    mm_set_pte(at->mm, at->addr, at->ptep, pte);
    mm_count_event(at->mm, COUNT_UNMAP_FAIL);
    memory_watch_unmap(u->mem, true, at->mm, at->addr);
    u->failed = true;
    return false;
}

static bool finish(struct unmap *u, const struct rmap_pte *at)
{
    (void)at;
    rmap_remove(u->mem, u->folio);
    memory_folio_put(u->mem, u->folio);
    return true;
}

/* MADV_FREE: nobody wrote to it since, so nobody wants it. */
static bool discard_lazyfree(struct unmap *u, const struct rmap_pte *at,
                             pte_t pte)
{
    struct folio *folio = u->folio;

    if (folio_test(folio, PG_dirty) ||
        (u->mem->policy.lazyfree_checks_refs &&
         folio->refcount != 1 + folio->mapcount)) {
        folio_set(folio, PG_swapbacked);
        return put_back(u, at, pte);
    }
    at->mm->rss[MM_ANONPAGES]--;
    mm_event(at->mm, &(struct event){.kind = EV_ZAP,
                                     .path = PATH_MADV_FREE,
                                     .va = at->addr,
                                     .end = at->addr + PAGE_SIZE});
    return finish(u, at);
}

/* Steps 9 to 15: the page goes to swap. */
static bool unmap_anon(struct unmap *u, const struct rmap_pte *at, pte_t pte)
{
    struct memory *mem = u->mem;
    struct mm *mm = at->mm;
    swp_entry_t entry = u->folio->swap;
    bool exclusive = folio_test(u->folio, PG_anon_exclusive);
    struct hook_args args = {.mm = mm,
                             .vma = at->vma,
                             .addr = at->addr,
                             .pte = pte,
                             .pfn = pte_pfn(pte),
                             .entry = entry};
    struct event ev = {.kind = EV_SWAP_OUT,
                       .path = PATH_SWAP_OUT,
                       .va = at->addr,
                       .pfn = pte_pfn(pte),
                       .entry = entry.v};
    pte_t swap_pte;

    if (mem->swap->duplicate(mem->swap_ctx, entry) != 0)
        return put_back(u, at, pte);
    if (arch_hook(mem, HOOK_UNMAP_SWAP, &args) != 0) {
        /* v5.17 forgets this: the slot then never becomes free again. */
        if (mem->policy.unmap_undo_swap)
            mem->swap->slot_free(mem->swap_ctx, entry);
        return put_back(u, at, pte);
    }
    if (exclusive && rmap_try_share_anon(u->folio) != 0) {
        mem->swap->slot_free(mem->swap_ctx, entry);
        (void)arch_hook(mem, HOOK_UNMAP_SWAP_UNDO, &args);
        ev.kind = EV_UNMAP_UNDO;
        mm_event(mm, &ev);
        return put_back(u, at, pte);
    }
    mm->on_mmlist = true;
    mm->rss[MM_ANONPAGES]--;
    mm->rss[MM_SWAPENTS]++;
    swap_pte = swp_entry_to_pte(entry);
    if (exclusive && mem->policy.swp_exclusive)
        swap_pte = pte_swp_mkexclusive(swap_pte);
    mm_set_pte(mm, at->addr, at->ptep, swap_pte);
    mm_count_event(mm, COUNT_SWAP_OUT);
    mm_event(mm, &ev);
    return finish(u, at);
}

static bool try_to_unmap_one(const struct rmap_pte *at, void *arg)
{
    struct unmap *u = arg;
    struct folio *folio = u->folio;
    pte_t pte;

    if (at->vma->flags & VM_LOCKED && !(u->flags & TTU_IGNORE_MLOCK)) {
        u->failed = true;
        return false;
    }
    memory_watch_unmap(u->mem, false, at->mm, at->addr);
    pte = mm_clear_pte(at->mm, at->addr, at->ptep);
    if (pte_dirty(pte))
        folio_set(folio, PG_dirty);
    mm_update_hiwater_rss(at->mm);
    if (!folio_test(folio, PG_anon)) {
        at->mm->rss[folio_test(folio, PG_swapbacked) ? MM_SHMEMPAGES
                                                     : MM_FILEPAGES]--;
        return finish(u, at);
    }
    if (!folio_test(folio, PG_swapbacked))
        return discard_lazyfree(u, at, pte);
    INVARIANT(folio_test(folio, PG_swapcache));
    return unmap_anon(u, at, pte);
}

bool try_to_unmap(struct memory *mem, struct folio *folio, unsigned flags)
{
    struct unmap u = {.mem = mem, .folio = folio, .flags = flags};

    (void)rmap_walk(mem, folio, phys_pfn(mem->phys, folio), RMAP_PRESENT,
                    try_to_unmap_one, &u);
    return !u.failed && !folio_mapped(folio);
}
