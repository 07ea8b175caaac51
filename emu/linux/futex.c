#include "emu/linux/futex.h"

#include <endian.h>
#include <errno.h>
#include <utlist.h>

#include "emu/linux/call.h"
#include "emu/linux/clock.h"
#include "emu/linux/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define FUTEX_G_WAIT        0
#define FUTEX_G_WAKE        1
#define FUTEX_G_WAIT_BITSET 9
#define FUTEX_G_WAKE_BITSET 10
#define FUTEX_G_CMD         0x7fu

unsigned futex_wake(struct task *t, uint64_t va, unsigned most)
{
    unsigned nr = 0;
    struct task *i;

    DL_FOREACH(t->m->tasks, i) {
        if (nr == most)
            break;
        if (i->wait.kind != WAIT_FUTEX || i->wait.woken || i->mm != t->mm ||
            i->wait.key != va)
            continue;
        sched_wake(i, WAIT_FUTEX);
        nr++;
    }
    return nr;
}

/* A relative time for FUTEX_WAIT, an absolute one for the other. */
static int get_timeout(struct task *t, const uint64_t a[6], uint64_t *ns)
{
    uint64_t raw[2], sec, nsec, now = 0;
    int err;

    *ns = FOREVER;
    if (a[3] == 0)
        return 0;
    err = call_import(t, raw, a[3], sizeof(raw));
    if (err)
        return err;
    sec = be64toh(raw[0]);
    nsec = be64toh(raw[1]);
    if ((int64_t)sec < 0 || nsec >= NS_PER_S)
        return -EINVAL;
    if (sec >= FOREVER / NS_PER_S / 4)
        return 0;
    *ns = sec * NS_PER_S + nsec;
    if ((a[1] & FUTEX_G_CMD) == FUTEX_G_WAIT)
        return 0;
    (void)clock_ns(t->m, CLOCK_G_MONOTONIC, &now);
    *ns = *ns > now ? *ns - now : 0;
    return 0;
}

static int64_t futex_wait(struct task *t, const uint64_t a[6])
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G,
                                                .on_timeout = -ETIMEDOUT};
    uint32_t value;
    uint64_t ns;
    int err;

    if (t->wait.again && t->wait.woken)
        return 0;
    err = get_timeout(t, a, &ns);
    if (err)
        return err;
    if (!t->wait.again) {
        if (get_user32(t, a[0], &value))
            return -EFAULT;
        if (value != (uint32_t)a[2])
            return -EAGAIN;
    }
    t->wait.key = a[0];
    return sched_wait(t, WAIT_FUTEX, ns, results);
}

int64_t sys_futex(struct task *t, const uint64_t a[6])
{
    if (a[0] & 3)
        return -EINVAL;
    switch (a[1] & FUTEX_G_CMD) {
    case FUTEX_G_WAKE:
    case FUTEX_G_WAKE_BITSET: return futex_wake(t, a[0], (uint32_t)a[2]);
    case FUTEX_G_WAIT:
    case FUTEX_G_WAIT_BITSET: return futex_wait(t, a);
    default: return -ENOSYS;
    }
}
