// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/swapoff.h"

#include <errno.h>

#include "mm/mm.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "swap/cache.h"
#include "swap/internal.h"
#include "swap/shmem.h"
#include "swap/slot.h"
#include "swap/swapin.h"

/* Passes that free no slot, after which none ever will. */
#define IDLE_PASSES 3

struct unuse {
    struct swap *sw;
    unsigned type;
    struct vma *vma;
    gva_t addr;
    const pte_t *ptep;
    swp_entry_t entry;
};

static struct event event_of(const struct unuse *u, enum event_kind kind)
{
    return (struct event){.kind = kind,
                          .path = PATH_SWAPOFF,
                          .mm = mm_id(u->vma->mm),
                          .va = u->addr,
                          .pfn = PFN_NONE,
                          .entry = u->entry.v};
}

/* The device gave no page: whoever touches it from now on gets SIGBUS. */
static void set_marker(const struct unuse *u, const struct hook_args *args)
{
    struct event ev = event_of(u, EV_SWAP_GONE);

    (void)memory_hook(u->sw->mem, HOOK_UNUSE_LOST, args);
    mm_rss_add(u->vma->mm, MM_SWAPENTS, -1);
    mm_set_pte(u->vma->mm, u->addr, u->ptep,
               swp_entry_to_pte(swp_entry(SWP_MARKER, MARKER_SWAPIN_ERROR)));
    hub_count(swap_hub(u->sw), COUNT_UNUSE_LOST);
    hub_event(swap_hub(u->sw), &ev);
    slot_free(u->sw, u->entry);
}

/* Read-only, whatever the area allows, and old: nobody asked for it. */
static void set_present(const struct unuse *u, struct folio *folio,
                        struct hook_args *args)
{
    struct event ev = event_of(u, EV_SWAP_IN);
    struct mm *mm = u->vma->mm;
    pte_t pte = pte_mkold(mk_pte(args->pfn, u->vma->page_prot));
    bool exclusive = pte_swp_exclusive(*u->ptep);

    args->pte = pte;
    (void)memory_hook(u->sw->mem, HOOK_UNUSE, args);
    mm_rss_add(mm, MM_SWAPENTS, -1);
    mm_rss_add(mm, MM_ANONPAGES, 1);
    folio_get(folio);
    rmap_add_anon(u->sw->mem, folio, u->vma, u->addr, exclusive);
    mm_set_pte(mm, u->addr, u->ptep, pte);
    ev.pfn = args->pfn;
    hub_count(swap_hub(u->sw), COUNT_UNUSED);
    hub_event(swap_hub(u->sw), &ev);
    mm_event_visible(u->vma, u->addr, pte, PATH_SWAPOFF);
    slot_free(u->sw, u->entry);
}

/* unuse_pte(), with the folio locked. */
static void unuse_pte(const struct unuse *u, struct folio *folio)
{
    struct hook_args args = {.mm = u->vma->mm,
                             .vma = u->vma,
                             .addr = u->addr,
                             .pte = *u->ptep,
                             .pfn = memory_folio_pfn(u->sw->mem, folio),
                             .entry = u->entry};

    /* Reading it may have let reclaim and others run. */
    if (!is_swap_pte(*u->ptep) || pte_to_swp_entry(*u->ptep).v != u->entry.v)
        return;
    if (!folio_test(folio, PG_uptodate) &&
        memory_policy(u->sw->mem)->swapin_error_marker)
        set_marker(u, &args);
    else
        set_present(u, folio, &args);
}

/* The body of unuse_pte_range().  0, or -ENOMEM. */
static int unuse_one(const struct unuse *u)
{
    struct alloc_for who = {.vma = u->vma, .addr = u->addr};
    struct folio *folio;
    int err = swap_read_folio(u->sw, u->entry, &who, &folio);

    if (err)
        return err == -EAGAIN ? 0 : err; /* the next pass looks again */
    if (folio_trylock(folio)) {
        if (folio_test(folio, PG_swapcache) && folio->swap.v == u->entry.v)
            unuse_pte(u, folio);
        (void)cache_free_swap(u->sw, folio);
        folio_unlock(folio);
    }
    memory_folio_put(u->sw->mem, folio);
    return 0;
}

