/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/timeline.h - all that happened, for a reader with time
 *
 * Owns:    events of a run in order, lives of saved copies, and the tags of
 *          each address space when it was left; each up to a limit, with a
 *          count of what was left out
 * Used by: judge/judge.c feeds it when a run asks for it; print/
 */
#pragma once

#include "judge/finding.h"

struct adi;
struct lives;
struct timeline;

/* Over all address spaces of a run. */
#define TIMELINE_MAX_AREAS 4096
#define TIMELINE_MAX_PAGES 4096

struct timeline_event {
    struct event ev; /* its tags are those below, or NULL */
    adi_tag_t tags[ADI_TAGS_PER_PAGE];
    bool has_tags;
    bool wanted; /* of a page that is not what it should be */
};

/* An area of an address space. */
struct area_image {
    gva_t start, end;
    bool read, write, exec, shared;
    bool adi;       /* PROT_ADI: its tags are checked */
    bool file;      /* of an object; else private anonymous */
    uint64_t pages; /* in memory */
    uint64_t away;  /* with a swap or migration entry */
};

/* A page of an area with PROT_ADI, or one with a saved copy of tags. */
struct page_image {
    gva_t va;
    pfn_t pfn;      /* PFN_NONE: it is away */
    uint64_t entry; /* of a page that is away */
    bool has_tags;  /* those of the frame, or those that the store has */
    adi_tag_t tags[ADI_TAGS_PER_PAGE];
};

/* An address space when its last process left it. */
struct space_image {
    struct stamp left;
    uint32_t mm;
    struct area_image *areas; /* owned, as the pages */
    struct page_image *pages;
    size_t nr_areas, nr_pages;
    uint64_t areas_left_out, pages_left_out;
};

/*
 * timeline_create - of the last @limit events, and of all of wanted pages
 *
 * Of these at most @limit older ones are kept.  The room for events is for
 * three times @limit: now and then those that are too many go.
 * Returns NULL when the host has no memory.
 */
struct timeline *timeline_create(size_t limit);
void timeline_destroy(struct timeline *t);

/* A page that becomes visible without tag checks is no event here. */
void timeline_event(struct timeline *t, const struct event *ev);

/*
 * timeline_want - keep the events of this page, now and later
 *
 * @story: @nr events of it that came before; those that are still there stay
 */
void timeline_want(struct timeline *t, uint32_t mm, gva_t va,
                   const struct stamp *story, size_t nr);

/*
 * timeline_leave - the image of ev->mm begins; areas and pages follow
 *
 * Returns false when the host has no memory for it.
 */
MUST_CHECK bool timeline_leave(struct timeline *t, const struct event *ev);

/*
 * timeline_take_image - the areas and the tags of mm @id, as they are now
 *
 * After timeline_leave(); image.c
 */
void timeline_take_image(struct timeline *t, struct adi *adi, uint32_t id);

/* Parts of the image of the last one that left. */
void timeline_area(struct timeline *t, const struct area_image *area);
void timeline_page(struct timeline *t, const struct page_image *page);

/* timeline_trim - drop what is beyond the limits now, lives too */
void timeline_trim(struct timeline *t);

size_t timeline_limit(const struct timeline *t);
size_t timeline_nr_events(const struct timeline *t);
const struct timeline_event *timeline_nth(const struct timeline *t, size_t n);
uint64_t timeline_left_out(const struct timeline *t); /* events */
/* From this event on all are there. */
uint64_t timeline_complete_from(const struct timeline *t);
size_t timeline_nr_spaces(const struct timeline *t);
const struct space_image *timeline_space(const struct timeline *t, size_t n);
struct lives *timeline_lives(const struct timeline *t);
