/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/merge.h - one report of those that the slices of a search wrote
 *
 * Owns:    struct merge: what was read, and what came of it
 * Used by: cli/explore.c, cli/explore_options.c
 *
 * What is found is what one search finds, each by a way as short: of ways
 * that are equally long, the first by text.  The order of the files makes no
 * difference.
 */
#pragma once

#include <stdio.h>

#include "explore/report.h"

#define MERGE_MAX_SLICES 65536u

struct merge;

/* merge_create - NULL when the host has no memory */
struct merge *merge_create(void);
void merge_destroy(struct merge *m);

/*
 * merge_add - the report of a slice, which is JSON
 *
 * Prints what is wrong with it to @err, as "adiemu: @name: ...".
 * Returns 0; -EBADMSG: there was something; -ENOMEM.  After an error @m is
 * good for merge_destroy() only.
 */
MUST_CHECK int merge_add(struct merge *m, const char *name, const char *text,
                         size_t len, FILE *err);

/*
 * merge_end - when each was added, and there was one at least
 *
 * @out: gets what is borrowed from @m
 * The same errors.
 */
MUST_CHECK int merge_end(struct merge *m, struct report *out, FILE *err);
