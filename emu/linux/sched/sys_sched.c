// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sched_setscheduler(2) and its kin: policies, parameters, affinity.
 *
 * Source:  linux v6.2 kernel/sched/core.c, kernel/sched/deadline.c
 * Differs: they are kept and told; processes run in turn all the same.  There
 *          is one CPU, and no clamping of its use (CONFIG_UCLAMP_TASK)
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/sched/priority.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"

#define POLICY_STAYS        (-1) /* SETPARAM_POLICY */
#define POLICY_RESET        0x40000000
#define MAX_RT_PRIO         100
#define RR_TIMESLICE_NS     (100 * NS_PER_MS)
#define NORMAL_TIMESLICE_NS (4 * NS_PER_MS) /* nominal */

/* sched_flags */
#define FLAG_RESET_ON_FORK UINT64_C(0x01)
#define FLAG_RECLAIM       UINT64_C(0x02)
#define FLAG_DL_OVERRUN    UINT64_C(0x04)
#define FLAG_KEEP_POLICY   UINT64_C(0x08)
#define FLAG_KEEP_PARAMS   UINT64_C(0x10)
#define FLAG_UTIL_CLAMP    UINT64_C(0x60)
#define FLAG_ALL           UINT64_C(0x7f)

/* __checkparam_dl(): ns */
#define DL_SCALE      10
#define DL_PERIOD_MIN (100 * NS_PER_US)
#define DL_PERIOD_MAX (UINT64_C(1) << 22) * NS_PER_US
#define BW_SHIFT      20
#define DL_BANDWIDTH  (95u * (1u << BW_SHIFT) / 100) /* of the one CPU */

/* struct sched_attr, big-endian in user memory */
struct sched_attr_g {
    uint32_t size, policy;
    uint64_t flags;
    uint32_t nice, priority;
    uint64_t runtime, deadline, period;
    uint32_t util_min, util_max;
};

#define ATTR_BYTES      sizeof(struct sched_attr_g)
#define ATTR_BYTES_VER0 48
_Static_assert(sizeof(struct sched_attr_g) == 56, "struct sched_attr");

static bool is_rt(int policy)
{
    return policy == SCHED_G_FIFO || policy == SCHED_G_RR;
}

static bool is_fair(int policy)
{
    return policy == SCHED_G_NORMAL || policy == SCHED_G_BATCH;
}

static bool is_valid(int policy)
{
    return is_rt(policy) || is_fair(policy) || policy == SCHED_G_IDLE ||
           policy == SCHED_G_DEADLINE;
}

struct priority priority_fork(const struct priority *of)
{
    struct priority p = *of;

    if (!p.reset_on_fork)
        return p;
    p.reset_on_fork = false;
    if (p.policy == SCHED_G_DEADLINE || is_rt(p.policy)) {
        p.policy = SCHED_G_NORMAL;
        p.nice = 0;
        p.rt_priority = 0;
    } else if (p.nice < 0) {
        p.nice = 0;
    }
    return p;
}

int priority_number(const struct priority *p)
{
    if (p->policy == SCHED_G_DEADLINE)
        return -1 - MAX_RT_PRIO;
    return is_rt(p->policy) ? -1 - (int)p->rt_priority : p->nice - MIN_NICE;
}

/* ------------------------------------------------------------- deadlines */

static bool is_good_deadline(const struct sched_attr_g *attr)
{
    uint64_t period = attr->period ? attr->period : attr->deadline;

    if (attr->deadline == 0 || attr->runtime < 1u << DL_SCALE ||
        attr->deadline >> 63 || attr->period >> 63)
        return false;
    if (period < attr->deadline || attr->deadline < attr->runtime)
        return false;
    return period >= DL_PERIOD_MIN && period <= DL_PERIOD_MAX;
}

static uint64_t bandwidth(uint64_t period, uint64_t runtime)
{
    return period ? (runtime << BW_SHIFT) / period : 0;
}

/* sched_dl_overflow(): would the deadlines need more than there is? */
static bool overflows(const struct task *of, const struct sched_attr_g *attr)
{
    uint64_t sum =
        bandwidth(attr->period ? attr->period : attr->deadline, attr->runtime);
    const struct task *t;

    DL_FOREACH(of->m->tasks, t) {
        if (t != of && !t->process->zombie &&
            t->prio.policy == SCHED_G_DEADLINE)
            sum += bandwidth(t->prio.dl_period, t->prio.dl_runtime);
    }
    return sum > DL_BANDWIDTH;
}

