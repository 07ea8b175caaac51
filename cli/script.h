/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/script.h - adiemu script: a script on a memory without a CPU
 *
 * Owns:    the options of the command
 * Used by: cli/main.c; cli/compare.c parses the same options
 */
#pragma once

#include <argp.h>

/* Its input is a struct run_options; it reads the script, too. */
extern const struct argp options_script_argp;

/* Returns the exit code. */
int command_script(int argc, char **argv);
