/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/futex/pi_take.h - a lock with an owner, for its taker or another
 *
 * Owns:    nothing
 * Used by: emu/linux/futex/
 * Source:  linux v6.2 kernel/futex/pi.c, kernel/locking/rtmutex.c
 */
#pragma once

#include "emu/linux/futex/futex.h"

/* Who is to have the lock. */
struct pi_taker {
    struct task *task; /* borrowed */
    bool others;       /* some will wait for it then */
};

/*
 * futex_pi_take - futex_lock_pi_atomic(): take the lock, or say in its word
 * that somebody waits
 *
 * @t:     whose call it is; the word is at its @va
 * @owner: out; who has it
 * Returns 0: it is the taker's; 1: *@owner has it; -EDEADLK: the taker has it
 * already; -ESRCH: its owner is gone; -EINVAL, -EFAULT.
 */
MUST_CHECK int futex_pi_take(struct task *t, uint64_t va,
                             const struct futex_key *key,
                             const struct pi_taker *taker, struct task **owner);

/* futex_waits_for - rt_mutex_adjust_prio_chain(): does @owner wait for what @t
 * has, in the end, or is it @t? */
bool futex_waits_for(const struct task *owner, const struct task *t);
