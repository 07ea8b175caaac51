/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/remote.h - pages for a debugger: of any area, whatever its protection
 *
 * Owns:    nothing
 * Used by: emu/linux/, emu/gdb/
 * Source:  linux v6.2 mm/gup.c: get_user_pages_remote() with FOLL_FORCE,
 *          check_vma_flags(), can_follow_write_pte(), get_dump_page()
 */
#pragma once

#include "mm/fault.h"

struct folio;

/*
 * mm_get_remote_page - the frame behind @va, for /proc/PID/mem
 *
 * A write to a private area that forbids it makes a copy, which the program
 * still cannot write to.
 * @va:  tag bits are ignored
 * @out: borrowed until the next call that may fault; who writes calls
 *       mm_written_remote()
 */
enum fault mm_get_remote_page(struct mm *mm, gva_t va, enum access access,
                              struct folio **out);

/*
 * mm_get_dump_page - the same for a core dump; NULL: nothing but zeros was ever
 * there, or it cannot be had
 */
struct folio *mm_get_dump_page(struct mm *mm, gva_t va);

/*
 * mm_dump_hole - where the pages end that are NULL to mm_get_dump_page(), like
 * that at @va, for there is nothing of them; at most @end, which is in its area
 */
gva_t mm_dump_hole(struct mm *mm, gva_t va, gva_t end);
