/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/fowner.h - who is told of an open file, and leases
 *
 * Owns:    struct file_owner of an open file
 * Used by: emu/linux/fs/sys_fd.c, emu/linux/net/,
 *          emu/linux/signal/fasync.c
 * Source:  linux v6.2 fs/fcntl.c, fs/locks.c
 * Differs: no lease is given, as with fs.leases-enable 0
 */
#pragma once

#include "emu/linux/sched/task.h"

struct open_file;

/*
 * fowner_fcntl - F_GETOWN, F_SETSIG, F_SETLEASE, F_GET_RW_HINT and their kin
 *
 * @guest: an open descriptor
 * Returns the value of the call; -EINVAL: it is none of these.
 */
int64_t fowner_fcntl(struct task *t, int guest, int cmd, uint64_t arg);

/*
 * fowner_send - send_sigio(): the owner of @file is told that it is ready
 *
 * @fd:     of the program
 * @reason: POLL_IN and its kin of siginfo(5), the same on every machine
 */
void fowner_send(struct machine *m, struct open_file *file, int fd, int reason);

/* fowner_send_urgent - send_sigurg() */
void fowner_send_urgent(struct machine *m, struct open_file *file);
