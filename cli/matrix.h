/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli/matrix.h - what several kernels did with one program, side by side
 *
 * Owns:    the rows that a set of reports has, and how they are printed
 * Used by: cli/compare.c
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "mm/types.h"

/* How the program did under one profile. */
struct outcome {
    const char *profile;  /* borrowed */
    int exit_code;        /* as the shell shows it */
    const char *too_much; /* where it wrote more than is kept; or NULL */
    json_t *report;       /* owned; NULL: there was none */
    char *out;            /* owned; what the program wrote to stdout */
    size_t out_len;
};

enum matrix_format { MATRIX_TEXT, MATRIX_JSON, MATRIX_CSV };

/*
 * matrix_print - what became of tags, path by profile
 *
 * @program: as the user called it
 * Returns 0, or -EIO, -ENOMEM.
 */
MUST_CHECK int matrix_print(FILE *out, enum matrix_format format,
                            const char *program, const struct outcome *o,
                            size_t nr);

/* outcome_is_clean - nothing lost, stale, leaked or wrongly released */
bool outcome_is_clean(const struct outcome *o);

/* A row; the cells are for the profiles in turn. */
struct matrix_row {
    const char *path, *label; /* borrowed of the reports, or static */
    bool whole_run;           /* @path is not one of the kernel's */
    bool times;               /* of the host: other numbers in each run */
    char **cells;             /* owned, as what they point to */
};

struct matrix {
    const struct outcome *o; /* borrowed */
    size_t nr;               /* profiles */
    struct matrix_row *rows; /* owned */
    size_t nr_rows;
};

/*
 * matrix_print_text - for people: profiles that differ in no row but in times
 * share a column
 *
 * Returns 0, or -ENOMEM.
 */
MUST_CHECK int matrix_print_text(FILE *out, const struct matrix *m);
