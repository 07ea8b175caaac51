/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/bypass.h - pages that come back without going through the swap cache
 *
 * Owns:    nothing
 * Used by: swap/swapin.c, swap/shmem.c
 * Source:  linux v6.2 mm/memory.c do_swap_page(), v6.18 mm/shmem.c
 *          shmem_swap_alloc_folio()
 *
 * Of a device that is as fast as memory (SWP_SYNCHRONOUS_IO: zram, brd) a page
 * that one PTE alone names goes from the slot into its frame, and nobody finds
 * it on the way.  Two faults of threads may read it at once; where the kernel
 * guards against that, the slot looks cached for so long.
 */
#pragma once

#include "mm/pte.h"

struct alloc_for;
struct folio;
struct swap;

/* bypass_anon, bypass_shmem - is this page to be read so? */
bool bypass_anon(struct swap *sw, swp_entry_t entry);
bool bypass_shmem(struct swap *sw, swp_entry_t entry);

/*
 * bypass_read - a new folio, locked, with one reference and what the slot has
 *
 * When the device failed, it is not PG_uptodate.  After it, bypass_end() in
 * any case.
 * Returns 0; -EAGAIN: another fault has the slot; -ENOMEM.
 */
MUST_CHECK int bypass_read(struct swap *sw, swp_entry_t entry,
                           const struct alloc_for *who, struct folio **out);

/* bypass_end - swapcache_clear(): the slot is as it is */
void bypass_end(struct swap *sw, swp_entry_t entry);
