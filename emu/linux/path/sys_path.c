// SPDX-License-Identifier: GPL-2.0-or-later
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
#include "emu/linux/fs/files.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/path/path.h"
#include "emu/linux/path/place.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

#define CAP_G_SYS_CHROOT 18

/* The first argument of an *at() call that takes the current directory. */
#define CWD ((uint64_t)AT_G_FDCWD)

/* Where it is or will be, for calls that make or remove a name. */
static int get_parent(struct task *t, uint64_t dir, uint64_t va,
                      struct user_path *out)
{
    return path_get(t, arg_int(dir), va, PATH_PARENT, out);
}

/* filename_create(): of a new file, if its name may be made */
static int get_new(struct task *t, uint64_t dir, uint64_t va,
                   struct user_path *out)
{
    int err = get_parent(t, dir, va, out);

    if (err)
        return err;
    err = path_check_make(t, out);
    if (err)
        path_put(out);
    return err;
}

/* set_fs_pwd(); opening "." in a directory takes the permission to search
 * it.  @fd: of the host, borrowed */
static int64_t change_dir(struct task *t, int fd,
                          const struct procfs_node *node)
{
    struct place *place;

    if (node->entry && !procfs_is_dir(node))
        return -ENOTDIR;
    if (!node->entry) {
        fd = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            return host_result(fd);
    }
    place = place_create(fd, node);
    if (!place)
        return -ENOMEM;
    place_put(t->fs->cwd);
    t->fs->cwd = place;
    return 0;
}

int64_t sys_chdir(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int64_t value;
    int err =
        path_get(t, AT_G_FDCWD, a[0], PATH_FOLLOW | PATH_DIR | PATH_LOOK, &p);

    if (err)
        return err;
    value = change_dir(t, p.fd, &p.node);
    path_put(&p);
    return value;
}

/* Only the root that there is. */
int64_t sys_chroot(struct task *t, const uint64_t a[6])
{
    struct stat root;
    struct user_path p;
    char by_fd[32];
    int64_t value;
    int err =
        path_get(t, AT_G_FDCWD, a[0], PATH_FOLLOW | PATH_DIR | PATH_LOOK, &p);

    if (err)
        return err;
    path_of_fd(p.fd, by_fd);
    if (!p.node.entry && faccessat(AT_FDCWD, by_fd, X_OK, AT_EACCESS) != 0) {
        value = host_result(-1);
    } else if (!cred_capable(t, CAP_G_SYS_CHROOT)) {
        value = -EPERM;
    } else if (!p.node.entry && stat("/", &root) == 0 &&
               root.st_dev == p.st.st_dev && root.st_ino == p.st.st_ino) {
        value = 0;
    } else {
        warn_once(t, LOG_SYSCALL, "unsupported: chroot to another directory");
        value = -ENOSYS;
    }
    path_put(&p);
    return value;
}

int64_t sys_fchdir(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int64_t value;
    int err;

    if (arg_int(a[0]) < 0)
        return -EBADF;
    err =
        path_walk(t, arg_int(a[0]), "", PATH_EMPTY | PATH_DIR | PATH_LOOK, &p);
    if (err)
        return err;
    value = change_dir(t, p.fd, &p.node);
    path_put(&p);
    return value;
}

/* What the host calls it; -ENOENT: it was removed. */
static ssize_t name_of_dir(const struct place *place,
                           char name[static PATH_BYTES])
{
    char by_fd[32];
    struct stat st;
    ssize_t n;

    if (place->node.entry) {
        procfs_name(&place->node, name);
        return (ssize_t)strlen(name);
    }
    path_of_fd(place->fd, by_fd);
    n = readlink(by_fd, name, PATH_BYTES);
    if (n < 0)
        return host_result(n);
    /* Of a directory that was removed, the link says so in words. */
    if (fstat(place->fd, &st) != 0 || st.st_nlink == 0)
        return -ENOENT;
    return n == PATH_BYTES ? -ENAMETOOLONG : n;
}

int64_t sys_getcwd(struct task *t, const uint64_t a[6])
{
    char name[PATH_BYTES];
    ssize_t n = name_of_dir(t->fs->cwd, name);

    if (n < 0)
        return n;
    name[n++] = '\0';
    if ((uint64_t)n > a[1])
        return -ERANGE;
    return copy_to_user(t, a[0], name, (size_t)n) ? -EFAULT : n;
}

int64_t sys_mkdirat(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int64_t value;
    int err = get_new(t, a[0], a[1], &p);

    if (err)
        return err;
    value = host_result(mkdirat(p.dir, p.name, (mode_t)a[2] & ~t->fs->umask));
    path_put(&p);
    return value;
}

int64_t sys_mkdir(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1]};

    return sys_mkdirat(t, b);
}

int64_t sys_mknodat(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int64_t value;
    int err = get_new(t, a[0], a[1], &p);

    if (err)
        return err;
    value = path_check_device(t, (unsigned)a[2]);
    if (!value)
        value = host_result(mknodat(p.dir, p.name, (mode_t)a[2] & ~t->fs->umask,
                                    (uint32_t)a[3]));
    path_put(&p);
    return value;
}

int64_t sys_mknod(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1], a[2]};

    return sys_mknodat(t, b);
}

