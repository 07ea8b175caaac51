// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/word.h"
#include "print/internal.h"
#include "print/text.h"

static void print_counters(FILE *out, const struct report *r)
{
    static const struct {
        const char *one, *many, *what;
    } text[] = {
#define COUNTER(id, name, one, many, what) [COUNT_##id] = {one, many, what},
#include "event/counters.def"
#undef COUNTER
    };
    char n[32];

    for (int c = 0; c < COUNT_NR; c++) {
        uint64_t count = hub_counter(r->hub, (enum counter)c);

        if (count)
            fprintf(out, P "   %12s %s%s%s\n", commas(count, n),
                    count == 1 ? text[c].one : text[c].many,
                    *text[c].what ? " " : "", text[c].what);
    }
}

static void print_leak_totals(FILE *out, const struct report *r)
{
    uint64_t bytes[LEAK_CLASSES] = {0}, nr[LEAK_CLASSES] = {0};
    size_t leaks = ledger_nr_leaks(r->ledger);
    char buf[32];

    for (size_t i = 0; i < leaks; i++) {
        const struct leak *leak = ledger_leak(r->ledger, i);

        bytes[leak->kind] += leak->bytes;
        nr[leak->kind] += leak->count;
    }
    fprintf(out, P "\n" P "TAG STORE LEAK SUMMARY:\n");
    for (int c = LEAK_CLASSES - 1; c >= 0; c--)
        fprintf(out, P "   %20s: %s bytes in %" PRIu64 " allocation%s%s\n",
                leak_class_name((enum leak_class)c), commas(bytes[c], buf),
                nr[c], plural(nr[c]),
                c == LEAK_REACHABLE && nr[c]
                    ? ", at exit, before the areas are unmapped"
                    : "");
}

static size_t count_contexts(const struct report *r,
                             const struct leak_records *leaks)
{
    size_t n = oracle_records(r->oracle)->nr + ledger_releases(r->ledger)->nr +
               refusals_records(r->refusals)->nr +
               judge_nr_mismatches(r->judge) +
               (judge_kernel_bug(r->judge) != NULL);

    for (size_t i = 0; i < leaks->records.nr; i++)
        n += leak_is_error(&leaks->sums[i]);
    return n;
}

static void print_again(FILE *out, const struct run_command *again)
{
    fputs(P "Command:", out);
    for (size_t i = 0; again->words && again->words[i]; i++) {
        fputc(' ', out);
        print_word(out, again->words[i]);
    }
    fputc('\n', out);
    if (!again->script)
        return;
    fputs(P "Events: ", out);
    print_word(out, again->script);
    fprintf(out, ", SHA-256 %s\n", again->script_sha256);
}

static void print_idle(FILE *out, const struct run_facts *facts)
{
    if (facts->nr_idle == 0)
        return;
    fprintf(out, P "\n" P "EVENTS THAT WERE NEVER DUE: %zu line%s\n",
            facts->nr_idle, plural(facts->nr_idle));
    for (size_t i = 0; i < facts->nr_idle; i++) {
        const struct idle_event *e = &facts->idle[i];

        fprintf(out, P "   line %u: %s", e->line, e->text);
        if (e->came)
            fprintf(out, ", which came %" PRIu64 " time%s", e->came,
                    plural(e->came));
        fputc('\n', out);
    }
}

static void print_header(FILE *out, const struct report *r,
                         const struct run_facts *facts)
{
    char a[32], b[32];

    fprintf(out, P "adiemu %s, profile %s\n", facts->version, facts->profile);
    print_again(out, &facts->again);
    fprintf(out, P "RAM %s bytes, swap %s bytes", commas(facts->ram_bytes, a),
            commas(facts->swap_bytes, b));
    if (facts->insns)
        fprintf(out, ", %s instructions", commas(facts->insns, a));
    fputc('\n', out);
    fprintf(out, P "\n" P "PAGES AND TAGS: %s events\n",
            commas(hub_events(r->hub), a));
    print_counters(out, r);
    fprintf(out, P "   %12s bytes in the tag store at its peak\n",
            commas(facts->store_peak, a));
    if (facts->store_peak_pages)
        fprintf(out, P "   %12.1f of them for each page saved in it\n",
                (double)facts->store_peak / (double)facts->store_peak_pages);
}

static void print_host_errors(FILE *out, const struct report *r)
{
    if (hub_nr_host_errors(r->hub))
        fprintf(out, P "\n" P "ERRORS OF THE HOST:\n");
    for (size_t i = 0; i < hub_nr_host_errors(r->hub); i++) {
        const struct host_error *e = hub_nth_host_error(r->hub, i);

        say_line(out, P "   %s: %s: %s, %" PRIu64 " time%s", e->what, e->call,
                 strerror(e->error), e->count, plural(e->count));
    }
}

static void print_totals(FILE *out, const struct report *r, size_t contexts)
{
    const struct records *found = oracle_records(r->oracle);
    uint64_t pages[2] = {0}, errors = judge_errors(r->judge);
    uint64_t wrong = judge_misreleased(r->judge),
             refused = judge_refused(r->judge);
    uint64_t mismatches = hub_counter(r->hub, COUNT_MISMATCHES);
    char n[5][32];

    for (size_t i = 0; i < found->nr; i++)
        pages[found->at[i].kind] += found->at[i].count;
    print_leak_totals(out, r);
    fprintf(out,
            P "\n" P
              "TAG SUMMARY: %s page%s lost, %s stale; %s wrong release%s; "
              "%s refused save%s; %s mismatch%s\n",
            commas(pages[FINDING_LOST], n[0]), plural(pages[FINDING_LOST]),
            commas(pages[FINDING_STALE], n[1]), commas(wrong, n[2]),
            plural(wrong), commas(refused, n[3]), plural(refused),
            commas(mismatches, n[4]), mismatches == 1 ? "" : "es");
    fprintf(out, P "ERROR SUMMARY: %s error%s from %zu context%s\n",
            commas(errors, n[0]), plural(errors), contexts, plural(contexts));
}

struct report report_of(const struct judge *j, const struct pc_namer *namer)
{
    return (struct report){.judge = j,
                           .hub = judge_hub(j),
                           .namer = namer,
                           .oracle = judge_oracle(j),
                           .ledger = judge_ledger(j),
                           .refusals = judge_refusals(j)};
}

int report_print_text(const struct judge *j, FILE *out,
                      const struct run_facts *facts, bool quiet)
{
    const struct report whole = report_of(j, facts->namer), *r = &whole;
    struct leak_records leaks;

    leak_records_init(&leaks, j);
    if (!quiet)
        print_header(out, r, facts);
    print_kernel_bug(out, r);
    print_mismatches(out, r);
    print_leaks(out, r, &leaks, facts->show_reachable);
    print_misreleases(out, r);
    print_refusals(out, r);
    print_findings(out, r);
    print_host_errors(out, r);
    if (!quiet)
        print_idle(out, facts);
    if (!quiet || judge_errors(r->judge))
        print_totals(out, r, count_contexts(r, &leaks));
    leak_records_fini(&leaks);
    return ferror(out) ? -EIO : 0;
}
