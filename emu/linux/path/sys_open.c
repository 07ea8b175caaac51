// SPDX-License-Identifier: GPL-2.0-or-later
/* open(2) and its kin.  Source: linux v6.2 fs/open.c, fs/namei.c do_open() */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/fs/fifo.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/path/path.h"
#include "emu/linux/path/place.h"
#include "emu/linux/syscall.h"
#include "emu/linux/tty/tty.h"
#include "emu/linux/uaccess.h"

/* What is asked for. */
struct how {
    unsigned guest;  /* flags, as the program gave them */
    int flags;       /* as the host's */
    mode_t mode;     /* of a new file, without what the umask takes */
    unsigned lookup; /* PATH_ of openat2() */
};

static int64_t install(struct task *t, int fd, const struct how *how)
{
    int to = files_install(t, fd, (how->guest & O_G_CLOEXEC) != 0);

    if (to >= 0 && how->guest & O_G_PATH)
        files_set_path(t->files, to);
    return to;
}

static int64_t open_procfs(struct task *t, const struct procfs_node *node,
                           const struct how *how)
{
    if (how->guest & O_G_CREAT && how->guest & O_G_EXCL)
        return -EEXIST;
    if (node->link) /* with O_NOFOLLOW */
        return how->guest & O_G_DIRECTORY ? -ENOTDIR : -ELOOP;
    return procfs_open(t, node, how->guest);
}

/* open_last_lookups(): the name is free */
static int64_t create(struct task *t, const struct user_path *p,
                      const struct how *how)
{
    int fd;

    if (p->dir_node.entry)
        return -ENOENT;
    fd = path_check_write(t, p->dir);
    if (fd)
        return fd;
    fd = openat(p->dir, p->name, how->flags | O_NOFOLLOW, how->mode);
    return fd < 0 ? host_result(fd) : install(t, fd, how);
}

/*
 * The file that was found, by its descriptor.  With O_CREAT the host is asked
 * by the name: it may refuse what lies in a directory that all may write to
 * (fs.protected_regular).
 */
static int open_found(const struct user_path *p, const struct how *how)
{
    int flags = how->flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW);
    char by_fd[32];

    if (flags & O_PATH && S_ISLNK(p->st.st_mode))
        return fcntl(p->fd, F_DUPFD_CLOEXEC, 0);
    if (how->flags & O_CREAT && p->dir >= 0)
        return openat(p->dir, p->name, how->flags | O_NOFOLLOW, how->mode);
    path_of_fd(p->fd, by_fd);
    return open(by_fd, flags, how->mode);
}

static bool is_anonymous_pipe(const struct user_path *p)
{
    struct statfs st;

    return S_ISFIFO(p->st.st_mode) && fstatfs(p->fd, &st) == 0 &&
           st.f_type == PIPEFS_MAGIC;
}

/* A pipe reached through /proc/PID/fd: another open file of it, and no wait. */
static int64_t open_pipe(struct task *t, const struct user_path *p,
                         const struct how *how)
{
    bool outside = !p->file || open_file_outside(p->file);
    struct how h = *how;
    int64_t fd;

    h.flags &= ~O_NONBLOCK;
    if (how->flags & O_NONBLOCK)
        h.flags |= O_NONBLOCK;
    fd = open_found(p, &h);
    if (fd < 0)
        return host_result(fd);
    if (fcntl((int)fd, F_SETFL, fcntl((int)fd, F_GETFL) | O_NONBLOCK) != 0) {
        close((int)fd);
        return host_result(-1);
    }
    fd = install(t, (int)fd, how);
    if (fd >= 0)
        files_set_polled(t->files, (int)fd, how->flags & O_NONBLOCK, outside);
    return fd;
}

