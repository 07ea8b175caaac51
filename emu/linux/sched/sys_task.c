// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/exec/exec.h"
#include "emu/linux/sched/clone.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"

/* -------------------------------------------------------- new processes */

int64_t sys_clone(struct task *t, const uint64_t a[6])
{
    /* sparc_clone(): an int of a program may come with its sign */
    return clone_task(t, &(struct clone_args){.flags = (uint32_t)a[0],
                                              .stack = a[1],
                                              .parent_tid = a[2],
                                              .tls = a[3],
                                              .child_tid = a[4]});
}

int64_t sys_fork(struct task *t, const uint64_t a[6])
{
    (void)a;
    return clone_task(t, &(struct clone_args){.flags = SIG_CHLD});
}

int64_t sys_vfork(struct task *t, const uint64_t a[6])
{
    (void)a;
    return clone_task(t, &(struct clone_args){.flags = CLONE_G_VFORK |
                                                       CLONE_G_VM | SIG_CHLD});
}

int64_t sys_execve(struct task *t, const uint64_t a[6])
{
    return exec_user(t, AT_G_FDCWD, a[0], a[1], a[2], 0);
}

int64_t sys_execveat(struct task *t, const uint64_t a[6])
{
    return exec_user(t, arg_int(a[0]), a[1], a[2], a[3], (unsigned)a[4]);
}

/* ------------------------------------------------------- groups, sessions */

int64_t sys_getppid(struct task *t, const uint64_t a[6])
{
    (void)a;
    return process_ppid(t->process);
}

/* Of the caller, for 0, or of any thread of it; NULL: there is none */
static struct process *by_pid(struct task *t, uint64_t pid)
{
    const struct task *of =
        arg_int(pid) == 0 ? t : task_find(t->m, (uint32_t)pid);

    return of ? of->process : NULL;
}

int64_t sys_getpgrp(struct task *t, const uint64_t a[6])
{
    (void)a;
    return t->process->pgid;
}

int64_t sys_getpgid(struct task *t, const uint64_t a[6])
{
    const struct process *of = by_pid(t, a[0]);

    return of ? (int64_t)of->pgid : -ESRCH;
}

int64_t sys_getsid(struct task *t, const uint64_t a[6])
{
    const struct process *of = by_pid(t, a[0]);

    return of ? (int64_t)of->sid : -ESRCH;
}

static bool group_in_session(const struct machine *m, uint32_t pgid,
                             uint32_t sid)
{
    const struct process *p;

    DL_FOREACH(m->processes, p) {
        if (p->pgid == pgid && p->sid == sid)
            return true;
    }
    return false;
}

int64_t sys_setpgid(struct task *t, const uint64_t a[6])
{
    struct process *p = t->process, *of = by_pid(t, a[0]);
    uint32_t pgid = (uint32_t)a[1];

    if (arg_int(a[1]) < 0)
        return -EINVAL;
    if (!of || (of != p && of->parent != p))
        return -ESRCH;
    if (arg_int(a[0]) != 0 && (uint32_t)a[0] != of->pid)
        return -EINVAL; /* a thread, not the leader */
    if (of != p && of->sid != p->sid)
        return -EPERM;
    if (of != p && of->execed)
        return -EACCES;
    if (of->sid == of->pid)
        return -EPERM; /* a session leader stays */
    if (pgid == 0)
        pgid = of->pid;
    if (pgid != of->pid && !group_in_session(p->m, pgid, p->sid))
        return -EPERM;
    of->pgid = pgid;
    return 0;
}

int64_t sys_setsid(struct task *t, const uint64_t a[6])
{
    struct process *p = t->process;
    const struct process *i;

    (void)a;
    DL_FOREACH(t->m->processes, i) {
        if (i->pgid == p->pid)
            return -EPERM;
    }
    p->sid = p->pgid = p->pid;
    p->tty = NULL;
    return p->pid;
}
