/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/html_explore.h - the report of "adiemu explore" as HTML
 *
 * Owns:    its form; what it is made of is JSON, of docs/explore.md
 * Used by: cli/html.c, cli/findings.c
 *
 * Nothing of it needs JavaScript but a button that copies.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* html_is_explore - is this the report of a search, and not of a run? */
bool html_is_explore(const json_t *root);

/* html_explore_missing - a key that is not there, or not of its type; or NULL
 */
const char *html_explore_missing(const json_t *root);

/* html_explore - of a report where nothing is missing; 0 or -errno */
int html_explore(FILE *out, const json_t *root);
