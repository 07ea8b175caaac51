// SPDX-License-Identifier: GPL-2.0-or-later
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
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/locks.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

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

/* What the program asks for, of an open file. */
struct request {
    struct lock lock;
    struct flock_g raw;
    int guest, host;
    bool wait;
};

static int get_request(struct task *t, uint64_t va, enum lock_kind kind,
                       struct request *r)
{
    const struct open_file *file = call_file(t, r->guest);
    int err = call_import(t, &r->raw, va, sizeof(r->raw));

    if (err)
        return err;
    r->lock.kind = kind;
    r->lock.owner =
        kind == KIND_OFD ? (const void *)file : (const void *)t->files;
    r->lock.pid = t->process->pid;
    if (kind == KIND_OFD && r->raw.pid != 0)
        return -EINVAL;
    switch (be16toh(r->raw.type)) {
    case F_G_RDLCK: r->lock.type = RANGE_READ; break;
    case F_G_WRLCK: r->lock.type = RANGE_WRITE; break;
    case F_G_UNLCK: r->lock.type = RANGE_NONE; break;
    default: return -EINVAL;
    }
    return get_range(r->host, &r->raw, &r->lock);
}

static struct flock to_host(const struct lock *l)
{
    struct flock out = {.l_start = (off_t)l->start};

    out.l_type = l->type == RANGE_NONE   ? F_UNLCK
                 : l->type == RANGE_READ ? F_RDLCK
                                         : F_WRLCK;
    if (l->end != UINT64_MAX)
        out.l_len = (off_t)(l->end - l->start + 1);
    return out;
}

/* Has a process of the host a lock of an open file of its own? */
static bool host_conflict(const struct request *r, struct lock *by)
{
    struct flock lock = to_host(&r->lock);

    if (r->lock.kind != KIND_OFD || fcntl(r->host, F_OFD_GETLK, &lock) != 0 ||
        lock.l_type == F_UNLCK)
        return false;
    by->kind = KIND_OFD;
    by->type = lock.l_type == F_RDLCK ? RANGE_READ : RANGE_WRITE;
    by->start = (uint64_t)lock.l_start;
    by->end = lock.l_len ? by->start + (uint64_t)lock.l_len - 1 : UINT64_MAX;
    return true;
}

/* fcntl_getlk() */
static int64_t get_lock(struct task *t, struct request *r, uint64_t va)
{
    struct flock_g *raw = &r->raw;
    struct lock by;

    if (r->lock.type == RANGE_NONE)
        return -EINVAL;
    if (locks_conflict(t->m->locks, &r->lock, &by) || host_conflict(r, &by)) {
        raw->type = htobe16(by.type == RANGE_READ ? F_G_RDLCK : F_G_WRLCK);
        raw->whence = htobe16(SEEK_SET);
        raw->start = htobe64(by.start);
        raw->len = htobe64(by.end == UINT64_MAX ? 0 : by.end - by.start + 1);
        raw->pid = htobe32(by.kind == KIND_OFD ? UINT32_MAX : by.pid);
    } else {
        raw->type = htobe16(F_G_UNLCK);
    }
    return copy_to_user(t, va, raw, sizeof(*raw)) ? -EFAULT : 0;
}

/* Processes of the host shall see those of open files.  0, -EAGAIN, -errno */
static int tell_host(const struct request *r)
{
    struct flock lock = to_host(&r->lock);

    if (r->lock.kind != KIND_OFD)
        return 0;
    return fcntl(r->host, F_OFD_SETLK, &lock) == 0 ? 0 : -errno;
}

/* @outside: a process of the host has it */
static int64_t wait_for_lock(struct task *t, const struct request *r,
                             bool outside)
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G};
    int err;

    if (!r->wait)
        return -EAGAIN;
    if (!outside && locks_deadlock(t, &r->lock))
        return -EDEADLK;
    if (!t->wait.lock)
        t->wait.lock = malloc(sizeof(r->lock));
    if (!t->wait.lock)
        return -ENOLCK;
    *t->wait.lock = r->lock;
    err = call_hold(t, r->guest);
    if (err)
        return err;
    t->wait.look_again = outside;
    return sched_wait(t, WAIT_LOCK, FOREVER, results);
}

/* fcntl_setlk() */
static int64_t set_lock(struct task *t, const struct request *r)
{
    int flags = fcntl(r->host, F_GETFL), mode = flags & O_ACCMODE, err;
    struct lock by;

    if ((r->lock.type == RANGE_READ && mode == O_WRONLY) ||
        (r->lock.type == RANGE_WRITE && mode == O_RDONLY))
        return -EBADF;
    if (r->lock.type != RANGE_NONE &&
        locks_conflict(t->m->locks, &r->lock, &by))
        return wait_for_lock(t, r, false);
    err = tell_host(r);
    if (err == -EAGAIN)
        return wait_for_lock(t, r, true);
    return err ? err : locks_set(t->m, &r->lock);
}

int64_t locks_fcntl(struct task *t, int guest, int cmd, uint64_t va)
{
    struct request r = {.guest = guest, .host = call_host(t, guest)};
    bool ofd =
        cmd == F_G_OFD_GETLK || cmd == F_G_OFD_SETLK || cmd == F_G_OFD_SETLKW;
    int err;

    if (!call_fdget(t, guest))
        return -EBADF;
    r.wait = cmd == F_G_SETLKW || cmd == F_G_OFD_SETLKW;
    err = get_request(t, va, ofd ? KIND_OFD : KIND_POSIX, &r);
    if (err)
        return err;
    if (cmd == F_G_GETLK || cmd == F_G_OFD_GETLK)
        return get_lock(t, &r, va);
    return set_lock(t, &r);
}

/* LOCK_SH and so on; 0 or -EINVAL */
static int flock_type(int op, enum lock_type *type)
{
    switch (op & ~LOCK_NB) {
    case LOCK_SH: *type = RANGE_READ; return 0;
    case LOCK_EX: *type = RANGE_WRITE; return 0;
    case LOCK_UN: *type = RANGE_NONE; return 0;
    default: return -EINVAL;
    }
}

/* flock_lock_inode(): the old lock of the open file goes first, in any case */
static int64_t set_flock(struct task *t, const struct request *r, int op)
{
    struct lock none = r->lock, by;
    int err;

    none.type = RANGE_NONE;
    err = locks_set(t->m, &none);
    if (!err && r->lock.type != RANGE_NONE &&
        locks_conflict(t->m->locks, &r->lock, &by)) {
        (void)flock(r->host, LOCK_UN);
        return wait_for_lock(t, r, false);
    }
    if (!err && flock(r->host, op | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return wait_for_lock(t, r, true);
        err = -errno;
    }
    return err ? err : locks_set(t->m, &r->lock);
}

int64_t sys_flock(struct task *t, const uint64_t a[6])
{
    struct request r = {.guest = arg_int(a[0]),
                        .host = call_host(t, arg_int(a[0])),
                        .wait = !(arg_int(a[1]) & LOCK_NB)};
    struct stat st;
    int err = flock_type(arg_int(a[1]), &r.lock.type);

    if (err)
        return err;
    if (!call_fdget(t, r.guest) || fstat(r.host, &st) != 0)
        return -EBADF;
    r.lock.dev = st.st_dev;
    r.lock.ino = st.st_ino;
    r.lock.end = UINT64_MAX;
    r.lock.kind = KIND_FLOCK;
    r.lock.owner = call_file(t, r.guest);
    return set_flock(t, &r, arg_int(a[1]));
}
