// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/compare.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adi/profile.h"
#include "base/word.h"
#include "cli/children.h"
#include "cli/kernels.h"
#include "cli/matrix.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/script.h"
#include "cli/spool.h"

#define MAX_JOBS   64
#define EXIT_DIRTY 1

/* The fix, what Debian 12 and 13 run, and arm64's way. */
#define USUAL_KERNELS "remap,linux-6.1,linux-6.12,mte-6.12"

enum own_key { OWN_FORMAT = 0x200, OWN_JOBS, OWN_KERNELS, OWN_EVENTS_ONLY };

struct compare {
    struct kernels kernels; /* owned; the columns */
    enum matrix_format format;
    size_t jobs;
    char *events_only;      /* borrowed; a script without a program */
    struct run_options run; /* checked here, parsed again by each child */

    bool *own;   /* owned; which arguments are for us */
    char **args; /* owned; options of "run" or "script", then what is run */
    size_t nr_args;
    size_t program; /* position in args */
};

/* ------------------------------------------------------------- options */

static const struct argp_option options[] = {
    {"format", OWN_FORMAT, "text|json|csv", 0, "of the matrix (default text)",
     0},
    {"jobs", OWN_JOBS, "N", 0, "profiles at a time (default: one a CPU)", 0},
    {"kernels", OWN_KERNELS, "all|lts|LIST", 0,
     "the columns: every profile, each long-term Linux, or names and shell "
     "patterns with commas (default " USUAL_KERNELS ")",
     0},
    {"events-only", OWN_EVENTS_ONLY, "FILE", 0,
     "no program: carry out the event script in FILE, as \"adiemu script\"", 0},
    {0},
};

/* Those about the report of a run, which is ours to read. */
static const int hidden[] = {
    KEY_REPORT,     KEY_FORMAT, KEY_EXITCODE,      KEY_REACHABLE,
    KEY_TIME_HOOKS, KEY_GDB,    KEY_STRESS_SCRIPT, 0};

static void parse_format(struct compare *c, const char *arg,
                         struct argp_state *state)
{
    static const char *const names[] = {"text", "json", "csv"};

    for (int f = MATRIX_TEXT; f <= MATRIX_CSV; f++) {
        if (strcmp(arg, names[f]) == 0) {
            c->format = (enum matrix_format)f;
            return;
        }
    }
    argp_error(state, "--format=%s: neither text, json nor csv", arg);
}

static void parse_jobs(struct compare *c, const char *arg,
                       struct argp_state *state)
{
    const char *end;
    uint64_t n;

    if (!parse_size(arg, &n, &end) || *end || n == 0 || n > MAX_JOBS)
        argp_error(state, "--jobs=%s: not a number from 1 to %d", arg,
                   MAX_JOBS);
    c->jobs = n;
}

static void choose_kernels(struct compare *c, const char *list,
                           const struct argp_state *state)
{
    const char *unknown;
    int len, err = kernels_choose(&c->kernels, list, &unknown, &len);

    if (err == -ENOENT)
        argp_failure(state, argp_err_exit_status, 0,
                     "--kernels: no profile is called \"%.*s\"; try "
                     "adiemu run --kernel=list",
                     len, unknown);
    else if (err)
        argp_failure(state, EXIT_INTERNAL, -err, "--kernels=%s", list);
}

/* Also the one that the exit status is for. */
static void choose_rest(struct compare *c, const struct argp_state *state)
{
    if (c->kernels.nr == 0)
        choose_kernels(c, USUAL_KERNELS, state);
    if (kernels_have_first(&c->kernels, c->run.machine.profile) != 0)
        exit(EXIT_INTERNAL);
}

/* An option that would be without effect is an error. */
static void refuse(const struct compare *c, struct argp_state *state)
{
    const struct run_options *run = &c->run;

    if (run->report_path || run->report_json || run->error_exitcode ||
        run->show_reachable)
        argp_error(state, "--report, --report-format, --error-exitcode and "
                          "--show-reachable are for adiemu run");
    if (run->gdb)
        argp_error(state, "--gdb is for adiemu run");
    if (run->machine.stress_script)
        argp_error(state, "--stress-script is for adiemu run");
    if (run->machine.strace_path || run->machine.log_path)
        argp_error(state, "--strace=FILE and -D are for adiemu run: each "
                          "profile would write there");
    if (run->list_kernels)
        argp_error(state, "--kernel=list is for adiemu run");
    if (run->list_steps)
        argp_error(state, "--engine=list is for adiemu run");
    if (run->machine.history && c->format != MATRIX_JSON)
        argp_error(state, "--history needs --format=json");
    if (run->machine.all_pages && c->format != MATRIX_JSON)
        argp_error(state, "--verbose-pages needs --format=json");
    if (c->events_only && run->argv)
        argp_error(state, "--events-only has no program: %s", run->argv[0]);
}

