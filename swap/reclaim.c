// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/reclaim.h"

#include <utlist.h>

#include "mm/mapping.h"
#include "mm/ops.h"
#include "mm/phys.h"
#include "mm/rmap.h"
#include "mm/unmap.h"
#include "mm/vma.h"
#include "mm/writeback.h"
#include "swap/cache.h"
#include "swap/internal.h"
#include "swap/page_io.h"
#include "swap/shmem.h"
#include "swap/slot.h"

#define SWAP_CLUSTER_MAX 32 /* folios looked at in one go */
#define DEF_PRIORITY     12 /* the first pass scans 1/4096 of a list */

/* What became of one folio. */
enum outcome {
    RECLAIM_FREED,    /* the frame is free */
    RECLAIM_KEEP,     /* back on its list */
    RECLAIM_ACTIVATE, /* back on the active list */
};

enum references { REF_RECLAIM, REF_RECLAIM_CLEAN, REF_KEEP, REF_ACTIVATE };

/* folio_check_references() */
static enum references check_references(struct swap *sw, struct folio *folio)
{
    vm_flags_t flags;
    unsigned ptes = folio_referenced(sw->mem, folio, &flags);
    bool before = folio_test_and_clear(folio, PG_referenced);

    if (flags & VM_LOCKED)
        return REF_ACTIVATE;
    if (ptes) {
        folio_set(folio, PG_referenced);
        if (before || ptes > 1)
            return REF_ACTIVATE;
        if (flags & VM_EXEC && !folio_test(folio, PG_swapbacked))
            return REF_ACTIVATE;
        return REF_KEEP;
    }
    if (before && !folio_test(folio, PG_swapbacked))
        return REF_RECLAIM_CLEAN;
    return REF_RECLAIM;
}

/* add_to_swap() */
static bool add_to_swap(struct swap *sw, struct folio *folio)
{
    swp_entry_t entry = slotcache_alloc(sw);

    if (!swp_valid(entry))
        return false;
    cache_add(sw, folio, entry);
    folio_set(folio, PG_dirty);
    return true;
}

/* What pageout() leaves of a dirty folio. */
enum pageout {
    PAGE_KEEP,     /* dirty, and back on its list */
    PAGE_ACTIVATE, /* dirty, and back on the active list */
    PAGE_SUCCESS,  /* clean */
};

/*
 * swap_writepage()
 *
 * The folio may leave the swap cache here, when nobody needs the slot.
 */
static enum pageout swap_writepage(struct swap *sw, struct folio *folio)
{
    struct hook_args args = {.pfn = memory_folio_pfn(sw->mem, folio),
                             .entry = folio->swap};

    folio_clear(folio, PG_dirty);
    if (cache_free_swap(sw, folio))
        return PAGE_KEEP;
    if (memory_hook(sw->mem, HOOK_SWAP_WRITE, &args) != 0 ||
        page_io_write(sw, folio) != 0) {
        folio_set(folio, PG_dirty);
        return PAGE_KEEP;
    }
    return PAGE_SUCCESS;
}

/*
 * pageout(): a dirty folio that nothing maps is written.
 *
 * Pages of shared memory go through the swap cache.  Those of files are
 * written here because there is no flusher thread.
 */
static enum pageout pageout(struct swap *sw, struct folio *folio)
{
    if (folio->refcount != 2)
        return PAGE_KEEP;
    if (folio_test(folio, PG_swapcache))
        return swap_writepage(sw, folio);
    if (folio_test(folio, PG_anon) || !folio->mapping)
        return PAGE_KEEP;
    /* With an error the page is clean too: what it held is lost. */
    mapping_write_folio(folio->mapping, folio);
    if (!folio_test(folio, PG_swapbacked))
        return PAGE_SUCCESS;
    if (!shmem_writepage(sw, folio))
        return PAGE_ACTIVATE;
    return swap_writepage(sw, folio);
}

/* A file has no room for tags: they go with the page, and may. */
static void drop_file_folio(struct swap *sw, struct folio *folio)
{
    gva_t at = folio->index << PAGE_SHIFT;
    uint64_t id = mapping_id(folio->mapping);

    mapping_remove_folio(folio->mapping, folio);
    hub_event(swap_hub(sw), &(struct event){.kind = EV_TRUNCATE,
                                            .path = PATH_TRUNCATE,
                                            .object = id,
                                            .va = at,
                                            .end = at + PAGE_SIZE});
}

/* __remove_mapping(): 1 reference of ours and 1 of the cache, and clean. */
static bool remove_from_cache(struct swap *sw, struct folio *folio)
{
    if (folio_test(folio, PG_anon) && !folio_test(folio, PG_swapbacked))
        return folio->refcount == 1; /* lazyfree: in no cache */
    if (folio->refcount != 2 || folio_test(folio, PG_dirty))
        return false;
    if (folio_test(folio, PG_swapcache))
        cache_del(sw, folio);
    else if (!folio_test(folio, PG_anon) && folio->mapping)
        drop_file_folio(sw, folio);
    else
        return false;
    return true;
}

