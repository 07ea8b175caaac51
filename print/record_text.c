// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "print/internal.h"
#include "print/text.h"

#define RANGES_SHOWN 4

/* The event script's part in it; ends the line. */
static void print_line(FILE *out, const struct stamp *s)
{
    if (s->line)
        fprintf(out, ", by line %u of the events", s->line);
    fputc('\n', out);
}

void print_when(FILE *out, const struct report *r, const struct stamp *s)
{
    fprintf(out, ", event %" PRIu64, s->nr);
    if (s->insn)
        fprintf(out, ", insn %" PRIu64, s->insn);
    if (s->pid)
        fprintf(out, ", pid %" PRIu32, s->pid);
    if (s->pc)
        print_pc(out, r, s->program, s->pc);
    print_line(out, s);
}

static void print_stamp(FILE *out, const struct report *r, const char *lead,
                        const struct stamp *s)
{
    fprintf(out, P "   %s %s", lead, mm_path_name(s->path));
    if (*mm_path_function(s->path))
        fprintf(out, " (%s)", mm_path_function(s->path));
    print_when(out, r, s);
}

/* One line: who did it, and in which event. */
static void print_cause(FILE *out, const struct report *r,
                        const struct cause *c)
{
    if (c->id == CAUSE_UNKNOWN)
        return;
    fprintf(out, P "   because %s() %s", c->function, c->what);
    print_when(out, r, &c->at);
}

/* ------------------------------------------------ what records have alike */

/* "mm 1, VA 0x70000000-0x70002000" */
static void print_range(FILE *out, const struct page_range *p)
{
    if (p->object)
        fprintf(out, "shared object %" PRIu64 ", offset 0x%" PRIx64, p->object,
                p->start);
    else
        fprintf(out, "mm %" PRIu32 ", VA 0x%" PRIx64, p->mm, p->start);
    fprintf(out, "-0x%" PRIx64, p->end);
}

static void print_ranges(FILE *out, const struct record *rec, bool all)
{
    size_t shown =
        all || rec->nr_ranges <= RANGES_SHOWN ? rec->nr_ranges : RANGES_SHOWN;
    char n[32];

    for (size_t i = 0; i < shown; i++) {
        const struct page_range *p = &rec->ranges[i];
        uint64_t pages = (p->end - p->start) >> PAGE_SHIFT;

        fputs(P "   ", out);
        print_range(out, p);
        fprintf(out, ", %s page%s\n", commas(pages, n), plural(pages));
    }
    if (shown < rec->nr_ranges)
        fprintf(out, P "   and %zu range%s more%s; --verbose-pages has them\n",
                rec->nr_ranges - shown, plural(rec->nr_ranges - shown),
                rec->uncovered ? ", and others" : "");
}

/* The cause struck elsewhere, too. */
static void print_places(FILE *out, const struct report *r,
                         const struct record *rec)
{
    char n[32];

    for (size_t i = 1; i < rec->nr_places; i++) {
        const struct record_place *p = &rec->places[i];

        fprintf(out, P "      and %s time%s", commas(p->count, n),
                plural(p->count));
        if (p->first.pc)
            print_pc(out, r, p->first.program, p->first.pc);
        print_line(out, &p->first);
    }
    if (rec->elsewhere)
        fprintf(out, P "      and %s time%s elsewhere\n",
                commas(rec->elsewhere, n), plural(rec->elsewhere));
}

static void print_record_cause(FILE *out, const struct report *r,
                               const struct record *rec)
{
    struct cause cause = cause_of_record(r->judge, rec);

    print_cause(out, r, &cause);
    print_places(out, r, rec);
}

/* Before its errors, or some of them. */
static const char *listed_lead(const struct record *rec)
{
    return rec->count > rec->listed ? "the first" : "one by one";
}

static void print_unlisted(FILE *out, const struct record *rec)
{
    char n[32];

    if (rec->count > rec->listed)
        fprintf(out, P "   and %s more; --verbose-pages has them\n",
                commas(rec->count - rec->listed, n));
}

/* ----------------------------------------------------------------- leaks */