/* unuse_pte_range(), one entry. */
static int unuse_entry(void *ctx, struct mm *mm, gva_t addr, const pte_t *ptep)
{
    struct unuse *u = ctx;

    (void)mm;
    u->addr = addr;
    u->ptep = ptep;
    u->entry = pte_to_swp_entry(*ptep);
    return swp_type(u->entry) == u->type ? unuse_one(u) : 0;
}

static int unuse_vma(struct swap *sw, unsigned type, struct vma *vma)
{
    static const struct pgtable_ops ops = {.swap = unuse_entry};
    struct unuse u = {.sw = sw, .type = type, .vma = vma};

    return pgtable_walk(vma->mm, vma->start, vma->end, &ops, &u);
}

static int unuse_mm(struct swap *sw, unsigned type, struct mm *mm)
{
    for (struct vma *vma = vma_first(mm); vma; vma = vma_next(vma)) {
        int err = vma->anon_vma ? unuse_vma(sw, type, vma) : 0;

        if (err)
            return err;
    }
    return 0;
}

/* Folios that only the swap cache still knows. */
static void free_cached(struct swap *sw, unsigned type)
{
    const struct swap_info *si = &sw->info[type];

    for (uint64_t slot = 1; slot < si->slots && si->inuse > 0; slot++) {
        struct folio *folio = cache_find(sw, swp_entry(type, slot));

        if (!folio)
            continue;
        folio_get(folio);
        if (folio_trylock(folio)) {
            (void)cache_free_swap(sw, folio);
            folio_unlock(folio);
        }
        memory_folio_put(sw->mem, folio);
    }
}

static int try_to_unuse(struct swap *sw, unsigned type, bool (*stop)(void *ctx),
                        void *ctx)
{
    const struct swap_info *si = &sw->info[type];
    unsigned idle = 0;

    while (si->inuse > 0 && idle < IDLE_PASSES) {
        uint64_t before = si->inuse;
        struct mm *mm = memory_first_mm(sw->mem);
        int err = shmem_unuse(sw, type);

        if (err)
            return err;
        for (; mm && si->inuse > 0; mm = memory_next_mm(mm)) {
            if (stop(ctx))
                return -EINTR;
            err = mm_is_on_mmlist(mm) ? unuse_mm(sw, type, mm) : 0;
            if (err)
                return err;
        }
        free_cached(sw, type);
        idle = si->inuse < before ? 0 : idle + 1;
    }
    if (si->inuse == 0)
        return 0;
    hub_count_add(swap_hub(sw), COUNT_SLOTS_STUCK, si->inuse);
    return -EINTR;
}

/* drain_mmlist(): no page of any process is in swap. */
static void drain_mmlist(struct swap *sw)
{
    for (unsigned t = 0; t < sw->nr_types; t++)
        if (sw->info[t].used && sw->info[t].inuse > 0)
            return;
    for (struct mm *mm = memory_first_mm(sw->mem); mm; mm = memory_next_mm(mm))
        mm_clear_on_mmlist(mm);
}

int swap_off(struct swap *sw, unsigned type, bool (*stop)(void *ctx), void *ctx,
             uint64_t *stuck)
{
    struct hook_args args = {.entry = swp_entry(type, 0), .pfn = PFN_NONE};
    struct swap_info *si;
    int err;

    *stuck = 0;
    if (type >= sw->nr_types || !sw->info[type].used)
        return -EINVAL;
    si = &sw->info[type];
    /* unuse_pte_range() tries until the guard is gone, which never happens
     * where the fault waits for us. */
    if (si->bypassing > 0)
        return -EDEADLK;
    swap_retire(sw, si);
    slotcache_disable(sw);
    err = try_to_unuse(sw, type, stop, ctx);
    if (err) {
        *stuck = si->inuse;
        swap_enable(sw, si, si->priority);
    }
    slotcache_enable(sw);
    if (err)
        return err;
    drain_mmlist(sw);
    (void)memory_hook(sw->mem, HOOK_SWAP_INVALIDATE_AREA, &args);
    swap_close(si);
    return 0;
}
