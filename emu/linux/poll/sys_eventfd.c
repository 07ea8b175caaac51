// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * eventfd(2): a counter of the host.
 *
 * Source: linux v6.2 fs/eventfd.c
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/path/path.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"

#define EFD_G_SEMAPHORE 1u

static int64_t eventfd_get(struct task *t, void *data, int host, uint8_t *buf,
                           size_t len)
{
    uint64_t value;

    (void)t, (void)data;
    if (len < sizeof(value))
        return -EINVAL;
    if (read(host, &value, sizeof(value)) < 0)
        return host_result(-1);
    value = htobe64(value);
    memcpy(buf, &value, sizeof(value));
    return sizeof(value);
}

static int64_t eventfd_add(struct task *t, void *data, int host,
                           const uint8_t *buf, size_t len)
{
    uint64_t value;

    (void)t, (void)data;
    if (len < sizeof(value))
        return -EINVAL;
    memcpy(&value, buf, sizeof(value));
    value = be64toh(value);
    return host_result(write(host, &value, sizeof(value)));
}

static void eventfd_show(const struct task *t, void *data, int host, FILE *out)
{
    (void)t, (void)data;
    fdinfo_of_host(host, "eventfd-", out);
}

static int64_t event_read(struct task *t, const struct user_file *file,
                          struct user_iter *to, int64_t offset)
{
    return rw_read_record(t, file, to, offset, eventfd_get);
}

static int64_t event_write(struct task *t, const struct user_file *file,
                           struct user_iter *from, int64_t offset)
{
    return rw_write_record(t, file, from, offset, eventfd_add);
}

static const struct file_ops eventfd_ops = {
    .read = event_read,
    .write = event_write,
    .seek = noop_seek,
    .show_fdinfo = eventfd_show,
};

int64_t sys_eventfd2(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[1];
    int host, fd;

    if (flags & ~(EFD_G_SEMAPHORE | O_G_CLOEXEC | O_G_NONBLOCK))
        return -EINVAL;
    host = eventfd((uint32_t)a[0],
                   EFD_CLOEXEC | EFD_NONBLOCK |
                       (flags & EFD_G_SEMAPHORE ? EFD_SEMAPHORE : 0));
    if (host < 0)
        return host_result(host);
    fd = files_install(t, host, flags & O_G_CLOEXEC);
    if (fd >= 0)
        files_set_ops(t->files, fd, &eventfd_ops, NULL, flags & O_G_NONBLOCK);
    return fd;
}

int64_t sys_eventfd(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], 0};

    return sys_eventfd2(t, b);
}
