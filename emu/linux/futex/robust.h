/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/futex/robust.h - locks in shared memory whose owner has died
 *
 * Owns:    nothing; the list is in the program's memory
 * Used by: emu/linux/sched/task.c
 * Source:  linux v6.2 kernel/futex/core.c exit_robust_list()
 */
#pragma once

#include "emu/linux/sched/task.h"

/* robust_release - @t ends, or its program does: mark what it holds, and wake
 * one waiter of each */
void robust_release(struct task *t);
