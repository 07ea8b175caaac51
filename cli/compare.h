/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/compare.h - one program under every profile, side by side
 *
 * Owns:    what is run under each, and the matrix of the reports
 * Used by: cli/main.c
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* How the program did under one profile. */
struct outcome {
    const char *profile; /* borrowed */
    int exit_code;       /* as the shell shows it */
    json_t *report;      /* owned; NULL: there was none */
    char *out;           /* owned; what the program wrote to stdout */
    size_t out_len;
};

/* command_compare - "adiemu compare"; returns the exit code */
int command_compare(int argc, char **argv);

enum matrix_format { MATRIX_TEXT, MATRIX_JSON, MATRIX_CSV };

/*
 * matrix_print - what became of tags, path by profile
 *
 * @program: as the user called it
 * Returns 0, or -EIO, -ENOMEM.
 */
int matrix_print(FILE *out, enum matrix_format format, const char *program,
                 const struct outcome *o, size_t nr);

/* outcome_is_clean - nothing lost, stale, leaked or wrongly released */
bool outcome_is_clean(const struct outcome *o);
