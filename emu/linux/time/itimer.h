/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/time/itimer.h - interval timers: SIGALRM, SIGVTALRM, SIGPROF
 *
 * Owns:    nothing; struct itimer is in the process
 * Used by: emu/linux/sched/sched.c
 * Source:  linux v6.2 kernel/time/itimer.c
 */
#pragma once

#include "emu/linux/sched/process.h"

#define ITIMER_G_REAL    0 /* machine time */
#define ITIMER_G_VIRTUAL 1 /* what the process runs */
#define ITIMER_G_PROF    2 /* and what the system does for it */

/* itimer_fire - send the signals that are due */
void itimer_fire(struct process *p);

/* itimer_next - ns until the first is due; FOREVER: none will be.
 * @on_cpu: the CPU time of @p goes on */
uint64_t itimer_next(const struct process *p, bool on_cpu);
