/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/sched/sched.h - who runs, who waits
 *
 * Owns:    the turns of struct cpu, struct wait of each task
 * Used by: emu/cpu.c after each trap, system calls that wait; emu/event.c,
 *          emu/gdb/
 * Source:  the role of linux kernel/sched/; the turn order is ours: round
 *          robin, in slices of the instruction clock, always the same
 *
 * A system call that cannot go on returns TASK_WAITS; it is made again,
 * from its beginning, when what it waits for has happened.
 */
#pragma once

#include "emu/linux/sched/task.h"

struct pollfd;

#define TASK_WAITS INT64_MIN
#define FOREVER    UINT64_MAX /* ns */

/* What a call that waits returns when it must not wait any longer. */
struct wait_results {
    int64_t on_signal;  /* -ERESTARTSYS_G, ... */
    int64_t on_timeout; /* unused without a timeout */
};

/*
 * sched_wait - wait for @kind, a signal, or until @ns have passed
 *
 * @ns: counted from the first time of this call; FOREVER
 * Returns TASK_WAITS, or one of @results.
 */
int64_t sched_wait(struct task *t, enum wait_kind kind, uint64_t ns,
                   struct wait_results results);

/*
 * sched_wait_fds - the same, for descriptors of the host
 *
 * @fds:     copied
 * @outside: others than tasks of this machine can make one ready
 */
int64_t sched_wait_fds(struct task *t, const struct pollfd *fds, unsigned nr,
                       bool outside, uint64_t ns, struct wait_results results);

/* sched_is_runnable - it waits for nothing, or for what has happened */
bool sched_is_runnable(const struct task *t);

/* sched_wait_fault - an access of @t must wait; see docs/faults.md */
void sched_wait_fault(struct task *t);

/* sched_time_left - ns until the deadline of the call being made */
uint64_t sched_time_left(const struct task *t);

/* sched_wake - what @t waits for, if that is @kind, has happened */
void sched_wake(struct task *t, enum wait_kind kind);

void sched_wake_all(struct machine *m, enum wait_kind kind);

/* wait_clear - the call is over */
void wait_clear(struct wait *w);

/* sched_yield_turn - the next one's turn, if there is one */
void sched_yield_turn(struct task *t);

/* sched_alone - nobody else can run, or ever will before @t does, and no
 * debugger interrupts: the host's call may wait */
bool sched_alone(const struct task *t);

/*
 * sched_settle - after a trap: deliver signals, bury the dead, switch
 *
 * Afterwards @cpu holds a task that can run, or it stops.
 */
void sched_settle(struct cpu *cpu);

/* sched_next_event - instructions to the end of its turn, or to a timer */
uint64_t sched_next_event(struct cpu *cpu);

/* sched_on_clock - the instruction clock got there */
void sched_on_clock(struct cpu *cpu);
