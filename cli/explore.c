// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/explore.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adi/profile.h"
#include "adi/profile_file.h"
#include "base/number.h"
#include "base/word.h"
#include "cli/kernels.h"
#include "cli/options.h"
#include "cli/output.h"
#include "explore/report.h"

#define EXIT_DIFFERENT 1 /* not what --expect says */
#define MAX_PAGES      4
#define USUAL_ACTIONS  "swap,fork"
#define USUAL_DEPTH    7

enum key {
    OWN_KERNEL = 0x300,
    OWN_DEPTH,
    OWN_PAGES,
    OWN_PROCESSES,
    OWN_ACTIONS,
    OWN_TIME,
    OWN_JOBS,
    OWN_CHECK,
    OWN_SYNC,
    OWN_FORMAT,
    OWN_REPORT,
    OWN_EXPECT,
    OWN_SCRIPTS,
    OWN_PROFILE_FILE,
};

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_LIST };

struct explore {
    struct kernels kernels; /* owned */
    struct search_config search;
    struct alphabet alphabet; /* owned */
    struct alphabet_config size;
    const char *actions; /* borrowed, like the next three */
    const char *report_path, *expect_path, *scripts_path;
    const char *profile_path;  /* borrowed, too */
    struct profile_file patch; /* what is there */
    enum format format;
    struct outcome *outcomes; /* owned; one for each kernel */
    unsigned nr_outcomes;
};

static struct search *running; /* for the signal handler */
static volatile sig_atomic_t interrupted;

/* ---------------------------------------------------------------- options */

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "What is searched:", 1},
    {"kernel", OWN_KERNEL, "all|lts|LIST", 0,
     "the kernels, one after the other: names and shell patterns with commas "
     "(default remap)",
     1},
    {"profile-file", OWN_PROFILE_FILE, "FILE", 0,
     "a kernel of one's own, before those of --kernel", 1},
    {"actions", OWN_ACTIONS, "SET,...|FILE", 0,
     "the steps: sets by name, or a file with lines of the event language "
     "(default " USUAL_ACTIONS "; list: say what there is)",
     1},
    {"depth", OWN_DEPTH, "N", 0, "steps of the longest sequence (default 7)",
     1},
    {"pages", OWN_PAGES, "N", 0, "that the sets are about, 1 to 4 (default 2)",
     1},
    {"processes", OWN_PROCESSES, "N", 0, "at once, 1 to 4 (default 2)", 1},
    {"sync", OWN_SYNC, NULL, 0, "the swap device is as fast as memory", 1},

    {NULL, 0, NULL, 0, "How:", 2},
    {"time", OWN_TIME, "S", 0,
     "end after so many seconds for each kernel, and say how far it came", 2},
    {"jobs", OWN_JOBS, "N", 0, "processes (default: one a CPU)", 2},
    {"check", OWN_CHECK, NULL, 0, "look for faults of adiemu itself, too", 2},

    {NULL, 0, NULL, 0, "What comes of it:", 3},
    {"report", OWN_REPORT, "FILE", 0, "write the report there, not to stdout",
     3},
    {"report-format", OWN_FORMAT, "text|json|list", 0, "(default text)", 3},
    {"scripts", OWN_SCRIPTS, "DIR", 0,
     "write the script of each finding to DIR/KERNEL-N.events, too", 3},
    {"expect", OWN_EXPECT, "FILE", 0,
     "compare with a report in the form of a list: status 1 when it differs",
     3},
    {0},
};

static unsigned number(const char *option, const char *arg, unsigned least,
                       unsigned most, const struct argp_state *state)
{
    const char *end;
    uint64_t n;

    if (!parse_size(arg, &n, &end) || *end || n < least || n > most)
        argp_failure(state, argp_err_exit_status, 0,
                     "--%s=%s: not a number from %u to %u", option, arg, least,
                     most);
    return (unsigned)n;
}

static void choose_kernels(struct explore *x, const char *list,
                           const struct argp_state *state)
{
    const char *unknown;
    int len, err = kernels_choose(&x->kernels, list, &unknown, &len);

    if (err == -ENOENT)
        argp_failure(state, argp_err_exit_status, 0,
                     "--kernel: no profile is called \"%.*s\"; try "
                     "adiemu run --kernel=list",
                     len, unknown);
    else if (err)
        argp_failure(state, EXIT_INTERNAL, -err, "--kernel=%s", list);
}

