// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/matrix.h"
#include "print/report.h"

/* What is counted on each path, in the order of a copy's life. */
static const struct {
    const char *key, *label;
} path_rows[] = {
    {"saved", "saved"},       {"refused", "refused"},
    {"restored", "restored"}, {"moved", "moved"},
    {"shared", "shared"},     {"freed", "freed"},
    {"lost", "lost pages"},   {"stale", "stale pages"},
    {"leaked", "leaked"},     {"leaked_bytes", "leaked bytes"},
    {"ns", "ns a page"},
};

#define NR_PATH_ROWS (sizeof(path_rows) / sizeof(path_rows[0]))

static json_int_t get(const json_t *obj, const char *key)
{
    return json_integer_value(json_object_get(obj, key));
}

bool outcome_is_clean(const struct outcome *o)
{
    return !json_is_true(json_object_get(o->report, "errors"));
}

static bool same_output(const struct outcome *a, const struct outcome *b)
{
    return a->exit_code == b->exit_code && a->out_len == b->out_len &&
           memcmp(a->out, b->out, a->out_len) == 0;
}

static const char *verdict_of(const struct outcome *o)
{
    if (json_is_object(json_object_get(o->report, "kernel_bug")))
        return "kernel BUG";
    return outcome_is_clean(o) ? "clean" : "ERRORS";
}

/* "ns" is the average of the calls of the hooks. */
static json_int_t value_of(const json_t *path, const char *key)
{
    json_int_t calls = get(path, "hook_calls");

    if (strcmp(key, "ns") != 0)
        return get(path, key);
    return calls ? get(path, "hook_ns") / calls : 0;
}

static char *cell(json_int_t value)
{
    char *text = NULL;

    return asprintf(&text, "%lld", (long long)value) < 0 ? NULL : text;
}

/* A row without cells, at the end; NULL when there is no memory. */
static struct matrix_row *new_row(struct matrix *m, const char *path,
                                  const char *label)
{
    struct matrix_row *rows =
        reallocarray(m->rows, m->nr_rows + 1, sizeof(*rows));
    struct matrix_row row = {
        .path = path ? path : "whole run", .whole_run = !path, .label = label};

    if (!rows)
        return NULL;
    m->rows = rows;
    row.cells = calloc(m->nr, sizeof(*row.cells));
    if (!row.cells)
        return NULL;
    m->rows[m->nr_rows] = row;
    return &m->rows[m->nr_rows++];
}

/* Has every cell come to be? */
static int filled(const struct matrix *m, const struct matrix_row *row)
{
    for (size_t i = 0; i < m->nr; i++)
        if (!row->cells[i])
            return -ENOMEM;
    return 0;
}

static int add_path(struct matrix *m, const char *path)
{
    int err = 0;

    for (size_t r = 0; r < NR_PATH_ROWS && !err; r++) {
        struct matrix_row *row = NULL;

        for (size_t i = 0; i < m->nr; i++) {
            const json_t *paths = json_object_get(m->o[i].report, "paths");
            json_int_t v =
                value_of(json_object_get(paths, path), path_rows[r].key);

            if (!v)
                continue;
            if (!row && !(row = new_row(m, path, path_rows[r].label)))
                return -ENOMEM;
            row->cells[i] = cell(v);
            if (!row->cells[i])
                return -ENOMEM;
        }
        if (!row)
            continue;
        row->times = strcmp(path_rows[r].key, "ns") == 0;
        for (size_t i = 0; i < m->nr; i++)
            if (!row->cells[i])
                row->cells[i] = cell(0);
        err = filled(m, row);
    }
    return err;
}

/* Each path that a profile took, in the order of the first report. */
static int add_paths(struct matrix *m)
{
    json_t *seen = json_object();
    int err = seen ? 0 : -ENOMEM;

    for (size_t i = 0; i < m->nr && !err; i++) {
        json_t *paths = json_object_get(m->o[i].report, "paths"), *one;
        const char *path;

        json_object_foreach(paths, path, one)
        {
            if (err || json_object_get(seen, path))
                continue;
            json_object_set_new(seen, path, json_true());
            err = add_path(m, path);
        }
    }
    json_decref(seen);
    return err;
}

static int add_number(struct matrix *m, const char *object, const char *key,
                      const char *label)
{
    struct matrix_row *row = new_row(m, NULL, label);

    if (!row)
        return -ENOMEM;
    for (size_t i = 0; i < m->nr; i++) {
        const json_t *from = m->o[i].report;

        if (object)
            from = json_object_get(from, object);
        row->cells[i] = cell(get(from, key));
    }
    return filled(m, row);
}

