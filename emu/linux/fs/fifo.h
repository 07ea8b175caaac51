/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/fifo.h - open(2) of a FIFO, which waits for its other end
 *
 * Owns:    what such a call keeps while it waits
 * Used by: emu/linux/path/sys_open.c
 * Source:  linux v6.2 fs/pipe.c fifo_open()
 *
 * The host opens it without waiting, as other processes of the machine must
 * be able to run: they may be the other end.  So may a process of the host,
 * of whose open(2) nobody tells us: as long as one waits, we look again.
 */
#pragma once

#include "emu/linux/sched/task.h"

/*
 * fifo_open - @fd: of the host, O_PATH, borrowed; @guest: open(2)'s flags
 *
 * Returns the descriptor, TASK_WAITS, or -errno.
 */
int64_t fifo_open(struct task *t, int fd, unsigned guest);

/* fifo_open_again - the call that has waited */
int64_t fifo_open_again(struct task *t, unsigned guest);

/* fifo_wait_free - the call is over; NULL is fine */
void fifo_wait_free(struct fifo_wait *w);
