// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>

#include "report/internal.h"

struct report *report_create_deaf(void)
{
    return calloc(1, sizeof(struct report));
}

struct report *report_create(void)
{
    struct report *r = report_create_deaf();

    if (!r)
        return NULL;
    r->history = history_create();
    r->blames = blames_create();
    r->refusals = refusals_create();
    r->ledger = ledger_create();
    if (r->history && r->blames)
        r->oracle = oracle_create(r->history, r->blames);
    r->stacks = stack_depot_create();
    r->mismatches = mismatches_create();
    if (!r->refusals || !r->ledger || !r->oracle || !r->stacks ||
        !r->mismatches) {
        report_destroy(r);
        return NULL;
    }
    r->found = oracle_records(r->oracle);
    r->wrong = ledger_releases(r->ledger);
    return r;
}

void report_destroy(struct report *r)
{
    if (!r)
        return;
    mismatches_destroy(r->mismatches);
    stack_depot_destroy(r->stacks);
    oracle_destroy(r->oracle);
    ledger_destroy(r->ledger);
    timeline_destroy(r->timeline);
    refusals_destroy(r->refusals);
    blames_destroy(r->blames);
    history_destroy(r->history);
    host_errors_fini(&r->host_errors);
    free(r);
}

bool report_listens(const struct report *r)
{
    return r->ledger != NULL;
}

void report_set_watch(struct report *r, struct report_watch watch)
{
    r->watch = watch;
}

void report_set_log(struct report *r, const struct log *log)
{
    r->log = log;
}

void report_set_source(struct report *r, struct report_source src)
{
    r->source = src;
}

int report_keep_timeline(struct report *r, size_t limit)
{
    r->timeline = timeline_create(limit);
    if (!r->timeline)
        return -ENOMEM;
    ledger_keep_lives(r->ledger, timeline_lives(r->timeline));
    return 0;
}

void report_area(struct report *r, const struct area_image *area)
{
    timeline_area(r->timeline, area);
}

void report_page(struct report *r, const struct page_image *page)
{
    timeline_page(r->timeline, page);
}

static void keep(struct report *r, const struct event *ev)
{
    timeline_event(r->timeline, ev);
    if (ev->kind == EV_MM_EXIT && r->source.left &&
        timeline_leave(r->timeline, ev))
        r->source.left(r->source.ctx, ev->mm);
}

/* Event @at has shown that the story of this page is worth its room. */
static void want(struct report *r, uint32_t mm, gva_t va,
                 const struct stamp *at)
{
    struct stamp *story;
    size_t dropped, nr;

    if (!r->timeline)
        return;
    nr = history_copy(r->history, mm, va, &story, &dropped);
    timeline_want(r->timeline, mm, va, story, nr);
    timeline_want(r->timeline, mm, va, at, 1);
    free(story);
}

static void found_more(struct report *r, uint64_t found, uint64_t wrong)
{
    const struct misrelease *m = ledger_last_misrelease(r->ledger);
    const struct finding *f = oracle_last(r->oracle);
    bool log = r->log && log_wants(r->log, LOG_TAGS, LOG_INFO);

    if (report_misreleased(r) > wrong) {
        want(r, m->mm, m->va, &m->at);
        if (log)
            log_misrelease(r->log, m);
    }
    if (report_found(r) > found) {
        paths_finding(r->paths, f);
        want(r, f->mm, f->va, &f->seen);
        if (log)
            log_finding(r->log, f);
    }
}

static void judge(struct report *r, const struct event *ev)
{
    uint64_t found = r->found->count, wrong = r->wrong->count;

    /* The story first: a finding quotes it with this event in it. */
    history_event(r->history, ev);
    ledger_event(r->ledger, ev);
    if (ev->kind == EV_TAG_SAVE_FAIL)
        refusals_event(r->refusals, ev);
    paths_event(r->paths, ev);
    blames_event(r->blames, ev);
    oracle_event(r->oracle, ev);
    if (r->found->count + r->wrong->count != found + wrong)
        found_more(r, found, wrong);
}

void report_event(struct report *r, struct event *ev)
{
    struct report_where where = {0};

    ev->nr = ++r->nr_events;
    if (!r->ledger)
        return;
    if (r->source.where)
        r->source.where(r->source.ctx, &where);
    if (r->actor.set && r->actor.pid != where.pid) {
        where.pid = r->actor.pid;
        where.pc = 0; /* that of somebody else */
    }
    ev->insn = where.insn;
    ev->pc = where.pc;
    ev->program = where.program;
    ev->pid = where.pid;
    ev->line = r->cause;

    if (r->watch.before)
        r->watch.before(r->watch.ctx, ev);
    if (r->log)
        log_event(r->log, ev);
    if (r->timeline)
        keep(r, ev);
    judge(r, ev);
    if (r->watch.after)
        r->watch.after(r->watch.ctx, ev);
}

unsigned report_set_cause(struct report *r, unsigned line)
{
    unsigned was = r->cause;

    r->cause = line;
    return was;
}

struct report_actor report_set_actor(struct report *r,
                                     struct report_actor actor)
{
    struct report_actor was = r->actor;

    r->actor = actor;
    return was;
}

void report_count(struct report *r, enum counter c)
{
    r->counters[c]++;
}

void report_count_add(struct report *r, enum counter c, uint64_t n)
{
    r->counters[c] += n;
}

uint64_t report_counter(const struct report *r, enum counter c)
{
    return r->counters[c];
}

uint64_t report_events(const struct report *r)
{
    return r->nr_events;
}

void report_tag_store(struct report *r, uint32_t mm, gva_t va, adi_tag_t tag,
                      uint32_t by)
{
    r->counters[COUNT_TAG_STORES]++;
    if (!r->oracle)
        return;
    oracle_tag_store(r->oracle, mm, va, tag, by);
}

void report_keep_few(struct report *r)
{
    r->few = true;
    oracle_records(r->oracle)->all = false;
    ledger_releases(r->ledger)->all = false;
    refusals_records(r->refusals)->all = false;
}

uint64_t report_found(const struct report *r)
{
    return oracle_records(r->oracle)->count;
}

uint64_t report_misreleased(const struct report *r)
{
    return ledger_releases(r->ledger)->count;
}

uint64_t report_refused(const struct report *r)
{
    return refusals_records(r->refusals)->count;
}

const struct finding *report_last_finding(const struct report *r)
{
    return oracle_last(r->oracle);
}

size_t report_nr_findings(const struct report *r)
{
    return oracle_nr_findings(r->oracle);
}

const struct finding *report_finding(const struct report *r, size_t n)
{
    return oracle_finding(r->oracle, n);
}

size_t report_nr_leaks(const struct report *r)
{
    return ledger_nr_leaks(r->ledger);
}

const struct leak *report_leak(const struct report *r, size_t n)
{
    return ledger_leak(r->ledger, n);
}

size_t report_nr_misreleases(const struct report *r)
{
    return ledger_nr_misreleases(r->ledger);
}

const struct misrelease *report_misrelease(const struct report *r, size_t n)
{
    return ledger_misrelease(r->ledger, n);
}

const adi_tag_t *report_expects(const struct report *r, uint32_t mm, gva_t va,
                                const uint8_t **known)
{
    if (known)
        *known = NULL;
    return r->oracle ? oracle_page(r->oracle, mm, va, known) : NULL;
}
