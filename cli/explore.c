// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/explore.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adi/profile.h"
#include "adi/profile_file.h"
#include "base/number.h"
#include "base/word.h"
#include "cli/explore_options.h"
#include "cli/output.h"
#include "explore/identity.h"
#include "explore/merge.h"
#include "explore/resume.h"
#include "script/words.h"

struct explore {
    struct explore_options asked; /* owned */
    struct alphabet alphabet;     /* owned */
    struct profile_file patch;    /* what --profile-file has */
    struct outcome *outcomes;     /* owned; one for each kernel */
    unsigned nr_outcomes;
};

static struct search *running; /* for the signal handler */
static volatile sig_atomic_t interrupted;

/* ---------------------------------------------------------------- actions */

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
    char *text = read_file(x->asked.actions, &len);
    int err = alphabet_add_text(&x->alphabet, text, len, &x->asked.size,
                                x->asked.actions, stderr);

    free(text);
    if (err == -EBADMSG)
        exit(argp_err_exit_status);
    if (err)
        too_many(x->asked.actions, err);
    if (x->alphabet.nr == 0) {
        say_line(stderr, "adiemu: %s: no actions", x->asked.actions);
        exit(argp_err_exit_status);
    }
}

/* What has a dot or a slash in it is no name of a set. */
static void add_actions(struct explore *x)
{
    const char *at = x->asked.actions;

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
        int err = alphabet_add_set(&x->alphabet, at, len, &x->asked.size);

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

/* Of --fail. */
static void add_failures(struct explore *x)
{
    for (int what = 0; what < FAIL_NR; what++)
        for (unsigned n = 1; n <= x->asked.fail[what]; n++) {
            char line[SCRIPT_MAX_TEXT];
            int err;

            snprintf(line, sizeof(line), "fail %s %u",
                     word_of(fail_words, what), n);
            err = alphabet_add_text(&x->alphabet, line, strlen(line),
                                    &x->asked.size, "--fail", stderr);
            if (err)
                too_many("--fail", err);
        }
}

/* ---------------------------------------------------------------- kernels */

static void add_patch(struct explore *x)
{
    struct profile_error err;
    size_t len;
    char *text = read_file(x->asked.profile_path, &len);
    int error = profile_file_parse(text, len, &x->patch, &err);

    free(text);
    if (error) {
        say_line(stderr, "adiemu: %s:%u: %s", x->asked.profile_path, err.line,
                 err.text);
        exit(argp_err_exit_status);
    }
    if (kernels_have_first(&x->asked.kernels, &x->patch.profile) != 0)
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

/* Where a search is kept. */
struct keep {
    char *path, *identity; /* owned; NULL: nowhere */
};

static char *identity_of(const struct search_config *config, bool kept)
{
    char *text = identity_text(config, adiemu_version, kept);

    if (!text)
        leave(EXIT_INTERNAL, "explore", -ENOMEM);
    return text;
}

/* Several kernels have a file each. */
static struct keep keep_where(const struct explore *x)
{
    struct keep keep = {.path = NULL};
    bool one = x->asked.kernels.nr == 1;

    if (!x->asked.resume_path)
        return keep;
    if (asprintf(&keep.path, "%s%s%s", x->asked.resume_path, one ? "" : ".",
                 one ? "" : x->asked.search.world.profile->name) < 0)
        leave(EXIT_INTERNAL, "--resume", -ENOMEM);
    keep.identity = identity_of(&x->asked.search, true);
    return keep;
}

static void keep_it(void *ctx, struct search *s)
{
    const struct keep *keep = ctx;
    int err = resume_save(keep->path, s, keep->identity);

    if (err)
        leave(output_exit_code(err), keep->path, err);
}

static void go_on(struct search *s, const struct keep *keep)
{
    int err = resume_load(keep->path, s, keep->identity, stderr);

    if (err == -EBADMSG)
        exit(argp_err_exit_status);
    if (err && err != -ENOENT)
        leave(output_exit_code(err), keep->path, err);
}

/* To begin with: later a search ends with what it has. */
static _Noreturn void no_memory(void)
{
    say_line(stderr,
             "adiemu: explore: the host has no memory to begin with: each "
             "process needs %u MiB of address space",
             SEARCH_LEAST_MIB);
    exit(EXIT_INTERNAL);
}

static void search_one(struct explore *x, const struct adi_profile *profile)
{
    struct keep keep;
    struct search *s;
    int err;

    x->asked.search.world.profile = profile;
    keep = keep_where(x);
    x->asked.search.keep = keep.path ? keep_it : NULL;
    x->asked.search.keep_ctx = &keep;
    s = search_create(&x->asked.search);
    if (!s)
        no_memory();
    running = s; /* also for who looks for leaks, when it ends here */
    if (keep.path)
        go_on(s, &keep);
    if (interrupted)
        search_stop(s);
    err = search_run(s, isatty(STDERR_FILENO) ? told : NULL,
                     (void *)(uintptr_t)profile->name);
    running = NULL;
    if (err == -ENOMEM)
        no_memory();
    if (!err)
        err = outcome_make(s, &x->outcomes[x->nr_outcomes]);
    if (err)
        leave(EXIT_INTERNAL, "explore", err);
    search_destroy(s);
    free(keep.path);
    free(keep.identity);
    x->nr_outcomes++;
}

static void search_all(struct explore *x)
{
    struct sigaction act = {.sa_handler = interrupt};

    x->outcomes = calloc(x->asked.kernels.nr, sizeof(*x->outcomes));
    if (!x->outcomes)
        leave(EXIT_INTERNAL, "explore", -ENOMEM);
    sigaction(SIGINT, &act, NULL);
    for (size_t i = 0; i < x->asked.kernels.nr; i++)
        search_one(x, x->asked.kernels.profiles[i]);
}

/* What no option says. */
static void set_usual(struct explore *x)
{
    if (x->asked.kernels.nr == 0 &&
        kernels_have_first(&x->asked.kernels, adi_profile_default()) != 0)
        leave(EXIT_INTERNAL, "explore", -ENOMEM);
    if (x->asked.search.jobs == 0)
        x->asked.search.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
}

static void write_actions(const struct explore_options *asked, FILE *out)
{
    fputs(asked->actions, out);
    for (int what = 0; what < FAIL_NR; what++)
        if (asked->fail[what])
            fprintf(out, ", --fail=%s:%u", word_of(fail_words, what),
                    asked->fail[what]);
}

/* What the report calls the steps. */
static char *actions_text(const struct explore *x)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    if (out)
        write_actions(&x->asked, out);
    if (!out || fclose(out) != 0)
        leave(EXIT_INTERNAL, "explore", -errno);
    return text;
}

/* The report of one search, or of a slice of one. */
static int explore(struct explore *x)
{
    char options_text[OUTCOME_OPTIONS_MAX], short_id[IDENTITY_BYTES];
    char *actions;
    struct report report;
    char *identity;

    if (x->asked.profile_path)
        add_patch(x);
    set_usual(x);
    x->asked.search.world.nr_processes = x->asked.size.nr_processes;
    x->asked.search.alphabet = &x->alphabet;
    add_actions(x);
    add_failures(x);
    x->asked.search.world.large = x->alphabet.scope.many;
    findings_open(&x->asked.findings);
    actions = actions_text(x);
    identity = identity_of(&x->asked.search, false);
    search_all(x);
    report = (struct report){
        .outcomes = x->outcomes,
        .nr = x->nr_outcomes,
        .nr_steps = x->alphabet.nr,
        .depth = x->asked.search.depth,
        .size = x->asked.size,
        .actions = actions,
        .options = outcome_options(&x->asked.search.world, options_text),
        .identity = identity_short(identity, short_id),
        .slice = x->asked.search.slice,
        .slices = x->asked.search.slices};
    free(identity);
    findings_write(&x->asked.findings, &report);
    free(actions);
    return findings_code(&x->asked.findings, &report, interrupted);
}

static int explore_program(struct explore *x)
{
    struct trials *p = &x->asked.trials;

    set_usual(x);
    p->kernels = &x->asked.kernels;
    p->jobs = x->asked.search.jobs;
    p->max_ms = x->asked.search.max_ms;
    p->findings = &x->asked.findings;
    findings_open(&x->asked.findings);
    return trials_run(p);
}

static int merge(struct explore *x)
{
    struct merge *m = merge_create();
    struct report report;
    int err = m ? 0 : -ENOMEM, code;

    findings_open(&x->asked.findings);
    for (unsigned i = 0; !err && i < x->asked.nr_files; i++) {
        size_t len;
        char *text = read_file(x->asked.files[i], &len);

        err = merge_add(m, x->asked.files[i], text, len, stderr);
        free(text);
    }
    if (!err)
        err = merge_end(m, &report, stderr);
    if (err == -EBADMSG)
        exit(argp_err_exit_status);
    if (err)
        leave(EXIT_INTERNAL, "--merge", err);
    findings_write(&x->asked.findings, &report);
    code = findings_code(&x->asked.findings, &report, false);
    merge_destroy(m);
    return code;
}

static void forget(struct explore *x)
{
    for (unsigned k = 0; k < x->nr_outcomes; k++)
        outcome_free(&x->outcomes[k]);
    free(x->outcomes);
    alphabet_free(&x->alphabet);
    explore_options_free(&x->asked);
}

int command_explore(int argc, char **argv)
{
    struct explore x = {.nr_outcomes = 0};
    int code;

    explore_options_parse(&x.asked, argc, argv);
    code = x.asked.merges            ? merge(&x)
           : x.asked.trials.run.argv ? explore_program(&x)
                                     : explore(&x);
    forget(&x);
    return code;
}
