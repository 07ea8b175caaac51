// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/sighting.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_INTERNAL 70  /* adiemu failed */
#define STATUS_KILLED   137 /* for want of memory, or by somebody */
#define SIGNALLED       128

#define NOTE_MAX 200

static void drop(struct sighting *one)
{
    free(one->detail);
    free(one->cause);
    free(one->function);
    free(one->what);
    free(one->path);
    free(one->note);
}

static bool is_same(const struct sighting *a, const struct sighting *b)
{
    return a->class == b->class && strcmp(a->detail, b->detail) == 0 &&
           strcmp(a->cause, b->cause) == 0 && strcmp(a->path, b->path) == 0;
}

const struct sighting *sightings_find(const struct sightings *s,
                                      const struct sighting *like)
{
    for (size_t i = 0; i < s->nr; i++)
        if (is_same(&s->all[i], like))
            return &s->all[i];
    return NULL;
}

/* Takes over what @one owns. */
static int add(struct sightings *s, struct sighting *one)
{
    struct sighting *there, *grown;

    if (!one->detail || !one->cause || !one->function || !one->what ||
        !one->path || !one->note) {
        drop(one);
        return -ENOMEM;
    }
    there = (struct sighting *)(uintptr_t)sightings_find(s, one);
    if (there) {
        struct sighting worse = one->seed < there->seed ? *there : *one;

        if (one->seed < there->seed)
            *there = *one;
        drop(&worse);
        return 0;
    }
    grown = reallocarray(s->all, s->nr + 1, sizeof(*grown));
    if (!grown) {
        drop(one);
        return -ENOMEM;
    }
    s->all = grown;
    s->all[s->nr++] = *one;
    return 0;
}

/* ----------------------------------------------------- words of a report */

static char *copy(const char *text)
{
    return strdup(text ? text : "-");
}

static const char *text_of(const json_t *obj, const char *key)
{
    return json_string_value(json_object_get(obj, key));
}

static long long number_of(const json_t *obj, const char *key)
{
    return json_integer_value(json_object_get(obj, key));
}

static const char *path_of(const json_t *obj, const char *stamp)
{
    return text_of(json_object_get(obj, stamp), "path");
}

static struct sighting make(enum found_class class, uint64_t seed,
                            const char *detail, const char *path)
{
    return (struct sighting){.class = class,
                             .detail = copy(detail),
                             .cause = copy(NULL),
                             .function = copy(NULL),
                             .what = copy(NULL),
                             .path = copy(path),
                             .note = strdup(""),
                             .seed = seed};
}

static void note(struct sighting *one, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct sighting *one, const char *fmt, ...)
{
    va_list args;

    free(one->note);
    va_start(args, fmt);
    if (vasprintf(&one->note, fmt, args) < 0)
        one->note = NULL;
    va_end(args);
}

static struct sighting blame(struct sighting one, const json_t *obj)
{
    const json_t *cause = json_object_get(obj, "cause");
    const char *hook = text_of(cause, "hook");

    if (!json_is_object(cause))
        return one;
    free(one.cause);
    free(one.function);
    free(one.what);
    one.cause = copy(text_of(cause, "id"));
    one.function = copy(text_of(cause, "function"));
    one.what = copy(text_of(cause, "what"));
    one.missing = hook && strcmp(hook, "missing") == 0;
    return one;
}

/* ------------------------------------------------------- what is in one */

/* One entry of an array, as what it is; false: as nothing. */
typedef bool (*read_fn)(const json_t *obj, uint64_t seed, struct sighting *out);

static bool is(const char *text, const char *word)
{
    return text && strcmp(text, word) == 0;
}

static bool read_page(const json_t *obj, uint64_t seed, struct sighting *out)
{
    bool lost = is(text_of(obj, "kind"), "lost");

    *out =
        make(lost ? FOUND_LOST : FOUND_STALE, seed, NULL, path_of(obj, "seen"));
    return true;
}

static bool read_leak(const json_t *obj, uint64_t seed, struct sighting *out)
{
    const char *class = text_of(obj, "class");

    if (is(class, "still reachable"))
        return false;
    *out = make(FOUND_LEAK, seed, class, path_of(obj, "unreachable_since"));
    return true;
}

static bool read_release(const json_t *obj, uint64_t seed, struct sighting *out)
{
    *out = make(FOUND_RELEASE, seed, text_of(obj, "kind"), path_of(obj, "at"));
    return true;
}

