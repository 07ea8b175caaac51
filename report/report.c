#include "report/report.h"

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
    r->ledger = ledger_create();
    if (r->history)
        r->oracle = oracle_create(r->history);
    if (!r->ledger || !r->oracle) {
        report_destroy(r);
        return NULL;
    }
    return r;
}

void report_destroy(struct report *r)
{
    if (!r)
        return;
    oracle_destroy(r->oracle);
    ledger_destroy(r->ledger);
    history_destroy(r->history);
    free(r);
}

bool report_listens(const struct report *r)
{
    return r->ledger != NULL;
}

void report_set_source(struct report *r, struct report_source src)
{
    r->source = src;
}

void report_event(struct report *r, struct event *ev)
{
    struct report_where where = {0};

    ev->nr = ++r->nr_events;
    if (!r->ledger)
        return;
    if (r->source.where)
        r->source.where(r->source.ctx, &where);
    ev->insn = where.insn;
    ev->pc = where.pc;
    ev->pid = where.pid;

    /* The story first: a finding quotes it with this event in it. */
    history_event(r->history, ev);
    ledger_event(r->ledger, ev);
    paths_event(r->paths, ev);
    oracle_event(r->oracle, ev);
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

void report_tag_store(struct report *r, uint32_t mm, gva_t va, adi_tag_t tag)
{
    r->counters[COUNT_TAG_STORES]++;
    if (!r->oracle)
        return;
    oracle_tag_store(r->oracle, mm, va, tag);
}
