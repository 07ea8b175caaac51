// SPDX-License-Identifier: GPL-2.0-or-later
#include "random_shrink.h"

#include <stdlib.h>
#include <string.h>

#include "mm/mmap.h"

#define MAX_PAIRED 64    /* operations of which each two are tried */
#define MAX_TRIES  40000 /* runs, after which the best so far will do */
#define WALKS      600
#define STEPS      12
#define MIN_FRAMES 64

struct shrinker {
    struct record *best;
    struct record *next; /* what is tried */
    bool (*fails)(void *ctx, struct record *rec);
    void *ctx;
    unsigned tries;
};

/* s->next is a candidate.  True when it fails too, and is the best now. */
static bool accept(struct shrinker *s)
{
    if (s->tries++ >= MAX_TRIES || !s->fails(s->ctx, s->next))
        return false;
    memcpy(s->best, s->next, sizeof(*s->best));
    return true;
}

static void start(struct shrinker *s)
{
    s->next->config = s->best->config;
    s->next->nr = s->best->nr;
    memcpy(s->next->op, s->best->op, s->best->nr * sizeof(*s->best->op));
}

static void leave_out(struct record *rec, unsigned at, unsigned n)
{
    rec->nr -= n;
    memmove(rec->op + at, rec->op + at + n, (rec->nr - at) * sizeof(*rec->op));
}

/* ------------------------------------------------------ fewer operations */

/* Runs of @size.  True when one could go. */
static bool cut_runs(struct shrinker *s, unsigned size)
{
    bool any = false;

    for (unsigned at = 0; at < s->best->nr;) {
        unsigned left = s->best->nr - at;

        start(s);
        leave_out(s->next, at, left < size ? left : size);
        if (accept(s))
            any = true;
        else
            at += size;
    }
    return any;
}

static bool cut_all_runs(struct shrinker *s)
{
    bool any = false;

    for (unsigned size = s->best->nr / 2; size > 0; size /= 2)
        any |= cut_runs(s, size);
    while (cut_runs(s, 1))
        any = true;
    return any;
}

/* Two that only go together: a fork and the exit, a lock and its end. */
static bool cut_pairs(struct shrinker *s)
{
    bool any = false;

    if (s->best->nr > MAX_PAIRED)
        return false;
    for (unsigned i = 0; i < s->best->nr; i++)
        for (unsigned k = i + 1; k < s->best->nr;) {
            start(s);
            leave_out(s->next, k, 1);
            leave_out(s->next, i, 1);
            if (accept(s))
                any = true;
            else
                k++;
        }
    return any;
}

/* Does it count what others do? */
static bool counts(const struct op *op)
{
    return op->verb == OP_FAIL || op->when != WHEN_START;
}

/* Count one thing less; false: it counts none. */
static bool count_less(struct op *op)
{
    unsigned *n = op->when != WHEN_START ? &op->ahead : &op->nr;

    if (!counts(op) || *n < 2)
        return false;
    --*n;
    return true;
}

/* One goes whose reads, writes or faults another one counts. */
static bool cut_counted(struct shrinker *s)
{
    bool any = false;

    for (unsigned c = 0; c < s->best->nr; c++)
        for (unsigned i = 0; i < s->best->nr;) {
            start(s);
            if (i == c || !count_less(&s->next->op[c])) {
                i++;
                continue;
            }
            leave_out(s->next, i, 1);
            if (accept(s))
                any = true;
            else
                i++;
        }
    return any;
}

/* One that counts does so later, and then the first thing. */
static bool count_later(struct shrinker *s)
{
    bool any = false;

    for (unsigned i = 0; i < s->best->nr; i++)
        for (unsigned to = i + 1; to <= s->best->nr; to++) {
            struct op op = s->best->op[i];

            if (!count_less(&op))
                break;
            while (count_less(&op))
                ;
            start(s);
            memmove(s->next->op + i, s->next->op + i + 1,
                    (to - i - 1) * sizeof(op));
            s->next->op[to - 1] = op;
            any |= accept(s);
        }
    return any;
}

/* ---------------------------------------------- fewer processes and pages */

static bool has_pid(const struct record *rec, uint32_t pid)
{
    for (unsigned i = 0; i < rec->nr; i++)
        if (rec->op[i].pid == pid || rec->op[i].child == pid)
            return true;
    return false;
}

static bool has_page(const struct record *rec, gva_t va)
{
    for (unsigned i = 0; i < rec->nr; i++)
        if (rec->op[i].va == va || rec->op[i].to == va)
            return true;
    return false;
}

