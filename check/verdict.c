// SPDX-License-Identifier: GPL-2.0-or-later
/* What the judges have made of an event, against what was predicted. */
#include "check/internal.h"
#include "check/predict.h"
#include "judge/cause.h"
#include "judge/ledger.h"

/* Does what can be seen now differ from what the program set? */
static bool differs(const struct check *c, const struct event *ev)
{
    const uint8_t *known;
    const adi_tag_t *expected = judge_expects(c->judge, ev->mm, ev->va, &known);

    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++) {
        if (ev->undefined && !(known && known[i]))
            continue;
        if (ev->tags[i] != (expected ? expected[i] : 0))
            return true;
    }
    return false;
}

void verdict_before(struct check *c, const struct event *ev)
{
    c->verdict = (struct verdict){
        .found = judge_found(c->judge),
        .nr_leaks = judge_nr_leaks(c->judge),
        .differs = (ev->kind == EV_VISIBLE || ev->kind == EV_GLIMPSE) &&
                   ev->tags && differs(c, ev),
    };
}

/* 7: a lost or stale page is reported when tags differ, and only then */
static bool check_findings_are_complete(struct check *c, const struct page *at,
                                        bool found)
{
    if (found == c->verdict.differs)
        return true;
    return BROKEN(c, 7, at, "tags differ %d, finding %d", c->verdict.differs,
                  found);
}

/* 7: what is lost or stale is so by a bug of the profile */
static bool check_findings_are_predicted(struct check *c, const struct page *at,
                                         const struct event *ev)
{
    const struct finding *f = judge_last_finding(c->judge);
    uint32_t bugs = predict_bugs(c->predict, at->mm, at->va);
    unsigned want = f->kind == FINDING_LOST ? RECORD_LOST : RECORD_STALE;

    if (bug_records(bugs) & want || predict_is_wild(c->predict, ev->mm))
        return true;
    return BROKEN(c, 7, at, "%s by %s, and no bug explains it: 0x%x",
                  finding_kind_name(f->kind), mm_path_name(ev->path),
                  (unsigned)bugs);
}

/* 34: it names the place in the kernel, which is one of a bug that has struck
 */
static bool check_finding_has_cause(struct check *c, const struct page *at)
{
    const struct finding *f = judge_last_finding(c->judge);
    uint32_t bugs = predict_bugs(c->predict, at->mm, at->va);
    struct cause cause = cause_of_finding(c->judge, f);

    if (cause.id == CAUSE_UNKNOWN)
        return BROKEN(c, 34, at, "%s, and nothing is to blame",
                      finding_kind_name(f->kind));
    return bugs & bugs_of_cause(cause.id) ||
           predict_is_wild(c->predict, mm_id(at->mm)) ||
           BROKEN(c, 34, at, "%s() is blamed (%s), and the bugs are 0x%x",
                  cause.function, cause.name, (unsigned)bugs);
}

/* 11: nobody sees a page the tags of which are not back, but by B16 */
static bool check_no_glimpse(struct check *c, const struct page *at)
{
    if (bug_records(predict_bugs(c->predict, at->mm, at->va)))
        return true;
    return BROKEN(c, 11, at, "seen before its tags were back");
}

static void verdict_finding(struct check *c, const struct event *ev)
{
    bool found = judge_found(c->judge) > c->verdict.found;
    struct page at = {.mm = check_find_mm(c, ev->mm), .va = ev->va};

    if (!at.mm || !ev->tags)
        return;
    if (ev->kind == EV_GLIMPSE && found && !check_no_glimpse(c, &at))
        return;
    if (check_findings_are_complete(c, &at, found) && found &&
        check_findings_are_predicted(c, &at, ev))
        (void)check_finding_has_cause(c, &at);
}

/* One record for each descriptor in use, as the ledger must have it. */
static bool leak_matches(const struct leak *leak, const struct desc *d)
{
    enum leak_class kind = LEAK_REACHABLE;

    if (d->cut)
        kind = d->cut == d->copies ? LEAK_DEFINITE : LEAK_PARTLY;
    return leak->kind == kind && leak->start == d->start &&
           leak->end == d->end + 1 && leak->users == d->copies &&
           leak->leaked == d->cut && leak->bytes == d->bytes;
}

static const struct leak *leak_of(const struct check *c, uint32_t mm,
                                  gva_t start)
{
    for (size_t i = c->verdict.nr_leaks; i < judge_nr_leaks(c->judge); i++) {
        const struct leak *leak = judge_leak(c->judge, i);

        if (leak->mm == mm && leak->start == start)
            return leak;
    }
    return NULL;
}

