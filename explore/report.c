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

#define MISSING_SAID 10u /* slices */

/* "slices 3, 7 of 8 are missing" */
static void print_missing(const struct report *r, FILE *out)
{
    fprintf(out, "slice%s", plural(r->nr_missing));
    for (unsigned i = 0; i < r->nr_missing && i < MISSING_SAID; i++)
        fprintf(out, "%s %u", i ? "," : "", r->missing[i]);
    if (r->nr_missing > MISSING_SAID)
        fprintf(out, " and %u more", r->nr_missing - MISSING_SAID);
    fprintf(out, " of %u %s missing", r->slices,
            r->nr_missing == 1 ? "is" : "are");
}

static void print_how_far(const struct report *r, const struct outcome *o,
                          FILE *out)
{
    if (r->slice)
        fprintf(out, "slice %u of %u ", r->slice, r->slices);
    if (r->nr_missing) {
        fputs("not complete: ", out);
        print_missing(r, out);
    } else if (o->result.stopped)
        fprintf(out, "not complete: %s after depth %u",
                search_end_text(o->result.stopped), o->result.complete);
    else if (o->result.all)
        fputs("complete to any depth", out);
    else
        fprintf(out, "complete to depth %u", o->result.complete);
}

/* "linux-6.2: 23 findings, complete to depth 9 (222,104 states)" */
static void print_verdict(const struct report *r, const struct outcome *o,
                          FILE *out)
{
    char states[COMMAS_BYTES];

    fprintf(out, HEAD "%s: ", o->profile->name);
    if (o->nr == 0)
        fputs("none, ", out);
    else
        fprintf(out, "%u finding%s, ", o->nr, plural(o->nr));
    print_how_far(r, o, out);
    fprintf(out, " (%s state%s%s)\n", commas(o->result.states, states),
            plural(o->result.states),
            r->slices && !r->slice ? ", some in more than one slice" : "");
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
    if (f->key.path != PATH_NONE)
        fprintf(out, ", on path %s", mm_path_name(f->key.path));
    fputs("\n", out);
    if (f->key.class == FOUND_CRASH)
        fputs(HEAD "   a fault of adiemu\n", out);
    else if (f->key.class == FOUND_INVARIANT)
        fprintf(out, HEAD "   invariant %u is broken: a fault of adiemu\n",
                f->key.detail);
    else if (f->cause.id == CAUSE_UNKNOWN)
        fputs(HEAD "   no cause is known\n", out);
    else
        fprintf(out, HEAD "   %s() %s\n", f->cause.function, f->cause.what);
    fprintf(out, HEAD "   in %u step%s:\n", f->length, plural(f->length));
    print_lines(f->script, out);
    fputs(BLANK, out);
}

/* NULL: it was seen on none. */
static const char *path_of(const struct outcome_finding *f)
{
    return f->key.path == PATH_NONE ? NULL : mm_path_name(f->key.path);
}

static const char *word(const char *text)
{
    return text ? text : "-";
}

/* ------------------------------------------------- class against kernel */

static const struct outcome_finding *find(const struct outcome *o,
                                          const struct found_key *key)
{
    for (unsigned i = 0; i < o->nr; i++)
        if (found_same(&o->findings[i].key, key))
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
             f->cause.name ? f->cause.name : "?", word(path_of(f)));
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

/* ---------------------------------------------------- what it came by */

#define IDLE_SAID 3u /* steps */

typedef const char *(*name_fn)(unsigned n);

static unsigned nr_bits(uint64_t bits)
{
    return (unsigned)__builtin_popcountll(bits);
}

static void print_idle(const struct report *r, const struct outcome *o,
                       FILE *out)
{
    if (o->nr_idle == 0)
        return;
    fprintf(out,
            HEAD "%s: never did anything: %u of %u steps: ", o->profile->name,
            o->nr_idle, r->nr_steps);
    for (unsigned i = 0; i < o->nr_idle && i < IDLE_SAID; i++)
        fprintf(out, "%s\"%s\"", i ? ", " : "", o->idle[i]);
    if (o->nr_idle > IDLE_SAID)
        fprintf(out, " and %u more", o->nr_idle - IDLE_SAID);
    fputs("\n", out);
}

/* "linux-6.2: reached 2 of 3 hooks (never unmap_migrate), 7 of 20 paths" */
static void print_coverage(const struct report *r, const struct outcome *o,
                           FILE *out)
{
    uint64_t hooks = coverage_all_hooks(o->profile);
    uint64_t paths = coverage_all_paths(o->profile);
    const struct coverage *c = &o->result.coverage;
    const char *lead = " (never ";

    fprintf(out, HEAD "%s: reached %u of %u hooks", o->profile->name,
            nr_bits(c->hooks & hooks), nr_bits(hooks));
    for (unsigned n = 0; coverage_hook(n); n++)
        if (hooks & ~c->hooks & UINT64_C(1) << n) {
            fprintf(out, "%s%s", lead, coverage_hook(n));
            lead = ", ";
        }
    fprintf(out, "%s, %u of %u paths\n", hooks & ~c->hooks ? ")" : "",
            nr_bits(c->paths & paths), nr_bits(paths));
    print_idle(r, o, out);
}

