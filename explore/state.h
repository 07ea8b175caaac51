/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/state.h - when are two memories the same, for all that may come?
 *
 * Owns:    nothing
 * Used by: explore/search.c
 *
 * A state is written down with names in the order in which one comes across
 * them: frames, slots, buffers and objects have none of their own.  What no
 * event to come can show is left out: numbers of events, frames that are free
 * and are not used again, slots that nobody has.
 */
#pragma once

#include "explore/scope.h"
#include "explore/world.h"

/* 128 bits of it; never all 0. */
struct state_key {
    uint64_t low, high;
};

static inline bool state_same(struct state_key a, struct state_key b)
{
    return a.low == b.low && a.high == b.high;
}

/*
 * state_key - of the memory as it is
 *
 * Nothing may be half-way.  Aborts when a state is too large to be written
 * down.
 */
struct state_key state_key(struct world *w, const struct scope *scope);
