/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/time/cputime.h - how long a process was on the CPU
 *
 * Owns:    struct usage of a task, but for its memory
 * Used by: emu/linux/
 * Source:  linux v6.2 kernel/sched/cputime.c, kernel/time/posix-cpu-timers.c
 *
 * What the program runs is its own time; a system call takes a fixed time of
 * the system's, once anybody has asked (emu/linux/time/clock.h); faults take
 * none.
 */
#pragma once

#include "emu/linux/sched/process.h"

/* ns, up to now; both together are the CPU time of the task */
uint64_t cputime_user(const struct task *t);
uint64_t cputime_system(const struct task *t);

/* thread_group_cputime() - the same of all threads, and its user part */
uint64_t cputime_all(const struct process *p);
uint64_t cputime_all_user(const struct process *p);

/* cputime_account - account_process_tick(): @t ran up to now */
void cputime_account(struct task *t);

/* cputime_enter - the system works for @t: a call */
void cputime_enter(struct task *t);

/*
 * cputime_check_limit - RLIMIT_CPU: SIGXCPU each second over the soft one,
 * SIGKILL at the hard one
 */
void cputime_check_limit(struct process *p);

/* cputime_limit_left - ns of CPU time until it does something; UINT64_MAX */
uint64_t cputime_limit_left(const struct process *p);
