// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/filetime.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define STATX_G_KNOWN    0x3fffu /* of Linux 6.2 */
#define STATX_G_RESERVED 0x80000000u

/* cp_new_stat() */
static int64_t put_stat(struct task *t, uint64_t va, const struct stat *st)
{
    struct timespec atime = filetime_to_guest(t->m, st->st_atim);
    struct timespec mtime = filetime_to_guest(t->m, st->st_mtim);
    struct timespec ctime = filetime_to_guest(t->m, st->st_ctim);
    struct stat_g raw;

    if (st->st_nlink > INT16_MAX)
        return -EOVERFLOW;
    memset(&raw, 0, sizeof(raw)); /* also what pads it */
    raw.dev = htobe32((uint32_t)st->st_dev);
    raw.ino = htobe64(st->st_ino);
    raw.mode = htobe32(st->st_mode);
    raw.nlink = htobe16((uint16_t)st->st_nlink);
    raw.uid = htobe32(st->st_uid);
    raw.gid = htobe32(st->st_gid);
    raw.rdev = htobe32((uint32_t)st->st_rdev);
    raw.size = htobe64((uint64_t)st->st_size);
    raw.atime = htobe64((uint64_t)atime.tv_sec);
    raw.mtime = htobe64((uint64_t)mtime.tv_sec);
    raw.ctime = htobe64((uint64_t)ctime.tv_sec);
    raw.blksize = htobe64((uint64_t)st->st_blksize);
    raw.blocks = htobe64((uint64_t)st->st_blocks);
    return copy_to_user(t, va, &raw, sizeof(raw)) ? -EFAULT : 0;
}

/* cp_new_stat64() */
static int64_t put_stat64(struct task *t, uint64_t va, const struct stat *st)
{
    struct timespec atime = filetime_to_guest(t->m, st->st_atim);
    struct timespec mtime = filetime_to_guest(t->m, st->st_mtim);
    struct timespec ctime = filetime_to_guest(t->m, st->st_ctim);
    struct stat64_g raw = {
        .dev = htobe64((uint32_t)st->st_dev),
        .ino = htobe64(st->st_ino),
        .nlink = htobe64(st->st_nlink),
        .mode = htobe32(st->st_mode),
        .uid = htobe32(st->st_uid),
        .gid = htobe32(st->st_gid),
        .rdev = htobe64((uint32_t)st->st_rdev),
        .size = htobe64((uint64_t)st->st_size),
        .blksize = htobe64((uint64_t)st->st_blksize),
        .blocks = htobe64((uint64_t)st->st_blocks),
        .atime = htobe64((uint64_t)atime.tv_sec),
        .atime_nsec = htobe64((uint64_t)atime.tv_nsec),
        .mtime = htobe64((uint64_t)mtime.tv_sec),
        .mtime_nsec = htobe64((uint64_t)mtime.tv_nsec),
        .ctime = htobe64((uint64_t)ctime.tv_sec),
        .ctime_nsec = htobe64((uint64_t)ctime.tv_nsec),
    };

    return copy_to_user(t, va, &raw, sizeof(raw)) ? -EFAULT : 0;
}

static int64_t stat_fd(const struct task *t, uint64_t guest, struct stat *out)
{
    const struct open_file *file = files_open_file(t->files, arg_int(guest));
    struct user_path p;
    int err = file ? path_of_file(file, &p) : -EBADF;

    return err ? err : path_stat(t, &p, out);
}

static int64_t stat_path(struct task *t, int dir, uint64_t va, int flags,
                         struct stat *out)
{
    char name[PATH_BYTES];
    struct user_path path;
    int err;

    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
        return -EINVAL;
    err = path_name(t, va, path_lookup_flags(flags), name);
    if (!err && !*name && dir >= 0 && flags == AT_EMPTY_PATH)
        return stat_fd(t, (unsigned)dir, out); /* how glibc says fstat() */
    if (!err)
        err = path_walk(t, dir, name, path_lookup_flags(flags) | PATH_LOOK,
                        &path);
    if (err)
        return err;
    err = path_stat(t, &path, out);
    path_put(&path);
    return err;
}

int64_t sys_stat(struct task *t, const uint64_t a[6])
{
    struct stat st;
    int64_t err = stat_path(t, AT_G_FDCWD, a[0], 0, &st);

    return err ? err : put_stat(t, a[1], &st);
}

int64_t sys_lstat(struct task *t, const uint64_t a[6])
{
    struct stat st;
    int64_t err = stat_path(t, AT_G_FDCWD, a[0], AT_SYMLINK_NOFOLLOW, &st);

    return err ? err : put_stat(t, a[1], &st);
}

int64_t sys_oldlstat(struct task *t, const uint64_t a[6])
{
    return sys_lstat(t, a); /* sys_newlstat() on sparc64 */
}

int64_t sys_fstat(struct task *t, const uint64_t a[6])
{
    struct stat st;
    int64_t err = stat_fd(t, a[0], &st);

    return err ? err : put_stat(t, a[1], &st);
}

