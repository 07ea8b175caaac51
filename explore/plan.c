// SPDX-License-Identifier: GPL-2.0-or-later
#include "explore/plan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/rng.h"

/* How often a stress comes in a run, about. */
#define LEAST_EVENTS 10
#define MOST_EVENTS  300

#define LEAST_QUANTUM 50
#define MOST_QUANTUM  200000
#define MOST_DEPTH    6    /* of pct */
#define MOST_WAIT     64   /* faults */
#define MOST_FAIL     64   /* allocations, reads or writes */
#define LEAST_RAM_K   1024 /* that adiemu takes */

static uint64_t between(struct rng *rng, uint64_t least, uint64_t most)
{
    return most <= least ? least : least + rng_next(rng) % (most - least + 1);
}

static unsigned log_2(uint64_t n)
{
    return n ? 63 - (unsigned)__builtin_clzll(n) : 0;
}

/* A number of any magnitude: small ones are as likely as large ones. */
static uint64_t any_size(struct rng *rng, uint64_t least, uint64_t most)
{
    unsigned low = log_2(least), high = log_2(most);
    unsigned bits = (unsigned)between(rng, low, high);
    uint64_t n = (UINT64_C(1) << bits) + rng_next(rng) % (UINT64_C(1) << bits);

    return n < least ? least : n > most ? most : n;
}

static bool percent(struct rng *rng, unsigned chance)
{
    return rng_next(rng) % 100 < chance;
}

static void add(struct plan *p, enum plan_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void add(struct plan *p, enum plan_kind kind, const char *fmt, ...)
{
    va_list args;

    p->parts[p->nr].kind = kind;
    va_start(args, fmt);
    vsnprintf(p->parts[p->nr].word, PLAN_WORD_MAX, fmt, args);
    va_end(args);
    p->nr++;
}

static bool is_free(const struct plan_limits *l, enum plan_kind kind)
{
    return !(l->given >> kind & 1);
}

static void add_fail(struct plan *p, struct rng *rng)
{
    static const char *const what[] = {"tagstore", "swapwrite", "swapread"};
    const char *word = what[rng_next(rng) % 3];

    add(p, PLAN_FAIL, "--fail=%s:%" PRIu64, word, any_size(rng, 1, MOST_FAIL));
}

/* From half of what the plain run had in use to all of it. */
static void add_ram(struct plan *p, struct rng *rng, uint64_t peak_k)
{
    uint64_t k = between(rng, peak_k / 2, peak_k);

    add(p, PLAN_RAM, "--ram=%" PRIu64 "K", k < LEAST_RAM_K ? LEAST_RAM_K : k);
}

static void add_stress(struct plan *p, enum plan_kind kind, const char *what,
                       struct rng *rng, uint64_t insns)
{
    uint64_t events = any_size(rng, LEAST_EVENTS, MOST_EVENTS);
    uint64_t period = insns / events;

    add(p, kind, "--stress=%s:%" PRIu64 ":%" PRIu64, what, period ? period : 1,
        rng_next(rng) % 1000000);
}

static void add_schedule(struct plan *p, struct rng *rng,
                         const struct plan_limits *l)
{
    uint64_t which = rng_next(rng) % 5, seed = rng_next(rng) % 1000000;
    uint64_t depth = between(rng, 2, MOST_DEPTH);
    uint64_t quantum = any_size(rng, LEAST_QUANTUM, MOST_QUANTUM);

    /* With none the turns are those of a quantum alone. */
    if (is_free(l, PLAN_SCHEDULE) && which >= 1 && which <= 2)
        add(p, PLAN_SCHEDULE, "--schedule=random:%" PRIu64, seed);
    if (is_free(l, PLAN_SCHEDULE) && which >= 3)
        add(p, PLAN_SCHEDULE, "--schedule=pct:%" PRIu64 ":%" PRIu64, seed,
            depth);
    if (is_free(l, PLAN_QUANTUM) && which < 4)
        add(p, PLAN_QUANTUM, "--quantum=%" PRIu64, quantum);
}

static void draw(struct rng *rng, const struct plan_limits *l, struct plan *out)
{
    uint64_t peak_k = l->ram_peak / 1024;

    out->nr = 0;
    if (percent(rng, 15) && is_free(l, PLAN_FAIL))
        add_fail(out, rng);
    if (percent(rng, 15) && is_free(l, PLAN_RAM) && peak_k > LEAST_RAM_K)
        add_ram(out, rng, peak_k);
    if (percent(rng, 20) && is_free(l, PLAN_WAIT))
        add(out, PLAN_WAIT, "--stress=wait:%" PRIu64,
            any_size(rng, 1, MOST_WAIT));
    if (percent(rng, 60) && is_free(l, PLAN_SWAP))
        add_stress(out, PLAN_SWAP, "swap", rng, l->insns);
    if (percent(rng, 30) && is_free(l, PLAN_MIGRATE))
        add_stress(out, PLAN_MIGRATE, "migrate", rng, l->insns);
    if (percent(rng, 50))
        add_schedule(out, rng, l);
}

void plan_of_seed(uint64_t seed, const struct plan_limits *limits,
                  struct plan *out)
{
    struct rng rng = {.state = seed};
    const unsigned drawn = (1u << PLAN_DEVICE) - 1;
    unsigned vain = 0;

    out->nr = 0;
    while (seed && out->nr == 0 && (limits->given & drawn) != drawn &&
           vain++ < 100)
        draw(&rng, limits, out);
    /* Always: what it does must not depend on whether there is one. */
    if (is_free(limits, PLAN_DEVICE))
        add(out, PLAN_DEVICE, "--swap=64M%s",
            seed && percent(&rng, 25) ? ",sync" : "");
}

bool plan_has(const struct plan *p, enum plan_kind kind)
{
    for (unsigned i = 0; i < p->nr; i++)
        if (p->parts[i].kind == kind)
            return true;
    return false;
}

struct plan plan_without(const struct plan *p, unsigned n)
{
    struct plan less = {.nr = 0};

    for (unsigned i = 0; i < p->nr; i++)
        if (i != n)
            less.parts[less.nr++] = p->parts[i];
    return less;
}

struct plan plan_without_stress(const struct plan *p)
{
    struct plan less = {.nr = 0};

    for (unsigned i = 0; i < p->nr; i++)
        if (p->parts[i].kind != PLAN_SWAP && p->parts[i].kind != PLAN_MIGRATE)
            less.parts[less.nr++] = p->parts[i];
    return less;
}
