// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/call.h"
#include "emu/linux/signal/fasync.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/fowner.h"
#include "emu/linux/fs/locks.h"
#include "emu/linux/fs/pipe.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

#define CLOSE_RANGE_G_UNSHARE 2u
#define CLOSE_RANGE_G_CLOEXEC 4u
#define MFD_G_CLOEXEC         1u
#define MFD_G_ALLOW_SEALING   2u
#define MFD_G_HUGETLB         4u
#define MFD_G_HUGE_SIZE       (0x3fu << 26) /* with that flag alone */
#define MFD_NAME_BYTES        250           /* with the 0 */

int64_t sys_close(struct task *t, const uint64_t a[6])
{
    return files_close(t->files, arg_int(a[0]));
}

/* What was just made cannot be handed out after all. */
static void drop(struct task *t, int fd)
{
    int err = files_close(t->files, fd);

    INVARIANT(err == 0);
}

int64_t sys_close_range(struct task *t, const uint64_t a[6])
{
    uint32_t first = (uint32_t)a[0], last = (uint32_t)a[1];
    uint32_t flags = (uint32_t)a[2];

    if (flags & ~(CLOSE_RANGE_G_UNSHARE | CLOSE_RANGE_G_CLOEXEC) ||
        first > last)
        return -EINVAL;
    if (flags & CLOSE_RANGE_G_UNSHARE) {
        int err = files_unshare(&t->files);

        if (err)
            return err;
    }
    for (uint32_t fd = first; fd <= last && fd < FILES_MAX; fd++) {
        if (flags & CLOSE_RANGE_G_CLOEXEC)
            files_set_cloexec(t->files, (int)fd, true);
        else if (files_host(t->files, (int)fd) >= 0)
            drop(t, (int)fd);
    }
    return 0;
}

int64_t sys_dup(struct task *t, const uint64_t a[6])
{
    return files_dup(t, arg_int(a[0]), 0, false);
}

int64_t sys_dup2(struct task *t, const uint64_t a[6])
{
    int from = arg_int(a[0]), to = arg_int(a[1]);

    if (from == to) /* close-on-exec stays as it is */
        return files_host(t->files, from) < 0 ? -EBADF : to;
    return files_dup_to(t, from, to, false);
}

int64_t sys_dup3(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[2];

    if (flags & ~O_G_CLOEXEC || arg_int(a[0]) == arg_int(a[1]))
        return -EINVAL;
    return files_dup_to(t, arg_int(a[0]), arg_int(a[1]), flags & O_G_CLOEXEC);
}

static int make_pipe(struct task *t, unsigned flags, int out[2])
{
    bool cloexec = flags & O_G_CLOEXEC;
    int host[2];

    if (flags & ~(O_G_CLOEXEC | O_G_NONBLOCK | O_G_DIRECT))
        return -EINVAL;
    if (pipe2(host, open_flags_to_host(flags) | O_CLOEXEC | O_NONBLOCK) != 0)
        return -errno;
    /* Its pages are larger; a host that refuses has its reasons. */
    (void)fcntl(host[0], F_SETPIPE_SZ, PIPE_DEF_BUFFERS * (int)PAGE_SIZE);
    out[0] = files_install(t, host[0], cloexec);
    if (out[0] < 0) {
        close(host[1]);
        return out[0];
    }
    out[1] = files_install(t, host[1], cloexec);
    if (out[1] < 0) {
        drop(t, out[0]);
        return out[1];
    }
    for (unsigned i = 0; i < 2; i++)
        files_set_polled(t->files, out[i], flags & O_G_NONBLOCK, false);
    return 0;
}

int64_t sys_pipe(struct task *t, const uint64_t a[6])
{
    int fd[2] = {-1, -1}, err = make_pipe(t, 0, fd);

    (void)a;
    if (err)
        return err;
    cpu_set_reg(task_engine(t), REG_O(1), (uint64_t)fd[1]);
    return fd[0];
}

int64_t sys_pipe2(struct task *t, const uint64_t a[6])
{
    int fd[2] = {-1, -1}, err = make_pipe(t, (unsigned)a[1], fd);

    if (err)
        return err;
    if (user_room(t, a[0], 8) == 8 &&
        put_user32(t, a[0], (uint32_t)fd[0]) == 0 &&
        put_user32(t, a[0] + 4, (uint32_t)fd[1]) == 0)
        return 0;
    drop(t, fd[0]);
    drop(t, fd[1]);
    return -EFAULT;
}

static int64_t fcntl_dup(struct task *t, int guest, uint64_t from, bool cloexec)
{
    if ((uint32_t)from >= (uint32_t)files_limit(t))
        return -EINVAL;
    return files_dup(t, guest, (int)from, cloexec);
}

