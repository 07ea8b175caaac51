/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/futex/requeue_pi.h - from a word to a lock with an owner
 *
 * Owns:    nothing; the queue is that of all futexes
 * Used by: emu/linux/futex/
 * Source:  linux v6.2 kernel/futex/requeue.c
 * Differs: no priorities: who came first is moved first
 *
 * A condition whose waiters go on one by one, each with the lock: who waits
 * names the lock, and who wakes them moves them to it.
 */
#pragma once

#include "emu/linux/futex/futex.h"

/* What both calls name: words of one program. */
struct requeue_pi {
    uint64_t va;      /* what is waited for */
    uint64_t lock_va; /* the lock */
    bool shared;      /* as for futex_get_key() */
    uint32_t value;   /* what the first word has to have */
};

/*
 * futex_wait_requeue_pi - FUTEX_WAIT_REQUEUE_PI
 *
 * @ns: to wait at most, from now on; FOREVER
 * Returns 0: the caller has the lock; TASK_WAITS; -EAGAIN: another value, or a
 * signal came when it waited for the lock; -ETIMEDOUT, -EINVAL, -EFAULT,
 * -ENOMEM.
 */
int64_t futex_wait_requeue_pi(struct task *t, const struct requeue_pi *r,
                              uint64_t ns);

/*
 * futex_cmp_requeue_pi - FUTEX_CMP_REQUEUE_PI, with one to wake: the first
 * waiter gets the lock, if it is nobody's; @move more wait for it
 *
 * Returns how many of both; -EAGAIN: another value; -EINVAL: one does not wait
 * for that, or names another lock; -EDEADLK, -ESRCH as of the lock; -EFAULT.
 */
int64_t futex_cmp_requeue_pi(struct task *t, const struct requeue_pi *r,
                             int move);
