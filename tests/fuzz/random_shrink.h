/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/fuzz/random_shrink.h - the shortest script that still fails
 *
 * Owns:    nothing
 * Used by: tests/fuzz/random_mm.c
 */
#pragma once

#include "random.h"

/* What was done to a memory, from its start to the failure. */
struct record {
    struct run_config config;
    unsigned nr;
    struct op op[OPS_OF_A_SEED];
};

/*
 * shrink - leave out operations and make others simpler, until nothing goes
 *
 * @fails: does this record fail as the first one did?  Asked some thousand
 *         times
 * @rec:   fails; gets shorter
 *
 * Runs of operations go, then pairs; processes become one, and pages; each
 * operation gets its simplest form.  What one step made possible another one
 * does, so all are tried again as long as any has an effect.
 */
void shrink(struct record *rec, bool (*fails)(void *ctx, struct record *rec),
            void *ctx);
