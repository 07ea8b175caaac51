/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/time/sys_time.h - what the calls about time have in common
 *
 * Owns:    nothing
 * Used by: emu/linux/
 */
#pragma once

#include "emu/linux/abi_file.h"
#include "emu/linux/sched/task.h"

/* timespec_from_guest - 0 or -EINVAL; @ns is half of all at most */
MUST_CHECK int timespec_from_guest(const struct timespec_g *raw, uint64_t *ns);
struct timespec_g timespec_to_guest(uint64_t ns);

/*
 * task_clock - the time on clock @id, also of a process
 *
 * Returns false when there is no such clock.
 */
bool task_clock(const struct task *t, int id, uint64_t *ns);

/* clock_is_of_task - does it run only while a process does? */
bool clock_is_of_task(int id);

/* clock_is_of_thread - of one thread, and not of all of its process? */
bool clock_is_of_thread(int id);

/* clock_can_wait - is it one that a sleep or a timer goes by?  Others tell the
 * time and nothing else. */
bool clock_can_wait(int id);
