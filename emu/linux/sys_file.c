#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/files.h"
#include "emu/linux/mapfile.h"
#include "emu/linux/path.h"
#include "emu/linux/sched.h"
#include "emu/linux/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define AT_POSITION (-1) /* an offset: where the file is, and move on */

/* What is left of the user's buffers. */
struct user_iter {
    struct iovec_g *seg; /* borrowed; host order, changes on the way */
    uint64_t left;       /* bytes of all of them */
};

/* An open file of the guest, for a transfer. */
struct user_file {
    int fd; /* of the host */
    bool inside, nonblock;
};

static int get_file(const struct task *t, uint64_t guest, struct user_file *out)
{
    *out = (struct user_file){.fd = files_host(t->files, arg_int(guest)),
                              .inside = files_inside(t->files, arg_int(guest)),
                              .nonblock =
                                  files_nonblock(t->files, arg_int(guest))};
    return out->fd < 0 ? out->fd : 0;
}

/*
 * Must the call wait for @events?  Files inside never stop the host; others
 * may, if nobody else could run in the meantime.
 */
static bool must_wait(struct task *t, const struct user_file *file,
                      short events)
{
    struct pollfd p = {.fd = file->fd, .events = events};

    if (file->inside)
        return !file->nonblock && errno == EAGAIN;
    return !sched_alone(t->m) && poll(&p, 1, 0) == 0 &&
           !(fcntl(file->fd, F_GETFL) & O_NONBLOCK);
}

static int64_t wait_for(struct task *t, const struct user_file *file,
                        short events)
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G};
    struct pollfd p = {.fd = file->fd, .events = events};

    return sched_wait_fds(t, &p, 1, !file->inside, FOREVER, results);
}

/*
 * Move up to @want bytes, at most it->left, between the user's buffers and
 * the bounce buffer.  Returns how many before the first that faults.
 */
