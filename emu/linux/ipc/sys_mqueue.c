// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mq_open(2) and its kin: message queues of POSIX, which are the host's, as
 * files are.
 *
 * Source:  linux v6.2 ipc/mqueue.c
 * Differs: nobody is notified: mq_notify(2) is ENOSYS, with a warning
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/call.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/host_file.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/path/path.h"
#include "emu/linux/path/place.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"

#define MQ_PRIO_MAX_G 32768

struct mq_attr_g {
    uint64_t flags, maxmsg, msgsize, curmsgs, reserved[4];
};

/* mqueue_read_file(): how much is in it, as a text */
static int64_t mqueue_get(struct task *t, void *data, int host, uint8_t *buf,
                          size_t len)
{
    (void)t, (void)data;
    return host_result(read(host, buf, len));
}

static int64_t mqueue_read(struct task *t, const struct user_file *file,
                           struct user_iter *to, int64_t offset)
{
    return rw_read_record(t, file, to, offset, mqueue_get);
}

static const struct file_ops mqueue_ops = {
    .read = mqueue_read,
    .seek = host_seek,
};

int64_t sys_mq_open(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[1];
    mode_t mode = (mode_t)a[2] & 07777 & ~t->fs->umask;
    struct mq_attr_g raw;
    struct mq_attr attr = {0};
    char name[PATH_BYTES];
    int host, fd, err;

    if (a[3] && copy_from_user(t, &raw, a[3], sizeof(raw)))
        return -EFAULT;
    if (a[3])
        attr = (struct mq_attr){.mq_maxmsg = (long)be64toh(raw.maxmsg),
                                .mq_msgsize = (long)be64toh(raw.msgsize)};
    err = path_name(t, a[0], 0, name);
    if (!err && t->m->confine)
        err = -EACCES; /* they are the host's */
    if (!err)
        err = files_check_room(t);
    if (err)
        return err;
    host = (int)syscall(SYS_mq_open, name,
                        open_flags_to_host(flags) | O_NONBLOCK | O_CLOEXEC,
                        mode, a[3] ? &attr : NULL);
    if (host < 0)
        return host_result(host);
    fd = files_install(t, host, (flags & O_G_CLOEXEC) != 0);
    if (fd >= 0) {
        files_set_ops(t->files, fd, &mqueue_ops, NULL, flags & O_G_NONBLOCK);
        files_set_outside(t->files, fd);
    }
    return fd;
}

int64_t sys_mq_unlink(struct task *t, const uint64_t a[6])
{
    char name[PATH_BYTES];
    int err = path_name(t, a[0], 0, name);

    if (!err && t->m->confine)
        err = -EACCES;
    return err ? err : host_result(syscall(SYS_mq_unlink, name));
}

/* ------------------------------------------------------------- messages */

/* A call for a message, and how long it may wait. */
struct mq_call {
    int guest, host;
    short events; /* POLLIN: receive; POLLOUT: send */
    bool nonblock;
    uint64_t ns;
    size_t len; /* of the buffer, or of the message */
};

/* prepare_timeout(): the time is one of CLOCK_REALTIME */
static int get_timeout(struct task *t, uint64_t va, uint64_t *ns)
{
    struct timespec_g raw;
    int64_t sec;
    uint64_t nsec, now, at;
    int err;

    *ns = FOREVER;
    if (!va)
        return 0;
    err = call_import(t, &raw, va, sizeof(raw));
    if (err)
        return err;
    sec = (int64_t)be64toh(raw.sec);
    nsec = be64toh(raw.nsec);
    if (sec < 0 || nsec >= NS_PER_S)
        return -EINVAL;
    clock_start(t->m);
    now = clock_date_ns(t->m);
    if ((uint64_t)sec >= UINT64_MAX / NS_PER_S)
        return 0;
    at = (uint64_t)sec * NS_PER_S + nsec;
    *ns = at > now ? at - now : 0;
    return 0;
}

/* The queue, which must be open for that; 0 or -errno. */
static int begin(struct task *t, const uint64_t a[6], short events,
                 struct mq_call *c)
{
    int other = events == POLLIN ? O_WRONLY : O_RDONLY, err;
    const struct open_file *file;
    struct mq_attr attr;

