/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/report.h - what searches came to, for people and for programs
 *
 * Owns:    nothing
 * Used by: explore/merge.c, cli/explore.c, cli/findings.h
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
    unsigned nr_steps;           /* that there are */
    unsigned depth;              /* that was asked for */
    struct alphabet_config size; /* its pages and processes */
    const char *actions;         /* borrowed; the names of the sets */
    const char *options;         /* borrowed; of "adiemu script" */
    const char *identity;        /* borrowed; of explore/identity.h, short */
    unsigned slice, slices;      /* 0 of N: merged; 0 of 0: no slices */
    const unsigned *missing;     /* borrowed; slices that were not merged */
    unsigned nr_missing;
};

/* The findings with their scripts, and a verdict for each kernel. */
void report_text(const struct report *r, FILE *out);

/* docs/explore.md has the keys.  The caller owns the tree; NULL: the host has
 * no memory.  0 or -ENOMEM. */
json_t *report_tree(const struct report *r);
MUST_CHECK int report_json(const struct report *r, FILE *out);

/* A line for each finding: "KERNEL, CLASS, DETAIL, CAUSE, PATH" */
void report_list(const struct report *r, FILE *out);