/* ------------------------------------------------------------ the policy */

/* user_check_sched_setscheduler(): does it take a privilege? */
static bool is_privileged(const struct task *t, const struct task *of,
                          const struct sched_attr_g *attr, int policy,
                          bool reset_on_fork)
{
    const struct priority *p = &of->prio;
    uint64_t most = rlimit(of, RLIMIT_G_RTPRIO);
    uint64_t nice_limit = rlimit(of, RLIMIT_G_NICE);
    int nice = (int)attr->nice;

    if (is_fair(policy) && nice < p->nice &&
        (uint64_t)(MAX_NICE + 1 - nice) > nice_limit)
        return true;
    if (is_rt(policy) &&
        ((policy != p->policy && most == 0) ||
         (attr->priority > p->rt_priority && attr->priority > most)))
        return true;
    if (policy == SCHED_G_DEADLINE)
        return true;
    if (p->policy == SCHED_G_IDLE && policy != SCHED_G_IDLE &&
        (uint64_t)(MAX_NICE + 1 - p->nice) > nice_limit)
        return true;
    return !priority_same_owner(t, of) || (p->reset_on_fork && !reset_on_fork);
}

static void set_params(struct priority *p, const struct sched_attr_g *attr)
{
    if (p->policy == SCHED_G_DEADLINE) {
        p->dl_runtime = attr->runtime;
        p->dl_deadline = attr->deadline;
        p->dl_period = attr->period ? attr->period : attr->deadline;
        p->dl_flags = attr->flags & (FLAG_RECLAIM | FLAG_DL_OVERRUN);
    } else if (is_fair(p->policy)) {
        p->nice = (int)attr->nice;
    }
    p->rt_priority = attr->priority;
}

/* __sched_setscheduler(), for a user */
static int set_scheduler(struct task *t, struct task *of,
                         const struct sched_attr_g *attr)
{
    bool stays = (int)attr->policy == POLICY_STAYS;
    int policy = stays ? of->prio.policy : (int)attr->policy;
    bool reset_on_fork = stays ? of->prio.reset_on_fork
                               : (attr->flags & FLAG_RESET_ON_FORK) != 0;

    if (!is_valid(policy) || attr->flags & ~FLAG_ALL ||
        attr->priority >= MAX_RT_PRIO)
        return -EINVAL;
    if ((policy == SCHED_G_DEADLINE && !is_good_deadline(attr)) ||
        is_rt(policy) != (attr->priority != 0))
        return -EINVAL;
    if (is_privileged(t, of, attr, policy, reset_on_fork) &&
        !cred_capable(t, CAP_G_SYS_NICE))
        return -EPERM;
    if (attr->flags & FLAG_UTIL_CLAMP)
        return -EOPNOTSUPP;
    if (policy == SCHED_G_DEADLINE && overflows(of, attr))
        return -EBUSY;
    of->prio.reset_on_fork = reset_on_fork;
    of->prio.policy = policy;
    set_params(&of->prio, attr);
    return 0;
}

static struct task *by_pid(struct task *t, int pid)
{
    return pid ? task_find(t->m, (uint32_t)pid) : t;
}

/* do_sched_setscheduler() */
static int64_t set_with_param(struct task *t, int pid, int policy,
                              uint64_t param)
{
    struct sched_attr_g attr = {0};
    struct task *of;

    if (!param || pid < 0)
        return -EINVAL;
    if (get_user32(t, param, &attr.priority))
        return -EFAULT;
    of = by_pid(t, pid);
    if (!of)
        return -ESRCH;
    attr.nice = (uint32_t)of->prio.nice;
    if (policy != POLICY_STAYS && policy & POLICY_RESET) {
        attr.flags = FLAG_RESET_ON_FORK;
        policy &= ~POLICY_RESET;
    }
    attr.policy = (uint32_t)policy;
    return set_scheduler(t, of, &attr);
}

