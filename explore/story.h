/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/story.h - what happened in each step of a sequence, in words
 *
 * Owns:    struct story: the events of a memory, since one asked for them
 * Used by: explore/outcome.c, explore/merge.c, cli/html_explore.c
 */
#pragma once

#include <jansson.h>

#include "explore/found.h"
#include "explore/world.h"

struct story;

/* story_begin - hear the events of @w, which was just restarted; NULL: the host
 * has no memory */
struct story *story_begin(struct world *w);

/*
 * story_step - all that was heard since the last one is of this step
 *
 * @name: its text; NULL: the end of every process
 * @data: that a page has wrong bytes since this step; NULL: none has
 */
void story_step(struct story *s, const char *name,
                const struct found_key *data);

/*
 * story_end - and hear no more
 *
 * Returns an array of {step, events, findings}; NULL: the host has no memory.
 * The caller owns it.
 */
json_t *story_end(struct story *s);

/* story_is_one - has @json the form of one? */
bool story_is_one(const json_t *json);
