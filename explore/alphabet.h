/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/alphabet.h - the steps of which sequences are made
 *
 * Owns:    struct alphabet: the steps, and the sets that are built in
 * Used by: explore/search.c, explore/report.c, cli/explore.c
 *
 * A step is a line of the event language (docs/events.md), or two: what a
 * process does, and what others do in the middle of it.
 */
#pragma once

#include <stdio.h>

#include "explore/state.h"

#define ALPHABET_MAX 512 /* steps */

struct alphabet {
    struct step *steps; /* owned */
    unsigned nr;
    struct scope scope; /* pages and bytes that they name */
};

/* Some of them, by their place from 0. */
struct step_set {
    uint64_t words[ALPHABET_MAX / 64];
};

static inline bool step_set_has(const struct step_set *set, unsigned step)
{
    return set->words[step / 64] >> step % 64 & 1;
}

static inline void step_set_add(struct step_set *set, unsigned step)
{
    set->words[step / 64] |= UINT64_C(1) << step % 64;
}

struct alphabet_config {
    unsigned nr_pages;     /* 1..4, one after the other */
    unsigned nr_processes; /* 1..WORLD_MAX_PROCESSES */
    unsigned nr_nodes;
};

/* alphabet_set - the sets that are built in, from 0: name and what it is
 * about; NULL: there are no more */
const char *alphabet_set(unsigned n, const char **about);

/*
 * alphabet_add_set - the steps of a set, for each page and process
 *
 * Returns 0; -ENOENT: there is none of this name; -ENOMEM; -E2BIG.
 */
MUST_CHECK int alphabet_add_set(struct alphabet *a, const char *name,
                                size_t name_len,
                                const struct alphabet_config *config);

/*
 * alphabet_add_text - steps as lines of an event script
 *
 * A line with a trigger, "when fault swapin: ..." for example, is what others
 * do in the middle of each line after it that has none.
 * Prints what is wrong to @err as "@name:LINE:COLUMN: ...".
 * Returns 0; -EBADMSG: there was something; -ENOMEM; -E2BIG.
 */
MUST_CHECK int alphabet_add_text(struct alphabet *a, const char *text,
                                 size_t len,
                                 const struct alphabet_config *config,
                                 const char *name, FILE *err);

void alphabet_free(struct alphabet *a);
