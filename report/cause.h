/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report/cause.h - which function of the kernel a leak, or a loss, is due to
 *
 * Owns:    the words, report/cause.def
 * Used by: summaries; adi/ tells which hooks the profile has; check/judge.c,
 *          api/
 *
 * A leak is due to what cut the copy off from its release.  Where a page lost
 * its tags report/blame.c knows.
 */
#pragma once

#include "report/finding.h"
#include "report/report.h"

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

/* report_set_hooked - the kernel that runs has a hook at this place */
void report_set_hooked(struct report *r, enum cause_id id);

/* All give CAUSE_UNKNOWN when there is none; strings are then NULL.  Only a
 * leak that is still reachable has none. */
struct cause cause_of_leak(const struct report *r, const struct leak *leak);
struct cause cause_of_misrelease(const struct report *r,
                                 const struct misrelease *m);
struct cause cause_of_refusal(const struct report *r, const struct refusal *f);

/* cause_of_record - of all of its errors; the event is that of the first */
struct cause cause_of_record(const struct report *r, const struct record *rec);

struct cause cause_of_finding(const struct report *r, const struct finding *f);
