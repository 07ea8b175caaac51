// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/futex/pi.h"

#include <errno.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/futex/pi_take.h"
#include "emu/linux/futex/waiter.h"
#include "emu/linux/futex/word.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

bool futex_waits_for(const struct task *owner, const struct task *t)
{
    const struct task *o = owner;

    /* A cycle without us would have been refused. */
    while (o && o != t) {
        const struct futex_waiter *w = o->wait.futex;

        o = w && w->pi && !w->woken ? w->owner : NULL;
    }
    return o == t;
}

int futex_pi_take(struct task *t, uint64_t va, const struct futex_key *key,
                  const struct pi_taker *taker, struct task **owner)
{
    const struct futex_waiter *first = futex_first(t->m, key);
    uint32_t pid = taker->task->pid, word;

    if (get_user32(t, va, &word))
        return -EFAULT;
    if ((word & FUTEX_TID_MASK) == pid)
        return -EDEADLK;
    if (first && (!first->pi || (word & FUTEX_TID_MASK) == 0))
        return -EINVAL; /* the word was written by somebody */
    if ((word & FUTEX_TID_MASK) == 0)
        return put_user32(t, va,
                          (word & FUTEX_OWNER_DIED) | pid |
                              (taker->others ? FUTEX_WAITERS : 0));
    if (!(word & FUTEX_WAITERS) && put_user32(t, va, word | FUTEX_WAITERS))
        return -EFAULT;
    *owner = task_find(t->m, word & FUTEX_TID_MASK);
    return *owner && !(*owner)->dead ? 1 : -ESRCH;
}

int64_t futex_lock_pi(struct task *t, const struct pi_lock *lock)
{
    static const struct wait_results results = {.on_signal = -ERESTARTNOINTR_G,
                                                .on_timeout = -ETIMEDOUT};
    struct futex_waiter *w = t->wait.futex;
    struct task *owner = NULL;
    struct futex_key key;
    int err;

    if (w && w->woken)
        return 0; /* it was given to us */
    if (w)
        return sched_wait(t, WAIT_FUTEX, lock->ns, results);
    err = futex_get_key(t, lock->va, lock->shared, ACCESS_WRITE, &key);
    if (!err)
        err = futex_pi_take(t, lock->va, &key, &(struct pi_taker){.task = t},
                            &owner);
    if (err <= 0)
        return err;
    if (lock->try)
        return -EAGAIN;
    if (!user_settled(t)) /* the word says that we wait, before we do */
        return TASK_WAITS;
    if (futex_waits_for(owner, t))
        return -EDEADLK;
    err = futex_queue(t, &key, FUTEX_ANY);
    if (err)
        return err;
    w = t->wait.futex;
    w->pi = true;
    w->va = lock->va;
    w->owner = owner;
    return sched_wait(t, WAIT_FUTEX, lock->ns, results);
}

/* wake_futex_pi(): @w has the lock, and those behind it wait for @w. */
static void hand_over(struct machine *m, struct futex_waiter *w)
{
    struct futex_waiter *i;

    futex_wake_one(m, w);
    DL_FOREACH(m->futexes, i) {
        if (i->pi && futex_same_key(&i->key, &w->key))
            i->owner = w->task;
    }
}

int64_t futex_unlock_pi(struct task *t, uint64_t va, bool shared)
{
    struct futex_waiter *first;
    struct futex_key key;
    uint32_t word;
    int err;

    if (get_user32(t, va, &word))
        return -EFAULT;
    if ((word & FUTEX_TID_MASK) != t->pid)
        return -EPERM;
    err = futex_get_key(t, va, shared, ACCESS_WRITE, &key);
    if (err)
        return err;
    first = futex_first(t->m, &key);
    if (!first)
        return put_user32(t, va, 0);
    if (!first->pi)
        return -EINVAL;
    if (put_user32(t, va, FUTEX_WAITERS | first->task->pid))
        return -EFAULT;
    if (!user_waits(t)) /* else all of it again */
        hand_over(t->m, first);
    return 0;
}

/* One who waits for @t, with the lock that is oldest; NULL: nobody does. */
static struct futex_waiter *waiter_of(const struct task *t)
{
    struct futex_waiter *w;

    DL_FOREACH(t->m->futexes, w) {
        if (w->pi && w->owner == t)
            return w;
    }
    return NULL;
}

void futex_exit_pi(struct task *t)
{
    struct futex_waiter *w;

    while ((w = waiter_of(t)) != NULL) {
        uint32_t died = FUTEX_OWNER_DIED;

        /* fixup_pi_state_owner(), which the new owner does there */
        (void)!put_user32(w->task, w->va, FUTEX_WAITERS | died | w->task->pid);
        hand_over(t->m, w);
    }
}
