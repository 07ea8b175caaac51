/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/number.h - numbers, for people
 *
 * Owns:    how one is written
 * Used by: print/, emu/progress.c, cli/explore.c, cli/explore_options.c,
 *          cli/html_explore.c, explore/
 */
#pragma once

#include <stdint.h>

#define COMMAS_BYTES 32

/* plural - the ending of what there are @n of */
static inline const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* commas - 1,234,567; valgrind's way to write a number.  Returns @buf. */
const char *commas(uint64_t n, char buf[static COMMAS_BYTES]);
