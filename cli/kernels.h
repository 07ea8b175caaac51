/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/kernels.h - the profiles that a list names
 *
 * Owns:    the words of such a list
 * Used by: cli/compare.c
 */
#pragma once

#include <stddef.h>

#include "mm/types.h"

struct adi_profile;

struct kernels {
    const struct adi_profile **profiles; /* owned; each is there once */
    size_t nr;
};

/*
 * kernels_choose - what @list says, in its order
 *
 * @k:       zeroed, or of an earlier call, which is forgotten
 * @list:    with commas: names, older names, shell patterns of them, "all",
 *           and "lts" for each long-term Linux; what a pattern matches is in
 *           the order of the table
 * @unknown: after -ENOENT, the word of @list that matches none, and its length
 * Returns 0, -ENOENT, or -ENOMEM; then @k has none.
 */
MUST_CHECK int kernels_choose(struct kernels *k, const char *list,
                              const char **unknown, int *len);

/* kernels_have_first - @p as the first, unless it is there; 0, or -ENOMEM */
MUST_CHECK int kernels_have_first(struct kernels *k,
                                  const struct adi_profile *p);

void kernels_free(struct kernels *k);
