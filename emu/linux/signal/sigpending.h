/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/signal/sigpending.h - signals that wait to be delivered
 *
 * Owns:    struct sigpending: those of a task, or of all tasks of a process
 * Used by: emu/linux/signal/signal.c
 * Source:  linux v6.2 kernel/signal.c: __send_signal_locked(),
 *          next_signal(), collect_signal(), dequeue_synchronous_signal()
 */
#pragma once

#include "emu/linux/sched/task.h"

/* sigpending_add - legacy_queue(): one below SIGRTMIN waits only once, but for
 * those of timers, each of which has a place of its own; false: no memory */
MUST_CHECK bool sigpending_add(struct kmem *k, struct sigpending *p,
                               const struct siginfo *info);

/* sigpending_add_bare - the same without what it says: only its number waits */
void sigpending_add_bare(struct sigpending *p, int sig);

/* sigpending_count - those that are in the queue with all they say */
unsigned sigpending_count(const struct sigpending *p);

/*
 * sigpending_take - the next of @set: SIGKILL, then those of the CPU, then the
 * lowest number; of one number the oldest
 *
 * Returns false when none of @set waits.
 */
bool sigpending_take(struct sigpending *p, uint64_t set, struct siginfo *out);

/* sigpending_peek - the one with number @nth of those in the queue, from 0;
 * false: there is none */
bool sigpending_peek(const struct sigpending *p, uint64_t nth,
                     struct siginfo *out);

/* sigpending_take_fault - the oldest of @set that an instruction raised */
bool sigpending_take_fault(struct sigpending *p, uint64_t set,
                           struct siginfo *out);

/* sigpending_drop - flush_sigqueue_mask(): forget all of @set */
void sigpending_drop(struct sigpending *p, uint64_t set);
