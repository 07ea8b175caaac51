// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Open files and directories below /proc and /sys: two kinds of file.
 *
 * Source: linux v6.2 fs/proc/generic.c, fs/seq_file.c
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/host_file.h"
#include "emu/linux/fs/iovec.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/path/path.h"
#include "emu/linux/proc/entry.h"
#include "emu/linux/proc/node_file.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

struct proc_file {
    struct procfs_node node;
    int memfd; /* owned; the text, to be written */
};

/* ---------------------------------------------------------------- the text */

static int write_text(int memfd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(memfd, text, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        text += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Make the text of the node anew. */
static int make_text(struct machine *m, struct task *of, struct proc_file *pf)
{
    const struct procfs_node *node = &pf->node;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    int err;

    if (!out)
        return -ENOMEM;
    err = procfs_show(m, of, node, out);
    if (fclose(out) != 0 && !err)
        err = -ENOMEM;
    if (!err &&
        (ftruncate(pf->memfd, 0) != 0 || lseek(pf->memfd, 0, SEEK_SET) != 0))
        err = -errno;
    if (!err)
        err = write_text(pf->memfd, text, len);
    free(text);
    return err;
}

/* @len 0: of the whole. */
static int refresh(struct machine *m, struct proc_file *pf, uint64_t offset,
                   uint64_t len)
{
    const struct procfs_entry *entry = pf->node.entry;
    struct task *of = pf->node.pid ? task_find(m, pf->node.pid) : NULL;

    if (pf->node.pid && !of)
        return -ESRCH;
    if (procfs_has_text(&pf->node))
        return make_text(m, of, pf);
    if (!entry->fill)
        return 0;
    if (ftruncate(pf->memfd, 0) != 0 ||
        ftruncate(pf->memfd, (off_t)PAGEMAP_BYTES) != 0)
        return -errno;
    return entry->fill(m, of, pf->memfd, offset, len);
}

/* ---------------------------------------------------------- what is done */

/* A file's text is made anew where a read begins at its start. */
static int proc_splice_read(struct task *t, const struct user_file *file,
                            int64_t offset, uint64_t len)
{
    struct proc_file *pf = open_file_data(file->file);

    if (offset == AT_POSITION)
        offset = lseek(file->fd, 0, SEEK_CUR);
    if (!pf->node.entry->fill && offset != 0)
        return 0;
    if (!pf->node.entry->fill) {
        int err = refresh(t->m, pf, 0, 0);

        return user_waits(t) ? -EFAULT : err;
    }
    if ((uint64_t)offset % 8 || len % 8)
        return -EINVAL;
    return refresh(t->m, pf, (uint64_t)offset, len);
}

static int64_t proc_read(struct task *t, const struct user_file *file,
                         struct user_iter *to, int64_t offset)
{
    int err = proc_splice_read(t, file, offset, to->left);

    return err ? err : host_read(t, file, to, offset);
}

static int store(struct task *t, const struct procfs_node *node,
                 const char *text)
{
    struct task *of;

    if (node->entry->sysctl)
        return sysctl_store(t->m, node->entry->sysctl, text);
    of = task_find(t->m, node->pid);
    return of ? node->entry->store(t, of, text) : -ESRCH;
}

/* What is open for writing is something that the machine acts on. */
static int64_t proc_write(struct task *t, const struct user_file *file,
                          struct user_iter *from, int64_t offset)
{
    const struct proc_file *pf = open_file_data(file->file);
    size_t want = from->left < PAGE_SIZE ? from->left : PAGE_SIZE - 1, got;
    int err = 0;

    (void)offset;
    if ((fcntl(file->fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    got = iter_copy(t, from, want, NULL);
    t->m->bounce[got] = '\0';
    if (got < want)
        return -EFAULT;
    if (got)
        err = store(t, &pf->node, (const char *)t->m->bounce);
    return err ? err : (int64_t)got;
}

/* Of these, only a sysctl has one: proc_sys_file_operations. */
static int proc_splice_write(struct task *t, const struct user_file *file)
{
    const struct proc_file *pf = open_file_data(file->file);

    if (pf->node.entry->sysctl)
        warn_once(t, LOG_SYSCALL, "unsupported: splice to a file of /proc/sys");
    return -EINVAL;
}

/* generic_read_dir() */
static int64_t proc_read_dir(struct task *t, const struct user_file *file,
                             struct user_iter *to, int64_t offset)
{
    (void)t, (void)file, (void)to, (void)offset;
    return -EISDIR;
}

static int64_t proc_getdents(struct task *t, const struct open_file *file,
                             uint8_t *buf, size_t size)
{
    int host = open_file_host(file);
    off_t at = lseek(host, 0, SEEK_CUR);
    int64_t n = at ? 0 : refresh(t->m, open_file_data(file), 0, 0);

    if (n == 0)
        n = proc_read_records(host, at, buf, size);
    if (n > 0 && lseek(host, at + (off_t)n, SEEK_SET) < 0)
        n = -errno;
    return n == -ESRCH ? -ENOENT : n;
}

static void proc_release(void *data)
{
    struct proc_file *pf = data;

    if (pf->memfd >= 0)
        close(pf->memfd);
    free(pf);
}

static const struct procfs_node *proc_node(void *data)
{
    const struct proc_file *pf = data;

    return &pf->node;
}

static const struct file_ops proc_file_ops = {
    .read = proc_read,
    .write = proc_write,
    .splice_read = proc_splice_read,
    .splice_write = proc_splice_write,
    .seek = host_seek,
    .node = proc_node,
    .release = proc_release,
};

static const struct file_ops proc_dir_ops = {
    .read = proc_read_dir,
    .seek = host_seek,
    .getdents = proc_getdents,
    .node = proc_node,
    .release = proc_release,
};

const struct procfs_node *procfs_node_of(const struct open_file *file)
{
    const struct file_ops *ops = open_file_ops(file);

    return ops->node ? ops->node(open_file_data(file)) : NULL;
}

/* -------------------------------------------------------------------- open */

static int check_flags(const struct procfs_node *node, unsigned guest)
{
    bool write = (guest & O_ACCMODE) != O_RDONLY;
    bool read = (guest & O_ACCMODE) != O_WRONLY;

    if (guest & O_G_CREAT && guest & O_G_EXCL)
        return -EEXIST;
    if (procfs_is_dir(node))
        return write || guest & O_G_CREAT ? -EISDIR : 0;
    if (guest & O_G_DIRECTORY)
        return -ENOTDIR;
    if (guest & O_G_PATH)
        return 0;
    /* sysctl_perm(): the mode counts for root too. */
    if (node->entry->sysctl && ((write && !(node->entry->mode & 0200)) ||
                                (read && !(node->entry->mode & 0400))))
        return -EACCES;
    return write && !node->entry->sysctl && !node->entry->store &&
                   !node->entry->ops
               ? -EACCES
               : 0;
}

/* Another open file of the same memory, open for what the guest asks. */
static int reopen(int memfd, unsigned guest)
{
    char path[32];
    int fd;

    path_of_fd(memfd, path);
    fd = open(path, (guest & O_G_PATH ? O_PATH : (int)(guest & O_ACCMODE)) |
                        O_CLOEXEC);
    return fd < 0 ? (int)host_result(fd) : fd;
}

/* The guest's descriptor of the host: it cannot write, or what it writes does
 * not get there. */
static int open_text(struct task *t, struct proc_file *pf, unsigned guest)
{
    int err = refresh(t->m, pf, 0, 0);

    return err ? err : reopen(pf->memfd, guest);
}

/* A file without a text: the host's descriptor says what it is open for. */
static int open_node(struct task *t, const struct procfs_node *node,
                     unsigned guest)
{
    const struct procfs_entry *entry = node->entry;
    struct node_file *nf = calloc(1, sizeof(*nf));
    int fd, memfd;

    if (!nf)
        return -ENOMEM;
    nf->node = *node;
    fd = guest & O_G_PATH ? 0 : entry->open(t, nf, guest);
    memfd = fd < 0 ? fd : memfd_create("node", MFD_CLOEXEC);
    if (fd >= 0)
        fd = memfd < 0 ? (int)host_result(-1) : reopen(memfd, guest);
    if (memfd >= 0)
        close(memfd);
    if (fd >= 0)
        fd = files_install(t, fd, (guest & O_G_CLOEXEC) != 0);
    if (fd < 0)
        node_file_release(nf);
    else
        files_set_kind(t->files, fd, entry->ops(), nf);
    if (fd >= 0 && guest & O_G_PATH)
        files_set_path(t->files, fd);
    return fd;
}

int procfs_open(struct task *t, const struct procfs_node *node, unsigned guest)
{
    int fd = check_flags(node, guest);
    struct proc_file *pf;

    if (fd < 0)
        return fd;
    if (!procfs_is_dir(node) && node->entry->ops)
        return open_node(t, node, guest);
    pf = malloc(sizeof(*pf));
    if (!pf)
        return -ENOMEM;
    *pf = (struct proc_file){.node = *node,
                             .memfd = memfd_create("proc", MFD_CLOEXEC)};
    fd = pf->memfd < 0 ? (int)host_result(-1) : open_text(t, pf, guest);
    if (fd >= 0)
        fd = files_install(t, fd, (guest & O_G_CLOEXEC) != 0);
    if (fd < 0)
        proc_release(pf);
    else
        files_set_kind(t->files, fd,
                       procfs_is_dir(node) ? &proc_dir_ops : &proc_file_ops,
                       pf);
    if (fd >= 0 && guest & O_G_PATH)
        files_set_path(t->files, fd);
    return fd;
}