int64_t sys_unlinkat(struct task *t, const uint64_t a[6])
{
    struct user_path p;
    int64_t value;
    int err;

    if ((uint32_t)a[2] & ~(uint32_t)AT_REMOVEDIR)
        return -EINVAL;
    err = get_parent(t, a[0], a[1], &p);
    if (err)
        return err;
    value = path_check_remove(t, &p);
    if (!value)
        value = host_result(unlinkat(p.dir, p.name, arg_int(a[2])));
    path_put(&p);
    return value;
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

/* Of two names, in directories of one file system. */
static int64_t rename_in(struct task *t, const struct user_path *from,
                         const struct user_path *to, unsigned flags)
{
    int64_t err, other;

    if (!from->dir_node.entry != !to->dir_node.entry)
        return -EXDEV;
    /* Both are looked up first; and what is not in /proc cannot be made. */
    err = path_check_remove(t, from);
    if (err != -ENOENT) {
        other = path_check_remove(t, to);
        err = other ? other : err;
    }
    if (err)
        return err;
    return host_result(
        renameat2(from->dir, from->name, to->dir, to->name, flags));
}

int64_t sys_renameat2(struct task *t, const uint64_t a[6])
{
    struct user_path from, to;
    int64_t value;
    int err = get_parent(t, a[0], a[1], &from);

    if (err)
        return err;
    err = get_parent(t, a[2], a[3], &to);
    if (err) {
        path_put(&from);
        return err;
    }
    value = rename_in(t, &from, &to, (unsigned)a[4]);
    path_put(&from);
    path_put(&to);
    return value;
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
    char by_fd[32];
    int64_t value;

    if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    err = path_get(t, arg_int(a[0]), a[1],
                   (flags & AT_SYMLINK_FOLLOW ? PATH_FOLLOW : 0) |
                       (flags & AT_EMPTY_PATH ? PATH_EMPTY : 0),
                   &from);
    if (err)
        return err;
    err = get_new(t, a[2], a[3], &to);
    if (err) {
        path_put(&from);
        return err;
    }
    path_of_fd(from.fd, by_fd);
    /* A name in another mount, as which one counts that is read only. */
    value = from.node.entry || path_check_write(t, from.fd)
                ? -EXDEV
                : path_check_device(t, from.st.st_mode);
    if (!value)
        value = host_result(
            linkat(AT_FDCWD, by_fd, to.dir, to.name, AT_SYMLINK_FOLLOW));
    path_put(&from);
    path_put(&to);
    return value;
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
    int64_t value;
    int err;

    if (len <= 0)
        return len < 0 ? len : -ENOENT;
    err = get_new(t, a[1], a[2], &p);
    if (err)
        return err;
    value = host_result(symlinkat(target, p.dir, p.name));
    path_put(&p);
    return value;
}

int64_t sys_symlink(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], CWD, a[1]};

    return sys_symlinkat(t, b);
}

/* The text of an open file's link: what the host says, or its name here. */
static ssize_t read_open_file(const struct open_file *file,
                              char out[static PATH_BYTES])
{
    const struct procfs_node *node = procfs_node_of(file);
    char by_fd[32];

    if (node) {
        procfs_name(node, out);
        return (ssize_t)strlen(out);
    }
    path_of_fd(open_file_host(file), by_fd);
    return host_result(readlink(by_fd, out, PATH_BYTES));
}

/* proc_pid_readlink() */
static ssize_t read_proc_link(const struct task *t,
                              const struct procfs_node *link,
                              char out[static PATH_BYTES])
{
    const struct task *of = task_find(t->m, link->pid);
    struct file_map_info exe;

    switch (link->link) {
    case PROCFS_NO_LINK: return -EINVAL;
    case PROCFS_SELF: return snprintf(out, PATH_BYTES, "%" PRIu32, link->pid);
    case PROCFS_THREAD_SELF:
        return snprintf(out, PATH_BYTES, "%" PRIu32 "/task/%" PRIu32,
                        of ? of->process->pid : 0, link->pid);
    case PROCFS_ROOT: return snprintf(out, PATH_BYTES, "/");
    default: break;
    }
    if (!of || !of->files)
        return -ENOENT;
    if (!path_may_look_into(t, of))
        return -EACCES;
    if (link->link == PROCFS_FD)
        return read_open_file(files_open_file(of->files, link->fd), out);
    if (link->link == PROCFS_CWD)
        return name_of_dir(of->fs->cwd, out);
    if (!of->process->exe ||
        !file_maps_info(t->m->file_maps, of->process->exe, &exe))
        return -ENOENT;
    return snprintf(out, PATH_BYTES, "%s", exe.path);
}

int64_t sys_readlinkat(struct task *t, const uint64_t a[6])
{
    char name[PATH_BYTES], target[PATH_BYTES];
    struct user_path p;
    ssize_t n;
    int err;

    if (arg_int(a[3]) <= 0)
        return -EINVAL;
    err = path_name(t, a[1], PATH_EMPTY, name);
    if (!err)
        err = path_walk(t, arg_int(a[0]), name, PATH_EMPTY | PATH_LOOK, &p);
    if (err)
        return err;
    n = p.node.entry
            ? read_proc_link(t, &p.node, target)
            : host_result(readlinkat(p.fd, "", target, sizeof(target)));
    /* An empty name stands for a link that is open, not for the file itself. */
    if (n == -ENOENT && p.fd >= 0 && !S_ISLNK(p.st.st_mode))
        n = name[0] ? -EINVAL : -ENOENT;
    path_put(&p);
    if (n < 0)
        return n;
    if (n > arg_int(a[3]))
        n = arg_int(a[3]);
    return copy_to_user(t, a[2], target, (size_t)n) ? -EFAULT : n;
}

int64_t sys_readlink(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {CWD, a[0], a[1], a[2]};

    return sys_readlinkat(t, b);
}