static void print_leak_place(FILE *out, const struct leak *leak)
{
    const struct page_range pages = {.mm = leak->mm,
                                     .object = leak->object,
                                     .start = leak->start,
                                     .end = leak->end};

    fputs(P "   ", out);
    if (leak->entry)
        fprintf(out, "swap entry 0x%" PRIx64 "%s", leak->entry,
                leak->count > 1 ? " and others" : "");
    else
        print_range(out, &pages);
    fprintf(out, ", %" PRIu64 " user%s, %" PRIu64 " without an entry",
            leak->users, plural(leak->users), leak->leaked);
    if (leak->buf)
        fprintf(out, ", descriptor %" PRIu32, leak->slot);
    fputc('\n', out);
}

/* What is reachable is so at a certain moment. */
static void print_judged(FILE *out, const struct report *r,
                         const struct leak *leak)
{
    const struct stamp *s = &leak->judged;

    fputs(P "   judged ", out);
    switch (s->kind) {
    case EV_MM_EXIT:
        fputs("at exit, before exit_mmap() unmaps the areas", out);
        break;
    case EV_MM_DEAD:
        fputs(leak->entry ? "after the last exit, as its slot is not free yet"
                          : "after exit, when destroy_context() has freed the "
                            "store",
              out);
        break;
    default: fputs("at the last exit, as exit_mmap() releases it", out); break;
    }
    print_when(out, r, s);
}

static void print_leak_story(FILE *out, const struct report *r,
                             const struct leak *leak)
{
    print_stamp(out, r, "allocated by", &leak->alloc);
    if (leak->cut.nr)
        print_stamp(out, r,
                    leak->kind == LEAK_REBOOT
                        ? "pointer overwritten by"
                        : "nothing could release it after",
                    &leak->cut);
    else
        print_judged(out, r, leak);
}

/* Of a record of several: the first whole, of the others where they are. */
static void print_listed_leaks(FILE *out, const struct report *r,
                               const struct leak_records *list, size_t n)
{
    bool first = true;

    for (size_t i = 0; i < ledger_nr_leaks(r->ledger); i++) {
        const struct leak *leak = ledger_leak(r->ledger, i);

        if (list->of[i] != n || !list->listed[i])
            continue;
        print_leak_place(out, leak);
        if (first || !judge_keeps_few(r->judge))
            print_leak_story(out, r, leak);
        first = false;
    }
}

static void print_leak_sums(FILE *out, const struct report *r,
                            const struct record *rec, const struct leak *sums)
{
    char a[32], b[32];

    print_ranges(out, rec, !judge_keeps_few(r->judge));
    fprintf(out, P "   %s user%s, %s without an entry\n",
            commas(sums->users, a), plural(sums->users),
            commas(sums->leaked, b));
    print_record_cause(out, r, rec);
    fprintf(out, P "   %s:\n", listed_lead(rec));
}

static void print_leak_record(FILE *out, const struct report *r,
                              const struct leak_records *list, size_t n)
{
    const struct record *rec = &list->records.at[n];
    const struct leak *sums = &list->sums[n];
    char bytes[32];

    fprintf(out,
            P "\n" P "%s bytes in %" PRIu64 " allocation%s %s, loss record "
              "%zu of %zu\n",
            commas(sums->bytes, bytes), sums->count, plural(sums->count),
            leak_class_name(sums->kind), n + 1, list->records.nr);
    if (rec->count > 1)
        print_leak_sums(out, r, rec, sums);
    print_listed_leaks(out, r, list, n);
    if (rec->count == 1)
        print_record_cause(out, r, rec);
    print_unlisted(out, rec);
}

void print_leaks(FILE *out, const struct report *r,
                 const struct leak_records *list, bool reachable)
{
    for (size_t i = 0; i < list->records.nr; i++)
        if (reachable || list->sums[i].kind != LEAK_REACHABLE)
            print_leak_record(out, r, list, i);
}

/* ------------------------------------------------------- lost and stale */

