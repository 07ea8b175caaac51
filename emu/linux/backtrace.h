/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/backtrace.h - which calls led to the instruction being executed
 *
 * Owns:    nothing
 * Used by: emu/cpu.c, emu/kernel_bug.c, for reports
 * Source:  The SPARC Architecture Manual, Version 9, H.1 (stack frames);
 *          System V ABI, SPARC supplement
 *
 * Each window has its caller's address in %i7, and of the older windows, those
 * that are in memory are where their stack pointers say.  So no debug
 * information is needed; what a program does with %fp and %i7 as it likes ends
 * the chain, or puts a wrong frame at its end.  Nothing changes by looking: a
 * page of the stack that is not in memory ends it, too.
 */
#pragma once

#include "emu/linux/sched/task.h"
#include "judge/stackdepot.h"

/* backtrace_take - of the instruction that @t executes now */
void backtrace_take(struct task *t, struct call_stack *out);

/*
 * backtrace_of_store - the same for a store that sets a tag, a few frames
 * only and quickly, as judge_save_stack() numbers it
 *
 * @seen: NULL, or gets what the callers were seen by, beside registers
 */
uint32_t backtrace_of_store(struct task *t, struct engine_store *seen);
