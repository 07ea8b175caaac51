// SPDX-License-Identifier: GPL-2.0-or-later
/* Invariants of swap slots. */
#include "check/internal.h"
#include "check/predict.h"
#include "swap/cache.h"
#include "swap/slot.h"
#include "swap/slotcache.h"

/* 14: a slot's count is the number of entries.  Adds what is beyond. */
static bool check_count_matches_entries(struct check *c, swp_entry_t entry,
                                        int *lost)
{
    unsigned named = c->books.slots[swp_type(entry)][swp_offset(entry)];
    unsigned count = slot_count(c->swap, entry);

    if (count < named)
        return BROKEN(c, 14, NULL, "slot 0x%llx: count %u, entries %u",
                      llu(entry.v), count, named);
    *lost += (int)(count - named);
    return true;
}

/* Nobody has it, and it is not free either: it is in a slot cache. */
static bool is_spare(struct check *c, swp_entry_t entry)
{
    return slot_has_cache(c->swap, entry) && slot_count(c->swap, entry) == 0 &&
           !cache_find(c->swap, entry);
}

/* 14: HAS_CACHE is set when the cache has a folio for the slot, or when the
 * slot is in a slot cache */
static bool check_has_cache_is_true(struct check *c, swp_entry_t entry,
                                    const struct folio *folio)
{
    bool has_cache = slot_has_cache(c->swap, entry);

    if (has_cache == (folio != NULL) || is_spare(c, entry))
        return true;
    return BROKEN(c, 14, NULL, "slot 0x%llx: HAS_CACHE %d, folio %d",
                  llu(entry.v), has_cache, folio != NULL);
}

/* 14: the slot caches have the slots that nobody has, each once */
static bool check_spare_is_cached(struct check *c, unsigned nr_spare)
{
    swp_entry_t entry;
    unsigned nr = 0;
    bool freed;

    for (; slotcache_nth(c->swap, nr, &entry, &freed); nr++)
        if (!is_spare(c, entry))
            return BROKEN(c, 14, NULL, "slot 0x%llx is used, and in a cache",
                          llu(entry.v));
    if (nr == nr_spare)
        return true;
    return BROKEN(c, 14, NULL, "%u slots in caches, and %u that nobody has", nr,
                  nr_spare);
}

/* 18: a page that swap entries stand for is nobody's own */
static bool check_swapped_is_not_exclusive(struct check *c, swp_entry_t entry,
                                           const struct folio *folio)
{
    unsigned named = c->books.slots[swp_type(entry)][swp_offset(entry)];

    if (!folio || named == 0 || !folio_test(folio, PG_anon_exclusive))
        return true;
    return BROKEN(c, 18, NULL, "slot 0x%llx: %u entries, folio exclusive",
                  llu(entry.v), named);
}

/* 15: the slots in use of a device are those with a map */
static bool check_inuse_matches_map(struct check *c, unsigned type,
                                    uint64_t used)
{
    struct swap_device dev;

    if (!swap_device(c->swap, type, &dev) || dev.used == used)
        return true;
    return BROKEN(c, 15, NULL, "device %u: %llu slots in use, counted %llu",
                  type, llu(dev.used), llu(used));
}

/* 15: an entry names a slot that is in use */
static bool check_named_is_used(struct check *c, swp_entry_t entry)
{
    struct swap_device dev;

    if (swap_device(c->swap, swp_type(entry), &dev) && swp_offset(entry) > 0 &&
        swp_offset(entry) <= dev.pages && slot_count(c->swap, entry) > 0)
        return true;
    return BROKEN(c, 15, NULL, "an entry names 0x%llx, which is not in use",
                  llu(entry.v));
}

bool check_slot_alone(struct check *c, swp_entry_t entry)
{
    return check_named_is_used(c, entry) &&
           check_has_cache_is_true(c, entry, cache_find(c->swap, entry));
}

static bool check_device(struct check *c, unsigned type, int *lost,
                         unsigned *nr_spare)
{
    uint64_t used = 0;

    for (uint64_t slot = 1; slot < c->books.nr_slots[type]; slot++) {
        swp_entry_t entry = swp_entry(type, slot);
        const struct folio *folio = cache_find(c->swap, entry);

        if (!folio && c->books.slots[type][slot] == 0 &&
            slot_count(c->swap, entry) == 0 && !slot_has_cache(c->swap, entry))
            continue; /* free, and nothing says otherwise */
        if (!check_count_matches_entries(c, entry, lost) ||
            !check_has_cache_is_true(c, entry, folio) ||
            !check_swapped_is_not_exclusive(c, entry, folio))
            return false;
        used += slot_count(c->swap, entry) > 0 || folio || is_spare(c, entry);
        *nr_spare += is_spare(c, entry);
    }
    return check_inuse_matches_map(c, type, used);
}

/* 14: counts without an entry are those that v5.17 forgets (B7) */
static bool check_lost_counts_are_known(struct check *c, int lost)
{
    int known = c->lost_slots + predict_lost_slots(c->predict);

    if (lost == known)
        return true;
    return BROKEN(c, 14, NULL, "%d counts without an entry, %d known", lost,
                  known);
}

bool check_slots(struct check *c)
{
    unsigned nr_spare = 0;
    int lost = 0;

    for (unsigned t = 0; t < SWP_MAX_FILES; t++)
        if (!check_device(c, t, &lost, &nr_spare))
            return false;
    return check_spare_is_cached(c, nr_spare) &&
           check_lost_counts_are_known(c, lost);
}
