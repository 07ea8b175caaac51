/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/scope.h - the pages and bytes that steps can touch
 *
 * Owns:    nothing
 * Used by: explore/
 *
 * What is outside of it stays as it is, and need not be written down to tell
 * two states apart.
 */
#pragma once

#include "script/script.h"

#define SCOPE_MAX 16
#define SCOPE_MANY                                                             \
    512 /* pages, where a step is about every N-th of a range                  \
         */

struct scope {
    unsigned nr_pages;
    gva_t pages[SCOPE_MANY];
    bool many;           /* there may be more than SCOPE_MAX */
    unsigned nr_offsets; /* of bytes in a page */
    unsigned offsets[SCOPE_MAX];
    unsigned object_pages; /* of each object, from its first */
};

/*
 * scope_add - what @a touches
 *
 * Returns NULL, or why it cannot be a step: a phrase.
 */
const char *scope_add(struct scope *s, const struct script_action *a);
