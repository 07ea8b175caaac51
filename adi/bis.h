/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/bis.h - which lines the copies of an M7 kernel initialise
 *
 * Owns:    nothing
 * Used by: adi/adi.c, for the kernel's mapping of a frame; emu/linux/, for
 *          copies to a user's mapping without PROT_ADI
 * Source:  linux v6.2 arch/sparc/lib/M7memcpy.S (M7copy_from_user and
 *          M7copy_to_user are the same), M7memset.S
 *
 * A block-init store to a line through a mapping without MCD clears the tag of
 * the line.  Large copies use them for chunks of lines, and plain stores, that
 * leave tags alone, for the rest.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bytes: no shorter copy initialises a line. */
#define BIS_MIN 512

/* Whole lines [start, end); none when the two are equal. */
struct bis_lines {
    uint64_t start, end;
};

/*
 * bis_memcpy - the lines of a copy
 *
 * @dst, @src: addresses; of @src only the low 3 bits count: when the two are
 *             not congruent modulo 8, no line is initialised
 */
struct bis_lines bis_memcpy(uint64_t dst, uint64_t src, size_t len);

/* bis_memset - the lines of a memset() to 0 */
struct bis_lines bis_memset(uint64_t dst, size_t len);
