/*
 * cli/script.h - adiemu script: a script on a memory without a CPU
 *
 * Owns:    the options of the command
 * Used by: cli/main.c
 */
#pragma once

/* Returns the exit code. */
int command_script(int argc, char **argv);
