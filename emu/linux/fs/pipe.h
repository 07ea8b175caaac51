/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/pipe.h - how much a pipe holds
 *
 * Owns:    nothing
 * Used by: emu/linux/fs/sys_fd.c, proc_sys.c, emu/machine.c
 * Source:  linux v6.2 fs/pipe.c
 *
 * A pipe of the guest is one of the host, which counts in pages of its own.
 */
#pragma once

#include "emu/linux/sched/task.h"

#define PIPE_DEF_BUFFERS 16
#define PIPE_MAX_SIZE    (1u << 20) /* pipe-max-size, at first */

/* pipe_round_size - round_pipe_size(): whole pages, a power of two; 0: EINVAL
 */
unsigned pipe_round_size(uint64_t size);

/* pipe_set_size - F_SETPIPE_SZ of the host's @fd: the size, or -errno */
int64_t pipe_set_size(struct task *t, int fd, uint64_t size);
