// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/trials.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "adi/profile.h"
#include "base/word.h"
#include "cli/attempts.h"
#include "cli/output.h"
#include "cli/report_options.h"
#include "explore/run_report.h"

#define USUAL_RUNS   100
#define USUAL_SHRINK 200
#define MOST_RUNS    1000000

/* One that shows nothing takes as long as the next that hangs. */
#define MOST_HANGS 20u

/* One kernel. */
struct search {
    struct trials *p;
    const struct adi_profile *profile;
    struct attempts attempts;  /* owned */
    struct sightings *of_run;  /* owned; of each, to be merged */
    bool *done;                /* owned; which have ended */
    struct sightings found;    /* owned; all kinds */
    struct shrunk *way;        /* owned; to each */
    struct again *words;       /* owned */
    char **file;               /* owned; of its script */
    struct run_finding *shown; /* owned */
    uint64_t runs;             /* that have ended, from the first on */
    size_t shrinking;          /* this one */
};

/* What ended us, or 0. */
static volatile sig_atomic_t interrupted;

/* ---------------------------------------------------------------- options */

enum key { OWN_RUNS = 0x380, OWN_SEED, OWN_TIMEOUT, OWN_SHRINK };

static const struct argp_option own_options[] = {
    {"runs", OWN_RUNS, "N", 0, "for each kernel (default 100)", 0},
    {"seed", OWN_SEED, "N", 0, "of the first of them, 1 and up (default 1)", 0},
    {"timeout", OWN_TIMEOUT, "S", 0,
     "a run that has not ended after so many seconds hangs (default: 20, and "
     "20 times the time of the plain run)",
     0},
    {"shrink", OWN_SHRINK, "N", 0,
     "runs to make what shows a finding smaller (default 200)", 0},
    {0},
};