int64_t sys_stat64(struct task *t, const uint64_t a[6])
{
    struct stat st;
    int64_t err = stat_path(t, AT_G_FDCWD, a[0], 0, &st);

    return err ? err : put_stat64(t, a[1], &st);
}

int64_t sys_lstat64(struct task *t, const uint64_t a[6])
{
    struct stat st;
    int64_t err = stat_path(t, AT_G_FDCWD, a[0], AT_SYMLINK_NOFOLLOW, &st);

    return err ? err : put_stat64(t, a[1], &st);
}

int64_t sys_fstat64(struct task *t, const uint64_t a[6])
{
    struct stat st;
    int64_t err = stat_fd(t, a[0], &st);

    return err ? err : put_stat64(t, a[1], &st);
}

int64_t sys_fstatat64(struct task *t, const uint64_t a[6])
{
    struct stat st;
    int64_t err = stat_path(t, arg_int(a[0]), a[1], arg_int(a[3]), &st);

    return err ? err : put_stat64(t, a[2], &st);
}

static void statx_to_guest(struct machine *m, struct statx_g *x)
{
    x->mask = htobe32(x->mask);
    x->blksize = htobe32(x->blksize);
    x->attributes = htobe64(x->attributes);
    x->nlink = htobe32(x->nlink);
    x->uid = htobe32(x->uid);
    x->gid = htobe32(x->gid);
    x->mode = htobe16(x->mode);
    x->ino = htobe64(x->ino);
    x->size = htobe64(x->size);
    x->blocks = htobe64(x->blocks);
    x->attributes_mask = htobe64(x->attributes_mask);
    for (unsigned i = 0; i < 4; i++) {
        struct timespec ts = filetime_to_guest(
            m, (struct timespec){.tv_sec = (time_t)x->time[i].sec,
                                 .tv_nsec = (long)x->time[i].nsec});

        x->time[i].sec = htobe64((uint64_t)ts.tv_sec);
        x->time[i].nsec = htobe32((uint32_t)ts.tv_nsec);
    }
    x->rdev_major = htobe32(x->rdev_major);
    x->rdev_minor = htobe32(x->rdev_minor);
    x->dev_major = htobe32(x->dev_major);
    x->dev_minor = htobe32(x->dev_minor);
    x->mnt_id = htobe64(x->mnt_id);
    x->dio_mem_align = htobe32(x->dio_mem_align);
    x->dio_offset_align = htobe32(x->dio_offset_align);
    memset(x->spare, 0, sizeof(x->spare)); /* of newer kernels */
}

/* What statx(2) says when it knows no more than stat(2). */
static int64_t put_statx(struct task *t, uint64_t va, const struct stat *st)
{
    struct statx_g raw = {.mask = STATX_BASIC_STATS,
                          .blksize = (uint32_t)st->st_blksize,
                          .nlink = (uint32_t)st->st_nlink,
                          .uid = st->st_uid,
                          .gid = st->st_gid,
                          .mode = (uint16_t)st->st_mode,
                          .ino = st->st_ino,
                          .size = (uint64_t)st->st_size,
                          .blocks = (uint64_t)st->st_blocks,
                          .dev_major = major(st->st_dev),
                          .dev_minor = minor(st->st_dev)};

    statx_to_guest(t->m, &raw);
    return copy_to_user(t, va, &raw, sizeof(raw)) ? -EFAULT : 0;
}

int64_t sys_statx(struct task *t, const uint64_t a[6])
{
    uint32_t flags = (uint32_t)a[2], mask = (uint32_t)a[3];
    struct user_path path;
    struct statx_g raw;
    struct stat st;
    int64_t err;

    if (mask & STATX_G_RESERVED)
        return -EINVAL;
    err = path_get(t, arg_int(a[0]), a[1],
                   path_lookup_flags((int)flags) | PATH_LOOK, &path);
    if (err)
        return err;
    if (path.node.entry)
        err = procfs_stat(t, &path.node, &st);
    else if (syscall(SYS_statx, path.fd, "", flags | AT_EMPTY_PATH,
                     mask & STATX_G_KNOWN, &raw) != 0)
        err = host_result(-1);
    path_put(&path);
    if (err)
        return err;
    if (path.node.entry)
        return put_statx(t, a[4], &st);
    statx_to_guest(t->m, &raw);
    return copy_to_user(t, a[4], &raw, sizeof(raw)) ? -EFAULT : 0;
}

