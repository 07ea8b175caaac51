// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/cache.h"

#include "swap/internal.h"
#include "swap/slot.h"

void cache_add(struct swap *sw, struct folio *folio, swp_entry_t entry)
{
    struct swap_info *si = swap_info(sw, entry);
    uint64_t slot = swp_offset(entry);

    INVARIANT(si->map[slot] & SWAP_HAS_CACHE && si->cache[slot] == 0);
    INVARIANT(!folio_test(folio, PG_swapcache));
    si->cache[slot] = memory_folio_pfn(sw->mem, folio) + 1;
    folio->swap = entry;
    folio_set(folio, PG_swapcache);
    folio_set(folio, PG_swapbacked);
    folio_get(folio);
}

void cache_del(struct swap *sw, struct folio *folio)
{
    swp_entry_t entry = folio->swap;
    struct swap_info *si = swap_info(sw, entry);

    INVARIANT(folio_test(folio, PG_swapcache));
    si->cache[swp_offset(entry)] = 0;
    folio_clear(folio, PG_swapcache);
    folio->swap = (swp_entry_t){0};
    slot_put_cache(sw, entry);
    memory_folio_put(sw->mem, folio);
}

struct folio *cache_find(struct swap *sw, swp_entry_t entry)
{
    struct swap_info *si = swap_info(sw, entry);
    pfn_t pfn = si->cache[swp_offset(entry)];

    return pfn ? phys_folio(memory_phys(sw->mem), pfn - 1) : NULL;
}

bool cache_free_swap(struct swap *sw, struct folio *folio)
{
    if (!folio_test(folio, PG_swapcache) || folio_test(folio, PG_writeback))
        return false;
    if (slot_count(sw, folio->swap) > 0)
        return false;
    cache_del(sw, folio);
    folio_set(folio, PG_dirty);
    return true;
}

void cache_replace(struct swap *sw, struct folio *from, struct folio *to)
{
    swp_entry_t entry = from->swap;
    struct swap_info *si = swap_info(sw, entry);

    si->cache[swp_offset(entry)] = memory_folio_pfn(sw->mem, to) + 1;
    to->swap = entry;
    folio_set(to, PG_swapcache);
    folio_get(to);
    from->swap = (swp_entry_t){0};
    folio_clear(from, PG_swapcache);
    memory_folio_put(sw->mem, from);
}

void cache_free_entry(struct swap *sw, swp_entry_t entry)
{
    struct folio *folio;

    slot_free(sw, entry);
    folio = cache_find(sw, entry);
    if (!folio || slot_count(sw, entry) > 0)
        return;
    /* __try_to_reclaim_swap(TTRS_UNMAPPED | TTRS_FULL) */
    if (folio_mapped(folio) && !slot_nearly_full(sw))
        return;
    folio_get(folio);
    if (folio_trylock(folio)) {
        (void)cache_free_swap(sw, folio);
        folio_unlock(folio);
    }
    memory_folio_put(sw->mem, folio);
}
