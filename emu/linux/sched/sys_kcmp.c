// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kcmp(2): do two processes share something?
 *
 * Source: linux v6.2 kernel/kcmp.c
 */
#include <errno.h>

#include "emu/linux/fs/files.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"

enum {
    KCMP_FILE,
    KCMP_VM,
    KCMP_FILES,
    KCMP_FS,
    KCMP_SIGHAND,
    KCMP_IO,
    KCMP_SYSVSEM,
    KCMP_EPOLL_TFD
};

/* kcmp_ptr(): an order that stays as long as both are there. */
static int64_t compare(uint64_t a, uint64_t b)
{
    return (a < b) | (a > b) << 1;
}

static int64_t compare_files(const struct task *a, const struct task *b,
                             uint64_t fd_a, uint64_t fd_b)
{
    const struct open_file *x = NULL, *y = NULL;

    if (a->files && b->files) {
        x = files_open_file(a->files, arg_int(fd_a));
        y = files_open_file(b->files, arg_int(fd_b));
    }
    return x && y ? compare(open_file_id(x), open_file_id(y)) : -EBADF;
}

int64_t sys_kcmp(struct task *t, const uint64_t a[6])
{
    const struct task *x = task_find(t->m, (uint32_t)a[0]);
    const struct task *y = task_find(t->m, (uint32_t)a[1]);
    bool same;

    if (!x || !y)
        return -ESRCH;
    if (cred_may_ptrace(t, x, false) != 0 || cred_may_ptrace(t, y, false) != 0)
        return -EPERM;
    switch (arg_int(a[2])) {
    case KCMP_FILE: return compare_files(x, y, a[3], a[4]);
    case KCMP_VM: same = x->process->mm == y->process->mm; break;
    case KCMP_FILES: same = x->files == y->files; break;
    case KCMP_FS: same = x->fs == y->fs; break;
    case KCMP_SIGHAND: same = x->process->sighand == y->process->sighand; break;
    case KCMP_IO: same = true; break; /* nobody has one */
    case KCMP_SYSVSEM: same = x->undo == y->undo; break;
    case KCMP_EPOLL_TFD: return -EOPNOTSUPP;
    default: return -EINVAL;
    }
    return same ? 0 : compare(x->pid, y->pid);
}
