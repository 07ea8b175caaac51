/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/again.h - the command line that does the same run again
 *
 * Owns:    its words
 * Used by: cli/options.c keeps the options, cli/output.c reports them
 */
#pragma once

#include <argp.h>
#include <stddef.h>

struct again {
    char **words; /* owned, as each of them; ended by NULL */
    size_t nr;
};

/* again_word - one more at the end; ends adiemu when there is no memory */
void again_word(struct again *a, const char *word);

/*
 * again_option - an option, in one spelling whatever the user's was
 *
 * @all: among which @key is found
 * @arg: NULL: it has none
 */
void again_option(struct again *a, const struct argp_option *all, int key,
                  const char *arg);
void again_free(struct again *a);