static void choose_format(struct explore *x, const char *arg,
                          struct argp_state *state)
{
    static const char *const names[] = {"text", "json", "list"};

    for (int f = FORMAT_TEXT; f <= FORMAT_LIST; f++)
        if (strcmp(arg, names[f]) == 0) {
            x->format = (enum format)f;
            return;
        }
    argp_error(state, "--report-format=%s: neither text, json nor list", arg);
}

static _Noreturn void list_sets(void)
{
    const char *name, *about;

    for (unsigned n = 0; (name = alphabet_set(n, &about)) != NULL; n++)
        printf("%-8s %s\n", name, about);
    exit(0);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct explore *x = state->input;

    switch (key) {
    case OWN_KERNEL: choose_kernels(x, arg, state); break;
    case OWN_DEPTH:
        x->search.depth = number("depth", arg, 1, SEARCH_MAX_DEPTH, state);
        break;
    case OWN_PAGES:
        x->size.nr_pages = number("pages", arg, 1, MAX_PAGES, state);
        break;
    case OWN_PROCESSES:
        x->size.nr_processes =
            number("processes", arg, 1, WORLD_MAX_PROCESSES, state);
        break;
    case OWN_ACTIONS:
        if (strcmp(arg, "list") == 0)
            list_sets();
        x->actions = arg;
        break;
    case OWN_TIME:
        x->search.max_ms = 1000ull * number("time", arg, 1, 10000000, state);
        break;
    case OWN_JOBS:
        x->search.jobs = number("jobs", arg, 1, SEARCH_MAX_JOBS, state);
        break;
    case OWN_CHECK: x->search.check = true; break;
    case OWN_SYNC: x->search.world.synchronous = true; break;
    case OWN_FORMAT: choose_format(x, arg, state); break;
    case OWN_REPORT: x->report_path = arg; break;
    case OWN_EXPECT: x->expect_path = arg; break;
    case OWN_SCRIPTS: x->scripts_path = arg; break;
    case OWN_PROFILE_FILE: x->profile_path = arg; break;
    case ARGP_KEY_END:
        if (x->profile_path && x->search.check)
            argp_error(state, "--check knows the bugs of built-in kernels "
                              "only, not those of --profile-file");
        break;
    case ARGP_KEY_ARG: argp_error(state, "%s: not an option", arg); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .doc = "Search for bugs of a kernel's tag hooks: carry out every sequence "
           "of actions up to a depth on a small memory, the shortest first, "
           "and say what became of tags.\v"
           "Exit status: 0, 1 when the findings are not those of --expect, 64 "
           "for a wrong option or a wrong file of actions, 70 when adiemu "
           "itself failed or an invariant of it is broken, 74 when a file "
           "cannot be read or written, 130 when ^C ended it.",
    .children = options_help,
};

/* ---------------------------------------------------------------- actions */

static _Noreturn void leave(int code, const char *what, int err)
{
    say_line(stderr, "adiemu: %s: %s", what, strerror(-err));
    exit(code);
}

/* All of a file, which the caller frees, with a NUL behind it. */
static char *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "r");
    char *text = NULL;
    size_t n;

    if (!f)
        leave(EXIT_HOST_FILE, path, -errno);
    *len = 0;
    do {
        char *grown = realloc(text, *len + 65537);

        if (!grown)
            leave(EXIT_INTERNAL, path, -ENOMEM);
        text = grown;
        n = fread(text + *len, 1, 65536, f);
        *len += n;
    } while (n > 0);
    if (ferror(f))
        leave(EXIT_HOST_FILE, path, -errno);
    fclose(f);
    text[*len] = '\0';
    return text;
}

static _Noreturn void too_many(const char *what, int err)
{
    if (err != -E2BIG)
        leave(EXIT_INTERNAL, what, err);
    say_line(stderr, "adiemu: %s: more than %d steps", what, ALPHABET_MAX);
    exit(argp_err_exit_status);
}

static void add_file(struct explore *x)
{
    size_t len;
    char *text = read_file(x->actions, &len);
    int err = alphabet_add_text(&x->alphabet, text, len, &x->size, x->actions,
                                stderr);

    free(text);
    if (err == -EBADMSG)
        exit(argp_err_exit_status);
    if (err)
        too_many(x->actions, err);
    if (x->alphabet.nr == 0) {
        say_line(stderr, "adiemu: %s: no actions", x->actions);
        exit(argp_err_exit_status);
    }
}

