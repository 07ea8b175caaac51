// SPDX-License-Identifier: GPL-2.0-or-later
/* What is kept with a file: who may do what with it, and its times. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/mm/adi_dev.h"
#include "emu/linux/path/path.h"
#include "emu/linux/path/place.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

/* The first argument of an *at() call that takes the current directory. */
#define CWD ((uint64_t)AT_G_FDCWD)

/* @flags: of the call */
static int get_at(struct task *t, uint64_t dir, uint64_t va, int flags,
                  struct user_path *out)
{
    return path_get(t, arg_int(dir), va, path_lookup_flags(flags), out);
}

/* Nothing there can be written or run, but a device can. */
static int access_procfs(const struct task *t, const struct procfs_node *node,
                         int mode)
{
    if (node->link)
        return 0;
    if (procfs_is_device(node))
        return adi_dev_may(&t->m->host_cred, mode) ? 0 : -EACCES;
    if (mode & W_OK || (mode & X_OK && !procfs_is_dir(node)))
        return -EACCES;
    return 0;
}

static int64_t access_host(const struct task *t, int fd, int mode)
{
    int64_t value;
    char by_fd[32];

    path_of_fd(fd, by_fd);
    value = host_result(faccessat(AT_FDCWD, by_fd, mode, AT_EACCESS));
    return value == 0 && mode & W_OK ? path_check_write(t, fd) : value;
}

int64_t sys_faccessat2(struct task *t, const uint64_t a[6])
{
    const int known = AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;
    int flags = arg_int(a[3]), mode = arg_int(a[2]), err;
    struct user_path p;
    int64_t value;

    if (mode & ~(R_OK | W_OK | X_OK) || flags & ~known)
        return -EINVAL;
    if (!(flags & AT_EACCESS))
        cred_host_as_real(t->m);
    err = path_get(t, arg_int(a[0]), a[1], path_lookup_flags(flags) | PATH_LOOK,
                   &p);
    if (err) {
        cred_host_follow(t->m);
        return err;
    }
    value = p.node.entry ? access_procfs(t, &p.node, mode)
                         : access_host(t, p.fd, mode);
    cred_host_follow(t->m);
    path_put(&p);
    return value;
}

int64_t sys_faccessat(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], a[1], a[2]};

    return sys_faccessat2(t, b);
}

int64_t sys_access(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1]};

    return sys_faccessat2(t, b);
}

/* What owner and mode may be changed of. */
static int64_t check_change(struct task *t, const struct user_path *p)
{
    int err;

    if (p->node.entry)
        return -EPERM;
    err = path_check_write(t, p->fd);
    return err ? err : path_check_device(t, p->st.st_mode);
}

/* chmod_common() */
static int64_t do_chmod(struct task *t, const struct user_path *p, mode_t mode)
{
    int64_t err = check_change(t, p);
    char by_fd[32];

    path_of_fd(p->fd, by_fd);
    return err ? err : host_result(chmod(by_fd, mode));
}

int64_t sys_fchmodat(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int64_t value;
    int err = get_at(t, a[0], a[1], 0, &p);

    if (err)
        return err;
    value = do_chmod(t, &p, (mode_t)a[2]);
    path_put(&p);
    return value;
}

int64_t sys_chmod(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1]};

    return sys_fchmodat(t, b);
}

/* The place of the open file @guest. */
static int get_file(struct task *t, uint64_t guest, struct user_path *out)
{
    const struct open_file *file = files_fdget(t->files, arg_int(guest));

    return file ? path_of_file(file, out) : -EBADF;
}

int64_t sys_fchmod(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int err = get_file(t, a[0], &p);

    return err ? err : do_chmod(t, &p, (mode_t)a[1]);
}

/* chown_common() */
static int64_t do_chown(struct task *t, const struct user_path *p, uid_t user,
                        gid_t group)
{
    int64_t err = check_change(t, p);
    char by_fd[32];

    path_of_fd(p->fd, by_fd);
    return err ? err : host_result(chown(by_fd, user, group));
}

