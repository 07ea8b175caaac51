/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/children.h - several runs of adiemu side by side
 *
 * Owns:    the processes, their input, and what they write
 * Used by: cli/compare.c, cli/attempts.c
 *
 * All read the same standard input.  Each line that one writes to stderr gets
 * its name in front; the lines of the first come as they are written, those
 * of the next are kept until it is done, so that they are always in the same
 * order.  Without names they are in the results.  None outlives us.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mm/types.h"

struct spool;

/* What one may write to standard output, or, kept, to stderr: it is kept in
 * memory. */
#define CHILDREN_OUTPUT_MAX ((size_t)64 << 20)

struct child_result {
    int exit_code;  /* as the shell shows it */
    bool timed_out; /* we ended it: it took too long */
    /* Where it wrote more than that, and was ended if it went on, in words. */
    const char *too_much;
    char *out; /* owned; its standard output, of too much the first */
    size_t out_len;
    char *report; /* owned; what it wrote to the files that it was told */
    size_t report_len;
    char *script;
    size_t script_len;
    char *err; /* owned; of its stderr, where nobody says it */
    size_t err_len;
};

/* For one that takes over nothing of it. */
void child_result_free(struct child_result *r);

/* Names of files that a child may write, borrowed. */
struct child_files {
    const char *report, *script;
};

struct children_plan {
    size_t nr, jobs;
    struct spool *input; /* what all read */
    /* @nr of them, borrowed; NULL: what they write to stderr is kept. */
    const char *const *names;
    /* The arguments of the @n-th, for free(); they are borrowed until the
     * next call. */
    char **(*command)(void *ctx, size_t n, const struct child_files *files);
    /*
     * The @n-th has ended, by itself or by @child_ms; takes over @r.  True:
     * those after it need not run.  Not called any more after a signal.
     */
    bool (*ended)(void *ctx, size_t n, struct child_result *r);
    /* How far it is, on a terminal: no newline.  NULL: nobody wants it. */
    void (*tell)(void *ctx, size_t done);
    void *ctx;
    uint64_t child_ms; /* at most for each; 0: any time */
    uint64_t until_ms; /* of children_now_ms(): none starts later; 0: never */
};

/* Of a clock that never jumps. */
uint64_t children_now_ms(void);

/*
 * children_run - run adiemu as @plan says
 *
 * They start in order.  @started: gets how many did; all have ended.
 * Returns 0, -errno, or the number of the signal that ended us first.
 */
MUST_CHECK int children_run(const struct children_plan *plan, size_t *started);
