/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/schedule.h - whose turn is next, and how long it is
 *
 * Owns:    struct schedule: the order that --schedule asks for
 * Used by: emu/machine.c, emu/linux/sched/
 * Source:  ours; "pct" is that of Burckhardt, Kothari, Musuvathi and
 *          Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees
 *          of Finding Bugs", ASPLOS 2010, section 3
 * Differs: the length of the run is not known, so a change of priority comes
 *          after a number of instructions of any magnitude, counted from when
 *          there are two tasks
 *
 * The same options give the same turns.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/machine.h"

struct cpu;
struct machine;
struct task;

#define QUANTUM_INSNS 200000 /* long enough that the switch does not count */

struct schedule {
    struct schedule_options options;
    uint64_t random; /* state of its numbers */
    uint64_t lowest; /* of the priorities given so far */
    /* Instructions from the start on, or instruction counts; descending. */
    uint64_t change[PCT_MAX_DEPTH];
    unsigned nr_changes; /* ... of which so many are to come */
    bool started;
};

/* schedule_init - nobody has had a turn yet */
void schedule_init(struct schedule *s, const struct schedule_options *options);

/* schedule_start - there are two tasks, and the clock runs */
void schedule_start(struct machine *m);

/*
 * schedule_next - the task that @cpu takes
 *
 * @ready: can it run there?
 * Returns NULL when none can.
 */
struct task *schedule_next(const struct cpu *cpu,
                           bool (*ready)(const struct cpu *cpu,
                                         const struct task *t));

/* schedule_has_priorities - only then is schedule_preempts() worth a call */
static inline bool schedule_has_priorities(const struct schedule *s)
{
    return s->options.order == SCHEDULE_PCT;
}

/* schedule_preempts - must the task of @cpu, which could go on, not? */
bool schedule_preempts(const struct cpu *cpu,
                       bool (*ready)(const struct cpu *cpu,
                                     const struct task *t));

/* schedule_turn - instructions until others are asked for again */
uint64_t schedule_turn(struct machine *m);

/* schedule_used_up - @t ran to the end of its turn, or gave the rest away */
void schedule_used_up(struct task *t);
