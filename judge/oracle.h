/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/oracle.h - what the tags of each page must be
 *
 * Owns:    a copy of every tag the guest set, and the findings
 * Used by: judge/judge.c feeds it events; print/
 *
 * It follows the architecture, not the kernel: a new page has tag 0, a
 * copy has the tags of the original, or 0 in an area without PROT_ADI, zap
 * forgets, mremap carries along, fork copies.  It shares no code with the paths
 * that it judges.
 */
#pragma once

#include "judge/finding.h"

struct blames;
struct oracle;
struct history;
struct records;
struct tag_notes;

/*
 * @history, @blames: borrowed; asked for a page's story, and for who is to
 *                    blame, when a finding is made
 */
struct oracle *oracle_create(struct history *history, struct blames *blames);
void oracle_destroy(struct oracle *o);

void oracle_event(struct oracle *o, const struct event *ev);

/* The guest set the tag of the block at @va; @by: number of a stack, or 0. */
void oracle_tag_store(struct oracle *o, uint32_t mm, gva_t va, adi_tag_t tag,
                      uint32_t by);

/* The same at @offset of a shared object, bytes. */
void oracle_object_tag_store(struct oracle *o, uint64_t object, uint64_t offset,
                             adi_tag_t tag, uint32_t by);

/*
 * oracle_notes - where the tags of the page at @va are noted that the guest
 * sets next
 *
 * @epoch: until this changes
 */
struct tag_notes *oracle_notes(struct oracle *o, uint32_t mm, gva_t va,
                               const uint64_t **epoch);

/*
 * oracle_setter - the stack that set the tag of the block at @va last
 *
 * @tag: gets what it set
 * Returns 0, and leaves @tag, when nobody did.
 */
uint32_t oracle_setter(const struct oracle *o, uint32_t mm, gva_t va,
                       adi_tag_t *tag);

/* oracle_records - what was found, by cause; kinds are enum finding_kind */
struct records *oracle_records(struct oracle *o);

/* Findings that are kept one by one, in order. */
size_t oracle_nr_findings(const struct oracle *o);
const struct finding *oracle_finding(const struct oracle *o, size_t n);

/* oracle_last - the newest finding, kept or not; it has no history */
const struct finding *oracle_last(const struct oracle *o);

/* oracle_expects - the tag of a block, for tests; 0 when never set */
adi_tag_t oracle_expects(struct oracle *o, uint32_t mm, gva_t va);

/*
 * oracle_page - what is known of the page at @va
 *
 * @known: NULL, or gets which of the tags somebody set or saw; the others
 *         are 0, or in a file's page whatever the frame had
 * Returns the tags, borrowed until the next event; NULL: none was ever set.
 */
const adi_tag_t *oracle_page(const struct oracle *o, uint32_t mm, gva_t va,
                             const uint8_t **known);

/* oracle_object_page - the same of a page that @object has, mapped or not */
const adi_tag_t *oracle_object_page(const struct oracle *o, uint64_t object,
                                    uint64_t index, const uint8_t **known);
