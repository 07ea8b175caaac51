// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/report.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "adi/profile.h"
#include "base/number.h"

#define HEAD  "==adiemu== "
#define BLANK "==adiemu==\n"

#define TABLE_HEAD "Steps to each finding"

/* "linux-6.2: 23 findings, complete to depth 9 (222,104 states)" */
static void print_verdict(const struct outcome *o, FILE *out)
{
    const struct search_result *r = &o->result;
    char states[COMMAS_BYTES];

    fprintf(out, "%s: ", o->profile->name);
    if (o->nr == 0)
        fputs("none, ", out);
    else
        fprintf(out, "%u finding%s, ", o->nr, o->nr == 1 ? "" : "s");
    if (r->all)
        fputs("complete to any depth", out);
    else
        fprintf(out, "complete to depth %u", r->complete);
    fprintf(out, " (%s states)", commas(r->states, states));
    if (r->used_up)
        fprintf(out, "; a longer sequence needs more than %d frames",
                WORLD_FRAMES);
}

/* "wrong release (unsaved)" */
static void print_class(const struct found_key *key, FILE *out)
{
    const char *detail = outcome_detail(key);

    fputs(found_class_name(key->class), out);
    if (detail)
        fprintf(out, " (%s)", detail);
}

static void print_lines(const char *script, FILE *out)
{
    while (*script) {
        int len = (int)strcspn(script, "\n");

        fprintf(out, HEAD "      %.*s\n", len, script);
        script += len + (script[len] == '\n');
    }
}

static void print_finding(const struct outcome *o, unsigned n, FILE *out)
{
    const struct outcome_finding *f = &o->findings[n];

    fprintf(out, HEAD "%s, finding %u of %u: ", o->profile->name, n + 1, o->nr);
    print_class(&f->key, out);
    fprintf(out, ", on path %s\n", mm_path_name(f->key.path));
    if (f->key.class == FOUND_CRASH)
        fputs(HEAD "   a fault of adiemu\n", out);
    else if (f->key.class == FOUND_INVARIANT)
        fprintf(out, HEAD "   invariant %u is broken: a fault of adiemu\n",
                f->key.detail);
    else if (f->cause.id == CAUSE_UNKNOWN)
        fputs(HEAD "   no cause is known\n", out);
    else
        fprintf(out, HEAD "   %s() %s\n", f->cause.function, f->cause.what);
    fprintf(out, HEAD "   in %u step%s:\n", f->length,
            f->length == 1 ? "" : "s");
    print_lines(f->script, out);
    fputs(BLANK, out);
}

/* ------------------------------------------------- class against kernel */

static bool same(const struct found_key *a, const struct found_key *b)
{
    return a->class == b->class && a->detail == b->detail &&
           a->cause == b->cause && a->path == b->path;
}

static const struct outcome_finding *find(const struct outcome *o,
                                          const struct found_key *key)
{
    for (unsigned i = 0; i < o->nr; i++)
        if (same(&o->findings[i].key, key))
            return &o->findings[i];
    return NULL;
}

/* Did a kernel before the @k-th have it? */
static bool was_there(const struct report *r, unsigned k,
                      const struct found_key *key)
{
    for (unsigned i = 0; i < k; i++)
        if (find(&r->outcomes[i], key))
            return true;
    return false;
}

#define ROW_NAME_MAX 96

/* "leak (definitely leaked), zap, zap" */
static const char *row_name(const struct outcome_finding *f,
                            char buf[static ROW_NAME_MAX])
{
    const char *detail = outcome_detail(&f->key);

    snprintf(buf, ROW_NAME_MAX, "%s%s%s%s, %s, %s",
             found_class_name(f->key.class), detail ? " (" : "",
             detail ? detail : "", detail ? ")" : "",
             f->cause.name ? f->cause.name : "?", mm_path_name(f->key.path));
    return buf;
}

static void print_row(const struct report *r, int wide,
                      const struct outcome_finding *first, FILE *out)
{
    char name[ROW_NAME_MAX];

    fprintf(out, HEAD "%-*s", wide, row_name(first, name));
    for (unsigned k = 0; k < r->nr; k++) {
        const struct outcome_finding *f = find(&r->outcomes[k], &first->key);
        int width = (int)strlen(r->outcomes[k].profile->name);

        if (f)
            fprintf(out, "  %*u", width, f->length);
        else
            fprintf(out, "  %*s", width, "-");
    }
    fputs("\n", out);
}

