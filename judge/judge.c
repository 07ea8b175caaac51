// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/judge.h"

#include <errno.h>
#include <stdlib.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "event/log.h"
#include "judge/internal.h"

static void hear(void *ctx, const struct event *ev);
static bool has_tags(void *ctx, uint32_t mm, gva_t va);

static const struct listener_ops judge_ops = {.event = hear,
                                              .has_tags = has_tags};

struct judge *judge_create(struct hub *hub, struct adi *adi)
{
    struct judge *j = calloc(1, sizeof(*j));

    if (!j)
        return NULL;
    j->hub = hub;
    j->adi = adi;
    j->history = history_create();
    j->blames =
        blames_create(adi && adi_profile(adi)->store->kind == STORE_SLOTS);
    j->refusals = refusals_create();
    j->ledger = ledger_create();
    if (j->history && j->blames)
        j->oracle = oracle_create(j->history, j->blames);
    j->stacks = stack_depot_create();
    j->mismatches = mismatches_create();
    if (!j->refusals || !j->ledger || !j->oracle || !j->stacks ||
        !j->mismatches) {
        judge_destroy(j);
        return NULL;
    }
    j->found = oracle_records(j->oracle);
    j->wrong = ledger_releases(j->ledger);
    j->listener = (struct listener){.ops = &judge_ops, .ctx = j};
    hub_listen(hub, &j->listener);
    return j;
}

void judge_destroy(struct judge *j)
{
    if (!j)
        return;
    hub_unlisten(j->hub, &j->listener);
    kernel_bug_fini(j);
    mismatches_destroy(j->mismatches);
    stack_depot_destroy(j->stacks);
    oracle_destroy(j->oracle);
    ledger_destroy(j->ledger);
    timeline_destroy(j->timeline);
    refusals_destroy(j->refusals);
    blames_destroy(j->blames);
    history_destroy(j->history);
    free(j);
}

struct hub *judge_hub(const struct judge *j)
{
    return j->hub;
}

int judge_keep_timeline(struct judge *j, size_t limit)
{
    j->timeline = timeline_create(limit);
    if (!j->timeline)
        return -ENOMEM;
    ledger_keep_lives(j->ledger, timeline_lives(j->timeline));
    return 0;
}

/* ---------------------------------------------------------------- events */

static void keep(struct judge *j, const struct event *ev)
{
    timeline_event(j->timeline, ev);
    if (ev->kind == EV_MM_EXIT && j->adi && timeline_leave(j->timeline, ev))
        timeline_take_image(j->timeline, j->adi, ev->mm);
}

/* Event @at has shown that the story of this page is worth its room. */
static void want(struct judge *j, uint32_t mm, gva_t va, const struct stamp *at)
{
    struct stamp *story;
    size_t dropped, nr;

    if (!j->timeline)
        return;
    nr = history_copy(j->history, mm, va, &story, &dropped);
    timeline_want(j->timeline, mm, va, story, nr);
    timeline_want(j->timeline, mm, va, at, 1);
    free(story);
}

static void found_more(struct judge *j, uint64_t found, uint64_t wrong)
{
    const struct misrelease *m = ledger_last_misrelease(j->ledger);
    const struct finding *f = oracle_last(j->oracle);
    const struct log *log = hub_log(j->hub);

    if (log && !log_wants(log, LOG_TAGS, LOG_INFO))
        log = NULL;
    if (judge_misreleased(j) > wrong) {
        want(j, m->mm, m->va, &m->at);
        if (log)
            log_misrelease(log, m);
    }
    if (judge_found(j) > found) {
        paths_finding(j->paths, f);
        want(j, f->mm, f->va, &f->seen);
        if (log)
            log_finding(log, f);
    }
}

