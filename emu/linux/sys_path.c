#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/files.h"
#include "emu/linux/path.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

/* The first argument of an *at() call that takes the current directory. */
#define CWD ((uint64_t)AT_G_FDCWD)

/* @flags: of the call itself */
static int get_at(struct task *t, uint64_t dir, uint64_t va, int flags,
                  struct user_path *out)
{
    return path_get(t, arg_int(dir), va,
                    flags & AT_EMPTY_PATH ? PATH_MAY_BE_EMPTY : PATH_NOT_EMPTY,
                    out);
}

/* Nothing there can be written or run. */
static int access_procfs(const struct procfs_node *node, int mode)
{
    if (mode & W_OK || (mode & X_OK && !procfs_is_dir(node)))
        return -EACCES;
    return 0;
}

int64_t sys_faccessat2(struct task *t, const uint64_t a[6])
{
    int flags = arg_int(a[3]), err;
    struct user_path p;
    int64_t value;

    err = get_at(t, a[0], a[1], flags, &p);
    if (err)
        return err;
    if (p.node.entry)
        return access_procfs(&p.node, arg_int(a[2]));
    if (!(flags & AT_EACCESS))
        cred_host_as_real(t->m);
    value = host_result(
        faccessat(p.dir, p.name, arg_int(a[2]), flags | AT_EACCESS));
    cred_host_follow(t->m);
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

/* @dir: the new current directory; opening "." in it takes the permission to
 * search it. */
static int64_t change_dir(struct task *t, int dir)
{
    int fd = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return host_result(fd);
    if (t->cwd >= 0)
        close(t->cwd);
    t->cwd = fd;
    return 0;
}

int64_t sys_chdir(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int64_t value;
    int err = get_at(t, CWD, a[0], 0, &p), fd;

    if (err)
        return err;
    fd = openat(p.dir, p.name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return host_result(fd);
    value = change_dir(t, fd);
    close(fd);
    return value;
}

int64_t sys_fchdir(struct task *t, const uint64_t a[6])
{
    int fd = files_host(t->files, arg_int(a[0]));

    return fd < 0 ? fd : change_dir(t, fd);
}

int64_t sys_getcwd(struct task *t, const uint64_t a[6])
{
    char by_fd[32], name[PATH_BYTES];
    struct stat st;
    ssize_t n;

    path_of_fd(t->cwd, by_fd);
    n = readlink(by_fd, name, sizeof(name));
    if (n < 0)
        return host_result(n);
    /* Of a directory that was removed, the link says so in words. */
    if (fstat(t->cwd, &st) != 0 || st.st_nlink == 0)
        return -ENOENT;
    if ((size_t)n >= sizeof(name))
        return -ENAMETOOLONG;
    name[n++] = '\0';
    if ((uint64_t)n > a[1])
        return -ERANGE;
    return copy_to_user(t, a[0], name, (size_t)n) ? -EFAULT : n;
}

int64_t sys_mkdirat(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int err = get_at(t, a[0], a[1], 0, &p);

    return err ? err
               : host_result(mkdirat(p.dir, p.name, (mode_t)a[2] & ~t->umask));
}

int64_t sys_mkdir(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1]};

    return sys_mkdirat(t, b);
}

int64_t sys_mknodat(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int err = get_at(t, a[0], a[1], 0, &p);

    return err ? err
               : host_result(mknodat(p.dir, p.name, (mode_t)a[2] & ~t->umask,
                                     (uint32_t)a[3]));
}

int64_t sys_mknod(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1], a[2]};

    return sys_mknodat(t, b);
}

int64_t sys_unlinkat(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int err;

    if ((uint32_t)a[2] & ~(uint32_t)AT_REMOVEDIR)
        return -EINVAL;
    err = get_at(t, a[0], a[1], 0, &p);
    return err ? err : host_result(unlinkat(p.dir, p.name, arg_int(a[2])));
}

int64_t sys_unlink(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], 0};

    return sys_unlinkat(t, b);
}

int64_t sys_rmdir(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], AT_REMOVEDIR};

    return sys_unlinkat(t, b);
}

int64_t sys_renameat2(struct task *t, const uint64_t a[6])
{
    struct user_path from, to;
    int err = get_at(t, a[0], a[1], 0, &from);

    if (!err)
        err = get_at(t, a[2], a[3], 0, &to);
    if (err)
        return err;
    return host_result(
        renameat2(from.dir, from.name, to.dir, to.name, (unsigned)a[4]));
}