static int widest_row(const struct report *r)
{
    char name[ROW_NAME_MAX];
    size_t wide = strlen(TABLE_HEAD);

    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++) {
            size_t len = strlen(row_name(&r->outcomes[k].findings[i], name));

            wide = len > wide ? len : wide;
        }
    return (int)wide;
}

static bool any_finding(const struct report *r)
{
    unsigned nr = 0;

    for (unsigned k = 0; k < r->nr; k++)
        nr += r->outcomes[k].nr;
    return nr > 0;
}

/* Each cell: the steps of the shortest way. */
static void print_table(const struct report *r, FILE *out)
{
    int wide = widest_row(r);

    fprintf(out, HEAD "%-*s", wide, TABLE_HEAD);
    for (unsigned k = 0; k < r->nr; k++)
        fprintf(out, "  %s", r->outcomes[k].profile->name);
    fputs("\n", out);
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++) {
            const struct outcome_finding *f = &r->outcomes[k].findings[i];

            if (!was_there(r, k, &f->key))
                print_row(r, wide, f, out);
        }
    fputs(BLANK, out);
}

void report_text(const struct report *r, FILE *out)
{
    char options[OUTCOME_OPTIONS_MAX];

    fprintf(out, HEAD "EXPLORED: %u steps (%s), %u page%s, %u process%s\n",
            r->alphabet->nr, r->actions, r->size->nr_pages,
            r->size->nr_pages == 1 ? "" : "s", r->size->nr_processes,
            r->size->nr_processes == 1 ? "" : "es");
    fprintf(out,
            HEAD "Scripts are for \"adiemu script %s --kernel=...\"\n" BLANK,
            outcome_options(r->world, options));
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++)
            print_finding(&r->outcomes[k], i, out);
    if (r->nr > 1 && any_finding(r))
        print_table(r, out);
    for (unsigned k = 0; k < r->nr; k++) {
        fputs(HEAD, out);
        print_verdict(&r->outcomes[k], out);
        fputs("\n", out);
    }
}

/* --------------------------------------------------------- for programs */

static const char *word(const char *text)
{
    return text ? text : "-";
}

void report_list(const struct report *r, FILE *out)
{
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++) {
            const struct outcome_finding *f = &r->outcomes[k].findings[i];
            const char *class = found_class_name(f->key.class);
            const char *detail = outcome_detail(&f->key);

            fprintf(out, "%s, %s, %s, %s, %s\n", r->outcomes[k].profile->name,
                    class, word(detail), word(f->cause.name),
                    mm_path_name(f->key.path));
        }
}

static json_t *or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *json_of_finding(const struct outcome_finding *f)
{
    json_t *cause = f->cause.id == CAUSE_UNKNOWN
                        ? json_null()
                        : json_pack("{s:s, s:s, s:s, s:b}", "id", f->cause.name,
                                    "function", f->cause.function, "what",
                                    f->cause.what, "missing", f->cause.missing);

    return json_pack("{s:s, s:o, s:o, s:s, s:i, s:s}", "class",
                     found_class_name(f->key.class), "detail",
                     or_null(outcome_detail(&f->key)), "cause", cause, "path",
                     mm_path_name(f->key.path), "steps", (int)f->length,
                     "script", f->script);
}

static json_t *json_of_kernel(const struct outcome *o)
{
    json_t *findings = json_array();

    for (unsigned i = 0; i < o->nr; i++)
        json_array_append_new(findings, json_of_finding(&o->findings[i]));
    return json_pack("{s:s, s:i, s:b, s:b, s:I, s:o}", "kernel",
                     o->profile->name, "complete_depth",
                     (int)o->result.complete, "any_depth", o->result.all,
                     "stopped", o->result.stopped, "states",
                     (json_int_t)o->result.states, "findings", findings);
}

int report_json(const struct report *r, FILE *out)
{
    char options[OUTCOME_OPTIONS_MAX];
    json_t *kernels = json_array(), *all;
    int err;

    for (unsigned k = 0; k < r->nr; k++)
        json_array_append_new(kernels, json_of_kernel(&r->outcomes[k]));
    all = json_pack("{s:s, s:i, s:i, s:i, s:s, s:o}", "actions", r->actions,
                    "steps", (int)r->alphabet->nr, "pages",
                    (int)r->size->nr_pages, "processes",
                    (int)r->size->nr_processes, "script_options",
                    outcome_options(r->world, options), "kernels", kernels);
    err = all ? json_dumpf(all, out, JSON_INDENT(2)) : -1;
    json_decref(all);
    fputs("\n", out);
    return err ? -ENOMEM : 0;
}
