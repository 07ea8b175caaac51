/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/found.h - what was found, each kind once, by its shortest way
 *
 * Owns:    struct found_list, shared by the processes of a search
 * Used by: explore/search.c, explore/merge.c, explore/report.c,
 *          explore/sighting.c
 *
 * Two findings are one when they are of the same class, by the same cause, on
 * the same path: which page it was, and how often, makes no other.
 */
#pragma once

#include <stdint.h>

#include "base/invariant.h"
#include "event/event.h"
#include "judge/finding.h"

struct judge;

enum found_class {
    FOUND_LOST,      /* tags that the program set are gone */
    FOUND_STALE,     /* a page has somebody's tags */
    FOUND_DATA,      /* a page has not the bytes that were stored */
    FOUND_LEAK,      /* a saved copy is never released */
    FOUND_RELEASE,   /* somebody else's copy was */
    FOUND_REFUSED,   /* a page cannot leave: the store takes no more */
    FOUND_STUCK,     /* swapoff waits for a slot that nobody has */
    FOUND_BUG,       /* the kernel meets a BUG() of its own */
    FOUND_INVARIANT, /* the model is broken: a fault of adiemu */
    FOUND_CRASH,     /* adiemu itself cannot go on */
    FOUND_MISMATCH,  /* of a program only: a pointer's tag did not match */
    FOUND_OUTPUT,    /* it does something else than in its plain run */
    FOUND_HANG,      /* it does not end */
    FOUND_CLASSES
};

/* How a page's bytes are wrong. */
enum data_kind {
    DATA_CHANGED,
    DATA_PAST_END, /* it is there, past the end of its file */
    DATA_KINDS
};

const char *found_class_name(enum found_class c);
const char *data_kind_name(enum data_kind k);

/* found_is_ours - is it a fault of adiemu, and not of the kernel? */
static inline bool found_is_ours(enum found_class c)
{
    return c == FOUND_INVARIANT || c == FOUND_CRASH;
}

struct found_key {
    enum found_class class;
    unsigned detail; /* kind of leak, release, data; the BUG; the invariant */
    enum cause_id cause; /* CAUSE_UNKNOWN: the report names none */
    enum mm_path path;   /* on which it was seen; of a leak, that cut it off */
};

/* found_same - is it one kind? */
bool found_same(const struct found_key *a, const struct found_key *b);

/* Whence: @length steps, the last of them @step from @state; or, with @step
 * FOUND_AT_END, the end of every process there. */
#define FOUND_AT_END 0
struct found_way {
    unsigned length;
    uint32_t state;
    uint16_t step; /* from 1 */
};

struct found {
    struct found_key key;
    struct found_way way;
};

#define FOUND_MAX 512

struct found_list;

/* found_create - before any process is forked; NULL: no memory of the host */
struct found_list *found_create(void);
void found_destroy(struct found_list *l);

/*
 * found_add - any number of processes may do this at once
 *
 * The first way of all is kept.  False: there is no room for another.
 */
bool found_add(struct found_list *l, const struct found_key *key,
               const struct found_way *way);

/* In the order of their ways; nobody else may use it. */
unsigned found_sort(struct found_list *l);
const struct found *found_nth(const struct found_list *l, unsigned n);

/* How many errors a judge has told of, to tell the new ones. */
struct found_seen {
    size_t findings, leaks, releases, refusals;
    uint64_t stuck;
    bool bug;
};

struct found_seen found_look(const struct judge *j);

/* found_collect - add what the judge has told of since @seen */
bool found_collect(struct found_list *l, const struct judge *j,
                   const struct found_seen *seen, const struct found_way *way);
