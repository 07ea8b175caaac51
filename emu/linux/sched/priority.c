// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * getpriority(2), setpriority(2), nice(2), ioprio_get(2), ioprio_set(2).
 *
 * Source:  linux v6.2 kernel/sys.c, kernel/sched/core.c, block/ioprio.c
 * Differs: they are kept and told; whose turn it is does not depend on them
 */
#include "emu/linux/sched/priority.h"

#include <errno.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/syscall.h"

/* Of getpriority(2); ioprio_get(2) has each one higher. */
enum who { WHO_PROCESS, WHO_PGRP, WHO_USER, NR_WHO };

#define IOPRIO_CLASS_SHIFT 13
#define IOPRIO_DATA_MASK   0x1fffu
#define IOPRIO_NR_LEVELS   8

enum ioprio_class { IOPRIO_NONE, IOPRIO_RT, IOPRIO_BE, IOPRIO_IDLE };

/* can_nice(): may @t have this nice value? */
static bool can_nice(const struct task *t, int nice)
{
    return (uint64_t)(MAX_NICE + 1 - nice) <= rlimit(t, RLIMIT_G_NICE) ||
           cred_capable(t, CAP_G_SYS_NICE);
}

bool priority_same_owner(const struct task *t, const struct task *of)
{
    uint32_t mine = t->cred.uid.effective;

    return mine == of->cred.uid.effective || mine == of->cred.uid.real;
}

static int clamp_nice(int64_t nice)
{
    return nice < MIN_NICE ? MIN_NICE : nice > MAX_NICE ? MAX_NICE : (int)nice;
}

/* Is @of among those that @which and @who name for @t?  @who 0: its own. */
static bool is_meant(const struct task *t, const struct task *of,
                     enum who which, int who)
{
    switch (which) {
    case WHO_PROCESS: return who ? of->pid == (uint32_t)who : of == t;
    case WHO_PGRP:
        return of->process->pgid == (who ? (uint32_t)who : t->process->pgid);
    default:
        return of->cred.uid.real == (who ? (uint32_t)who : t->cred.uid.real);
    }
}

/* --------------------------------------------------------------- the CPU */

/* set_one_prio(): 0, -EPERM, -EACCES */
static int set_one(const struct task *t, struct task *of, int nice)
{
    if (!priority_same_owner(t, of) && !cred_capable(t, CAP_G_SYS_NICE))
        return -EPERM;
    if (nice < of->prio.nice && !can_nice(t, nice))
        return -EACCES;
    of->prio.nice = nice;
    return 0;
}

int64_t sys_setpriority(struct task *t, const uint64_t a[6])
{
    int which = arg_int(a[0]), nice = clamp_nice(arg_int(a[2]));
    int64_t value = -ESRCH;
    struct task *of;

    if (which < 0 || which >= NR_WHO)
        return -EINVAL;
    DL_FOREACH(t->m->tasks, of) {
        int err;

        if (!is_meant(t, of, (enum who)which, arg_int(a[1])))
            continue;
        err = set_one(t, of, nice);
        if (err || value == -ESRCH)
            value = err;
    }
    return value;
}

/* Returns 20 - nice of the one that goes first, so that none is an error. */
int64_t sys_getpriority(struct task *t, const uint64_t a[6])
{
    int which = arg_int(a[0]);
    int64_t value = -ESRCH;
    const struct task *of;

    if (which < 0 || which >= NR_WHO)
        return -EINVAL;
    DL_FOREACH(t->m->tasks, of) {
        int says = MAX_NICE + 1 - of->prio.nice;

        if (is_meant(t, of, (enum who)which, arg_int(a[1])) && says > value)
            value = says;
    }
    return value;
}

int64_t sys_nice(struct task *t, const uint64_t a[6])
{
    int by = arg_int(a[0]), nice = clamp_nice((int64_t)t->prio.nice + by);

    if (by < 0 && !can_nice(t, nice))
        return -EPERM;
    t->prio.nice = nice;
    return 0;
}

/* ---------------------------------------------------------------- the disk */

/* ioprio_check_cap() */
static int check_ioprio(const struct task *t, unsigned ioprio)
{
    unsigned data = ioprio & IOPRIO_DATA_MASK;

    switch (ioprio >> IOPRIO_CLASS_SHIFT) {
    case IOPRIO_RT:
        if (!cred_capable(t, CAP_G_SYS_NICE) &&
            !cred_capable(t, CAP_G_SYS_ADMIN))
            return -EPERM;
        return data < IOPRIO_NR_LEVELS ? 0 : -EINVAL;
    case IOPRIO_BE: return data < IOPRIO_NR_LEVELS ? 0 : -EINVAL;
    case IOPRIO_IDLE: return 0;
    case IOPRIO_NONE: return data ? -EINVAL : 0;
    default: return -EINVAL;
    }
}

/* set_task_ioprio() asks for the real id, where set_one_prio() has the
 * effective one. */
static bool may_ioprio(const struct task *t, const struct task *of)
{
    return of->cred.uid.real == t->cred.uid.effective ||
           of->cred.uid.real == t->cred.uid.real ||
           cred_capable(t, CAP_G_SYS_NICE);
}

int64_t sys_ioprio_set(struct task *t, const uint64_t a[6])
{
    int64_t which = (int64_t)arg_int(a[0]) - 1; /* IOPRIO_WHO_PROCESS is 1 */
    unsigned ioprio = (unsigned)a[2];
    int64_t value = check_ioprio(t, ioprio);
    struct task *of;

    if (value)
        return value;
    if (which < 0 || which >= NR_WHO)
        return -EINVAL;
    value = -ESRCH;
    DL_FOREACH(t->m->tasks, of) {
        if (!is_meant(t, of, (enum who)which, arg_int(a[1])))
            continue;
        value = may_ioprio(t, of) ? 0 : -EPERM;
        if (value)
            break;
        of->prio.ioprio = ioprio;
    }
    return value;
}

/* get_task_ioprio(): with what follows from the CPU's where none is set */
static unsigned effective_ioprio(const struct task *t)
{
    unsigned class = IOPRIO_BE;
    unsigned level = (unsigned)(t->prio.nice - MIN_NICE) / 5;

    if (t->prio.ioprio >> IOPRIO_CLASS_SHIFT != IOPRIO_NONE)
        return t->prio.ioprio;
    if (t->prio.policy == SCHED_G_IDLE)
        class = IOPRIO_IDLE;
    else if (t->prio.rt_priority || t->prio.policy == SCHED_G_DEADLINE)
        class = IOPRIO_RT;
    return class << IOPRIO_CLASS_SHIFT | level;
}

int64_t sys_ioprio_get(struct task *t, const uint64_t a[6])
{
    int64_t which = (int64_t)arg_int(a[0]) - 1; /* IOPRIO_WHO_PROCESS is 1 */
    int64_t value = -ESRCH;
    const struct task *of;

    if (which < 0 || which >= NR_WHO)
        return -EINVAL;
    DL_FOREACH(t->m->tasks, of) {
        unsigned its =
            which == WHO_PROCESS ? of->prio.ioprio : effective_ioprio(of);

        if (is_meant(t, of, (enum who)which, arg_int(a[1])) &&
            (value == -ESRCH || its < (uint64_t)value))
            value = its;
    }
    return value;
}
