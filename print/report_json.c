// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "adi/adi.h"
#include "base/json.h"
#include "print/internal.h"
#include "print/json.h"

json_t *json_stamp(const struct stamp *s)
{
    if (s->nr == 0)
        return json_null();
    return json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
                     "s:o, s:o}",
                     "event", num(s->nr), "kind", event_kind_name(s->kind),
                     "path", mm_path_name(s->path), "function",
                     mm_path_function(s->path), "insn", num(s->insn), "pid",
                     num(s->pid), "program", num(s->program), "pc", hex(s->pc),
                     "script_line", s->line ? num(s->line) : json_null(),
                     "frame", s->pfn == PFN_NONE ? json_null() : num(s->pfn),
                     "entry", s->entry ? hex(s->entry) : json_null(), "buffer",
                     s->buf ? num(s->buf) : json_null(), "users",
                     s->users ? num(s->users - 1) : json_null());
}

static json_t *json_counters(const struct report *r)
{
    static const char *const names[] = {
#define COUNTER(id, name, one, many, what) [COUNT_##id] = name,
#include "event/counters.def"
#undef COUNTER
    };
    json_t *obj = json_object();

    for (int c = 0; c < COUNT_NR; c++)
        json_object_set_new(obj, names[c],
                            num(hub_counter(r->hub, (enum counter)c)));
    return obj;
}

/* What people look for first. */
static json_t *json_totals(const struct report *r)
{
    uint64_t bytes = 0, allocations = 0, pages[2] = {0};
    const struct records *found = oracle_records(r->oracle);

    for (size_t i = 0; i < ledger_nr_leaks(r->ledger); i++) {
        const struct leak *leak = ledger_leak(r->ledger, i);

        if (leak->kind == LEAK_REACHABLE)
            continue;
        bytes += leak->bytes;
        allocations += leak->count;
    }
    for (size_t i = 0; i < found->nr; i++)
        pages[found->at[i].kind] += found->at[i].count;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i}", "leaked_bytes",
                     num(bytes), "leaked_allocations", num(allocations),
                     "lost_pages", num(pages[FINDING_LOST]), "stale_pages",
                     num(pages[FINDING_STALE]), "wrong_releases",
                     num(judge_misreleased(r->judge)), "refused_saves",
                     num(judge_refused(r->judge)), "mismatches",
                     num(hub_counter(r->hub, COUNT_MISMATCHES)), "kernel_bugs",
                     judge_kernel_bug(r->judge) ? 1 : 0);
}

static json_t *json_path(const struct report *r, enum mm_path path,
                         const struct hook_time *time)
{
    struct path_sums s = judge_path_sums(r->judge, path);
    json_t *obj;

    if (!path_sums_any(&s) && (!time || time->calls == 0))
        return NULL;
    obj =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                  "function", mm_path_function(path), "saved", num(s.saved),
                  "refused", num(s.refused), "restored", num(s.restored),
                  "moved", num(s.moved), "shared", num(s.shared), "freed",
                  num(s.freed), "lost", num(s.lost), "stale", num(s.stale),
                  "leaked", num(s.leaked), "leaked_bytes", num(s.leaked_bytes));
    if (time) {
        json_object_set_new(obj, "hook_calls", num(time->calls));
        json_object_set_new(obj, "hook_ns", num(time->ns));
    }
    return obj;
}

/* Only the paths that were taken. */
static json_t *json_paths(const struct report *r, const struct hook_time *times)
{
    json_t *all = json_object();

    for (int path = 0; path < PATH_NR; path++) {
        json_t *one = json_path(r, path, times ? &times[path] : NULL);

        if (one)
            json_object_set_new(all, mm_path_name(path), one);
    }
    return all;
}

static json_t *json_host_errors(const struct report *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < hub_nr_host_errors(r->hub); i++) {
        const struct host_error *e = hub_nth_host_error(r->hub, i);

        json_array_append_new(
            list, json_pack("{s:o, s:s, s:s, s:o}", "what", json_name(e->what),
                            "call", e->call, "error", strerror(e->error),
                            "count", num(e->count)));
    }
    return list;
}

static json_t *json_idle(const struct run_facts *facts)
{
    json_t *list = json_array();

    for (size_t i = 0; i < facts->nr_idle; i++)
        json_array_append_new(list, json_pack("{s:i, s:s, s:o}", "line",
                                              (int)facts->idle[i].line, "text",
                                              facts->idle[i].text, "came",
                                              num(facts->idle[i].came)));
    return list;
}

/* What makes the same run again. */
static void add_again(json_t *root, const struct run_facts *facts)
{
    const struct run_command *again = &facts->again;
    json_t *words = json_array();

    for (size_t i = 0; again->words && again->words[i]; i++)
        json_array_append_new(words, json_name(again->words[i]));
    json_object_set_new(root, "command_line", words);
    json_object_set_new(root, "seed", num(again->seed));
    if (again->script)
        json_object_set_new(root, "script",
                            json_pack("{s:o, s:s, s:o}", "file",
                                      json_name(again->script), "sha256",
                                      again->script_sha256, "never_due",
                                      json_idle(facts)));
}

int report_print_json(const struct judge *j, FILE *out,
                      const struct run_facts *facts)
{
    const struct report whole = report_of(j, facts->namer), *r = &whole;
    struct leak_records leaks;
    json_t *root;
    int err;

    leak_records_init(&leaks, j);
    root = json_pack(
        "{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:o, "
        "s:o, s:o, s:o, s:o, s:o, s:b}",
        "schema", REPORT_SCHEMA, "version", facts->version, "profile",
        facts->profile, "command", json_name(facts->program), "ram_bytes",
        num(facts->ram_bytes), "ram_peak_bytes", num(facts->ram_peak),
        "swap_bytes", num(facts->swap_bytes), "instructions", num(facts->insns),
        "events", num(hub_events(r->hub)), "store_peak_bytes",
        num(facts->store_peak), "store_bytes_per_page",
        facts->store_peak_pages ? json_real((double)facts->store_peak /
                                            (double)facts->store_peak_pages)
                                : json_null(),
        "counters", json_counters(r), "totals", json_totals(r), "paths",
        json_paths(r, facts->hook_times), "records", json_records(r, &leaks),
        "leaks", json_leaks(r, &leaks), "wrong_releases",
        json_misreleases(r, &leaks), "refused_saves", json_refusals(r, &leaks),
        "pages", json_pages(r, &leaks), "errors", judge_errors(j) > 0);
    leak_records_fini(&leaks);
    if (!root)
        return -ENOMEM;
    json_object_set_new(root, "kernel_bug", json_kernel_bug(r));
    json_object_set_new(root, "mismatches", json_mismatches(r));
    json_object_set_new(root, "mismatches_left_out",
                        num(judge_mismatches_left_out(r->judge)));
    json_object_set_new(root, "host_errors", json_host_errors(r));
    add_again(root, facts);
    json_name_code(r, root, 0); /* but not all of the history */
    if (judge_timeline(j))
        json_object_set_new(root, "history", json_timeline(judge_timeline(j)));
    err = json_dumpf(root, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    json_decref(root);
    fputc('\n', out);
    return err || ferror(out) ? -EIO : 0;
}
