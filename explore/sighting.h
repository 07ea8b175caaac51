/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/sighting.h - what runs of a program showed, each kind once
 *
 * Owns:    struct sightings, with the seed that showed each
 * Used by: explore/run_report.h, cli/attempts.h
 *
 * As in explore/found.h two are one when class, detail, cause and path are the
 * same; but what a run showed is known by its report, in words.
 */
#pragma once

#include <jansson.h>

#include "explore/found.h"
#include "mm/types.h"

/* Each string owned; "-" where it does not apply. */
struct sighting {
    enum found_class class;
    char *detail;
    char *cause; /* its name; with these two */
    char *function, *what;
    bool missing; /* the kernel has no hook there */
    char *path;   /* on which it was seen; of a mismatch, the code */
    char *note;   /* of this run; makes it no other */
    uint64_t seed;
};

struct sightings {
    struct sighting *all; /* owned */
    size_t nr;
};

/* How a run ended. */
struct run_end {
    const json_t *report; /* borrowed; NULL: it wrote none */
    int exit_code;        /* as the shell shows it */
    bool timed_out;
    /* Where it wrote more than is kept, of which @out is the first; or NULL. */
    const char *too_much;
    const char *out; /* borrowed; its standard output */
    size_t out_len;
    const char *err; /* borrowed; what adiemu and it said, of @err_len bytes */
    size_t err_len;
};

/* What the program does when nothing is done to it. */
struct run_usual {
    const struct run_end *plain; /* NULL: this is the plain run */
    bool failing;                /* something was made to fail */
    bool little_ram;             /* it may be killed for want of memory */
    const char *timeout;         /* how long it had, in words */
};

/*
 * sightings_read - what a run showed, with @seed
 *
 * Returns 0, or -ENOMEM; then @s may have some of it.
 */
MUST_CHECK int sightings_read(struct sightings *s, const struct run_end *end,
                              const struct run_usual *usual, uint64_t seed);

/* sightings_find - the one that is the same, or NULL */
const struct sighting *sightings_find(const struct sightings *s,
                                      const struct sighting *like);

/* sightings_merge - take over all of @from, which is empty then.  Of those
 * that are the same the one with the smallest seed stays.  0 or -ENOMEM. */
MUST_CHECK int sightings_merge(struct sightings *s, struct sightings *from);

/* By seed, then by their words. */
void sightings_sort(struct sightings *s);
void sightings_free(struct sightings *s);
