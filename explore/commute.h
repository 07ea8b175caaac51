/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/commute.h - steps that may change places
 *
 * Owns:    struct commute: for each step, those that it may change places with
 * Used by: explore/search.c
 *
 * Steps on different pages come to the same in either order, and show the same
 * findings: one order is enough.  Which one: of the shortest ways to a state a
 * search keeps the first, by the numbers of its steps.  Where a step could
 * change places with the steps before it, back to one with a higher number,
 * the way with it is not the first; it need not be tried, it sleeps (Godefroid,
 * "Partial-Order Methods", 1996).  Each state is still reached, by the same
 * way.
 */
#pragma once

#include "adi/profile.h"
#include "explore/alphabet.h"

struct commute;

/*
 * commute_create - of the steps of @a
 *
 * @store: under a kernel with such a store; copies of several pages share a
 *         descriptor, which makes what saves one depend on the others
 * Returns NULL when the host has no memory.
 */
struct commute *commute_create(const struct alphabet *a,
                               enum adi_store_kind store);
void commute_destroy(struct commute *c);

/*
 * commute_may - may these two change places?
 *
 * In each state where no failure is armed: the first that comes takes it.
 */
bool commute_may(const struct commute *c, unsigned step, unsigned other);

/*
 * commute_pass - what sleeps after @step, where it was not asleep itself
 *
 * @asleep: what sleeps before it; changed
 * @armed: a failure waits for the next step that allocates or transfers
 */
void commute_pass(const struct commute *c, struct step_set *asleep,
                  unsigned step, bool armed);
