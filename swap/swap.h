/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/swap.h - the swap devices of a machine
 *
 * Owns:    struct swap: its devices, and with them every slot
 * Used by: emu/ and tests attach one to a memory; check/, script/
 * Source:  linux v6.2 mm/swapfile.c
 */
#pragma once

#include "mm/memory.h"
#include "swap/device.h"

struct swap;

/*
 * swap_create - no device yet; attached to @mem as its swap_ops
 *
 * Must be destroyed after the last mm and before @mem.
 * Returns NULL when the host has no memory.
 */
struct swap *swap_create(struct memory *mem);
void swap_destroy(struct swap *sw);

/* Below all that have one already: swapon(8) without -p. */
#define SWAP_PRIORITY_AUTO (-1)

/*
 * swap_on - add a device of @slots slots, slot 0 being its header
 *
 * @dev: owned by @sw from here on, also on error
 * @priority: higher is used first; 0..32767, or below 0 SWAP_PRIORITY_AUTO
 * Returns the type number, or -ENOMEM, -EPERM (all types in use).
 */
MUST_CHECK int swap_on(struct swap *sw, const struct swapdev_ops *ops,
                       void *dev, uint64_t slots, int priority);

/* swap_set_synchronous - SWP_SYNCHRONOUS_IO: the device is as fast as memory,
 * as zram is; before a page is in it */
void swap_set_synchronous(struct swap *sw, unsigned type);

/* Slots that can hold pages, and those that do; not those of a device that
 * is going away. */
uint64_t swap_total_pages(const struct swap *sw);
uint64_t swap_used_pages(const struct swap *sw);

/* One device, as /proc/swaps shows it. */
struct swap_device {
    uint64_t pages, used; /* slots without the header */
    int priority;
};

/* swap_device - the device of @type; false: there is none */
bool swap_device(const struct swap *sw, unsigned type, struct swap_device *out);

/* swap_entry_is_zero - a page of zeros, of which the device knows nothing */
bool swap_entry_is_zero(struct swap *sw, swp_entry_t entry);

/* swap_entry_count - swp_swapcount(): entries that name the slot */
unsigned swap_entry_count(struct swap *sw, swp_entry_t entry);

/*
 * swap_out_folio - push one folio out, referenced or not
 *
 * @folio: on an LRU list
 * Returns true when its frame came free.
 */
bool swap_out_folio(struct swap *sw, struct folio *folio);
