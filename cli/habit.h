/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/habit.h - options as qemu-user spells them
 *
 * Owns:    nothing
 * Used by: cli/options.c
 */
#pragma once

#include <argp.h>

/*
 * habit_spell - "-strace" becomes "--strace"
 *
 * Up to the program, or "--".  An option of qemu-user that adiemu lacks ends
 * it with a line that names it.
 */
void habit_spell(const struct argp_option *options, int argc, char **argv);