    *c =
        (struct mq_call){.guest = arg_int(a[0]), .events = events, .len = a[2]};
    err = get_timeout(t, a[4], &c->ns);
    if (err)
        return err;
    if (events == POLLOUT && (unsigned)a[3] >= MQ_PRIO_MAX_G)
        return -EINVAL;
    file = call_file(t, c->guest);
    if (!file || open_file_ops(file) != &mqueue_ops)
        return -EBADF;
    c->host = open_file_host(file);
    c->nonblock = open_file_nonblock(file);
    if ((fcntl(c->host, F_GETFL) & O_ACCMODE) == other)
        return -EBADF;
    if (syscall(SYS_mq_getsetattr, c->host, NULL, &attr) != 0)
        return (int)host_result(-1);
    if (events == POLLIN ? c->len < (size_t)attr.mq_msgsize
                         : c->len > (size_t)attr.mq_msgsize)
        return -EMSGSIZE;
    if (c->len > BOUNCE_BYTES)
        c->len = BOUNCE_BYTES;
    return (size_t)attr.mq_msgsize > BOUNCE_BYTES ? -ENOMEM : 0;
}

/* The host has said that there is no room, or no message. */
static int64_t wait_more(struct task *t, const struct mq_call *c)
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G,
                                                .on_timeout = -ETIMEDOUT};
    struct pollfd p = {.fd = c->host, .events = c->events};
    int err;

    if (errno != EAGAIN || c->nonblock)
        return host_result(-1);
    err = call_hold(t, c->guest);
    return err ? err : sched_wait_fds(t, &p, 1, true, c->ns, results);
}

int64_t sys_mq_timedsend(struct task *t, const uint64_t a[6])
{
    struct mq_call c;
    int err = begin(t, a, POLLOUT, &c);

    if (err)
        return err;
    if (copy_data_from_user(t, t->m->bounce, a[1], c.len))
        return -EFAULT;
    if (syscall(SYS_mq_timedsend, c.host, t->m->bounce, c.len, (unsigned)a[3],
                NULL) != 0)
        return wait_more(t, &c);
    return 0;
}

int64_t sys_mq_timedreceive(struct task *t, const uint64_t a[6])
{
    struct mq_call c;
    int err = begin(t, a, POLLIN, &c);
    unsigned prio;
    ssize_t n;

    if (err)
        return err;
    n = syscall(SYS_mq_timedreceive, c.host, t->m->bounce, c.len, &prio, NULL);
    if (n < 0)
        return wait_more(t, &c);
    if ((a[3] && put_user32(t, a[3], prio)) ||
        copy_data_to_user(t, a[1], t->m->bounce, (size_t)n, 0))
        return -EFAULT;
    return n;
}

/* ----------------------------------------------------------- attributes */

int64_t sys_mq_getsetattr(struct task *t, const uint64_t a[6])
{
    const struct open_file *file = files_open_file(t->files, arg_int(a[0]));
    struct mq_attr_g new = {0}, old = {0};
    struct mq_attr attr;
    bool nonblock;

    if (a[1] && copy_from_user(t, &new, a[1], sizeof(new)))
        return -EFAULT;
    if (a[1] && be64toh(new.flags) & ~(uint64_t)O_G_NONBLOCK)
        return -EINVAL;
    if (!file || open_file_ops(file) != &mqueue_ops)
        return -EBADF;
    if (syscall(SYS_mq_getsetattr, open_file_host(file), NULL, &attr) != 0)
        return host_result(-1);
    nonblock = open_file_nonblock(file);
    if (a[1])
        files_set_nonblock(t->files, arg_int(a[0]),
                           be64toh(new.flags) & O_G_NONBLOCK);
    old = (struct mq_attr_g){.flags = htobe64(nonblock ? O_G_NONBLOCK : 0),
                             .maxmsg = htobe64((uint64_t)attr.mq_maxmsg),
                             .msgsize = htobe64((uint64_t)attr.mq_msgsize),
                             .curmsgs = htobe64((uint64_t)attr.mq_curmsgs)};
    return a[2] && copy_to_user(t, a[2], &old, sizeof(old)) ? -EFAULT : 0;
}
