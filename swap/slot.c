// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/slot.h"

#include <errno.h>
#include <string.h>

#include "swap/internal.h"

static uint8_t map_count(uint8_t map)
{
    return map & ~(SWAP_HAS_CACHE | SWAP_MAP_CONTINUED);
}

/* First free slot of @si, which has one, from its cursor on, wrapping. */
static uint64_t find_free(const struct swap_info *si)
{
    const uint8_t *p = memchr(si->map + si->cursor, 0, si->slots - si->cursor);

    if (!p)
        p = memchr(si->map, 0, si->cursor);
    INVARIANT(p);
    return (uint64_t)(p - si->map);
}

/* Highest priority first; among equals the one with most room. */
static int choose_device(const struct swap *sw)
{
    int best = -1;

    for (unsigned t = 0; t < sw->nr_types; t++) {
        const struct swap_info *si = &sw->info[t];
        const struct swap_info *b = best < 0 ? NULL : &sw->info[best];

        if (!si->writeok || si->inuse == si->slots - 1)
            continue;
        if (!b || si->priority > b->priority ||
            (si->priority == b->priority && si->inuse < b->inuse))
            best = (int)t;
    }
    return best;
}

unsigned slot_alloc(struct swap *sw, unsigned max, swp_entry_t *entries)
{
    int type = choose_device(sw);
    struct swap_info *si = type < 0 ? NULL : &sw->info[type];
    unsigned nr = 0;

    while (nr < max && si && si->inuse < si->slots - 1) {
        uint64_t slot = find_free(si);

        si->map[slot] = SWAP_HAS_CACHE;
        si->inuse++;
        si->cursor = slot + 1 < si->slots ? slot + 1 : 1;
        entries[nr++] = swp_entry((unsigned)type, slot);
    }
    return nr;
}

int slot_duplicate(struct swap *sw, swp_entry_t entry)
{
    struct swap_info *si = swap_info(sw, entry);
    uint64_t slot = swp_offset(entry);
    uint8_t *map = &si->map[slot];

    if (*map == 0 || map_count(*map) == SWAP_MAP_BAD)
        return -ENOENT;
    if (map_count(*map) < SWAP_MAP_MAX) {
        (*map)++;
        return 0;
    }
    /* add_swap_count_continuation() */
    if (xa_store(&si->extra, slot, xa_load(&si->extra, slot) + 1) != 0)
        return -ENOMEM;
    *map |= SWAP_MAP_CONTINUED;
    return 0;
}

void slot_shmem_alloc(struct swap *sw, swp_entry_t entry)
{
    struct swap_info *si = swap_info(sw, entry);
    uint8_t *map = &si->map[swp_offset(entry)];

    INVARIANT(*map == SWAP_HAS_CACHE);
    *map |= SWAP_MAP_SHMEM;
}

static bool map_is_shmem(uint8_t map)
{
    return (map & ~SWAP_HAS_CACHE) == SWAP_MAP_SHMEM;
}

int slot_prepare_cache(struct swap *sw, swp_entry_t entry)
{
    struct swap_info *si = swap_info(sw, entry);
    uint8_t *map = &si->map[swp_offset(entry)];

    if (*map & SWAP_HAS_CACHE)
        return -EEXIST;
    if (*map == 0)
        return -ENOENT;
    *map |= SWAP_HAS_CACHE;
    return 0;
}

void slot_range_free(struct swap *sw, swp_entry_t entry)
{
    struct swap_info *si = swap_info(sw, entry);
    struct hook_args args = {.entry = entry, .pfn = PFN_NONE};

    INVARIANT(si->map[swp_offset(entry)] == SWAP_HAS_CACHE);
    si->map[swp_offset(entry)] = 0;
    si->inuse--;
    (void)memory_hook(sw->mem, HOOK_SWAP_INVALIDATE, &args);
    hub_event(swap_hub(sw), &(struct event){.kind = EV_SLOT_FREE,
                                            .path = PATH_SLOT_FREE,
                                            .pfn = PFN_NONE,
                                            .entry = entry.v});
}

/* The end of __swap_entry_free(): does anything name the slot still? */
static void free_if_unused(struct swap *sw, struct swap_info *si,
                           swp_entry_t entry)
{
    uint8_t *map = &si->map[swp_offset(entry)];

    if (*map != 0)
        return;
    *map = SWAP_HAS_CACHE;
    slotcache_free(sw, entry);
}

void slot_free(struct swap *sw, swp_entry_t entry)
{
    struct swap_info *si = swap_info(sw, entry);
    uint64_t slot = swp_offset(entry);
    uint8_t *map = &si->map[slot];

    if (map_is_shmem(*map)) {
        *map &= SWAP_HAS_CACHE;
        free_if_unused(sw, si, entry);
        return;
    }
    INVARIANT(map_count(*map) > 0 && map_count(*map) <= SWAP_MAP_MAX);
    if (*map & SWAP_MAP_CONTINUED) {
        uint64_t *extra = xa_slot(&si->extra, slot);

        if (--*extra == 0)
            *map &= (uint8_t)~SWAP_MAP_CONTINUED;
        return;
    }
    (*map)--;
    free_if_unused(sw, si, entry);
}

void slot_put_cache(struct swap *sw, swp_entry_t entry)
{
    struct swap_info *si = swap_info(sw, entry);
    uint8_t *map = &si->map[swp_offset(entry)];

    INVARIANT(*map & SWAP_HAS_CACHE);
    *map &= (uint8_t)~SWAP_HAS_CACHE;
    free_if_unused(sw, si, entry);
}

unsigned slot_count(struct swap *sw, swp_entry_t entry)
{
    struct swap_info *si = swap_info(sw, entry);
    uint64_t slot = swp_offset(entry);
    unsigned count = map_count(si->map[slot]);

    if (map_is_shmem(si->map[slot]))
        return 1;
    if (si->map[slot] & SWAP_MAP_CONTINUED)
        count += (unsigned)xa_load(&si->extra, slot);
    return count;
}

bool slot_has_cache(const struct swap *sw, swp_entry_t entry)
{
    const struct swap_info *si = &sw->info[swp_type(entry)];

    return (si->map[swp_offset(entry)] & SWAP_HAS_CACHE) != 0;
}

bool slot_nearly_full(const struct swap *sw)
{
    return swap_used_pages(sw) * 2 > swap_total_pages(sw);
}
