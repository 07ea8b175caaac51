// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * splice(2) and tee(2): the host moves the bytes, from one of its descriptors
 * to another.  vmsplice(2) is in sys_rw.c.
 *
 * Source: linux v6.2 fs/splice.c
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi_file.h"
#include "emu/linux/call.h"
#include "emu/linux/fs/fsize.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

/* Both ends of a call. */
struct ends {
    struct user_file in, out;
};

static int64_t get_ends(const struct task *t, uint64_t in, uint64_t out,
                        unsigned flags, struct ends *ends)
{
    int err;

    if (flags & ~SPLICE_G_ALL)
        return -EINVAL;
    err = rw_get_file(t, in, &ends->in);
    if (!err)
        err = rw_get_file(t, out, &ends->out);
    if (err)
        return err;
    /* One that may not wait is enough. */
    if (flags & SPLICE_G_NONBLOCK || ends->in.nonblock || ends->out.nonblock)
        ends->in.nonblock = ends->out.nonblock = true;
    return 0;
}

static bool is_ready(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    return poll(&p, 1, 0) > 0;
}

/* What a descriptor that is not polled would make everybody wait for. */
static const struct user_file *would_block(struct task *t,
                                           const struct ends *ends,
                                           short *events)
{
    *events = POLLIN;
    if (!ends->in.polled && rw_must_wait(t, &ends->in, *events))
        return &ends->in;
    *events = POLLOUT;
    if (!ends->out.polled && rw_must_wait(t, &ends->out, *events))
        return &ends->out;
    return NULL;
}

/*
 * The host's call gave @n, errno with it.  Returns that, or waits for the end
 * that is not ready.
 */
static int64_t finish(struct task *t, const struct ends *ends, ssize_t n)
{
    bool empty;
    int err;

    if (n >= 0)
        return n;
    if (errno == EPIPE)
        rw_sigpipe(t);
    if (errno != EAGAIN || ends->in.nonblock)
        return host_result(n);
    err = call_hold(t, ends->in.guest);
    if (!err)
        err = call_hold(t, ends->out.guest);
    if (err)
        return err;
    empty = ends->in.polled && !is_ready(ends->in.fd, POLLIN);
    return empty ? rw_wait(t, &ends->in, POLLIN)
                 : rw_wait(t, &ends->out, POLLOUT);
}

static bool is_pipe(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* One end's position: AT_POSITION for a null pointer. */
static int64_t get_offset(struct task *t, const struct user_file *file,
                          uint64_t va, off_t *offset)
{
    uint64_t value;
    int err;

    *offset = AT_POSITION;
    if (va == 0)
        return 0;
    if (is_pipe(file->fd))
        return -ESPIPE;
    err = call_import64(t, va, &value);
    *offset = (off_t)value;
    return err;
}

static int64_t prepare(struct task *t, const struct ends *ends, off_t from,
                       uint64_t len)
{
    int err = rw_splice_write(t, &ends->out);

    return err ? err : rw_splice_read(t, &ends->in, from, len);
}

int64_t sys_splice(struct task *t, const uint64_t a[6])
{
    uint64_t len = a[4] < MAX_RW_COUNT_G ? a[4] : MAX_RW_COUNT_G;
    const struct user_file *blocks;
    off_t from = AT_POSITION, to = AT_POSITION;
    unsigned flags = (unsigned)a[5];
    struct ends ends;
    int64_t n, room;
    short events;

    if (len == 0)
        return 0;
    n = get_ends(t, a[0], a[2], flags, &ends);
    if (!n)
        n = get_offset(t, &ends.in, a[1], &from);
    if (!n)
        n = get_offset(t, &ends.out, a[3], &to);
    if (!n)
        n = prepare(t, &ends, from, len);
    if (n)
        return n;
    blocks = would_block(t, &ends, &events);
    if (blocks)
        return rw_wait(t, blocks, events);
    room = fsize_limit_write(t, ends.out.fd, to, len);
    if (room < 0) {
        fsize_signal(t);
        return room;
    }
    do {
        n = splice(ends.in.fd, a[1] ? &from : NULL, ends.out.fd,
                   a[3] ? &to : NULL, (size_t)room, flags);
    } while (n < 0 && host_retry(t));
    if (n <= 0)
        return finish(t, &ends, n);
    /* The kernel goes on with what is left in the pipe. */
    if (n == room && (uint64_t)room < len && is_ready(ends.in.fd, POLLIN))
        fsize_signal(t);
    rw_wrote(t, ends.out.fd, n, a[3] ? to - n : AT_POSITION, 0);
    if ((a[1] && put_user64(t, a[1], (uint64_t)from)) ||
        (a[3] && put_user64(t, a[3], (uint64_t)to)))
        return -EFAULT;
    return n;
}

int64_t sys_tee(struct task *t, const uint64_t a[6])
{
    uint64_t len = a[2] < MAX_RW_COUNT_G ? a[2] : MAX_RW_COUNT_G;
    struct ends ends;
    int64_t n;

    if ((unsigned)a[3] & ~SPLICE_G_ALL)
        return -EINVAL;
    if (len == 0)
        return 0;
    n = get_ends(t, a[0], a[1], (unsigned)a[3], &ends);
    if (n)
        return n;
    do {
        n = tee(ends.in.fd, ends.out.fd, len, (unsigned)a[3]);
    } while (n < 0 && host_retry(t));
    return finish(t, &ends, n);
}
