/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/report_options.h - options that say what is said of a run, and where
 *
 * Owns:    what may stand behind them
 * Used by: cli/options.c, which has all options
 */
#pragma once

#include "cli/options.h"

/* report_option_only_says - does it change nothing that is done? */
bool report_option_only_says(int key);

/* report_option_parse - as a parser of argp */
error_t report_option_parse(struct run_options *o, int key, char *arg,
                            struct argp_state *state);
