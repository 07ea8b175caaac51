/* open(2) and its kin.  Source: linux v6.2 fs/open.c, fs/namei.c do_open() */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/fifo.h"
#include "emu/linux/files.h"
#include "emu/linux/mapfile.h"
#include "emu/linux/path.h"
#include "emu/linux/syscall.h"
#include "emu/linux/tty.h"

/* What is asked for. */
struct how {
    unsigned guest; /* flags, as the program gave them */
    int flags;      /* as the host's */
    mode_t mode;    /* of a new file, without what the umask takes */
};

static int64_t install(struct task *t, int fd, const struct how *how)
{
    return files_install(t, fd, (how->guest & O_G_CLOEXEC) != 0);
}

static int64_t open_procfs(struct task *t, const struct procfs_node *node,
                           const struct how *how)
{
    struct proc_file *proc;
    int64_t fd;

    if (how->guest & O_G_CREAT && how->guest & O_G_EXCL)
        return -EEXIST;
    if (node->link) /* with O_NOFOLLOW */
        return how->guest & O_G_DIRECTORY ? -ENOTDIR : -ELOOP;
    fd = procfs_open(t, node, how->guest, &proc);
    if (fd >= 0) {
        fd = install(t, (int)fd, how);
        if (fd < 0)
            procfs_close(proc);
        else
            files_set_proc(t->files, (int)fd, proc);
    }
    return fd;
}

/* open_last_lookups(): the name is free */
static int64_t create(struct task *t, const struct user_path *p,
                      const struct how *how)
{
    int fd;

    if (p->dir_node.entry)
        return -ENOENT;
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

    return (how->flags & O_NOFOLLOW || new ? 0 : PATH_FOLLOW) |
           (make ? PATH_CREATE : 0) |
           (how->flags & O_DIRECTORY && !make ? PATH_DIR : 0);
}

static int64_t do_open(struct task *t, int dir, uint64_t va, unsigned guest,
                       uint64_t mode)
{
    struct how how = {.guest = guest,
                      .flags = open_flags_to_host(guest) | O_CLOEXEC | O_NOCTTY,
                      .mode = (mode_t)mode & 07777 & ~t->umask};
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
