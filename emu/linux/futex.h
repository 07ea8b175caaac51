/*
 * emu/linux/futex.h - waiting on a word of memory
 *
 * Owns:    nothing; who waits says so in its struct wait
 * Used by: emu/linux/
 * Source:  linux v6.2 kernel/futex/; keys are address space and address, tag
 *          bits and all
 */
#pragma once

#include "emu/linux/task.h"

/* futex_wake - the waiters at @va of t->mm, at most @most; returns how many */
unsigned futex_wake(struct task *t, uint64_t va, unsigned most);
