// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/schedule.h"

#include <stdlib.h>
#include <utlist.h>

#include "emu/internal.h"
#include "emu/linux/sched/task.h"

/* Changes of priority come after 2^FIRST to 2^LAST instructions. */
#define CHANGE_FIRST 4
#define CHANGE_LAST  28

/* Above all that schedule_used_up() gives. */
#define PCT_MIDDLE (UINT64_C(1) << 62)

static uint64_t random_of(struct schedule *s)
{
    struct rng rng = {s->random};
    uint64_t number = rng_next(&rng);

    s->random = rng.state;
    return number;
}

static int descending(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x < *y) - (*x > *y);
}

/* A number of any magnitude. */
static uint64_t change_point(struct schedule *s)
{
    unsigned bits =
        CHANGE_FIRST + (unsigned)(random_of(s) % (CHANGE_LAST - CHANGE_FIRST));
    uint64_t least = UINT64_C(1) << bits;

    return least + random_of(s) % least;
}

void schedule_init(struct schedule *s, const struct schedule_options *options)
{
    *s = (struct schedule){
        .options = *options, .random = options->seed, .lowest = PCT_MIDDLE};
    if (s->options.quantum == 0)
        s->options.quantum = QUANTUM_INSNS;
    if (options->order != SCHEDULE_PCT)
        return;
    s->nr_changes = options->depth - 1;
    for (unsigned i = 0; i < s->nr_changes; i++)
        s->change[i] = change_point(s);
    qsort(s->change, s->nr_changes, sizeof(s->change[0]), descending);
}

void schedule_start(struct machine *m)
{
    struct schedule *s = &m->schedule;

    if (s->started)
        return;
    s->started = true;
    for (unsigned i = 0; i < s->nr_changes; i++)
        s->change[i] += machine_insns(m);
}

/* Behind the one that @cpu has, which comes last. */
static struct task *round_robin(const struct cpu *cpu,
                                bool (*ready)(const struct cpu *,
                                              const struct task *))
{
    const struct machine *m = cpu->m;
    const struct task *t = cpu->current;
    struct task *start = t && t->next ? t->next : m->tasks, *i = start;

    do {
        if (ready(cpu, i))
            return i;
        i = i->next ? i->next : m->tasks;
    } while (i != start);
    return NULL;
}

static struct task *any(const struct cpu *cpu,
                        bool (*ready)(const struct cpu *, const struct task *))
{
    struct machine *m = cpu->m;
    struct task *t, *chosen = NULL;
    uint64_t nr = 0;

    /* The n-th of those that can takes the place with a chance of 1/n. */
    DL_FOREACH(m->tasks, t) {
        if (ready(cpu, t) && random_of(&m->schedule) % ++nr == 0)
            chosen = t;
    }
    return chosen;
}

static struct task *highest(const struct cpu *cpu,
                            bool (*ready)(const struct cpu *,
                                          const struct task *))
{
    struct machine *m = cpu->m;
    struct task *t, *best = NULL;

    DL_FOREACH(m->tasks, t) {
        if (t->turn_priority == 0)
            t->turn_priority = PCT_MIDDLE + random_of(&m->schedule) / 4;
        if (ready(cpu, t) && (!best || t->turn_priority > best->turn_priority))
            best = t;
    }
    return best;
}

struct task *schedule_next(const struct cpu *cpu,
                           bool (*ready)(const struct cpu *cpu,
                                         const struct task *t))
{
    switch (cpu->m->schedule.options.order) {
    case SCHEDULE_RANDOM: return any(cpu, ready);
    case SCHEDULE_PCT: return highest(cpu, ready);
    default: return round_robin(cpu, ready);
    }
}

bool schedule_preempts(const struct cpu *cpu,
                       bool (*ready)(const struct cpu *cpu,
                                     const struct task *t))
{
    return schedule_has_priorities(&cpu->m->schedule) &&
           highest(cpu, ready) != cpu->current;
}

/* The next point where a priority changes, from now on; UINT64_MAX */
static uint64_t change_left(const struct machine *m)
{
    const struct schedule *s = &m->schedule;
    uint64_t now = machine_insns(m), at;

    if (s->nr_changes == 0 || !s->started)
        return UINT64_MAX;
    at = s->change[s->nr_changes - 1];
    return at > now ? at - now : 1;
}

uint64_t schedule_turn(struct machine *m)
{
    struct schedule *s = &m->schedule;
    uint64_t quantum = s->options.quantum, left;

    if (s->options.order == SCHEDULE_RANDOM)
        return 1 + random_of(s) % (2 * quantum);
    left = change_left(m);
    return left < quantum ? left : quantum;
}

/*
 * It is behind all others from now on.  At a point of change that is what the
 * paper wants; for one that does not wait for anything it is ours, so that who
 * waits in a loop does not wait for ever.
 */
void schedule_used_up(struct task *t)
{
    struct schedule *s = &t->m->schedule;

    while (s->started && s->nr_changes &&
           s->change[s->nr_changes - 1] <= machine_insns(t->m))
        s->nr_changes--;
    t->turn_priority = --s->lowest;
}
