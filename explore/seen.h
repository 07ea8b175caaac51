/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/seen.h - the states that were come across, each once
 *
 * Owns:    struct seen, shared by the processes of a search
 * Used by: explore/search.c
 *
 * A state is known by its key, and by how it is reached: the state before and
 * the step from there.  That is the first of all ways of its length, whoever
 * finds it first.  At most 32 bytes for each state, and as much address space.
 */
#pragma once

#include "explore/state.h"

struct seen;

/* How a state is reached: 0 is the first state, from nowhere. */
struct seen_from {
    uint32_t state;
    uint16_t step;
};

/* A number has 32 bits, and one of them is not needed. */
#define SEEN_MAX_STATES (UINT32_C(1) << 30)

/*
 * seen_create - before any process is forked
 *
 * @max_states: 0: SEEN_MAX_STATES - 1
 * NULL: no memory of the host.
 */
struct seen *seen_create(uint32_t max_states);
void seen_destroy(struct seen *s);

/* What one process adds with. */
struct seen_adder {
    struct seen *seen;
    uint32_t spare; /* a place that was taken, and not needed; 0: none */
};

/*
 * seen_add - @key is reached so
 *
 * Any number of processes may do this at once.
 * Returns false when there is no room: nothing was added.
 */
MUST_CHECK bool seen_add(struct seen_adder *a, struct state_key key,
                         struct seen_from from);

/* seen_give_back - the adder is done */
void seen_give_back(struct seen_adder *a);

/* seen_nr - states that have a number: those up to the last seen_number() */
uint32_t seen_nr(const struct seen *s);

/*
 * seen_number - give numbers to those that were added, in the order of how
 * they are reached
 *
 * Nobody else may use @s.  Returns 0 or -ENOMEM.
 */
MUST_CHECK int seen_number(struct seen *s);

/*
 * seen_grow - make room for more, with nobody else at work; processes are to be
 * forked after it
 *
 * Returns 0 or -ENOMEM: no memory of the host, or there are as many as there
 * may be; @s can be used as before.
 */
MUST_CHECK int seen_grow(struct seen *s);

/* Of a state that has a number. */
struct seen_from seen_from(const struct seen *s, uint32_t state);
struct state_key seen_key(const struct seen *s, uint32_t state);

/* seen_bytes - of memory, for all */
uint64_t seen_bytes(const struct seen *s);
