/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/binfmt.h - "adiemu binfmt": the host executes SPARC64 programs by adiemu
 *
 * Owns:    the line for binfmt_misc
 * Used by: cli/main.c
 * Source:  linux Documentation/admin-guide/binfmt-misc.rst
 */
#pragma once

#include <stdbool.h>

int command_binfmt(int argc, char **argv);

/*
 * binfmt_is_caller - has the kernel started us for a program, with the words
 * INTERPRETER, PROGRAM, ARGV0 of the program, its further arguments?
 *
 * Since Linux 5.12 it says so; before, the line has no flag P, and the words
 * are those of "adiemu PROGRAM ARG".
 */
bool binfmt_is_caller(int argc);

/* binfmt_words - these as words of "adiemu run"; for free(), NULL: no memory */
char **binfmt_words(int argc, char **argv, int *nr);
