/*
 * drive/internal.h - an action in progress, for the files of this folder
 */
#pragma once

#include "drive/drive.h"

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

/* drive_fault_error - how a fault ended, as -errno */
int drive_fault_error(enum fault fault);

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

/* object.c: areas, and what they map */
int drive_mmap(struct drive *d, const struct drive_job *job);
int drive_truncate(struct drive *d, const struct drive_job *job);
int drive_punch(struct drive *d, const struct drive_job *job);
int drive_sync(struct drive *d, const struct drive_job *job);
void drive_drop_objects(struct drive *d);

/* node.c */
int drive_move(struct drive *d, const struct drive_job *job);
int drive_mbind(struct drive *d, const struct drive_job *job);
int drive_compact(struct drive *d, const struct drive_job *job);

/* pin.c */
int drive_pin(struct drive *d, const struct drive_job *job);
int drive_unpin(struct drive *d, const struct drive_job *job);
void drive_unpin_all(struct drive *d);
