/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/judge.h - what became of the tags: all who judge it, in one
 *
 * Owns:    ledger, oracle, history and the others, in their order
 * Used by: print/, check/, script/, api/, emu/, cli/; tests; explore/
 *
 * It listens to the events of a hub, and asks the model nothing but what an
 * address space looks like when its last process leaves it.  docs/design.md
 * says what each of them does.
 */
#pragma once

#include "adi/notes.h"
#include "event/event.h"

struct adi;
struct finding;
struct history;
struct hub;
struct judge;
struct leak;
struct ledger;
struct misrelease;
struct oracle;
struct refusals;
struct timeline;

/*
 * judge_create - listens to @hub from now on
 *
 * @adi: whose profile says which places have a hook; NULL: none has one
 * Both are borrowed, and outlive it.
 * Returns NULL when the host has no memory.
 */
struct judge *judge_create(struct hub *hub, struct adi *adi);
void judge_destroy(struct judge *j);

struct hub *judge_hub(const struct judge *j);

/*
 * judge_keep_timeline - keep the last @limit events, and those of any page
 * that turns out to be wrong; see timeline_create()
 *
 * Returns 0, or -ENOMEM.
 */
MUST_CHECK int judge_keep_timeline(struct judge *j, size_t limit);

/*
 * judge_keep_few - of errors with one cause, keep only the first ones
 *
 * RECORD_FIRST of them; the others are counted, and their pages are noted
 * down in up to RECORD_RANGES ranges.  Without it all are kept.
 */
void judge_keep_few(struct judge *j);
bool judge_keeps_few(const struct judge *j);

/*
 * judge_tag_store - the guest set one tag
 *
 * @mm:    number of the address space
 * @va:    address of the block, tag bits stripped
 * @by:    judge_save_stack() of who did it, or 0
 * Called for each store to an MCD ASI: no event is stamped.
 */
void judge_tag_store(struct judge *j, uint32_t mm, gva_t va, adi_tag_t tag,
                     uint32_t by);

/*
 * judge_tag_noting - what judge_tag_store() would write to for the page of @va
 *
 * Who adds one to its count and calls tag_note() has told of the store.
 */
struct tag_noting judge_tag_noting(struct judge *j, uint32_t mm, gva_t va);

/*
 * judge_object_tag_store - the same of a page that @object has, whoever shows
 * it
 *
 * @offset: of the block in the object, bytes
 */
void judge_object_tag_store(struct judge *j, uint64_t object, uint64_t offset,
                            adi_tag_t tag, uint32_t by);

/* judge_expects - the oracle's word on a page; see oracle_page() */
const adi_tag_t *judge_expects(const struct judge *j, uint32_t mm, gva_t va,
                               const uint8_t **known);

/* judge_object_expects - the same of a page of an object, mapped or not */
const adi_tag_t *judge_object_expects(const struct judge *j, uint64_t object,
                                      uint64_t index, const uint8_t **known);

/* judge_errors - did anything leak, were tags lost, stale or refused by the
 * store, pointers used that do not match, or did the kernel stop?  How many
 * times. */
uint64_t judge_errors(const struct judge *j);

/* Errors so far, kept or not; and the newest.  A finding has no history. */
uint64_t judge_found(const struct judge *j);
uint64_t judge_misreleased(const struct judge *j);
uint64_t judge_refused(const struct judge *j);
const struct finding *judge_last_finding(const struct judge *j);

/* Those that are kept; in order, and never taken back. */
size_t judge_nr_findings(const struct judge *j);
const struct finding *judge_finding(const struct judge *j, size_t n);
size_t judge_nr_leaks(const struct judge *j);
const struct leak *judge_leak(const struct judge *j, size_t n);
size_t judge_nr_misreleases(const struct judge *j);
const struct misrelease *judge_misrelease(const struct judge *j, size_t n);

/* Each of them, borrowed; for who prints what they have. */
struct oracle *judge_oracle(const struct judge *j);
struct ledger *judge_ledger(const struct judge *j);
struct refusals *judge_refusals(const struct judge *j);
const struct history *judge_history(const struct judge *j);
struct timeline *judge_timeline(const struct judge *j); /* NULL: not kept */
