/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * api/internal.h - what the files of this folder know of a memory
 */
#pragma once

#include "api/adimm.h"
#include "script/alone.h"
#include "script/trigger.h"

struct adimm {
    struct alone *alone;               /* owned */
    struct triggers *triggers;         /* owned; those of @script, or NULL */
    struct script script;              /* owned; of the last adimm_run() */
    const struct adi_profile *profile; /* static */
    char *name;                        /* owned */
    uint64_t ram_bytes, swap_bytes;
    unsigned nr_nodes;
    bool exited; /* no process is left */
    int failed;  /* of the first line of a script that did, or 0 */
    struct adimm_result result;
    char why[ADIMM_WHY_BYTES];
};

/* api_fail - keep why; returns @err, which is -errno */
__attribute__((format(printf, 3, 4))) int api_fail(struct adimm *m, int err,
                                                   const char *format, ...);
