#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/call.h"
#include "emu/linux/files.h"
#include "emu/linux/locks.h"
#include "emu/linux/path.h"
#include "emu/linux/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

/* One more than the host's.  What neither knows is for the host to refuse. */
static_assert(F_G_RDLCK == F_RDLCK + 1 && F_G_WRLCK == F_WRLCK + 1 &&
                  F_G_UNLCK == F_UNLCK + 1,
              "lock types");

/* Locks of the open file: those of two of them conflict on the host too. */
static int64_t ofd_lock(struct task *t, int fd, int cmd, uint64_t va)
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G};
    bool wait = cmd == F_OFD_SETLKW && !sched_alone(t->m);
    struct flock_g raw;
    struct flock lock;
    int value, err = call_import(t, &raw, va, sizeof(raw));

    if (err)
        return err;
    lock = (struct flock){.l_type = (short)((int16_t)be16toh(raw.type) - 1),
                          .l_whence = (short)be16toh(raw.whence),
                          .l_start = (off_t)be64toh(raw.start),
                          .l_len = (off_t)be64toh(raw.len),
                          .l_pid = (pid_t)be32toh(raw.pid)};
    do {
        value = fcntl(fd, wait ? F_OFD_SETLK : cmd, &lock);
    } while (value < 0 && host_retry(t));
    if (value < 0 && errno == EAGAIN && wait)
        return sched_wait(t, WAIT_LOCK, FOREVER, results);
    if (value == 0 && cmd != F_OFD_GETLK)
        sched_wake_all(t->m, WAIT_LOCK);
    if (value < 0 || cmd != F_OFD_GETLK)
        return host_result(value);
    raw.type = htobe16((uint16_t)(lock.l_type + 1));
    raw.whence = htobe16((uint16_t)lock.l_whence);
    raw.start = htobe64((uint64_t)lock.l_start);
    raw.len = htobe64((uint64_t)lock.l_len);
    raw.pid = htobe32((uint32_t)lock.l_pid);
    return copy_to_user(t, va, &raw, sizeof(raw)) ? -EFAULT : 0;
}

/* flock_to_posix_lock(): 0, -EINVAL, -EOVERFLOW, -errno */
static int get_range(int fd, const struct flock_g *raw, struct lock *out)
{
    int64_t start = (int64_t)be64toh(raw->start);
    int64_t len = (int64_t)be64toh(raw->len), from = 0;
    struct stat st;

    if (fstat(fd, &st) != 0)
        return -errno;
    switch (be16toh(raw->whence)) {
    case SEEK_SET: break;
    case SEEK_CUR: from = lseek(fd, 0, SEEK_CUR); break;
    case SEEK_END: from = st.st_size; break;
    default: return -EINVAL;
    }
    if (from < 0)
        from = 0;
    if (start > INT64_MAX - from)
        return -EOVERFLOW;
    start += from;
    if (start < 0 || (len < 0 && start + len < 0))
        return -EINVAL;
    if (len > 0 && start > INT64_MAX - (len - 1))
        return -EOVERFLOW;
    out->dev = st.st_dev;
    out->ino = st.st_ino;
    out->start = (uint64_t)(len < 0 ? start + len : start);
    out->end = len == 0  ? UINT64_MAX
               : len > 0 ? (uint64_t)(start + len - 1)
                         : (uint64_t)(start - 1);
    return 0;
}

static int get_posix_lock(struct task *t, int fd, uint64_t va,
                          struct flock_g *raw, struct lock *out)
{
    int err = call_import(t, raw, va, sizeof(*raw));

    if (err)
        return err;
    out->pid = t->pid;
    switch (be16toh(raw->type)) {
    case F_G_RDLCK: out->type = RANGE_READ; break;
    case F_G_WRLCK: out->type = RANGE_WRITE; break;
    case F_G_UNLCK: out->type = RANGE_NONE; break;
    default: return -EINVAL;
    }
    return get_range(fd, raw, out);
}

static int64_t posix_getlk(struct task *t, int fd, uint64_t va)
{
    struct lock want, by;
    struct flock_g raw;
    int err = get_posix_lock(t, fd, va, &raw, &want);

    if (err)
        return err;
    if (want.type == RANGE_NONE)
        return -EINVAL;
    if (locks_conflict(t->m->locks, &want, &by)) {
        raw.type = htobe16(by.type == RANGE_READ ? F_G_RDLCK : F_G_WRLCK);
        raw.whence = htobe16(SEEK_SET);
        raw.start = htobe64(by.start);
        raw.len = htobe64(by.end == UINT64_MAX ? 0 : by.end - by.start + 1);
        raw.pid = htobe32(by.pid);
    } else {
        raw.type = htobe16(F_G_UNLCK);
    }
    return copy_to_user(t, va, &raw, sizeof(raw)) ? -EFAULT : 0;
}

static int64_t posix_setlk(struct task *t, int fd, uint64_t va, bool wait)
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G};
    struct lock want, by;
    struct flock_g raw;
    int err = get_posix_lock(t, fd, va, &raw, &want), mode;

    if (err)
        return err;
    mode = fcntl(fd, F_GETFL) & O_ACCMODE;
    if ((want.type == RANGE_READ && mode == O_WRONLY) ||
        (want.type == RANGE_WRITE && mode == O_RDONLY))
        return -EBADF;
    if (want.type == RANGE_NONE || !locks_conflict(t->m->locks, &want, &by))
        return locks_set(t->m, &want);
    if (!wait)
        return -EAGAIN;
    if (locks_deadlock(t, &want))
        return -EDEADLK;
    if (!t->wait.lock)
        t->wait.lock = malloc(sizeof(want));
    if (!t->wait.lock)
        return -ENOLCK;
    *t->wait.lock = want;
    return sched_wait(t, WAIT_LOCK, FOREVER, results);
}

int64_t locks_fcntl(struct task *t, int fd, int cmd, uint64_t va)
{
    switch (cmd) {
    case F_G_GETLK: return posix_getlk(t, fd, va);
    case F_G_SETLK: return posix_setlk(t, fd, va, false);
    case F_G_SETLKW: return posix_setlk(t, fd, va, true);
    case F_G_OFD_GETLK: return ofd_lock(t, fd, F_OFD_GETLK, va);
    case F_G_OFD_SETLK: return ofd_lock(t, fd, F_OFD_SETLK, va);
    default: return ofd_lock(t, fd, F_OFD_SETLKW, va);
    }
}

/* The host knows who opened the file: processes of one open file share it. */
int64_t sys_flock(struct task *t, const uint64_t a[6])
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G};
    int fd = call_host(t, arg_int(a[0])), value;
    bool wait = !sched_alone(t->m) && !(arg_int(a[1]) & LOCK_NB);

    if (fd < 0)
        return fd;
    do {
        value = flock(fd, arg_int(a[1]) | (wait ? LOCK_NB : 0));
    } while (value < 0 && host_retry(t));
    if (value < 0 && errno == EWOULDBLOCK && wait) {
        value = call_hold(t, arg_int(a[0]));
        return value ? value : sched_wait(t, WAIT_LOCK, FOREVER, results);
    }
    if (value == 0)
        sched_wake_all(t->m, WAIT_LOCK);
    return host_result(value);
}
