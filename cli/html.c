// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/html.h"

#include <argp.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/word.h"
#include "cli/html_explore.h"
#include "cli/options.h"
#include "cli/output.h"
#include "print/report.h"

#define EXIT_DATA 64 /* the file is no report; as for an event script */

enum key { KEY_HTML = 0x300 };

struct options {
    bool html;
    const char *in;  /* "-": stdin */
    const char *out; /* NULL: stdout */
};

static const struct argp_option options[] = {
    {"html", KEY_HTML, NULL, 0, "one page that needs no other file", 1},
    {"output", 'o', "FILE", 0, "write it there (default stdout)", 1},
    {0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    switch (key) {
    case KEY_HTML: o->html = true; break;
    case 'o': o->out = arg; break;
    case ARGP_KEY_ARG:
        if (o->in)
            argp_error(state, "more than one report: %s", arg);
        o->in = arg;
        break;
    case ARGP_KEY_END:
        if (!o->html)
            argp_error(state, "no format; there is --html");
        if (!o->in)
            argp_error(state, "no report to read");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "RUN.json",
    .doc =
        "Make a page for a browser of the report that \"adiemu run "
        "--report-format=json\", \"adiemu compare --format=json\" or \"adiemu "
        "explore --report-format=json\" has written; of a run made with "
        "--history it has a time line and a map "
        "of the tags.  RUN.json may be -, for standard input.\v"
        "Exit status: 0, 64 for a wrong option or a file that is no "
        "report, 74 when the page could not be written.",
    .children = options_help,
};

/* ------------------------------------------------------------- the report */

static const char *name_of(const struct options *o)
{
    return strcmp(o->in, "-") == 0 ? "stdin" : o->in;
}

/* NULL after a line on stderr. */
static json_t *load(const struct options *o)
{
    FILE *in = strcmp(o->in, "-") == 0 ? stdin : fopen(o->in, "r");
    json_error_t error;
    json_t *root;

    if (!in) {
        say_line(stderr, "adiemu report: %s: %s", o->in, strerror(errno));
        return NULL;
    }
    errno = 0;
    root = json_loadf(in, 0, &error);
    if (!root && ferror(in))
        say_line(stderr, "adiemu report: %s: %s", name_of(o), strerror(errno));
    else if (!root)
        say_line(stderr, "%s:%d:%d: %s", name_of(o), error.line, error.column,
                 error.text);
    if (in != stdin)
        fclose(in);
    return root;
}

struct field {
    const char *key;
    json_type type;
};

/* What the HTML relies on.  Other keys are shown when they are there. */
static const struct field of_run[] = {
    {"profile", JSON_STRING},      {"command", JSON_STRING},
    {"events", JSON_INTEGER},      {"counters", JSON_OBJECT},
    {"totals", JSON_OBJECT},       {"paths", JSON_OBJECT},
    {"records", JSON_ARRAY},       {"leaks", JSON_ARRAY},
    {"pages", JSON_ARRAY},         {"wrong_releases", JSON_ARRAY},
    {"refused_saves", JSON_ARRAY}, {NULL, JSON_NULL},
};

static const struct field of_compare[] = {
    {"program", JSON_STRING},
    {"matrix", JSON_ARRAY},
    {"reports", JSON_OBJECT},
    {NULL, JSON_NULL},
};

static const struct field of_history[] = {
    {"events", JSON_ARRAY},     {"lives", JSON_ARRAY}, {"spaces", JSON_ARRAY},
    {"functions", JSON_OBJECT}, {NULL, JSON_NULL},
};

/* The key that is not there or not of its type, or NULL. */
static const char *missing(const json_t *obj, const struct field *fields)
{
    for (; fields->key; fields++) {
        const json_t *v = json_object_get(obj, fields->key);

        if (!v || json_typeof(v) != fields->type)
            return fields->key;
    }
    return NULL;
}

static const char *missing_of_run(const json_t *report)
{
    const json_t *history = json_object_get(report, "history");
    const char *key = missing(report, of_run);

    if (!key && history)
        key = missing(history, of_history);
    return key;
}

static const char *missing_of_compare(const json_t *root)
{
    const char *key = missing(root, of_compare), *profile;
    json_t *report;

    if (key)
        return key;
    json_object_foreach(json_object_get(root, "reports"), profile, report)
    {
        key = missing_of_run(report);
        if (key)
            return key;
    }
    return json_object_size(json_object_get(root, "reports")) ? NULL
                                                              : "reports";
}

static bool is_report(const struct options *o, const json_t *root)
{
    const json_t *schema = json_object_get(root, "schema");
    const char *key;

    if (html_is_explore(root)) {
        key = html_explore_missing(root);
        if (key)
            say_line(stderr, "%s:1:1: not a report: \"%s\" is missing or wrong",
                     name_of(o), key);
        return !key;
    }
    if (!json_is_integer(schema)) {
        say_line(stderr, "%s:1:1: not a report of adiemu", name_of(o));
        return false;
    }
    if (json_integer_value(schema) != REPORT_SCHEMA) {
        say_line(stderr,
                 "%s:1:1: a report of schema %" JSON_INTEGER_FORMAT
                 ", made by another adiemu; this one reads schema %d",
                 name_of(o), json_integer_value(schema), REPORT_SCHEMA);
        return false;
    }
    key = json_object_get(root, "reports") ? missing_of_compare(root)
                                           : missing_of_run(root);
    if (key)
        say_line(stderr, "%s:1:1: not a report: \"%s\" is missing or wrong",
                 name_of(o), key);
    return !key;
}

/* --------------------------------------------------------------- the HTML */

static void put(FILE *out, const unsigned char *bytes, size_t len)
{
    fwrite(bytes, 1, len, out);
}

/*
 * In JSON "<" is only found within strings.  Written as an escape, no text
 * of the program can end the element that the data is in.
 */
static int put_json(const char *text, size_t len, void *ctx)
{
    FILE *out = ctx;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '<')
            fputs("\\u003c", out);
        else
            fputc(text[i], out);
    }
    return 0;
}

