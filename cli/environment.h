/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/environment.h - the environment of the program: -E and -U
 *
 * Owns:    the array; the strings are of the caller
 * Used by: cli/options.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* env_copy - for free(); NULL when the host has no memory */
char **env_copy(char *const *envp);

/*
 * env_set - add "VAR=VALUE", or put it in place of what VAR was
 *
 * Returns false when the host has no memory: @envp is as it was.
 */
bool env_set(char ***envp, char *assignment);
void env_unset(char **envp, const char *name);
