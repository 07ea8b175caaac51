// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare.h"
#include "print/json.h"
#include "print/report.h"

#define LABEL_WIDTH 24
#define CELL_WIDTH  17
#define WHOLE_RUN   "whole run"

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

/* A row of the matrix; the values are for the profiles in turn. */
struct row {
    const char *path, *label;
    char **cells; /* borrowed */
};

typedef int (*row_fn)(void *ctx, const struct row *row);

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

struct matrix {
    const struct outcome *o;
    size_t nr;
    row_fn fn;
    void *ctx;
    char **cells; /* owned; nr of them */
};

/* Takes the strings in m->cells. */
static int emit(struct matrix *m, const char *path, const char *label)
{
    struct row row = {.path = path, .label = label, .cells = m->cells};
    int err = 0;

    for (size_t i = 0; i < m->nr; i++)
        if (!m->cells[i])
            err = -ENOMEM;
    if (!err)
        err = m->fn(m->ctx, &row);
    for (size_t i = 0; i < m->nr; i++) {
        free(m->cells[i]);
        m->cells[i] = NULL;
    }
    return err;
}

static int emit_path(struct matrix *m, const char *path)
{
    int err = 0;

    for (size_t r = 0; r < NR_PATH_ROWS && !err; r++) {
        bool any = false;

        for (size_t i = 0; i < m->nr; i++) {
            const json_t *paths = json_object_get(m->o[i].report, "paths");
            json_int_t v =
                value_of(json_object_get(paths, path), path_rows[r].key);

            any = any || v;
            free(m->cells[i]);
            m->cells[i] = cell(v);
        }
        if (any)
            err = emit(m, path, path_rows[r].label);
    }
    return err;
}

/* Each path that a profile took, in the order of the first report. */
static int emit_paths(struct matrix *m)
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
            err = emit_path(m, path);
        }
    }
    json_decref(seen);
    return err;
}

static int emit_number(struct matrix *m, const char *object, const char *key,
                       const char *label)
{
    for (size_t i = 0; i < m->nr; i++) {
        const json_t *from = m->o[i].report;

        if (object)
            from = json_object_get(from, object);
        free(m->cells[i]); /* of a path's row that was all 0 */
        m->cells[i] = cell(get(from, key));
    }
    return emit(m, WHOLE_RUN, label);
}

static int emit_whole(struct matrix *m)
{
    int err = emit_number(m, "totals", "lost_pages", "lost pages");

    if (!err)
        err = emit_number(m, "totals", "stale_pages", "stale pages");
    if (!err)
        err = emit_number(m, "totals", "leaked_bytes", "leaked bytes");
    if (!err)
        err = emit_number(m, "totals", "wrong_releases", "wrong releases");
    if (!err)
        err = emit_number(m, "totals", "refused_saves", "refused saves");
    if (!err)
        err = emit_number(m, "totals", "mismatches", "mismatches");
    if (!err)
        err = emit_number(m, NULL, "store_peak_bytes", "peak bytes");
    for (size_t i = 0; i < m->nr && !err; i++)
        m->cells[i] = cell(m->o[i].exit_code);
    if (!err)
        err = emit(m, WHOLE_RUN, "exit status");
    for (size_t i = 0; i < m->nr && !err; i++)
        m->cells[i] =
            strdup(same_output(&m->o[i], &m->o[0]) ? "same" : "differs");
    if (!err)
        err = emit(m, WHOLE_RUN, "output");
    for (size_t i = 0; i < m->nr && !err; i++)
        m->cells[i] = strdup(outcome_is_clean(&m->o[i]) ? "clean" : "ERRORS");
    return err ? err : emit(m, WHOLE_RUN, "verdict");
}

/* --------------------------------------------------------------- formats */

struct printer {
    FILE *out;
    size_t nr;
    char last_path[64];
    json_t *rows; /* of MATRIX_JSON */
    const struct outcome *o;
};

