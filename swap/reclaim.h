/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/reclaim.h - make free frames
 *
 * Owns:    nothing; works on the lists of mm/lru.h
 * Used by: memory_alloc_folio() through swap_ops, MADV_PAGEOUT, --stress
 *          swap; script/
 * Source:  linux v6.2 mm/vmscan.c
 * Differs: one pass scans both kinds of lists in proportion to their size;
 *          writing to the device is synchronous
 */
#pragma once

#include "mm/folio.h"

struct swap;

/* try_to_free_pages(): returns the number of frames freed */
unsigned swap_reclaim(struct swap *sw, unsigned want, nodemask_t nodes);

/* reclaim_pages(): see swap_ops.reclaim_list */
unsigned swap_reclaim_list(struct swap *sw, struct folio *list);
