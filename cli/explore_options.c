// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/explore_options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adi/profile_words.h"
#include "base/number.h"
#include "cli/options.h"
#include "cli/output.h"
#include "explore/merge.h"

#define MAX_PAGES     4
#define USUAL_ACTIONS "swap,fork"
#define USUAL_DEPTH   7
#define MAX_FAIL      16u

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
    OWN_PROFILE_FILE,
    OWN_SLICE,
    OWN_RESUME,
    OWN_MERGE, /* those before it are of a search */
    OWN_FORMAT,
    OWN_REPORT,
    OWN_EXPECT,
    OWN_SCRIPTS,
};

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "What is searched:", 1},
    {"kernel", OWN_KERNEL, "all|lts|LIST", 0,
     "the kernels, one after the other: names and shell patterns with commas "
     "(default remap)",
     1},
    {"profile-file", OWN_PROFILE_FILE, "FILE", 0,
     "a kernel of one's own, before those of --kernel (list: say which lines "
     "it can have)",
     1},
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

    {"slice", OWN_SLICE, "K/N", 0,
     "go through share K of N, on one of N machines; write "
     "--report-format=json",
     2},
    {"resume", OWN_RESUME, "FILE", 0,
     "keep there how far it came, after each depth; go on from there if it "
     "exists",
     2},
    {"merge", OWN_MERGE, NULL, 0,
     "search nothing: make one report of the N that are named", 2},

    {NULL, 0, NULL, 0, "What comes of it:", 3},
    {"report", OWN_REPORT, "FILE", 0, "write the report there, not to stdout",
     3},
    {"report-format", OWN_FORMAT, "text|json|list|html", 0, "(default text)",
     3},
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

