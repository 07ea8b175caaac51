/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/record.h - what --stress does, as lines of an event script
 *
 * Owns:    the file of --stress-script
 * Used by: emu/event.c, emu/machine.c
 *
 * The same run with these lines in place of the periods does the same: the
 * lines name the instruction, and a process and an address of the page.
 */
#pragma once

#include "emu/machine.h"

struct folio;

/*
 * record_open - when the options name a file; 0 or an exit code
 *
 * @why: on error, gets a line for the user
 */
MUST_CHECK int record_open(struct machine *m,
                           char why[static MACHINE_WHY_BYTES]);

/* record_stress - @verb is about to be done to @folio, which is mapped */
void record_stress(struct machine *m, enum script_verb verb,
                   struct folio *folio);

/* record_close - 0, or -errno when not all could be written */
MUST_CHECK int record_close(struct machine *m);