int64_t sys_fchownat(struct task *t, const uint64_t a[6])
{
    int flags = arg_int(a[4]), err;
    struct user_path p;
    int64_t value;

    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    err = get_at(t, a[0], a[1], flags, &p);
    if (err)
        return err;
    value = do_chown(t, &p, (uid_t)a[2], (gid_t)a[3]);
    path_put(&p);
    return value;
}

int64_t sys_chown(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1], a[2], 0};

    return sys_fchownat(t, b);
}

int64_t sys_lchown(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1], a[2], AT_SYMLINK_NOFOLLOW};

    return sys_fchownat(t, b);
}

int64_t sys_fchown(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int err = get_file(t, a[0], &p);

    return err ? err : do_chown(t, &p, (uid_t)a[1], (gid_t)a[2]);
}

/* All guest processes have one: it is the host's. */
int64_t sys_umask(struct task *t, const uint64_t a[6])
{
    unsigned old = t->fs->umask;

    t->fs->umask = (unsigned)a[0] & 0777;
    return old;
}

/* vfs_utimes() */
static int64_t do_utimes(const struct task *t, const struct user_path *p,
                         const struct timespec times[2])
{
    char by_fd[32];
    int err;

    if (p->node.entry)
        return -EPERM;
    err = path_check_write(t, p->fd);
    path_of_fd(p->fd, by_fd);
    return err ? err : host_result(utimensat(AT_FDCWD, by_fd, times, 0));
}

/* @times: NULL for now; of the file @dir when there is no path */
static int64_t set_times(struct task *t, const uint64_t a[6],
                         const struct timespec times[2])
{
    int flags = arg_int(a[3]), err;
    struct user_path p;
    int64_t value;

    if (a[1] == 0 && arg_int(a[0]) != AT_G_FDCWD) {
        if (flags)
            return -EINVAL;
        err = get_file(t, a[0], &p);
        return err ? err : do_utimes(t, &p, times);
    }
    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    err = get_at(t, a[0], a[1], flags, &p);
    if (err)
        return err;
    value = do_utimes(t, &p, times);
    path_put(&p);
    return value;
}

int64_t sys_utimensat(struct task *t, const uint64_t a[6])
{
    struct timespec_g raw[2];
    struct timespec times[2];

    if (a[2] == 0)
        return set_times(t, a, NULL);
    if (copy_from_user(t, raw, a[2], sizeof(raw)))
        return -EFAULT;
    for (unsigned i = 0; i < 2; i++) {
        times[i].tv_sec = (time_t)be64toh(raw[i].sec);
        times[i].tv_nsec = (long)be64toh(raw[i].nsec);
    }
    if (times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT)
        return 0; /* not even the path matters */
    return set_times(t, a, times);
}

/* @a: directory, path, and where the times are */
static int64_t set_timevals(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], a[1], 0, 0};
    struct timeval_g raw[2];
    struct timespec times[2];

    if (a[2] == 0)
        return set_times(t, b, NULL);
    if (copy_from_user(t, raw, a[2], sizeof(raw)))
        return -EFAULT;
    for (unsigned i = 0; i < 2; i++) {
        int32_t usec = (int32_t)be32toh(raw[i].usec);

        if (usec < 0 || usec >= 1000000)
            return -EINVAL;
        times[i].tv_sec = (time_t)be64toh(raw[i].sec);
        times[i].tv_nsec = usec * 1000L;
    }
    return set_times(t, b, times);
}

int64_t sys_utimes(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1]};

    return set_timevals(t, b);
}

int64_t sys_futimesat(struct task *t, const uint64_t a[6])
{
    return set_timevals(t, a);
}

int64_t sys_utime(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], 0, 0};
    struct timespec times[2] = {0};
    uint64_t raw[2];

    if (a[1] == 0)
        return set_times(t, b, NULL);
    if (copy_from_user(t, raw, a[1], sizeof(raw)))
        return -EFAULT;
    for (unsigned i = 0; i < 2; i++)
        times[i].tv_sec = (time_t)be64toh(raw[i]);
    return set_times(t, b, times);
}
