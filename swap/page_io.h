/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/page_io.h - a folio's bytes to its slot, and back
 *
 * Owns:    which slots are pages of zeros (struct swap_info)
 * Used by: swap/reclaim.c writes; swap/swapin.c, swap/bypass.c read
 * Source:  linux v6.18 mm/page_io.c
 */
#pragma once

#include "mm/pte.h"

struct folio;
struct swap;

/*
 * page_io_write - swap_writeout() from its zero test on
 *
 * A page of zeros is noted, and not written, where the kernel has a zeromap.
 * Returns 0 or -errno of the device.
 */
MUST_CHECK int page_io_write(struct swap *sw, const struct folio *folio);

/*
 * page_io_read - swap_read_folio(): the folio is PG_uptodate, or the device
 * has failed
 *
 * The tags are those of the frame, until somebody restores others; of a page
 * of zeros, those that the kernel's own zeroing leaves.
 */
void page_io_read(struct swap *sw, struct folio *folio, swp_entry_t entry);
