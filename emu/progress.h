/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/progress.h - how far a run is, said while it runs
 *
 * Owns:    nothing
 * Used by: emu/machine.c, emu/cpu.c, emu/linux/signal/hostsig.c
 */
#pragma once

#include "emu/internal.h"

/* progress_print - a line to stderr; on a terminal it is written over the one
 * before */
void progress_print(struct machine *m);

/* progress_poll - between two blocks: if somebody asked */
void progress_poll(struct machine *m);

/* progress_end - nothing of it stays on a terminal */
void progress_end(struct machine *m);

/* progress_takes_usr1 - is a SIGUSR1 that the program does not handle a
 * question about it? */
bool progress_takes_usr1(const struct machine *m);