/* 1: each descriptor in use when the mm dies is a leak record, with its sums */
static bool check_leaks_are_predicted(struct check *c, const struct event *ev)
{
    const struct descs *descs = predict_descs(c->predict, ev->mm);
    size_t made = judge_nr_leaks(c->judge) - c->verdict.nr_leaks, wanted = 0;

    for (unsigned n = 0; descs && n < DESCS_MAX; n++) {
        const struct desc *desc = descs_nth(descs, n);
        const struct leak *leak;

        if (desc->users == 0 || desc->lost)
            continue;
        wanted++;
        if (desc->cut && !predict_may(c->predict, RECORD_LEAK))
            return BROKEN(c, 1, NULL, "mm %u: no bug leaks descriptor 0x%llx",
                          (unsigned)ev->mm, llu(desc->start));
        leak = leak_of(c, ev->mm, desc->start);
        if (!leak || !leak_matches(leak, desc))
            return BROKEN(
                c, 1, NULL,
                "mm %u: descriptor 0x%llx, %llu copies, %llu cut; the "
                "report has %llu and %llu",
                (unsigned)ev->mm, llu(desc->start), llu(desc->copies),
                llu(desc->cut), llu(leak ? leak->users : 0),
                llu(leak ? leak->leaked : 0));
    }
    return made == wanted ||
           BROKEN(c, 1, NULL, "mm %u: %zu records, %zu descriptors",
                  (unsigned)ev->mm, made, wanted);
}

/* 1: without descriptors nothing leaks; what an entry stands for may be listed
 */
static bool check_nothing_leaks(struct check *c)
{
    for (size_t i = c->verdict.nr_leaks; i < judge_nr_leaks(c->judge); i++) {
        const struct leak *leak = judge_leak(c->judge, i);

        if (leak->kind != LEAK_REACHABLE)
            return BROKEN(c, 1, NULL,
                          "mm %u: %llu copies leaked at 0x%llx, entry 0x%llx",
                          (unsigned)leak->mm, llu(leak->leaked),
                          llu(leak->start), llu(leak->entry));
    }
    return true;
}

/* 1: a release of what was not saved is reported (B9) */
static bool check_releases_are_predicted(struct check *c)
{
    uint64_t told = judge_misreleased(c->judge);
    uint64_t predicted = predict_misreleases(c->predict);

    return (told == predicted &&
            (told == 0 || predict_may(c->predict, RECORD_RELEASE))) ||
           BROKEN(c, 1, NULL, "%llu wrong releases, %llu predicted", llu(told),
                  llu(predicted));
}

/* 9: a buffer that nothing reaches any more is reported (B15) */
static bool check_orphans_are_predicted(struct check *c)
{
    size_t told = 0, predicted = predict_reboots(c->predict);

    for (size_t i = 0; i < judge_nr_leaks(c->judge); i++)
        told += judge_leak(c->judge, i)->kind == LEAK_REBOOT;
    return (told == predicted &&
            (told == 0 || predict_may(c->predict, RECORD_REBOOT))) ||
           BROKEN(c, 9, NULL, "%zu buffers forgotten, %zu predicted", told,
                  predicted);
}

/* 35: the kernel stops where a page is lost, if it has B28, and nowhere else */
static bool check_kernel_bug_is_predicted(struct check *c,
                                          const struct event *ev)
{
    struct page at = {.mm = check_find_mm(c, ev->mm), .va = ev->va};
    const pte_t *ptep = at.mm ? mm_pte(at.mm, at.va) : NULL;

    return (ptep && is_poison_pte(*ptep) &&
            predict_may(c->predict, RECORD_BUG)) ||
           BROKEN(c, 35, at.mm ? &at : NULL, "%s(): a BUG, and pte 0x%llx",
                  kernel_bug_place(ev->bug)->function, llu(ptep ? ptep->v : 0));
}

/* When a path is done: the events of the store come before its own. */
static void verdict_counts(struct check *c, const struct event *ev)
{
    if (predict_went_wild(c->predict))
        return;
    switch (ev->kind) {
    case EV_SWAP_IN: (void)check_releases_are_predicted(c); break;
    case EV_SWAP_OUT:
    case EV_MIGRATE_OUT:
    case EV_UNMAP_UNDO: (void)check_orphans_are_predicted(c); break;
    default: break;
    }
}

void verdict_after(struct check *c, const struct event *ev)
{
    bool descs = predict_store(c->predict) == STORE_DESCS;

    verdict_counts(c, ev);
    if (ev->kind == EV_VISIBLE || ev->kind == EV_GLIMPSE)
        verdict_finding(c, ev);
    else if (ev->kind == EV_KERNEL_BUG)
        (void)check_kernel_bug_is_predicted(c, ev);
    else if (!descs)
        (void)check_nothing_leaks(c);
    else if (ev->kind == EV_MM_EXIT && !predict_is_wild(c->predict, ev->mm))
        (void)check_leaks_are_predicted(c, ev);
}
