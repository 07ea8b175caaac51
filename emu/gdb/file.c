// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vFile: files for gdb, as the program names them.  So gdb finds the program,
 * its libraries (sysroot "target:") and what it wants of /proc.
 *
 * All are read only but one: /proc/PID/adi/tags, which Oracle's kernels have,
 * and by which gdb's "adi" commands read and set tags.
 *
 * Source: the GDB manual, "Host I/O Packets", "File-I/O Remote Protocol
 *         Extension"; gdb 13 sparc64-tdep.c adi_tag_fd(), adi_is_addr_mapped()
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/gdb/internal.h"
#include "emu/linux/path/confine.h"
#include "emu/linux/path/sysroot.h"
#include "emu/linux/proc/entry.h"
#include "emu/linux/proc/procfs.h"
#include "mm/vma.h"

/* gdb takes a descriptor of 0 for "not yet" in places. */
#define FIRST_FD   3
#define MAX_TEXT   (UINT64_C(16) << 20)
#define STAT_BYTES 64

#define O_ACC_GDB  3u /* O_RDONLY, O_WRONLY, O_RDWR */
#define O_EXCL_GDB 0x800u

/* Numbers of gdb's include/gdb/fileio.h. */
static unsigned errno_out(int err)
{
    switch (err) {
    case ENAMETOOLONG: return 91;
    case EPERM:
    case ENOENT:
    case EINTR:
    case EBADF:
    case EACCES:
    case EFAULT:
    case EBUSY:
    case EEXIST:
    case ENODEV:
    case ENOTDIR:
    case EISDIR:
    case EINVAL:
    case ENFILE:
    case EMFILE:
    case EFBIG:
    case ENOSPC:
    case ESPIPE:
    case EROFS: return (unsigned)err;
    default: return 9999; /* FILEIO_EUNKNOWN */
    }
}

static void fail(struct gdb *g, int err)
{
    gdb_clear(&g->out);
    gdb_printf(&g->out, "F-1,%x", errno_out(err));
}

static struct gdb_file *free_file(struct gdb *g, unsigned *fd)
{
    for (unsigned i = 0; i < GDB_MAX_FILES; i++)
        if (!g->files[i].used) {
            *fd = i + FIRST_FD;
            return &g->files[i];
        }
    return NULL;
}

static struct gdb_file *file_of(struct gdb *g, uint64_t fd)
{
    uint64_t i = fd - FIRST_FD;

    return fd >= FIRST_FD && i < GDB_MAX_FILES && g->files[i].used
               ? &g->files[i]
               : NULL;
}

/* ------------------------------------------------------------------- /proc */

/* The process of "/proc/PID/adi/REST"; NULL: it is another name. */
static struct process *adi_process(struct gdb *g, const char *name,
                                   const char *rest)
{
    unsigned long pid;
    char *end;

    if (strncmp(name, "/proc/", 6) != 0)
        return NULL;
    pid = strtoul(name + 6, &end, 10);
    if (strncmp(end, "/adi/", 5) != 0 || strcmp(end + 5, rest) != 0 ||
        pid >= GDB_ALL)
        return NULL;
    return gdb_process(g, (uint32_t)pid);
}

static int show_adi_maps(const struct process *p, FILE *out)
{
    const struct vma *vma;

    for (vma = vma_first(p->mm); vma; vma = vma_next(vma))
        if (vma->flags & VM_SPARC_ADI)
            fprintf(out, "%" PRIx64 "-%" PRIx64 "\n", vma->start, vma->end);
    return 0;
}

/* A file that the machine makes: 0, or -errno; -EXDEV: it is none. */
static int find_node(struct gdb *g, const char *name, struct procfs_node *node)
{
    const struct task *t = gdb_general(g);
    const char *at = name;
    int err = -EXDEV;

    if (!t)
        return -ESRCH;
    while (*at == '/') {
        size_t len = strcspn(at + 1, "/");
        struct procfs_node dir = *node;

        if (at == name)
            err = procfs_root(at + 1, len, node) ? -EXDEV : 0;
        else if (len > 0)
            err = procfs_child(t, &dir, at + 1, len, node);
        if (err)
            return err;
        at += 1 + len;
    }
    return err;
}