static size_t iter_copy(struct task *t, struct user_iter *it, size_t want,
                        bool to_user)
{
    uint8_t *host = t->m->bounce;
    size_t done = 0, fault = 0;

    while (done < want && !fault) {
        size_t n = want - done;

        if (it->seg->len == 0) {
            it->seg++;
            continue;
        }
        if (n > it->seg->len)
            n = it->seg->len;
        fault = to_user ? copy_to_user(t, it->seg->base, host + done, n)
                        : copy_from_user(t, host + done, it->seg->base, n);
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

/* import_iovec(): 0, -EINVAL or -EFAULT.  A sum that is too large is cut. */
static int iter_import(struct task *t, struct user_iter *it,
                       struct iovec_g seg[static UIO_MAXIOV_G], uint64_t va,
                       uint64_t nr)
{
    if (nr > UIO_MAXIOV_G)
        return -EINVAL;
    if (copy_from_user(t, seg, va, nr * sizeof(*seg)))
        return -EFAULT;
    *it = (struct user_iter){seg, 0};
    for (uint64_t i = 0; i < nr; i++) {
        uint64_t len = be64toh(seg[i].len);

        if ((int64_t)len < 0)
            return -EINVAL;
        if (len > MAX_RW_COUNT_G - it->left)
            len = MAX_RW_COUNT_G - it->left;
        seg[i] = (struct iovec_g){be64toh(seg[i].base), len};
        it->left += len;
    }
    return 0;
}

static int64_t read_host(struct task *t, const struct user_file *file,
                         size_t len, int64_t offset)
{
    uint8_t *buf = t->m->bounce;
    ssize_t n;

    if (!file->inside && must_wait(t, file, POLLIN))
        return wait_for(t, file, POLLIN);
    file_maps_sync(t->m->file_maps, file->fd);
    do {
        n = offset == AT_POSITION ? read(file->fd, buf, len)
                                  : pread(file->fd, buf, len, offset);
    } while (n < 0 && host_retry(t));
    if (n < 0 && file->inside && must_wait(t, file, POLLIN))
        return wait_for(t, file, POLLIN);
    return host_result(n);
}

/* A pipe may be empty by now, and one read takes only what is there. */
static bool has_more(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1 && p.revents & POLLIN;
}

static int64_t read_all(struct task *t, const struct user_file *file,
                        struct user_iter *it, int64_t offset)
{
    int64_t done = 0;

    do {
        size_t want = iter_chunk(it), got;
        int64_t n =
            read_host(t, file, want, offset < 0 ? offset : offset + done);

        if (n < 0)
            return done ? done : n;
        got = iter_copy(t, it, (size_t)n, true);
        done += (int64_t)got;
        if (got < (size_t)n) {
            /* What was not delivered is read again by the next call. */
            if (offset == AT_POSITION)
                (void)lseek(file->fd, (off_t)got - n, SEEK_CUR);
            return done ? done : -EFAULT;
        }
        if ((size_t)n < want)
            break;
    } while (it->left > 0 && has_more(file->fd));
    return done;
}

static void send_sigpipe(struct task *t)
{
    signal_send(t, &(struct siginfo){.signo = SIG_PIPE,
                                     .code = SI_G_USER,
                                     .pid = t->pid,
                                     .uid = getuid()});
}

/* Pages mapped from the file follow the @n bytes that were written. */
static void wrote(struct task *t, int fd, int64_t n, int64_t offset)
{
    struct stat st;
    int64_t end;

    if (offset == AT_POSITION)
        end = lseek(fd, 0, SEEK_CUR);
    else if (!(fcntl(fd, F_GETFL) & O_APPEND))
        end = offset + n;
    else /* Linux appends, whatever the offset is */
        end = fstat(fd, &st) == 0 ? st.st_size : -1;
    if (n > 0 && end >= n)
        file_maps_written(t->m->file_maps, fd, (uint64_t)(end - n),
                          (uint64_t)end);
}

static int64_t write_host(struct task *t, const struct user_file *file,
                          size_t len, int64_t offset)
{
    const uint8_t *buf = t->m->bounce;
    ssize_t n;

    if (!file->inside && must_wait(t, file, POLLOUT))
        return wait_for(t, file, POLLOUT);
    file_maps_sync(t->m->file_maps, file->fd);
    do {
        n = offset == AT_POSITION ? write(file->fd, buf, len)
                                  : pwrite(file->fd, buf, len, offset);
    } while (n < 0 && host_retry(t));
    if (n < 0 && errno == EPIPE)
        send_sigpipe(t);
    if (n < 0 && file->inside && must_wait(t, file, POLLOUT))
        return wait_for(t, file, POLLOUT);
    return host_result(n);
}

/* What an earlier try of this call has moved already. */
static void iter_skip(struct user_iter *it, uint64_t bytes)
{
    while (bytes > 0) {
        uint64_t n = it->seg->len < bytes ? it->seg->len : bytes;

        it->seg->base += n;
        it->seg->len -= n;
        it->left -= n;
        bytes -= n;
        if (it->seg->len == 0 && bytes > 0)
            it->seg++;
    }
}

static int64_t write_all(struct task *t, const struct user_file *file,
                         struct user_iter *it, int64_t offset)
{
    int64_t done = (int64_t)t->wait.done;

    iter_skip(it, t->wait.done);
    do {
        size_t want = iter_chunk(it);
        size_t got = iter_copy(t, it, want, false);
        int64_t at = offset < 0 ? offset : offset + done;
        /* Also without a byte: a bad descriptor comes before a bad buffer. */
        int64_t n = write_host(t, file, got, at);

        if (n == TASK_WAITS) {
            t->wait.done = (uint64_t)done;
            return n;
        }
        if (n < 0)
            return done ? done : n;
        wrote(t, file->fd, n, at);
        done += n;
        if (got < want && done == 0)
            return -EFAULT;
        if ((size_t)n < got) {
            /* A pipe is full: the rest when there is room. */
            if (!file->inside || file->nonblock)
                break;
            t->wait.done = (uint64_t)done;
            n = wait_for(t, file, POLLOUT);
            return n == TASK_WAITS ? n : done;
        }
        if ((size_t)n < want)
            break;
    } while (it->left > 0);
    return done;
}

typedef int64_t (*transfer)(struct task *t, const struct user_file *file,
                            struct user_iter *it, int64_t offset);

/* Of a file below /proc or /sys: its text is made now. */
static int before(struct task *t, const uint64_t a[6], int fd, int64_t offset,
                  uint64_t len)
{
    return procfs_before_read(t, files_proc(t->files, arg_int(a[0])), fd,
                              offset, len);
}

static int64_t one_buffer(struct task *t, const uint64_t a[6], int64_t offset,
                          transfer move)
{
    uint64_t len = a[2] < MAX_RW_COUNT_G ? a[2] : MAX_RW_COUNT_G;
    struct iovec_g seg = {a[1], len};
    struct user_iter it = {&seg, len};
    struct user_file file;
    int err = get_file(t, a[0], &file);

    if (!err && (int64_t)a[2] < 0)
        err = -EINVAL;
    if (!err)
        err = before(t, a, file.fd, offset, len);
    return err ? err : move(t, &file, &it, offset);
}

static int64_t many_buffers(struct task *t, const uint64_t a[6], int64_t offset,
                            transfer move)
{
    struct iovec_g seg[UIO_MAXIOV_G];
    struct user_iter it = {0};
    struct user_file file;
    int err = get_file(t, a[0], &file);

    if (!err)
        err = iter_import(t, &it, seg, a[1], a[2]);
    if (!err)
        err = before(t, a, file.fd, offset, it.left);
    return err ? err : move(t, &file, &it, offset);
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
    return many_buffers(t, a, AT_POSITION, read_all);
}

int64_t sys_writev(struct task *t, const uint64_t a[6])
{
    return many_buffers(t, a, AT_POSITION, write_all);
}

/* A 64-bit kernel takes the offset from the first half alone. */
int64_t sys_preadv(struct task *t, const uint64_t a[6])
{
    int64_t offset = (int64_t)a[3];

    return offset < 0 ? -EINVAL : many_buffers(t, a, offset, read_all);
}

int64_t sys_pwritev(struct task *t, const uint64_t a[6])
{
    int64_t offset = (int64_t)a[3];

    return offset < 0 ? -EINVAL : many_buffers(t, a, offset, write_all);
}

int64_t sys_lseek(struct task *t, const uint64_t a[6])
{
    int fd = files_host(t->files, arg_int(a[0]));

    if (fd < 0)
        return fd;
    return host_result(lseek(fd, (off_t)a[1], arg_int(a[2])));
}

/* The offset comes in halves, the result goes through memory. */
int64_t sys__llseek(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], a[1] << 32 | (uint32_t)a[2], a[4]};
    int64_t at = sys_lseek(t, b);

    return at < 0 ? at : put_user64(t, a[3], (uint64_t)at);
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
    int fd = files_host(t->files, arg_int(a[0]));
    struct stat st;

    if ((int64_t)a[1] < 0)
        return -EINVAL;
    if (fd < 0)
        return fd;
    file_maps_sync(t->m->file_maps, fd);
    if (fstat(fd, &st) != 0 || ftruncate(fd, (off_t)a[1]) != 0)
        return host_result(-1);
    file_maps_resized(t->m->file_maps, fd, (uint64_t)st.st_size, a[1]);
    return 0;
}

