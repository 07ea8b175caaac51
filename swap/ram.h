/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/ram.h - a swap device in the host's memory
 *
 * Owns:    the pages written to it
 * Used by: script/alone.c, for memories that are made by the thousand
 *
 * What was never written reads as zeros.
 */
#pragma once

#include "swap/device.h"

extern const struct swapdev_ops swapdev_ram_ops;

/* swapdev_ram_make - of @slots slots, the header among them; NULL: no memory */
void *swapdev_ram_make(uint64_t slots);

/* swapdev_ram_page - the bytes of a slot, borrowed; NULL: zeros */
const uint8_t *swapdev_ram_page(const void *dev, uint64_t slot);
