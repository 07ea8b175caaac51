#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/internal.h"
#include "report/summary.h"
#include "report/text.h"
#include "report/word.h"

const char *commas(uint64_t n, char buf[static 32])
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
    char *out = buf;

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return buf;
}

const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* The event script's part in it; ends the line. */
static void print_line(FILE *out, const struct stamp *s)
{
    if (s->line)
        fprintf(out, ", by line %u of the events", s->line);
    fputc('\n', out);
}

/* The event, and what led to it; ends the line. */
static void print_when(FILE *out, const struct report *r, const struct stamp *s)
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

static void print_leak(FILE *out, const struct report *r, size_t n)
{
    const struct leak *leak = ledger_leak(r->ledger, n);
    struct cause cause = cause_of_leak(r, leak);
    char bytes[32];

    fprintf(out,
            P "\n" P "%s bytes in %" PRIu64 " allocation%s %s, loss record "
              "%zu of %zu\n",
            commas(leak->bytes, bytes), leak->count, plural(leak->count),
            leak_class_name(leak->kind), n + 1, ledger_nr_leaks(r->ledger));
    if (leak->entry)
        fprintf(out, P "   swap entry 0x%" PRIx64 "%s", leak->entry,
                leak->count > 1 ? " and others" : "");
    else if (leak->object)
        fprintf(out,
                P "   shared object %" PRIu64 ", offset 0x%" PRIx64
                  "-0x%" PRIx64,
                leak->object, leak->start, leak->end);
    else
        fprintf(out, P "   mm %" PRIu32 ", VA 0x%" PRIx64 "-0x%" PRIx64,
                leak->mm, leak->start, leak->end);
    fprintf(out, ", %" PRIu64 " user%s, %" PRIu64 " without an entry",
            leak->users, plural(leak->users), leak->leaked);
    if (leak->buf)
        fprintf(out, ", descriptor %" PRIu32, leak->slot);
    fputc('\n', out);
    print_stamp(out, r, "allocated by", &leak->alloc);
    if (leak->cut.nr)
        print_stamp(out, r,
                    leak->kind == LEAK_REBOOT
                        ? "pointer overwritten by"
                        : "nothing could release it after",
                    &leak->cut);
    print_cause(out, r, &cause);
}

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

static void print_events(FILE *out, const struct report *r,
                         const struct stamp *events, size_t nr, size_t dropped)
{
    if (dropped)
        fprintf(out, P "      (%zu older events not kept)\n", dropped);
    for (size_t i = 0; i < nr; i++)
        print_event(out, r, &events[i]);
}

void report_print_story(const struct report *r, FILE *out, uint32_t mm,
                        gva_t va)
{
    struct stamp *events;
    size_t dropped;
    size_t nr = history_copy(r->history, mm, va, &events, &dropped);

    print_events(out, r, events, nr, dropped);
    free(events);
}

static void print_finding(FILE *out, const struct report *r, size_t n)
{
    const struct finding *f = oracle_finding(r->oracle, n);
    struct cause cause = cause_of_finding(r, f);

    fprintf(out, P "\n" P "Tags %s, page record %zu of %zu\n",
            finding_kind_name(f->kind), n + 1, oracle_nr_findings(r->oracle));
    fprintf(out,
            P "   mm %" PRIu32 ", VA 0x%" PRIx64 ": %u of %d blocks differ; "
              "block %u has tag %u, the program set %u\n",
            f->mm, f->va, f->blocks, ADI_TAGS_PER_PAGE, f->first, f->found,
            f->expected);
    print_stamp(out, r, "seen at", &f->seen);
    print_cause(out, r, &cause);
    fprintf(out, P "   history of the page:\n");
    print_events(out, r, f->history, f->nr_history, f->dropped);
}

