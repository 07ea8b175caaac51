// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/path/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/mm/swapfile.h"
#include "emu/linux/path/confine.h"
#include "emu/linux/path/place.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/signal/hostsig.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define CAP_DAC_OVERRIDE 1
#define CAP_SYS_PTRACE   19

int path_name(struct task *t, uint64_t va, unsigned flags,
              char out[static PATH_BYTES])
{
    int64_t len = strncpy_from_user(t, out, va, PATH_BYTES);

    if (len < 0)
        return (int)len;
    return len == 0 && !(flags & PATH_EMPTY) ? -ENOENT : 0;
}

int path_get(struct task *t, int dir, uint64_t va, unsigned flags,
             struct user_path *out)
{
    char name[PATH_BYTES];
    int err = path_name(t, va, flags, name);

    return err ? err : path_walk(t, dir, name, flags, out);
}

int path_of_file(const struct open_file *file, struct user_path *out)
{
    const struct procfs_node *node = procfs_node_of(file);

    *out = (struct user_path){.fd = open_file_host(file), .dir = -1};
    if (node)
        out->node = *node;
    return fstat(out->fd, &out->st) != 0 ? (int)host_result(-1) : 0;
}

bool path_is_dir(const struct user_path *p)
{
    return p->node.entry ? procfs_is_dir(&p->node) : S_ISDIR(p->st.st_mode);
}

int path_stat(const struct task *t, const struct user_path *p, struct stat *out)
{
    *out = p->st;
    return p->node.entry ? procfs_stat(t, &p->node, out) : 0;
}

unsigned path_lookup_flags(int flags)
{
    return (flags & AT_EMPTY_PATH ? PATH_EMPTY : 0) |
           (flags & AT_SYMLINK_NOFOLLOW ? 0 : PATH_FOLLOW);
}

/* ---- what must not change */

static bool is_there(const struct task *t, const struct user_path *p)
{
    size_t len = strcspn(p->name, "/");
    struct procfs_node node;

    return len == 0 || strcmp(p->name, ".") == 0 ||
           strcmp(p->name, "..") == 0 ||
           procfs_child(t, &p->dir_node, p->name, len, &node) == 0;
}

