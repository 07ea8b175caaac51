/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/slot.h - use counts of swap slots
 *
 * Owns:    the swap map: one byte a slot, and continuations above 62
 * Used by: swap/, check/, explore/
 * Source:  linux v6.2 mm/swapfile.c, include/linux/swap.h SWAP_MAP_*
 */
#pragma once

#include "mm/pte.h"

struct swap;

#define SWAP_HAS_CACHE     0x40 /* a folio of the swap cache stands for it */
#define SWAP_MAP_CONTINUED 0x80
#define SWAP_MAP_MAX       0x3e
#define SWAP_MAP_BAD       0x3f /* the header, and slots past a bad block */
#define SWAP_MAP_SHMEM     0xbf /* one entry, in a mapping of shared memory */

/*
 * slot_alloc - get_swap_pages(): free slots, their map set to SWAP_HAS_CACHE
 *
 * @entries: gets up to @max, all of one device
 * Returns how many: 0 when every device is full.
 */
unsigned slot_alloc(struct swap *sw, unsigned max, swp_entry_t *entries);

/*
 * slot_range_free - swap_range_free() of a slot that nobody has
 *
 * Its map is SWAP_HAS_CACHE.  The architecture hears of it.
 */
void slot_range_free(struct swap *sw, swp_entry_t entry);

/* swap_duplicate: one more entry names the slot; 0, -ENOENT or -ENOMEM */
MUST_CHECK int slot_duplicate(struct swap *sw, swp_entry_t entry);

/* swap_shmem_alloc: the one entry that names the slot is a mapping's */
void slot_shmem_alloc(struct swap *sw, swp_entry_t entry);

/*
 * slot_prepare_cache - swapcache_prepare()
 *
 * 0; -EEXIST: somebody else is reading it in; -ENOENT: the slot is free.
 */
MUST_CHECK int slot_prepare_cache(struct swap *sw, swp_entry_t entry);

/*
 * swap_free: one entry fewer.  The last of all, if the swap cache has no folio
 * either, gives the slot to slotcache_free().
 */
void slot_free(struct swap *sw, swp_entry_t entry);

/* put_swap_folio: the swap cache lets go of the slot, as above */
void slot_put_cache(struct swap *sw, swp_entry_t entry);

/* swp_swapcount: entries that name it, without the cache */
unsigned slot_count(struct swap *sw, swp_entry_t entry);

bool slot_has_cache(const struct swap *sw, swp_entry_t entry);

/* vm_swap_full: more than half in use, so free slots eagerly */
bool slot_nearly_full(const struct swap *sw);