static uint64_t number(const char *option, const char *arg, uint64_t least,
                       uint64_t most, const struct argp_state *state)
{
    const char *end;
    uint64_t n;

    if (!parse_size(arg, &n, &end) || *end || n < least || n > most)
        argp_failure(state, argp_err_exit_status, 0,
                     "--%s=%s: not a number from %" PRIu64 " to %" PRIu64,
                     option, arg, least, most);
    return n;
}

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
    struct trials *p = state->input;

    for (const struct argp_option *o = own_options; o->name; o++)
        if (o->key == key && !p->given)
            p->given = o->name;
    switch (key) {
    case OWN_RUNS: p->runs = number("runs", arg, 1, MOST_RUNS, state); break;
    case OWN_SEED:
        p->first_seed = number("seed", arg, 1, UINT32_MAX, state);
        break;
    case OWN_TIMEOUT:
        p->timeout_s = number("timeout", arg, 1, 1000000, state);
        break;
    case OWN_SHRINK:
        p->shrink_runs = (unsigned)number("shrink", arg, 0, 100000, state);
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp trials_argp = {.options = own_options, .parser = parse_own};

/* Not what the search has itself, nor what is about a report or a terminal. */
static bool is_for_runs(int key)
{
    switch (key) {
    case KEY_KERNEL:
    case KEY_ENGINE:
    case KEY_SEED:
    case KEY_CHECK:
    case KEY_EVENTS:
    case KEY_REALTIME:
    case KEY_HISTORY:
    case KEY_EXITCODE:
    case KEY_REACHABLE: return false;
    default: return !report_option_only_says(key);
    }
}

struct argp_option *trials_run_options(void)
{
    const struct argp_option *from = options_run_argp.options;
    struct argp_option *copy;
    size_t nr = 0, kept = 0;

    while (from[nr].name || from[nr].key || from[nr].doc)
        nr++;
    copy = calloc(nr + 1, sizeof(*copy));
    if (!copy)
        exit(EXIT_INTERNAL);
    for (size_t i = 0; i < nr; i++)
        if (is_for_runs(from[i].key))
            copy[kept++] = from[i];
    for (size_t i = 0; i < kept; i++)
        if (copy[i].key == KEY_FAIL)
            copy[i].doc = "the Nth allocation, write or read fails; without a "
                          "program: steps that let each up to the Nth fail";
    return copy;
}

void trials_init(struct trials *p)
{
    *p = (struct trials){
        .runs = USUAL_RUNS, .first_seed = 1, .shrink_runs = USUAL_SHRINK};
    options_init(&p->run, "run");
    p->run.needs_no_program = true;
}

void trials_free(struct trials *p)
{
    options_free(&p->run);
}

/* ------------------------------------------------------------------- runs */

/* attempts_batch.told */
static bool keep_run(void *ctx, size_t n, struct sightings *seen,
                     const struct child_result *r)
{
    struct search *s = ctx;

    (void)r;
    s->of_run[n] = *seen;
    *seen = (struct sightings){NULL, 0};
    s->done[n] = true;
    return false;
}

/* attempts_batch.tell */
static void tell_runs(void *ctx, size_t done)
{
    const struct search *s = ctx;

    fprintf(stderr, "explore: %s: %zu of %" PRIu64 " runs", s->profile->name,
            done, s->p->runs);
}

/* Those before the first that has not ended: so it is the same however many
 * ran at once. */
static int merge_runs(struct search *s)
{
    int err = 0;

    while (!err && s->runs < s->p->runs && s->done[s->runs])
        err = sightings_merge(&s->found, &s->of_run[s->runs++]);
    for (uint64_t i = s->runs; i < s->p->runs; i++)
        sightings_free(&s->of_run[i]);
    return err;
}

/* 0 or -errno; what came of a signal is in @interrupted. */
static int settle(int err)
{
    if (err > 0)
        interrupted = err;
    return err > 0 ? 0 : err;
}

static int run_seeds(struct search *s)
{
    const struct trials *p = s->p;
    const struct attempts_batch batch = {
        .first_seed = p->first_seed,
        .nr = p->runs,
        .told = keep_run,
        .tell = tell_runs,
        .ctx = s,
        .until_ms = p->max_ms ? children_now_ms() + p->max_ms : 0,
    };
    size_t started;
    int err;

    s->of_run = calloc(p->runs, sizeof(*s->of_run));
    s->done = calloc(p->runs, sizeof(*s->done));
    if (!s->of_run || !s->done)
        return -ENOMEM;
    err = settle(attempts_run(&s->attempts, &batch, &started));
    return err ? err : merge_runs(s);
}

/* ----------------------------------------------------------------- shrinking
 */

/* Several runs: the first in which what is looked for is there. */
struct hunt {
    const struct search *s;
    const struct sighting *like;
    long first;
    char *lines; /* owned; of the first attempt, if they are wanted */
    bool wants_lines;
};

/* attempts_batch.told */
static bool compare_run(void *ctx, size_t n, struct sightings *seen,
                        const struct child_result *r)
{
    struct hunt *h = ctx;

    if (!sightings_find(seen, h->like))
        return false;
    if (h->first < 0 || (long)n < h->first)
        h->first = (long)n;
    if (n == 0 && h->wants_lines)
        h->lines = strndup(r->script ? r->script : "", r->script_len);
    return true;
}

/* attempts_batch.tell */
static void tell_shrinking(void *ctx, size_t done)
{
    const struct hunt *h = ctx;

    (void)done;
    fprintf(stderr, "explore: %s: shrinking %zu of %zu findings",
            h->s->profile->name, h->s->shrinking + 1, h->s->found.nr);
}

/* shrink_first_fn */
static int first_that_shows(void *ctx, const struct attempt *attempts,
                            size_t nr, long *first, char **lines)
{
    struct search *s = ctx;
    struct hunt hunt = {.s = s,
                        .like = &s->found.all[s->shrinking],
                        .first = -1,
                        .wants_lines = lines != NULL};
    const struct attempts_batch batch = {.attempts = attempts,
                                         .nr = nr,
                                         .told = compare_run,
                                         .tell = tell_shrinking,
                                         .ctx = &hunt};
    size_t started;
    int err =
        interrupted ? -EINTR : attempts_run(&s->attempts, &batch, &started);

    *first = hunt.first;
    if (lines)
        *lines = hunt.lines;
    if (err > 0)
        interrupted = err;
    return err > 0 ? -EINTR : err;
}

/* The rest is as it was when a signal ended it. */
static int shrink_one(struct search *s, size_t n)
{
    const struct sighting *seen = &s->found.all[n];
    const unsigned most = s->p->shrink_runs;
    const struct shrink_config config = {
        .first = first_that_shows,
        .ctx = s,
        /* Without a device a program may do something else for that. */
        .stays = seen->class == FOUND_OUTPUT ? 1u << PLAN_DEVICE : 0,
        .max_runs =
            seen->class == FOUND_HANG && most > MOST_HANGS ? MOST_HANGS : most};
    struct plan plan;
    int err;

    s->shrinking = n;
    plan_of_seed(seen->seed, &s->attempts.limits, &plan);
    s->way[n] = (struct shrunk){.attempt = {.plan = plan}};
    if (seen->seed == 0 || most == 0)
        return 0;
    err = shrink(&config, &plan, &s->way[n]);
    return err == -EINTR ? 0 : err;
}

/* What the command line has for its script; NULL: it has none. */
static const char *events_of(const struct search *s, size_t n)
{
    const char *folder = s->p->findings->scripts_path;

    if (!s->way[n].attempt.script)
        return NULL;
    if (!folder)
        return RUN_REPORT_FILE;
    if (asprintf(&s->file[n], "%s/%s-%zu.events", folder, s->profile->name,
                 n + 1) < 0)
        leave(EXIT_INTERNAL, "--scripts", -ENOMEM);
    return s->file[n];
}

static int shrink_all(struct search *s)
{
    size_t nr = s->found.nr;
    int err = 0;

    sightings_sort(&s->found);
    s->way = calloc(nr + 1, sizeof(*s->way));
    s->words = calloc(nr + 1, sizeof(*s->words));
    s->file = calloc(nr + 1, sizeof(*s->file));
    s->shown = calloc(nr + 1, sizeof(*s->shown));
    if (!s->way || !s->words || !s->file || !s->shown)
        return -ENOMEM;
    for (size_t n = 0; !err && n < nr; n++) {
        err = shrink_one(s, n);
        attempts_words(&s->attempts, &s->way[n].attempt.plan, events_of(s, n),
                       NULL, &s->words[n]);
        s->shown[n] = (struct run_finding){
            .seen = &s->found.all[n],
            .way = &s->way[n],
            .words = (const char *const *)s->words[n].words,
            .file = s->file[n]};
    }
    return err;
}

/* ------------------------------------------------------------- one kernel */

/* What the host, or the program, is wrong with. */
static _Noreturn void give_up(const struct search *s, int err)
{
    if (err == -EFBIG) {
        say_line(stderr,
                 "adiemu: explore: the plain run writes more than %zu MiB to "
                 "%s, too much to compare with",
                 CHILDREN_OUTPUT_MAX >> 20, s->attempts.plain.too_much);
        exit(argp_err_exit_status);
    }
    if (err != -ENOEXEC)
        leave(output_exit_code(err), "explore", err);
    exit(s->attempts.plain.exit_code == EXIT_NOT_FOUND ||
                 s->attempts.plain.exit_code == EXIT_CANNOT_RUN ||
                 s->attempts.plain.exit_code == EXIT_NO_SANDBOX
             ? s->attempts.plain.exit_code
             : EXIT_HOST_FILE);
}

static void search_one(struct search *s)
{
    int err = settle(attempts_plain(&s->attempts, &s->found));

    if (!err && !interrupted && !s->attempts.no_more)
        err = run_seeds(s);
    if (!err)
        err = shrink_all(s);
    if (err)
        give_up(s, err);
}

static void search_free(struct search *s)
{
    for (size_t n = 0; n < s->found.nr && s->way; n++) {
        shrunk_free(&s->way[n]);
        again_free(&s->words[n]);
        free(s->file[n]);
    }
    free(s->way);
    free(s->words);
    free(s->file);
    free(s->shown);
    free(s->of_run);
    free(s->done);
    sightings_free(&s->found);
    attempts_free(&s->attempts);
}

static struct run_outcome outcome_of(const struct search *s)
{
    return (struct run_outcome){.profile = s->profile,
                                .runs = s->runs,
                                .stopped = s->runs < s->p->runs,
                                .insns = s->attempts.limits.insns,
                                .ram_peak = s->attempts.limits.ram_peak,
                                .exit_code = s->attempts.plain.exit_code,
                                .findings = s->shown,
                                .nr = (unsigned)s->found.nr};
}

/* ------------------------------------------------------------- the command */

static void interrupt(int sig)
{
    interrupted = sig;
}

/* Between two batches; what is ignored stays so. */
static void catch_signals(void)
{
    const struct sigaction act = {.sa_handler = interrupt};
    const int caught[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction now;

    for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
        if (sigaction(caught[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaction(caught[i], &act, NULL);
}

/* findings_print_fn */
static int print(const void *of, enum findings_format format, FILE *out)
{
    const struct run_report *r = of;

    switch (format) {
    case FINDINGS_TEXT: run_report_text(r, out); break;
    case FINDINGS_JSON: return run_report_json(r, out);
    case FINDINGS_LIST: run_report_list(r, out); break;
    case FINDINGS_HTML: return -EINVAL; /* refused with the options */
    }
    return 0;
}

static void write_scripts(const struct run_report *r)
{
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++) {
            const char *path = r->outcomes[k].findings[i].file;
            FILE *f = path ? fopen(path, "w") : NULL;

            if (!path)
                continue;
            if (f)
                run_report_script(&r->outcomes[k], i, f);
            if (!f || fclose(f) != 0)
                leave(EXIT_HOST_FILE, path, -errno);
        }
}

static bool any_ours(const struct run_report *r)
{
    for (unsigned k = 0; k < r->nr; k++)
        for (unsigned i = 0; i < r->outcomes[k].nr; i++)
            if (found_is_ours(r->outcomes[k].findings[i].seen->class))
                return true;
    return false;
}

static int conclude(const struct trials *p, const struct run_report *r)
{
    findings_print(p->findings, print, r);
    if (p->findings->scripts_path)
        write_scripts(r);
    return any_ours(r)   ? EXIT_INTERNAL
           : interrupted ? 128 + interrupted
                         : findings_compare(p->findings, print, r);
}

static void search_all(struct trials *p, struct spool *input,
                       struct search *all, struct run_report *r,
                       struct run_outcome *outcomes)
{
    for (size_t k = 0; k < p->kernels->nr && !interrupted; k++) {
        struct search *s = &all[k];

        *s = (struct search){.p = p, .profile = p->kernels->profiles[k]};
        s->attempts = (struct attempts){.run = &p->run,
                                        .kernel = s->profile->name,
                                        .input = input,
                                        .jobs = p->jobs,
                                        .timeout_ms = p->timeout_s * 1000,
                                        .given = attempts_given(&p->run)};
        search_one(s);
        outcomes[r->nr++] = outcome_of(s);
    }
}

int trials_run(struct trials *p)
{
    struct search *all = calloc(p->kernels->nr, sizeof(*all));
    struct run_outcome *outcomes = calloc(p->kernels->nr, sizeof(*outcomes));
    struct run_report report = {.outcomes = outcomes,
                                .program = (const char *const *)p->run.argv,
                                .first_seed = p->first_seed,
                                .runs = p->runs};
    struct spool input;
    int err = all && outcomes ? spool_init(&input) : -ENOMEM, code;

    if (err)
        leave(output_exit_code(err), "explore", err);
    /* One file cannot be the swap device of two machines. */
    for (unsigned i = 0; i < p->run.machine.nr_swaps; i++)
        if (p->run.machine.swaps[i].path)
            p->jobs = 1;
    catch_signals();
    search_all(p, &input, all, &report, outcomes);
    code = conclude(p, &report);
    for (unsigned k = 0; k < report.nr; k++)
        search_free(&all[k]);
    spool_fini(&input);
    free(outcomes);
    free(all);
    return code;
}
