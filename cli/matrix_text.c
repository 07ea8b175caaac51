// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/matrix.h"

#define LABEL_WIDTH 20
#define GAP         2 /* before a column */
/* Room for times, which widen no column: it would change from run to run. */
#define MIN_WIDTH 10

/* Profiles that did the same share a column, below the names of all. */
struct column {
    size_t *members; /* owned; positions in matrix.o */
    size_t nr;
    int width;
};

static bool did_the_same(const struct matrix *m, size_t a, size_t b)
{
    for (size_t r = 0; r < m->nr_rows; r++)
        if (!m->rows[r].times &&
            strcmp(m->rows[r].cells[a], m->rows[r].cells[b]) != 0)
            return false;
    return true;
}

static int join(struct column *c, size_t i)
{
    size_t *more = reallocarray(c->members, c->nr + 1, sizeof(*more));

    if (!more)
        return -ENOMEM;
    more[c->nr++] = i;
    c->members = more;
    return 0;
}

/* @columns: room for m->nr; *nr: how many there come to be */
static int make_columns(const struct matrix *m, struct column *columns,
                        size_t *nr)
{
    for (size_t i = 0; i < m->nr; i++) {
        size_t at = 0;

        while (at < *nr && !did_the_same(m, columns[at].members[0], i))
            at++;
        *nr += at == *nr;
        if (join(&columns[at], i) != 0)
            return -ENOMEM;
    }
    return 0;
}

/* Time is an average, over those that have one. */
static long long time_of(const struct matrix_row *row, const struct column *c)
{
    long long sum = 0, n = 0;

    for (size_t k = 0; k < c->nr; k++) {
        long long ns = strtoll(row->cells[c->members[k]], NULL, 10);

        sum += ns;
        n += ns != 0;
    }
    return n ? sum / n : 0;
}

static void put_cell(FILE *out, const struct matrix_row *row,
                     const struct column *c)
{
    const char *text = row->cells[c->members[0]];
    long long ns = row->times ? time_of(row, c) : 0;

    if (ns)
        fprintf(out, "%*lld", c->width, ns);
    else if (row->times || (strcmp(text, "0") == 0 && !row->whole_run))
        fprintf(out, "%*s", c->width, "-");
    else
        fprintf(out, "%*s", c->width, text);
}

static void widen(struct column *c, const char *text)
{
    int width = (int)strlen(text) + GAP;

    if (c->width < width)
        c->width = width;
}

static void measure(const struct matrix *m, struct column *c)
{
    c->width = MIN_WIDTH;
    for (size_t k = 0; k < c->nr; k++) {
        widen(c, m->o[c->members[k]].profile);
        for (size_t r = 0; r < m->nr_rows; r++)
            if (!m->rows[r].times)
                widen(c, m->rows[r].cells[c->members[k]]);
    }
}

/* A line for the first of each column, one for the second, ... */
static void put_names(FILE *out, const struct matrix *m,
                      const struct column *columns, size_t nr)
{
    bool any = true;

    for (size_t k = 0; any; k++) {
        int blank = LABEL_WIDTH;

        any = false;
        for (size_t i = 0; i < nr; i++) {
            const struct column *c = &columns[i];

            blank += c->width;
            if (k >= c->nr)
                continue;
            fprintf(out, "%*s", blank, m->o[c->members[k]].profile);
            blank = 0;
            any = true;
        }
        if (any)
            fputc('\n', out);
    }
}

static void put_rows(FILE *out, const struct matrix *m,
                     const struct column *columns, size_t nr)
{
    const char *path = "";

    for (size_t r = 0; r < m->nr_rows; r++) {
        const struct matrix_row *row = &m->rows[r];

        if (strcmp(path, row->path) != 0)
            fprintf(out, "%s\n", row->path);
        path = row->path;
        fprintf(out, "  %-*s", LABEL_WIDTH - 2, row->label);
        for (size_t i = 0; i < nr; i++)
            put_cell(out, row, &columns[i]);
        fputc('\n', out);
    }
}

int matrix_print_text(FILE *out, const struct matrix *m)
{
    struct column *columns = calloc(m->nr, sizeof(*columns));
    size_t nr = 0;
    int err = columns ? make_columns(m, columns, &nr) : -ENOMEM;

    for (size_t i = 0; i < nr && !err; i++)
        measure(m, &columns[i]);
    if (!err) {
        put_names(out, m, columns, nr);
        put_rows(out, m, columns, nr);
    }
    for (size_t i = 0; columns && i < m->nr; i++)
        free(columns[i].members);
    free(columns);
    return err;
}