static int64_t put_statfs(struct task *t, uint64_t va, const struct statfs *st)
{
    struct statfs_g raw = {.type = htobe64((uint64_t)st->f_type),
                           .bsize = htobe64((uint64_t)st->f_bsize),
                           .blocks = htobe64(st->f_blocks),
                           .bfree = htobe64(st->f_bfree),
                           .bavail = htobe64(st->f_bavail),
                           .files = htobe64(st->f_files),
                           .ffree = htobe64(st->f_ffree),
                           .namelen = htobe64((uint64_t)st->f_namelen),
                           .frsize = htobe64((uint64_t)st->f_frsize),
                           .flags = htobe64((uint64_t)st->f_flags)};

    for (unsigned i = 0; i < 2; i++)
        raw.fsid[i] = htobe32((uint32_t)st->f_fsid.__val[i]);
    return copy_to_user(t, va, &raw, sizeof(raw)) ? -EFAULT : 0;
}

/* simple_statfs() */
static struct statfs statfs_of_node(const struct procfs_node *node)
{
    return (struct statfs){.f_type = procfs_magic(node),
                           .f_bsize = PAGE_SIZE,
                           .f_frsize = PAGE_SIZE,
                           .f_namelen = NAME_MAX};
}

/* vfs_statfs() */
static int64_t do_statfs(struct task *t, const struct user_path *p, uint64_t va)
{
    struct statfs st;

    if (p->node.entry)
        st = statfs_of_node(&p->node);
    else if (fstatfs(p->fd, &st) != 0)
        return host_result(-1);
    return put_statfs(t, va, &st);
}

int64_t sys_statfs(struct task *t, const uint64_t a[6])
{
    struct user_path path;
    int64_t value =
        path_get(t, AT_G_FDCWD, a[0], PATH_FOLLOW | PATH_LOOK, &path);

    if (value)
        return value;
    value = do_statfs(t, &path, a[1]);
    path_put(&path);
    return value;
}

int64_t sys_fstatfs(struct task *t, const uint64_t a[6])
{
    const struct open_file *file = files_open_file(t->files, arg_int(a[0]));
    struct user_path p;
    int err = file ? path_of_file(file, &p) : -EBADF;

    return err ? err : do_statfs(t, &p, a[1]);
}

int64_t sys_statfs64(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], a[2]};

    return a[1] == sizeof(struct statfs_g) ? sys_statfs(t, b) : -EINVAL;
}

int64_t sys_fstatfs64(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], a[2]};

    return a[1] == sizeof(struct statfs_g) ? sys_fstatfs(t, b) : -EINVAL;
}

/* Host record -> linux_dirent64, in place: only the byte order differs. */
static void pack_dirent64(uint8_t *record)
{
    struct dirent64_g *d = (struct dirent64_g *)record;
    size_t used = offsetof(struct dirent64_g, name) + strlen(d->name) + 1;

    memset(record + used, 0, d->reclen - used);
    d->ino = htobe64(d->ino);
    d->off = htobe64(d->off);
    d->reclen = htobe16(d->reclen);
}

/*
 * Host record -> linux_dirent, in place: the name begins one byte earlier,
 * the type comes last, and so both records have the same length.
 */
static void pack_dirent(uint8_t *record)
{
    const struct dirent64_g *from = (const struct dirent64_g *)record;
    struct dirent_g *to = (struct dirent_g *)record;
    size_t used = offsetof(struct dirent_g, name) + strlen(from->name) + 1;
    uint16_t reclen = from->reclen;
    uint8_t type = from->type;

    memmove(to->name, from->name, strlen(from->name) + 1);
    memset(record + used, 0, reclen - used);
    record[reclen - 1] = type;
    to->ino = htobe64(to->ino);
    to->off = htobe64(to->off);
    to->reclen = htobe16(reclen);
}

static int64_t read_dir(struct task *t, const uint64_t a[6],
                        void (*pack)(uint8_t *record))
{
    const struct open_file *file = files_fdget(t->files, arg_int(a[0]));
    uint64_t size = (uint32_t)a[2], done = 0;
    int64_t next, n;
    int fd;

    if (!file)
        return -EBADF;
    if (!open_file_ops(file)->getdents)
        return -ENOTDIR;
    if (size > BOUNCE_BYTES)
        size = BOUNCE_BYTES;
    fd = open_file_host(file);
    next = lseek(fd, 0, SEEK_CUR);
    n = open_file_ops(file)->getdents(t, file, t->m->bounce, size);
    if (n < 0)
        return n;
    while (done < (uint64_t)n) {
        uint8_t *record = t->m->bounce + done;
        uint16_t len = ((const struct dirent64_g *)record)->reclen;
        int64_t after = (int64_t)((const struct dirent64_g *)record)->off;

        pack(record);
        if (copy_to_user(t, a[1] + done, record, len)) {
            /* The directory goes on with what was not delivered. */
            (void)lseek(fd, next, SEEK_SET);
            return done ? (int64_t)done : -EFAULT;
        }
        next = after;
        done += len;
    }
    return n;
}

int64_t sys_getdents(struct task *t, const uint64_t a[6])
{
    return read_dir(t, a, pack_dirent);
}

int64_t sys_getdents64(struct task *t, const uint64_t a[6])
{
    return read_dir(t, a, pack_dirent64);
}