static void print_misrelease(FILE *out, const struct misrelease *m)
{
    fputs(P "\n" P, out);
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

static void print_counters(FILE *out, const struct report *r)
{
    static const struct {
        const char *one, *many, *what;
    } text[] = {
#define COUNTER(id, name, one, many, what) [COUNT_##id] = {one, many, what},
#include "report/counters.def"
#undef COUNTER
    };
    char n[32];

    for (int c = 0; c < COUNT_NR; c++)
        if (r->counters[c])
            fprintf(out, P "   %12s %s%s%s\n", commas(r->counters[c], n),
                    r->counters[c] == 1 ? text[c].one : text[c].many,
                    *text[c].what ? " " : "", text[c].what);
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
        fprintf(out, P "   %20s: %s bytes in %" PRIu64 " allocation%s\n",
                leak_class_name((enum leak_class)c), commas(bytes[c], buf),
                nr[c], plural(nr[c]));
}

/* All of them, and the records that they are in. */
struct errors {
    uint64_t nr;
    size_t contexts;
};

/* Everything but what is still reachable counts as an error. */
static bool is_error(const struct leak *leak)
{
    return leak->kind != LEAK_REACHABLE;
}

static struct errors errors_of(const struct report *r)
{
    size_t n = oracle_nr_findings(r->oracle) + ledger_nr_misreleases(r->ledger);

    for (size_t i = 0; i < ledger_nr_leaks(r->ledger); i++)
        n += is_error(ledger_leak(r->ledger, i));
    return (struct errors){.nr = n + r->counters[COUNT_MISMATCHES],
                           .contexts = n + report_nr_mismatches(r)};
}

bool report_has_errors(const struct report *r)
{
    return errors_of(r).nr > 0;
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
            commas(report_events(r), a));
    print_counters(out, r);
    fprintf(out, P "   %12s bytes in the tag store at its peak\n",
            commas(facts->store_peak, a));
    if (facts->store_peak_pages)
        fprintf(out, P "   %12.1f of them for each page saved in it\n",
                (double)facts->store_peak / (double)facts->store_peak_pages);
}

static void print_host_errors(FILE *out, const struct report *r)
{
    if (r->host_errors.nr)
        fprintf(out, P "\n" P "ERRORS OF THE HOST:\n");
    for (size_t i = 0; i < r->host_errors.nr; i++) {
        const struct host_error *e = &r->host_errors.at[i];

        say_line(out, P "   %s: %s: %s, %" PRIu64 " time%s", e->what, e->call,
                 strerror(e->error), e->count, plural(e->count));
    }
}

int report_print_text(const struct report *r, FILE *out,
                      const struct run_facts *facts, bool quiet)
{
    size_t leaks = ledger_nr_leaks(r->ledger);
    size_t findings = oracle_nr_findings(r->oracle);
    size_t wrong = ledger_nr_misreleases(r->ledger);
    uint64_t lost = 0, mismatches = r->counters[COUNT_MISMATCHES];
    struct errors errors = errors_of(r);

    if (!quiet)
        print_header(out, r, facts);
    print_mismatches(out, r);
    for (size_t i = 0; i < leaks; i++)
        if (facts->show_reachable || is_error(ledger_leak(r->ledger, i)))
            print_leak(out, r, i);
    for (size_t i = 0; i < wrong; i++) {
        const struct misrelease *m = ledger_misrelease(r->ledger, i);
        struct cause cause = cause_of_misrelease(r, m);

        print_misrelease(out, m);
        print_stamp(out, r, "by", &m->at);
        print_cause(out, r, &cause);
    }
    for (size_t i = 0; i < findings; i++) {
        lost += oracle_finding(r->oracle, i)->kind == FINDING_LOST;
        print_finding(out, r, i);
    }
    print_host_errors(out, r);
    if (!quiet)
        print_idle(out, facts);
    if (!quiet || errors.nr) {
        print_leak_totals(out, r);
        fprintf(out,
                P "\n" P "TAG SUMMARY: %" PRIu64 " page%s lost, %" PRIu64
                  " stale; %zu wrong release%s; %" PRIu64 " mismatch%s\n",
                lost, plural(lost), (uint64_t)findings - lost, wrong,
                plural(wrong), mismatches, mismatches == 1 ? "" : "es");
        fprintf(out,
                P "ERROR SUMMARY: %" PRIu64 " error%s from %zu context%s\n",
                errors.nr, plural(errors.nr), errors.contexts,
                plural(errors.contexts));
    }
    return ferror(out) ? -EIO : 0;
}
