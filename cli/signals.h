/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/signals.h - the signals of the host, while a program runs
 *
 * Owns:    their handlers
 * Used by: cli/main.c
 *
 * What others send to adiemu is for the program.  What the kernel sends for
 * something that adiemu itself has done stays ours: a fault and abort() kill,
 * SIGPIPE and SIGXFSZ are in the way of nobody.
 */
#pragma once

#include "emu/machine.h"

/*
 * signals_catch - from now on they are for @m; of what is ignored, none
 *
 * @seconds: between two calls of machine_progress(); 0: none
 */
void signals_catch(struct machine *m, unsigned seconds);

/* signals_release - the run is over: the next one ends adiemu, in the middle
 * of a report */
void signals_release(void);