static int put_data(FILE *out, const json_t *report)
{
    return json_dump_callback(report, put_json, out,
                              JSON_COMPACT | JSON_PRESERVE_ORDER)
               ? -ENOMEM
               : 0;
}

/* The parts, in place of these words in report.html. */
#define SLOT_STYLE  "@STYLE@"
#define SLOT_DATA   "@DATA@"
#define SLOT_SCRIPT "@SCRIPT@"

size_t html_put_until(FILE *out, const struct html_page *page, size_t at,
                      const char *slot)
{
    const unsigned char *from = page->bytes + at;
    size_t rest = page->len - at;
    const unsigned char *found =
        slot ? memmem(from, rest, slot, strlen(slot)) : from + rest;

    put(out, from, (size_t)(found - from));
    return at + (size_t)(found - from) + (slot ? strlen(slot) : 0);
}

static int put_html(FILE *out, const json_t *report)
{
    const struct html_page page = {embedded_report_html,
                                   embedded_report_html_len};
    size_t at = html_put_until(out, &page, 0, SLOT_STYLE);
    int err;

    put(out, embedded_report_css, embedded_report_css_len);
    at = html_put_until(out, &page, at, SLOT_DATA);
    err = put_data(out, report);
    at = html_put_until(out, &page, at, SLOT_SCRIPT);
    put(out, embedded_data_js, embedded_data_js_len);
    put(out, embedded_tables_js, embedded_tables_js_len);
    put(out, embedded_errors_js, embedded_errors_js_len);
    put(out, embedded_timeline_js, embedded_timeline_js_len);
    put(out, embedded_map_js, embedded_map_js_len);
    put(out, embedded_main_js, embedded_main_js_len);
    html_put_until(out, &page, at, NULL);
    if (fflush(out) != 0 || ferror(out))
        return errno ? -errno : -EIO;
    return err;
}

/* A report is not lost to a page of it. */
static bool is_input(const struct options *o)
{
    struct stat in, out;

    return o->out && stat(o->out, &out) == 0 &&
           (strcmp(o->in, "-") == 0 ? fstat(STDIN_FILENO, &in)
                                    : stat(o->in, &in)) == 0 &&
           S_ISREG(in.st_mode) && in.st_dev == out.st_dev &&
           in.st_ino == out.st_ino;
}

static int write_html(const struct options *o, const json_t *report)
{
    FILE *out = o->out ? fopen(o->out, "w") : stdout;
    int err = out ? 0 : -errno;

    if (out)
        err = html_is_explore(report) ? html_explore(out, report)
                                      : put_html(out, report);

    if (o->out && out && fclose(out) != 0 && !err)
        err = -errno;
    if (err)
        say_line(stderr, "adiemu report: %s: %s", o->out ? o->out : "stdout",
                 strerror(-err));
    return err;
}

int command_report(int argc, char **argv)
{
    struct options o = {0};
    json_t *report;
    int code = 0, err;

    options_parse(&argp, argc, argv, 0, &o);
    if (is_input(&o)) {
        say_line(stderr, "adiemu report: %s: input file is output file", o.out);
        return EXIT_HOST_FILE;
    }
    report = load(&o);
    if (!report || !is_report(&o, report))
        code = EXIT_DATA;
    else if ((err = write_html(&o, report)) != 0)
        code = output_exit_code(err);
    json_decref(report);
    return code;
}
