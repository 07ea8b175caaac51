// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/word.h"

/* A run that takes so much longer than the plain one hangs, if that was long
 * enough to tell. */
#define TIMES_PLAIN 20
#define LEAST_MS    20000

#define SIGNALLED 128

unsigned attempts_given(const struct run_options *run)
{
    static const char *const words[PLAN_KINDS] = {
        [PLAN_FAIL] = "--fail=",
        [PLAN_RAM] = "--ram=",
        [PLAN_WAIT] = "--stress=wait",
        [PLAN_SWAP] = "--stress=swap",
        [PLAN_MIGRATE] = "--stress=migrate",
        [PLAN_SCHEDULE] = "--schedule=",
        [PLAN_QUANTUM] = "--quantum=",
        [PLAN_DEVICE] = "--swap=",
    };
    unsigned given = 0;

    for (size_t i = 0; i < run->again.nr; i++)
        for (unsigned k = 0; k < PLAN_KINDS; k++)
            if (strncmp(run->again.words[i], words[k], strlen(words[k])) == 0)
                given |= 1u << k;
    return given;
}

static void add_word(struct again *out, const char *option, const char *arg)
{
    char *word;

    if (asprintf(&word, "%s=%s", option, arg) < 0)
        exit(EXIT_INTERNAL);
    again_word(out, word);
    free(word);
}

void attempts_words(const struct attempts *a, const struct plan *plan,
                    const char *events, const char *const *more,
                    struct again *out)
{
    *out = (struct again){0};
    again_word(out, "adiemu");
    again_word(out, "run");
    add_word(out, "--kernel", a->kernel);
    for (size_t i = 0; i < a->run->again.nr; i++)
        again_word(out, a->run->again.words[i]);
    for (unsigned i = 0; i < plan->nr; i++)
        again_word(out, plan->parts[i].word);
    if (events)
        add_word(out, "--events", events);
    for (; more && *more; more++)
        again_word(out, *more);
    if (a->run->argv[0][0] == '-')
        again_word(out, "--");
    for (size_t i = 0; a->run->argv[i]; i++)
        again_word(out, a->run->argv[i]);
}

/* ----------------------------------------------------------- what one shows */

/* The machine could not be made: nothing else is on its stderr. */
static bool lacks_memory(const struct child_result *r)
{
    static const char line[] = "adiemu: " MACHINE_NO_MEMORY;

    return r->err_len >= sizeof(line) &&
           memcmp(r->err, line, sizeof(line) - 1) == 0;
}

/* The host is in the way, or the program cannot be run: it would have given a
 * report. */
static bool is_no_run(const struct child_result *r, const json_t *report)
{
    const json_t *errors = json_object_get(report, "host_errors");

    if (report)
        return r->exit_code == EXIT_HOST_FILE && json_array_size(errors) > 0;
    return r->exit_code == EXIT_INTERNAL ? lacks_memory(r)
                                         : r->exit_code < SIGNALLED;
}

static struct run_end end_of(const struct child_result *r, const json_t *report)
{
    return (struct run_end){.report = report,
                            .exit_code = r->exit_code,
                            .timed_out = r->timed_out,
                            .too_much = r->too_much,
                            .out = r->out,
                            .out_len = r->out_len,
                            .err = r->err ? r->err : "",
                            .err_len = r->err_len};
}

static json_t *report_of(const struct child_result *r)
{
    return r->report_len ? json_loadb(r->report, r->report_len, 0, NULL) : NULL;
}

/* 0, -ENOMEM or -ENOEXEC. */
static int look(const struct attempts *a, const struct child_result *r,
                const struct plan *plan, uint64_t seed, struct sightings *seen)
{
    json_t *report = report_of(r);
    const struct run_end end = end_of(r, report);
    const struct run_end plain = end_of(&a->plain, NULL);
    const unsigned fail = 1u << PLAN_FAIL;
    const struct run_usual usual = {
        .plain = plan ? &plain : NULL,
        .failing = a->given & fail || (plan && plan_has(plan, PLAN_FAIL)),
        .little_ram = plan && plan_has(plan, PLAN_RAM),
        .timeout = a->timeout_words,
    };
    int err = is_no_run(r, report) && !r->timed_out
                  ? -ENOEXEC
                  : sightings_read(seen, &end, &usual, seed);

    json_decref(report);
    return err;
}

/* --------------------------------------------------------------- the batch */

struct work {
    struct attempts *a;
    const struct attempts_batch *batch;
    int err; /* of one that has ended */
};

static void plan_of(const struct work *w, size_t n, struct plan *out)
{
    if (!w->batch)
        plan_of_seed(0, &w->a->limits, out);
    else if (w->batch->attempts)
        *out = w->batch->attempts[n].plan;
    else
        plan_of_seed(w->batch->first_seed + n, &w->a->limits, out);
}

