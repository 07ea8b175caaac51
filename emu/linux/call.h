/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/call.h - what a system call keeps while it waits
 *
 * Owns:    struct call_state: what the call was told, and the open files that
 *          its descriptors were, from its first try to its end
 * Used by: system calls that may wait, emu/linux/sched/sched.c
 * Source:  the role of the kernel stack, and of fdget() and fdput()
 *
 * A call that waits is made again from its beginning (sched.h).  In between
 * other processes have changed the memory that its arguments are in, and the
 * table of descriptors.  Linux has read both once; so do we.
 */
#pragma once

#include "emu/linux/sched/task.h"

/*
 * call_import - copy_from_user() of an argument
 *
 * Every later call for the same @va and @len, also by a call made again,
 * gives the same bytes.  copy_from_user() in a call made again is an
 * invariant broken: what may be waited after is imported.
 *
 * Returns 0, -EFAULT or -ENOMEM.
 */
MUST_CHECK int call_import(struct task *t, void *dst, uint64_t va, size_t len);

/* The same of one big-endian value. */
MUST_CHECK int call_import64(struct task *t, uint64_t va, uint64_t *value);

/*
 * call_file - the open file that descriptor @fd was when the call began
 *
 * Borrowed until the call waits or changes the table; NULL: EBADF.
 */
struct open_file *call_file(const struct task *t, int fd);

/* call_fdget - the same, as files_fdget() has it: NULL for O_PATH, too */
struct open_file *call_fdget(const struct task *t, int fd);

/* call_host - the descriptor of the host behind it, or -EBADF */
MUST_CHECK int call_host(const struct task *t, int fd);

/*
 * call_hold - the call is about to wait: keep what @fd is until its end
 *
 * Returns 0 or -ENOMEM.
 */
MUST_CHECK int call_hold(struct task *t, int fd);

/* call_clear - the call is over */
void call_clear(struct call_state *c);
