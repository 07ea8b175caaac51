/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/lru.h - the lists from which reclaim picks
 *
 * Owns:    five lists of folios, each linked through struct folio
 * Used by: mm/ puts new folios on; swap/ and migrate/ take them off;
 *          emu/ counts them
 * Source:  linux v6.2 mm/swap.c, include/linux/mm_inline.h
 * Differs: no per-CPU batches: a folio is on its list at once
 */
#pragma once

#include "mm/folio.h"

enum lru_list {
    LRU_INACTIVE_ANON,
    LRU_ACTIVE_ANON,
    LRU_INACTIVE_FILE,
    LRU_ACTIVE_FILE,
    LRU_UNEVICTABLE,
    NR_LRU_LISTS
};

struct lru {
    struct folio *head[NR_LRU_LISTS]; /* oldest first */
    size_t nr[NR_LRU_LISTS];
};

/* lru_add - at the young end; sets PG_lru */
void lru_add(struct lru *lru, struct folio *f);

/* lru_del - clears PG_lru; @f keeps its flags and references */
void lru_del(struct lru *lru, struct folio *f);

/* lru_oldest - the next to look at, or NULL */
static inline struct folio *lru_oldest(const struct lru *lru, enum lru_list l)
{
    return lru->head[l];
}

/* mark_page_accessed: inactive, referenced -> active */
void lru_mark_accessed(struct lru *lru, struct folio *f);

/* Move to the inactive list's old end: reclaimed next. */
void lru_deactivate(struct lru *lru, struct folio *f);

/* Move to the active list. */
void lru_activate(struct lru *lru, struct folio *f);