/* All of its text; owned. */
static int show(struct gdb *g, const char *name, char **text, size_t *size)
{
    struct procfs_node node = {0};
    const struct process *p = adi_process(g, name, "maps");
    int err = p ? 0 : find_node(g, name, &node);
    struct task *of = node.pid ? task_find(g->m, node.pid) : NULL;
    FILE *out;

    if (err)
        return err;
    if (!p && (node.link || procfs_is_dir(&node) || !procfs_has_text(&node)))
        return -EACCES;
    out = open_memstream(text, size);
    if (!out)
        return -ENOMEM;
    err = p ? show_adi_maps(p, out) : procfs_show(g->m, of, &node, out);
    if (fclose(out) != 0 && !err)
        err = -ENOMEM;
    if (err)
        free(*text);
    return err;
}

/* -------------------------------------------------------------------- open */

/*
 * In the sandbox: what gdb asks for a program may ask for, by the socket.
 *
 * @fd:  of the host, of the file; or -1 with errno set
 * Returns 0 or -errno: of what is outside, whether it is there or not, the
 * same.
 */
static int check_host(const struct gdb *g, int fd)
{
    const struct confine *c = g->m->confine;

    if (!c)
        return fd < 0 ? -errno : 0;
    return fd < 0 || confine_rights(c, fd) < CONFINE_READ ? -EACCES : 0;
}

