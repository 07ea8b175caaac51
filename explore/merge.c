// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/merge.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "adi/profile.h"
#include "base/word.h"
#include "event/kernel_bug.h"
#include "explore/story.h"
#include "judge/ledger.h"
#include "script/alone.h"

/* One kernel, in all slices so far. */
struct part {
    struct outcome outcome; /* owned */
    size_t room;            /* for findings */
    uint64_t own;           /* states of the depth that was divided */
    bool ended_before;      /* a slice had no such depth to its end */
    bool stopped_before;    /* it was stopped before it came there */
};

struct merge {
    json_t *first; /* owned; the others have to be like it */
    char *first_name;
    unsigned slices;
    char **names; /* owned; of the file of each slice, from 0 */
    unsigned *missing;
    struct part *parts; /* owned; one for each kernel */
    struct outcome *outcomes;
    unsigned nr;
};

/* What is being read. */
struct input {
    const char *name;
    FILE *err;
};

static int wrong(const struct input *in, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int wrong(const struct input *in, const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    say_line(in->err, "adiemu: %s: %s", in->name, text);
    return -EBADMSG;
}

struct merge *merge_create(void)
{
    return calloc(1, sizeof(struct merge));
}

void merge_destroy(struct merge *m)
{
    if (!m)
        return;
    for (unsigned k = 0; k < m->nr; k++)
        outcome_free(&m->parts[k].outcome);
    for (unsigned i = 0; m->names && i < m->slices; i++)
        free(m->names[i]);
    json_decref(m->first);
    free(m->first_name);
    free(m->names);
    free(m->missing);
    free(m->parts);
    free(m->outcomes);
    free(m);
}

/* ------------------------------------------------------------- one finding */

static bool read_class(const char *name, struct found_key *key)
{
    for (int c = 0; c <= FOUND_CRASH; c++)
        if (strcmp(found_class_name((enum found_class)c), name) == 0) {
            key->class = (enum found_class)c;
            return true;
        }
    return false;
}

/* How many there are to choose from. */
static unsigned nr_details(enum found_class c)
{
    switch (c) {
    case FOUND_LEAK: return LEAK_CLASSES;
    case FOUND_RELEASE: return RELEASE_REUSED + 1;
    case FOUND_DATA: return DATA_KINDS;
    case FOUND_BUG: return KERNEL_BUG_NR;
    default: return 0;
    }
}

static bool read_detail(const json_t *f, struct found_key *key)
{
    const char *name = json_string_value(json_object_get(f, "detail"));
    unsigned nr = nr_details(key->class);

    if (key->class == FOUND_INVARIANT) {
        json_int_t n = json_integer_value(json_object_get(f, "invariant"));

        key->detail = (unsigned)n;
        return n > 0 && n < 1000;
    }
    if (nr == 0)
        return json_is_null(json_object_get(f, "detail"));
    for (key->detail = 0; key->detail < nr; key->detail++)
        if (name && strcmp(outcome_detail(key), name) == 0)
            return true;
    return false;
}

/* As the kernel of @w has it. */
static bool read_cause(const struct world *w, const json_t *f,
                       struct outcome_finding *out)
{
    const json_t *cause = json_object_get(f, "cause");
    const char *name = json_string_value(json_object_get(cause, "id"));
    const struct judge *j = alone_judge(world_alone(w));

    for (int id = 0; name && id < CAUSE_NR; id++) {
        out->cause = cause_of_id(j, (enum cause_id)id);
        if (strcmp(out->cause.name, name) == 0) {
            out->key.cause = out->cause.id;
            return true;
        }
    }
    out->cause = (struct cause){.id = CAUSE_UNKNOWN};
    out->key.cause = CAUSE_UNKNOWN;
    return json_is_null(cause);
}

static bool is_text(const json_t *j)
{
    return !j || json_is_null(j) || json_is_string(j);
}

/* What the kernel has itself is not taken from there; but it is of one form. */
static bool has_form(const json_t *cause)
{
    const json_t *missing = json_object_get(cause, "missing");

    return is_text(json_object_get(cause, "function")) &&
           is_text(json_object_get(cause, "what")) &&
           (!missing || json_is_boolean(missing));
}

static bool read_path(const json_t *f, struct found_key *key)
{
    const json_t *path = json_object_get(f, "path");
    const char *name = json_string_value(path);

    key->path = PATH_NONE;
    if (!name)
        return json_is_null(path);
    for (int p = PATH_NONE + 1; p < PATH_NR; p++)
        if (strcmp(mm_path_name((enum mm_path)p), name) == 0) {
            key->path = (enum mm_path)p;
            return true;
        }
    return false;
}

/* The script is still that of the JSON. */
static bool read_finding(const struct world *w, json_t *f,
                         struct outcome_finding *out, const char **script)
{
    const char *class;
    int steps;

    if (json_unpack(f, "{s:s, s:i, s:s}", "class", &class, "steps", &steps,
                    "script", script) != 0)
        return false;
    *out = (struct outcome_finding){.length = (unsigned)steps,
                                    .story = json_object_get(f, "story")};
    return story_is_one(out->story) && steps >= 0 &&
           steps <= SEARCH_MAX_DEPTH && read_class(class, &out->key) &&
           read_detail(f, &out->key) && read_cause(w, f, out) &&
           has_form(json_object_get(f, "cause")) && read_path(f, &out->key);
}

static bool is_better(const struct outcome_finding *f, const char *script,
                      const struct outcome_finding *than)
{
    if (f->length != than->length)
        return f->length < than->length;
    return strcmp(script, than->script) < 0;
}

static int add_finding(struct part *p, struct outcome_finding *f,
                       const char *script)
{
    struct outcome *o = &p->outcome;
    unsigned i = 0;

    while (i < o->nr && !found_same(&o->findings[i].key, &f->key))
        i++;
    if (i < o->nr && !is_better(f, script, &o->findings[i]))
        return 0;
    if (i == p->room) {
        size_t room = p->room * 2 + 8;
        void *grown = realloc(o->findings, room * sizeof(*o->findings));

        if (!grown)
            return -ENOMEM;
        o->findings = grown;
        p->room = room;
    }
    f->script = strdup(script);
    if (!f->script)
        return -ENOMEM;
    json_incref(f->story);
    if (i < o->nr) {
        free(o->findings[i].script);
        json_decref(o->findings[i].story);
    } else
        o->nr++;
    o->findings[i] = *f;
    return 0;
}

static int add_findings(struct part *p, const json_t *findings,
                        const struct input *in)
{
    const struct world_config config = {
        .profile = p->outcome.profile, .nr_nodes = 1, .nr_processes = 1};
    struct world *w = world_create(&config);
    int err = w ? 0 : -ENOMEM;

    for (size_t i = 0; !err && i < json_array_size(findings); i++) {
        struct outcome_finding f;
        const char *script;

        if (read_finding(w, json_array_get(findings, i), &f, &script))
            err = add_finding(p, &f, script);
        else
            err = wrong(in, "finding %zu of %s is none that adiemu knows",
                        i + 1, p->outcome.profile->name);
    }
    world_destroy(w);
    return err;
}

/* All slices divide the same states. */
static int add_share(struct part *p, const struct search_result *r,
                     const struct input *in)
{
    struct search_share *share = &p->outcome.result.share;

    if (r->share.depth == 0) {
        p->ended_before |= r->stopped == SEARCH_WHOLE;
        p->stopped_before |= r->stopped != SEARCH_WHOLE;
    } else if (share->depth == 0)
        *share = r->share;
    p->own += r->share.own;
    if ((r->share.depth && (r->share.depth != share->depth ||
                            r->share.states != share->states)) ||
        (share->depth && p->ended_before) || p->own > share->states)
        return wrong(in, "%s: this slice divided other states than the others",
                     p->outcome.profile->name);
    return 0;
}

/* Where every slice has been, the search has. */
static void add_result(struct search_result *to, const struct search_result *r,
                       bool first)
{
    if (first || (to->all && !r->all) ||
        (to->all == r->all && r->complete < to->complete))
        to->complete = r->complete;
    to->all = r->all && (first || to->all);
    if (r->stopped > to->stopped)
        to->stopped = r->stopped;
    to->states += r->states;
    to->tries += r->tries;
}

/* ------------------------------------------------------- what it came by */

static bool read_names(const json_t *names, const char *(*name)(unsigned n),
                       uint64_t *bits)
{
    size_t nr = json_array_size(names);

    for (size_t i = 0; i < nr; i++) {
        const char *text = json_string_value(json_array_get(names, i));
        unsigned n = 0;

        while (name(n) && (!text || strcmp(name(n), text) != 0))
            n++;
        if (!name(n))
            return false;
        *bits |= UINT64_C(1) << n;
    }
    return json_is_array(names);
}

static bool is_among(const json_t *texts, const char *text)
{
    for (size_t i = 0; i < json_array_size(texts); i++)
        if (strcmp(json_string_value(json_array_get(texts, i)), text) == 0)
            return true;
    return false;
}

/* What did nothing in any slice. */
static int add_idle(struct outcome *o, const json_t *idle, bool first)
{
    unsigned nr = 0;
    int err = 0;

    for (size_t i = 0; first && !err && i < json_array_size(idle); i++)
        err = outcome_add_idle(o, json_string_value(json_array_get(idle, i)));
    for (unsigned i = 0; !first && i < o->nr_idle; i++)
        if (is_among(idle, o->idle[i]))
            o->idle[nr++] = o->idle[i];
        else
            free(o->idle[i]);
    if (!first)
        o->nr_idle = nr;
    return err;
}

static int add_coverage(struct part *p, json_t *kernel, bool first,
                        const struct input *in)
{
    struct coverage *c = &p->outcome.result.coverage;
    json_t *hooks, *paths, *idle, *no_hooks, *no_paths;
    uint64_t never = 0;
    bool good;

    if (json_unpack(kernel, "{s:{s:o, s:o}, s:{s:o, s:o}, s:o}", "hooks",
                    "reached", &hooks, "never", &no_hooks, "paths", "reached",
                    &paths, "never", &no_paths, "idle_steps", &idle) != 0)
        return wrong(in, "not the report of a slice, in JSON");
    good = read_names(hooks, coverage_hook, &c->hooks) &&
           read_names(no_hooks, coverage_hook, &never) &&
           read_names(paths, coverage_path, &c->paths) &&
           read_names(no_paths, coverage_path, &never) && json_is_array(idle);
    for (size_t i = 0; i < json_array_size(idle); i++)
        good &= json_is_string(json_array_get(idle, i));
    if (!good)
        return wrong(in, "%s: hooks, paths or steps that adiemu does not know",
                     p->outcome.profile->name);
    return add_idle(&p->outcome, idle, first);
}

/* -------------------------------------------------------------- one kernel */

static bool read_end(const json_t *word, enum search_end *end)
{
    const char *name = json_string_value(word);

    *end = name ? search_end_find(name) : SEARCH_WHOLE;
    return name ? *end != SEARCH_WHOLE : json_is_null(word);
}

static int add_kernel(struct part *p, json_t *kernel, bool first,
                      const struct input *in)
{
    json_int_t states, tried, share_states, own;
    int complete, all, depth;
    enum search_end stopped;
    struct search_result r;
    const char *name;
    json_t *findings, *end;
    int err;

    if (json_unpack(kernel,
                    "{s:s, s:i, s:b, s:o, s:I, s:I, s:o, s:{s:i, s:I, s:I}}",
                    "kernel", &name, "complete_depth", &complete, "any_depth",
                    &all, "stopped", &end, "states", &states, "tried", &tried,
                    "findings", &findings, "share", "depth", &depth, "states",
                    &share_states, "own", &own) != 0 ||
        !json_is_array(findings) || !read_end(end, &stopped) || complete < 0 ||
        states < 0 || tried < 0 || depth < 0 || own < 0 || own > share_states ||
        share_states > UINT32_MAX)
        return wrong(in, "not the report of a slice, in JSON");
    if (first)
        p->outcome.profile = adi_profile_find(name);
    if (!p->outcome.profile)
        return wrong(in, "no profile is called \"%s\"", name);
    if (strcmp(p->outcome.profile->name, name) != 0)
        return wrong(in, "%s where others have %s", name,
                     p->outcome.profile->name);
    r = (struct search_result){.complete = (unsigned)complete,
                               .all = all,
                               .stopped = stopped,
                               .states = (uint64_t)states,
                               .tries = (uint64_t)tried,
                               .share = {.depth = (unsigned)depth,
                                         .states = (uint32_t)share_states,
                                         .own = (uint32_t)own}};
    add_result(&p->outcome.result, &r, first);
    err = add_share(p, &r, in);
    if (!err)
        err = add_coverage(p, kernel, first, in);
    return err ? err : add_findings(p, findings, in);
}

/* ------------------------------------------------------------- one report */

static int start(struct merge *m, json_t *report, unsigned slices,
                 const struct input *in)
{
    size_t nr = json_array_size(json_object_get(report, "kernels"));

    m->first = json_incref(report);
    m->first_name = strdup(in->name);
    m->names = calloc(slices, sizeof(*m->names));
    m->missing = calloc(slices, sizeof(*m->missing));
    m->parts = calloc(nr + 1, sizeof(*m->parts));
    m->outcomes = calloc(nr + 1, sizeof(*m->outcomes));
    if (!m->first_name || !m->names || !m->missing || !m->parts || !m->outcomes)
        return -ENOMEM;
    m->slices = slices;
    m->nr = (unsigned)nr;
    return 0;
}

/* Is it of the same search as the first? */
static int compare(const struct merge *m, const json_t *report,
                   const struct input *in)
{
    static const char *const keys[] = {"slices", "actions",   "steps",
                                       "pages",  "processes", "depth"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (!json_equal(json_object_get(report, keys[i]),
                        json_object_get(m->first, keys[i])))
            return wrong(in, "\"%s\" is not that of %s", keys[i],
                         m->first_name);
    if (json_array_size(json_object_get(report, "kernels")) != m->nr)
        return wrong(in, "other kernels than %s", m->first_name);
    if (!json_equal(json_object_get(report, "identity"),
                    json_object_get(m->first, "identity")))
        return wrong(in,
                     "not as %s: another version of adiemu, other lines of "
                     "actions, or --sync or --check",
                     m->first_name);
    return 0;
}

static int take_slice(struct merge *m, unsigned slice, const struct input *in)
{
    char **name = &m->names[slice - 1];

    if (*name)
        return wrong(in, "slice %u again, after %s", slice, *name);
    *name = strdup(in->name);
    return *name ? 0 : -ENOMEM;
}

static int add_report(struct merge *m, json_t *report, const struct input *in)
{
    const char *actions, *options, *identity;
    int slice, slices, steps, depth, pages, processes, err = 0;
    bool first = !m->first;
    json_t *kernels;

    if (json_unpack(report,
                    "{s:i, s:i, s:i, s:i, s:i, s:i, s:s, s:s, s:s, s:o}",
                    "slice", &slice, "slices", &slices, "steps", &steps,
                    "depth", &depth, "pages", &pages, "processes", &processes,
                    "actions", &actions, "script_options", &options, "identity",
                    &identity, "kernels", &kernels) != 0 ||
        slice < 1 || slice > slices || slices > (int)MERGE_MAX_SLICES ||
        json_array_size(kernels) == 0)
        return wrong(in, "not the report of a slice, in JSON");
    if (first)
        err = start(m, report, (unsigned)slices, in);
    if (!err)
        err = compare(m, report, in);
    if (!err)
        err = take_slice(m, (unsigned)slice, in);
    for (unsigned k = 0; !err && k < m->nr; k++)
        err = add_kernel(&m->parts[k], json_array_get(kernels, k), first, in);
    return err;
}

int merge_add(struct merge *m, const char *name, const char *text, size_t len,
              FILE *err)
{
    const struct input in = {.name = name, .err = err};
    json_error_t where;
    json_t *report = json_loadb(text, len, 0, &where);
    int ret;

    if (!report)
        return wrong(&in, "line %d: %s", where.line, where.text);
    ret = add_report(m, report, &in);
    json_decref(report);
    return ret;
}

/* --------------------------------------------------------------- the whole */

static int by_length(const void *a, const void *b)
{
    const struct outcome_finding *x = a, *y = b;

    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    if (x->key.class != y->key.class)
        return x->key.class < y->key.class ? -1 : 1;
    if (x->key.cause != y->key.cause)
        return x->key.cause < y->key.cause ? -1 : 1;
    if (x->key.path != y->key.path)
        return x->key.path < y->key.path ? -1 : 1;
    return x->key.detail < y->key.detail ? -1 : x->key.detail > y->key.detail;
}

/* Only what comes before the depth that is divided was gone through in full. */
static void leave_out(struct search_result *r)
{
    r->all = false;
    if (r->share.depth && r->share.depth <= r->complete)
        r->complete = r->share.depth - 1;
}

static int end_part(struct part *p, unsigned nr_missing, const struct input *in)
{
    struct outcome *o = &p->outcome;

    if (o->nr)
        qsort(o->findings, o->nr, sizeof(o->findings[0]), by_length);
    if (nr_missing)
        leave_out(&o->result);
    else if (!p->stopped_before && p->own != o->result.share.states)
        return wrong(in,
                     "%s: the slices have %llu of the %lu states that were "
                     "divided",
                     o->profile->name, (unsigned long long)p->own,
                     (unsigned long)o->result.share.states);
    return 0;
}

static unsigned number_of(const json_t *report, const char *key)
{
    return (unsigned)json_integer_value(json_object_get(report, key));
}

int merge_end(struct merge *m, struct report *out, FILE *err)
{
    const struct input in = {.name = "--merge", .err = err};
    unsigned nr_missing = 0;

    for (unsigned i = 0; i < m->slices; i++)
        if (!m->names[i])
            m->missing[nr_missing++] = i + 1;
    for (unsigned k = 0; k < m->nr; k++) {
        int ret = end_part(&m->parts[k], nr_missing, &in);

        if (ret)
            return ret;
        m->outcomes[k] = m->parts[k].outcome;
    }
    *out = (struct report){
        .outcomes = m->outcomes,
        .nr = m->nr,
        .nr_steps = number_of(m->first, "steps"),
        .depth = number_of(m->first, "depth"),
        .size = {.nr_pages = number_of(m->first, "pages"),
                 .nr_processes = number_of(m->first, "processes")},
        .actions = json_string_value(json_object_get(m->first, "actions")),
        .options =
            json_string_value(json_object_get(m->first, "script_options")),
        .identity = json_string_value(json_object_get(m->first, "identity")),
        .slices = m->slices,
        .missing = m->missing,
        .nr_missing = nr_missing,
    };
    return 0;
}
