/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/writeback.h - dirty pages of a file go back to it
 *
 * Owns:    nothing
 * Used by: swap/reclaim.c; emu/linux/ for msync, and before a call looks at
 *          the file by other means; script/object.c
 * Source:  linux v6.2 mm/page-writeback.c, mm/filemap.c
 * Differs: no flusher thread: pages are written when somebody asks
 */
#pragma once

#include "mm/types.h"

struct mapping;
struct folio;

/*
 * mapping_write_folio - folio_clear_dirty_for_io(), then writepage
 *
 * @folio: of the page cache of a file
 * Its PTEs are clean and read-only afterwards, so that the next store is
 * seen.  When the write fails the mapping remembers the error, and the page is
 * clean all the same, as in the kernel.
 */
void mapping_write_folio(struct mapping *m, struct folio *folio);

/*
 * mapping_writeback - write_cache_pages(): dirty pages first..last
 *
 * Nothing happens for shared memory that no file stands behind.
 */
void mapping_writeback(struct mapping *m, uint64_t first, uint64_t last);

/* mapping_check_error - the first error since last asked, or 0 */
MUST_CHECK int mapping_check_error(struct mapping *m);