static void choose_kernels(struct explore_options *x, const char *list,
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

static void choose_format(struct explore_options *x, const char *arg,
                          struct argp_state *state)
{
    static const char *const names[] = {"text", "json", "list", "html"};

    for (int f = FINDINGS_TEXT; f <= FINDINGS_HTML; f++)
        if (strcmp(arg, names[f]) == 0) {
            x->findings.format = (enum findings_format)f;
            return;
        }
    argp_error(state, "--report-format=%s: neither text, json, list nor html",
               arg);
}

static void choose_slice(struct explore_options *x, const char *arg,
                         struct argp_state *state)
{
    const char *at;
    uint64_t slice, slices;

    if (!parse_size(arg, &slice, &at) || *at != '/' ||
        !parse_size(at + 1, &slices, &at) || *at || slice < 1 ||
        slice > slices || slices > MERGE_MAX_SLICES)
        argp_failure(state, argp_err_exit_status, 0,
                     "--slice=%s: not K/N, from 1/1 to %u/%u", arg,
                     MERGE_MAX_SLICES, MERGE_MAX_SLICES);
    x->search.slice = (unsigned)slice;
    x->search.slices = (unsigned)slices;
}

static void check_merge(const struct explore_options *x,
                        struct argp_state *state)
{
    if (!x->merges && x->nr_files)
        argp_error(state, "%s: not an option; a program comes after \"--\"",
                   x->files[0]);
    if (x->merges && x->searches)
        argp_error(state, "--merge goes with no option of a search");
    if (x->merges && x->nr_files == 0)
        argp_error(state, "--merge: of which reports?");
}

static _Noreturn void list_sets(void)
{
    const char *name, *about;

    for (unsigned n = 0; (name = alphabet_set(n, &about)) != NULL; n++)
        printf("%-8s %s\n", name, about);
    exit(0);
}

static _Noreturn void list_words(void)
{
    profile_words_print(stdout);
    exit(0);
}

/* Built-in kernels are known by their names. */
static void check_patch(const struct explore_options *x,
                        struct argp_state *state)
{
    if (!x->profile_path)
        return;
    if (x->search.check)
        argp_error(state, "--check knows the bugs of built-in kernels only, "
                          "not those of --profile-file");
    if (x->search.slices || x->resume_path)
        argp_error(state, "--slice and --resume are for built-in kernels, not "
                          "for --profile-file");
}

/* Of the options of a search, those that many runs of a program have, too. */
static bool is_of_trials(int key)
{
    return key == OWN_KERNEL || key == OWN_TIME || key == OWN_JOBS ||
           key > OWN_MERGE;
}

static void note_option(struct explore_options *x, int key)
{
    for (const struct argp_option *o = options; o->name || o->group; o++)
        if (o->key == key && o->name && !is_of_trials(key) && !x->not_of_trials)
            x->not_of_trials = o->name;
    x->searches |= key >= OWN_KERNEL && key < OWN_MERGE;
}

/*
 * Of a search, --fail=WHAT:N are steps, each of which lets one of the next N
 * fail; of a program, as everywhere, the Nth fails.
 */
static void take_failures(struct explore_options *x, struct argp_state *state)
{
    const struct machine_options *m = &x->trials.run.machine;
    const uint64_t nr[FAIL_NR] = {[FAIL_TAGSTORE] = m->fail_tagstore,
                                  [FAIL_SWAPREAD] = m->fail_swapread,
                                  [FAIL_SWAPWRITE] = m->fail_swapwrite};

    for (int what = 0; what < FAIL_NR; what++) {
        if (nr[what] > MAX_FAIL)
            argp_error(state, "--fail: steps let up to the %uth fail",
                       MAX_FAIL);
        x->fail[what] = (unsigned)nr[what];
    }
    x->searches |= x->fail[FAIL_TAGSTORE] || x->fail[FAIL_SWAPREAD] ||
                   x->fail[FAIL_SWAPWRITE];
}

/* The first option that is for a program only, or NULL. */
static const char *for_a_program(const struct again *again)
{
    for (size_t i = 0; i < again->nr; i++)
        if (strncmp(again->words[i], "--fail=", 7) != 0)
            return again->words[i];
    return NULL;
}

/* Either a memory or a program. */
static void check_program(const struct explore_options *x,
                          struct argp_state *state)
{
    const struct trials *p = &x->trials;

    if (p->run.argv && x->not_of_trials)
        argp_error(state, "--%s is for a search without a program",
                   x->not_of_trials);
    if (p->run.argv && x->findings.format == FINDINGS_HTML)
        argp_error(state, "--report-format=html is for a search without a "
                          "program");
    if (!p->run.argv && p->given)
        argp_error(state, "--%s: of which program?  It comes after \"--\"",
                   p->given);
    if (!p->run.argv && for_a_program(&p->run.again))
        argp_error(state, "%s: for which program?  It comes after \"--\"",
                   for_a_program(&p->run.again));
}

/* After "--" there is a program, and what follows is its own. */
static void take_argument(struct explore_options *x, char *arg,
                          struct argp_state *state)
{
    if (!state->quoted || x->merges) {
        x->files[x->nr_files++] = arg;
        return;
    }
    x->trials.run.argv = &state->argv[state->next - 1];
    state->next = state->argc;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct explore_options *x = state->input;

    note_option(x, key);
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
    case OWN_SLICE: choose_slice(x, arg, state); break;
    case OWN_RESUME: x->resume_path = arg; break;
    case OWN_MERGE: x->merges = true; break;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &x->trials;
        state->child_inputs[1] = &x->trials.run;
        break;
    case ARGP_KEY_ARG: take_argument(x, arg, state); break;
    case OWN_PROFILE_FILE:
        if (strcmp(arg, "list") == 0)
            list_words();
        x->profile_path = arg;
        break;
    case ARGP_KEY_END:
        if (!x->trials.run.argv)
            take_failures(x, state);
        check_merge(x, state);
        check_patch(x, state);
        check_program(x, state);
        break;
    case OWN_FORMAT: choose_format(x, arg, state); break;
    case OWN_REPORT: x->findings.report_path = arg; break;
    case OWN_EXPECT: x->findings.expect_path = arg; break;
    case OWN_SCRIPTS: x->findings.scripts_path = arg; break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

void explore_options_parse(struct explore_options *x, int argc, char **argv)
{
    struct argp run = options_run_argp;
    struct argp_option *shown = trials_run_options();
    const struct argp_child children[] = {
        {.argp = &trials_argp,
         .header = "With a program, which is run again and again:",
         .group = 4},
        {.argp = &run,
         .header = "Options of \"adiemu run\", for each of its runs:",
         .group = 5},
        {.argp = NULL}};
    const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .args_doc = "\n-- PROG [ARG...]\n--merge FILE...",
        .doc =
            "Search for bugs of a kernel's tag hooks: carry out every "
            "sequence of actions up to a depth on a small memory, the "
            "shortest first, and say what became of tags.  Or run a program "
            "many times, each under other turns, stress, sizes and failures, "
            "by seed.\v"
            "Exit status: 0, 1 when the findings are not those of --expect, "
            "64 for a wrong option or a wrong file of actions, 70 when adiemu "
            "itself failed or an invariant of it is broken, 74 when a file "
            "cannot be read or written, 130 when ^C ended it; of a program "
            "that cannot be run, 126 or 127.",
        .children = children,
    };

    *x = (struct explore_options){
        .search = {.depth = USUAL_DEPTH, .world = {.nr_nodes = 2}},
        .size = {.nr_pages = 2, .nr_processes = 2, .nr_nodes = 2},
        .actions = USUAL_ACTIONS,
        .files = calloc((size_t)argc, sizeof(char *)),
    };
    if (!x->files)
        leave(EXIT_INTERNAL, "explore", -ENOMEM);
    trials_init(&x->trials);
    run.options = shown;
    run.doc = NULL;
    run.args_doc = NULL;
    options_parse(&argp, argc, argv, ARGP_IN_ORDER, x);
    free(shown);
}

void explore_options_free(struct explore_options *x)
{
    findings_close(&x->findings);
    kernels_free(&x->kernels);
    trials_free(&x->trials);
    free(x->files);
}