/* What has a dot or a slash in it is no name of a set. */
static void add_actions(struct explore *x)
{
    const char *at = x->actions;

    if (strpbrk(at, "./")) {
        add_file(x);
        return;
    }
    if (!*at) {
        say_line(stderr, "adiemu: --actions: no set is named; try "
                         "--actions=list");
        exit(argp_err_exit_status);
    }
    while (*at) {
        size_t len = strcspn(at, ",");
        int err = alphabet_add_set(&x->alphabet, at, len, &x->size);

        if (err == -ENOENT) {
            say_line(stderr,
                     "adiemu: --actions: no set is called \"%.*s\"; try "
                     "--actions=list",
                     (int)len, at);
            exit(argp_err_exit_status);
        }
        if (err)
            too_many("--actions", err);
        at += len + (at[len] == ',');
    }
}

/* ---------------------------------------------------------------- kernels */

static void add_patch(struct explore *x)
{
    struct profile_error err;
    size_t len;
    char *text = read_file(x->profile_path, &len);
    int error = profile_file_parse(text, len, &x->patch, &err);

    free(text);
    if (error) {
        say_line(stderr, "adiemu: %s:%u: %s", x->profile_path, err.line,
                 err.text);
        exit(argp_err_exit_status);
    }
    if (kernels_have_first(&x->kernels, &x->patch.profile) != 0)
        exit(EXIT_INTERNAL);
}

/* ----------------------------------------------------------------- search */

static void interrupt(int sig)
{
    (void)sig;
    interrupted = 1;
    if (running)
        search_stop(running);
}

static void told(void *ctx, const struct search_level *level)
{
    const char *kernel = ctx;
    char states[COMMAS_BYTES], tries[COMMAS_BYTES];

    fprintf(stderr,
            "explore: %s: depth %u: %s new states, %s steps tried, %" PRIu64
            ".%" PRIu64 " s\n",
            kernel, level->depth, commas(level->states, states),
            commas(level->tries, tries), level->ms / 1000,
            level->ms / 100 % 10);
}

static void search_one(struct explore *x, const struct adi_profile *profile)
{
    struct search *s;
    int err;

    x->search.world.profile = profile;
    s = search_create(&x->search);
    if (!s)
        leave(EXIT_INTERNAL, "explore", -ENOMEM);
    running = s;
    if (interrupted)
        search_stop(s);
    err = search_run(s, isatty(STDERR_FILENO) ? told : NULL,
                     (void *)(uintptr_t)profile->name);
    running = NULL;
    if (!err)
        err = outcome_make(s, &x->outcomes[x->nr_outcomes]);
    if (err)
        leave(EXIT_INTERNAL, "explore", err);
    search_destroy(s);
    x->nr_outcomes++;
}

static void search_all(struct explore *x)
{
    struct sigaction act = {.sa_handler = interrupt};

    x->outcomes = calloc(x->kernels.nr, sizeof(*x->outcomes));
    if (!x->outcomes)
        leave(EXIT_INTERNAL, "explore", -ENOMEM);
    sigaction(SIGINT, &act, NULL);
    for (size_t i = 0; i < x->kernels.nr && !interrupted; i++)
        search_one(x, x->kernels.profiles[i]);
}

/* ----------------------------------------------------------------- report */

static void write_script(const struct explore *x, const struct outcome *o,
                         unsigned n)
{
    char path[4096], options_text[OUTCOME_OPTIONS_MAX];
    FILE *f;

    if (snprintf(path, sizeof(path), "%s/%s-%u.events", x->scripts_path,
                 o->profile->name, n + 1) >= (int)sizeof(path))
        leave(EXIT_HOST_FILE, x->scripts_path, -ENAMETOOLONG);
    f = fopen(path, "w");
    if (!f)
        leave(EXIT_HOST_FILE, path, -errno);
    fprintf(f, "# %s: %s\n# run: %s\n%s", o->profile->name,
            found_class_name(o->findings[n].key.class),
            outcome_options(&x->search.world, options_text),
            o->findings[n].script);
    if (fclose(f) != 0)
        leave(EXIT_HOST_FILE, path, -errno);
}

