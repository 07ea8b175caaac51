/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/explore_options.h - what "adiemu explore" is asked for
 *
 * Owns:    the options of the command
 * Used by: cli/explore.c
 */
#pragma once

#include "cli/findings.h"
#include "cli/kernels.h"
#include "cli/trials.h"
#include "explore/search.h"

/* What was asked for. */
struct explore_options {
    struct kernels kernels; /* owned */
    struct search_config search;
    struct alphabet_config size;
    const char *actions, *resume_path; /* borrowed */
    const char *profile_path;          /* borrowed, too */
    unsigned fail[FAIL_NR]; /* of a search: steps that let up to the Nth fail */
    struct findings_options findings;
    bool searches; /* an option of a search was given */
    bool merges;
    const char *not_of_trials; /* the first option that is not, or NULL */
    struct trials trials;      /* owned; used when there is one to run */
    char **files;              /* owned; what was given beside options */
    unsigned nr_files;
};

/* explore_options_parse - what is wrong ends adiemu with an error */
void explore_options_parse(struct explore_options *x, int argc, char **argv);
void explore_options_free(struct explore_options *x);
