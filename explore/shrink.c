// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/shrink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/ddmin.h"

/* Of our own: there are no runs left. */
#define USED_UP 1

/* Without each part, and with a plainer one. */
#define MAX_LESS (2 * PLAN_KINDS)

struct shrinker {
    const struct shrink_config *config;
    struct shrunk *now;
    const char **line; /* owned; into the text of all */
    size_t nr_lines;
};

/*
 * Those for which there are runs left.  They count as if one came after the
 * other, and none after the first that shows it.
 */
static int first_of(struct shrinker *s, const struct attempt *attempts,
                    size_t nr, long *first, char **lines)
{
    unsigned left = s->config->max_runs - s->now->runs;
    size_t some = nr < left ? nr : left;
    int err;

    *first = -1;
    if (some == 0)
        return USED_UP;
    err = s->config->first(s->config->ctx, attempts, some, first, lines);
    if (err)
        return err;
    s->now->runs += *first >= 0 ? (unsigned)*first + 1 : (unsigned)some;
    return *first < 0 && some < nr ? USED_UP : 0;
}

/* ------------------------------------------------------------- the options */

/* A part that stays may do as it is by seed 0. */
static bool make_plainer(struct plan *p, unsigned n)
{
    char *comma = strchr(p->parts[n].word, ',');

    if (p->parts[n].kind != PLAN_DEVICE || !comma)
        return false;
    *comma = '\0';
    return true;
}

/* The plans with less of one of the parts, from the @at-th on. */
static unsigned list_less(const struct shrinker *s, unsigned at,
                          struct attempt less[static MAX_LESS],
                          unsigned which[static MAX_LESS])
{
    const struct attempt *now = &s->now->attempt;
    unsigned nr = 0;

    for (unsigned i = at; i < now->plan.nr; i++) {
        struct plan plainer = now->plan;

        if (!(s->config->stays >> now->plan.parts[i].kind & 1)) {
            which[nr] = i;
            less[nr++] =
                (struct attempt){plan_without(&now->plan, i), now->script};
        }
        if (make_plainer(&plainer, i)) {
            which[nr] = i;
            less[nr++] = (struct attempt){plainer, now->script};
        }
    }
    return nr;
}

/* Each by itself, the first that can go; then those after it. */
static int drop_parts(struct shrinker *s)
{
    struct attempt less[MAX_LESS];
    unsigned which[MAX_LESS], at = 0, nr;
    int err = 0;

    while (!err && (nr = list_less(s, at, less, which)) > 0) {
        long first;

        err = first_of(s, less, nr, &first, NULL);
        if (first < 0)
            break;
        s->now->attempt.plan = less[first].plan;
        at = which[first];
    }
    return err;
}

/* --------------------------------------------------------------- the lines */

static void free_lines(struct shrinker *s)
{
    free((void *)s->line);
    s->line = NULL;
    s->nr_lines = 0;
}

/* Of @text, which is cut at its newlines. */
static int cut_lines(struct shrinker *s, char *text)
{
    char *rest = text, *line;

    s->line = calloc(strlen(text) / 2 + 1, sizeof(*s->line));
    if (!s->line)
        return -ENOMEM;
    while ((line = strsep(&rest, "\n")) != NULL)
        if (*line && *line != '#')
            s->line[s->nr_lines++] = line;
    return 0;
}

static char *join(const struct shrinker *s, const bool *has)
{
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);

    if (!out)
        return NULL;
    for (size_t i = 0; i < s->nr_lines; i++)
        if (has[i])
            fprintf(out, "%s\n", s->line[i]);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* ddmin_first_fn */
static int first_set(void *ctx, const struct ddmin_sets *sets, long *first)
{
    struct shrinker *s = ctx;
    struct attempt *all = calloc(sets->nr, sizeof(*all));
    int err = all ? 0 : -ENOMEM;

    for (size_t i = 0; !err && i < sets->nr; i++) {
        all[i].plan = s->now->attempt.plan;
        all[i].script = join(s, sets->has + i * sets->things);
        err = all[i].script ? 0 : -ENOMEM;
    }
    if (!err)
        err = first_of(s, all, sets->nr, first, NULL);
    for (size_t i = 0; all && i < sets->nr; i++)
        free(all[i].script);
    free(all);
    return err;
}

static int shrink_lines(struct shrinker *s)
{
    bool *keep = calloc(s->nr_lines + 1, sizeof(*keep));
    char *text;
    int err = keep ? ddmin(s->nr_lines, keep, first_set, s) : -ENOMEM;

    text = keep ? join(s, keep) : NULL;
    if (text) {
        free(s->now->attempt.script);
        s->now->attempt.script = text;
        s->now->lines = 0;
        for (size_t i = 0; i < s->nr_lines; i++)
            s->now->lines += keep[i];
    } else {
        err = -ENOMEM;
    }
    free(keep);
    return err;
}

/* What the stress did, in place of the stress. */
static int write_lines(struct shrinker *s, const char *text)
{
    struct attempt *now = &s->now->attempt;
    struct attempt lines = {plan_without_stress(&now->plan), strdup(text)};
    long first;
    int err = lines.script ? first_of(s, &lines, 1, &first, NULL) : -ENOMEM;

    if (!err && first == 0) {
        *now = lines;
        s->now->lines = (unsigned)s->nr_lines;
        return 0;
    }
    s->now->not_lines = !err;
    free(lines.script);
    return err;
}

static bool has_stress(const struct plan *p)
{
    return plan_has(p, PLAN_SWAP) || plan_has(p, PLAN_MIGRATE);
}

static int shrink_stress(struct shrinker *s)
{
    char *text = NULL, *cut = NULL;
    long first;
    int err;

    if (!has_stress(&s->now->attempt.plan))
        return 0;
    err = first_of(s, &s->now->attempt, 1, &first, &text);
    if (!err && (first < 0 || !text))
        s->now->not_lines = true;
    else if (!err) {
        cut = strdup(text);
        err = cut ? cut_lines(s, cut) : -ENOMEM;
        if (!err)
            err = write_lines(s, text);
        if (!err && s->now->attempt.script)
            err = shrink_lines(s);
        /* What came before may have been for the stress. */
        if (!err && s->now->attempt.script)
            err = drop_parts(s);
        free_lines(s);
    }
    free(cut);
    free(text);
    return err;
}

int shrink(const struct shrink_config *config, const struct plan *plan,
           struct shrunk *out)
{
    struct shrinker s = {.config = config, .now = out};
    int err;

    *out = (struct shrunk){.attempt = {.plan = *plan}};
    err = drop_parts(&s);
    if (!err)
        err = shrink_stress(&s);
    out->used_up = err == USED_UP;
    return err == USED_UP ? 0 : err;
}

void shrunk_free(struct shrunk *s)
{
    free(s->attempt.script);
    *s = (struct shrunk){.runs = 0};
}