/* Process @from is @into; what it does, it does @shift pages further on. */
static bool merge_process(struct shrinker *s, uint32_t from, uint32_t into,
                          unsigned shift)
{
    unsigned layout = s->best->config.layout;

    start(s);
    for (unsigned i = 0; i < s->next->nr;) {
        struct op *op = &s->next->op[i];
        int at = layout_index(layout, op->va);

        if (op->verb == OP_FORK && op->child == from) {
            leave_out(s->next, i, 1);
            continue;
        }
        if (op->pid == from) {
            op->pid = into;
            if (at >= 0 && shift)
                op->va = layout_va(layout, ((unsigned)at + shift) % NR_PAGES);
        }
        i++;
    }
    return accept(s);
}

static bool merge_processes(struct shrinker *s)
{
    bool any = false;

    for (uint32_t from = MAX_PID; from > 0; from--)
        for (uint32_t into = 1; into <= MAX_PID; into++) {
            if (from == into || !has_pid(s->best, from) ||
                (into > 1 && !has_pid(s->best, into)))
                continue;
            for (unsigned shift = 0; shift < NR_PAGES; shift += 24)
                any |= has_pid(s->best, from) &&
                       merge_process(s, from, into, shift);
        }
    return any;
}

static bool merge_page(struct shrinker *s, gva_t from, gva_t into)
{
    start(s);
    for (unsigned i = 0; i < s->next->nr; i++) {
        struct op *op = &s->next->op[i];

        op->va = op->va == from ? into : op->va;
        op->to = op->to == from ? into : op->to;
    }
    return accept(s);
}

static bool merge_pages(struct shrinker *s)
{
    unsigned layout = s->best->config.layout;
    bool any = false;

    for (unsigned from = NR_PAGES; from-- > 1;)
        for (unsigned into = 0; into < from; into++) {
            gva_t a = layout_va(layout, from), b = layout_va(layout, into);

            if (has_page(s->best, a) && has_page(s->best, b))
                any |= merge_page(s, a, b);
        }
    return any;
}

/* ---------------------------------------------------- simpler operations */

/* Simpler forms of one operation, from the simplest on. */
static bool simpler(const struct op *op, unsigned form, struct op *out)
{
    *out = *op;
    switch (form) {
    case 0: out->pages = out->to_pages = 1; break;
    case 1: out->pages -= out->pages / 2; break;
    case 2: out->pages -= out->pages > 1; break;
    case 3: out->object = 0, out->shared = false, out->pgoff = 0; break;
    case 4: out->nr = out->nr > 1 ? 1 : out->nr; break;
    case 5: out->value = out->value > 1 ? 1 : out->value; break;
    case 6: out->block = out->verb == OP_TAG ? NR_BLOCKS : 0; break;
    case 7: out->dontunmap = false; break;
    case 8: out->pid = out->pid > 1 ? 1 : out->pid; break;
    case 9: out->when = WHEN_START, out->nth = out->ahead = 0; break;
    case 10: out->ahead = out->ahead > 1 ? 1 : out->ahead; break;
    case 11: out->nth = out->nth > 1 ? 1 : out->nth; break;
    case 12: out->nth = out->nth > 1 ? out->nth - 1 : out->nth; break;
    case 13: out->nr = out->nr > 1 ? out->nr - 1 : out->nr; break;
    case 14: out->pgoff = 0; break;
    case 15: out->object = out->object > 1 ? 1 : out->object; break;
    case 16: out->device = 0; break;
    case 17: out->prot &= ~(unsigned)PROT_G_ADI; break;
    case 18: out->from = 0; break;
    default: return false;
    }
    return memcmp(out, op, sizeof(*op)) != 0;
}

#define NR_FORMS 19

static bool simplify(struct shrinker *s)
{
    bool any = false;

    for (unsigned i = 0; i < s->best->nr; i++)
        for (unsigned form = 0; form < NR_FORMS; form++) {
            start(s);
            if (simpler(&s->best->op[i], form, &s->next->op[i]))
                any |= accept(s);
        }
    return any;
}

/* -------------------------------------------------- other ways to go out */

/* The page of operation @k goes to swap. */
static bool swap_page_of(const struct record *rec, unsigned k, struct op *op)
{
    const struct op *page = &rec->op[k];

    if (page->verb != OP_WRITE && page->verb != OP_TAG &&
        page->verb != OP_READ && page->verb != OP_MPROTECT)
        return false;
    *op = (struct op){.verb = OP_SWAPOUT,
                      .pid = page->pid,
                      .va = page->va,
                      .pages = page->pages,
                      .when = op->when,
                      .moment = op->moment,
                      .kind = op->kind,
                      .nth = op->nth,
                      .ahead = op->ahead};
    return true;
}

/* What reclaim and the like do to one page will often do. */
static bool swap_instead(struct shrinker *s, unsigned i)
{
    for (unsigned k = 0; k < s->best->nr; k++) {
        start(s);
        if (swap_page_of(s->best, k, &s->next->op[i]) && accept(s))
            return true;
    }
    return false;
}

