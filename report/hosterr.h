/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report/hosterr.h - what the host refused the machine in the course of a run
 *
 * Owns:    the list: what, which call, which error, how often
 * Used by: swap devices; the report that a run ends with; cli/, script/, emu/,
 *          api/
 *
 * To the modelled kernel it is a device that fails, and it goes on.  To the
 * user it is a run that did not go as its options say.
 */
#pragma once

#include "report/report.h"

/*
 * report_host_error - the host refused it
 *
 * @what:  such as "swap file /tmp/swap"; copied
 * @call:  "read" or "write"
 * @error: errno, above 0
 * The first of its kind is a line on stderr at once, unless that is off.
 */
void report_host_error(struct report *r, const char *what, const char *call,
                       int error);

/* report_quiet_host_errors - they are listed, and no line is printed */
void report_quiet_host_errors(struct report *r);

struct host_error {
    char *what; /* owned */
    const char *call;
    int error;
    uint64_t count;
};

/* In the order in which they came. */
size_t report_nr_host_errors(const struct report *r);
