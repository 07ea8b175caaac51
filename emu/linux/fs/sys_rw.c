// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "adi/bis.h"
#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/call.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/fsize.h"
#include "emu/linux/fs/iovec.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/tty/tty.h"
#include "emu/linux/uaccess.h"

/* What is left of the user's buffers. */
struct user_iter {
    struct iovec_g *seg; /* borrowed; host order, changes on the way */
    struct iovec_g *end;
    uint64_t left; /* bytes of those before @end */
};

int rw_get_file(const struct task *t, uint64_t guest, struct user_file *out)
{
    const struct open_file *file = call_file(t, arg_int(guest));

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

/*
 * Move up to @want bytes, at most it->left, between the user's buffers and
 * the bounce buffer.  Returns how many before the first that faults.
 *
 * @pages: to the user: where the bytes are in the pages of the kernel, each of
 *         which is a copy; NULL: from the user
 */
static size_t iter_copy(struct task *t, struct user_iter *it, size_t want,
                        const uint64_t *pages)
{
    uint8_t *host = t->m->bounce;
    size_t done = 0, fault = 0;

    while (done < want && !fault) {
        size_t n = want - done;

        INVARIANT(it->seg < it->end);
        if (it->seg->len == 0) {
            it->seg++;
            continue;
        }
        if (n > it->seg->len)
            n = it->seg->len;
        if (pages && n > PAGE_SIZE - page_offset(*pages + done))
            n = PAGE_SIZE - page_offset(*pages + done);
        fault = pages ? copy_data_to_user(t, it->seg->base, host + done, n,
                                          *pages + done)
                      : copy_data_from_user(t, host + done, it->seg->base, n);
        n -= fault;
        it->seg->base += n;
        it->seg->len -= n;
        it->left -= n;
        done += n;
    }
    return done;
}

/* As much as fits into the bounce buffer. */
static size_t iter_chunk(const struct user_iter *it)
{
    return it->left < BOUNCE_BYTES ? it->left : BOUNCE_BYTES;
}

/* The next bytes of one buffer: a kernel copies each by itself. */
static size_t iter_segment(struct user_iter *it)
{
    while (it->left > 0 && it->seg->len == 0)
        it->seg++;
    return it->left > 0 && it->seg->len < BOUNCE_BYTES ? it->seg->len
                                                       : iter_chunk(it);
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

/* A file that has its own read() or write(): it has no position. */
static int64_t move_special(struct task *t, const struct user_file *file,
                            size_t len, int64_t offset, bool write)
{
    const struct file_ops *ops = open_file_ops(file->file);
    void *data = open_file_data(file->file);
    int64_t n = -EINVAL;

    if (write && (fcntl(file->fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    if (offset != AT_POSITION)
        return -ESPIPE;
    if (write && ops->write)
        n = ops->write(t, data, file->fd, t->m->bounce, len);
    else if (!write && ops->read)
        n = ops->read(t, data, file->fd, t->m->bounce, len);
    if (n == -EAGAIN && !file->nonblock)
        return rw_wait(t, file, write ? POLLOUT : POLLIN);
    return n;
}

static int64_t read_host(struct task *t, const struct user_file *file,
                         size_t len, int64_t offset)
{
    uint8_t *buf = t->m->bounce;
    int err;
    ssize_t n;

    if (open_file_ops(file->file))
        return move_special(t, file, len, offset, false);
    err = tty_check_change(t, file->fd, SIG_TTIN);
    if (err)
        return err;
    if (!file->polled && rw_must_wait(t, file, POLLIN))
        return rw_wait(t, file, POLLIN);
    file_maps_sync(t->m->file_maps, file->fd);
    do {
        if (file->flags)
            n = preadv2(file->fd, &(struct iovec){buf, len}, 1, offset,
                        file->flags);
        else
            n = offset == AT_POSITION ? read(file->fd, buf, len)
                                      : pread(file->fd, buf, len, offset);
    } while (n < 0 && host_retry(t));
    if (n < 0 && file->polled && rw_must_wait(t, file, POLLIN))
        return rw_wait(t, file, POLLIN);
    return host_result(n);
}

/* A page of the buffers must be waited for: the call goes on from here. */
static int64_t again_from(struct task *t, const struct user_file *file,
                          int64_t done)
{
    int err = call_hold(t, file->guest);

    t->wait.done = (uint64_t)done;
    return err ? err : TASK_WAITS;
}

/* What an earlier try of this call has moved already. */
static void iter_skip(struct user_iter *it, uint64_t bytes)
{
    while (bytes > 0) {
        uint64_t n = it->seg->len < bytes ? it->seg->len : bytes;

        INVARIANT(it->seg < it->end);
        it->seg->base += n;
        it->seg->len -= n;
        it->left -= n;
        bytes -= n;
        if (it->seg->len == 0 && bytes > 0)
            it->seg++;
    }
}

/* A pipe may be empty by now, and one read takes only what is there. */
static bool has_more(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1 && p.revents & POLLIN;
}

/* The bytes that were read are there in the page cache; those of a pipe begin
 * a page, as they do when it was empty. */
static uint64_t read_from(const struct user_file *file, int64_t n,
                          int64_t offset)
{
    off_t end = offset == AT_POSITION ? lseek(file->fd, 0, SEEK_CUR) : offset;

    if (end < 0)
        return 0;
    return (uint64_t)(offset == AT_POSITION ? end - n : end);
}

/* Bytes of the buffers before the first that faults, up to @want. */
static size_t iter_room(struct task *t, const struct user_iter *it, size_t want)
{
    size_t done = 0;

    for (const struct iovec_g *seg = it->seg; done < want; seg++) {
        size_t n = seg->len < want - done ? seg->len : want - done;
        size_t room = user_room(t, seg->base, n);

        done += room;
        if (room < n)
            break;
    }
    return done;
}

/*
 * pipe_read(): a page of a pipe that was copied in part is not used up, and
 * the host's pipe takes nothing back.  So only as many as can be delivered;
 * each page of the host is taken for one of the guest.
 */
static int64_t limit_to_room(struct task *t, const struct user_file *file,
                             const struct user_iter *it, size_t *want)
{
    size_t there, room;
    int n;

    if (!file->polled || open_file_ops(file->file) ||
        ioctl(file->fd, FIONREAD, &n) != 0 || n <= 0)
        return 0;
    there = (size_t)n < *want ? (size_t)n : *want;
    room = iter_room(t, it, there);
    if (room == there || (fcntl(file->fd, F_GETFL) & O_ACCMODE) == O_WRONLY)
        return 0;
    *want = (size_t)page_align_down(room);
    return *want ? 0 : -EFAULT;
}

static int64_t read_all(struct task *t, const struct user_file *file,
                        struct user_iter *it, int64_t offset)
{
    int64_t done = (int64_t)t->wait.done;

    iter_skip(it, t->wait.done);
    do {
        int64_t at = offset < 0 ? offset : offset + done;
        size_t want = iter_chunk(it), got;
        int64_t n = limit_to_room(t, file, it, &want);
        uint64_t from;

        if (user_waits(t))
            return again_from(t, file, done);
        if (n == 0)
            n = read_host(t, file, want, at);
        if (n < 0)
            return done ? done : n;
        from = n >= BIS_MIN ? read_from(file, n, at) : 0;
        got = iter_copy(t, it, (size_t)n, &from);
        done += (int64_t)got;
        if (got < (size_t)n) {
            /* What was not delivered is read again by the next call. */
            if (offset == AT_POSITION)
                (void)lseek(file->fd, (off_t)got - n, SEEK_CUR);
            return done ? done : -EFAULT;
        }
        if ((size_t)n < want)
            break;
        if (it->left > 0 && !user_settled(t))
            return again_from(t, file, done);
    } while (it->left > 0 && !host_stop(t) && has_more(file->fd));
    return done;
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

    if (offset == AT_POSITION)
        end = lseek(fd, 0, SEEK_CUR);
    else if (offset != AT_END && !(fcntl(fd, F_GETFL) & O_APPEND))
        end = offset + n;
    else /* Linux appends, whatever the offset is */
        end = fstat(fd, &st) == 0 ? st.st_size : -1;
    if (n > 0 && end >= n)
        file_maps_written(t->m->file_maps, fd, (uint64_t)(end - n),
                          (uint64_t)end, src);
}

static int64_t write_host(struct task *t, const struct user_file *file,
                          size_t len, int64_t offset)
{
    uint8_t *buf = t->m->bounce;
    ssize_t n;
    int err;

    if (open_file_ops(file->file))
        return move_special(t, file, len, offset, true);
    err = path_check_swap(t, file->fd);
    if (!err)
        err = tty_check_write(t, file->fd);
    if (!err)
        err = file_maps_check_write(t->m->file_maps, file->fd);
    if (err)
        return err;

    if (!file->polled && rw_must_wait(t, file, POLLOUT))
        return rw_wait(t, file, POLLOUT);
    file_maps_sync(t->m->file_maps, file->fd);
    do {
        if (file->flags)
            n = pwritev2(file->fd, &(struct iovec){buf, len}, 1, offset,
                         file->flags);
        else
            n = offset == AT_POSITION ? write(file->fd, buf, len)
                                      : pwrite(file->fd, buf, len, offset);
    } while (n < 0 && host_retry(t));
    if (n < 0 && errno == EPIPE)
        rw_sigpipe(t);
    if (n < 0 && file->polled && rw_must_wait(t, file, POLLOUT))
        return rw_wait(t, file, POLLOUT);
    return host_result(n);
}

static int64_t write_all(struct task *t, const struct user_file *file,
                         struct user_iter *it, int64_t offset)
{
    bool mapped = file_maps_has(t->m->file_maps, file->fd);
    int64_t done = (int64_t)t->wait.done;

    iter_skip(it, t->wait.done);
    do {
        size_t want = mapped ? iter_segment(it) : iter_chunk(it);
        uint64_t src = it->left > 0 ? it->seg->base : 0;
        int64_t at = offset < 0 ? offset : offset + done;
        int64_t room = fsize_limit_write(t, file->fd, at, want);
        size_t got;
        int64_t n;

        if (room < 0 && done == 0)
            fsize_signal(t);
        if (room < 0)
            return done ? done : room;
        want = (size_t)room;
        got = iter_copy(t, it, want, NULL);
        if (user_waits(t))
            return again_from(t, file, done);
        /* Also without a byte: a bad descriptor comes before a bad buffer. */
        n = write_host(t, file, got, at);
        if (n == TASK_WAITS) {
            t->wait.done = (uint64_t)done;
            return n;
        }
        if (n < 0)
            return done ? done : n;
        rw_wrote(t, file->fd, n, file->flags & RWF_G_APPEND ? AT_END : at, src);
        done += n;
        if (got < want && done == 0)
            return -EFAULT;
        if ((size_t)n < got) {
            /* A pipe is full: the rest when there is room. */
            if (!file->polled || file->nonblock || open_file_ops(file->file))
                break;
            t->wait.done = (uint64_t)done;
            n = rw_wait(t, file, POLLOUT);
            return n == TASK_WAITS ? n : done;
        }
        if ((size_t)n < want)
            break;
    } while (it->left > 0 && !host_stop(t));
    return done;
}

typedef int64_t (*transfer)(struct task *t, const struct user_file *file,
                            struct user_iter *it, int64_t offset);

/* Of a file below /proc or /sys: its text is made now. */
static int before(struct task *t, const uint64_t a[6], int fd, int64_t offset,
                  uint64_t len)
{
    return procfs_before_read(t, files_proc(t->process->files, arg_int(a[0])),
                              fd, offset, len);
}

/* To a file below /proc that the machine acts on. */
static int64_t store_all(struct task *t, const struct proc_file *pf,
                         struct user_iter *it)
{
    size_t want = it->left < PAGE_SIZE ? it->left : PAGE_SIZE - 1;
    size_t got = iter_copy(t, it, want, NULL);
    int err;

    t->m->bounce[got] = '\0';
    if (got < want)
        return -EFAULT;
    err = got ? procfs_store(t, pf, (const char *)t->m->bounce) : 0;
    return err ? err : (int64_t)got;
}

/* What a call that is over has moved, for /proc/PID/io: bytes, or -errno. */
static int64_t account_read(struct task *t, int64_t value)
{
    if (value == TASK_WAITS || user_waits(t))
        return value;
    t->io.rchar += value > 0 ? (uint64_t)value : 0;
    t->io.syscr++;
    return value;
}

static int64_t account_write(struct task *t, int64_t value)
{
    if (value == TASK_WAITS || user_waits(t))
        return value;
    t->io.wchar += value > 0 ? (uint64_t)value : 0;
    t->io.syscw++;
    return value;
}

static int64_t account(struct task *t, int64_t value, transfer move)
{
    return move == read_all ? account_read(t, value) : account_write(t, value);
}

static int64_t one_buffer(struct task *t, const uint64_t a[6], int64_t offset,
                          transfer move)
{
    uint64_t len = a[2] < MAX_RW_COUNT_G ? a[2] : MAX_RW_COUNT_G;
    struct iovec_g seg = {a[1], len};
    struct user_iter it = {&seg, &seg + 1, len};
    const struct proc_file *pf;
    struct user_file file;
    int err = rw_get_file(t, a[0], &file);

    if (!err && (int64_t)a[2] < 0)
        err = -EINVAL;
    pf = err ? NULL : files_proc(t->process->files, arg_int(a[0]));
    if (procfs_is_stored(pf) && move == write_all)
        return account_write(t, store_all(t, pf, &it));
    if (!err)
        err = before(t, a, file.fd, offset, len);
    return err ? err : account(t, move(t, &file, &it, offset), move);
}

/* @flags: RWF_G_* */
static int64_t many_buffers(struct task *t, const uint64_t a[6], int64_t offset,
                            int flags, transfer move)
{
    struct iovec_g seg[UIO_MAXIOV_G];
    struct user_iter it = {0};
    const struct proc_file *pf;
    struct user_file file;
    int err = rw_get_file(t, a[0], &file);

    file.flags = file.polled ? flags & ~RWF_G_NOWAIT : flags;
    if (flags & RWF_G_NOWAIT)
        file.nonblock = true;
    if (!err)
        err = iter_import(t, &it, seg, a[1], a[2]);
    pf = err ? NULL : files_proc(t->process->files, arg_int(a[0]));
    if (procfs_is_stored(pf) && move == write_all)
        return account_write(t, store_all(t, pf, &it));
    if (!err)
        err = before(t, a, file.fd, offset, it.left);
    return err ? err : account(t, move(t, &file, &it, offset), move);
}

int64_t sys_read(struct task *t, const uint64_t a[6])
{
    return one_buffer(t, a, AT_POSITION, read_all);
}

int64_t sys_write(struct task *t, const uint64_t a[6])
{
    return one_buffer(t, a, AT_POSITION, write_all);
}

int64_t sys_pread64(struct task *t, const uint64_t a[6])
{
    int64_t offset = (int64_t)a[3];

    return offset < 0 ? -EINVAL : one_buffer(t, a, offset, read_all);
}

int64_t sys_pwrite64(struct task *t, const uint64_t a[6])
{
    int64_t offset = (int64_t)a[3];

    return offset < 0 ? -EINVAL : one_buffer(t, a, offset, write_all);
}

int64_t sys_readv(struct task *t, const uint64_t a[6])
{
    return many_buffers(t, a, AT_POSITION, 0, read_all);
}

int64_t sys_writev(struct task *t, const uint64_t a[6])
{
    return many_buffers(t, a, AT_POSITION, 0, write_all);
}

/* A 64-bit kernel takes the offset from the first half alone. */
int64_t sys_preadv(struct task *t, const uint64_t a[6])
{
    int64_t offset = (int64_t)a[3];

    return offset < 0 ? -EINVAL : many_buffers(t, a, offset, 0, read_all);
}

int64_t sys_pwritev(struct task *t, const uint64_t a[6])
{
    int64_t offset = (int64_t)a[3];

    return offset < 0 ? -EINVAL : many_buffers(t, a, offset, 0, write_all);
}

/* do_preadv() and do_pwritev() of the calls with flags; -1: as readv() */
static int64_t with_flags(struct task *t, const uint64_t a[6], transfer move)
{
    int64_t offset = (int64_t)a[3];

    if (offset < 0 && offset != AT_POSITION)
        return -EINVAL;
    if ((unsigned)a[5] & ~RWF_G_KNOWN)
        return -EOPNOTSUPP;
    return many_buffers(t, a, offset, arg_int(a[5]), move);
}

int64_t sys_preadv2(struct task *t, const uint64_t a[6])
{
    return with_flags(t, a, read_all);
}

int64_t sys_pwritev2(struct task *t, const uint64_t a[6])
{
    return with_flags(t, a, write_all);
}

/* Pages that are given away are copied: nobody can tell. */
int64_t sys_vmsplice(struct task *t, const uint64_t a[6])
{
    int fd = call_host(t, arg_int(a[0])), mode = fcntl(fd, F_GETFL);
    int flags = (unsigned)a[3] & SPLICE_G_NONBLOCK ? RWF_G_NOWAIT : 0;
    struct stat st;

    if ((unsigned)a[3] & ~SPLICE_G_ALL)
        return -EINVAL;
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISFIFO(st.st_mode) || mode & O_PATH)
        return -EBADF;
    return many_buffers(t, a, AT_POSITION, flags,
                        (mode & O_ACCMODE) == O_RDONLY ? read_all : write_all);
}
