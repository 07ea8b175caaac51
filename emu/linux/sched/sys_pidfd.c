// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pidfd_open(2) and what takes such a descriptor.
 *
 * Source: linux v6.2 kernel/pid.c, kernel/signal.c, mm/oom_kill.c
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/pidfd.h"
#include "emu/linux/signal/siginfo.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

int64_t sys_pidfd_open(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[1];
    struct process *of;

    if (flags & ~O_G_NONBLOCK || arg_int(a[0]) <= 0)
        return -EINVAL;
    of = process_find(t->m, (uint32_t)a[0]);
    if (of)
        return pidfd_open_process(t, of, flags & O_G_NONBLOCK);
    return task_find(t->m, (uint32_t)a[0]) ? -EINVAL : -ESRCH; /* a thread */
}

/* tgid_pidfd_to_pid(): /proc/PID, open as a directory, stands for it, too; for
 * this call only */
static int target_of(const struct task *t, int fd, struct process **out)
{
    int err = pidfd_get_process(t, fd, out);
    const struct open_file *file;

    if (err != -EBADF)
        return err;
    file = files_fdget(t->files, fd);
    *out = file ? procfs_process_of(t->m, file, &err) : NULL;
    return err;
}

int64_t sys_pidfd_send_signal(struct task *t, const uint64_t a[6])
{
    struct siginfo info = {.signo = arg_int(a[1]),
                           .code = SI_G_USER,
                           .pid = t->process->pid,
                           .uid = t->cred.uid.real};
    uint8_t raw[SIGINFO_BYTES];
    struct process *p = NULL;
    struct task *to;
    int err;

    if ((unsigned)a[3])
        return -EINVAL;
    err = target_of(t, arg_int(a[0]), &p);
    if (err == -EBADF)
        return err;
    if (a[2]) {
        if (copy_from_user(t, raw, a[2], sizeof(raw)))
            return -EFAULT;
        siginfo_from_guest(&info, raw);
        if (info.signo != arg_int(a[1]))
            return -EINVAL;
        /* As if the kernel, or kill(), had sent it: to oneself only. */
        if (p != t->process && (info.code >= 0 || info.code == SI_G_TKILL))
            return -EPERM;
    }
    if (err)
        return err;
    if (info.signo < 0 || info.signo > NSIG_GUEST)
        return -EINVAL;
    to = process_leader(p);
    err = cred_may_kill(t, to, info.signo);
    if (!err && info.signo > 0)
        err = signal_queue(to, &info);
    return err;
}

int64_t sys_pidfd_getfd(struct task *t, const uint64_t a[6])
{
    struct task *of;
    int err;

    if ((unsigned)a[2])
        return -EINVAL;
    err = pidfd_get_leader(t, arg_int(a[0]), &of);
    if (err)
        return err;
    if (cred_may_ptrace(t, of, true) != 0)
        return -EPERM;
    if (!of->files)
        return -ESRCH;
    return files_take(t, of->files, arg_int(a[1]));
}

/* Whoever was killed has given its memory up already. */
int64_t sys_process_mrelease(struct task *t, const uint64_t a[6])
{
    struct task *of;
    int err;

    if ((unsigned)a[1])
        return -EINVAL;
    err = pidfd_get_leader(t, arg_int(a[0]), &of);
    if (err)
        return err;
    return of->process->mm ? -EINVAL : -ESRCH;
}
