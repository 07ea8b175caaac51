/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/swapoff.h - a swap device goes away
 *
 * Owns:    nothing
 * Used by: the system call; script/alone.c, emu/linux/mm/swapfile.c, tests
 * Source:  linux v6.2 mm/swapfile.c: swapoff(), try_to_unuse(), unuse_mm(),
 *          unuse_pte_range(), unuse_pte(), find_next_to_unuse()
 * Differs: never refuses for want of memory beforehand, as the kernel does
 *          under overcommit_memory 2 only
 */
#pragma once

#include "mm/types.h"

struct swap;

/*
 * swap_off - bring every page of a device back and close it
 *
 * @type:  of swap_on()
 * @stop:  asked between two address spaces: has a signal come?
 * @stuck: gets the slots still in use; not 0 after -EINTR and -ENOMEM only
 *
 * Returns 0; -EINVAL: no such device; -ENOMEM: no frame for a page; -EDEADLK:
 * a fault in whose course we are guards its slot (bypass_guard), and would
 * have to end first;
 * -EINTR: @stop said so, or the slots left have counts that no page table
 * holds.  Linux tries those again until a signal comes; nothing could change
 * here, so we say at once what a signal would bring about.  After an error
 * the device is in use again, last in line if its priority was automatic.
 */
MUST_CHECK int swap_off(struct swap *sw, unsigned type, bool (*stop)(void *ctx),
                        void *ctx, uint64_t *stuck);
