/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/refusal.h - pages that could not leave: the store took no tags
 *
 * Owns:    a record for each cause, and the first few of each
 * Used by: judge/judge.c feeds it events; print/; explore/
 *
 * No tag is lost.  But memory that cannot be swapped or moved is a failure of
 * the kernel that has no descriptor, or no memory, left for it.
 */
#pragma once

#include "judge/record.h"

struct refusal {
    size_t record; /* that it is counted in, from 0 */
    enum cause_id cause;
    uint32_t mm; /* 0: of a shared object, or not known: a swap slot's */
    uint64_t object;
    gva_t va;       /* in the object, when that is not 0 */
    uint64_t entry; /* of the slot; 0: none was chosen yet */
    struct stamp at;
};

struct refusals;

/* refusals_create - NULL when the host has no memory */
struct refusals *refusals_create(void);
void refusals_destroy(struct refusals *list);

void refusals_event(struct refusals *list, const struct event *ev);

struct records *refusals_records(struct refusals *list);

/* Those that are kept one by one, in order. */
size_t refusals_nr(const struct refusals *list);
const struct refusal *refusals_nth(const struct refusals *list, size_t n);
