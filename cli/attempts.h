/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/attempts.h - a program run under plans, in processes side by side
 *
 * Owns:    struct attempts: the plain run, with which others are compared
 * Used by: cli/trials.c
 */
#pragma once

#include "cli/children.h"
#include "cli/options.h"
#include "cli/spool.h"
#include "explore/shrink.h"
#include "explore/sighting.h"

/* How it went under one kernel. */
struct attempts {
    const struct run_options *run; /* borrowed; what holds for each run */
    const char *kernel;            /* borrowed */
    struct spool *input;           /* borrowed */
    size_t jobs;
    uint64_t timeout_ms;    /* of --timeout; 0: by the plain run */
    char timeout_words[64]; /* how long each may take */
    unsigned given;         /* of attempts_given() */

    struct child_result plain; /* owned; of the plain run */
    struct plan_limits limits; /* and what plans may take from it */
    uint64_t plain_ms;
    bool no_more; /* it did not end: there is nothing to compare with */
};

/* attempts_given - which parts of plans the user has given, a bit for each */
unsigned attempts_given(const struct run_options *run);

/*
 * attempts_plain - the run to which nothing is done, before all others
 *
 * @seen: what it shows, with seed 0
 * Returns 0, -errno, a signal that ended us; -EFBIG: it wrote too much; or
 * -ENOEXEC: it cannot be run, or not reported, and @a->plain says why.
 */
MUST_CHECK int attempts_plain(struct attempts *a, struct sightings *seen);

/* What is told of one: it owns neither.  True: those after it need not run. */
typedef bool (*attempts_told_fn)(void *ctx, size_t n, struct sightings *seen,
                                 const struct child_result *r);

struct attempts_batch {
    /* Of @nr: these; or NULL: by seeds, from this one on. */
    const struct attempt *attempts;
    uint64_t first_seed;
    size_t nr;
    attempts_told_fn told;
    void (*tell)(void *ctx, size_t done); /* as of struct children_plan */
    void *ctx;
    uint64_t until_ms; /* as there */
};

/*
 * attempts_run - run them, in order
 *
 * @started: gets how many were.
 * Returns 0, -errno, a signal that ended us; or -ENOEXEC: the host let one not
 * run, after a line on stderr.
 */
MUST_CHECK int attempts_run(struct attempts *a,
                            const struct attempts_batch *batch,
                            size_t *started);

/*
 * attempts_words - the command line of a run
 *
 * @events: file of its script; NULL: it has none
 * @more: options before the program, or NULL; to NULL
 */
void attempts_words(const struct attempts *a, const struct plan *plan,
                    const char *events, const char *const *more,
                    struct again *out);

void attempts_free(struct attempts *a);
