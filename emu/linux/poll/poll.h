/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/poll/poll.h - timeouts and signal masks of calls that wait for
 * files
 *
 * Owns:    nothing
 * Used by: emu/linux/poll/sys_poll.c, sys_epoll.c
 * Source:  linux v6.2 fs/select.c, kernel/signal.c
 */
#pragma once

#include "emu/linux/sched/task.h"

/*
 * poll_get_timeout - the struct timespec at @va, or struct timeval
 *
 * @va: 0: the call waits for ever
 * @ns: FOREVER then, and when it is as good as that
 * Returns 0, -EFAULT, -EINVAL or -ENOMEM.
 */
MUST_CHECK int poll_get_timeout(struct task *t, uint64_t va, bool timeval,
                                uint64_t *ns);

/*
 * poll_set_mask - set_user_sigmask(): the mask at @va for the time of the call
 *
 * @va: 0: none
 * Returns 0, -EINVAL or -EFAULT.
 */
MUST_CHECK int poll_set_mask(struct task *t, uint64_t va, uint64_t size);

/*
 * poll_unset_mask - restore_saved_sigmask_unless(@value == @interrupted)
 *
 * A signal that ends the call is delivered under the mask of the call.
 */
void poll_unset_mask(struct task *t, int64_t value, int64_t interrupted);
