/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/net/layout.h - structs of options and control messages, from one
 * order of bytes to the other
 *
 * Owns:    nothing
 * Used by: emu/linux/net/
 * Source:  linux v6.2 include/uapi/linux/in.h, in6.h, tcp.h, errqueue.h
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * layout_swap - in place, both ways
 *
 * @layout: its fields: w: a word of 32 bits, h: one of 16, d: one of 64;
 *          r: four bytes that stay, b: one; what follows stays.  A field that
 *          is not whole stays, too.
 */
void layout_swap(uint8_t *raw, size_t len, const char *layout);
