/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/search.h - every sequence of steps, the shortest first
 *
 * Owns:    struct search: what was seen, what was found
 * Used by: cli/explore.c, cli/explore_options.h, cli/html_explore.c,
 *          explore/report.c, explore/resume.c
 *
 * Breadth first, so that the first way to a finding is as short as any.  A
 * state that was seen is not gone through again: what can come after it, can
 * come after the first way to it.  The same is found with any number of jobs.
 */
#pragma once

#include "explore/alphabet.h"
#include "explore/coverage.h"
#include "explore/found.h"
#include "explore/seen.h"

#define SEARCH_MAX_DEPTH 250
#define SEARCH_MAX_JOBS  64
#define SEARCH_LEAST_MIB 350u /* of address space, each process */

struct search;

/* Told when a depth is complete, with nobody at work.  NULL: nobody is. */
typedef void (*search_keep_fn)(void *ctx, struct search *s);

struct search_config {
    struct world_config world;
    const struct alphabet *alphabet; /* borrowed */
    unsigned depth;      /* steps of a sequence, up to SEARCH_MAX_DEPTH */
    unsigned jobs;       /* processes, up to SEARCH_MAX_JOBS */
    uint64_t max_ms;     /* 0: as long as it takes */
    bool check;          /* look for faults of adiemu, too */
    bool no_merge;       /* go through each sequence: for tests */
    bool both_orders;    /* of steps that may change places: for tests */
    uint32_t max_states; /* for tests, too; 0: as many as there can be */
    /* Go on from this share only, from 1, of so many; 0 and 0: from all. */
    unsigned slice, slices;
    search_keep_fn keep;
    void *keep_ctx;
};

/* The first depth with so many states for each slice is divided. */
#define SEARCH_STATES_PER_SLICE 8u

/*
 * The depth whose states are divided among slices, by their keys.  What comes
 * before it each slice goes through in full; what comes after it is reached
 * from some state there, on a shortest way, by the slice whose state it is.
 */
struct search_share {
    unsigned depth;  /* 0: there is none yet */
    uint32_t states; /* of that depth */
    uint32_t own;    /* that this slice goes on from */
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

/* search_create - NULL when the host has no memory */
struct search *search_create(const struct search_config *config);
void search_destroy(struct search *s);

/*
 * search_run - until the depth, the time, or search_stop()
 *
 * A process of it that dies, by an internal error that it has told of, is a
 * finding, and ends it; so does the end of memory, but for what the first depth
 * needs.  Returns 0; -ENOMEM; -EAGAIN: no process.
 */
MUST_CHECK int search_run(struct search *s, search_told_fn told, void *ctx);

/* search_stop - end it soon, as SIGINT came; async-signal-safe */
void search_stop(struct search *s);

/* Where it stands between two depths. */
struct search_point {
    uint32_t first, end; /* states that come next; 0, 0: it did not begin */
    unsigned depth;      /* of these */
    unsigned complete;   /* each sequence of so many steps was gone through */
    bool all;            /* and longer ones show nothing new */
    bool done;           /* none comes next */
    uint64_t tries;
    struct search_share share;
    struct coverage coverage; /* up to now */
};

struct search_point search_point(const struct search *s);

/* What belongs to a point, too. */
struct seen *search_seen(struct search *s);
struct found_list *search_findings(struct search *s);

/*
 * search_go_on - let search_run() begin at a point
 *
 * After the states and the findings were put back.  What has come to its depth
 * goes on where there is a greater one now.
 * Returns 0; -ENOMEM; -ERANGE: the point is beyond the depth; -ESTALE: the
 * ways to some states do not lead there, as the model is another.
 */
MUST_CHECK int search_go_on(struct search *s, const struct search_point *at);

/* Why it ended.  Of slices that are merged the last of these is told. */
enum search_end {
    SEARCH_WHOLE,  /* as it was to, or where states came to an end */
    SEARCH_TIME,   /* the time is over */
    SEARCH_SIGINT, /* search_stop() */
    SEARCH_ROOM,   /* there is no room, or no memory, for more states */
    SEARCH_FRAMES, /* a sequence needs more frames than a memory has */
    SEARCH_CRASH,  /* a process of it died */
    SEARCH_ENDS
};

/* search_end_name - "time"; search_end_text - "ended by --time"; NULL of
 * SEARCH_WHOLE */
const char *search_end_name(enum search_end end);
const char *search_end_text(enum search_end end);

/* search_end_find - by its name; SEARCH_WHOLE: there is none of this name */
enum search_end search_end_find(const char *name);

/* What came of it. */
struct search_result {
    unsigned complete; /* each sequence of so many steps was gone through */
    bool all;          /* and longer ones show nothing new */
    enum search_end stopped;
    uint64_t states;
    uint64_t tries, ms;
    uint64_t bytes; /* of the states that were seen */
    unsigned nr_found;
    struct search_share share;
    struct coverage coverage;
};

const struct alphabet *search_alphabet(const struct search *s);
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
