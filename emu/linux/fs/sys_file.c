// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/call.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/fsize.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

int64_t noop_seek(const struct open_file *file, int64_t offset, int whence)
{
    (void)file, (void)offset, (void)whence;
    return 0;
}

int64_t sys_lseek(struct task *t, const uint64_t a[6])
{
    const struct open_file *file = files_fdget(t->files, arg_int(a[0]));
    unsigned whence = (unsigned)a[2];

    if (!file)
        return -EBADF;
    if (whence > SEEK_HOLE)
        return -EINVAL;
    if (!open_file_ops(file)->seek)
        return -ESPIPE;
    return open_file_ops(file)->seek(file, (int64_t)a[1], (int)whence);
}

/* The offset comes in halves, the result goes through memory, but for one below
 * 0, of which the kernel returns an int: an error, or anything. */
int64_t sys__llseek(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], a[1] << 32 | (uint32_t)a[2], a[4]};
    int64_t at = sys_lseek(t, b);

    return at < 0 ? (int)at : put_user64(t, a[3], (uint64_t)at);
}

static int64_t sync_file(struct task *t, int guest_fd, int (*host)(int fd))
{
    int fd = files_host(t->files, guest_fd), err;

    if (fd < 0)
        return fd;
    file_maps_sync(t->m->file_maps, fd);
    err = file_maps_check_error(t->m->file_maps, fd);
    return err ? err : host_result(host(fd));
}

int64_t sys_fsync(struct task *t, const uint64_t a[6])
{
    return sync_file(t, arg_int(a[0]), fsync);
}

int64_t sys_fdatasync(struct task *t, const uint64_t a[6])
{
    return sync_file(t, arg_int(a[0]), fdatasync);
}

int64_t sys_sync(struct task *t, const uint64_t a[6])
{
    (void)t, (void)a;
    sync();
    return 0;
}

int64_t sys_ftruncate(struct task *t, const uint64_t a[6])
{
    int fd = files_host(t->files, arg_int(a[0])), err;
    struct stat st;

    if ((int64_t)a[1] < 0)
        return -EINVAL;
    if (fd < 0)
        return fd;
    err = path_check_swap(t, fd);
    if (err)
        return err;
    file_maps_sync(t->m->file_maps, fd);
    if (fstat(fd, &st) != 0)
        return host_result(-1);
    err = fsize_check_resize(t, (uint64_t)st.st_size, a[1]);
    if (err)
        return err;
    if (ftruncate(fd, (off_t)a[1]) != 0)
        return host_result(-1);
    file_maps_resized(t->m->file_maps, fd, (uint64_t)st.st_size, a[1]);
    return 0;
}

int64_t sys_truncate(struct task *t, const uint64_t a[6])
{
    struct user_path path;
    char by_fd[32];
    int64_t value;
    int err;

    if ((int64_t)a[1] < 0)
        return -EINVAL;
    err = path_get(t, AT_G_FDCWD, a[0], PATH_FOLLOW, &path);
    if (err)
        return err;
    value = path.node.entry ? -EACCES : path_check_write(t, path.fd);
    if (value == 0)
        value = path_check_busy(t, &path.st);
    if (value == 0)
        value = path_check_swap(t, path.fd);
    if (value == 0)
        value = fsize_check_resize(t, (uint64_t)path.st.st_size, a[1]);
    if (value == 0) {
        path_of_fd(path.fd, by_fd);
        file_maps_sync(t->m->file_maps, path.fd);
        value = host_result(truncate(by_fd, (off_t)a[1]));
    }
    if (value == 0)
        file_maps_resized(t->m->file_maps, path.fd, (uint64_t)path.st.st_size,
                          a[1]);
    path_put(&path);
    return value;
}

/* The bytes that fallocate() has changed leave the page cache. */
static void fallocated(struct task *t, int fd, int mode, uint64_t start,
                       uint64_t len, uint64_t old)
{
    struct file_maps *maps = t->m->file_maps;
    struct stat st;

    if (mode & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE))
        /* All that follows has moved. */
        file_maps_resized(maps, fd, UINT64_MAX, page_align_down(start));
    else if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
        file_maps_punched(maps, fd, start, start + len);
    if (!(mode & FALLOC_FL_KEEP_SIZE) && fstat(fd, &st) == 0 &&
        (uint64_t)st.st_size > old)
        file_maps_resized(maps, fd, old, (uint64_t)st.st_size);
}

