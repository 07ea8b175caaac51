/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/blame.h - where the tags of each page went wrong
 *
 * Owns:    for each page that was away, what became of its tags on the way
 * Used by: judge/judge.c feeds it events; the oracle asks it when it finds
 *          a page that is not what the program set
 *
 * It follows what the store has for a page: a copy that was made when the page
 * went away, or one that was left there when an entry was gone, and takes down
 * the first event that cut the page off from its tags, and the last that gave
 * it others.
 */
#pragma once

#include "judge/finding.h"

struct blames;

/*
 * blames_create - NULL when the host has no memory
 *
 * @by_slot: copies go with the slot, and come back with any page
 */
struct blames *blames_create(bool by_slot);
void blames_destroy(struct blames *b);

/* blames_event - before the oracle hears of it */
void blames_event(struct blames *b, const struct event *ev);

/* blame_key - the space of a page: an address space, or a shared object */
static inline uint64_t blame_key(uint32_t mm, uint64_t object)
{
    return mm ? mm : object << 32;
}

/*
 * blames_find - why page @index of space @key shows others' tags in event @ev
 *
 * @lost: tags that the program set are gone; else it has tags of somebody
 */
struct blame blames_find(const struct blames *b, uint64_t key, uint64_t index,
                         const struct event *ev, bool lost);

/* blames_seen - the page was compared in @ev, and what was wrong is told */
void blames_seen(struct blames *b, uint64_t key, uint64_t index,
                 const struct event *ev);

struct judge_trail;

/* What they know, for judge/look.h. */
void blames_walk(const struct blames *b,
                 void (*one)(void *ctx, const struct judge_trail *trail),
                 void *ctx);
enum cause_id blames_frame(const struct blames *b, pfn_t pfn);
enum cause_id blames_taken(const struct blames *b);

/* blame_of_cut - what left a copy behind when its entry went in this event */
enum cause_id blame_of_cut(enum event_kind kind, enum mm_path path);
