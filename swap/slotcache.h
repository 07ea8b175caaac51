/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/slotcache.h - slots on their way from the devices, and back to them
 *
 * Owns:    struct slot_cache of the one CPU: up to SWAP_BATCH slots that
 *          nobody has yet, and as many that nobody has any more
 * Used by: swap/; check/, which counts them
 * Source:  linux v6.2 mm/swap_slots.c, include/linux/swap_slots.h; the same
 *          in v5.17
 * Differs: one CPU, and no locks; the arrays are there from the start
 *
 * A slot in here has SWAP_HAS_CACHE in its map, and no folio in the swap
 * cache: to its device it is in use.  So a slot that nobody names any more is
 * free only later, with SWAP_BATCH others, and what the architecture keeps for
 * it stays until then.
 */
#pragma once

#include "mm/pte.h"

struct swap;

#define SWAP_BATCH 64 /* slots; SWAP_SLOTS_CACHE_SIZE */

struct slot_cache {
    bool active;  /* there was room when a slot was last asked for */
    bool enabled; /* a device is in use, and none is being switched off */
    unsigned cur, nr, nr_ret;
    swp_entry_t slots[SWAP_BATCH];     /* [cur, cur + nr): to be had */
    swp_entry_t slots_ret[SWAP_BATCH]; /* [0, nr_ret): given back */
};

/*
 * slotcache_alloc - a slot for one page, its map set to SWAP_HAS_CACHE
 *
 * Switches the caches on when more than 5 * SWAP_BATCH slots are free, and
 * off, emptying them, when fewer than 2 * SWAP_BATCH are.
 * Returns an invalid entry when every device is full.
 * Source: folio_alloc_swap(), check_cache_active()
 */
swp_entry_t slotcache_alloc(struct swap *sw);

/*
 * slotcache_free - nobody names the slot any more
 *
 * Its map is SWAP_HAS_CACHE.  It is kept, or, with the caches off, free at
 * once.  A full array is emptied first.
 * Source: free_swap_slot()
 */
void slotcache_free(struct swap *sw, swp_entry_t entry);

/* disable_swap_slots_cache_lock(): all are empty, and stay so */
void slotcache_disable(struct swap *sw);

/* reenable_swap_slots_cache_unlock(), enable_swap_slots_cache() */
void slotcache_enable(struct swap *sw);

/*
 * slotcache_nth - the slots in here, from 0 on
 *
 * @freed: it was given back, and may still have what was kept for it
 * Returns false at the end.
 */
bool slotcache_nth(const struct swap *sw, unsigned n, swp_entry_t *entry,
                   bool *freed);
