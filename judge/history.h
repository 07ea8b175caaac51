/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/history.h - what happened to each page that has, or had, tags
 *
 * Owns:    the last events of each page of an mm that uses tags
 * Used by: judge/judge.c feeds it; oracle and ledger quote from it; print/
 */
#pragma once

#include "judge/finding.h"

#define HISTORY_MAX 48 /* events kept for a page */

struct history;

struct history *history_create(void);
void history_destroy(struct history *h);

void history_event(struct history *h, const struct event *ev);

/* history_watch - from now on, keep the story of @mm's pages */
void history_watch(struct history *h, uint32_t mm);

/*
 * history_copy - the story of a page, oldest first
 *
 * That of a child's page begins with what the parent's went through until the
 * fork.
 *
 * @out:     gets an array owned by the caller, NULL when there is none
 * @dropped: gets the number of older events that were not kept
 * Returns the number of events.
 */
size_t history_copy(const struct history *h, uint32_t mm, gva_t va,
                    struct stamp **out, size_t *dropped);
