/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/shmem.h - pages of shared memory go to swap and come back
 *
 * Owns:    nothing; the swap entries are in the mapping
 * Used by: swap/reclaim.c, and mm/mapping.c through swap_ops
 * Source:  linux v6.2 mm/shmem.c shmem_writepage(), shmem_swapin_folio(),
 *          shmem_unuse()
 *
 * Such a page has no PTE of its own while it is away: its PTEs were cleared
 * by try_to_unmap(), which calls no hook for them.
 */
#pragma once

#include "mm/folio.h"

struct swap;
struct mapping;

/*
 * shmem_writepage - @folio leaves the page cache for the swap cache
 *
 * @folio: locked, unmapped, in the page cache of a shared object
 * From here on it is like an anonymous folio that awaits writing.
 * Returns false when it stays where it is: no slot, or its tags could not be
 * saved.
 */
bool shmem_writepage(struct swap *sw, struct folio *folio);

/* shmem_swapin - see swap_ops.shmem_swapin */
MUST_CHECK int shmem_swapin(struct swap *sw, struct mapping *m, uint64_t index,
                            swp_entry_t entry);

/*
 * shmem_unuse - swapoff: bring every page of shared memory in from @type
 *
 * Returns 0, or -ENOMEM with some still away.  A page that cannot be read is
 * a marker afterwards, and needs the device no more; not so in v5.17, where
 * it stays away.
 */
MUST_CHECK int shmem_unuse(struct swap *sw, unsigned type);