int64_t sys_truncate(struct task *t, const uint64_t a[6])
{
    struct user_path path;
    char by_fd[32];
    struct stat st;
    int64_t value;
    int err, fd;

    if ((int64_t)a[1] < 0)
        return -EINVAL;
    err = path_get(t, AT_G_FDCWD, a[0], PATH_NOT_EMPTY, &path);
    if (err)
        return err;
    /* There is no truncateat(). */
    fd = openat(path.dir, path.name, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return host_result(fd);
    path_of_fd(fd, by_fd);
    file_maps_sync(t->m->file_maps, fd);
    value = fstat(fd, &st);
    if (value == 0)
        value = truncate(by_fd, (off_t)a[1]);
    value = host_result(value);
    if (value == 0)
        file_maps_resized(t->m->file_maps, fd, (uint64_t)st.st_size, a[1]);
    close(fd);
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
    file_maps_sync(t->m->file_maps, fd);
    if (fstat(fd, &st) != 0)
        return host_result(-1);
    do {
        value = fallocate(fd, arg_int(a[1]), (off_t)a[2], (off_t)a[3]);
    } while (value < 0 && host_retry(t));
    if (value == 0)
        fallocated(t, fd, arg_int(a[1]), a[2], a[3], (uint64_t)st.st_size);
    return host_result(value);
}

int64_t sys_sendfile64(struct task *t, const uint64_t a[6])
{
    int out = files_host(t->files, arg_int(a[0]));
    int in = files_host(t->files, arg_int(a[1]));
    size_t count = a[3] > MAX_RW_COUNT_G ? MAX_RW_COUNT_G : a[3];
    uint64_t start;
    off_t offset;
    ssize_t n;

    if (a[2] && get_user64(t, a[2], &start))
        return -EFAULT;
    if (in < 0 || out < 0)
        return -EBADF;
    if ((int64_t)a[3] < 0)
        return -EINVAL;
    offset = a[2] ? (off_t)start : 0;
    file_maps_sync(t->m->file_maps, in);
    file_maps_sync(t->m->file_maps, out);
    do {
        n = sendfile(out, in, a[2] ? &offset : NULL, count);
    } while (n < 0 && host_retry(t));
    if (n < 0) {
        if (errno == EPIPE)
            send_sigpipe(t);
        return host_result(n);
    }
    wrote(t, out, n, AT_POSITION);
    if (a[2] && put_user64(t, a[2], (uint64_t)offset))
        return -EFAULT;
    return n;
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

int64_t sys_copy_file_range(struct task *t, const uint64_t a[6])
{
    int in = files_host(t->files, arg_int(a[0]));
    int out = files_host(t->files, arg_int(a[2]));
    int64_t from, to;
    int err = 0;
    ssize_t n;

    if (in < 0 || out < 0)
        return -EBADF;
    err = get_range_start(t, a[1], &from);
    if (!err)
        err = get_range_start(t, a[3], &to);
    if (err)
        return err;
    file_maps_sync(t->m->file_maps, in);
    file_maps_sync(t->m->file_maps, out);
    n = copy_file_range(in, a[1] ? &from : NULL, out, a[3] ? &to : NULL,
                        a[4] < MAX_RW_COUNT_G ? a[4] : MAX_RW_COUNT_G,
                        (uint32_t)a[5]);
    if (n < 0)
        return host_result(n);
    wrote(t, out, n, a[3] ? to - n : AT_POSITION);
    if ((a[1] && put_user64(t, a[1], (uint64_t)from)) ||
        (a[3] && put_user64(t, a[3], (uint64_t)to)))
        return -EFAULT;
    return n;
}
