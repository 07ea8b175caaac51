/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/trap.h - what a trap of the CPU means to a process
 *
 * Owns:    nothing
 * Used by: emu/cpu.c
 * Source:  linux v6.2 arch/sparc/kernel/ttable_64.S, traps_64.c
 */
#pragma once

#include "emu/linux/sched/task.h"

/* trap_take - the current task trapped with number @tt */
void trap_take(struct task *t, unsigned tt);

/* trap_resume - what @t waited for has happened: it goes on with its call, or
 * with the program */
void trap_resume(struct task *t);

/* trap_return - before the program goes on: deliver signals */
void trap_return(struct task *t);