static bool replace(struct shrinker *s)
{
    bool any = false;

    for (unsigned i = 0; i < s->best->nr; i++)
        if (s->best->op[i].verb == OP_RECLAIM ||
            s->best->op[i].verb == OP_COMPACT)
            any |= swap_instead(s, i);
    return any;
}

static void insert(struct record *rec, unsigned at, const struct op *op)
{
    memmove(rec->op + at + 1, rec->op + at, (rec->nr - at) * sizeof(*op));
    rec->op[at] = *op;
    rec->nr++;
}

/* The same pages in another layout: there may be longer runs of them. */
static void place_anew(struct record *rec, unsigned layout)
{
    for (unsigned i = 0; i < rec->nr; i++) {
        struct op *op = &rec->op[i];
        int va = layout_index(rec->config.layout, op->va);
        int to = layout_index(rec->config.layout, op->to);

        if (va >= 0)
            op->va = layout_va(layout, (unsigned)va);
        if (to >= 0)
            op->to = layout_va(layout, (unsigned)to);
    }
    rec->config.layout = layout;
}

/*
 * Steps that need not make it shorter: a page goes to swap, or is read; an
 * operation comes earlier or later, or is about another page or about more;
 * the pages are elsewhere.  What others
 * were there to bring about may be brought about by these.
 */
static bool step(struct shrinker *s, struct rng *rng)
{
    unsigned nr = s->best->nr;
    unsigned at = (unsigned)(rng_next(rng) % nr);
    unsigned to = (unsigned)(rng_next(rng) % nr);
    struct op op = s->best->op[at];
    struct op *now = &s->next->op[at];

    start(s);
    switch (rng_next(rng) % 8) {
    case 0:
        leave_out(s->next, at, 1);
        insert(s->next, to, &op);
        break;
    case 1:
        if (!swap_page_of(s->best, to, now))
            return false;
        break;
    case 2:
        now->va = s->best->op[to].va;
        now->pid = s->best->op[to].pid;
        break;
    case 3: now->pages += 1 + (unsigned)(rng_next(rng) % 32); break;
    case 4: place_anew(s->next, (unsigned)(rng_next(rng) % NR_LAYOUTS)); break;
    default:
        if (nr == OPS_OF_A_SEED || !swap_page_of(s->best, to, &op))
            return false;
        op.when = WHEN_START;
        op.nth = op.ahead = 0;
        op.verb = rng_next(rng) % 4 ? OP_SWAPOUT : OP_READ;
        insert(s->next, at, &op);
        break;
    }
    return accept(s);
}

/* A few steps, and then what is not needed any more. */
static bool wander(struct shrinker *s, struct rng *rng, struct record *was)
{
    bool any = false;

    memcpy(was, s->best, sizeof(*was));
    for (unsigned i = 0; i < STEPS && s->best->nr < was->nr + 3; i++)
        any |= step(s, rng);
    if (any) {
        (void)cut_runs(s, 2);
        (void)cut_runs(s, 1);
    }
    if (s->best->nr < was->nr)
        return true;
    /* As long as it was, but another: the next steps are from there. */
    if (s->best->nr > was->nr)
        memcpy(s->best, was, sizeof(*was));
    return false;
}

static bool go_elsewhere(struct shrinker *s)
{
    struct record *was = malloc(sizeof(*was));
    struct rng rng = {.state = 1};
    bool any = false;

    for (unsigned n = 0; was && n < WALKS && s->best->nr <= MAX_PAIRED && !any;
         n++)
        any = wander(s, &rng, was);
    free(was);
    return any;
}

/* With less memory there is less to do until a frame is used again. */
static bool take_memory(struct shrinker *s)
{
    start(s);
    if (s->next->config.frames == MIN_FRAMES)
        return false;
    s->next->config.frames = MIN_FRAMES;
    return accept(s);
}

void shrink(struct record *rec, bool (*fails)(void *ctx, struct record *rec),
            void *ctx)
{
    struct shrinker s = {.best = rec,
                         .next = malloc(sizeof(*s.next)),
                         .fails = fails,
                         .ctx = ctx};
    bool any = s.next != NULL;

    while (any && s.tries < MAX_TRIES) {
        any = cut_all_runs(&s);
        any |= take_memory(&s);
        any |= merge_processes(&s);
        any |= merge_pages(&s);
        any |= simplify(&s);
        any |= cut_counted(&s);
        any |= count_later(&s);
        any |= replace(&s);
        any = any || cut_pairs(&s) || go_elsewhere(&s);
    }
    while (s.next && simplify(&s))
        ;
    free(s.next);
}