static void hear(void *ctx, const struct event *ev)
{
    struct judge *j = ctx;
    uint64_t found = j->found->count, wrong = j->wrong->count;

    if (j->timeline)
        keep(j, ev);
    /* The story first: a finding quotes it with this event in it. */
    history_event(j->history, ev);
    ledger_event(j->ledger, ev);
    if (ev->kind == EV_TAG_SAVE_FAIL)
        refusals_event(j->refusals, ev);
    paths_event(j->paths, ev);
    blames_event(j->blames, ev);
    oracle_event(j->oracle, ev);
    if (j->found->count + j->wrong->count != found + wrong)
        found_more(j, found, wrong);
    if (ev->kind == EV_KERNEL_BUG)
        kernel_bug_event(j, ev);
}

static bool has_tags(void *ctx, uint32_t mm, gva_t va)
{
    return judge_expects(ctx, mm, va, NULL) != NULL;
}

void judge_tag_store(struct judge *j, uint32_t mm, gva_t va, adi_tag_t tag,
                     uint32_t by)
{
    hub_count(j->hub, COUNT_TAG_STORES);
    oracle_tag_store(j->oracle, mm, va, tag, by);
}

struct tag_noting judge_tag_noting(struct judge *j, uint32_t mm, gva_t va)
{
    struct tag_noting at = {.count = hub_count_place(j->hub, COUNT_TAG_STORES)};

    at.notes = oracle_notes(j->oracle, mm, va, &at.epoch);
    return at;
}

void judge_object_tag_store(struct judge *j, uint64_t object, uint64_t offset,
                            adi_tag_t tag, uint32_t by)
{
    oracle_object_tag_store(j->oracle, object, offset, tag, by);
}

/* ------------------------------------------------------ what they have */

void judge_keep_few(struct judge *j)
{
    oracle_records(j->oracle)->all = false;
    ledger_releases(j->ledger)->all = false;
    refusals_records(j->refusals)->all = false;
}

bool judge_keeps_few(const struct judge *j)
{
    return !j->found->all;
}

const adi_tag_t *judge_expects(const struct judge *j, uint32_t mm, gva_t va,
                               const uint8_t **known)
{
    if (known)
        *known = NULL;
    return oracle_page(j->oracle, mm, va, known);
}

const adi_tag_t *judge_object_expects(const struct judge *j, uint64_t object,
                                      uint64_t index, const uint8_t **known)
{
    return oracle_object_page(j->oracle, object, index, known);
}

uint64_t judge_errors(const struct judge *j)
{
    uint64_t n = judge_found(j) + judge_misreleased(j) + judge_refused(j) +
                 hub_counter(j->hub, COUNT_MISMATCHES) + j->stopped;

    for (size_t i = 0; i < judge_nr_leaks(j); i++)
        if (leak_is_error(judge_leak(j, i)))
            n += judge_leak(j, i)->count;
    return n;
}

uint64_t judge_found(const struct judge *j)
{
    return oracle_records(j->oracle)->count;
}

uint64_t judge_misreleased(const struct judge *j)
{
    return ledger_releases(j->ledger)->count;
}

uint64_t judge_refused(const struct judge *j)
{
    return refusals_records(j->refusals)->count;
}

const struct finding *judge_last_finding(const struct judge *j)
{
    return oracle_last(j->oracle);
}

size_t judge_nr_findings(const struct judge *j)
{
    return oracle_nr_findings(j->oracle);
}

const struct finding *judge_finding(const struct judge *j, size_t n)
{
    return oracle_finding(j->oracle, n);
}

size_t judge_nr_leaks(const struct judge *j)
{
    return ledger_nr_leaks(j->ledger);
}

const struct leak *judge_leak(const struct judge *j, size_t n)
{
    return ledger_leak(j->ledger, n);
}

size_t judge_nr_misreleases(const struct judge *j)
{
    return ledger_nr_misreleases(j->ledger);
}

const struct misrelease *judge_misrelease(const struct judge *j, size_t n)
{
    return ledger_misrelease(j->ledger, n);
}

struct oracle *judge_oracle(const struct judge *j)
{
    return j->oracle;
}

struct ledger *judge_ledger(const struct judge *j)
{
    return j->ledger;
}

struct refusals *judge_refusals(const struct judge *j)
{
    return j->refusals;
}

const struct history *judge_history(const struct judge *j)
{
    return j->history;
}

struct timeline *judge_timeline(const struct judge *j)
{
    return j->timeline;
}
