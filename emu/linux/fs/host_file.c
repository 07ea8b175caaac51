// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fs/host_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
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
#include "mm/mapping.h"
#include "mm/mmap.h"

static int64_t read_some(struct task *t, const struct user_file *file,
                         size_t len, int64_t offset)
{
    uint8_t *buf = t->m->bounce;
    int err;
    ssize_t n;

    err = tty_check_change(t, file->fd, SIG_TTIN);
    if (err)
        return err;
    if (!file->polled && rw_must_wait(t, file, POLLIN))
        return rw_wait(t, file, POLLIN);
    if (!file->polled)
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

/*
 * pipe_read(): a page of a pipe that was copied in part is not used up, and
 * the host's pipe takes nothing back.  So only as many as can be delivered;
 * each page of the host is taken for one of the guest.  Mostly there is a place
 * for all, and the host is not asked how many there are.
 */
static int64_t limit_to_room(struct task *t, const struct user_file *file,
                             const struct user_iter *it, size_t *want)
{
    size_t there, room;
    int n;

    if (!file->polled || iter_at_hand(t, it, *want) ||
        ioctl(file->fd, FIONREAD, &n) != 0 || n <= 0)
        return 0;
    there = (size_t)n < *want ? (size_t)n : *want;
    room = iter_room(t, it, there);
    if (room == there || (fcntl(file->fd, F_GETFL) & O_ACCMODE) == O_WRONLY)
        return 0;
    *want = (size_t)page_align_down(room);
    return *want ? 0 : -EFAULT;
}

int64_t host_read(struct task *t, const struct user_file *file,
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
            n = read_some(t, file, want, at);
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

/* Neither a swap file nor what a program forbids to be written. */
static int may_write(struct task *t, int fd)
{
    int err = path_check_swap(t, fd);

    return err ? err : file_maps_check_write(t->m->file_maps, fd);
}

static int64_t write_some(struct task *t, const struct user_file *file,
                          size_t len, int64_t offset)
{
    uint8_t *buf = t->m->bounce;
    ssize_t n;
    int err;

    err = tty_check_write(t, file->fd);
    if (!err && !file->polled)
        err = may_write(t, file->fd);
    if (err)
        return err;

    if (!file->polled && rw_must_wait(t, file, POLLOUT))
        return rw_wait(t, file, POLLOUT);
    if (!file->polled)
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

static int64_t host_write(struct task *t, const struct user_file *file,
                          struct user_iter *it, int64_t offset)
{
    /* What can be waited for, a pipe, cannot be mapped. */
    bool mapped = !file->polled && file_maps_has(t->m->file_maps, file->fd);
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
        /* pipe_write(): a page that was copied in part goes nowhere. */
        if (got < want && file->polled)
            got = (size_t)page_align_down(got);
        /* Also without a byte: a bad descriptor comes before a bad buffer. */
        n = write_some(t, file, got, at);
        if (n == TASK_WAITS) {
            t->wait.done = (uint64_t)done;
            return n;
        }
        if (n < 0)
            return done ? done : n;
        if (mapped)
            rw_wrote(t, file->fd, n, file->flags & RWF_G_APPEND ? AT_END : at,
                     src);
        done += n;
        if (got < want && done == 0)
            return -EFAULT;
        if ((size_t)n < got) {
            /* A pipe is full: the rest when there is room. */
            if (!file->polled || file->nonblock)
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

/* splice_direct_to_actor(): bytes that only mapped pages have go first. */
static int host_splice_read(struct task *t, const struct user_file *file,
                            int64_t offset, uint64_t len)
{
    (void)offset, (void)len;
    file_maps_sync(t->m->file_maps, file->fd);
    return 0;
}

static int host_splice_write(struct task *t, const struct user_file *file)
{
    int err = may_write(t, file->fd);

    if (!err)
        file_maps_sync(t->m->file_maps, file->fd);
    return err;
}

int64_t host_seek(const struct open_file *file, int64_t offset, int whence)
{
    return host_result(lseek(open_file_host(file), (off_t)offset, whence));
}

/* -------------------------------------------------------------------- mmap */

/* /dev/zero is anonymous memory by another name. */
static bool is_dev_zero(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
           st.st_rdev == makedev(1, 5);
}

/* Seals of a file in memory, mapped shared by one who may write to it. */
static int check_seals(const struct task *t, int fd, struct mmap_args *args)
{
    int seals = file_maps_seals(t->m->file_maps, fd);

    if (seals < 0)
        return 0;
    args->sealed = seals & F_SEAL_FUTURE_WRITE;
    /* mapping_map_writable(), before v6.7: even to be read only. */
    return seals & F_SEAL_WRITE || (args->sealed && args->prot & PROT_G_WRITE)
               ? -EPERM
               : 0;
}

static int host_mmap(struct task *t, const struct open_file *file,
                     struct mmap_args *args)
{
    bool shared = (args->flags & MAP_G_TYPE) != MAP_G_PRIVATE;
    int fd = open_file_host(file), err = 0;

    if (is_dev_zero(fd)) {
        if (!shared)
            return 0;
        args->mapping =
            mapping_create_shmem(t->m->mem, page_align_up(args->len));
        return args->mapping ? 0 : -ENOMEM;
    }
    if (shared && args->may_write)
        err = check_seals(t, fd, args);
    if (!err)
        args->mapping =
            file_maps_get(t->m->file_maps, fd, shared && args->may_write, &err);
    return err;
}

/* -------------------------------------------------------------- directories */

static int64_t host_getdents(struct task *t, const struct open_file *file,
                             uint8_t *buf, size_t size)
{
    (void)t;
    return host_result(
        syscall(SYS_getdents64, open_file_host(file), buf, size));
}

const struct file_ops *host_file_ops(void)
{
    static const struct file_ops ops = {
        .read = host_read,
        .write = host_write,
        .splice_read = host_splice_read,
        .splice_write = host_splice_write,
        .ioctl = host_ioctl,
        .seek = host_seek,
        .mmap = host_mmap,
        .getdents = host_getdents,
    };

    return &ops;
}
