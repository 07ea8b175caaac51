/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/run_report.h - what many runs of a program came to
 *
 * Owns:    nothing
 * Used by: cli/trials.c
 *
 * As explore/report.h: for people, for programs, and as a list.
 */
#pragma once

#include <stdio.h>

#include "explore/shrink.h"
#include "explore/sighting.h"

struct adi_profile;

/* In a command line: the file that one is to make of the lines of a script. */
#define RUN_REPORT_FILE "FILE"

/* All borrowed. */
struct run_finding {
    const struct sighting *seen;
    const struct shrunk *way;
    const char *const *words; /* the command line that shows it; to NULL */
    const char *file;         /* where its script goes; NULL: nowhere */
};

struct run_outcome {
    const struct adi_profile *profile; /* borrowed */
    uint64_t runs;                     /* with a seed */
    bool stopped;                      /* before it had all */
    uint64_t insns, ram_peak;          /* of the plain run */
    int exit_code;
    const struct run_finding *findings; /* borrowed */
    unsigned nr;
};

struct run_report {
    const struct run_outcome *outcomes; /* borrowed; one for each kernel */
    unsigned nr;
    const char *const *program; /* borrowed; with its arguments; to NULL */
    uint64_t first_seed, runs;  /* that were asked for */
};

void run_report_text(const struct run_report *r, FILE *out);

/* docs/explore.md has the keys.  0 or -ENOMEM. */
MUST_CHECK int run_report_json(const struct run_report *r, FILE *out);

/* A line for each finding: "KERNEL, CLASS, DETAIL, CAUSE, PATH" */
void run_report_list(const struct run_report *r, FILE *out);

/* run_report_script - the script of a finding, with what it is for */
void run_report_script(const struct run_outcome *o, unsigned n, FILE *out);
