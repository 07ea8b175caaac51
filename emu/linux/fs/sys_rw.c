// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/call.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/iovec.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

int rw_get_file(const struct task *t, uint64_t guest, struct user_file *out)
{
    const struct open_file *file = call_fdget(t, arg_int(guest));

    *out = (struct user_file){.guest = arg_int(guest), .fd = -EBADF};
    if (!file)
        return -EBADF;
    out->file = file;
    out->fd = open_file_host(file);
    out->polled = open_file_polled(file);
    out->outside = open_file_outside(file);
    out->nonblock = open_file_nonblock(file);
    return 0;
}

bool rw_must_wait(struct task *t, const struct user_file *file, short events)
{
    struct pollfd p = {.fd = file->fd, .events = events};

    if (file->polled)
        return !file->nonblock && errno == EAGAIN;
    return !sched_alone(t) && poll(&p, 1, 0) == 0 &&
           !(fcntl(file->fd, F_GETFL) & O_NONBLOCK);
}

int64_t rw_wait(struct task *t, const struct user_file *file, short events)
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G};
    struct pollfd p = {.fd = file->fd, .events = events};
    int err = call_hold(t, file->guest);

    if (err)
        return err;
    return sched_wait_fds(t, &p, 1, file->outside, FOREVER, results);
}

/* import_iovec(): 0, -EINVAL or -EFAULT */
static int iter_import(struct task *t, struct user_iter *it,
                       struct iovec_g seg[static UIO_MAXIOV_G], uint64_t va,
                       uint64_t nr)
{
    int64_t total;
    int err;

    if (nr > UIO_MAXIOV_G)
        return -EINVAL;
    err = call_import(t, seg, va, nr * sizeof(*seg));
    if (err)
        return err;
    total = iovec_check(seg, nr);
    if (total < 0)
        return (int)total;
    *it = (struct user_iter){seg, seg + nr, (uint64_t)total};
    return 0;
}

int rw_splice_read(struct task *t, const struct user_file *file, int64_t offset,
                   uint64_t len)
{
    const struct file_ops *ops = open_file_ops(file->file);

    return ops->splice_read ? ops->splice_read(t, file, offset, len) : -EINVAL;
}

int rw_splice_write(struct task *t, const struct user_file *file)
{
    const struct file_ops *ops = open_file_ops(file->file);

    return ops->splice_write ? ops->splice_write(t, file) : -EINVAL;
}

void rw_sigpipe(struct task *t)
{
    signal_send(t, &(struct siginfo){.signo = SIG_PIPE,
                                     .code = SI_G_USER,
                                     .pid = t->process->pid,
                                     .uid = t->cred.uid.real});
}

void rw_wrote(struct task *t, int fd, int64_t n, int64_t offset, uint64_t src)
{
    struct stat st;
    int64_t end;

    if (n <= 0 || !file_maps_has(t->m->file_maps, fd))
        return;
    if (offset == AT_POSITION)
        end = lseek(fd, 0, SEEK_CUR);
    else if (offset != AT_END && !(fcntl(fd, F_GETFL) & O_APPEND))
        end = offset + n;
    else /* Linux appends, whatever the offset is */
        end = fstat(fd, &st) == 0 ? st.st_size : -1;
    if (end >= n)
        file_maps_written(t->m->file_maps, fd, (uint64_t)(end - n),
                          (uint64_t)end, src);
}

int64_t rw_read_record(struct task *t, const struct user_file *file,
                       struct user_iter *to, int64_t offset, rw_get get)
{
    const uint64_t from = 0;
    size_t got;
    int64_t n;

    if (offset != AT_POSITION)
        return -ESPIPE;
    n = get(t, open_file_data(file->file), file->fd, t->m->bounce,
            iter_chunk(to));
    if (n == -EAGAIN && !file->nonblock)
        return rw_wait(t, file, POLLIN);
    if (n <= 0)
        return n;
    got = iter_copy(t, to, (size_t)n, &from);
    return got ? (int64_t)got : -EFAULT;
}

int64_t rw_write_record(struct task *t, const struct user_file *file,
                        struct user_iter *from, int64_t offset, rw_put put)
{
    size_t want = iter_chunk(from);
    int64_t n;

    if (offset != AT_POSITION)
        return -ESPIPE;
    if (iter_copy(t, from, want, NULL) < want)
        return -EFAULT;
    n = put(t, open_file_data(file->file), file->fd, t->m->bounce, want);
    return n == -EAGAIN && !file->nonblock ? rw_wait(t, file, POLLOUT) : n;
}

enum direction { READ, WRITE };

/* What a call that is over has moved, for /proc/PID/io: bytes, or -errno. */
static int64_t account(struct task *t, int64_t value, enum direction way)
{
    uint64_t bytes = value > 0 ? (uint64_t)value : 0;

    if (value == TASK_WAITS || user_waits(t))
        return value;
    t->io.rchar += way == READ ? bytes : 0;
    t->io.syscr += way == READ;
    t->io.wchar += way == WRITE ? bytes : 0;
    t->io.syscw += way == WRITE;
    return value;
}