int64_t sys_sched_setscheduler(struct task *t, const uint64_t a[6])
{
    if (arg_int(a[1]) < 0)
        return -EINVAL;
    return set_with_param(t, arg_int(a[0]), arg_int(a[1]), a[2]);
}

int64_t sys_sched_setparam(struct task *t, const uint64_t a[6])
{
    return set_with_param(t, arg_int(a[0]), POLICY_STAYS, a[1]);
}

int64_t sys_sched_getscheduler(struct task *t, const uint64_t a[6])
{
    const struct task *of = by_pid(t, arg_int(a[0]));

    if (arg_int(a[0]) < 0)
        return -EINVAL;
    if (!of)
        return -ESRCH;
    return of->prio.policy | (of->prio.reset_on_fork ? POLICY_RESET : 0);
}

int64_t sys_sched_getparam(struct task *t, const uint64_t a[6])
{
    const struct task *of = by_pid(t, arg_int(a[0]));

    if (!a[1] || arg_int(a[0]) < 0)
        return -EINVAL;
    if (!of)
        return -ESRCH;
    return put_user32(t, a[1],
                      is_rt(of->prio.policy) ? of->prio.rt_priority : 0)
               ? -EFAULT
               : 0;
}

/* ------------------------------------------------------- struct sched_attr */

static int64_t wrong_size(struct task *t, uint64_t va)
{
    return put_user32(t, va, ATTR_BYTES) ? -EFAULT : -E2BIG;
}

static void attr_swap(struct sched_attr_g *a)
{
    a->size = be32toh(a->size);
    a->policy = be32toh(a->policy);
    a->flags = be64toh(a->flags);
    a->nice = be32toh(a->nice);
    a->priority = be32toh(a->priority);
    a->runtime = be64toh(a->runtime);
    a->deadline = be64toh(a->deadline);
    a->period = be64toh(a->period);
    a->util_min = be32toh(a->util_min);
    a->util_max = be32toh(a->util_max);
}

/* sched_copy_attr(): what is longer than we know must be 0 */
static int64_t get_attr(struct task *t, uint64_t va, struct sched_attr_g *attr)
{
    static const uint8_t zeroes[PAGE_SIZE];
    uint8_t raw[PAGE_SIZE];
    uint32_t size;
    int nice;

    if (get_user32(t, va, &size))
        return -EFAULT;
    if (size == 0)
        size = ATTR_BYTES_VER0;
    if (size < ATTR_BYTES_VER0 || size > PAGE_SIZE)
        return wrong_size(t, va);
    if (copy_from_user(t, raw, va, size))
        return -EFAULT;
    if (size > ATTR_BYTES &&
        memcmp(raw + ATTR_BYTES, zeroes, size - ATTR_BYTES) != 0)
        return wrong_size(t, va);
    memset(attr, 0, sizeof(*attr));
    memcpy(attr, raw, size < ATTR_BYTES ? size : ATTR_BYTES);
    attr_swap(attr);
    if (attr->flags & FLAG_UTIL_CLAMP && size < ATTR_BYTES)
        return -EINVAL;
    nice = (int)attr->nice;
    attr->nice = (uint32_t)(nice < MIN_NICE   ? MIN_NICE
                            : nice > MAX_NICE ? MAX_NICE
                                              : nice);
    return 0;
}

static void get_params(const struct priority *p, struct sched_attr_g *attr)
{
    if (p->policy == SCHED_G_DEADLINE) {
        attr->priority = p->rt_priority;
        attr->runtime = p->dl_runtime;
        attr->deadline = p->dl_deadline;
        attr->period = p->dl_period;
        attr->flags =
            (attr->flags & ~(FLAG_RECLAIM | FLAG_DL_OVERRUN)) | p->dl_flags;
    } else if (is_rt(p->policy)) {
        attr->priority = p->rt_priority;
    } else {
        attr->nice = (uint32_t)p->nice;
    }
}

int64_t sys_sched_setattr(struct task *t, const uint64_t a[6])
{
    struct sched_attr_g attr;
    struct task *of;
    int64_t err;

    if (!a[1] || arg_int(a[0]) < 0 || (unsigned)a[2])
        return -EINVAL;
    err = get_attr(t, a[1], &attr);
    if (err)
        return err;
    if ((int)attr.policy < 0)
        return -EINVAL;
    if (attr.flags & FLAG_KEEP_POLICY)
        attr.policy = (uint32_t)POLICY_STAYS;
    of = by_pid(t, arg_int(a[0]));
    if (!of)
        return -ESRCH;
    if (attr.flags & FLAG_KEEP_PARAMS)
        get_params(&of->prio, &attr);
    return set_scheduler(t, of, &attr);
}

