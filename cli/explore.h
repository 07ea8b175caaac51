/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/explore.h - adiemu explore: find what is wrong with a kernel's hooks
 *
 * Owns:    the options of the command
 * Used by: cli/main.c
 */
#pragma once

/* Returns the exit code. */
int command_explore(int argc, char **argv);
