// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/outcome.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/kernel_bug.h"
#include "explore/story.h"
#include "judge/ledger.h"
#include "judge/misrelease.h"
#include "script/alone.h"

const char *outcome_options(const struct world_config *config,
                            char buf[static OUTCOME_OPTIONS_MAX])
{
    snprintf(buf, OUTCOME_OPTIONS_MAX, "--ram=%lluK --nodes=%u --swap=%lluK%s",
             (unsigned long long)world_frames(config) * PAGE_SIZE / 1024,
             config->nr_nodes,
             (unsigned long long)world_slots(config) * PAGE_SIZE / 1024,
             config->synchronous ? ",sync" : "");
    return buf;
}

const char *outcome_detail(const struct found_key *key)
{
    switch (key->class) {
    case FOUND_LEAK: return leak_class_name((enum leak_class)key->detail);
    case FOUND_RELEASE:
        return misrelease_kind_name((enum misrelease_kind)key->detail);
    case FOUND_DATA: return data_kind_name((enum data_kind)key->detail);
    case FOUND_BUG:
        return kernel_bug_place((enum kernel_bug_id)key->detail)->name;
    default: return NULL;
    }
}

/* How often the moment of the others has come. */
static uint64_t times(const struct world *w, const struct step *step)
{
    return step->has_other ? world_moments(w, step->moment, step->kind) : 0;
}

/* The others come at the @nr-th of all such moments. */
static void write_other(const struct step *step, uint64_t nr, FILE *out)
{
    struct script_event ev = {.trigger = {.when = step->moment == MOMENT_MIGRATE
                                                      ? WHEN_MIGRATE
                                                      : WHEN_FAULT,
                                          .nr = nr,
                                          .moment = step->moment,
                                          .kind = step->kind},
                              .action = step->other};
    char text[SCRIPT_MAX_TEXT];

    fprintf(out, "%s\n", script_event_text(&ev, text));
}

/* A line of others that did not come in their step would in a later one. */
static void write_step(struct world *w, const struct step *step, bool deadly,
                       FILE *out)
{
    uint64_t before = times(w, step);
    char text[SCRIPT_MAX_TEXT];

    if (!deadly)
        (void)world_do(w, step);
    if (step->has_other && (deadly || times(w, step) > before))
        write_other(step, before + 1, out);
    fprintf(out, "%s\n", script_action_text(&step->action, text));
}

/* The script of a way, and what happens in it; the last step of a crash is
 * not done once more. */
static int write_way(const struct search *s, struct world *w,
                     const struct found *found, FILE *script, json_t **out)
{
    const struct step *steps[SEARCH_MAX_DEPTH + 1];
    unsigned nr = search_steps(s, &found->way, steps);
    bool crash = found->key.class == FOUND_CRASH;
    char text[COVERAGE_STEP_MAX];
    struct found_key data;
    struct story *story;

    world_restart(w);
    story = story_begin(w);
    if (!story)
        return -ENOMEM;
    for (unsigned i = 0; i < nr; i++) {
        bool deadly = crash && i + 1 == nr;

        write_step(w, steps[i], deadly, script);
        story_step(story, coverage_step(steps[i], text),
                   !deadly && world_data(w, &data) ? &data : NULL);
    }
    if (found->way.step == FOUND_AT_END && !crash) {
        world_end(w);
        story_step(story, NULL, NULL);
    }
    *out = story_end(story);
    return *out ? 0 : -ENOMEM;
}

static int make_finding(const struct search *s, struct world *w, unsigned n,
                        struct outcome_finding *out)
{
    const struct found *found = search_found(s, n);
    size_t bytes;
    int err;
    FILE *text = open_memstream(&out->script, &bytes);

    if (!text)
        return -ENOMEM;
    out->key = found->key;
    out->cause = cause_of_id(alone_judge(world_alone(w)), found->key.cause);
    out->length = found->way.length;
    err = write_way(s, w, found, text, &out->story);
    return fclose(text) == 0 ? err : -ENOMEM;
}

int outcome_add_idle(struct outcome *o, const char *step)
{
    char **grown = realloc(o->idle, (o->nr_idle + 1) * sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    o->idle = grown;
    o->idle[o->nr_idle] = strdup(step);
    if (!o->idle[o->nr_idle])
        return -ENOMEM;
    o->nr_idle++;
    return 0;
}

static int make_idle(const struct search *s, struct outcome *out)
{
    const struct alphabet *a = search_alphabet(s);
    char text[COVERAGE_STEP_MAX];
    int err = 0;

    for (unsigned i = 0; !err && i < a->nr; i++)
        if (!step_set_has(&out->result.coverage.steps, i))
            err = outcome_add_idle(out, coverage_step(&a->steps[i], text));
    return err;
}

int outcome_make(const struct search *s, struct outcome *out)
{
    const struct world_config *config = search_world(s);
    struct world *w = world_create(config);
    int err = 0;

    *out = (struct outcome){.profile = config->profile,
                            .result = search_result(s)};
    out->findings = calloc(out->result.nr_found + 1, sizeof(*out->findings));
    if (!w || !out->findings)
        err = -ENOMEM;
    if (w)
        world_count(w);
    while (!err && out->nr < out->result.nr_found) {
        err = make_finding(s, w, out->nr, &out->findings[out->nr]);
        out->nr++;
    }
    world_destroy(w);
    if (!err)
        err = make_idle(s, out);
    if (err)
        outcome_free(out);
    return err;
}

void outcome_free(struct outcome *o)
{
    for (unsigned i = 0; i < o->nr; i++) {
        free(o->findings[i].script);
        json_decref(o->findings[i].story);
    }
    free(o->findings);
    for (unsigned i = 0; i < o->nr_idle; i++)
        free(o->idle[i]);
    free(o->idle);
    *o = (struct outcome){.nr = 0};
}
