/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/ddmin.h - the fewest of several things that still do it
 *
 * Owns:    nothing
 * Used by: explore/shrink.c
 * Source:  Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
 *          Input", IEEE TSE 28(2), 2002, section 3: the algorithm ddmin
 * Differs: the sets of one granularity are asked about together, and the first
 *          of them that does it is taken: so they can be tried side by side
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "mm/types.h"

/* Some of the things: a bool for each. */
struct ddmin_sets {
    size_t nr, things;
    const bool *has; /* @things of the first set, then those of the second */
};

/*
 * The first of the sets that does it, or -1: none does.
 *
 * Returns 0 or an error, with which ddmin() ends.
 */
typedef int (*ddmin_first_fn)(void *ctx, const struct ddmin_sets *sets,
                              long *first);

/*
 * ddmin - leave out of @nr things what can be left out
 *
 * All of them together do it.
 * @keep: gets what is left, @nr of them; also after an error of @first, when
 *        more might be left out
 * Returns 0: without any one of them they do not do it; -ENOMEM; or what
 * @first returned.
 */
MUST_CHECK int ddmin(size_t nr, bool *keep, ddmin_first_fn first, void *ctx);
