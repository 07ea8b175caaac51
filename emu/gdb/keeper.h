/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/gdb/keeper.h - processes of the host, for a run that goes back
 *
 * Owns:    struct keeper
 * Used by: emu/gdb/
 * Source:  ours
 */
#pragma once

#include "mm/types.h"

struct keeper {
    int memory; /* owned; what they tell each other, in order of need */
    int to_keeper[2], to_live[2]; /* owned */
};

/*
 * keeper_start - from now on this process waits, and a child of it goes on
 *
 * @again: is this one that goes back?  What the other has written is in
 *         k->memory.
 * Returns 0 in each child, or -errno: everything is as it was.
 */
MUST_CHECK int keeper_start(struct keeper *k, bool *again);

/* keeper_go - have one go back; when it gets there, this process is ended, so
 * this returns when it does not */
void keeper_go(struct keeper *k);

/* keeper_go_on - of one that goes back: the next one knows better where to */
_Noreturn void keeper_go_on(struct keeper *k);

/* keeper_take - it is there */
void keeper_take(struct keeper *k);
