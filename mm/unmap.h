/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/unmap.h - take a folio out of every address space that maps it
 *
 * Owns:    nothing
 * Used by: swap/reclaim.c
 * Source:  linux v6.2 mm/rmap.c try_to_unmap_one(), order of section 6 of
 *          the design: save before the entry changes, undo on each failure
 */
#pragma once

#include "mm/folio.h"

struct memory;

#define TTU_IGNORE_MLOCK 0x1u

/*
 * try_to_unmap - replace each mapping of @folio by what stands for it
 *
 * An anonymous folio must be in the swap cache (or lazyfree); its PTEs
 * become swap entries.  A file folio's PTEs are cleared.
 * Returns true when no mapping is left.  On false some may have gone; each
 * that is left is as it was, except that dirty has moved to the folio.
 */
bool try_to_unmap(struct memory *mem, struct folio *folio, unsigned flags);
