// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/record.h"

#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

static struct record *find(struct records *list, unsigned kind,
                           enum cause_id cause)
{
    for (size_t i = 0; i < list->nr; i++)
        if (list->at[i].kind == kind && list->at[i].cause == cause)
            return &list->at[i];
    return NULL;
}

static struct record *get(struct records *list, unsigned kind,
                          enum cause_id cause)
{
    struct record *rec = find(list, kind, cause);

    if (rec)
        return rec;
    list->at = must(realloc(list->at, (list->nr + 1) * sizeof(*list->at)));
    rec = &list->at[list->nr++];
    *rec = (struct record){.kind = kind, .cause = cause};
    return rec;
}

/* ---------------------------------------------------------------- places */

static void add_place(struct record *rec, const struct stamp *where)
{
    for (size_t i = 0; i < rec->nr_places; i++) {
        struct record_place *p = &rec->places[i];

        if (p->first.program == where->program && p->first.pc == where->pc &&
            p->first.line == where->line) {
            p->count++;
            return;
        }
    }
    if (rec->nr_places == RECORD_PLACES)
        rec->elsewhere++;
    else
        rec->places[rec->nr_places++] =
            (struct record_place){.first = *where, .count = 1};
}

/* ---------------------------------------------------------------- ranges */

static bool same_space(const struct page_range *a, const struct page_range *b)
{
    return a->mm == b->mm && a->object == b->object;
}

static bool starts_after(const struct page_range *a, const struct page_range *b)
{
    if (a->mm != b->mm)
        return a->mm > b->mm;
    if (a->object != b->object)
        return a->object > b->object;
    return a->start > b->start;
}

/* The first range that starts after @pages. */
static size_t range_above(const struct record *rec,
                          const struct page_range *pages)
{
    size_t low = 0, high = rec->nr_ranges;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (starts_after(&rec->ranges[middle], pages))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static bool touches(const struct page_range *low, const struct page_range *high)
{
    return same_space(low, high) && high->start <= low->end;
}

static void grow(struct page_range *to, const struct page_range *by)
{
    if (by->start < to->start)
        to->start = by->start;
    if (by->end > to->end)
        to->end = by->end;
}

/* The one at @at has grown: it may have reached those above it. */
static void join_above(struct record *rec, size_t at)
{
    size_t next = at + 1;

    while (next < rec->nr_ranges &&
           touches(&rec->ranges[at], &rec->ranges[next]))
        grow(&rec->ranges[at], &rec->ranges[next++]);
    memmove(&rec->ranges[at + 1], &rec->ranges[next],
            (rec->nr_ranges - next) * sizeof(*rec->ranges));
    rec->nr_ranges -= next - (at + 1);
}

static void insert(struct record *rec, size_t at,
                   const struct page_range *pages)
{
    size_t nr = rec->nr_ranges;

    /* Room grows by powers of two. */
    if ((nr & (nr - 1)) == 0)
        rec->ranges = must(
            realloc(rec->ranges, (nr ? nr * 2 : 1) * sizeof(*rec->ranges)));
    memmove(&rec->ranges[at + 1], &rec->ranges[at],
            (nr - at) * sizeof(*rec->ranges));
    rec->ranges[at] = *pages;
    rec->nr_ranges++;
}

static void add_pages(struct record *rec, const struct page_range *pages,
                      bool all)
{
    size_t above = range_above(rec, pages);

    if (above > 0 && touches(&rec->ranges[above - 1], pages)) {
        grow(&rec->ranges[above - 1], pages);
        join_above(rec, above - 1);
    } else if (above < rec->nr_ranges && touches(pages, &rec->ranges[above])) {
        grow(&rec->ranges[above], pages);
        join_above(rec, above);
    } else if (all || rec->nr_ranges < RECORD_RANGES) {
        insert(rec, above, pages);
    } else {
        rec->uncovered++;
    }
}

/* --------------------------------------------------------------- records */

size_t records_add(struct records *list, unsigned kind, enum cause_id cause,
                   const struct stamp *where, const struct page_range *pages)
{
    struct record *rec = get(list, kind, cause);

    list->count++;
    rec->count++;
    add_place(rec, where);
    if (pages->start < pages->end)
        add_pages(rec, pages, list->all);
    return (size_t)(rec - list->at);
}

bool records_keep(struct records *list, size_t n)
{
    if (!list->all && list->at[n].listed == RECORD_FIRST)
        return false;
    list->at[n].listed++;
    return true;
}

void records_fini(struct records *list)
{
    for (size_t i = 0; i < list->nr; i++)
        free(list->at[i].ranges);
    free(list->at);
    *list = (struct records){.all = list->all};
}
