// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/slotcache.h"

#include "swap/internal.h"
#include "swap/slot.h"

#define THRESHOLD_ACTIVATE   (5 * SWAP_BATCH)
#define THRESHOLD_DEACTIVATE (2 * SWAP_BATCH)

/* use_swap_slot_cache */
static bool in_use(const struct slot_cache *sc)
{
    return sc->active && sc->enabled;
}

/* swapcache_free_entries() */
static void free_entries(struct swap *sw, const swp_entry_t *entries,
                         unsigned nr)
{
    for (unsigned i = 0; i < nr; i++)
        slot_range_free(sw, entries[i]);
}

/* __drain_swap_slots_cache(SLOTS_CACHE | SLOTS_CACHE_RET) */
static void drain(struct swap *sw)
{
    struct slot_cache *sc = &sw->slot_cache;

    free_entries(sw, sc->slots + sc->cur, sc->nr);
    sc->cur = sc->nr = 0;
    free_entries(sw, sc->slots_ret, sc->nr_ret);
    sc->nr_ret = 0;
}

static bool check_cache_active(struct swap *sw)
{
    struct slot_cache *sc = &sw->slot_cache;
    uint64_t pages;

    if (!sc->enabled)
        return false;
    pages = swap_total_pages(sw) - swap_used_pages(sw);
    if (!sc->active) {
        sc->active = pages > THRESHOLD_ACTIVATE;
    } else if (pages < THRESHOLD_DEACTIVATE) {
        sc->active = false;
        drain(sw);
    }
    return sc->active;
}

swp_entry_t slotcache_alloc(struct swap *sw)
{
    struct slot_cache *sc = &sw->slot_cache;
    swp_entry_t entry = {0};

    if (check_cache_active(sw)) {
        if (sc->nr == 0) {
            sc->cur = 0;
            sc->nr = slot_alloc(sw, SWAP_BATCH, sc->slots);
        }
        if (sc->nr > 0) {
            sc->nr--;
            return sc->slots[sc->cur++];
        }
    }
    (void)slot_alloc(sw, 1, &entry);
    return entry;
}

void slotcache_free(struct swap *sw, swp_entry_t entry)
{
    struct slot_cache *sc = &sw->slot_cache;

    if (!in_use(sc)) {
        free_entries(sw, &entry, 1);
        return;
    }
    if (sc->nr_ret == SWAP_BATCH) {
        free_entries(sw, sc->slots_ret, sc->nr_ret);
        sc->nr_ret = 0;
    }
    sc->slots_ret[sc->nr_ret++] = entry;
}

void slotcache_disable(struct swap *sw)
{
    sw->slot_cache.enabled = false;
    drain(sw);
}

void slotcache_enable(struct swap *sw)
{
    /* has_usable_swap() */
    sw->slot_cache.enabled =
        memory_policy(sw->mem)->slot_cache && swap_total_pages(sw) > 0;
}

bool slotcache_nth(const struct swap *sw, unsigned n, swp_entry_t *entry,
                   bool *freed)
{
    const struct slot_cache *sc = &sw->slot_cache;

    *freed = n < sc->nr_ret;
    if (n >= sc->nr_ret + sc->nr)
        return false;
    *entry = *freed ? sc->slots_ret[n] : sc->slots[sc->cur + n - sc->nr_ret];
    return true;
}