static char *exit_status(const struct matrix *m, size_t i)
{
    return cell(m->o[i].exit_code);
}

static char *output(const struct matrix *m, size_t i)
{
    return strdup(same_output(&m->o[i], &m->o[0]) ? "same" : "differs");
}

static char *verdict(const struct matrix *m, size_t i)
{
    return strdup(verdict_of(&m->o[i]));
}

static int add_row(struct matrix *m, const char *label,
                   char *(*cell_of)(const struct matrix *m, size_t i))
{
    struct matrix_row *row = new_row(m, NULL, label);

    if (!row)
        return -ENOMEM;
    for (size_t i = 0; i < m->nr; i++)
        row->cells[i] = cell_of(m, i);
    return filled(m, row);
}

static int add_whole(struct matrix *m)
{
    int err = add_number(m, "totals", "lost_pages", "lost pages");

    if (!err)
        err = add_number(m, "totals", "stale_pages", "stale pages");
    if (!err)
        err = add_number(m, "totals", "leaked_bytes", "leaked bytes");
    if (!err)
        err = add_number(m, "totals", "wrong_releases", "wrong releases");
    if (!err)
        err = add_number(m, "totals", "refused_saves", "refused saves");
    if (!err)
        err = add_number(m, "totals", "mismatches", "mismatches");
    if (!err)
        err = add_number(m, NULL, "store_peak_bytes", "peak bytes");
    if (!err)
        err = add_row(m, "exit status", exit_status);
    if (!err)
        err = add_row(m, "output", output);
    return err ? err : add_row(m, "verdict", verdict);
}

static void matrix_fini(struct matrix *m)
{
    for (size_t r = 0; r < m->nr_rows; r++) {
        for (size_t i = 0; i < m->nr; i++)
            free(m->rows[r].cells[i]);
        free(m->rows[r].cells);
    }
    free(m->rows);
}

/* --------------------------------------------------------------- formats */

static void print_csv(FILE *out, const struct matrix *m)
{
    fputs("path,row", out);
    for (size_t i = 0; i < m->nr; i++)
        fprintf(out, ",%s", m->o[i].profile);
    fputc('\n', out);
    for (size_t r = 0; r < m->nr_rows; r++) {
        fprintf(out, "%s,%s", m->rows[r].path, m->rows[r].label);
        for (size_t i = 0; i < m->nr; i++)
            fprintf(out, ",%s", m->rows[r].cells[i]);
        fputc('\n', out);
    }
}

static json_t *json_cell(const char *text)
{
    char *end;
    long long v = strtoll(text, &end, 10);

    return *end ? json_string(text) : json_integer(v);
}

static json_t *json_row(const struct matrix *m, const struct matrix_row *row)
{
    json_t *values = json_object();

    for (size_t i = 0; i < m->nr; i++)
        json_object_set_new(values, m->o[i].profile, json_cell(row->cells[i]));
    return json_pack("{s:s, s:s, s:o}", "path", row->path, "row", row->label,
                     "values", values);
}

static int print_json(FILE *out, const struct matrix *m, const char *program)
{
    json_t *profiles = json_object(), *rows = json_array(), *root;
    int err = 0;

    for (size_t r = 0; r < m->nr_rows && !err; r++)
        if (json_array_append_new(rows, json_row(m, &m->rows[r])) != 0)
            err = -ENOMEM;
    for (size_t i = 0; i < m->nr; i++)
        json_object_set(profiles, m->o[i].profile, m->o[i].report);
    root = json_pack("{s:i, s:o, s:o, s:o}", "schema", REPORT_SCHEMA, "program",
                     json_name(program), "matrix", rows, "reports", profiles);
    if (!err && json_dumpf(root, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER))
        err = -EIO;
    fputc('\n', out);
    json_decref(root);
    return err;
}

static int print(FILE *out, enum matrix_format format, const char *program,
                 const struct matrix *m)
{
    switch (format) {
    case MATRIX_TEXT: return matrix_print_text(out, m);
    case MATRIX_JSON: return print_json(out, m, program);
    case MATRIX_CSV: print_csv(out, m); break;
    }
    return 0;
}

int matrix_print(FILE *out, enum matrix_format format, const char *program,
                 const struct outcome *o, size_t nr)
{
    struct matrix m = {.o = o, .nr = nr};
    int err = add_paths(&m);

    if (!err)
        err = add_whole(&m);
    errno = 0;
    if (!err)
        err = print(out, format, program, &m);
    if ((fflush(out) != 0 || ferror(out)) && err != -ENOMEM)
        err = errno ? -errno : -EIO;
    matrix_fini(&m);
    return err;
}