/* The kind cannot: what ksys_pread64() and vfs_read() say, and of writing. */
static int64_t no_op(const struct user_file *file, int64_t offset,
                     enum direction way)
{
    int mode = fcntl(file->fd, F_GETFL);

    if (offset != AT_POSITION)
        return -ESPIPE;
    return (mode & O_ACCMODE) == (way == READ ? O_WRONLY : O_RDONLY) ? -EBADF
                                                                     : -EINVAL;
}

/* vfs_read(), vfs_write() */
static int64_t transfer(struct task *t, const struct user_file *file,
                        struct user_iter *it, int64_t offset,
                        enum direction way)
{
    const struct file_ops *ops = open_file_ops(file->file);

    if (way == READ ? !ops->read : !ops->write)
        return no_op(file, offset, way);
    return account(t,
                   way == READ ? ops->read(t, file, it, offset)
                               : ops->write(t, file, it, offset),
                   way);
}

static int64_t one_buffer(struct task *t, const uint64_t a[6], int64_t offset,
                          enum direction way)
{
    uint64_t len = a[2] < MAX_RW_COUNT_G ? a[2] : MAX_RW_COUNT_G;
    struct iovec_g seg = {a[1], len};
    struct user_iter it = {&seg, &seg + 1, len};
    struct user_file file;
    int err = rw_get_file(t, a[0], &file);

    if (!err && (int64_t)a[2] < 0)
        err = -EINVAL;
    return err ? err : transfer(t, &file, &it, offset, way);
}

/* @flags: RWF_G_* */
static int64_t many_buffers(struct task *t, const uint64_t a[6], int64_t offset,
                            int flags, enum direction way)
{
    struct iovec_g seg[UIO_MAXIOV_G];
    struct user_iter it = {0};
    struct user_file file;
    int err = rw_get_file(t, a[0], &file);

    file.vector = true;
    file.flags = file.polled ? flags & ~RWF_G_NOWAIT : flags;
    if (flags & RWF_G_NOWAIT)
        file.nonblock = true;
    if (!err)
        err = iter_import(t, &it, seg, a[1], a[2]);
    return err ? err : transfer(t, &file, &it, offset, way);
}

int64_t sys_read(struct task *t, const uint64_t a[6])
{
    return one_buffer(t, a, AT_POSITION, READ);
}

int64_t sys_write(struct task *t, const uint64_t a[6])
{
    return one_buffer(t, a, AT_POSITION, WRITE);
}

int64_t sys_pread64(struct task *t, const uint64_t a[6])
{
    int64_t offset = (int64_t)a[3];

    return offset < 0 ? -EINVAL : one_buffer(t, a, offset, READ);
}

int64_t sys_pwrite64(struct task *t, const uint64_t a[6])
{
    int64_t offset = (int64_t)a[3];

    return offset < 0 ? -EINVAL : one_buffer(t, a, offset, WRITE);
}

int64_t sys_readv(struct task *t, const uint64_t a[6])
{
    return many_buffers(t, a, AT_POSITION, 0, READ);
}

int64_t sys_writev(struct task *t, const uint64_t a[6])
{
    return many_buffers(t, a, AT_POSITION, 0, WRITE);
}

/* A 64-bit kernel takes the offset from the first half alone. */
int64_t sys_preadv(struct task *t, const uint64_t a[6])
{
    int64_t offset = (int64_t)a[3];

    return offset < 0 ? -EINVAL : many_buffers(t, a, offset, 0, READ);
}

int64_t sys_pwritev(struct task *t, const uint64_t a[6])
{
    int64_t offset = (int64_t)a[3];

    return offset < 0 ? -EINVAL : many_buffers(t, a, offset, 0, WRITE);
}

/* do_preadv() and do_pwritev() of the calls with flags; -1: as readv() */
static int64_t with_flags(struct task *t, const uint64_t a[6],
                          enum direction way)
{
    int64_t offset = (int64_t)a[3];

    if (offset < 0 && offset != AT_POSITION)
        return -EINVAL;
    if ((unsigned)a[5] & ~RWF_G_KNOWN)
        return -EOPNOTSUPP;
    return many_buffers(t, a, offset, arg_int(a[5]), way);
}

int64_t sys_preadv2(struct task *t, const uint64_t a[6])
{
    return with_flags(t, a, READ);
}

int64_t sys_pwritev2(struct task *t, const uint64_t a[6])
{
    return with_flags(t, a, WRITE);
}

/* Pages that are given away are copied: who stores to them later can tell. */
int64_t sys_vmsplice(struct task *t, const uint64_t a[6])
{
    const struct open_file *file = call_fdget(t, arg_int(a[0]));
    int flags = (unsigned)a[3] & SPLICE_G_NONBLOCK ? RWF_G_NOWAIT : 0;
    struct stat st;
    int mode;

    if ((unsigned)a[3] & ~SPLICE_G_ALL)
        return -EINVAL;
    if (!file || fstat(open_file_host(file), &st) != 0 || !S_ISFIFO(st.st_mode))
        return -EBADF;
    mode = fcntl(open_file_host(file), F_GETFL);
    return many_buffers(t, a, AT_POSITION, flags,
                        (mode & O_ACCMODE) == O_RDONLY ? READ : WRITE);
}