int64_t sys_fallocate(struct task *t, const uint64_t a[6])
{
    int fd = files_host(t->files, arg_int(a[0])), value;
    struct stat st;

    if (fd < 0)
        return fd;
    value = path_check_swap(t, fd);
    if (value)
        return value;
    if (arg_int(a[1]) & FALLOC_FL_PUNCH_HOLE &&
        file_maps_check_write(t->m->file_maps, fd) != 0)
        return -EPERM;
    file_maps_sync(t->m->file_maps, fd);
    if (fstat(fd, &st) != 0)
        return host_result(-1);
    if (!(arg_int(a[1]) & FALLOC_FL_KEEP_SIZE) && (int64_t)a[2] >= 0 &&
        (int64_t)a[3] > 0) {
        value = fsize_check_resize(t, (uint64_t)st.st_size, a[2] + a[3]);
        if (value)
            return value;
    }
    do {
        value = fallocate(fd, arg_int(a[1]), (off_t)a[2], (off_t)a[3]);
    } while (value < 0 && host_retry(t));
    if (value == 0)
        fallocated(t, fd, arg_int(a[1]), a[2], a[3], (uint64_t)st.st_size);
    return host_result(value);
}

int64_t sys_syncfs(struct task *t, const uint64_t a[6])
{
    int fd = files_host(t->files, arg_int(a[0]));

    return fd < 0 ? fd : host_result(syncfs(fd));
}

int64_t sys_sync_file_range(struct task *t, const uint64_t a[6])
{
    int fd = files_host(t->files, arg_int(a[0]));

    if (fd < 0)
        return fd;
    file_maps_sync(t->m->file_maps, fd);
    return host_result(
        sync_file_range(fd, (off_t)a[1], (off_t)a[2], (unsigned)a[3]));
}

int64_t sys_readahead(struct task *t, const uint64_t a[6])
{
    int fd = files_host(t->files, arg_int(a[0]));

    return fd < 0 ? fd : host_result(readahead(fd, (off_t)a[1], a[2]));
}

/* So much the host copies before a signal is looked at again. */
#define HOST_CHUNK (UINT64_C(16) << 20)

static size_t chunk_of(uint64_t count, int64_t done)
{
    uint64_t left = count - (uint64_t)done;

    return left < HOST_CHUNK ? left : HOST_CHUNK;
}

/*
 * sendfile() of up to @count bytes: how many, or -1 and errno.  Fewer: that is
 * the end of the file, or errno says EAGAIN.
 */
static ssize_t send_all(struct task *t, int out, int in, off_t *offset,
                        uint64_t count)
{
    ssize_t done = 0, n;
    size_t chunk;

    errno = 0;
    do {
        chunk = chunk_of(count, done);
        do {
            n = sendfile(out, in, offset, chunk);
        } while (n < 0 && host_retry(t));
        if (n > 0)
            done += n;
    } while (n > 0 && (uint64_t)done < count && !host_stop(t));
    return done ? done : n;
}

/* do_splice_from(): the rest when there is room; @n bytes went before. */
static int64_t wait_to_send(struct task *t, const struct user_file *in,
                            const struct user_file *out, ssize_t n)
{
    int err = call_hold(t, in->guest);
    int64_t value = err ? err : rw_wait(t, out, POLLOUT);

    if (value == TASK_WAITS && n > 0)
        t->wait.done += (uint64_t)n;
    return value;
}

int64_t sys_sendfile64(struct task *t, const uint64_t a[6])
{
    struct user_file in = {.fd = -1}, out = {.fd = -1};
    size_t count = a[3] > MAX_RW_COUNT_G ? MAX_RW_COUNT_G : a[3];
    off_t offset, from;
    uint64_t start = 0;
    ssize_t n;
    int err;

    err = a[2] ? call_import64(t, a[2], &start) : 0;
    if (err)
        return err;
    if (rw_get_file(t, a[0], &out) || rw_get_file(t, a[1], &in))
        return -EBADF;
    if ((int64_t)a[3] < 0)
        return -EINVAL;
    offset = (off_t)(start + t->wait.done);
    count -= t->wait.done;
    err = rw_splice_write(t, &out);
    if (!err)
        err = rw_splice_read(t, &in, a[2] ? offset : AT_POSITION, count);
    if (err)
        return err;
    n = fsize_limit_write(t, out.fd, AT_POSITION, count);
    if (n < 0) {
        fsize_signal(t);
        return n;
    }
    n = send_all(t, out.fd, in.fd, a[2] ? &offset : NULL, (size_t)n);
    if (n < (ssize_t)count && out.polled && rw_must_wait(t, &out, POLLOUT)) {
        int64_t value = wait_to_send(t, &in, &out, n);

        if (value == TASK_WAITS || (n <= 0 && t->wait.done == 0))
            return value;
    }
    if (n < 0 && t->wait.done == 0) {
        if (errno == EPIPE)
            rw_sigpipe(t);
        return host_result(n);
    }
    if (n < 0)
        n = 0;
    from = a[2] ? offset : lseek(in.fd, 0, SEEK_CUR);
    rw_wrote(t, out.fd, n, AT_POSITION, (uint64_t)from - (uint64_t)n);
    if (a[2] && put_user64(t, a[2], (uint64_t)offset))
        return -EFAULT;
    return n + (int64_t)t->wait.done;
}