static void write_scripts(const struct explore *x)
{
    if (mkdir(x->scripts_path, 0777) != 0 && errno != EEXIST)
        leave(EXIT_HOST_FILE, x->scripts_path, -errno);
    for (unsigned k = 0; k < x->nr_outcomes; k++)
        for (unsigned i = 0; i < x->outcomes[k].nr; i++)
            write_script(x, &x->outcomes[k], i);
}

static void print(const struct explore *x, const struct report *r, FILE *out)
{
    int err = 0;

    switch (x->format) {
    case FORMAT_TEXT: report_text(r, out); break;
    case FORMAT_JSON: err = report_json(r, out); break;
    case FORMAT_LIST: report_list(r, out); break;
    }
    if (err)
        leave(EXIT_INTERNAL, "report", err);
}

static void write_report(const struct explore *x, const struct report *r)
{
    const char *path = x->report_path ? x->report_path : "stdout";
    FILE *out = x->report_path ? fopen(path, "w") : stdout;

    if (!out)
        leave(EXIT_HOST_FILE, path, -errno);
    print(x, r, out);
    if (fflush(out) != 0)
        leave(EXIT_HOST_FILE, path, -errno);
    if (x->report_path)
        fclose(out);
}

/* The first line in which they differ. */
static void say_difference(const char *path, const char *expected,
                           const char *found)
{
    while (*expected && *found) {
        size_t a = strcspn(expected, "\n"), b = strcspn(found, "\n");

        if (a != b || memcmp(expected, found, a) != 0)
            break;
        expected += a + (expected[a] == '\n');
        found += b + (found[b] == '\n');
    }
    say_line(stderr, "adiemu: %s: expected \"%.*s\", found \"%.*s\"", path,
             (int)strcspn(expected, "\n"), expected, (int)strcspn(found, "\n"),
             found);
}

static bool is_expected(const struct explore *x, const struct report *r)
{
    size_t len, found_len;
    char *expected = read_file(x->expect_path, &len), *found = NULL;
    FILE *f = open_memstream(&found, &found_len);
    bool same;

    if (!f)
        leave(EXIT_INTERNAL, "--expect", -errno);
    report_list(r, f);
    if (fclose(f) != 0)
        leave(EXIT_INTERNAL, "--expect", -errno);
    same = len == found_len && memcmp(expected, found, len) == 0;
    if (!same)
        say_difference(x->expect_path, expected, found);
    free(expected);
    free(found);
    return same;
}

static int code_of(const struct explore *x, const struct report *r)
{
    for (unsigned k = 0; k < x->nr_outcomes; k++)
        for (unsigned i = 0; i < x->outcomes[k].nr; i++)
            if (found_is_ours(x->outcomes[k].findings[i].key.class))
                return EXIT_INTERNAL;
    if (interrupted)
        return 128 + SIGINT;
    return x->expect_path && !is_expected(x, r) ? EXIT_DIFFERENT : 0;
}

static void forget(struct explore *x)
{
    for (unsigned k = 0; k < x->nr_outcomes; k++)
        outcome_free(&x->outcomes[k]);
    free(x->outcomes);
    alphabet_free(&x->alphabet);
    kernels_free(&x->kernels);
}

int command_explore(int argc, char **argv)
{
    struct explore x = {
        .search = {.depth = USUAL_DEPTH, .world = {.nr_nodes = 2}},
        .size = {.nr_pages = 2, .nr_processes = 2, .nr_nodes = 2},
        .actions = USUAL_ACTIONS,
    };
    struct report report;
    int code;

    options_parse(&argp, argc, argv, ARGP_IN_ORDER, &x);
    if (x.profile_path)
        add_patch(&x);
    if (x.kernels.nr == 0 &&
        kernels_have_first(&x.kernels, adi_profile_default()) != 0)
        return EXIT_INTERNAL;
    if (x.search.jobs == 0)
        x.search.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    x.search.world.nr_processes = x.size.nr_processes;
    x.search.alphabet = &x.alphabet;
    add_actions(&x);
    search_all(&x);
    report = (struct report){.outcomes = x.outcomes,
                             .nr = x.nr_outcomes,
                             .alphabet = &x.alphabet,
                             .world = &x.search.world,
                             .size = &x.size,
                             .actions = x.actions};
    write_report(&x, &report);
    if (x.scripts_path)
        write_scripts(&x);
    code = code_of(&x, &report);
    forget(&x);
    return code;
}