static int text_row(void *ctx, const struct row *row)
{
    struct printer *p = ctx;

    if (strcmp(p->last_path, row->path) != 0)
        fprintf(p->out, "%s\n", row->path);
    snprintf(p->last_path, sizeof(p->last_path), "%s", row->path);
    fprintf(p->out, "  %-*s", LABEL_WIDTH - 2, row->label);
    for (size_t i = 0; i < p->nr; i++) {
        bool none = strcmp(row->cells[i], "0") == 0 &&
                    strcmp(row->path, WHOLE_RUN) != 0;

        fprintf(p->out, "%*s", CELL_WIDTH, none ? "-" : row->cells[i]);
    }
    fputc('\n', p->out);
    return 0;
}

static int csv_row(void *ctx, const struct row *row)
{
    struct printer *p = ctx;

    fprintf(p->out, "%s,%s", row->path, row->label);
    for (size_t i = 0; i < p->nr; i++)
        fprintf(p->out, ",%s", row->cells[i]);
    fputc('\n', p->out);
    return 0;
}

static json_t *json_cell(const char *text)
{
    char *end;
    long long v = strtoll(text, &end, 10);

    return *end ? json_string(text) : json_integer(v);
}

static int json_row(void *ctx, const struct row *row)
{
    struct printer *p = ctx;
    json_t *values = json_object();

    for (size_t i = 0; i < p->nr; i++)
        json_object_set_new(values, p->o[i].profile, json_cell(row->cells[i]));
    return json_array_append_new(p->rows,
                                 json_pack("{s:s, s:s, s:o}", "path", row->path,
                                           "row", row->label, "values", values))
               ? -ENOMEM
               : 0;
}

static int emit_all(struct printer *p, const struct outcome *o, size_t nr,
                    row_fn fn)
{
    struct matrix m = {.o = o,
                       .nr = nr,
                       .fn = fn,
                       .ctx = p,
                       .cells = calloc(nr, sizeof(*m.cells))};
    int err = m.cells ? 0 : -ENOMEM;

    if (!err)
        err = emit_paths(&m);
    if (!err)
        err = emit_whole(&m);
    for (size_t i = 0; m.cells && i < nr; i++)
        free(m.cells[i]);
    free(m.cells);
    return err;
}

static int print_json(struct printer *p, const char *program)
{
    json_t *profiles = json_object(), *root;
    int err;

    p->rows = json_array();
    err = emit_all(p, p->o, p->nr, json_row);
    for (size_t i = 0; i < p->nr; i++)
        json_object_set(profiles, p->o[i].profile, p->o[i].report);
    root =
        json_pack("{s:i, s:o, s:o, s:o}", "schema", REPORT_SCHEMA, "program",
                  json_name(program), "matrix", p->rows, "reports", profiles);
    if (!err && json_dumpf(root, p->out, JSON_INDENT(2) | JSON_PRESERVE_ORDER))
        err = -EIO;
    fputc('\n', p->out);
    json_decref(root);
    return err;
}

static int print_table(struct printer *p, enum matrix_format format)
{
    bool text = format == MATRIX_TEXT;

    if (text)
        fprintf(p->out, "%-*s", LABEL_WIDTH, "");
    else
        fputs("path,row", p->out);
    for (size_t i = 0; i < p->nr; i++) {
        if (text)
            fprintf(p->out, "%*s", CELL_WIDTH, p->o[i].profile);
        else
            fprintf(p->out, ",%s", p->o[i].profile);
    }
    fputc('\n', p->out);
    return emit_all(p, p->o, p->nr, text ? text_row : csv_row);
}

int matrix_print(FILE *out, enum matrix_format format, const char *program,
                 const struct outcome *o, size_t nr)
{
    struct printer p = {.out = out, .nr = nr, .o = o};
    int err;

    errno = 0;
    err = format == MATRIX_JSON ? print_json(&p, program)
                                : print_table(&p, format);
    if ((fflush(out) != 0 || ferror(out)) && err != -ENOMEM)
        err = errno ? -errno : -EIO;
    return err;
}
