/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/worker.h - one process of a search
 *
 * Owns:    struct worker
 * Used by: explore/search.c
 */
#pragma once

#include "explore/search_internal.h"

struct worker {
    struct search *s;
    struct found_way *at;      /* in what is shared: if it dies of it, */
    struct coverage *coverage; /* and this, too */
    struct world *world;
    struct seen_adder adder;
    struct step_set asleep; /* in the state that was reached */
    uint64_t tries;
};

/* worker_reach - the memory as it is in @state, from the start */
void worker_reach(struct worker *k, uint32_t state);

/*
 * worker_run - the @nr-th of them, until all states of the depth are taken
 *
 * In a process of its own, which it ends; what it found is in what is shared.
 */
_Noreturn void worker_run(struct search *s, unsigned nr);
