/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/cause.h - which function of the kernel a leak, or a loss, is due to
 *
 * Owns:    the words, judge/cause.def
 * Used by: print/; check/verdict.c, api/; explore/
 *
 * A leak is due to what cut the copy off from its release.  Where a page lost
 * its tags judge/blame.c knows.
 */
#pragma once

#include "judge/finding.h"

struct judge;
struct leak;
struct misrelease;
struct record;
struct refusal;

struct cause {
    enum cause_id id;
    bool missing;         /* the profile has no hook there */
    const char *name;     /* in JSON */
    const char *function; /* of the kernel, without parentheses */
    const char *what;     /* follows the function in a sentence */
    struct stamp at;      /* the event in which it happened */
};

/* All give CAUSE_UNKNOWN when there is none; strings are then NULL.  Only a
 * leak that is still reachable has none. */
struct cause cause_of_leak(const struct judge *j, const struct leak *leak);
struct cause cause_of_misrelease(const struct judge *j,
                                 const struct misrelease *m);
struct cause cause_of_refusal(const struct judge *j, const struct refusal *f);

/* cause_of_record - of all of its errors; the event is that of the first */
struct cause cause_of_record(const struct judge *j, const struct record *rec);

/* cause_of_id - the same without an event */
struct cause cause_of_id(const struct judge *j, enum cause_id id);

struct cause cause_of_finding(const struct judge *j, const struct finding *f);
