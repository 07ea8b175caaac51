/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/cache.h - folios that are in memory and in a slot
 *
 * Owns:    the swap cache: slot -> folio
 * Used by: swap/, check/, script/, explore/
 * Source:  linux v6.2 mm/swap_state.c
 */
#pragma once

#include "mm/folio.h"

struct swap;

/*
 * cache_add - @folio stands for @entry from now on; takes a reference
 *
 * The slot's map has SWAP_HAS_CACHE already.
 */
void cache_add(struct swap *sw, struct folio *folio, swp_entry_t entry);

/* cache_del - delete_from_swap_cache(): drops slot and reference */
void cache_del(struct swap *sw, struct folio *folio);

/* cache_find - the folio of @entry, or NULL; no reference */
struct folio *cache_find(struct swap *sw, swp_entry_t entry);

/*
 * cache_free_swap - folio_free_swap()
 *
 * Takes the locked folio out of the cache when no entry needs its slot.
 * It then is dirty: its only copy is in memory.
 */
bool cache_free_swap(struct swap *sw, struct folio *folio);

/* cache_replace - migration: @to takes @from's slot and reference */
void cache_replace(struct swap *sw, struct folio *from, struct folio *to);

/* free_swap_and_cache(): an entry goes away without being read */
void cache_free_entry(struct swap *sw, swp_entry_t entry);
