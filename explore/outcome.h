/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/outcome.h - what a search came to, under one kernel
 *
 * Owns:    struct outcome: findings, each with its script
 * Used by: explore/report.c, cli/explore.c
 */
#pragma once

#include <jansson.h>

#include "explore/search.h"
#include "judge/cause.h"

struct outcome_finding {
    struct found_key key;
    struct cause cause; /* its event says nothing */
    unsigned length;    /* steps */
    char *script;       /* owned; lines for "adiemu script" */
    json_t *story;      /* owned; of explore/story.h */
};

struct outcome {
    const struct adi_profile *profile; /* borrowed */
    struct search_result result;
    unsigned nr;
    struct outcome_finding *findings; /* owned; the shortest first */
    char **idle; /* owned; the steps that never did anything */
    unsigned nr_idle;
};

/* outcome_make - after search_run(); 0 or -ENOMEM, with nothing to free */
MUST_CHECK int outcome_make(const struct search *s, struct outcome *out);
void outcome_free(struct outcome *o);

/* The options of "adiemu script" for a memory like that of the search. */
#define OUTCOME_OPTIONS_MAX 80
const char *outcome_options(const struct world_config *config,
                            char buf[static OUTCOME_OPTIONS_MAX]);

/* outcome_add_idle - a step that never did anything; 0 or -ENOMEM */
MUST_CHECK int outcome_add_idle(struct outcome *o, const char *step);

/* outcome_detail - "definite", "freed before", ...; NULL: the class says all */
const char *outcome_detail(const struct found_key *key);