/* In the child: the script, to the file that else is for what stress does. */
static bool give_script(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    size_t len = strlen(text);
    bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len;

    if (fd >= 0)
        close(fd);
    return ok;
}

/* children_plan.command */
static char **command_of(void *ctx, size_t n, const struct child_files *files)
{
    const struct work *w = ctx;
    const struct attempt *at =
        w->batch && w->batch->attempts ? &w->batch->attempts[n] : NULL;
    const char *script = at ? at->script : NULL;
    char report[128], record[128];
    const char *const more[] = {"--report-format=json", "--verbose-pages",
                                report, script ? NULL : record, NULL};
    struct plan plan;
    struct again words;

    if (script && !give_script(files->script, script))
        return NULL;
    plan_of(w, n, &plan);
    snprintf(report, sizeof(report), "--report=%s", files->report);
    snprintf(record, sizeof(record), "--stress-script=%s", files->script);
    attempts_words(w->a, &plan, script ? files->script : NULL, more, &words);
    return words.words;
}

static void say_why(const struct child_result *r)
{
    if (r->err_len)
        fwrite(r->err, 1, r->err_len, stderr);
    else
        say_line(stderr, "adiemu explore: a run ended with %d, and no report",
                 r->exit_code);
}

/* children_plan.ended */
static bool ended(void *ctx, size_t n, struct child_result *r)
{
    struct work *w = ctx;
    struct sightings seen = {NULL, 0};
    struct plan plan;
    bool enough = true;

    plan_of(w, n, &plan);
    if (!w->err)
        w->err = look(w->a, r, &plan,
                      w->batch->attempts ? 1 : w->batch->first_seed + n, &seen);
    if (w->err == -ENOEXEC)
        say_why(r);
    if (!w->err)
        enough = w->batch->told(w->batch->ctx, n, &seen, r);
    sightings_free(&seen);
    child_result_free(r);
    return enough;
}

/* children_plan.tell */
static void tell(void *ctx, size_t done)
{
    const struct work *w = ctx;

    w->batch->tell(w->batch->ctx, done);
}

static uint64_t child_ms(const struct attempts *a)
{
    uint64_t ms = a->plain_ms * TIMES_PLAIN;

    return a->timeout_ms ? a->timeout_ms : ms < LEAST_MS ? LEAST_MS : ms;
}

int attempts_run(struct attempts *a, const struct attempts_batch *batch,
                 size_t *started)
{
    struct work w = {.a = a, .batch = batch};
    const struct children_plan plan = {.nr = batch->nr,
                                       .jobs = a->jobs,
                                       .input = a->input,
                                       .command = command_of,
                                       .ended = ended,
                                       .tell = batch->tell ? tell : NULL,
                                       .ctx = &w,
                                       .child_ms = child_ms(a),
                                       .until_ms = batch->until_ms};
    int err = children_run(&plan, started);

    return err ? err : w.err;
}

/* ----------------------------------------------------------- the plain run */

/* children_plan.ended */
static bool keep_plain(void *ctx, size_t n, struct child_result *r)
{
    const struct work *w = ctx;

    (void)n;
    w->a->plain = *r;
    return true;
}

static uint64_t number_of(const json_t *report, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(report, key));
}

static void say_timeout(struct attempts *a)
{
    if (a->timeout_ms)
        snprintf(a->timeout_words, sizeof(a->timeout_words),
                 "%" PRIu64 " second%s", a->timeout_ms / 1000,
                 a->timeout_ms == 1000 ? "" : "s");
    else
        snprintf(a->timeout_words, sizeof(a->timeout_words),
                 "%d seconds and %d times the time of the plain run",
                 LEAST_MS / 1000, TIMES_PLAIN);
}

int attempts_plain(struct attempts *a, struct sightings *seen)
{
    struct work w = {.a = a};
    const struct children_plan plan = {.nr = 1,
                                       .jobs = 1,
                                       .input = a->input,
                                       .command = command_of,
                                       .ended = keep_plain,
                                       .ctx = &w,
                                       .child_ms = a->timeout_ms};
    uint64_t begin = children_now_ms();
    size_t started;
    json_t *report;
    int err;

    a->limits.given = a->given;
    err = children_run(&plan, &started);

    if (err)
        return err;
    if (a->plain.too_much)
        return -EFBIG;
    a->plain_ms = children_now_ms() - begin;
    say_timeout(a);
    report = report_of(&a->plain);
    a->limits.insns = number_of(report, "instructions");
    a->limits.ram_peak = number_of(report, "ram_peak_bytes");
    a->no_more = a->plain.timed_out || !report;
    json_decref(report);
    err = look(a, &a->plain, NULL, 0, seen);
    if (err == -ENOEXEC)
        say_why(&a->plain);
    return err;
}

void attempts_free(struct attempts *a)
{
    child_result_free(&a->plain);
}
