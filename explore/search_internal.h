/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/search_internal.h - a search, and what its processes share
 *
 * Owns:    struct search
 * Used by: explore/search.c, explore/worker.c
 */
#pragma once

#include <stdatomic.h>
#include <time.h>

#include "explore/commute.h"
#include "explore/search.h"

#define CHUNK 16u /* states that a process takes at once */
#define FIRST 1u  /* the state of a memory where nothing was done */

/* What the processes of a search share, beside states and findings. */
struct board {
    _Atomic uint32_t next; /* state that nobody has taken yet */
    uint32_t end;          /* of this depth */
    /* Those that were taken, and not gone through, as there was no room; and
     * those of the last time, which come first. */
    _Atomic uint32_t nr_left;
    uint32_t left[SEARCH_MAX_JOBS * CHUNK];
    _Atomic uint32_t next_again;
    uint32_t nr_again;
    uint32_t again[SEARCH_MAX_JOBS * CHUNK];
    struct found_way at[SEARCH_MAX_JOBS];      /* what each process does, */
    struct coverage coverage[SEARCH_MAX_JOBS]; /* and what it came by */
    _Atomic uint64_t tries;
    _Atomic bool stop; /* why is below */
    _Atomic int why;   /* enum search_end: the first reason to stop */
    _Atomic bool full; /* there is no room for more states */
    _Atomic bool failed;
    _Atomic bool used_up; /* a sequence needs more frames than there are */
};

struct search {
    struct search_config config;
    struct seen *seen;
    struct found_list *found;
    struct commute *commute; /* NULL: each order is gone through */
    struct board *board;
    struct timespec start;
    struct search_point at; /* while a depth is gone through: there */
    uint64_t ms;
};

/* search_ms - milliseconds since then */
uint64_t search_ms(const struct timespec *start);

/* search_end - stop; the first reason counts */
void search_end(struct board *board, enum search_end why);

/* search_step - from 1 */
const struct step *search_step(const struct search *s, uint16_t step);

/* search_way - the steps to a state, the last one first; returns how many */
unsigned search_way(const struct search *s, uint32_t state,
                    uint16_t steps[static SEARCH_MAX_DEPTH]);

/* search_is_ours - a state of the depth that is divided may be another
 * slice's */
bool search_is_ours(const struct search *s, uint32_t state);
