/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/children.h - several runs of adiemu side by side
 *
 * Owns:    the processes, their input, and what they write
 * Used by: cli/compare.c
 *
 * All read the same standard input.  Each line that one writes to stderr gets
 * its name in front; the lines of the first come as they are written, those
 * of the next are kept until it is done, so that they are always in the same
 * order.  None outlives us.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "mm/types.h"

struct child_result {
    int exit_code; /* as the shell shows it */
    char *out;     /* owned; its standard output */
    size_t out_len;
    char *report; /* owned; what it wrote to the file that it was told */
    size_t report_len;
};

struct children_plan {
    size_t nr, jobs;
    const char *const *names; /* @nr of them, borrowed */
    /*
     * The arguments of the one with this name, for free(); they are
     * borrowed until the next call.
     */
    char **(*command)(void *ctx, const char *name, const char *report);
    void *ctx;
    bool quiet; /* no word on how far it is */
};

/*
 * children_run - run adiemu as @plan says
 *
 * @results: gets @plan->nr of them; the caller frees what they own, also
 *           after an error
 * Returns 0, -errno, or the number of the signal that ended us first.
 */
MUST_CHECK int children_run(const struct children_plan *plan,
                            struct child_result *results);
