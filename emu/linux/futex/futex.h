/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/futex/futex.h - waiting on a word of memory
 *
 * Owns:    the queue: struct futex_waiter, see waiter.h
 * Used by: emu/linux/
 * Source:  linux v6.2 kernel/futex/core.c, waitwake.c, requeue.c
 * Differs: no priorities: who came first is woken first
 */
#pragma once

#include "emu/linux/sched/task.h"

#define FUTEX_ANY 0xffffffffu /* FUTEX_BITSET_MATCH_ANY */

/*
 * Which word: waiters and wakers meet where all of it is equal.
 *
 * A word of shared memory is the same by every name that it has: that of its
 * object and its place there.  Any other is that of one address space, with
 * the tag bits that the program gave.
 */
struct futex_key {
    enum { FUTEX_PRIVATE, FUTEX_MM_SHARED, FUTEX_OBJECT } kind;
    uint64_t id; /* of the address space, or of the mapping */
    uint64_t at; /* address, or byte */
};

/*
 * futex_get_key - the key of the word at @va
 *
 * @shared: without FUTEX_PRIVATE_FLAG: the page is looked at
 * @access: ACCESS_WRITE, or ACCESS_READ when no store is needed
 * Returns 0, -EINVAL: not aligned, -EFAULT.
 */
MUST_CHECK int futex_get_key(struct task *t, uint64_t va, bool shared,
                             enum access access, struct futex_key *key);

/*
 * futex_queue - @t waits for a waker of @key that has a bit of @bitset
 *
 * It is in the queue until it is woken, or futex_forget().
 * Returns 0 or -ENOMEM.
 */
MUST_CHECK int futex_queue(struct task *t, const struct futex_key *key,
                           uint32_t bitset);

/* futex_is_woken - did somebody wake the task of @w? */
bool futex_is_woken(const struct futex_waiter *w);

/* futex_forget - the call is over; NULL is fine */
void futex_forget(struct futex_waiter *w);

/*
 * futex_wake - those who wait for @key with a bit of @bitset, oldest first
 *
 * Stops when at least @most are woken: 0 wakes one, as there.
 * Returns how many, or -EINVAL: somebody waits for a lock (pi.h), or to be
 * moved to one (requeue_pi.h).
 */
int futex_wake(struct machine *m, const struct futex_key *key, int most,
               uint32_t bitset);

/*
 * futex_requeue - wake @most who wait for @from, and have @move more of them
 * wait for @to
 *
 * Returns how many were woken or moved, or -EINVAL as futex_wake().
 */
int futex_requeue(struct machine *m, const struct futex_key *from,
                  const struct futex_key *to, int most, int move);

/* futex_wake_address - one who waits for the shared word at @va, if any */
void futex_wake_address(struct task *t, uint64_t va);
