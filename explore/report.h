/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/report.h - what searches came to, for people and for programs
 *
 * Owns:    nothing
 * Used by: cli/explore.c
 *
 * The same search gives the same report, byte for byte: nothing in it depends
 * on the time or on the number of processes.
 */
#pragma once

#include <stdio.h>

#include "explore/outcome.h"

struct report {
    const struct outcome *outcomes; /* borrowed; one for each kernel */
    unsigned nr;
    const struct alphabet *alphabet;    /* borrowed */
    const struct world_config *world;   /* borrowed; whichever kernel */
    const struct alphabet_config *size; /* borrowed */
    const char *actions;                /* borrowed; the names of the sets */
};

/* The findings with their scripts, and a verdict for each kernel. */
void report_text(const struct report *r, FILE *out);

/* docs/explore.md has the keys.  0 or -ENOMEM. */
MUST_CHECK int report_json(const struct report *r, FILE *out);

/* A line for each finding: "KERNEL, CLASS, DETAIL, CAUSE, PATH" */
void report_list(const struct report *r, FILE *out);