int64_t sys_sched_getattr(struct task *t, const uint64_t a[6])
{
    const struct task *of = by_pid(t, arg_int(a[0]));
    unsigned size = (unsigned)a[2];
    struct sched_attr_g attr = {0};

    if (!a[1] || arg_int(a[0]) < 0 || size > PAGE_SIZE ||
        size < ATTR_BYTES_VER0 || (unsigned)a[3])
        return -EINVAL;
    if (!of)
        return -ESRCH;
    attr.policy = (uint32_t)of->prio.policy;
    attr.flags = of->prio.reset_on_fork ? FLAG_RESET_ON_FORK : 0;
    get_params(&of->prio, &attr);
    attr.size = size < ATTR_BYTES ? size : ATTR_BYTES;
    size = attr.size;
    attr_swap(&attr);
    return copy_to_user(t, a[1], &attr, size) ? -EFAULT : 0;
}

/* ------------------------------------------------------------ the others */

int64_t sys_sched_get_priority_max(struct task *t, const uint64_t a[6])
{
    (void)t;
    if (!is_valid(arg_int(a[0])))
        return -EINVAL;
    return is_rt(arg_int(a[0])) ? MAX_RT_PRIO - 1 : 0;
}

int64_t sys_sched_get_priority_min(struct task *t, const uint64_t a[6])
{
    (void)t;
    if (!is_valid(arg_int(a[0])))
        return -EINVAL;
    return is_rt(arg_int(a[0])) ? 1 : 0;
}

int64_t sys_sched_rr_get_interval(struct task *t, const uint64_t a[6])
{
    const struct task *of = by_pid(t, arg_int(a[0]));
    uint64_t ns = NORMAL_TIMESLICE_NS;

    if (arg_int(a[0]) < 0)
        return -EINVAL;
    if (!of)
        return -ESRCH;
    if (of->prio.policy == SCHED_G_RR)
        ns = RR_TIMESLICE_NS;
    else if (of->prio.policy == SCHED_G_FIFO ||
             of->prio.policy == SCHED_G_DEADLINE)
        ns = 0;
    return put_user64(t, a[1], ns / NS_PER_S) ||
                   put_user64(t, a[1] + 8, ns % NS_PER_S)
               ? -EFAULT
               : 0;
}

int64_t sys_sched_yield(struct task *t, const uint64_t a[6])
{
    (void)a;
    sched_yield_turn(t);
    return 0;
}

#define CPUMASK_BYTES 8 /* of the kernel: one word */

int64_t sys_sched_getaffinity(struct task *t, const uint64_t a[6])
{
    const struct task *of = by_pid(t, arg_int(a[0]));
    unsigned len = (unsigned)a[1];

    if (len < CPUMASK_BYTES || len % 8)
        return -EINVAL;
    if (!of)
        return -ESRCH;
    return put_user64(t, a[2], 1) ? -EFAULT : CPUMASK_BYTES;
}

int64_t sys_sched_setaffinity(struct task *t, const uint64_t a[6])
{
    const struct task *of = by_pid(t, arg_int(a[0]));
    unsigned len = (unsigned)a[1];
    uint64_t mask = 0;

    /* A word is big-endian: CPU 0 is in its last byte. */
    if (copy_from_user(t, &mask, a[2],
                       len < CPUMASK_BYTES ? len : CPUMASK_BYTES))
        return -EFAULT;
    if (!of)
        return -ESRCH;
    if (!priority_same_owner(t, of) && !cred_capable(t, CAP_G_SYS_NICE))
        return -EPERM;
    return be64toh(mask) & 1 ? 0 : -EINVAL;
}

int64_t sys_sched_set_affinity(struct task *t, const uint64_t a[6])
{
    return sys_sched_setaffinity(t, a);
}

int64_t sys_sched_get_affinity(struct task *t, const uint64_t a[6])
{
    return sys_sched_getaffinity(t, a);
}
