// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/found.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "event/hub.h"
#include "judge/cause.h"
#include "judge/judge.h"
#include "judge/kernel_bug.h"
#include "judge/ledger.h"
#include "judge/refusal.h"

/* Shared. */
struct found_list {
    atomic_flag lock;
    unsigned nr;
    struct found found[FOUND_MAX];
};

const char *found_class_name(enum found_class c)
{
    static const char *const names[FOUND_CLASSES] = {
        [FOUND_LOST] = "lost",
        [FOUND_STALE] = "stale",
        [FOUND_LEAK] = "leak",
        [FOUND_RELEASE] = "wrong release",
        [FOUND_REFUSED] = "refused",
        [FOUND_STUCK] = "swapoff stuck",
        [FOUND_BUG] = "kernel BUG",
        [FOUND_INVARIANT] = "invariant broken",
        [FOUND_CRASH] = "crash",
        [FOUND_DATA] = "data lost",
        [FOUND_MISMATCH] = "tag mismatch",
        [FOUND_OUTPUT] = "output differs",
        [FOUND_HANG] = "hang",
    };

    return names[c];
}

const char *data_kind_name(enum data_kind k)
{
    return k == DATA_CHANGED ? "changed" : "past the end of the file";
}

struct found_list *found_create(void)
{
    struct found_list *l = mmap(NULL, sizeof(*l), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return l == MAP_FAILED ? NULL : l;
}

void found_destroy(struct found_list *l)
{
    if (l)
        munmap(l, sizeof(*l));
}

bool found_same(const struct found_key *a, const struct found_key *b)
{
    return a->class == b->class && a->detail == b->detail &&
           a->cause == b->cause && a->path == b->path;
}

static bool before(const struct found_way *a, const struct found_way *b)
{
    if (a->length != b->length)
        return a->length < b->length;
    return a->state != b->state ? a->state < b->state : a->step < b->step;
}

static bool add(struct found_list *l, const struct found_key *key,
                const struct found_way *way)
{
    unsigned i = 0;

    while (i < l->nr && !found_same(&l->found[i].key, key))
        i++;
    if (i == FOUND_MAX)
        return false;
    if (i == l->nr)
        l->found[l->nr++] = (struct found){.key = *key, .way = *way};
    else if (before(way, &l->found[i].way))
        l->found[i].way = *way;
    return true;
}

bool found_add(struct found_list *l, const struct found_key *key,
               const struct found_way *way)
{
    bool ok;

    while (atomic_flag_test_and_set_explicit(&l->lock, memory_order_acquire))
        ;
    ok = add(l, key, way);
    atomic_flag_clear_explicit(&l->lock, memory_order_release);
    return ok;
}

static int by_way(const void *a, const void *b)
{
    const struct found *x = a, *y = b;

    if (before(&x->way, &y->way))
        return -1;
    if (before(&y->way, &x->way))
        return 1;
    if (x->key.class != y->key.class)
        return x->key.class < y->key.class ? -1 : 1;
    if (x->key.cause != y->key.cause)
        return x->key.cause < y->key.cause ? -1 : 1;
    if (x->key.path != y->key.path)
        return x->key.path < y->key.path ? -1 : 1;
    return x->key.detail < y->key.detail ? -1 : x->key.detail > y->key.detail;
}

unsigned found_sort(struct found_list *l)
{
    qsort(l->found, l->nr, sizeof(l->found[0]), by_way);
    return l->nr;
}

const struct found *found_nth(const struct found_list *l, unsigned n)
{
    return &l->found[n];
}

/* ------------------------------------------------------------- the judge */

struct found_seen found_look(const struct judge *j)
{
    return (struct found_seen){
        .findings = judge_nr_findings(j),
        .leaks = judge_nr_leaks(j),
        .releases = judge_nr_misreleases(j),
        .refusals = refusals_nr(judge_refusals(j)),
        .stuck = hub_counter(judge_hub(j), COUNT_SLOTS_STUCK),
        .bug = judge_kernel_bug(j) != NULL,
    };
}

static struct found_key of_finding(const struct finding *f)
{
    return (struct found_key){.class = f->kind == FINDING_LOST ? FOUND_LOST
                                                               : FOUND_STALE,
                              .cause = f->blame.id,
                              .path = f->seen.path};
}

static struct found_key of_leak(const struct judge *j, const struct leak *leak)
{
    return (struct found_key){.class = FOUND_LEAK,
                              .detail = leak->kind,
                              .cause = cause_of_leak(j, leak).id,
                              .path = leak->cut.path};
}

static struct found_key of_release(const struct misrelease *m)
{
    return (struct found_key){.class = FOUND_RELEASE,
                              .detail = m->kind,
                              .cause = m->cause,
                              .path = m->at.path};
}

/* A store that was made to fail does what it was told to. */
static bool is_told(const struct refusal *f)
{
    return f->cause != CAUSE_NO_DESCRIPTOR;
}

static bool collect_others(struct found_list *l, const struct judge *j,
                           const struct found_seen *seen,
                           const struct found_way *way)
{
    const struct kernel_bug *bug = judge_kernel_bug(j);
    struct found_key key;
    bool ok = true;

    for (size_t i = seen->refusals; i < refusals_nr(judge_refusals(j)); i++) {
        const struct refusal *f = refusals_nth(judge_refusals(j), i);

        key = (struct found_key){
            .class = FOUND_REFUSED, .cause = f->cause, .path = f->at.path};
        ok = (is_told(f) || found_add(l, &key, way)) && ok;
    }
    if (hub_counter(judge_hub(j), COUNT_SLOTS_STUCK) > seen->stuck) {
        key = (struct found_key){
            .class = FOUND_STUCK, .cause = CAUSE_UNKNOWN, .path = PATH_SWAPOFF};
        ok = found_add(l, &key, way) && ok;
    }
    if (bug && !seen->bug) {
        key = (struct found_key){.class = FOUND_BUG,
                                 .detail = bug->id,
                                 .cause = CAUSE_UNKNOWN,
                                 .path = bug->at.path};
        ok = found_add(l, &key, way) && ok;
    }
    return ok;
}

bool found_collect(struct found_list *l, const struct judge *j,
                   const struct found_seen *seen, const struct found_way *way)
{
    struct found_key key;
    bool ok = true;

    for (size_t i = seen->findings; i < judge_nr_findings(j); i++) {
        key = of_finding(judge_finding(j, i));
        ok = found_add(l, &key, way) && ok;
    }
    for (size_t i = seen->leaks; i < judge_nr_leaks(j); i++) {
        if (!leak_is_error(judge_leak(j, i)))
            continue;
        key = of_leak(j, judge_leak(j, i));
        ok = found_add(l, &key, way) && ok;
    }
    for (size_t i = seen->releases; i < judge_nr_misreleases(j); i++) {
        key = of_release(judge_misrelease(j, i));
        ok = found_add(l, &key, way) && ok;
    }
    return collect_others(l, j, seen, way) && ok;
}
