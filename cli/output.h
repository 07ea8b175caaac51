/*
 * cli/output.h - where the report goes
 *
 * Owns:    the file of --report
 * Used by: the commands that end with a report
 */
#pragma once

#include "cli/options.h"
#include "report/summary.h"

/*
 * output_report - write it as the options say
 *
 * @facts: what is not in the options
 * Returns 0, or -errno after a line on stderr.
 */
MUST_CHECK int output_report(const struct run_options *o,
                             const struct report *r, struct run_facts facts);
