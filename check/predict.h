/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check/predict.h - which findings a kernel's known bugs must bring about
 *
 * Owns:    struct predict: for each page, the bugs that have struck it; for
 *          each address space, what its tag store must hold
 * Used by: check/
 *
 * It hears the events of the paths, of the tag stores only those of B20, where
 * nobody else can tell who came first, and knows
 * the bug classes B1 to B28 of the design by a table.  A finding of the
 * report that no bug of the profile explains is an error of the model, and
 * so is a leak or a wrong release that was predicted and does not come.
 */
#pragma once

#include "adi/profile.h"
#include "check/descs.h"
#include "judge/finding.h"

struct check;
struct predict;
struct mm;

/* What a bug leaves in the report. */
#define RECORD_LOST    0x01u
#define RECORD_STALE   0x02u
#define RECORD_LEAK    0x04u /* of the address space */
#define RECORD_REBOOT  0x08u /* of a buffer that nothing reaches */
#define RECORD_RELEASE 0x10u /* a wrong release */
#define RECORD_SLOT    0x20u /* a slot that never becomes free */
#define RECORD_BUG     0x40u /* the kernel stops at a BUG() */

struct bug_class {
    unsigned nr; /* B1..B28; adi/profile.c has who has it */
    const char *condition;
    unsigned records;
};

/* bugs_of_cause - the classes that the report can blame this place for */
uint32_t bugs_of_cause(enum cause_id id);

/* bug_records - what these bugs may leave; bit n of @bugs stands for Bn */
unsigned bug_records(uint32_t bugs);

/* predict_create - @c is borrowed; NULL when the host has no memory */
struct predict *predict_create(struct check *c);
void predict_destroy(struct predict *p);

/* predict_hear - an event, before the report's own listeners hear it */
void predict_hear(struct predict *p, const struct event *ev);

/* predict_settle - the same one, when the report has made of it what it does */
void predict_settle(struct predict *p, const struct event *ev);

/* predict_may - does any bug of the profile leave such @records? */
bool predict_may(const struct predict *p, unsigned records);

enum adi_store_kind predict_store(const struct predict *p);

/* predict_bugs - the bugs that have struck a page: bit n stands for Bn */
uint32_t predict_bugs(const struct predict *p, struct mm *mm, gva_t va);

/* predict_is_wild - freed memory was used in this mm's tag store (B20) */
bool predict_is_wild(const struct predict *p, uint32_t mm);

/* predict_went_wild - the same of any mm so far: sums say nothing then */
bool predict_went_wild(const struct predict *p);

/* predict_descs - NULL: the store has none, or the mm never saved */
const struct descs *predict_descs(const struct predict *p, uint32_t mm);

/* predict_lost_slots - use counts that v5.17 has forgotten (B7) */
int predict_lost_slots(const struct predict *p);

/* predict_orphaned - bytes of buffers that nothing reaches any more (B15) */
uint64_t predict_orphaned(const struct predict *p);

/* predict_reboots - how many buffers that is */
size_t predict_reboots(const struct predict *p);

/* predict_misreleases - wrong releases so far (B9) */
size_t predict_misreleases(const struct predict *p);
