// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * madvise(2), process_madvise(2)
 *
 * Source: linux v6.2 mm/madvise.c
 */
#include <errno.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/iovec.h"
#include "emu/linux/sched/pidfd.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"
#include "mm/madvise.h"

/* do_madvise() on the memory of @of, on behalf of @t */
static int advise(const struct task *t, const struct task *of, uint64_t start,
                  uint64_t len, int advice)
{
    if (advice == MADV_G_REMOVE)
        warn_once(t, LOG_SYSCALL, "unsupported: MADV_REMOVE");
    return mm_madvise(of->process->mm, untagged_addr(start), len, advice);
}

int64_t sys_madvise(struct task *t, const uint64_t a[6])
{
    return advise(t, t, a[0], a[1], arg_int(a[2]));
}

static bool may_be_remote(int advice)
{
    return advice == MADV_G_COLD || advice == MADV_G_PAGEOUT ||
           advice == MADV_G_WILLNEED || advice == MADV_G_COLLAPSE;
}

/* Since v6.13 its own memory can be given any advice. */
static bool may_advise(const struct task *t, const struct task *of, int advice)
{
    return may_be_remote(advice) ||
           (memory_policy(t->m->mem)->guard_marker && of->process->mm &&
            of->process->mm == t->process->mm);
}

/*
 * Every program may, as with swapon(2): to have CAP_SYS_NICE on this machine
 * takes no more than to say so.
 */
int64_t sys_process_madvise(struct task *t, const uint64_t a[6])
{
    struct iovec_g seg[UIO_MAXIOV_G];
    int64_t done = 0, total, err;
    struct task *of;

    if ((unsigned)a[4])
        return -EINVAL;
    total = iovec_import(t, seg, a[1], a[2]);
    if (total < 0)
        return total;
    err = pidfd_get_leader(t, arg_int(a[0]), &of);
    if (err)
        return err;
    if (!may_advise(t, of, arg_int(a[3])))
        return -EINVAL;
    if (!of->process->mm)
        return -ESRCH;
    if (cred_may_ptrace(t, of, false) != 0)
        return -EACCES;
    for (uint64_t i = 0; i < a[2] && done < total; i++) {
        if (seg[i].len == 0)
            continue;
        err = advise(t, of, seg[i].base, seg[i].len, arg_int(a[3]));
        if (err)
            break;
        done += (int64_t)seg[i].len;
    }
    return done ? done : err;
}
