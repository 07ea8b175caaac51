/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/time/posix_timer.h - timer_create(2) and what follows
 *
 * Owns:    struct posix_timer, in a list of its process
 * Used by: emu/linux/
 * Source:  linux v6.2 kernel/time/posix-timers.c
 */
#pragma once

#include "emu/linux/sched/process.h"

/* posix_timers_count - how many have a signal of their own, not in a queue */
uint64_t posix_timers_count(const struct process *p);

/* posix_timers_fire - send the signals of those of @p that are due */
void posix_timers_fire(struct process *p);

/* posix_timers_next - ns until the first is due; FOREVER: none will be.
 * @on_cpu: the CPU time of @p goes on */
uint64_t posix_timers_next(const struct process *p, bool on_cpu);

/*
 * posix_timer_taken - posixtimer_rearm(): a signal of a timer is delivered
 *
 * @info: gets the overrun; a periodic timer begins to run again.
 */
void posix_timer_taken(struct task *t, struct siginfo *info);

/* posix_timers_free - exit_itimers() */
void posix_timers_free(struct process *p);
