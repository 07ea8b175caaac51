/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/futex/pi.h - locks whose word names their owner
 *
 * Owns:    nothing; the queue is that of all futexes
 * Used by: emu/linux/futex/
 * Source:  linux v6.2 kernel/futex/pi.c
 * Differs: an owner gets nobody's priority, for turns know none; the lock is
 *          handed to who waits longest
 */
#pragma once

#include "emu/linux/sched/task.h"

/* A lock to take. */
struct pi_lock {
    uint64_t va;
    bool shared; /* as for futex_get_key() */
    bool try;    /* do not wait */
    uint64_t ns; /* to wait at most, from now on; FOREVER */
};

/*
 * futex_lock_pi - FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI
 *
 * Returns 0, TASK_WAITS, -EDEADLK: it waits for us, or we have it; -EAGAIN,
 * -ETIMEDOUT, -ESRCH: its owner is gone; -EINVAL, -EFAULT, -ENOMEM.
 */
int64_t futex_lock_pi(struct task *t, const struct pi_lock *lock);

/* futex_unlock_pi - 0; -EPERM: it is another's; -EINVAL, -EFAULT */
int64_t futex_unlock_pi(struct task *t, uint64_t va, bool shared);

/* futex_exit_pi - exit_pi_state_list(): @t ends; what it has goes to those who
 * wait for it */
void futex_exit_pi(struct task *t);