/* Is the name taken, as far as the program may know? */
static bool is_taken(const struct task *t, const struct user_path *p)
{
    int fd = openat(p->dir, p->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    bool seen = fd >= 0 && confine_rights(t->m->confine, fd) != CONFINE_OUTSIDE;

    if (fd >= 0)
        close(fd);
    return seen;
}

int path_check_make(struct task *t, const struct user_path *p)
{
    int err;

    if (p->dir_node.entry)
        return is_there(t, p) ? -EEXIST : -ENOENT;
    err = path_check_write(t, p->dir);
    return err && is_taken(t, p) ? -EEXIST : err;
}

int path_check_remove(struct task *t, const struct user_path *p)
{
    struct stat st;
    int err;

    if (p->dir_node.entry && !is_there(t, p))
        return -ENOENT;
    if (p->dir_node.entry) /* may_delete(), then there is no i_op->unlink */
        return cred_capable(t, CAP_DAC_OVERRIDE) ? -EPERM : -EACCES;
    err = path_check_write(t, p->dir);
    if (err)
        return err;
    if (fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return 0; /* the host says why */
    if (S_ISREG(st.st_mode) && swap_files_busy(t->m->swap_files, &st))
        return -EPERM;
    return path_check_device(t, st.st_mode);
}

int path_check_write(const struct task *t, int fd)
{
    if (!t->m->confine)
        return 0;
    switch (confine_rights(t->m->confine, fd)) {
    case CONFINE_WRITE: return 0;
    case CONFINE_READ: return -EROFS;
    default: return -EACCES;
    }
}

int path_check_device(struct task *t, unsigned mode)
{
    if ((!S_ISCHR(mode) && !S_ISBLK(mode)) || geteuid() != 0 ||
        (t->m->options.host_devices && !t->m->confine))
        return 0;
    log_print(&t->m->options.log, LOG_SYSCALL, LOG_WARN,
              "a device node of the host is changed with --allow-host-devices "
              "only: EPERM");
    return -EPERM;
}

int path_check_busy(struct task *t, const struct stat *st)
{
    const struct task *i;

    if (!S_ISREG(st->st_mode))
        return 0;
    for (i = t->m->tasks; i; i = i->next)
        if (i->process->exe &&
            file_maps_is(t->m->file_maps, i->process->exe, st))
            return -ETXTBSY;
    return 0;
}

int path_check_swap(struct task *t, int fd)
{
    struct stat st;

    if (!swap_files_any(t->m->swap_files) || fstat(fd, &st) != 0)
        return 0;
    return swap_files_busy(t->m->swap_files, &st) ? -ETXTBSY : 0;
}

/* ---- the host's calls */

void path_of_fd(int host, char out[static 32])
{
    snprintf(out, 32, "/proc/self/fd/%d", host);
}

/* force_o_largefile(): each file that is opened has it; a 64-bit C library
 * calls it 0. */
#define HOST_LARGEFILE 0100000

/* One bit each.  O_ASYNC is the business of emu/linux/signal/fasync.h. */
static const struct {
    unsigned guest, host;
} open_bits[] = {
    {O_G_APPEND, O_APPEND},
    {O_G_CREAT, O_CREAT},
    {O_G_TRUNC, O_TRUNC},
    {O_G_EXCL, O_EXCL},
    {O_G_DSYNC, O_DSYNC},
    {O_G_NONBLOCK, O_NONBLOCK},
    {O_G_NOCTTY, O_NOCTTY},
    {O_G_DIRECTORY, O_DIRECTORY},
    {O_G_NOFOLLOW, O_NOFOLLOW},
    {O_G_DIRECT, O_DIRECT},
    {O_G_NOATIME, O_NOATIME},
    {O_G_PATH, O_PATH},
    {O_G_LARGEFILE, HOST_LARGEFILE},
    {O_G_SYNC & ~O_G_DSYNC, O_SYNC & ~O_DSYNC},
    {O_G_TMPFILE & ~O_G_DIRECTORY, O_TMPFILE & ~O_DIRECTORY},
};

#define NR_OPEN_BITS (sizeof(open_bits) / sizeof(open_bits[0]))

int open_flags_to_host(unsigned guest)
{
    unsigned host = guest & O_ACCMODE;

    for (size_t i = 0; i < NR_OPEN_BITS; i++)
        if (guest & open_bits[i].guest)
            host |= open_bits[i].host;
    return (int)host;
}

unsigned open_flags_to_guest(int host)
{
    unsigned guest = (unsigned)host & O_ACCMODE;

    for (size_t i = 0; i < NR_OPEN_BITS; i++)
        if ((unsigned)host & open_bits[i].host)
            guest |= open_bits[i].guest;
    return guest;
}

bool host_stop(const struct task *t)
{
    int saved = errno; /* of the host's call, which the caller returns yet */

    hostsig_take(t->m);
    errno = saved;
    return t->m->interrupted || signal_deliverable(t);
}

bool host_retry(const struct task *t)
{
    return errno == EINTR && !host_stop(t);
}

int64_t host_result(int64_t value)
{
    if (value >= 0)
        return value;
    if (errno == EMFILE)
        return -ENFILE;
    return errno == EINTR ? -ERESTARTSYS_G : -errno;
}

/* ---- the ways of the host */

bool path_is_hosts_procfs(int fd)
{
    struct statfs st;

    return fstatfs(fd, &st) == 0 &&
           (st.f_type == PROC_SUPER_MAGIC || st.f_type == SYSFS_MAGIC);
}

bool path_may_look_into(const struct task *t, const struct task *of)
{
    const struct ids *u = &of->cred.uid, *g = &of->cred.gid;
    uint32_t uid = t->cred.uid.fs, gid = t->cred.gid.fs;

    if (t == of || cred_capable(t, CAP_SYS_PTRACE))
        return true;
    return uid == u->real && uid == u->effective && uid == u->saved &&
           gid == g->real && gid == g->effective && gid == g->saved;
}

/* A user may be in a /proc of the host, which the guest cannot. */
struct place *path_initial_root(void)
{
    return place_create(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
                        &(struct procfs_node){0});
}

struct place *path_initial_cwd(struct task *t)
{
    int fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct user_path p = {.fd = fd, .dir = -1};
    char name[PATH_BYTES];
    struct place *place;

    if (fd >= 0 && !path_is_hosts_procfs(fd))
        return place_create(fd, &p.node);
    path_put(&p);
    if (!getcwd(name, sizeof(name)) ||
        path_walk(t, AT_G_FDCWD, name, PATH_FOLLOW | PATH_DIR, &p) != 0)
        p.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    place = place_create(p.fd, &p.node);
    p.fd = -1;
    path_put(&p);
    return place;
}