int64_t sys_sendfile(struct task *t, const uint64_t a[6])
{
    return sys_sendfile64(t, a);
}

int64_t sys_fadvise64(struct task *t, const uint64_t a[6])
{
    int fd = files_host(t->files, arg_int(a[0]));

    if (fd < 0)
        return fd;
    return -posix_fadvise(fd, (off_t)a[1], (off_t)a[2], arg_int(a[3]));
}

int64_t sys_fadvise64_64(struct task *t, const uint64_t a[6])
{
    return sys_fadvise64(t, a);
}

/* One end of copy_file_range(): AT_POSITION for a null pointer. */
static int get_range_start(struct task *t, uint64_t va, int64_t *start)
{
    uint64_t value;

    *start = AT_POSITION;
    if (va == 0)
        return 0;
    if (get_user64(t, va, &value))
        return -EFAULT;
    *start = (int64_t)value;
    return *start < 0 ? -EINVAL : 0;
}

/* copy_file_range() of up to @count bytes: how many, or -1 and errno. */
static ssize_t copy_all(struct task *t, int in, int64_t *from, int out,
                        int64_t *to, uint64_t count, unsigned flags)
{
    ssize_t done = 0, n;
    size_t chunk;

    do {
        chunk = chunk_of(count, done);
        n = copy_file_range(in, from, out, to, chunk, flags);
        if (n > 0)
            done += n;
    } while (n == (ssize_t)chunk && (uint64_t)done < count && !host_stop(t));
    return done ? done : n;
}

/* generic_copy_file_checks(): /proc and /sys are file systems of their own */
static int check_copy(const struct open_file *in, const struct open_file *out)
{
    struct user_path from, to;
    int err = path_of_file(in, &from);

    if (!err)
        err = path_of_file(out, &to);
    if (err)
        return err;
    if (path_is_dir(&from) || path_is_dir(&to))
        return -EISDIR;
    if (!S_ISREG(from.st.st_mode) || !S_ISREG(to.st.st_mode))
        return -EINVAL;
    return from.node.entry || to.node.entry ? -EXDEV : 0;
}

int64_t sys_copy_file_range(struct task *t, const uint64_t a[6])
{
    const struct open_file *of_in = files_fdget(t->files, arg_int(a[0]));
    const struct open_file *of_out = files_fdget(t->files, arg_int(a[2]));
    int64_t from, to, at;
    int err, in, out;
    ssize_t n;

    if (!of_in || !of_out)
        return -EBADF;
    err = check_copy(of_in, of_out);
    if (err)
        return err;
    in = open_file_host(of_in);
    out = open_file_host(of_out);
    err = get_range_start(t, a[1], &from);
    if (!err)
        err = get_range_start(t, a[3], &to);
    if (!err)
        err = path_check_swap(t, out);
    if (!err)
        err = file_maps_check_write(t->m->file_maps, out);
    if (err)
        return err;
    file_maps_sync(t->m->file_maps, in);
    file_maps_sync(t->m->file_maps, out);
    n = fsize_limit_write(t, out, to,
                          a[4] < MAX_RW_COUNT_G ? a[4] : MAX_RW_COUNT_G);
    if (n < 0) {
        fsize_signal(t);
        return n;
    }
    n = copy_all(t, in, a[1] ? &from : NULL, out, a[3] ? &to : NULL,
                 (uint64_t)n, (uint32_t)a[5]);
    if (n < 0)
        return host_result(n);
    at = a[1] ? from : lseek(in, 0, SEEK_CUR);
    rw_wrote(t, out, n, a[3] ? to - n : AT_POSITION,
             (uint64_t)at - (uint64_t)n);
    if ((a[1] && put_user64(t, a[1], (uint64_t)from)) ||
        (a[3] && put_user64(t, a[3], (uint64_t)to)))
        return -EFAULT;
    return n;
}