/* The host's flag of a file that is polled is not the program's. */
static int64_t fcntl_setfl(struct task *t, int fd_guest, int fd, unsigned guest)
{
    struct open_file *file = files_open_file(t->files, fd_guest);
    int err = fasync_set(t->m, file, fd_guest, guest & O_G_ASYNC), host;

    if (err && err != -ENOTTY)
        return err;
    if (guest & O_G_NDELAY) /* setfl(): for SunOS */
        guest |= O_G_NONBLOCK;
    guest &= O_G_APPEND | O_G_NONBLOCK | O_G_DIRECT | O_G_NOATIME;
    files_set_nonblock(t->files, fd_guest, guest & O_G_NONBLOCK);
    if (files_polled(t->files, fd_guest))
        guest |= O_G_NONBLOCK;
    host = open_flags_to_host(guest);
    if (fasync_is_set(t->m, file))
        host |= O_ASYNC;
    return host_result(fcntl(fd, F_SETFL, host));
}

/* check_fcntl_cmd() */
static bool takes_o_path(int cmd)
{
    return cmd == F_G_DUPFD || cmd == F_G_DUPFD_CLOEXEC || cmd == F_G_GETFD ||
           cmd == F_G_SETFD || cmd == F_G_GETFL;
}

int64_t sys_fcntl(struct task *t, const uint64_t a[6])
{
    int guest = arg_int(a[0]), fd = call_host(t, guest);

    if (fd < 0)
        return fd;
    if (!takes_o_path(arg_int(a[1])) && !call_fdget(t, guest))
        return -EBADF;
    switch (arg_int(a[1])) {
    case F_G_DUPFD: return fcntl_dup(t, guest, a[2], false);
    case F_G_DUPFD_CLOEXEC: return fcntl_dup(t, guest, a[2], true);
    case F_G_GETFD: return files_cloexec(t->files, guest) ? FD_G_CLOEXEC : 0;
    case F_G_SETFD:
        files_set_cloexec(t->files, guest, a[2] & FD_G_CLOEXEC);
        return 0;
    case F_G_GETFL: return fdinfo_flags(t, guest);
    case F_G_SETFL: return fcntl_setfl(t, guest, fd, (unsigned)a[2]);
    case F_G_GETLK:
    case F_G_SETLK:
    case F_G_SETLKW:
    case F_G_OFD_GETLK:
    case F_G_OFD_SETLK:
    case F_G_OFD_SETLKW: return locks_fcntl(t, guest, arg_int(a[1]), a[2]);
    case F_G_SETPIPE_SZ: return pipe_set_size(t, fd, a[2]);
    case F_G_GETPIPE_SZ: return host_result(fcntl(fd, F_GETPIPE_SZ));
    case F_G_ADD_SEALS:
        return file_maps_add_seals(t->m->file_maps, fd, (unsigned)a[2]);
    case F_G_GET_SEALS: return file_maps_seals(t->m->file_maps, fd);
    default: return fowner_fcntl(t, guest, arg_int(a[1]), a[2]);
    }
}

/* Does anybody have the file open? */
static bool file_is_open(void *ctx, uint64_t dev, uint64_t ino)
{
    const struct machine *m = ctx;

    for (const struct task *t = m->tasks; t; t = t->next)
        if (t->files && files_have(t->files, dev, ino))
            return true;
    return false;
}

int64_t sys_memfd_create(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[1];
    char name[MFD_NAME_BYTES];
    int64_t len;
    int fd;

    if (flags & ~(MFD_G_CLOEXEC | MFD_G_ALLOW_SEALING | MFD_G_HUGETLB |
                  (flags & MFD_G_HUGETLB ? MFD_G_HUGE_SIZE : 0)))
        return -EINVAL;
    len = strncpy_from_user(t, name, a[0], sizeof(name));
    if (len < 0)
        return len == -ENAMETOOLONG ? -EINVAL : len;
    if (flags & MFD_G_HUGETLB) {
        warn_once(t, LOG_SYSCALL, "unsupported: memfd_create with MFD_HUGETLB");
        return -ENODEV; /* as without huge pages */
    }
    file_maps_reap(t->m->file_maps, file_is_open, t->m);
    fd = memfd_create(
        name,
        MFD_CLOEXEC | (flags & MFD_G_ALLOW_SEALING ? MFD_ALLOW_SEALING : 0));
    if (fd < 0)
        return host_result(fd);
    return files_install(t, fd, flags & MFD_G_CLOEXEC);
}
