/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/search.h - every sequence of steps, the shortest first
 *
 * Owns:    struct search: what was seen, what was found
 * Used by: cli/explore.c, explore/report.c
 *
 * Breadth first, so that the first way to a finding is as short as any.  A
 * state that was seen is not gone through again: what can come after it, can
 * come after the first way to it.  The same is found with any number of jobs.
 */
#pragma once

#include "explore/alphabet.h"
#include "explore/found.h"
#include "explore/seen.h"

#define SEARCH_MAX_DEPTH 250
#define SEARCH_MAX_JOBS  64

struct search_config {
    struct world_config world;
    const struct alphabet *alphabet; /* borrowed */
    unsigned depth;  /* steps of a sequence, up to SEARCH_MAX_DEPTH */
    unsigned jobs;   /* processes, up to SEARCH_MAX_JOBS */
    uint64_t max_ms; /* 0: as long as it takes */
    bool check;      /* look for faults of adiemu, too */
    bool no_merge;   /* go through each sequence: for tests */
};

/* One depth, when it is done. */
struct search_level {
    unsigned depth;
    uint32_t states; /* that are new there */
    uint64_t tries;  /* steps that were taken from these: none at the last */
    uint64_t ms;     /* since the search began */
};

/* Told after each depth.  NULL: nobody wants to hear. */
typedef void (*search_told_fn)(void *ctx, const struct search_level *level);

struct search;

/* search_create - NULL when the host has no memory */
struct search *search_create(const struct search_config *config);
void search_destroy(struct search *s);

/*
 * search_run - until the depth, the time, or search_stop()
 *
 * A process of it that dies, by an internal error that it has told of, is a
 * finding, and ends it.  Returns 0; -ENOMEM; -EAGAIN: no process.
 */
MUST_CHECK int search_run(struct search *s, search_told_fn told, void *ctx);

/* search_stop - end it soon; async-signal-safe */
void search_stop(struct search *s);

/* What came of it. */
struct search_result {
    unsigned complete; /* each sequence of so many steps was gone through */
    bool all;          /* and longer ones show nothing new */
    bool stopped;      /* before its end, */
    bool used_up;      /* as a sequence needs more frames than there are */
    uint32_t states;
    uint64_t tries, ms;
    uint64_t bytes; /* of the states that were seen */
    unsigned nr_found;
};

const struct world_config *search_world(const struct search *s);
struct search_result search_result(const struct search *s);
const struct found *search_found(const struct search *s, unsigned n);

/*
 * search_steps - the steps of a way, in order
 *
 * @out: room for search_config.depth of them
 * Returns how many.
 */
unsigned search_steps(const struct search *s, const struct found_way *way,
                      const struct step **out);