/* As explore/found.c: a store that was made to fail does what it was told. */
static bool read_refusal(const json_t *obj, uint64_t seed, struct sighting *out)
{
    if (!is(text_of(json_object_get(obj, "cause"), "id"), "no-descriptor"))
        return false;
    *out = make(FOUND_REFUSED, seed, NULL, path_of(obj, "at"));
    return true;
}

/* Where in the program: names do not change as addresses do. */
static const char *place_of(const json_t *obj)
{
    const json_t *frame = json_array_get(json_object_get(obj, "stack"), 0);
    const char *function =
        text_of(json_array_get(json_object_get(frame, "code"), 0), "function");

    return function ? function : text_of(frame, "pc");
}

static bool read_mismatch(const json_t *obj, uint64_t seed,
                          struct sighting *out)
{
    const json_t *set = json_object_get(obj, "set");
    bool kernel = json_is_true(json_object_get(obj, "kernel"));
    bool gone = json_is_object(set) &&
                number_of(set, "tag") != number_of(obj, "memory_tag");

    /* The kernel's fault wherever it shows, and the program's where it is. */
    *out = make(FOUND_MISMATCH, seed,
                gone     ? "the tag was lost"
                : kernel ? "a copy by the kernel"
                         : text_of(obj, "access"),
                gone ? NULL : place_of(obj));
    note(out, "the pointer's tag is %lld, that of the memory %lld",
         number_of(obj, "pointer_tag"), number_of(obj, "memory_tag"));
    return true;
}

static int read_array(struct sightings *s, const json_t *report,
                      const char *key, read_fn read, uint64_t seed)
{
    const json_t *array = json_object_get(report, key), *obj;
    struct sighting one;
    size_t i;

    json_array_foreach(array, i, obj)
    {
        if (!read(obj, seed, &one))
            continue;
        one = blame(one, obj);
        if (add(s, &one) != 0)
            return -ENOMEM;
    }
    return 0;
}

static int read_report(struct sightings *s, const json_t *report, uint64_t seed)
{
    static const struct {
        const char *key;
        read_fn read;
    } arrays[] = {{"pages", read_page},
                  {"leaks", read_leak},
                  {"wrong_releases", read_release},
                  {"refused_saves", read_refusal},
                  {"mismatches", read_mismatch}};
    const json_t *bug = json_object_get(report, "kernel_bug");
    struct sighting one;
    int err = 0;

    for (size_t i = 0; !err && i < sizeof(arrays) / sizeof(arrays[0]); i++)
        err = read_array(s, report, arrays[i].key, arrays[i].read, seed);
    if (!err &&
        number_of(json_object_get(report, "counters"), "slots_stuck") > 0) {
        one = make(FOUND_STUCK, seed, NULL, "swapoff");
        err = add(s, &one);
    }
    if (!err && json_is_object(bug)) {
        one = make(FOUND_BUG, seed, text_of(bug, "id"), path_of(bug, "at"));
        note(&one, "%s(): %s", text_of(bug, "function"), text_of(bug, "why"));
        err = add(s, &one);
    }
    return err;
}

/* -------------------------------------------------- how else it is wrong */

/* The last line of adiemu's own, or of an invariant. */
static void note_last_line(struct sighting *one, const struct run_end *end)
{
    const char *at = end->err, *stop = at ? at + end->err_len : at;
    int len = 0;
    const char *line = NULL;

    while (at < stop) {
        const char *nl = memchr(at, '\n', (size_t)(stop - at));
        const char *past = nl ? nl : stop;

        if (past - at > 7 && memcmp(at, "adiemu:", 7) == 0) {
            line = at + 7 + (at[7] == ' ');
            len = (int)(past - line);
        }
        at = past + 1;
    }
    if (line)
        note(one, "%.*s", len < NOTE_MAX ? len : NOTE_MAX, line);
}

/* Its own 70 has nobody say anything. */
static bool is_crash(const struct run_end *end)
{
    if (end->exit_code == STATUS_INTERNAL)
        return !end->report || memmem(end->err, end->err_len, "adiemu:", 7);
    return !end->report && end->exit_code > SIGNALLED;
}

static int read_crash(struct sightings *s, const struct run_end *end,
                      uint64_t seed)
{
    struct sighting one = make(FOUND_CRASH, seed, NULL, NULL);

    if (end->exit_code > SIGNALLED)
        note(&one, "ended by signal %d", end->exit_code - SIGNALLED);
    note_last_line(&one, end);
    return add(s, &one);
}

