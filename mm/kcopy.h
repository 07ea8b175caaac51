/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/kcopy.h - the kernel's own stores to pages of a file or of another process
 *
 * Owns:    nothing
 * Used by: mm/truncate.c, mm/writeback.c; emu/linux/ after write(2), emu/gdb/,
 *          script/object.c for the same in a script; swap/page_io.c
 * Source:  linux v6.2 include/linux/highmem.h folio_zero_range(),
 *          lib/iov_iter.c copy_page_from_iter_atomic(), mm/filemap.c
 *          generic_perform_write(), mm/process_vm_access.c
 *
 * The kernel stores through a mapping of its own, which has no MCD: a large
 * copy takes the tags of the lines that it initialises, whoever set them
 * (adi/bis.h), and a page that write(2) makes keeps those of its frame's last
 * owner elsewhere.
 */
#pragma once

#include "mm/types.h"

struct folio;
struct memory;
struct mapping;
struct mm;

/*
 * folio_zero_range - bytes [from, to) of a folio are 0 now
 *
 * Lines that the store initialises get tag 0.  Returns whether a tag was lost.
 */
bool folio_zero_range(struct memory *mem, struct folio *folio, unsigned from,
                      unsigned to);

/* mapping_zero_part - bytes [from, to) of a page of @m are 0 now */
void mapping_zero_part(struct mapping *m, struct folio *folio, unsigned from,
                       unsigned to);

/*
 * mapping_written - write(2) has changed bytes [start, end) of the file
 *
 * @src: where the bytes came from, as far as its alignment goes
 * The caller has written dirty pages back before the change.
 * Cached pages take the new bytes, as the one page cache of a kernel would
 * show them; of a file in memory those that are not there yet are made.
 */
void mapping_written(struct mapping *m, uint64_t start, uint64_t end,
                     uint64_t src);

/*
 * mm_written_remote - process_vm_writev() has changed bytes of a page of @mm
 *
 * @va:    of the first byte; the page is @folio, which the caller has pinned
 * @len:   bytes, in this page
 * @src:   as above
 */
void mm_written_remote(struct mm *mm, gva_t va, struct folio *folio,
                       unsigned len, uint64_t src);

/* mapping_refresh - the same of bytes that nobody copied: the file grew */
void mapping_refresh(struct mapping *m, uint64_t start, uint64_t end);