static void print_event(FILE *out, const struct report *r,
                        const struct stamp *s)
{
    fprintf(out, P "      event %" PRIu64 ": %s", s->nr,
            event_kind_name(s->kind));
    if (s->path != PATH_NONE &&
        strcmp(mm_path_name(s->path), event_kind_name(s->kind)) != 0)
        fprintf(out, " by %s", mm_path_name(s->path));
    if (s->pfn != PFN_NONE)
        fprintf(out, ", frame %" PRIu32, s->pfn);
    if (s->entry)
        fprintf(out, ", entry 0x%" PRIx64, s->entry);
    if (s->buf)
        fprintf(out, ", buffer %" PRIu64, s->buf);
    if (s->users)
        fprintf(out, ", %" PRIu32 " user%s", s->users - 1,
                plural(s->users - 1));
    if (s->insn)
        fprintf(out, ", insn %" PRIu64, s->insn);
    if (s->pid)
        fprintf(out, ", pid %" PRIu32, s->pid);
    if (s->pc)
        print_pc(out, r, s->program, s->pc);
    print_line(out, s);
}

void print_events(FILE *out, const struct report *r, const struct stamp *events,
                  size_t nr, size_t dropped)
{
    if (dropped)
        fprintf(out, P "      (%zu older events not kept)\n", dropped);
    for (size_t i = 0; i < nr; i++)
        print_event(out, r, &events[i]);
}

void report_print_story(const struct judge *j, FILE *out, uint32_t mm, gva_t va)
{
    const struct report whole = report_of(j, NULL), *r = &whole;
    struct stamp *events;
    size_t dropped;
    size_t nr = history_copy(judge_history(j), mm, va, &events, &dropped);

    print_events(out, r, events, nr, dropped);
    free(events);
}

static void print_page(FILE *out, const struct finding *f)
{
    fprintf(out,
            P "   mm %" PRIu32 ", VA 0x%" PRIx64 ": %u of %d blocks differ; "
              "block %u has tag %u, the program set %u\n",
            f->mm, f->va, f->blocks, ADI_TAGS_PER_PAGE, f->first, f->found,
            f->expected);
}

static void print_history(FILE *out, const struct report *r,
                          const struct finding *f)
{
    fprintf(out, P "   history of the page:\n");
    print_events(out, r, f->history, f->nr_history, f->dropped);
}

/* As for leaks. */
static void print_listed_pages(FILE *out, const struct report *r, size_t n)
{
    bool first = true;

    for (size_t i = 0; i < oracle_nr_findings(r->oracle); i++) {
        const struct finding *f = oracle_finding(r->oracle, i);

        if (f->record != n)
            continue;
        print_page(out, f);
        if (first || !judge_keeps_few(r->judge)) {
            print_stamp(out, r, "seen at", &f->seen);
            print_history(out, r, f);
        }
        first = false;
    }
}

static const struct finding *first_page(const struct report *r, size_t n)
{
    size_t i = 0;

    while (oracle_finding(r->oracle, i)->record != n)
        i++;
    return oracle_finding(r->oracle, i);
}

static void print_finding_record(FILE *out, const struct report *r, size_t n)
{
    const struct records *list = oracle_records(r->oracle);
    const struct record *rec = &list->at[n];
    const struct finding *f = first_page(r, n);
    char times[32];

    fprintf(out, P "\n" P "Tags %s", finding_kind_name(f->kind));
    if (rec->count > 1)
        fprintf(out, " %s times", commas(rec->count, times));
    fprintf(out, ", page record %zu of %zu\n", n + 1, list->nr);
    if (rec->count > 1) {
        print_ranges(out, rec, !judge_keeps_few(r->judge));
        print_record_cause(out, r, rec);
        fprintf(out, P "   %s:\n", listed_lead(rec));
        print_listed_pages(out, r, n);
        print_unlisted(out, rec);
        return;
    }
    print_page(out, f);
    print_stamp(out, r, "seen at", &f->seen);
    print_record_cause(out, r, rec);
    print_history(out, r, f);
}

void print_findings(FILE *out, const struct report *r)
{
    for (size_t i = 0; i < oracle_records(r->oracle)->nr; i++)
        print_finding_record(out, r, i);
}

/* -------------------------------------------------------- wrong releases */

