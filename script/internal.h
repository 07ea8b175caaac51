/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script/internal.h - an action in progress, for the files of this folder
 */
#pragma once

#include "mm/fault.h"
#include "script/drive.h"

struct drive_pin;
struct folio;
struct drive_object;

struct drive {
    struct drive_config config;
    struct drive_pin *pins;       /* owned */
    struct drive_object *objects; /* owned */
};

struct drive_job {
    const struct script_action *action;
    const struct drive_at *at; /* borrowed; NULL: nothing */
    struct mm *mm; /* of the process that it is done to; NULL: needs none */
    struct drive_result *result;
};

static inline uint64_t action_bytes(const struct script_action *a)
{
    return a->pages << PAGE_SHIFT;
}

/* drive_fault_error - how a fault ended, as -errno */
int drive_fault_error(enum fault fault);

/*
 * drive_access - the page at @va, as an instruction gets it
 *
 * Returns 0, or -errno as in struct drive_result; -EHOSTDOWN is a kernel BUG.
 */
MUST_CHECK int drive_access(struct mm *mm, gva_t va, enum access access,
                            struct folio **out);

/*
 * result.c: why a page is where it was, in a few words
 *
 * @err:     of migrate_folio()
 * @refused: drive_refused_saves() before it was tried
 */
const char *why_not_migrated(const struct folio *folio, int err);
const char *why_not_swapped(const struct drive *d, const struct folio *folio,
                            uint64_t refused);
uint64_t drive_refused_saves(const struct drive *d);

/* What carries out an action of verbs.def.  Returns 0 or -errno. */
#define VERB(id, word, kind, form, object, function)                           \
    int function(struct drive *d, const struct drive_job *job);
#include "script/verbs.def"
#undef VERB

/* object.c, pin.c: what actions have left */
void drive_drop_objects(struct drive *d);
void drive_unpin_all(struct drive *d);
