/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/pin.h - pages that a device, or another process, works on
 *
 * Owns:    struct folio's pins
 * Used by: script/, emu/linux/mm/sys_process_vm.c, tests
 * Source:  linux v6.2 mm/gup.c: pin_user_pages(), try_grab_page(),
 *          gup_must_unshare(), unpin_user_page()
 * Differs: a pin is one reference, not 1024, and is counted beside them
 */
#pragma once

#include "mm/fault.h"

struct memory;
struct folio;

/*
 * mm_pin_page - the frame behind @va, faulted in; it must not change
 *
 * @access: a page that is only read is made exclusive all the same
 * @out:    with a reference and a pin, until memory_unpin()
 * From now on fork copies pages of @mm that are pinned.
 */
enum fault mm_pin_page(struct mm *mm, gva_t va, enum access access,
                       struct folio **out);

void memory_unpin(struct memory *mem, struct folio *folio);
