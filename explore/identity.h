/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explore/identity.h - do two runs of adiemu go through the same?
 *
 * Owns:    how what is searched is written down
 * Used by: cli/explore.c
 *
 * What makes no difference to what is found is left out: the time, the number
 * of processes.
 */
#pragma once

#include "explore/search.h"

/*
 * identity_text - each thing in a line of its own
 *
 * @version: of adiemu
 * @kept: of a search that may go on: with the kernel and the slice, too, and
 *        without the depth, as it may go on to another
 * Returns what the caller frees; NULL: the host has no memory.
 */
char *identity_text(const struct search_config *config, const char *version,
                    bool kept);

/* identity_short - 64 bits of such a text, in hexadecimal.  Returns @buf. */
#define IDENTITY_BYTES 17
const char *identity_short(const char *text, char buf[static IDENTITY_BYTES]);