/* may_open() and what else is refused before the host is asked; 0 */
static int64_t check_open(struct task *t, const struct user_path *p,
                          const struct how *how)
{
    bool write = (how->flags & O_ACCMODE) != O_RDONLY || how->flags & O_TRUNC;
    mode_t mode = p->st.st_mode;

    if (how->flags & O_PATH)
        return 0;
    if (how->flags & O_CREAT && how->flags & O_EXCL)
        return -EEXIST;
    if (how->flags & O_CREAT && S_ISDIR(mode))
        return -EISDIR;
    if (S_ISLNK(mode)) /* with O_NOFOLLOW */
        return how->flags & O_DIRECTORY ? -ENOTDIR : -ELOOP;
    if (write && (S_ISREG(mode) || S_ISDIR(mode)) && path_check_write(t, p->fd))
        return path_check_write(t, p->fd);
    if (write && path_check_busy(t, &p->st))
        return -ETXTBSY;
    return how->flags & O_TRUNC ? path_check_swap(t, p->fd) : 0;
}

static int64_t open_existing(struct task *t, const struct user_path *p,
                             const struct how *how)
{
    int64_t err = check_open(t, p, how);
    int fd;

    if (err)
        return err;
    if (S_ISFIFO(p->st.st_mode) && !(how->flags & O_PATH)) {
        if (is_anonymous_pipe(p))
            return open_pipe(t, p, how);
        return fifo_open(t, p->fd, how->guest);
    }
    do {
        fd = open_found(p, how);
    } while (fd < 0 && host_retry(t));
    fd = tty_opened(t, fd, &p->st, how->guest);
    if (fd < 0)
        return host_result(fd);
    if (how->flags & O_TRUNC && S_ISREG(p->st.st_mode) && p->st.st_size > 0)
        file_maps_resized(t->m->file_maps, fd, (uint64_t)p->st.st_size, 0);
    return install(t, fd, how);
}

/* As build_open_flags() has it. */
static unsigned lookup_of(const struct how *how)
{
    bool make = how->flags & O_CREAT && !(how->flags & O_PATH);
    bool new = make && how->flags &O_EXCL;

    return how->lookup | (how->flags & O_NOFOLLOW || new ? 0 : PATH_FOLLOW) |
           (make ? PATH_CREATE : 0) |
           (how->flags & O_DIRECTORY && !make ? PATH_DIR : 0);
}

static int64_t do_open_within(struct task *t, int dir, uint64_t va,
                              unsigned guest, uint64_t mode, unsigned lookup)
{
    struct how how = {.guest = guest,
                      .flags = open_flags_to_host(guest) | O_CLOEXEC | O_NOCTTY,
                      .mode = (mode_t)mode & 07777 & ~t->fs->umask,
                      .lookup = lookup};
    char name[PATH_BYTES];
    struct user_path p;
    int64_t value;
    int err;

    if (t->wait.again)
        return fifo_open_again(t, guest);
    if (how.flags & O_PATH)
        how.flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    err = path_name(t, va, 0, name);
    if (!err)
        err = files_check_room(t); /* before a file is made */
    if (!err)
        err = path_walk(t, dir, name, lookup_of(&how), &p);
    if (err)
        return err;
    if (p.node.entry)
        value = open_procfs(t, &p.node, &how);
    else if (p.fd < 0)
        value = create(t, &p, &how);
    else
        value = open_existing(t, &p, &how);
    path_put(&p);
    return value;
}

static int64_t do_open(struct task *t, int dir, uint64_t va, unsigned guest,
                       uint64_t mode)
{
    return do_open_within(t, dir, va, guest, mode, 0);
}

int64_t sys_open(struct task *t, const uint64_t a[6])
{
    return do_open(t, AT_G_FDCWD, a[0], (unsigned)a[1], a[2]);
}

int64_t sys_creat(struct task *t, const uint64_t a[6])
{
    return do_open(t, AT_G_FDCWD, a[0], O_G_CREAT | O_G_TRUNC | O_WRONLY, a[1]);
}

int64_t sys_openat(struct task *t, const uint64_t a[6])
{
    return do_open(t, arg_int(a[0]), a[1], (unsigned)a[2], a[3]);
}