static void print_misrelease(FILE *out, const struct misrelease *m)
{
    switch (m->kind) {
    case RELEASE_UNSAVED:
        fprintf(out,
                "Release of a copy that VA 0x%" PRIx64 " of mm %" PRIu32
                " never had, from buffer %" PRIu64 "\n",
                m->va, m->mm, m->buf);
        break;
    case RELEASE_FREED:
        fprintf(out,
                "Restore of VA 0x%" PRIx64 " of mm %" PRIu32
                " from buffer %" PRIu64 ", which is freed\n",
                m->va, m->mm, m->buf);
        break;
    case RELEASE_REUSED:
        fprintf(out,
                "Release by VA 0x%" PRIx64 " of mm %" PRIu32
                " of another page's copy: its descriptor has buffer "
                "%" PRIu64 " by now\n",
                m->va, m->mm, m->buf);
        break;
    }
}

/* As for leaks. */
static void print_listed_releases(FILE *out, const struct report *r, size_t n,
                                  const char *lead)
{
    bool first = true;

    for (size_t i = 0; i < ledger_nr_misreleases(r->ledger); i++) {
        const struct misrelease *m = ledger_misrelease(r->ledger, i);

        if (m->record != n)
            continue;
        fputs(lead, out);
        print_misrelease(out, m);
        if (first || !judge_keeps_few(r->judge))
            print_stamp(out, r, "by", &m->at);
        first = false;
    }
}

static void print_release_record(FILE *out, const struct report *r, size_t n)
{
    const struct records *list = ledger_releases(r->ledger);
    const struct record *rec = &list->at[n];
    char times[32];

    if (rec->count == 1) {
        fputs(P "\n", out);
        print_listed_releases(out, r, n, P);
        print_record_cause(out, r, rec);
        return;
    }
    fprintf(out, P "\n" P "Wrong release %s times, release record %zu of %zu\n",
            commas(rec->count, times), n + 1, list->nr);
    print_ranges(out, rec, !judge_keeps_few(r->judge));
    print_record_cause(out, r, rec);
    fprintf(out, P "   %s:\n", listed_lead(rec));
    print_listed_releases(out, r, n, P "   ");
    print_unlisted(out, rec);
}

void print_misreleases(FILE *out, const struct report *r)
{
    for (size_t i = 0; i < ledger_releases(r->ledger)->nr; i++)
        print_release_record(out, r, i);
}

/* --------------------------------------------------------- refused saves */

static void print_refusal(FILE *out, const struct report *r,
                          const struct refusal *f)
{
    fputs(P "   ", out);
    if (f->object)
        fprintf(out, "shared object %" PRIu64 ", offset 0x%" PRIx64, f->object,
                f->va);
    else if (f->mm)
        fprintf(out, "mm %" PRIu32 ", VA 0x%" PRIx64, f->mm, f->va);
    else
        fprintf(out, "swap entry 0x%" PRIx64, f->entry);
    fprintf(out, ", by %s (%s)", mm_path_name(f->at.path),
            mm_path_function(f->at.path));
    print_when(out, r, &f->at);
}

static void print_refusal_record(FILE *out, const struct report *r, size_t n)
{
    const struct records *list = refusals_records(r->refusals);
    const struct record *rec = &list->at[n];
    char times[32];

    fprintf(out, P "\n" P "Save refused");
    if (rec->count > 1)
        fprintf(out, " %s times", commas(rec->count, times));
    fprintf(out, ", save record %zu of %zu\n", n + 1, list->nr);
    if (rec->count > 1)
        print_ranges(out, rec, !judge_keeps_few(r->judge));
    print_record_cause(out, r, rec);
    if (rec->count > 1)
        fprintf(out, P "   %s:\n", listed_lead(rec));
    for (size_t i = 0; i < refusals_nr(r->refusals); i++)
        if (refusals_nth(r->refusals, i)->record == n)
            print_refusal(out, r, refusals_nth(r->refusals, i));
    print_unlisted(out, rec);
}

void print_refusals(FILE *out, const struct report *r)
{
    for (size_t i = 0; i < refusals_records(r->refusals)->nr; i++)
        print_refusal_record(out, r, i);
}
