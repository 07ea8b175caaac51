// SPDX-License-Identifier: GPL-2.0-or-later
#include "print/internal.h"
#include "print/json.h"

static json_t *json_cause(struct cause c)
{
    if (c.id == CAUSE_UNKNOWN)
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", c.name, "function",
                     c.function, "hook", c.missing ? "missing" : "wrong",
                     "what", c.what, "at", json_stamp(&c.at));
}

/* --------------------------------------------------------------- records */

static json_t *json_ranges(const struct record *rec)
{
    json_t *list = json_array();

    for (size_t i = 0; i < rec->nr_ranges; i++) {
        const struct page_range *p = &rec->ranges[i];

        json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:o}", "mm", num(p->mm), "object",
                            p->object ? num(p->object) : json_null(), "start",
                            hex(p->start), "end", hex(p->end)));
    }
    return list;
}

static json_t *json_places(const struct record *rec)
{
    json_t *list = json_array();

    for (size_t i = 0; i < rec->nr_places; i++) {
        const struct record_place *p = &rec->places[i];

        json_array_append_new(list,
                              json_pack("{s:o, s:o}", "count", num(p->count),
                                        "first", json_stamp(&p->first)));
    }
    return list;
}

static json_t *json_record(const struct report *r, const struct record *rec,
                           const char *list, const char *kind)
{
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "list", list, "kind",
        kind, "count", num(rec->count), "listed", num(rec->listed), "cause",
        json_cause(cause_of_record(r->judge, rec)), "places", json_places(rec),
        "elsewhere", num(rec->elsewhere), "ranges", json_ranges(rec),
        "uncovered", num(rec->uncovered));
}

static void add_leaks(json_t *list, const struct report *r,
                      const struct leak_records *leaks)
{
    for (size_t i = 0; i < leaks->records.nr; i++) {
        const struct record *rec = &leaks->records.at[i];
        const struct leak *sums = &leaks->sums[i];
        json_t *obj = json_record(r, rec, "leaks",
                                  leak_class_name((enum leak_class)rec->kind));

        json_object_set_new(obj, "allocations", num(sums->count));
        json_object_set_new(obj, "bytes", num(sums->bytes));
        json_object_set_new(obj, "users", num(sums->users));
        json_object_set_new(obj, "leaked_users", num(sums->leaked));
        json_array_append_new(list, obj);
    }
}

/* This order gives each record its number. */
json_t *json_records(const struct report *r, const struct leak_records *leaks)
{
    const struct records *releases = ledger_releases(r->ledger);
    const struct records *refusals = refusals_records(r->refusals);
    const struct records *pages = oracle_records(r->oracle);
    json_t *list = json_array();

    add_leaks(list, r, leaks);
    for (size_t i = 0; i < releases->nr; i++)
        json_array_append_new(
            list, json_record(r, &releases->at[i], "wrong_releases",
                              misrelease_kind_name(
                                  (enum misrelease_kind)releases->at[i].kind)));
    for (size_t i = 0; i < refusals->nr; i++)
        json_array_append_new(
            list, json_record(r, &refusals->at[i], "refused_saves", "refused"));
    for (size_t i = 0; i < pages->nr; i++)
        json_array_append_new(
            list, json_record(
                      r, &pages->at[i], "pages",
                      finding_kind_name((enum finding_kind)pages->at[i].kind)));
    return list;
}

/* ----------------------------------------------- errors that are kept */

json_t *json_leaks(const struct report *r, const struct leak_records *leaks)
{
    json_t *list = json_array();

    for (size_t i = 0; i < ledger_nr_leaks(r->ledger); i++) {
        const struct leak *leak = ledger_leak(r->ledger, i);

        if (!leaks->listed[i])
            continue;
        json_array_append_new(
            list,
            json_pack(
                "{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
                "s:o, s:o, s:o, s:o, s:o, s:o}",
                "record", num(leaks->of[i]), "class",
                leak_class_name(leak->kind), "mm", num(leak->mm), "object",
                leak->object ? num(leak->object) : json_null(), "start",
                hex(leak->start), "end", hex(leak->end), "allocations",
                num(leak->count), "bytes", num(leak->bytes), "users",
                num(leak->users), "leaked_users", num(leak->leaked),
                "descriptor", leak->buf ? num(leak->slot) : json_null(),
                "buffer", leak->buf ? num(leak->buf) : json_null(), "entry",
                leak->entry ? hex(leak->entry) : json_null(), "allocated",
                json_stamp(&leak->alloc), "unreachable_since",
                json_stamp(&leak->cut), "judged", json_stamp(&leak->judged),
                "cause", json_cause(cause_of_leak(r->judge, leak))));
    }
    return list;
}

json_t *json_stamps(const struct stamp *stamps, size_t nr)
{
    json_t *list = json_array();

    for (size_t i = 0; i < nr; i++)
        json_array_append_new(list, json_stamp(&stamps[i]));
    return list;
}

json_t *json_pages(const struct report *r, const struct leak_records *leaks)
{
    size_t before = leaks->records.nr + ledger_releases(r->ledger)->nr +
                    refusals_records(r->refusals)->nr;
    json_t *list = json_array();

    for (size_t i = 0; i < oracle_nr_findings(r->oracle); i++) {
        const struct finding *f = oracle_finding(r->oracle, i);

        json_array_append_new(
            list,
            json_pack("{s:o, s:s, s:o, s:o, s:i, s:i, s:i, s:i, s:o, s:o, "
                      "s:o, s:o}",
                      "record", num(before + f->record), "kind",
                      finding_kind_name(f->kind), "mm", num(f->mm), "va",
                      hex(f->va), "blocks", (int)f->blocks, "first_block",
                      (int)f->first, "expected_tag", (int)f->expected,
                      "found_tag", (int)f->found, "seen", json_stamp(&f->seen),
                      "cause", json_cause(cause_of_finding(r->judge, f)),
                      "older_events", num(f->dropped), "history",
                      json_stamps(f->history, f->nr_history)));
    }
    return list;
}

json_t *json_misreleases(const struct report *r,
                         const struct leak_records *leaks)
{
    size_t before = leaks->records.nr;
    json_t *list = json_array();

    for (size_t i = 0; i < ledger_nr_misreleases(r->ledger); i++) {
        const struct misrelease *m = ledger_misrelease(r->ledger, i);

        json_array_append_new(
            list, json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "record",
                            num(before + m->record), "kind",
                            misrelease_kind_name(m->kind), "mm", num(m->mm),
                            "va", hex(m->va), "buffer", num(m->buf), "at",
                            json_stamp(&m->at), "cause",
                            json_cause(cause_of_misrelease(r->judge, m))));
    }
    return list;
}

json_t *json_refusals(const struct report *r, const struct leak_records *leaks)
{
    size_t before = leaks->records.nr + ledger_releases(r->ledger)->nr;
    json_t *list = json_array();

    for (size_t i = 0; i < refusals_nr(r->refusals); i++) {
        const struct refusal *f = refusals_nth(r->refusals, i);

        json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "record",
                            num(before + f->record), "mm", num(f->mm), "object",
                            f->object ? num(f->object) : json_null(), "va",
                            f->mm || f->object ? hex(f->va) : json_null(),
                            "entry", f->entry ? hex(f->entry) : json_null(),
                            "at", json_stamp(&f->at), "cause",
                            json_cause(cause_of_refusal(r->judge, f))));
    }
    return list;
}
