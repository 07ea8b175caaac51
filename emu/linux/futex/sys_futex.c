// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * futex(2), by its commands.
 *
 * Source: linux v6.2 kernel/futex/syscalls.c, waitwake.c, pi.c, requeue.c
 */
#include <endian.h>
#include <errno.h>

#include "emu/linux/call.h"
#include "emu/linux/futex/futex.h"
#include "emu/linux/futex/pi.h"
#include "emu/linux/futex/requeue_pi.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

#define FUTEX_G_WAIT            0
#define FUTEX_G_WAKE            1
#define FUTEX_G_REQUEUE         3
#define FUTEX_G_CMP_REQUEUE     4
#define FUTEX_G_WAKE_OP         5
#define FUTEX_G_LOCK_PI         6
#define FUTEX_G_UNLOCK_PI       7
#define FUTEX_G_TRYLOCK_PI      8
#define FUTEX_G_WAIT_BITSET     9
#define FUTEX_G_WAKE_BITSET     10
#define FUTEX_G_WAIT_REQUEUE_PI 11
#define FUTEX_G_CMP_REQUEUE_PI  12
#define FUTEX_G_LOCK_PI2        13
#define FUTEX_G_PRIVATE         0x80u
#define FUTEX_G_REALTIME        0x100u

/* A call, taken apart. */
struct futex_call {
    unsigned cmd;
    bool shared, realtime;
    uint64_t va, va2, timeout;
    uint32_t val, val2, val3;
};

/* futex_init_timeout(): ns from now on; FUTEX_WAIT's are that already. */
static int get_timeout(struct task *t, const struct futex_call *c, uint64_t *ns)
{
    uint64_t raw[2], sec, nsec, now = 0;
    int err;

    *ns = FOREVER;
    if (c->timeout == 0)
        return 0;
    err = call_import(t, raw, c->timeout, sizeof(raw));
    if (err)
        return err;
    sec = be64toh(raw[0]);
    nsec = be64toh(raw[1]);
    if ((int64_t)sec < 0 || nsec >= NS_PER_S)
        return -EINVAL;
    if (sec >= FOREVER / NS_PER_S / 4)
        return 0;
    *ns = sec * NS_PER_S + nsec;
    if (c->cmd == FUTEX_G_WAIT)
        return 0;
    (void)clock_ns(t->m, c->realtime ? CLOCK_G_REALTIME : CLOCK_G_MONOTONIC,
                   &now);
    *ns = *ns > now ? *ns - now : 0;
    return 0;
}

/* futex_wait_setup(): 0, and the task is in the queue. */
static int64_t queue_if_equal(struct task *t, const struct futex_call *c)
{
    struct futex_key key;
    uint32_t value;
    int err;

    err = futex_get_key(t, c->va, c->shared, ACCESS_READ, &key);
    if (err)
        return err;
    if (get_user32(t, c->va, &value))
        return -EFAULT;
    if (value != c->val)
        return -EAGAIN;
    return futex_queue(t, &key, c->val3);
}

static int64_t wait(struct task *t, const struct futex_call *c)
{
    const struct wait_results results = {
        .on_signal = c->timeout ? -ERESTART_RESTARTBLOCK_G : -ERESTARTSYS_G,
        .on_timeout = -ETIMEDOUT};
    uint64_t ns;
    int64_t err;

    if (t->wait.futex && futex_is_woken(t->wait.futex))
        return 0; /* whatever else has happened */
    err = get_timeout(t, c, &ns);
    if (err)
        return err;
    if (c->val3 == 0)
        return -EINVAL;
    if (!t->wait.again) {
        err = queue_if_equal(t, c);
        if (err)
            return err;
    }
    return sched_wait(t, WAIT_FUTEX, ns, results);
}

static int64_t wake(struct task *t, const struct futex_call *c)
{
    struct futex_key key;
    int err;

    if (c->val3 == 0)
        return -EINVAL;
    err = futex_get_key(t, c->va, c->shared, ACCESS_READ, &key);
    return err ? err : futex_wake(t->m, &key, (int)c->val, c->val3);
}

/* @expected: NULL: whatever the word has */
static int64_t requeue(struct task *t, const struct futex_call *c,
                       const uint32_t *expected)
{
    struct futex_key from, to;
    uint32_t value;
    int err;

    if ((int)c->val < 0 || (int)c->val2 < 0)
        return -EINVAL;
    err = futex_get_key(t, c->va, c->shared, ACCESS_READ, &from);
    if (!err)
        err = futex_get_key(t, c->va2, c->shared, ACCESS_READ, &to);
    if (err)
        return err;
    if (expected) {
        if (get_user32(t, c->va, &value))
            return -EFAULT;
        if (value != *expected)
            return -EAGAIN;
    }
    return futex_requeue(t->m, &from, &to, (int)c->val, (int)c->val2);
}

/* The 12 bits of @v from @shift on, with their sign. */
static int field(uint32_t v, unsigned shift)
{
    return (int)(v << (20 - shift)) >> 20;
}

