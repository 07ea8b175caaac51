/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/profile_words.h - the words for the parts of a kernel
 *
 * Owns:    names of hooks, and what each tag store can do there
 * Used by: adi/profile_file.c, explore/coverage.c, cli/explore_options.c
 */
#pragma once

#include <stdio.h>

#include "adi/profile.h"

/* What a store can do at a hook. */
struct profile_choice {
    enum adi_store_kind store;
    enum arch_hook hook;
    const char *word;
    adi_hook_fn function;
};

/* profile_choice_at - the one thing, or NULL: it can do none */
const struct profile_choice *profile_choice_at(enum adi_store_kind store,
                                               enum arch_hook hook);

/* profile_hook_name - "unmap_swap" */
const char *profile_hook_name(enum arch_hook hook);

/* profile_words_print - each line that a profile can have, with its meaning */
void profile_words_print(FILE *out);
