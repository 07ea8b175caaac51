/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/unit/steps.h - steps of explore/, written as lines
 *
 * Owns:    nothing
 * Used by: tests/unit/test_world.c, test_state.c, test_search.c, test_resume.c
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adi/profile.h"
#include "explore/alphabet.h"
#include "unit.h"

#define NODES 2

#define A "0x70000000 "
#define B "0x70002000 "
#define C "0x70004000 "

static const struct alphabet_config steps_size = {
    .nr_pages = 2, .nr_processes = 2, .nr_nodes = NODES};

/* @scope: of bytes that are followed; NULL: none are */
static inline struct world *steps_world_of(const char *profile,
                                           const struct scope *scope)
{
    const struct world_config config = {.profile = adi_profile_find(profile),
                                        .large = scope && scope->many,
                                        .nr_nodes = NODES,
                                        .nr_processes = WORLD_MAX_PROCESSES,
                                        .scope = scope};
    struct world *w;

    assert_non_null(config.profile);
    w = world_create(&config);
    assert_non_null(w);
    return w;
}

static inline struct world *steps_world(const char *profile)
{
    return steps_world_of(profile, NULL);
}

/* Lines end with ";". */
static inline struct alphabet steps_of(const char *lines)
{
    struct alphabet a = {.nr = 0};
    char *text = strdup(lines);

    assert_non_null(text);
    for (char *at = text; (at = strchr(at, ';')) != NULL;)
        *at = '\n';
    assert_int_equal(
        alphabet_add_text(&a, text, strlen(text), &steps_size, lines, stderr),
        0);
    free(text);
    return a;
}

static inline void steps_add_set(struct alphabet *a, const char *name,
                                 const struct alphabet_config *size)
{
    assert_int_equal(alphabet_add_set(a, name, strlen(name), size), 0);
}

/* Each of them, and each has to succeed. */
static inline void steps_do(struct world *w, const char *lines)
{
    struct alphabet a = steps_of(lines);

    for (unsigned i = 0; i < a.nr; i++) {
        struct drive_result r = world_do(w, &a.steps[i]);

        if (r.err)
            fail_msg("%s: step %u: %s", lines, i + 1, strerror(-r.err));
    }
    alphabet_free(&a);
}
