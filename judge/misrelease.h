/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/misrelease.h - releases of copies that were somebody else's
 *
 * Owns:    a record for each kind, and the first few of each
 * Used by: judge/ledger.c, which knows whose a copy is, explore/
 *
 * A release that took a copy which the page never had: another page's copy
 * is gone with it.  Or one that began before others took the last user of the
 * descriptor: from a buffer that is freed, or of a descriptor in use again.
 */
#pragma once

#include "judge/record.h"

enum misrelease_kind { RELEASE_UNSAVED, RELEASE_FREED, RELEASE_REUSED };

const char *misrelease_kind_name(enum misrelease_kind kind);

struct misrelease {
    enum misrelease_kind kind;
    enum cause_id cause;
    size_t record; /* that it is counted in, from 0 */
    uint32_t mm;
    gva_t va;
    uint64_t buf;
    struct stamp at;
};

struct misreleases {
    struct records records; /* kinds are enum misrelease_kind */
    struct misrelease newest;
    struct misrelease *kept; /* owned */
    size_t nr, cap;
};

/* misreleases_add - event @ev is one */
void misreleases_add(struct misreleases *list, const struct event *ev,
                     enum misrelease_kind kind);
void misreleases_fini(struct misreleases *list);
