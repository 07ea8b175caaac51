/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/swapin.h - a fault on an entry that is not present
 *
 * Owns:    nothing
 * Used by: mm/fault.c, through swap_ops
 * Source:  linux v6.2 mm/memory.c do_swap_page(), mm/swap_state.c
 * Differs: no readahead; I/O ends before the call returns
 */
#pragma once

#include "mm/fault.h"

struct swap;
struct folio;
struct alloc_for;

enum fault swap_do_swap_page(struct swap *sw, struct vm_fault *vmf);

/*
 * swap_read_folio - the folio of @entry, from the cache or the device
 *
 * @who: whose memory policy a new folio follows
 * @out: with one reference for the caller.  When the device failed, the
 *       folio is not PG_uptodate.
 * Returns 0, or -ENOMEM.
 * Source: __read_swap_cache_async(), swap_readpage()
 */
MUST_CHECK int swap_read_folio(struct swap *sw, swp_entry_t entry,
                               const struct alloc_for *who, struct folio **out);
