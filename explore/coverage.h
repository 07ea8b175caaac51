/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/coverage.h - what of a kernel, and of the steps, a search came by
 *
 * Owns:    nothing
 * Used by: explore/
 *
 * A finding that is not there says little where its hook was never called.
 */
#pragma once

#include <stdio.h>

#include "adi/profile.h"
#include "event/event.h"
#include "explore/alphabet.h"
#include "explore/world.h"

struct coverage {
    uint64_t hooks; /* bit n: the profile's hook n was called */
    uint64_t paths; /* bit n: path n had an event */
    /* That changed a state, or were done without an error; and the others
     * came, where there are some. */
    struct step_set steps;
};

/* coverage_add - what either has */
void coverage_add(struct coverage *to, const struct coverage *c);

/* coverage_take - what was called, and what had an event, in @w so far */
void coverage_take(struct coverage *c, const struct world *w);

/* coverage_take_step - step @n, which @w has just done, had an effect; that
 * counts when the others came, too */
void coverage_take_step(struct coverage *c, const struct world *w, unsigned n);

/* What a kernel has: the hooks of its profile, and the paths on which a search
 * can have an event. */
uint64_t coverage_all_hooks(const struct adi_profile *p);
uint64_t coverage_all_paths(const struct adi_profile *p);

/* coverage_name - of bit @n of hooks, or of paths; NULL: there are no more */
const char *coverage_hook(unsigned n);
const char *coverage_path(unsigned n);

/* coverage_step - "when fault swapin: migrate; read 0x70000000" */
#define COVERAGE_STEP_MAX (2 * SCRIPT_MAX_TEXT + 2)
const char *coverage_step(const struct step *step,
                          char buf[static COVERAGE_STEP_MAX]);
