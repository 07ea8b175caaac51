/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/compare.h - one program under several kernels, side by side
 *
 * Owns:    what is run under each
 * Used by: cli/main.c
 */
#pragma once

/* command_compare - "adiemu compare"; returns the exit code */
int command_compare(int argc, char **argv);
