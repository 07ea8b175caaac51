/*
 * drive/internal.h - an action in progress, for the files of this folder
 */
#pragma once

#include "drive/drive.h"

struct drive_pin;
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
