/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/lives.h - the life of each saved copy of tags, one by one
 *
 * Owns:    a record of the last copies, and of older ones that leaked
 * Used by: judge/ledger.c, which pairs saves with releases, writes it;
 *          print/
 *
 * A copy that follows its page to another address begins a new life there.
 */
#pragma once

#include "judge/finding.h"

enum life_origin { LIFE_SAVED, LIFE_MOVED, LIFE_SHARED };

enum life_fate {
    LIFE_OPEN,      /* the run is not over */
    LIFE_RESTORED,  /* put into a frame */
    LIFE_GONE,      /* it followed its page, into another life */
    LIFE_FREED,     /* nobody needed it any more */
    LIFE_REPLACED,  /* the page was saved again over it */
    LIFE_DISCARDED, /* the store freed the buffer under it */
    LIFE_HELD,      /* a PTE still stood for it when its mm left */
    LIFE_LEAKED,
};

const char *life_origin_name(enum life_origin origin);
const char *life_fate_name(enum life_fate fate);

struct life {
    size_t nr; /* from 1 */
    enum life_origin origin;
    enum life_fate fate;
    size_t parent;   /* number of the life it was made from, 0: none */
    uint32_t mm;     /* 0: a shared object's page, or a swap slot */
    uint64_t object; /* in which @va is an offset, or 0 */
    gva_t va;
    uint64_t entry; /* of a swap slot's copy, else 0 */
    uint64_t buf;
    uint64_t bytes;
    unsigned restores; /* of a slot's copy, which may have many */
    struct stamp begin;
    struct stamp cut; /* nothing could release it from here; nr 0: none */
    struct stamp end; /* nr 0: it did not end, or the run ended it */
};

struct lives;

/*
 * lives_create - of the last @limit copies, and of those that leaked
 *
 * Of older ones that leaked, or may yet, at most @limit are kept, the newest.
 * Returns NULL when the host has no memory.
 */
struct lives *lives_create(size_t limit);
void lives_destroy(struct lives *l);

/*
 * lives_begin - a copy was made
 *
 * @parent: the life it comes from, 0: none
 * Returns its number, from 1; 0 when the host has no memory.
 * The functions below pass over number 0 and one that is not kept any more,
 * and all over a NULL.
 */
size_t lives_begin(struct lives *l, enum life_origin origin, size_t parent,
                   const struct event *ev);
void lives_restored(struct lives *l, size_t n);
void lives_cut(struct lives *l, size_t n, const struct event *ev);

/* lives_end - the first of LIFE_LEAKED and an event that ends it decides */
void lives_end(struct lives *l, size_t n, enum life_fate fate,
               const struct event *ev);

/* lives_judge - its mm has left: held, or leaked when it was cut off */
void lives_judge(struct lives *l, size_t n);

/* lives_trim - drop what is beyond the limit now */
void lives_trim(struct lives *l);

size_t lives_count(const struct lives *l);
const struct life *lives_nth(const struct lives *l, size_t n); /* from 0 */

/* Copies that there was no room for. */
uint64_t lives_left_out(const struct lives *l);
