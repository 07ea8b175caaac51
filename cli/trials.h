/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/trials.h - "adiemu explore" of a program: many runs of it
 *
 * Owns:    what is looked for in which order, and the options for that
 * Used by: cli/explore.c
 */
#pragma once

#include "cli/findings.h"
#include "cli/kernels.h"
#include "cli/options.h"

struct trials {
    struct run_options run;        /* owned; of each run */
    const char *given;             /* the first option of ours, or NULL */
    uint64_t runs;                 /* for each kernel */
    uint64_t first_seed;           /* 1 and up */
    uint64_t timeout_s;            /* of each run; 0: by the plain run */
    unsigned shrink_runs;          /* for each finding */
    const struct kernels *kernels; /* borrowed */
    unsigned jobs;
    uint64_t max_ms; /* for the runs of each kernel; 0: any time */
    const struct findings_options *findings; /* borrowed */
};

void trials_init(struct trials *p);
void trials_free(struct trials *p);

/* Options; the input is a struct trials. */
extern const struct argp trials_argp;

/* trials_run_options - those of "adiemu run" that are for each run, for
 * free(); their parser is that of options_run_argp, with @p->run */
struct argp_option *trials_run_options(void);

/* trials_run - run, and report; returns the exit code of adiemu */
int trials_run(struct trials *p);
