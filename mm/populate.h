/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/populate.h - fault pages in ahead of the program; get_user_pages()
 *
 * Owns:    nothing
 * Used by: mmap, mlock, madvise; the kernel's own access to user memory;
 *          script/, emu/linux/, emu/gdb/
 * Source:  linux v6.2 mm/gup.c
 */
#pragma once

#include "mm/fault.h"

struct folio;

/*
 * Faults at one page, of which none gives what was asked for, after which none
 * ever will.  The kernel would try for ever.  Reclaim may take the page away
 * again while it finds frames, one each time, or fails to: at most
 * SWAP_CLUSTER_MAX and MAX_RECLAIM_RETRIES times.
 */
#define MM_FAULT_ROUNDS 64

/*
 * mm_populate - fault the areas of [start, end) in, as far as it goes
 *
 * Writable private ones as by a store.  An area of which a page cannot be had
 * is left at that page.  mm_populate() of Linux, which ignores errors.
 */
void mm_populate(struct mm *mm, gva_t start, gva_t end);

/*
 * mm_populate_all - __mm_populate() of Linux that stops at the first error
 *
 * Returns 0, -ENOMEM, -EFAULT: no access, or past the end of an object, or
 * -EINTR: the process is to end.
 */
MUST_CHECK int mm_populate_all(struct mm *mm, gva_t start, gva_t end);

/*
 * mm_get_page - the frame behind @va, faulted in for @access
 *
 * @out: borrowed until the next call that may fault
 * The caller reads or writes the frame's bytes itself; after writing it
 * calls memory_page_written().
 */
enum fault mm_get_page(struct mm *mm, gva_t va, enum access access,
                       struct folio **out);

/* mm_stuck - mm_get_page() gave FAULT_RETRY, or FAULT_WAIT, to who cannot
 * wait */
void mm_stuck(struct mm *mm, gva_t va);

/* Does the entry grant the access without a fault? */
bool pte_allows(pte_t pte, enum access access);
