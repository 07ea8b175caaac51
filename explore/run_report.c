// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/run_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "adi/profile.h"
#include "base/json.h"
#include "base/number.h"
#include "base/word.h"

#define HEAD  "==adiemu== "
#define BLANK "==adiemu==\n"

static bool is_there(const char *text)
{
    return strcmp(text, "-") != 0;
}

static void print_words(const char *const *words, FILE *out)
{
    for (size_t i = 0; words[i]; i++) {
        if (i)
            fputc(' ', out);
        print_word(out, words[i]);
    }
}

/* -------------------------------------------------------------- for people */

/* "leak (definitely leaked), on path zap" */
static void print_kind(const struct sighting *s, FILE *out)
{
    fputs(found_class_name(s->class), out);
    if (is_there(s->detail))
        fprintf(out, " (%s)", s->detail);
    if (is_there(s->path))
        fprintf(out, s->class == FOUND_MISMATCH ? ", in %s" : ", on path %s",
                s->path);
}

static bool can_have_cause(enum found_class c)
{
    return c == FOUND_LOST || c == FOUND_STALE || c == FOUND_LEAK ||
           c == FOUND_RELEASE || c == FOUND_REFUSED;
}

static void print_why(const struct sighting *s, FILE *out)
{
    if (found_is_ours(s->class))
        fputs(HEAD "   a fault of adiemu\n", out);
    if (is_there(s->cause))
        fprintf(out, HEAD "   %s() %s\n", s->function, s->what);
    else if (can_have_cause(s->class))
        fputs(HEAD "   no cause is known\n", out);
    if (*s->note)
        say_line(out, HEAD "   %s", s->note);
}

static void print_lines(const char *script, FILE *out)
{
    while (*script) {
        int len = (int)strcspn(script, "\n");

        fprintf(out, HEAD "      %.*s\n", len, script);
        script += len + (script[len] == '\n');
    }
}

static void print_way(const struct run_finding *f, FILE *out)
{
    const struct shrunk *way = f->way;

    if (f->seen->seed == 0)
        fputs(HEAD "   in the plain run:\n", out);
    else if (way->runs == 0)
        fprintf(out, HEAD "   by seed %" PRIu64 ":\n", f->seen->seed);
    else
        fprintf(out, HEAD "   by seed %" PRIu64 ", shrunk in %u run%s to:\n",
                f->seen->seed, way->runs, plural(way->runs));
    fputs(HEAD "      ", out);
    print_words(f->words, out);
    fputc('\n', out);
    if (way->attempt.script) {
        fputs(HEAD "   with ", out);
        print_word(out, f->file ? f->file : RUN_REPORT_FILE);
        fprintf(out, ", %u line%s:\n", way->lines, plural(way->lines));
        print_lines(way->attempt.script, out);
    }
    if (way->not_lines)
        fputs(HEAD "   its stress, as lines of a script, does not show it\n",
              out);
    if (way->used_up)
        fputs(HEAD "   it may not be as small as it can be: --shrink gives it "
                   "no more runs\n",
              out);
}

static void print_finding(const struct run_outcome *o, unsigned n, FILE *out)
{
    const struct run_finding *f = &o->findings[n];

    fprintf(out, HEAD "%s, finding %u of %u: ", o->profile->name, n + 1, o->nr);
    print_kind(f->seen, out);
    fputc('\n', out);
    print_why(f->seen, out);
    print_way(f, out);
    fputs(BLANK, out);
}

/* "linux-6.2: 3 findings in 100 runs (seeds 1 to 100)" */
static void print_verdict(const struct run_report *r,
                          const struct run_outcome *o, FILE *out)
{
    char runs[COMMAS_BYTES];

    fprintf(out, HEAD "%s: ", o->profile->name);
    if (o->nr == 0)
        fputs("none", out);
    else
        fprintf(out, "%u finding%s", o->nr, plural(o->nr));
    if (o->runs == 0)
        fputs(" in the plain run, the only one", out);
    else
        fprintf(out, " in %s run%s (seed%s %" PRIu64, commas(o->runs, runs),
                plural(o->runs), plural(o->runs), r->first_seed);
    if (o->runs > 1)
        fprintf(out, " to %" PRIu64, r->first_seed + o->runs - 1);
    fprintf(out, "%s%s\n", o->runs ? ")" : "",
            o->stopped ? ", not all that were asked for" : "");
}