/* The body of shrink_folio_list() for one locked, isolated folio. */
static enum outcome shrink_folio(struct swap *sw, struct folio *folio,
                                 bool ignore_references)
{
    enum references ref = REF_RECLAIM;

    if (!ignore_references)
        ref = check_references(sw, folio);
    if (ref == REF_ACTIVATE)
        return RECLAIM_ACTIVATE;
    if (ref == REF_KEEP)
        return RECLAIM_KEEP;
    if (folio_test(folio, PG_anon) && folio_test(folio, PG_swapbacked) &&
        !folio_test(folio, PG_swapcache)) {
        if (folio_maybe_pinned(folio))
            return RECLAIM_KEEP;
        if (!add_to_swap(sw, folio))
            return RECLAIM_ACTIVATE;
    }
    if (folio_mapped(folio) && !try_to_unmap(sw->mem, folio, 0))
        return RECLAIM_ACTIVATE;
    if (folio_test(folio, PG_dirty)) {
        if (ref == REF_RECLAIM_CLEAN)
            return RECLAIM_KEEP;
        switch (pageout(sw, folio)) {
        case PAGE_KEEP: return RECLAIM_KEEP;
        case PAGE_ACTIVATE: return RECLAIM_ACTIVATE;
        case PAGE_SUCCESS: break;
        }
    }
    return remove_from_cache(sw, folio) ? RECLAIM_FREED : RECLAIM_KEEP;
}

/* Put a folio that stays back; drops the reference of the isolation. */
static void put_back(struct swap *sw, struct folio *folio, enum outcome how)
{
    if (how == RECLAIM_ACTIVATE) {
        /* Not going to leave: free its slot while they are scarce. */
        if (folio_test(folio, PG_swapcache) && slot_nearly_full(sw))
            (void)cache_free_swap(sw, folio);
        folio_set(folio, PG_active);
    }
    folio_unlock(folio);
    lru_add(memory_lru(sw->mem), folio);
    memory_folio_put(sw->mem, folio);
}

/* folio_evictable(): not of a locked area, nor of a locked object. */
static bool evictable(const struct folio *folio)
{
    if (folio_test(folio, PG_mlocked) || folio_test(folio, PG_unevictable))
        return false;
    return folio_test(folio, PG_anon) || !folio->mapping ||
           !mapping_unevictable(folio->mapping);
}

static unsigned shrink_list(struct swap *sw, struct folio *list,
                            bool ignore_references)
{
    struct folio *folio, *next;
    unsigned freed = 0;

    DL_FOREACH_SAFE(list, folio, next) {
        enum outcome how = RECLAIM_KEEP;

        DL_DELETE(list, folio);
        if (!folio_trylock(folio)) {
            lru_add(memory_lru(sw->mem), folio);
            memory_folio_put(sw->mem, folio);
            continue;
        }
        if (evictable(folio))
            how = shrink_folio(sw, folio, ignore_references);
        if (how != RECLAIM_FREED) {
            put_back(sw, folio, how);
            continue;
        }
        folio_unlock(folio);
        memory_folio_put(sw->mem, folio);
        freed++;
    }
    return freed;
}

/*
 * isolate_lru_folios(): up to @nr of the oldest of @nodes, each with a
 * reference.  The kernel has lists for each node; here one list has all.
 */
static struct folio *isolate(struct swap *sw, enum lru_list from, size_t nr,
                             nodemask_t nodes)
{
    struct lru *lru = memory_lru(sw->mem);
    struct folio *list = NULL, *folio = lru_oldest(lru, from), *next;

    for (; nr > 0 && folio; folio = next) {
        next = folio->next;
        if (!(nodes >> folio->node & 1))
            continue;
        lru_del(lru, folio);
        folio_get(folio);
        DL_APPEND(list, folio);
        nr--;
    }
    return list;
}

/* shrink_active_list(): who was not used moves to the inactive list. */
static void shrink_active(struct swap *sw, enum lru_list active, size_t nr,
                          nodemask_t nodes)
{
    struct folio *list = isolate(sw, active, nr, nodes);
    struct folio *folio, *next;

    DL_FOREACH_SAFE(list, folio, next) {
        vm_flags_t flags;
        unsigned ptes = folio_referenced(sw->mem, folio, &flags);

        DL_DELETE(list, folio);
        /* Running code stays: it would be faulted in again at once. */
        if (!(ptes && flags & VM_EXEC && !folio_test(folio, PG_swapbacked)))
            folio_clear(folio, PG_active);
        lru_add(memory_lru(sw->mem), folio);
        memory_folio_put(sw->mem, folio);
    }
}

static unsigned shrink_pair(struct swap *sw, enum lru_list inactive,
                            int priority, nodemask_t nodes)
{
    const struct lru *lru = memory_lru(sw->mem);
    enum lru_list active = inactive + 1;
    size_t nr;

    if (lru->nr[inactive] <= lru->nr[active])
        shrink_active(sw, active,
                      (lru->nr[active] >> priority) + SWAP_CLUSTER_MAX, nodes);
    nr = lru->nr[inactive] >> priority;
    if (nr < SWAP_CLUSTER_MAX)
        nr = SWAP_CLUSTER_MAX;
    return shrink_list(sw, isolate(sw, inactive, nr, nodes), false);
}

unsigned swap_reclaim(struct swap *sw, unsigned want, nodemask_t nodes)
{
    unsigned freed = 0;

    for (int priority = DEF_PRIORITY; priority >= 0; priority--) {
        freed += shrink_pair(sw, LRU_INACTIVE_FILE, priority, nodes);
        if (freed < want && swap_total_pages(sw) > 0)
            freed += shrink_pair(sw, LRU_INACTIVE_ANON, priority, nodes);
        if (freed >= want)
            break;
    }
    return freed;
}

unsigned swap_reclaim_list(struct swap *sw, struct folio *list)
{
    return shrink_list(sw, list, true);
}

bool swap_out_folio(struct swap *sw, struct folio *folio)
{
    struct folio *list = NULL;

    if (!folio_test(folio, PG_lru) || folio_test(folio, PG_unevictable))
        return false;
    lru_del(memory_lru(sw->mem), folio);
    folio_get(folio);
    DL_APPEND(list, folio);
    return swap_reclaim_list(sw, list) > 0;
}
