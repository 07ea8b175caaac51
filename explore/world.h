/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/world.h - a memory that can be put back as it was
 *
 * Owns:    struct world: a memory of script/alone.h in a heap of its own
 * Used by: explore/search.c, explore/state.c
 *
 * Nothing of it is on the host but its bytes: no file, no descriptor.
 */
#pragma once

#include "explore/found.h"
#include "explore/step.h"
#include "script/drive.h"

struct adi_profile;
struct alone;
struct bytes;
struct scope;

/* Processes are numbered from 1; the first is there from the start. */
#define WORLD_MAX_PROCESSES 4

struct world_config {
    const struct adi_profile *profile; /* borrowed */
    bool large;                        /* for the pages of SCOPE_MANY */
    unsigned nr_nodes;
    unsigned nr_processes; /* at once, up to WORLD_MAX_PROCESSES */
    bool synchronous;      /* its swap device is as fast as memory */
    /* Of pages and bytes that are followed; borrowed; NULL: none are. */
    const struct scope *scope;
};

/*
 * Frames: none is used twice, so that what a new one has is known; half of
 * them, of a node, are enough for every page and its page tables.  Slots of
 * the device: with the header too few for the cache of slots, which is there
 * where more than 320 are free.
 */
static inline unsigned world_frames(const struct world_config *config)
{
    return config->large ? 8192 : 1024;
}

static inline unsigned world_slots(const struct world_config *config)
{
    return config->large ? 321 : 65;
}

struct world;

/* world_create - NULL when the host has no memory */
struct world *world_create(const struct world_config *config);
void world_destroy(struct world *w);

/* world_do - one step; the result is that of its action */
struct drive_result world_do(struct world *w, const struct step *step);

/* world_others_came - in the last step, if there were any to come */
bool world_others_came(const struct world *w);

/* world_data - did the last step show a page without what was stored to it?
 * Then @key says how. */
bool world_data(const struct world *w, struct found_key *key);

/* world_bytes - what is known of the bytes of pages; NULL: nothing is */
const struct bytes *world_bytes(const struct world *w);

/* world_check - is the model sound? */
bool world_check(struct world *w);

/* world_end - every process exits, every pin is given back */
void world_end(struct world *w);

/* world_restart - as it was made */
void world_restart(struct world *w);

/*
 * world_mark, world_return - keep it as it is now; put it back so
 *
 * There is one mark.
 */
MUST_CHECK int world_mark(struct world *w);
void world_return(struct world *w);

/* world_is_used_up - is there a node that has no frame left that is free, and
 * none that was never handed out?
 * What comes next depends on more than a state has. */
bool world_is_used_up(const struct world *w);

/* world_is_armed - does a failure wait for who allocates or transfers next? */
bool world_is_armed(const struct world *w);

/* world_took_frames - was a frame handed out since world_mark() that never
 * was before? */
bool world_took_frames(const struct world *w);

/*
 * world_count - count the moments from now on
 * world_moments - how often this one came since world_restart()
 *
 * As the triggers of a script count: what others do in the middle is not.
 */
void world_count(struct world *w);
uint64_t world_moments(const struct world *w, enum moment_id id,
                       enum fault_kind kind);

struct alone *world_alone(const struct world *w);
