/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/look.h - all that the judges know of pages, one by one
 *
 * Owns:    nothing
 * Used by: explore/, which asks whether two states are the same
 *
 * What they will say of the events to come follows from what is shown here,
 * from the oracle's word on each page, and from the model.
 */
#pragma once

#include "judge/finding.h"

struct judge;

/* Whose page it is. */
struct judge_page {
    uint32_t mm;     /* 0: of an object, or a swap slot */
    uint64_t object; /* 0: none */
    uint64_t index;  /* of the page in it; of a slot, its entry */
};

/* A copy of tags that was saved and not released. */
struct judge_copy {
    struct judge_page page;
    uint64_t buf;     /* the number of its buffer, or 0 */
    bool cut;         /* nothing stands for it, */
    enum cause_id by; /* because of this */
    bool at_exit, judged;
};

/* In no order but that those of one page are oldest first. */
void judge_walk_copies(const struct judge *j,
                       void (*one)(void *ctx, const struct judge_copy *copy),
                       void *ctx);

/* How a page came by its tags. */
struct judge_trail {
    struct judge_page page;
    bool away, copy, bare;
    uint64_t buf;
    pfn_t pfn; /* the frame that it has, or PFN_NONE */
    enum cause_id lost, wrote, left;
    bool wrote_first;   /* before it was lost */
    enum cause_id over; /* written over in its frame, or CAUSE_UNKNOWN */
    bool over_first;    /* before it was lost */
};

/* In no order. */
void judge_walk_trails(const struct judge *j,
                       void (*one)(void *ctx, const struct judge_trail *trail),
                       void *ctx);

/* judge_frame_tags_by - why its tags were last written, for whom else shows
 * the frame; CAUSE_UNKNOWN: by nobody that matters */
enum cause_id judge_frame_tags_by(const struct judge *j, pfn_t pfn);

/* judge_taken_by - why the last copy of somebody else was released */
enum cause_id judge_taken_by(const struct judge *j);
