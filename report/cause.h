/*
 * report/cause.h - which function of the kernel a leak, or a loss, is due to
 *
 * Owns:    the rules, over report/cause.def
 * Used by: summaries; adi/ tells which hooks the profile has
 *
 * A leak is due to what cut the copy off from its release.  A page that lost
 * its tags has a story, and the rules look for the place where it went wrong.
 */
#pragma once

#include "report/finding.h"
#include "report/report.h"

struct leak;
struct misrelease;

enum cause_id {
#define CAUSE(id, name, fn, missing, wrong) CAUSE_##id,
#include "report/cause.def"
#undef CAUSE
    CAUSE_NR,
    CAUSE_UNKNOWN = CAUSE_NR
};

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

/* All give CAUSE_UNKNOWN when no rule applies; strings are then NULL. */
struct cause cause_of_leak(const struct report *r, const struct leak *leak);
struct cause cause_of_misrelease(const struct report *r,
                                 const struct misrelease *m);
struct cause cause_of_finding(const struct report *r, const struct finding *f);