static bool has_class(const struct sightings *s, enum found_class class)
{
    for (size_t i = 0; i < s->nr; i++)
        if (s->all[i].class == class)
            return true;
    return false;
}

static size_t first_difference(const struct run_end *a, const struct run_end *b)
{
    size_t len = a->out_len < b->out_len ? a->out_len : b->out_len, i = 0;

    while (i < len && a->out[i] == b->out[i])
        i++;
    return i;
}

static void note_difference(struct sighting *one, size_t at)
{
    note(one, "standard output differs from that of the plain run at byte %zu",
         at + 1);
}

/* Whether it or a child of it was, with less memory than the plain run. */
static bool was_killed(const struct run_end *end, const struct run_usual *usual)
{
    static const char line[] = "adiemu: Out of memory: Killed process";

    return usual->little_ram &&
           (end->exit_code == STATUS_KILLED ||
            memmem(end->err, end->err_len, line, sizeof(line) - 1));
}

static int read_output(struct sightings *s, const struct run_end *end,
                       const struct run_usual *usual, uint64_t seed)
{
    const struct run_end *plain = usual->plain;
    struct sighting one;
    size_t at;

    if (end->exit_code != plain->exit_code) {
        one = make(FOUND_OUTPUT, seed, "exit status", NULL);
        note(&one, "exit status %d, that of the plain run is %d",
             end->exit_code, plain->exit_code);
        return add(s, &one);
    }
    at = first_difference(end, plain);
    if (at == end->out_len && at == plain->out_len)
        return 0;
    one = make(FOUND_OUTPUT, seed, "standard output", NULL);
    note_difference(&one, at);
    return add(s, &one);
}

/* The plain run has not written so much. */
static int read_too_much(struct sightings *s, const struct run_end *end,
                         const struct run_usual *usual, uint64_t seed)
{
    struct sighting one = make(FOUND_OUTPUT, seed, end->too_much, NULL);

    if (strcmp(end->too_much, "standard output") == 0)
        note_difference(&one, first_difference(end, usual->plain));
    else
        note(&one, "%s has more than is kept", end->too_much);
    return add(s, &one);
}

/* What a run has of these explains what the program does then. */
static bool is_explained(const struct sightings *s)
{
    return has_class(s, FOUND_LOST) || has_class(s, FOUND_STALE) ||
           has_class(s, FOUND_MISMATCH) || has_class(s, FOUND_BUG);
}

int sightings_read(struct sightings *s, const struct run_end *end,
                   const struct run_usual *usual, uint64_t seed)
{
    struct sighting one;
    int err;

    if (end->timed_out) {
        one = make(FOUND_HANG, seed, NULL, NULL);
        note(&one, "it has not ended after %s", usual->timeout);
        return add(s, &one);
    }
    if (end->too_much) /* it may have been ended before its report */
        return usual->plain && !usual->failing
                   ? read_too_much(s, end, usual, seed)
                   : 0;
    if (is_crash(end))
        return read_crash(s, end, seed);
    err = read_report(s, end->report, seed);
    if (!err && usual->plain && !usual->failing && !is_explained(s) &&
        !was_killed(end, usual))
        err = read_output(s, end, usual, seed);
    return err;
}

/* --------------------------------------------------------------- the list */

int sightings_merge(struct sightings *s, struct sightings *from)
{
    int err = 0;

    for (size_t i = 0; i < from->nr; i++) {
        if (err)
            drop(&from->all[i]);
        else
            err = add(s, &from->all[i]);
    }
    free(from->all);
    *from = (struct sightings){NULL, 0};
    return err;
}

static int by_seed(const void *a, const void *b)
{
    const struct sighting *x = a, *y = b;
    int order;

    if (x->seed != y->seed)
        return x->seed < y->seed ? -1 : 1;
    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    order = strcmp(x->cause, y->cause);
    order = order ? order : strcmp(x->path, y->path);
    return order ? order : strcmp(x->detail, y->detail);
}

void sightings_sort(struct sightings *s)
{
    if (s->nr)
        qsort(s->all, s->nr, sizeof(*s->all), by_seed);
}

void sightings_free(struct sightings *s)
{
    for (size_t i = 0; i < s->nr; i++)
        drop(&s->all[i]);
    free(s->all);
    *s = (struct sightings){NULL, 0};
}
