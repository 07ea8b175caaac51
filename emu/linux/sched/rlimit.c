// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/sched/rlimit.h"

#include <errno.h>

#include "emu/linux/cred/cred.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"

#define STACK_DEFAULT (UINT64_C(8) << 20) /* bytes: _STK_LIM */

void rlimit_init(struct process *p)
{
    for (unsigned i = 0; i < NR_RLIMITS; i++)
        p->rlim[i] = (struct rlimit_g){RLIM_G_INFINITY, RLIM_G_INFINITY};
    p->rlim[RLIMIT_G_STACK].soft =
        p->m->options.stack_bytes ? p->m->options.stack_bytes : STACK_DEFAULT;
    if (!p->m->options.core_pattern)
        p->rlim[RLIMIT_G_CORE].soft = 0;
    /* fork_init() */
    p->rlim[RLIMIT_G_NPROC] = p->rlim[RLIMIT_G_SIGPENDING] =
        (struct rlimit_g){p->m->max_threads / 2, p->m->max_threads / 2};
    p->rlim[RLIMIT_G_NICE] = p->rlim[RLIMIT_G_RTPRIO] = (struct rlimit_g){0, 0};
    p->rlim[RLIMIT_G_NOFILE] = (struct rlimit_g){FILES_MAX, FILES_MAX};
}

uint64_t rlimit(const struct task *t, unsigned which)
{
    return t->process->rlim[which].soft;
}

/* do_prlimit() */
static int64_t set_limit(const struct task *t, struct task *of, unsigned which,
                         const struct rlimit_g *new)
{
    if (new->soft > new->hard)
        return -EINVAL;
    if (new->hard > of->process->rlim[which].hard &&
        (which == RLIMIT_G_NOFILE || !cred_capable(t, CAP_G_SYS_RESOURCE)))
        return -EPERM; /* nobody has more descriptors than we can keep */
    of->process->rlim[which] = *new;
    if (which == RLIMIT_G_STACK && of->process->mm)
        mm_set_stack_limit(of->process->mm, new->soft);
    if (which == RLIMIT_G_CPU && new->soft != RLIM_G_INFINITY)
        clock_start(t->m);
    return 0;
}

static int get_user_limit(struct task *t, uint64_t va, struct rlimit_g *new)
{
    return get_user64(t, va, &new->soft) || get_user64(t, va + 8, &new->hard)
               ? -EFAULT
               : 0;
}

static int put_user_limit(struct task *t, uint64_t va,
                          const struct rlimit_g *limit)
{
    return put_user64(t, va, limit->soft) || put_user64(t, va + 8, limit->hard)
               ? -EFAULT
               : 0;
}

int64_t sys_getrlimit(struct task *t, const uint64_t a[6])
{
    if ((unsigned)a[0] >= NR_RLIMITS)
        return -EINVAL;
    return put_user_limit(t, a[1], &t->process->rlim[(unsigned)a[0]]);
}

int64_t sys_setrlimit(struct task *t, const uint64_t a[6])
{
    struct rlimit_g new;

    if (get_user_limit(t, a[1], &new))
        return -EFAULT;
    if ((unsigned)a[0] >= NR_RLIMITS)
        return -EINVAL;
    return set_limit(t, t, (unsigned)a[0], &new);
}

/* check_prlimit_permission() */
static bool may_change(const struct task *t, const struct task *of)
{
    const struct ids *uid = &of->cred.uid, *gid = &of->cred.gid;
    uint32_t u = t->cred.uid.real, g = t->cred.gid.real;

    if (t == of || cred_capable(t, CAP_G_SYS_RESOURCE))
        return true;
    return uid->effective == u && uid->saved == u && uid->real == u &&
           gid->effective == g && gid->saved == g && gid->real == g;
}

int64_t sys_prlimit64(struct task *t, const uint64_t a[6])
{
    struct task *of = arg_int(a[0]) ? task_find(t->m, (uint32_t)a[0]) : t;
    unsigned which = (unsigned)a[1];
    struct rlimit_g old, new;
    int64_t err = 0;

    if (a[2] && get_user_limit(t, a[2], &new))
        return -EFAULT;
    if (!of)
        return -ESRCH;
    if (!may_change(t, of))
        return -EPERM;
    if (which >= NR_RLIMITS)
        return -EINVAL;
    old = of->process->rlim[which];
    if (a[2])
        err = set_limit(t, of, which, &new);
    if (!err && a[3])
        err = put_user_limit(t, a[3], &old);
    return err;
}
