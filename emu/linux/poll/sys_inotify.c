// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * inotify(7): the host watches its files.  Those of /proc and /sys are ours.
 *
 * Source: linux v6.2 fs/notify/inotify/inotify_user.c
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/path/path.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

/* Swap what the host has written into the buffer. */
static int64_t inotify_get(struct task *t, void *data, int host, uint8_t *buf,
                           size_t len)
{
    ssize_t n = read(host, buf, len);
    uint8_t *at = buf;

    (void)t, (void)data;
    while (at < buf + n) {
        struct inotify_event ev;
        uint32_t name;

        memcpy(&ev, at, sizeof(ev));
        name = ev.len;
        ev = (struct inotify_event){.wd = (int)htobe32((uint32_t)ev.wd),
                                    .mask = htobe32(ev.mask),
                                    .cookie = htobe32(ev.cookie),
                                    .len = htobe32(name)};
        memcpy(at, &ev, sizeof(ev));
        at += sizeof(ev) + name;
    }
    return host_result(n);
}

/* An event has the same length there. */
static int64_t inotify_ioctl(struct task *t, const struct user_file *file,
                             uint32_t cmd, uint64_t arg)
{
    int bytes;

    if (cmd != FIONREAD_G)
        return -ENOTTY;
    if (ioctl(file->fd, FIONREAD, &bytes) != 0)
        return host_result(-1);
    return put_user32(t, arg, (uint32_t)bytes);
}

static void inotify_show(const struct task *t, void *data, int host, FILE *out)
{
    (void)t, (void)data;
    fdinfo_of_host(host, "inotify ", out);
}

static int64_t inotify_read(struct task *t, const struct user_file *file,
                            struct user_iter *to, int64_t offset)
{
    return rw_read_record(t, file, to, offset, inotify_get);
}

static const struct file_ops inotify_ops = {
    .read = inotify_read,
    .ioctl = inotify_ioctl,
    .seek = noop_seek,
    .show_fdinfo = inotify_show,
};

int64_t sys_inotify_init1(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[0];
    int host, fd;

    if (flags & ~(O_G_CLOEXEC | O_G_NONBLOCK))
        return -EINVAL;
    host = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (host < 0)
        return host_result(host);
    fd = files_install(t, host, flags & O_G_CLOEXEC);
    if (fd >= 0) {
        files_set_ops(t->files, fd, &inotify_ops, NULL, flags & O_G_NONBLOCK);
        files_set_outside(t->files, fd);
    }
    return fd;
}

int64_t sys_inotify_init(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {0};

    (void)a;
    return sys_inotify_init1(t, b);
}

/* The host's descriptor of an inotify instance. */
static int get_instance(const struct task *t, uint64_t guest)
{
    const struct open_file *file = files_open_file(t->files, arg_int(guest));

    if (!file)
        return -EBADF;
    return open_file_ops(file) == &inotify_ops ? open_file_host(file) : -EINVAL;
}

int64_t sys_inotify_add_watch(struct task *t, const uint64_t a[6])
{
    uint32_t mask = (uint32_t)a[2];
    unsigned flags = (mask & IN_DONT_FOLLOW ? 0 : PATH_FOLLOW) |
                     (mask & IN_ONLYDIR ? PATH_DIR : 0);
    struct user_path p;
    char by_fd[32];
    int64_t value;
    int host;

    if (!(mask & (IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED |
                  IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK |
                  IN_MASK_CREATE | IN_MASK_ADD | IN_ISDIR | IN_ONESHOT)))
        return -EINVAL;
    if (mask & IN_MASK_ADD && mask & IN_MASK_CREATE)
        return files_host(t->files, arg_int(a[0])) < 0 ? -EBADF : -EINVAL;
    host = get_instance(t, a[0]);
    if (host < 0)
        return host;
    value = path_get(t, AT_G_FDCWD, a[1], flags, &p);
    if (value)
        return value;
    if (p.node.entry) {
        warn_once(t, LOG_SYSCALL, "unsupported: inotify below /proc or /sys");
        value = -EOPNOTSUPP;
    } else {
        path_of_fd(p.fd, by_fd);
        value =
            host_result(inotify_add_watch(host, by_fd, mask & ~IN_DONT_FOLLOW));
    }
    path_put(&p);
    return value;
}

int64_t sys_inotify_rm_watch(struct task *t, const uint64_t a[6])
{
    int host = get_instance(t, a[0]);

    return host < 0 ? host : host_result(inotify_rm_watch(host, arg_int(a[1])));
}
