/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/shrink.h - from a plan that shows something to what it takes
 *
 * Owns:    in which order less is tried
 * Used by: cli/trials.c, which runs what is tried; cli/attempts.h,
 *          explore/run_report.h
 */
#pragma once

#include "explore/plan.h"
#include "mm/types.h"

/* A run: under a plan, and a script of events in place of its stress. */
struct attempt {
    struct plan plan;
    char *script; /* owned; NULL: none */
};

/*
 * The first of @nr attempts that shows it, or -1: none does.
 *
 * @lines: NULL, or gets what its stress did, as lines of a script, owned
 * Returns 0 or -errno; with others ends shrink(), which returns it, too.
 */
typedef int (*shrink_first_fn)(void *ctx, const struct attempt *attempts,
                               size_t nr, long *first, char **lines);

struct shrink_config {
    shrink_first_fn first;
    void *ctx;
    unsigned max_runs;
    unsigned stays; /* a bit for each kind that is not tried without */
};

struct shrunk {
    struct attempt attempt; /* owned */
    unsigned lines;         /* of its script */
    unsigned runs;          /* that it took */
    bool used_up;           /* more runs might have made it smaller */
    bool not_lines;         /* the stress as a script does not show it */
};

/*
 * shrink - what is left of @plan, which shows it
 *
 * The same for any number of processes.  @out: what came of it so far, also
 * after an error; for shrunk_free().
 */
MUST_CHECK int shrink(const struct shrink_config *config,
                      const struct plan *plan, struct shrunk *out);
void shrunk_free(struct shrunk *s);
