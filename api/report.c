// SPDX-License-Identifier: GPL-2.0-or-later
/* What became of the tags, for who asks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "api/internal.h"
#include "event/hub.h"
#include "judge/cause.h"
#include "judge/finding.h"
#include "judge/judge.h"
#include "judge/kernel_bug.h"
#include "judge/ledger.h"
#include "mm/phys.h"
#include "print/report.h"

bool adimm_has_errors(const struct adimm *m)
{
    return judge_errors(alone_judge(m->alone)) > 0;
}

bool adimm_finding(const struct adimm *m, size_t n, struct adimm_finding *out)
{
    const struct judge *j = alone_judge(m->alone);
    const struct finding *f;
    struct cause cause;

    if (n >= judge_nr_findings(j))
        return false;
    f = judge_finding(j, n);
    cause = cause_of_finding(j, f);
    *out = (struct adimm_finding){.stale = f->kind == FINDING_STALE,
                                  .mm = f->mm,
                                  .address = f->va,
                                  .blocks = f->blocks,
                                  .first = f->first,
                                  .expected = f->expected,
                                  .found = f->found,
                                  .cause = cause.name,
                                  .function = cause.function};
    return true;
}

bool adimm_leak(const struct adimm *m, size_t n, struct adimm_leak *out)
{
    const struct judge *j = alone_judge(m->alone);
    const struct leak *leak = NULL;
    struct cause cause;

    for (size_t i = 0; i < judge_nr_leaks(j); i++) {
        leak = judge_leak(j, i);
        if (leak->kind != LEAK_REACHABLE && n-- == 0)
            break;
        leak = NULL;
    }
    if (!leak)
        return false;
    cause = cause_of_leak(j, leak);
    *out = (struct adimm_leak){.mm = leak->mm,
                               .start = leak->start,
                               .end = leak->end,
                               .count = leak->count,
                               .bytes = leak->bytes,
                               .kind = leak_class_name(leak->kind),
                               .cause = cause.name,
                               .function = cause.function};
    return true;
}

bool adimm_kernel_bug(const struct adimm *m, struct adimm_kernel_bug *out)
{
    const struct kernel_bug *bug = judge_kernel_bug(alone_judge(m->alone));
    const struct kernel_bug_place *place;

    if (!bug)
        return false;
    place = kernel_bug_place(bug->id);
    *out = (struct adimm_kernel_bug){.id = place->name,
                                     .file = place->file,
                                     .function = place->function,
                                     .why = place->why,
                                     .mm = bug->mm,
                                     .address = bug->va};
    return true;
}

bool adimm_counter(const struct adimm *m, const char *name, uint64_t *out)
{
    static const char *const names[] = {
#define COUNTER(id, name, one, many, what) name,
#include "event/counters.def"
#undef COUNTER
    };

    for (int i = 0; i < COUNT_NR; i++)
        if (strcmp(names[i], name) == 0) {
            *out = hub_counter(memory_hub(alone_memory(m->alone)),
                               (enum counter)i);
            return true;
        }
    return false;
}

static int print(const struct adimm *m, FILE *out, enum adimm_format format)
{
    const struct judge *j = alone_judge(m->alone);
    struct adi_store_use peak = adi_store_peak(alone_adi(m->alone));
    const struct phys *ph = memory_phys(alone_memory(m->alone));
    const char *const words[] = {m->name, NULL};
    const struct run_facts facts = {.version = adimm_version(),
                                    .profile = m->profile->name,
                                    .program = m->name,
                                    .again = {.words = words},
                                    .ram_bytes = m->ram_bytes,
                                    .ram_peak =
                                        (uint64_t)phys_peak(ph) * PAGE_SIZE,
                                    .swap_bytes = m->swap_bytes,
                                    .store_peak = peak.bytes,
                                    .store_peak_pages = peak.pages};

    return format == ADIMM_JSON ? report_print_json(j, out, &facts)
                                : report_print_text(j, out, &facts, false);
}

char *adimm_report(const struct adimm *m, enum adimm_format format)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    int err;

    if (!out)
        return NULL;
    err = print(m, out, format);
    if (fclose(out) == 0 && !err)
        return text;
    free(text);
    return NULL;
}
