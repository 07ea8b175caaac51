/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/leak_records.h - the leaks by class and cause
 *
 * Owns:    one record for each class and cause
 * Used by: print/
 *
 * Made to be printed, for what is known of a leak changes until the run ends.
 */
#pragma once

#include "judge/ledger.h"

struct judge;

struct leak_records {
    struct records records; /* kinds are enum leak_class */
    struct leak *sums;      /* owned; of each: count, bytes, users, leaked */
    size_t *of;             /* owned; of each leak: its record, */
    bool *listed;           /* owned; and is it to be shown by itself? */
};

void leak_records_init(struct leak_records *list, const struct judge *j);
void leak_records_fini(struct leak_records *list);
