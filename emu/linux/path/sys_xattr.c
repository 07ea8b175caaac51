// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Extended attributes are the host's.
 *
 * Source: linux v6.2 fs/xattr.c
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <sys/xattr.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

/* A call for the file that @host, a path of the host, leads to. */
typedef int64_t (*on_file)(struct task *t, const char *host,
                           const uint64_t a[6]);

/* vfs_setxattr() and vfs_removexattr() may be asked. */
static int64_t check_change(struct task *t, const struct user_path *p)
{
    int err = path_check_write(t, p->fd);

    return err ? err : path_check_device(t, p->st.st_mode);
}

/* Files of /proc and /sys have none. */
static int64_t do_xattr(struct task *t, const uint64_t a[6],
                        const struct user_path *p, bool change, on_file fn)
{
    int64_t err = 0;
    char host[32];

    if (p->node.entry)
        return -EOPNOTSUPP;
    if (change)
        err = check_change(t, p);
    path_of_fd(p->fd, host);
    return err ? err : fn(t, host, a);
}

static int64_t by_path(struct task *t, const uint64_t a[6], unsigned flags,
                       bool change, on_file fn)
{
    struct user_path p;
    int64_t value = path_get(t, AT_G_FDCWD, a[0], flags, &p);

    if (value)
        return value;
    value = do_xattr(t, a, &p, change, fn);
    path_put(&p);
    return value;
}

static int64_t by_fd(struct task *t, const uint64_t a[6], bool change,
                     on_file fn)
{
    const struct open_file *file = files_fdget(t->files, arg_int(a[0]));
    struct user_path p;
    int err = file ? path_of_file(file, &p) : -EBADF;

    return err ? err : do_xattr(t, a, &p, change, fn);
}

static int64_t get_name(struct task *t, uint64_t va,
                        char name[static XATTR_NAME_MAX + 1])
{
    int64_t len = strncpy_from_user(t, name, va, XATTR_NAME_MAX + 1);

    if (len == 0 || len == -ENAMETOOLONG)
        return -ERANGE;
    return len < 0 ? len : 0;
}

static int64_t set(struct task *t, const char *host, const uint64_t a[6])
{
    char name[XATTR_NAME_MAX + 1];
    int flags = arg_int(a[4]);
    int64_t err;

    if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
        return -EINVAL;
    err = get_name(t, a[1], name);
    if (err)
        return err;
    if (a[3] > XATTR_SIZE_MAX)
        return -E2BIG;
    if (copy_from_user(t, t->m->bounce, a[2], a[3]))
        return -EFAULT;
    return host_result(setxattr(host, name, t->m->bounce, a[3], flags));
}

/* What the host has put into the bounce buffer, if anybody wants it. */
static int64_t deliver(struct task *t, uint64_t va, uint64_t size, ssize_t n)
{
    if (n > 0 && size > 0 && copy_to_user(t, va, t->m->bounce, (size_t)n))
        return -EFAULT;
    return host_result(n);
}

static int64_t get(struct task *t, const char *host, const uint64_t a[6])
{
    uint64_t size = a[3] < XATTR_SIZE_MAX ? a[3] : XATTR_SIZE_MAX;
    char name[XATTR_NAME_MAX + 1];
    int64_t err = get_name(t, a[1], name);

    if (err)
        return err;
    return deliver(t, a[2], size, getxattr(host, name, t->m->bounce, size));
}

static int64_t list(struct task *t, const char *host, const uint64_t a[6])
{
    uint64_t size = a[2] < XATTR_LIST_MAX ? a[2] : XATTR_LIST_MAX;

    return deliver(t, a[1], size, listxattr(host, (char *)t->m->bounce, size));
}

static int64_t drop(struct task *t, const char *host, const uint64_t a[6])
{
    char name[XATTR_NAME_MAX + 1];
    int64_t err = get_name(t, a[1], name);

    return err ? err : host_result(removexattr(host, name));
}

int64_t sys_setxattr(struct task *t, const uint64_t a[6])
{
    return by_path(t, a, PATH_FOLLOW, true, set);
}

int64_t sys_lsetxattr(struct task *t, const uint64_t a[6])
{
    return by_path(t, a, 0, true, set);
}

int64_t sys_fsetxattr(struct task *t, const uint64_t a[6])
{
    return by_fd(t, a, true, set);
}

int64_t sys_getxattr(struct task *t, const uint64_t a[6])
{
    return by_path(t, a, PATH_FOLLOW, false, get);
}

int64_t sys_lgetxattr(struct task *t, const uint64_t a[6])
{
    return by_path(t, a, 0, false, get);
}

int64_t sys_fgetxattr(struct task *t, const uint64_t a[6])
{
    return by_fd(t, a, false, get);
}

int64_t sys_listxattr(struct task *t, const uint64_t a[6])
{
    return by_path(t, a, PATH_FOLLOW, false, list);
}

int64_t sys_llistxattr(struct task *t, const uint64_t a[6])
{
    return by_path(t, a, 0, false, list);
}

int64_t sys_flistxattr(struct task *t, const uint64_t a[6])
{
    return by_fd(t, a, false, list);
}

int64_t sys_removexattr(struct task *t, const uint64_t a[6])
{
    return by_path(t, a, PATH_FOLLOW, true, drop);
}

int64_t sys_lremovexattr(struct task *t, const uint64_t a[6])
{
    return by_path(t, a, 0, true, drop);
}

int64_t sys_fremovexattr(struct task *t, const uint64_t a[6])
{
    return by_fd(t, a, true, drop);
}
