/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/signal/hostsig.h - signals that somebody on the host sends to
 * adiemu
 *
 * Owns:    which have come, and what becomes of them
 * Used by: emu/ wherever m->interrupted is looked at
 *
 * They are for the program, as under qemu-user or valgrind: if its first
 * process handles, ignores or blocks the signal, it gets it.  All others end
 * the run, with its report.  SIGTERM always does.
 */
#pragma once

#include "emu/internal.h"

/*
 * hostsig_came - remember signal @sig of the host; safe in a signal handler
 *
 * @terminal: the kernel sent it, to all of a terminal's process group
 */
void hostsig_came(struct machine *m, int sig, bool terminal);

/* hostsig_is_known - does the guest have such a signal? */
bool hostsig_is_known(int sig);

/*
 * hostsig_take - give the program what has come, or set m->interrupted
 *
 * Cheap when nothing has.
 */
void hostsig_take(struct machine *m);