int64_t sys_renameat(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], a[1], a[2], a[3], 0};

    return sys_renameat2(t, b);
}

int64_t sys_rename(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], CWD, a[1], 0};

    return sys_renameat2(t, b);
}

int64_t sys_linkat(struct task *t, const uint64_t a[6])
{
    int flags = arg_int(a[4]), err;
    struct user_path from, to;

    err = get_at(t, a[0], a[1], flags, &from);
    if (!err)
        err = get_at(t, a[2], a[3], 0, &to);
    if (err)
        return err;
    return host_result(linkat(from.dir, from.name, to.dir, to.name, flags));
}

int64_t sys_link(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], CWD, a[1], 0};

    return sys_linkat(t, b);
}

int64_t sys_symlinkat(struct task *t, const uint64_t a[6])
{
    char target[PATH_BYTES]; /* text, whatever it names */
    int64_t len = strncpy_from_user(t, target, a[0], sizeof(target));
    struct user_path p;
    int err;

    if (len <= 0)
        return len < 0 ? len : -ENOENT;
    err = get_at(t, a[1], a[2], 0, &p);
    return err ? err : host_result(symlinkat(target, p.dir, p.name));
}

int64_t sys_symlink(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], CWD, a[1]};

    return sys_symlinkat(t, b);
}

int64_t sys_readlinkat(struct task *t, const uint64_t a[6])
{
    char target[PATH_BYTES];
    struct user_path p;
    ssize_t n;
    int err;

    if (arg_int(a[3]) <= 0)
        return -EINVAL;
    err = get_at(t, a[0], a[1], AT_EMPTY_PATH, &p);
    if (err)
        return err;
    if (p.node.link) {
        n = snprintf(target, sizeof(target), "%" PRIu32, p.node.pid);
    } else if (p.node.entry) {
        return -EINVAL;
    } else if (p.is_exe) {
        n = (ssize_t)strlen(p.name);
        memcpy(target, p.name, (size_t)n);
    } else {
        n = readlinkat(p.dir, p.name, target, sizeof(target));
    }
    if (n < 0)
        return host_result(n);
    if (n > arg_int(a[3]))
        n = arg_int(a[3]);
    return copy_to_user(t, a[2], target, (size_t)n) ? -EFAULT : n;
}

int64_t sys_readlink(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1], a[2]};

    return sys_readlinkat(t, b);
}

int64_t sys_fchmodat(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int err = get_at(t, a[0], a[1], 0, &p);

    return err ? err : host_result(fchmodat(p.dir, p.name, (mode_t)a[2], 0));
}

int64_t sys_chmod(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1]};

    return sys_fchmodat(t, b);
}

int64_t sys_fchmod(struct task *t, const uint64_t a[6])
{
    int fd = files_host(t->files, arg_int(a[0]));

    return fd < 0 ? fd : host_result(fchmod(fd, (mode_t)a[1]));
}

int64_t sys_fchownat(struct task *t, const uint64_t a[6])
{
    int flags = arg_int(a[4]), err;
    struct user_path p;

    err = get_at(t, a[0], a[1], flags, &p);
    if (err)
        return err;
    return host_result(
        fchownat(p.dir, p.name, (uid_t)a[2], (gid_t)a[3], flags));
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
    int fd = files_host(t->files, arg_int(a[0]));

    return fd < 0 ? fd : host_result(fchown(fd, (uid_t)a[1], (gid_t)a[2]));
}

/* All guest processes have one: it is the host's. */
int64_t sys_umask(struct task *t, const uint64_t a[6])
{
    unsigned old = t->umask;

    t->umask = (unsigned)a[0] & 0777;
    return old;
}

/* @times: NULL for now; of the file @dir when there is no path */
static int64_t set_times(struct task *t, const uint64_t a[6],
                         const struct timespec times[2])
{
    int flags = arg_int(a[3]), err, fd;
    struct user_path p;

    if (a[1] == 0 && arg_int(a[0]) != AT_G_FDCWD) {
        if (flags)
            return -EINVAL;
        fd = files_host(t->files, arg_int(a[0]));
        return fd < 0 ? fd : host_result(futimens(fd, times));
    }
    err = get_at(t, a[0], a[1], flags, &p);
    return err ? err : host_result(utimensat(p.dir, p.name, times, flags));
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

int64_t sys_utimes(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], 0, 0};
    struct timeval_g raw[2];
    struct timespec times[2];

    if (a[1] == 0)
        return set_times(t, b, NULL);
    if (copy_from_user(t, raw, a[1], sizeof(raw)))
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
