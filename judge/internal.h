/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/internal.h - struct judge, for this folder
 */
#pragma once

#include "event/hub.h"
#include "judge/blame.h"
#include "judge/cause.h"
#include "judge/history.h"
#include "judge/judge.h"
#include "judge/kernel_bug.h"
#include "judge/ledger.h"
#include "judge/mismatch.h"
#include "judge/oracle.h"
#include "judge/paths.h"
#include "judge/record.h"
#include "judge/refusal.h"
#include "judge/timeline.h"

struct log;

/* mismatch.c */
struct mismatches;
struct mismatches *mismatches_create(void);
void mismatches_destroy(struct mismatches *list);

struct judge {
    struct hub *hub; /* borrowed */
    struct adi *adi; /* borrowed; NULL: there is none */
    struct listener listener;
    struct path_sums paths[PATH_NR];
    struct history *history; /* owned, like the next six */
    struct blames *blames;
    struct refusals *refusals;
    struct ledger *ledger;
    struct oracle *oracle;
    struct stack_depot *stacks;
    struct mismatches *mismatches;
    const struct records *found, *wrong; /* borrowed; of oracle and ledger */
    struct timeline *timeline;           /* owned; NULL: nobody asked for it */
    bool stopped;                        /* the kernel, at @kernel_bug */
    struct kernel_bug kernel_bug;
};

/* kernel_bug.c */
void kernel_bug_event(struct judge *j, const struct event *ev);
void kernel_bug_fini(struct judge *j);

/* log_finding.c: what they have found */
void log_finding(const struct log *log, const struct finding *f);
void log_misrelease(const struct log *log, const struct misrelease *m);
void log_mismatch(const struct log *log, const struct mismatch *m,
                  const struct call_stack *s);

/* paths.c: what is done, and what the oracle has found */
void paths_event(struct path_sums sums[static PATH_NR], const struct event *ev);
void paths_finding(struct path_sums sums[static PATH_NR],
                   const struct finding *f);