/* ---------------------------------------------------------------- openat2 */

struct open_how_g {
    uint64_t flags, mode, resolve;
};

#define RESOLVE_G_CACHED UINT64_C(0x20)
#define O_G_PATH_FLAGS   (O_G_DIRECTORY | O_G_NOFOLLOW | O_G_PATH | O_G_CLOEXEC)
#define O_G_VALID                                                              \
    (O_ACCMODE | O_G_NDELAY | O_G_APPEND | O_G_ASYNC | O_G_CREAT | O_G_TRUNC | \
     O_G_EXCL | O_G_DSYNC | O_G_NONBLOCK | O_G_NOCTTY | O_G_DIRECTORY |        \
     O_G_NOFOLLOW | O_G_LARGEFILE | O_G_DIRECT | O_G_NOATIME | O_G_CLOEXEC |   \
     O_G_SYNC | O_G_PATH | O_G_TMPFILE)

/* copy_struct_from_user(): what is longer than we know must be 0 */
static int get_how(struct task *t, uint64_t va, uint64_t size,
                   struct open_how_g *how)
{
    if (size < sizeof(*how))
        return -EINVAL;
    if (size > PAGE_SIZE)
        return -E2BIG;
    for (uint64_t i = sizeof(*how); i < size; i++) {
        uint8_t byte;

        if (copy_from_user(t, &byte, va + i, 1))
            return -EFAULT;
        if (byte)
            return -E2BIG;
    }
    if (copy_from_user(t, how, va, sizeof(*how)))
        return -EFAULT;
    *how = (struct open_how_g){be64toh(how->flags), be64toh(how->mode),
                               be64toh(how->resolve)};
    return 0;
}

/* build_open_flags(): 0 or -errno */
static int check_how(const struct open_how_g *how)
{
    bool tmpfile = (how->flags & O_G_TMPFILE & ~O_G_DIRECTORY) != 0;
    bool make = how->flags & O_G_CREAT || tmpfile;

    if (how->flags & ~(uint64_t)O_G_VALID)
        return -EINVAL;
    if (how->mode & ~UINT64_C(07777) || (how->mode && !make))
        return -EINVAL;
    if (tmpfile && ((how->flags & O_G_TMPFILE) != O_G_TMPFILE ||
                    (how->flags & O_ACCMODE) == O_RDONLY))
        return -EINVAL;
    if (how->flags & O_G_PATH && how->flags & ~(uint64_t)O_G_PATH_FLAGS)
        return -EINVAL;
    if (how->resolve & RESOLVE_G_CACHED && (make || how->flags & O_G_TRUNC))
        return -EAGAIN;
    return 0;
}

/* RESOLVE_*, but for RESOLVE_CACHED: all that we look up is at hand */
static int lookup_of_resolve(uint64_t resolve, unsigned *lookup)
{
    static const unsigned flags[] = {PATH_NO_XDEV, PATH_NO_MAGICLINKS,
                                     PATH_NO_SYMLINKS, PATH_BENEATH,
                                     PATH_IN_ROOT};

    if (resolve & ~UINT64_C(0x3f))
        return -EINVAL;
    *lookup = 0;
    for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        *lookup |= resolve >> i & 1 ? flags[i] : 0;
    return (*lookup & PATH_SCOPED) == PATH_SCOPED ? -EINVAL : 0;
}

int64_t sys_openat2(struct task *t, const uint64_t a[6])
{
    struct open_how_g how;
    unsigned lookup;
    int err;

    if (t->wait.again)
        return do_open(t, arg_int(a[0]), a[1], t->open_flags, 0);
    err = get_how(t, a[2], a[3], &how);
    if (!err)
        err = lookup_of_resolve(how.resolve, &lookup);
    if (!err)
        err = check_how(&how);
    if (err)
        return err;
    t->open_flags = (unsigned)how.flags;
    return do_open_within(t, arg_int(a[0]), a[1], t->open_flags, how.mode,
                          lookup);
}
