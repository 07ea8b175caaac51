/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/steps.h - what the engine does for speed alone
 *
 * Owns:    the set of steps (steps.def) that are on
 * Used by: emu/engine/; cli/options.c for --engine, cli/main.c
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum engine_step {
#define STEP(name, constant, what) ENGINE_STEP_##constant,
#include "emu/engine/steps.def"
#undef STEP
    NR_ENGINE_STEPS
};

/* A bit for each step that is on. */
#define ENGINE_STEPS_ALL ((1u << NR_ENGINE_STEPS) - 1)

static inline bool engine_steps_have(unsigned steps, enum engine_step step)
{
    return (steps >> step & 1) != 0;
}

/*
 * engine_steps_parse - switch steps as the user says
 *
 * @text:  STEP=on|off, or all=on|off, several of them with commas between
 * @steps: changed in that order; on error, in part
 * Returns NULL, or the place in @text of what is wrong.
 */
const char *engine_steps_parse(const char *text, unsigned *steps);

/* engine_steps_list - a line for each step: its name, and what it does */
void engine_steps_list(FILE *out);