static int open_host(struct gdb *g, const char *name)
{
    char in_sysroot[PATH_BYTES];
    struct stat st;
    int fd, err;

    if (sysroot_name(g->m->sysroot, name, in_sysroot))
        name = in_sysroot;
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    err = check_host(g, fd);
    if (!err && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    if (fd >= 0)
        close(fd);
    return err ? err : -EACCES;
}

static int open_file(struct gdb *g, const char *name, unsigned flags,
                     struct gdb_file *f)
{
    const struct process *p = adi_process(g, name, "tags");
    int err;

    *f = (struct gdb_file){.fd = -1};
    if (p) {
        f->pid = p->pid;
        return 0;
    }
    if ((flags & ~O_EXCL_GDB) != 0)
        return -EROFS;
    err = show(g, name, &f->text, &f->size);
    if (err != -EXDEV)
        return err;
    f->fd = open_host(g, name);
    return f->fd < 0 ? f->fd : 0;
}

/* open:NAME,FLAGS,MODE */
static void do_open(struct gdb *g, struct gdb_in in)
{
    char name[PATH_BYTES];
    uint64_t flags, mode;
    struct gdb_file *f;
    unsigned fd = 0;
    int err;

    if (!gdb_text(&in, ',', name, sizeof(name)) || !gdb_skip(&in, ",") ||
        !gdb_two_hex(&in, &flags, &mode) || !gdb_at_end(&in)) {
        fail(g, EINVAL);
        return;
    }
    f = free_file(g, &fd);
    err = f ? open_file(g, name, (unsigned)flags, f) : -EMFILE;
    if (err) {
        fail(g, -err);
        return;
    }
    f->used = true;
    gdb_printf(&g->out, "F%x", fd);
}

void gdb_close_files(struct gdb *g)
{
    for (unsigned i = 0; i < GDB_MAX_FILES; i++) {
        struct gdb_file *f = &g->files[i];

        if (f->used && f->fd >= 0)
            close(f->fd);
        if (f->used)
            free(f->text);
        *f = (struct gdb_file){.fd = -1};
    }
}

static void do_close(struct gdb *g, struct gdb_in in)
{
    uint64_t fd;
    struct gdb_file *f =
        gdb_hex(&in, &fd) && gdb_at_end(&in) ? file_of(g, fd) : NULL;

    if (!f) {
        fail(g, EBADF);
        return;
    }
    if (f->fd >= 0)
        close(f->fd);
    free(f->text);
    *f = (struct gdb_file){.fd = -1};
    gdb_puts(&g->out, "F0");
}

/* ---------------------------------------------------------- read and write */

/* What gdb takes for "no tag". */
#define NO_TAG 0xff

/* A byte for each block, from the one that @offset counts. */
static ssize_t read_tags(struct gdb *g, const struct gdb_file *f, uint8_t *buf,
                         size_t len, uint64_t offset)
{
    struct process *p = gdb_process(g, f->pid);

    for (size_t i = 0; i < len; i++) {
        int tag = p ? gdb_get_tag(g, p, (offset + i) * ADI_BLKSZ) : -ESRCH;

        if (tag < 0 && tag != -EOPNOTSUPP)
            return i > 0 ? (ssize_t)i : tag;
        buf[i] = tag < 0 ? NO_TAG : (uint8_t)tag;
    }
    return (ssize_t)len;
}

static ssize_t read_file(struct gdb *g, const struct gdb_file *f, uint8_t *buf,
                         size_t len, uint64_t offset)
{
    ssize_t n;

    if (offset > INT64_MAX)
        return -EINVAL;
    if (f->pid)
        return read_tags(g, f, buf, len, offset);
    if (f->fd >= 0) {
        n = pread(f->fd, buf, len, (off_t)offset);
        return n < 0 ? -errno : n;
    }
    if (offset >= f->size)
        return 0;
    if (len > f->size - offset)
        len = f->size - offset;
    memcpy(buf, f->text + offset, len);
    return (ssize_t)len;
}

/* pread:FD,COUNT,OFFSET; fewer bytes than that are all right */
static void do_pread(struct gdb *g, struct gdb_in in)
{
    uint8_t buf[GDB_PACKET_BYTES / 2 - 64];
    const struct gdb_file *f;
    uint64_t fd, len, offset;
    ssize_t n;

    if (!gdb_hex(&in, &fd) || !gdb_skip(&in, ",") ||
        !gdb_two_hex(&in, &len, &offset) || !gdb_at_end(&in)) {
        fail(g, EINVAL);
        return;
    }
    f = file_of(g, fd);
    if (len > sizeof(buf))
        len = sizeof(buf);
    n = f ? read_file(g, f, buf, len, offset) : -EBADF;
    if (n < 0) {
        fail(g, (int)-n);
        return;
    }
    gdb_printf(&g->out, "F%zx;", (size_t)n);
    (void)gdb_put_binary(&g->out, buf, (size_t)n);
}

/* pwrite:FD,OFFSET,BYTES: tags alone can be written */
static void do_pwrite(struct gdb *g, struct gdb_in in)
{
    const struct gdb_file *f;
    uint64_t fd, offset;
    struct process *p;
    size_t len, done = 0;
    int err = 0;

    if (!gdb_two_hex(&in, &fd, &offset) || !gdb_skip(&in, ",")) {
        fail(g, EINVAL);
        return;
    }
    f = file_of(g, fd);
    p = f && f->pid ? gdb_process(g, f->pid) : NULL;
    if (!p) {
        fail(g, f ? EROFS : EBADF);
        return;
    }
    len = (size_t)(in.end - in.at);
    while (done < len && !err) {
        err = gdb_set_tag(g, p, (offset + done) * ADI_BLKSZ,
                          (uint8_t)in.at[done]);
        done += !err;
    }
    if (done == 0 && err)
        fail(g, -err);
    else
        gdb_printf(&g->out, "F%zx", done);
}

/* ------------------------------------------------------------- what it is */

static void put32(uint8_t *at, uint64_t value)
{
    uint32_t raw = htobe32((uint32_t)value);

    memcpy(at, &raw, sizeof(raw));
}

static void put64(uint8_t *at, uint64_t value)
{
    uint64_t raw = htobe64(value);

    memcpy(at, &raw, sizeof(raw));
}

/* struct fio_stat */
static void do_fstat(struct gdb *g, struct gdb_in in)
{
    uint8_t raw[STAT_BYTES] = {0};
    struct stat st = {.st_mode = S_IFREG | 0444, .st_nlink = 1};
    const struct gdb_file *f;
    uint64_t fd;

    f = gdb_hex(&in, &fd) && gdb_at_end(&in) ? file_of(g, fd) : NULL;
    if (!f || (f->fd >= 0 && fstat(f->fd, &st) != 0)) {
        fail(g, EBADF);
        return;
    }
    if (f->fd < 0)
        st.st_size = (off_t)f->size;
    put32(raw, st.st_dev);
    put32(raw + 4, st.st_ino);
    put32(raw + 8, st.st_mode);
    put32(raw + 12, st.st_nlink);
    put32(raw + 16, st.st_uid);
    put32(raw + 20, st.st_gid);
    put64(raw + 28, (uint64_t)st.st_size);
    put64(raw + 36, (uint64_t)st.st_blksize);
    put64(raw + 44, (uint64_t)st.st_blocks);
    put32(raw + 52, (uint64_t)st.st_atime);
    put32(raw + 56, (uint64_t)st.st_mtime);
    put32(raw + 60, (uint64_t)st.st_ctime);
    gdb_printf(&g->out, "F%x;", STAT_BYTES);
    (void)gdb_put_binary(&g->out, raw, sizeof(raw));
}

static ssize_t read_link(struct gdb *g, const char *name, char *to, size_t size)
{
    struct procfs_node node = {0};
    char in_sysroot[PATH_BYTES];
    const struct task *of;
    int err = find_node(g, name, &node), fd;
    ssize_t n;

    if (!err && node.link == PROCFS_EXE) {
        of = task_find(g->m, node.pid);
        return of ? gdb_exe_name(g, of->process, to, size) : -ENOENT;
    }
    if (err != -EXDEV)
        return err ? err : -EINVAL;
    if (sysroot_name(g->m->sysroot, name, in_sysroot))
        name = in_sysroot;
    fd = open(name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    err = check_host(g, fd);
    n = err ? err : readlinkat(fd, "", to, size);
    if (!err && n < 0) /* ENOENT: it is no link */
        n = errno == ENOENT ? -EINVAL : -errno;
    if (fd >= 0)
        close(fd);
    return n;
}

static void do_readlink(struct gdb *g, struct gdb_in in)
{
    char name[PATH_BYTES], to[PATH_BYTES];
    ssize_t n = -EINVAL;

    if (gdb_text(&in, ',', name, sizeof(name)) && gdb_at_end(&in))
        n = read_link(g, name, to, sizeof(to));
    if (n < 0) {
        fail(g, (int)-n);
        return;
    }
    gdb_printf(&g->out, "F%zx;", (size_t)n);
    (void)gdb_put_binary(&g->out, to, (size_t)n);
}

void gdb_host_io(struct gdb *g, struct gdb_in in)
{
    if (gdb_skip(&in, "open:"))
        do_open(g, in);
    else if (gdb_skip(&in, "close:"))
        do_close(g, in);
    else if (gdb_skip(&in, "pread:"))
        do_pread(g, in);
    else if (gdb_skip(&in, "pwrite:"))
        do_pwrite(g, in);
    else if (gdb_skip(&in, "fstat:"))
        do_fstat(g, in);
    else if (gdb_skip(&in, "readlink:"))
        do_readlink(g, in);
    else if (gdb_skip(&in, "setfs:"))
        gdb_puts(&g->out, "F0"); /* all see the same files */
    else if (gdb_skip(&in, "unlink:"))
        fail(g, EROFS);
}
