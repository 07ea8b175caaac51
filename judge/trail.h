/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/trail.h - the books of judge/blame.h
 *
 * Owns:    what is known of each page that was away, by space and index, and
 *          for which page the tags of a frame were last written
 * Used by: judge/blame.c writes the story into them
 */
#pragma once

#include "judge/finding.h"

/* A finding that nobody is to blame for is still a finding. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* A page that was away, or an address at which a copy was left. */
struct trail {
    uint64_t index;
    bool away;    /* a swap or migration entry stands for it */
    bool copy;    /* the store has its tags, saved when it went away */
    uint64_t buf; /* where: of the copy, or of what was left */
    pfn_t pfn;    /* its frame, since this event */
    uint64_t since;
    struct blame lost;  /* the first that cut it off from its tags */
    bool bare;          /* ... of which it had none by then */
    struct blame wrote; /* the last that gave it others, */
    uint64_t wrote_at;  /* in this event */
    struct blame left;  /* what left a copy here that nobody releases */
    bool holds;         /* on the list of its space: a copy, or one left */
    struct trail *prev, *next;
    UT_hash_handle hh;
};

/* An address space, or a shared object: blame_key(). */
struct trail_space {
    uint64_t key;
    struct trail *trails;  /* by index */
    struct trail *holders; /* those with @holds */
    UT_hash_handle hh;
};

/* The tags of a frame were last written for this page. */
struct trail_frame {
    uint32_t pfn;
    uint64_t key, index;
    uint64_t at;     /* in this event */
    struct blame by; /* what others that show the frame can blame */
    UT_hash_handle hh;
};

/* All 0 is empty. */
struct trails {
    struct trail_space *spaces;
    struct trail_frame *frames;
};

#define blame_nobody ((struct blame){.id = CAUSE_UNKNOWN})

static inline bool blame_is_set(const struct blame *blame)
{
    return blame->id != CAUSE_UNKNOWN;
}

/* trails_clear - free all that is in the books */
void trails_clear(struct trails *b);

/* trails_space - NULL: nothing is known of it */
struct trail_space *trails_space(const struct trails *b, uint64_t key);

/* trails_space_get - as trails_space(), or a new one; NULL: no host memory */
struct trail_space *trails_space_get(struct trails *b, uint64_t key);
void trails_space_free(struct trails *b, struct trail_space *s);

/* trail_find - NULL: nothing is known of the page */
struct trail *trail_find(const struct trail_space *s, uint64_t index);

/* trail_get - as trail_find(), or a new one; NULL: no @s, no host memory */
struct trail *trail_get(struct trail_space *s, uint64_t index);

/* trail_settle - after a change of @t: the list of holders; it goes if empty */
void trail_settle(struct trail_space *s, struct trail *t);

/* trails_frame_written - the frame of @ev has tags of its page, of @key */
void trails_frame_written(struct trails *b, const struct event *ev,
                          uint64_t key, const struct blame *by);

/* trails_frame - for whom the tags of the frame were written; NULL: not known
 */
const struct trail_frame *trails_frame(const struct trails *b, pfn_t pfn);

/*
 * trail_written_over - what was written to the page's frame for another page
 * since it has it; NULL: nothing
 */
const struct trail_frame *trail_written_over(const struct trails *b,
                                             uint64_t key,
                                             const struct trail *t);

/* trail_leave_frame - the page takes along what was written over it */
void trail_leave_frame(const struct trails *b, uint64_t key, struct trail *t);
