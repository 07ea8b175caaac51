/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/events.h - the file of --events
 *
 * Owns:    reading it, and telling what is wrong with it
 * Used by: cli/options.c
 */
#pragma once

#include "script/script.h"

#define EVENTS_SHA256 65 /* with the NUL */

/*
 * events_load - read and parse the script in @path
 *
 * @sha256: gets the hash of its bytes, in hexadecimal
 * Returns 0 with @out filled, freed by script_free(); -errno when the file
 * cannot be read; -EBADMSG after every error in it was printed to stderr.
 */
MUST_CHECK int events_load(const char *path, const struct script_rules *rules,
                           struct script *out,
                           char sha256[static EVENTS_SHA256]);