/* The words of the option that was just read. */
static void mark_own(struct compare *c, const struct argp_state *state,
                     const char *arg)
{
    int last = state->next - 1;

    c->own[last] = true;
    if (state->argv[last] == arg)
        c->own[last - 1] = true;
}

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
    struct compare *c = state->input;

    if (key >= OWN_FORMAT && key <= OWN_EVENTS_ONLY)
        mark_own(c, state, arg);
    switch (key) {
    case OWN_FORMAT: parse_format(c, arg, state); break;
    case OWN_JOBS: parse_jobs(c, arg, state); break;
    case OWN_KERNELS: choose_kernels(c, arg, state); break;
    case OWN_EVENTS_ONLY:
        c->events_only = arg;
        c->run.needs_no_program = true;
        break;
    case ARGP_KEY_INIT: state->child_inputs[0] = &c->run; break;
    case ARGP_KEY_END:
        refuse(c, state);
        choose_rest(c, state);
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* c->args: what the children get, without what is for us. */
static void keep_args(struct compare *c, int argc, char **argv)
{
    size_t program = c->run.argv ? (size_t)(c->run.argv - argv) : (size_t)argc;

    c->args = calloc((size_t)argc + 1, sizeof(*c->args));
    if (!c->args)
        exit(EXIT_INTERNAL);
    for (size_t i = 1; i < (size_t)argc; i++) {
        if (c->own[i])
            continue;
        /* Our options go before it, and before a "--" that ends them. */
        if (i == program)
            c->program = c->nr_args - (strcmp(argv[i - 1], "--") == 0);
        c->args[c->nr_args++] = argv[i];
    }
    if (c->events_only) {
        c->program = c->nr_args;
        c->args[c->nr_args++] = c->events_only;
    }
}

/* Says what "adiemu script" would say of its options, and of the script. */
static void check_events_only(struct compare *c, char *name)
{
    char **argv = calloc(c->nr_args + 2, sizeof(*argv));

    if (!argv)
        exit(EXIT_INTERNAL);
    argv[0] = name;
    memcpy(argv + 1, c->args, c->nr_args * sizeof(*argv));
    options_free(&c->run);
    options_init(&c->run, "script");
    options_parse(&options_script_argp, (int)c->nr_args + 1, argv,
                  ARGP_IN_ORDER, &c->run);
    free(argv);
}

static void parse(struct compare *c, int argc, char **argv)
{
    struct argp run = options_run_argp;
    const struct argp_child children[] = {
        {.argp = &run,
         .header = "Options of \"adiemu run\"; the exit status is for the "
                   "profile of --kernel:",
         .group = 1},
        {.argp = NULL}};
    const struct argp argp = {
        .options = options,
        .parser = parse_own,
        .doc = "Run a program under several kernels, and print side by side "
               "what became of its tags on each path.\v"
               "Exit status: 0 when the profile of --kernel lost no tags and "
               "leaked nothing, 1 when it did, 64 for a wrong option or too "
               "much output, 70 when a run gave no report, 74 when a file of "
               "the host cannot be "
               "used, 128+N when signal N ended it.",
        .children = children,
    };
    struct argp_option *shown = options_hide(run.options, hidden);

    run.options = shown;
    run.doc = NULL;
    *c = (struct compare){.own = calloc((size_t)argc, sizeof(*c->own))};
    options_init(&c->run, "run");
    if (!c->own)
        exit(EXIT_INTERNAL);
    options_parse(&argp, argc, argv, ARGP_IN_ORDER, c);
    free(shown);
    keep_args(c, argc, argv);
    if (c->events_only)
        check_events_only(c, argv[0]);
    /* One file cannot be the swap device of two machines. */
    for (unsigned i = 0; i < c->run.machine.nr_swaps; i++)
        if (c->run.machine.swaps[i].path)
            c->jobs = 1;
    if (c->jobs == 0)
        c->jobs = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
}

/* ------------------------------------------------------------ children */

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* The runs, and what they came to. */
struct columns {
    const struct compare *c;
    struct outcome *o;
    size_t nr;
};

/* children_plan.command */
static char **command_of(void *ctx, size_t n, const struct child_files *files)
{
    static char kernel[64], report[128];
    const struct columns *all = ctx;
    const struct compare *c = all->c;
    char *const first[] = {word("adiemu"),
                           word(c->events_only ? "script" : "run")};
    char *const ours[] = {kernel, report, word("--report-format=json"),
                          word("--time-hooks")};
    const size_t nr_ours = c->events_only ? 3 : 4; /* no hooks to time */
    char **argv = calloc(c->nr_args + 7, sizeof(*argv)), **at = argv;

    if (!argv)
        return NULL;
    snprintf(kernel, sizeof(kernel), "--kernel=%s", all->o[n].profile);
    snprintf(report, sizeof(report), "--report=%s", files->report);
    at = mempcpy(at, first, sizeof(first));
    at = mempcpy(at, c->args, c->program * sizeof(*at));
    at = mempcpy(at, ours, nr_ours * sizeof(*at));
    memcpy(at, c->args + c->program, (c->nr_args - c->program) * sizeof(*at));
    return argv;
}

/* children_plan.ended */
static bool keep_outcome(void *ctx, size_t n, struct child_result *r)
{
    const struct columns *all = ctx;
    struct outcome *o = &all->o[n];

    o->exit_code = r->exit_code;
    o->too_much = r->too_much;
    o->out = r->out;
    o->out_len = r->out_len;
    r->out = NULL;
    if (r->report)
        o->report = json_loadb(r->report, r->report_len, 0, NULL);
    child_result_free(r);
    return false;
}

/* children_plan.tell */
static void tell(void *ctx, size_t done)
{
    const struct columns *all = ctx;

    fprintf(stderr, "adiemu compare: %zu of %zu profiles", done, all->nr);
}

/* 0, -errno, or the signal that ended us. */
static int run_all(struct compare *c, struct outcome *o, size_t nr)
{
    const char **names = calloc(nr, sizeof(*names));
    struct columns all = {c, o, nr};
    struct spool input;
    const struct children_plan plan = {.nr = nr,
                                       .jobs = c->jobs,
                                       .input = &input,
                                       .names = names,
                                       .command = command_of,
                                       .ended = keep_outcome,
                                       .tell = c->run.quiet ? NULL : tell,
                                       .ctx = &all};
    int err = names ? spool_init(&input) : -ENOMEM;
    size_t started;

    for (size_t i = 0; names && i < nr; i++)
        names[i] = o[i].profile;
    if (!err) {
        err = children_run(&plan, &started);
        spool_fini(&input);
    }
    free(names);
    return err;
}

/* ---------------------------------------------------------- the command */

static struct outcome *outcomes_of(const struct kernels *k)
{
    struct outcome *o = calloc(k->nr, sizeof(*o));

    if (!o)
        exit(EXIT_INTERNAL);
    for (size_t i = 0; i < k->nr; i++)
        o[i].profile = k->profiles[i]->name;
    return o;
}

static int say_too_much(const struct outcome *o)
{
    say_line(stderr,
             "adiemu compare: %s: it writes more than %zu MiB to %s, too much "
             "to compare",
             o->profile, CHILDREN_OUTPUT_MAX >> 20, o->too_much);
    return argp_err_exit_status;
}

static int verdict(const struct compare *c, const struct outcome *o, size_t nr)
{
    for (size_t i = 0; i < nr; i++) {
        if (o[i].too_much)
            return say_too_much(&o[i]);
        if (o[i].report)
            continue;
        say_line(stderr, "adiemu compare: %s: no report, exit status %d",
                 o[i].profile, o[i].exit_code);
        return o[i].exit_code == EXIT_CANNOT_RUN ||
                       o[i].exit_code == EXIT_NOT_FOUND ||
                       o[i].exit_code == EXIT_HOST_FILE
                   ? o[i].exit_code
                   : EXIT_INTERNAL;
    }
    for (size_t i = 0; i < nr; i++)
        if (strcmp(o[i].profile, c->run.machine.profile->name) == 0)
            return outcome_is_clean(&o[i]) ? 0 : EXIT_DIRTY;
    return EXIT_INTERNAL;
}

int command_compare(int argc, char **argv)
{
    struct outcome *o;
    struct compare c;
    size_t nr;
    int err, code;

    parse(&c, argc, argv);
    options_say_kernel(&c.run);
    o = outcomes_of(&c.kernels);
    nr = c.kernels.nr;
    err = run_all(&c, o, nr);
    if (err < 0)
        say_line(stderr, "adiemu compare: %s", strerror(-err));
    code = err > 0   ? 128 + err
           : err < 0 ? output_exit_code(err)
                     : verdict(&c, o, nr);
    if (code == 0 || code == EXIT_DIRTY) {
        err = matrix_print(stdout, c.format, c.args[c.program], o, nr);
        if (err)
            say_line(stderr, "adiemu compare: stdout: %s", strerror(-err));
        code = err ? output_exit_code(err) : code;
    }
    for (size_t i = 0; i < nr; i++) {
        json_decref(o[i].report);
        free(o[i].out);
    }
    free(o);
    kernels_free(&c.kernels);
    free(c.own);
    free(c.args);
    options_free(&c.run);
    return code;
}
