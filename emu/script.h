/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/script.h - the event script of a run
 *
 * Owns:    what a script needs to know of processes and swap devices
 * Used by: emu/machine.c, emu/gdb/
 */
#pragma once

#include "emu/internal.h"
#include "script/trigger.h"

/* machine_script_create - 0 or -ENOMEM; nothing to do without a script */
MUST_CHECK int machine_script_create(struct machine *m);
void machine_script_destroy(struct machine *m);

/* machine_script_found_fault - did a "check" find the model itself broken? */
bool machine_script_found_fault(const struct machine *m);

/* machine_drive - have m->drive, script or none; 0 or -ENOMEM */
MUST_CHECK int machine_drive(struct machine *m);

/* machine_do - carry out @action now, between two instructions */
struct drive_result machine_do(struct machine *m,
                               const struct script_action *action);

/* machine_script_start - the program is loaded; 0 or -ENOMEM */
MUST_CHECK int machine_script_start(struct machine *m);
