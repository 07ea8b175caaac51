// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/futex/requeue_pi.h"

#include <errno.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/futex/pi_take.h"
#include "emu/linux/futex/waiter.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

/* 0: the first word has the value that the call names */
static int check_value(struct task *t, const struct requeue_pi *r)
{
    uint32_t value;

    if (get_user32(t, r->va, &value))
        return -EFAULT;
    return value == r->value ? 0 : -EAGAIN;
}

static int queue(struct task *t, const struct requeue_pi *r)
{
    struct futex_key key, lock;
    struct futex_waiter *w;
    int err;

    if (r->va == r->lock_va)
        return -EINVAL;
    err = futex_get_key(t, r->lock_va, r->shared, ACCESS_WRITE, &lock);
    if (!err)
        err = futex_get_key(t, r->va, r->shared, ACCESS_READ, &key);
    if (!err)
        err = check_value(t, r);
    if (!err && futex_same_key(&key, &lock))
        err = -EINVAL;
    if (!err)
        err = futex_queue(t, &key, FUTEX_ANY);
    if (err)
        return err;
    w = t->wait.futex;
    w->moves = true;
    w->lock = lock;
    w->va = r->lock_va;
    return 0;
}

int64_t futex_wait_requeue_pi(struct task *t, const struct requeue_pi *r,
                              uint64_t ns)
{
    const struct futex_waiter *w = t->wait.futex;
    struct wait_results results = {.on_signal = -ERESTARTNOINTR_G,
                                   .on_timeout = -ETIMEDOUT};
    int err;

    if (w && w->woken)
        return 0; /* the lock was given to us */
    if (!w) {
        err = queue(t, r);
        if (err)
            return err;
    } else if (w->pi) {
        /* The word has changed by now: it would be that, made again. */
        results.on_signal = -EAGAIN;
    }
    return sched_wait(t, WAIT_FUTEX, ns, results);
}

/* futex_proxy_trylock_atomic(): 1: the first waiter has the lock; 0: *@owner
 * has it, or nobody waits. */
static int give_to_first(struct task *t, const struct requeue_pi *r,
                         const struct futex_key keys[2], bool others,
                         struct task **owner)
{
    struct futex_waiter *first = futex_first(t->m, &keys[0]);
    struct pi_taker taker = {.others = others};
    int err;

    if (!first)
        return 0;
    if (!first->moves || !futex_same_key(&first->lock, &keys[1]))
        return -EINVAL;
    taker.task = first->task;
    err = futex_pi_take(t, r->lock_va, &keys[1], &taker, owner);
    if (err)
        return err < 0 ? err : 0;
    *owner = first->task;
    futex_wake_one(t->m, first);
    return 1;
}

/* May @w wait for the lock of @key that @owner has? */
static int check_move(const struct futex_waiter *w, const struct futex_key *key,
                      const struct task *owner)
{
    if (!w->moves || !futex_same_key(&w->lock, key))
        return -EINVAL;
    return futex_waits_for(owner, w->task) ? -EDEADLK : 0;
}

/* Up to @most who wait for keys[0]; how many, or -errno, after some. */
static int64_t move_waiters(struct machine *m, const struct futex_key keys[2],
                            int64_t most, struct task *owner)
{
    struct futex_waiter *w, *next, *moved = NULL;
    int64_t nr = 0;
    int err = 0;

    DL_FOREACH_SAFE(m->futexes, w, next) {
        if (nr >= most)
            break;
        if (!futex_same_key(&w->key, &keys[0]))
            continue;
        err = check_move(w, &keys[1], owner);
        if (err)
            break;
        DL_DELETE(m->futexes, w);
        w->key = keys[1];
        w->moves = false;
        w->pi = true;
        w->owner = owner;
        DL_APPEND(moved, w);
        nr++;
    }
    /* Behind those who wait for it already. */
    DL_CONCAT(m->futexes, moved);
    return err ? err : nr;
}

int64_t futex_cmp_requeue_pi(struct task *t, const struct requeue_pi *r,
                             int move)
{
    struct task *owner = NULL;
    struct futex_key keys[2];
    int64_t nr;
    int err, woken;

    if (move < 0 || r->va == r->lock_va)
        return -EINVAL;
    err = futex_get_key(t, r->va, r->shared, ACCESS_READ, &keys[0]);
    if (!err)
        err = futex_get_key(t, r->lock_va, r->shared, ACCESS_WRITE, &keys[1]);
    if (!err && futex_same_key(&keys[0], &keys[1]))
        err = -EINVAL;
    if (!err)
        err = check_value(t, r);
    /* The word changes at once, or all is done from the beginning. */
    if (!err && user_room(t, r->lock_va, sizeof(uint32_t)) < sizeof(uint32_t))
        err = -EFAULT;
    if (err)
        return err;
    woken = give_to_first(t, r, keys, move > 0, &owner);
    if (woken < 0)
        return woken;
    /* One more, when the first has to wait. */
    nr = move_waiters(t->m, keys, (int64_t)move + 1 - woken, owner);
    return nr < 0 ? nr : nr + woken;
}
