/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/futex/waiter.h - a task in the queue of futexes
 *
 * Owns:    struct futex_waiter
 * Used by: emu/linux/futex/
 * Source:  linux v6.2 kernel/futex/futex.h struct futex_q
 */
#pragma once

#include "emu/linux/futex/futex.h"

struct futex_waiter {
    struct task *task; /* borrowed; it owns us */
    struct futex_key key;
    uint32_t bitset;
    bool woken; /* and not in the queue any more */

    /* To be moved to the lock of that key, and to nothing else; then it waits
     * for that. */
    bool moves;
    struct futex_key lock;

    /* Of a lock with an owner; pi.h. */
    bool pi;
    uint64_t va;        /* where its task has the word */
    struct task *owner; /* borrowed; who is waited for, until it ends */
    struct futex_waiter *prev, *next;
};

/* futex_first - the first who waits for @key; NULL: nobody does */
struct futex_waiter *futex_first(const struct machine *m,
                                 const struct futex_key *key);

/* futex_wake_one - out of the queue, and its task goes on */
void futex_wake_one(struct machine *m, struct futex_waiter *w);

/* futex_same_key - do they meet? */
bool futex_same_key(const struct futex_key *a, const struct futex_key *b);
