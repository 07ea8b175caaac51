/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event/hosterr.h - what the host refused the machine in the course of a run
 *
 * Owns:    the list: what, which call, which error, how often
 * Used by: print/; cli/, script/, emu/, api/
 *
 * To the modelled kernel it is a device that fails, and it goes on.  To the
 * user it is a run that did not go as its options say.
 */
#pragma once

#include "event/hub.h"

/*
 * hub_host_error - the host refused it
 *
 * @what:  such as "swap file /tmp/swap"; copied
 * @call:  "read" or "write"
 * @error: errno, above 0
 * The first of its kind is a line on stderr at once, unless that is off.
 */
void hub_host_error(struct hub *hub, const char *what, const char *call,
                    int error);

/* hub_quiet_host_errors - they are listed, and no line is printed */
void hub_quiet_host_errors(struct hub *hub);

struct host_error {
    char *what; /* owned */
    const char *call;
    int error;
    uint64_t count;
};

/* In the order in which they came. */
size_t hub_nr_host_errors(const struct hub *hub);
const struct host_error *hub_nth_host_error(const struct hub *hub, size_t n);
