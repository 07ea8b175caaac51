/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report/internal.h - struct report, for this folder
 */
#pragma once

#include "report/blame.h"
#include "report/cause.h"
#include "report/history.h"
#include "report/hosterr.h"
#include "report/ledger.h"
#include "report/log.h"
#include "report/mismatch.h"
#include "report/oracle.h"
#include "report/paths.h"
#include "report/pcname.h"
#include "report/record.h"
#include "report/refusal.h"
#include "report/report.h"
#include "report/timeline.h"

/* hosterr.c */
struct host_errors {
    struct host_error *at; /* owned */
    size_t nr;
    bool quiet;
};

void host_errors_fini(struct host_errors *list);

/* mismatch.c */
struct mismatches;
struct mismatches *mismatches_create(void);
void mismatches_destroy(struct mismatches *list);

struct report {
    uint64_t counters[COUNT_NR];
    uint64_t nr_events;
    struct path_sums paths[PATH_NR];
    struct host_errors host_errors;
    struct report_source source;
    bool hooked[CAUSE_NR]; /* places where the profile has a hook */
    bool few;       /* of errors with one cause, only the first are kept */
    unsigned cause; /* line of the event script being carried out, 0: none */
    struct report_actor actor;
    struct report_watch watch;
    const struct log *log;        /* borrowed; NULL: silent */
    const struct pc_namer *namer; /* borrowed; NULL: PCs have no names */
    struct history *history;      /* owned, like the next six; NULL: deaf */
    struct blames *blames;
    struct refusals *refusals;
    const struct records *found, *wrong; /* borrowed; of oracle and ledger */
    struct ledger *ledger;
    struct oracle *oracle;
    struct stack_depot *stacks;
    struct mismatches *mismatches;
    struct timeline *timeline; /* owned; NULL: nobody asked for it */
};

/*
 * leak_records.c: the leaks by class and cause; made to be printed, for what
 * is known of a leak changes until the run ends
 */
struct leak_records {
    struct records records; /* kinds are enum leak_class */
    struct leak *sums;      /* owned; of each: count, bytes, users, leaked */
    size_t *of;             /* owned; of each leak: its record, */
    bool *listed;           /* owned; and is it to be shown by itself? */
};

void leak_records_init(struct leak_records *list, const struct report *r);
void leak_records_fini(struct leak_records *list);

/* log_event.c: a listener, and what the others have found */
void log_event(const struct log *log, const struct event *ev);
void log_finding(const struct log *log, const struct finding *f);
void log_misrelease(const struct log *log, const struct misrelease *m);
void log_mismatch(const struct log *log, const struct mismatch *m,
                  const struct call_stack *s);

/* paths.c: a listener, and what the oracle has found */
void paths_event(struct path_sums sums[static PATH_NR], const struct event *ev);
void paths_finding(struct path_sums sums[static PATH_NR],
                   const struct finding *f);