/* arch_futex_atomic_op_inuser(): 0, -EFAULT, -ENOSYS: no such operation */
static int change_word(struct task *t, uint64_t va, unsigned op, uint32_t arg,
                       uint32_t *old)
{
    uint32_t new;

    if (get_user32(t, va, old))
        return -EFAULT;
    switch (op) {
    case 0: new = arg; break;
    case 1: new = *old + arg; break;
    case 2: new = *old | arg; break;
    case 3: new = *old & ~arg; break;
    case 4: new = *old ^ arg; break;
    default: return -ENOSYS;
    }
    /* Nobody may come in between: now, or from the beginning. */
    if (user_room(t, va, sizeof(new)) < sizeof(new))
        return -EFAULT;
    return put_user32(t, va, new);
}

/* futex_atomic_op_inuser(): was the old value as the call asks?  Or -errno. */
static int word_op(struct task *t, const struct futex_call *c)
{
    unsigned op = c->val3 >> 28 & 7;
    int arg = field(c->val3, 12), with = field(c->val3, 0), old, err;
    uint32_t value;

    if (c->val3 >> 31)
        arg = (int)(UINT32_C(1) << (arg & 31));
    err = change_word(t, c->va2, op, (uint32_t)arg, &value);
    if (err)
        return err;
    old = (int)value;
    switch (c->val3 >> 24 & 15) {
    case 0: return old == with;
    case 1: return old != with;
    case 2: return old < with;
    case 3: return old <= with;
    case 4: return old > with;
    case 5: return old >= with;
    default: return -ENOSYS;
    }
}

static int64_t wake_op(struct task *t, const struct futex_call *c)
{
    struct futex_key key, key2;
    int err, nr;

    err = futex_get_key(t, c->va, c->shared, ACCESS_READ, &key);
    if (!err)
        err = futex_get_key(t, c->va2, c->shared, ACCESS_WRITE, &key2);
    if (!err)
        err = word_op(t, c);
    if (err < 0)
        return err;
    nr = futex_wake(t->m, &key, (int)c->val, FUTEX_ANY);
    if (err > 0 && nr >= 0) {
        int more = futex_wake(t->m, &key2, (int)c->val2, FUTEX_ANY);

        nr = more < 0 ? more : nr + more;
    }
    return nr;
}

/* Its times are always absolute; those of FUTEX_LOCK_PI always dates. */
static int64_t lock_pi(struct task *t, const struct futex_call *c)
{
    struct pi_lock lock = {.va = c->va,
                           .shared = c->shared,
                           .try = c->cmd == FUTEX_G_TRYLOCK_PI,
                           .ns = FOREVER};
    struct futex_call times = *c;
    int err = 0;

    if (c->cmd == FUTEX_G_LOCK_PI)
        times.realtime = true;
    if (!lock.try)
        err = get_timeout(t, &times, &lock.ns);
    return err ? err : futex_lock_pi(t, &lock);
}

static int64_t wait_requeue_pi(struct task *t, const struct futex_call *c)
{
    struct requeue_pi r = {c->va, c->va2, c->shared, c->val};
    uint64_t ns;
    int err = get_timeout(t, c, &ns);

    return err ? err : futex_wait_requeue_pi(t, &r, ns);
}

static int64_t cmp_requeue_pi(struct task *t, const struct futex_call *c)
{
    struct requeue_pi r = {c->va, c->va2, c->shared, c->val3};

    return c->val == 1 ? futex_cmp_requeue_pi(t, &r, (int)c->val2) : -EINVAL;
}

int64_t sys_futex(struct task *t, const uint64_t a[6])
{
    struct futex_call c = {.cmd = (unsigned)a[1] &
                                  ~(FUTEX_G_PRIVATE | FUTEX_G_REALTIME),
                           .shared = !(a[1] & FUTEX_G_PRIVATE),
                           .realtime = a[1] & FUTEX_G_REALTIME,
                           .va = a[0],
                           .va2 = a[4],
                           .timeout = a[3],
                           .val = (uint32_t)a[2],
                           .val2 = (uint32_t)a[3],
                           .val3 = (uint32_t)a[5]};

    if (c.realtime && c.cmd != FUTEX_G_WAIT_BITSET &&
        c.cmd != FUTEX_G_WAIT_REQUEUE_PI && c.cmd != FUTEX_G_LOCK_PI2)
        return -ENOSYS;
    if (c.cmd == FUTEX_G_WAIT || c.cmd == FUTEX_G_WAKE)
        c.val3 = FUTEX_ANY;
    switch (c.cmd) {
    case FUTEX_G_WAIT:
    case FUTEX_G_WAIT_BITSET: return wait(t, &c);
    case FUTEX_G_WAKE:
    case FUTEX_G_WAKE_BITSET: return wake(t, &c);
    case FUTEX_G_REQUEUE: return requeue(t, &c, NULL);
    case FUTEX_G_CMP_REQUEUE: return requeue(t, &c, &c.val3);
    case FUTEX_G_WAKE_OP: return wake_op(t, &c);
    case FUTEX_G_LOCK_PI:
    case FUTEX_G_LOCK_PI2:
    case FUTEX_G_TRYLOCK_PI: return lock_pi(t, &c);
    case FUTEX_G_WAIT_REQUEUE_PI: return wait_requeue_pi(t, &c);
    case FUTEX_G_CMP_REQUEUE_PI: return cmp_requeue_pi(t, &c);
    case FUTEX_G_UNLOCK_PI: return futex_unlock_pi(t, c.va, c.shared);
    default:
        warn_once(t, LOG_SYSCALL, "unsupported futex command %u", c.cmd);
        return -ENOSYS;
    }
}
