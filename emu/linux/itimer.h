/*
 * emu/linux/itimer.h - interval timers: SIGALRM, SIGVTALRM, SIGPROF
 *
 * Owns:    nothing; struct itimer is in the task
 * Used by: emu/linux/sched.c
 * Source:  linux v6.2 kernel/time/itimer.c
 */
#pragma once

#include "emu/linux/task.h"

#define ITIMER_G_REAL    0 /* machine time */
#define ITIMER_G_VIRTUAL 1 /* CPU time of the process */
#define ITIMER_G_PROF    2

/* itimer_fire - send the signals that are due */
void itimer_fire(struct machine *m);

/* itimer_next - ns until the first that can be due; FOREVER: none is set */
uint64_t itimer_next(const struct machine *m);
