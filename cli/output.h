/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/output.h - where the report goes
 *
 * Owns:    the file of --report
 * Used by: the commands that end with a report
 */
#pragma once

#include "cli/options.h"
#include "print/report.h"
#include "script/trigger.h"

/*
 * output_exit_code - of adiemu, when the host lets it make or write no file
 *
 * @err: -errno; without memory it is adiemu itself that failed.
 */
int output_exit_code(int err);

/*
 * output_open - open the file of --report, before anything runs
 *
 * The program may take it out of our reach later, by chmod(".", 0).
 * Returns 0, or -errno after a line on stderr.
 */
MUST_CHECK int output_open(struct run_options *o);

/* output_print - the report of what has been so far, to @out; 0 or -errno */
MUST_CHECK int output_print(const struct run_options *o, const struct judge *j,
                            const struct triggers *t, struct run_facts facts,
                            FILE *out);

/*
 * output_report - write it as the options say
 *
 * @t:     of the event script; NULL: there is none
 * @facts: what is not in the options
 *
 * After output_open(), and once.
 * Returns 0, or -errno after a line on stderr.
 */
MUST_CHECK int output_report(const struct run_options *o, const struct judge *j,
                             const struct triggers *t, struct run_facts facts);