void report_text(const struct report *r, FILE *out)
{
    fprintf(out, HEAD "EXPLORED: %u steps (%s), %u page%s, %u process%s\n",
            r->nr_steps, r->actions, r->size.nr_pages, plural(r->size.nr_pages),
            r->size.nr_processes, r->size.nr_processes == 1 ? "" : "es");
    fprintf(out,
            HEAD "Scripts are for \"adiemu script %s --kernel=...\"\n" BLANK,
            r->options);
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++)
            print_finding(&r->outcomes[k], i, out);
    if (r->nr > 1 && any_finding(r))
        print_table(r, out);
    for (unsigned k = 0; k < r->nr; k++)
        print_coverage(r, &r->outcomes[k], out);
    for (unsigned k = 0; k < r->nr; k++)
        print_verdict(r, &r->outcomes[k], out);
}

/* --------------------------------------------------------- for programs */

void report_list(const struct report *r, FILE *out)
{
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++) {
            const struct outcome_finding *f = &r->outcomes[k].findings[i];
            const char *class = found_class_name(f->key.class);
            const char *detail = outcome_detail(&f->key);

            fprintf(out, "%s, %s, %s, %s, %s\n", r->outcomes[k].profile->name,
                    class, word(detail), word(f->cause.name), word(path_of(f)));
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
    json_t *all =
        json_pack("{s:s, s:o, s:o, s:o, s:i, s:s, s:O}", "class",
                  found_class_name(f->key.class), "detail",
                  or_null(outcome_detail(&f->key)), "cause", cause, "path",
                  or_null(path_of(f)), "steps", (int)f->length, "script",
                  f->script, "story", f->story);

    if (f->key.class == FOUND_INVARIANT)
        json_object_set_new(all, "invariant",
                            json_integer((json_int_t)f->key.detail));
    return all;
}

static json_t *json_of_names(uint64_t bits, name_fn name)
{
    json_t *names = json_array();

    for (unsigned n = 0; name(n); n++)
        if (bits >> n & 1)
            json_array_append_new(names, json_string(name(n)));
    return names;
}

static json_t *json_of_part(uint64_t reached, uint64_t all, name_fn name)
{
    return json_pack("{s:o, s:o}", "reached",
                     json_of_names(reached & all, name), "never",
                     json_of_names(all & ~reached, name));
}

static void add_coverage(const struct outcome *o, json_t *kernel)
{
    const struct coverage *c = &o->result.coverage;
    json_t *idle = json_array();

    for (unsigned i = 0; i < o->nr_idle; i++)
        json_array_append_new(idle, json_string(o->idle[i]));
    json_object_set_new(
        kernel, "hooks",
        json_of_part(c->hooks, coverage_all_hooks(o->profile), coverage_hook));
    json_object_set_new(
        kernel, "paths",
        json_of_part(c->paths, coverage_all_paths(o->profile), coverage_path));
    json_object_set_new(kernel, "idle_steps", idle);
}

static json_t *json_of_kernel(const struct report *r, const struct outcome *o)
{
    const struct search_share *share = &o->result.share;
    json_t *findings = json_array(), *all;

    for (unsigned i = 0; i < o->nr; i++)
        json_array_append_new(findings, json_of_finding(&o->findings[i]));
    all = json_pack("{s:s, s:i, s:b, s:o, s:I, s:I, s:o}", "kernel",
                    o->profile->name, "complete_depth", (int)o->result.complete,
                    "any_depth", o->result.all, "stopped",
                    or_null(search_end_name(o->result.stopped)), "states",
                    (json_int_t)o->result.states, "tried",
                    (json_int_t)o->result.tries, "findings", findings);
    add_coverage(o, all);
    if (r->slice)
        json_object_set_new(all, "share",
                            json_pack("{s:i, s:I, s:I}", "depth",
                                      (int)share->depth, "states",
                                      (json_int_t)share->states, "own",
                                      (json_int_t)share->own));
    return all;
}

static void add_slices(const struct report *r, json_t *all)
{
    json_t *missing = json_array();

    for (unsigned i = 0; i < r->nr_missing; i++)
        json_array_append_new(missing, json_integer(r->missing[i]));
    json_object_set_new(all, "slices", json_integer(r->slices));
    if (r->slice) {
        json_object_set_new(all, "slice", json_integer(r->slice));
        json_object_set_new(all, "identity", json_string(r->identity));
        json_decref(missing);
    } else
        json_object_set_new(all, "missing", missing);
}

json_t *report_tree(const struct report *r)
{
    json_t *kernels = json_array(), *all;

    for (unsigned k = 0; k < r->nr; k++)
        json_array_append_new(kernels, json_of_kernel(r, &r->outcomes[k]));
    all = json_pack("{s:s, s:i, s:i, s:i, s:i, s:s}", "actions", r->actions,
                    "steps", (int)r->nr_steps, "depth", (int)r->depth, "pages",
                    (int)r->size.nr_pages, "processes",
                    (int)r->size.nr_processes, "script_options", r->options);
    if (r->slices)
        add_slices(r, all);
    json_object_set_new(all, "kernels", kernels);
    return all;
}

int report_json(const struct report *r, FILE *out)
{
    json_t *all = report_tree(r);
    int err = all ? json_dumpf(all, out, JSON_INDENT(2)) : -1;
    json_decref(all);
    fputs("\n", out);
    return err ? -ENOMEM : 0;
}