void run_report_text(const struct run_report *r, FILE *out)
{
    fputs(HEAD "EXPLORED: runs of ", out);
    print_words(r->program, out);
    fputs("\n" BLANK, out);
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++)
            print_finding(&r->outcomes[k], i, out);
    for (unsigned k = 0; k < r->nr; k++)
        print_verdict(r, &r->outcomes[k], out);
}

/* ------------------------------------------------------------ for programs */

void run_report_list(const struct run_report *r, FILE *out)
{
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++) {
            const struct sighting *s = r->outcomes[k].findings[i].seen;

            say_line(out, "%s, %s, %s, %s, %s", r->outcomes[k].profile->name,
                     found_class_name(s->class), s->detail, s->cause, s->path);
        }
}

static json_t *json_or_null(const char *text)
{
    return text && is_there(text) ? json_name(text) : json_null();
}

static json_t *json_words(const char *const *words)
{
    json_t *all = json_array();

    for (size_t i = 0; words[i]; i++)
        json_array_append_new(all, json_name(words[i]));
    return all;
}

static json_t *json_cause(const struct sighting *s)
{
    if (!is_there(s->cause))
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:b}", "id", s->cause, "function",
                     s->function, "what", s->what, "missing", s->missing);
}

static json_t *json_finding(const struct run_finding *f)
{
    const struct sighting *s = f->seen;
    const struct shrunk *way = f->way;

    return json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:i, s:i, s:b, s:b}",
        "class", found_class_name(s->class), "detail", json_or_null(s->detail),
        "cause", json_cause(s), "path", json_or_null(s->path), "note",
        *s->note ? json_name(s->note) : json_null(), "seed",
        (json_int_t)s->seed, "command_line", json_words(f->words),
        "script_file", json_or_null(f->file), "script",
        json_or_null(way->attempt.script), "lines", (int)way->lines,
        "shrink_runs", (int)way->runs, "runs_used_up", way->used_up,
        "not_as_lines", way->not_lines);
}

static json_t *json_kernel(const struct run_outcome *o)
{
    json_t *findings = json_array();

    for (unsigned i = 0; i < o->nr; i++)
        json_array_append_new(findings, json_finding(&o->findings[i]));
    return json_pack("{s:s, s:I, s:b, s:{s:I, s:I, s:i}, s:o}", "kernel",
                     o->profile->name, "runs", (json_int_t)o->runs, "stopped",
                     o->stopped, "plain", "instructions", (json_int_t)o->insns,
                     "ram_peak_bytes", (json_int_t)o->ram_peak, "exit_status",
                     o->exit_code, "findings", findings);
}

int run_report_json(const struct run_report *r, FILE *out)
{
    json_t *kernels = json_array(), *all;
    int err;

    for (unsigned k = 0; k < r->nr; k++)
        json_array_append_new(kernels, json_kernel(&r->outcomes[k]));
    all = json_pack("{s:o, s:I, s:I, s:o}", "program", json_words(r->program),
                    "first_seed", (json_int_t)r->first_seed, "runs",
                    (json_int_t)r->runs, "kernels", kernels);
    err = all ? json_dumpf(all, out, JSON_INDENT(2)) : -1;
    json_decref(all);
    fputs("\n", out);
    return err ? -ENOMEM : 0;
}

void run_report_script(const struct run_outcome *o, unsigned n, FILE *out)
{
    const struct run_finding *f = &o->findings[n];

    fprintf(out, "# %s: %s\n# ", o->profile->name,
            found_class_name(f->seen->class));
    print_words(f->words, out);
    fprintf(out, "\n%s", f->way->attempt.script);
}
