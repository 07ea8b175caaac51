// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fs/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/linux/signal/fasync.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/host_file.h"
#include "emu/linux/fs/locks.h"
#include "emu/linux/sched/rlimit.h"

struct open_file {
    struct machine *m; /* borrowed */
    int refs;
    int host;
    uint64_t id;
    struct file_owner owner;
    const struct file_ops *ops; /* its kind */
    void *data;                 /* of ops */
    bool path;                  /* O_PATH */
    bool polled, outside, nonblock;
    struct open_file *prev, *next; /* of those whose kind has poll() */
};

struct files {
    struct machine *m; /* borrowed */
    int users;
    struct open_file *fd[FILES_MAX];
    bool cloexec[FILES_MAX];
};

static struct open_file *open_file_create(struct machine *m, int host)
{
    struct open_file *file = malloc(sizeof(*file));

    if (file)
        *file = (struct open_file){.m = m,
                                   .refs = 1,
                                   .host = host,
                                   .id = m->files_opened++,
                                   .ops = host_file_ops(),
                                   .outside = true};
    return file;
}

struct open_file *open_file_get(struct open_file *file)
{
    file->refs++;
    return file;
}

int open_file_host(const struct open_file *file)
{
    return file->host;
}

bool open_file_is_path(const struct open_file *file)
{
    return file->path;
}

uint64_t open_file_id(const struct open_file *file)
{
    return file->id;
}

struct file_owner *open_file_owner(struct open_file *file)
{
    return &file->owner;
}

bool open_file_polled(const struct open_file *file)
{
    return file->polled;
}

bool open_file_outside(const struct open_file *file)
{
    return file->outside;
}

bool open_file_nonblock(const struct open_file *file)
{
    return file->nonblock;
}

void open_file_put(struct open_file *file)
{
    if (--file->refs > 0)
        return;
    locks_release(file->m, file, file->host);
    fasync_release(file->m, file);
    if (file->host > STDERR_FILENO)
        close(file->host);
    if (file->ops->poll)
        DL_DELETE(file->m->polled_files, file);
    if (file->ops->release)
        file->ops->release(file->data);
    free(file);
}

/* filp_close() */
static void drop(struct files *f, int fd)
{
    struct open_file *file = f->fd[fd];

    f->fd[fd] = NULL;
    locks_release(f->m, f, file->host);
    open_file_put(file);
}

struct files *files_create(struct machine *m)
{
    unsigned closed = m->options.closed_fds;
    struct files *f = calloc(1, sizeof(*f));

    if (f)
        *f = (struct files){.m = m, .users = 1};
    for (int fd = 0; f && fd <= STDERR_FILENO; fd++)
        if (!(closed >> fd & 1))
            f->fd[fd] = open_file_create(m, fd);
    for (int fd = 0; f && fd <= STDERR_FILENO; fd++)
        if (f->fd[fd] && fcntl(fd, F_GETFL) & O_PATH)
            files_set_path(f, fd);
    return f;
}

struct files *files_copy(const struct files *f)
{
    struct files *copy = malloc(sizeof(*copy));

    if (!copy)
        return NULL;
    *copy = *f;
    copy->users = 1;
    for (int fd = 0; fd < FILES_MAX; fd++)
        if (copy->fd[fd])
            copy->fd[fd]->refs++;
    return copy;
}

struct files *files_get(struct files *f)
{
    f->users++;
    return f;
}

void files_put(struct files *f)
{
    if (!f || --f->users > 0)
        return;
    for (int fd = 0; fd < FILES_MAX; fd++)
        if (f->fd[fd])
            drop(f, fd);
    free(f);
}

bool files_are_shared(const struct files *f)
{
    return f->users > 1;
}

int files_unshare(struct files **f)
{
    struct files *own;

    if (!files_are_shared(*f))
        return 0;
    own = files_copy(*f);
    if (!own)
        return -ENOMEM;
    files_put(*f);
    *f = own;
    return 0;
}

static bool valid(const struct files *f, int fd)
{
    return fd >= 0 && fd < FILES_MAX && f->fd[fd];
}

struct open_file *files_open_file(const struct files *f, int fd)
{
    return valid(f, fd) ? f->fd[fd] : NULL;
}

struct open_file *files_fdget(const struct files *f, int fd)
{
    struct open_file *file = files_open_file(f, fd);

    return file && !file->path ? file : NULL;
}

int files_host(const struct files *f, int fd)
{
    return valid(f, fd) ? f->fd[fd]->host : -EBADF;
}

int files_limit(const struct task *t)
{
    return (int)rlimit(t, RLIMIT_G_NOFILE);
}

static int lowest_free(const struct task *t, int from)
{
    int end = files_limit(t);

    for (int fd = from; fd < end; fd++)
        if (!t->files->fd[fd])
            return fd;
    return -EMFILE;
}

int files_check_room(const struct task *t)
{
    int fd = lowest_free(t, 0);

    return fd < 0 ? fd : 0;
}

int files_install(struct task *t, int host, bool cloexec)
{
    int fd = lowest_free(t, 0);
    struct open_file *file = fd < 0 ? NULL : open_file_create(t->m, host);

    if (!file) {
        close(host);
        return fd < 0 ? fd : -ENOMEM;
    }
    t->files->fd[fd] = file;
    t->files->cloexec[fd] = cloexec;
    return fd;
}

void files_set_kind(struct files *f, int fd, const struct file_ops *ops,
                    void *data)
{
    struct open_file *file = f->fd[fd];

    file->ops = ops;
    file->data = data;
    if (ops->poll)
        DL_APPEND(f->m->polled_files, file);
}

void files_set_path(struct files *f, int fd)
{
    f->fd[fd]->path = true;
}

void files_poll(struct task *t)
{
    struct open_file *file;

    t->wait.signals = 0; /* what was said the last time */
    DL_FOREACH(t->m->polled_files, file) {
        file->ops->poll(t, file->data);
    }
}

void files_set_ops(struct files *f, int fd, const struct file_ops *ops,
                   void *data, bool nonblock)
{
    files_set_kind(f, fd, ops, data);
    files_set_polled(f, fd, nonblock, false);
}

const struct file_ops *open_file_ops(const struct open_file *file)
{
    return file->ops;
}

void *open_file_data(const struct open_file *file)
{
    return file->data;
}

int files_dup(struct task *t, int fd, int from, bool cloexec)
{
    struct files *f = t->files;
    int to;

    if (!valid(f, fd))
        return -EBADF;
    to = lowest_free(t, from);
    if (to < 0)
        return to;
    f->fd[fd]->refs++;
    f->fd[to] = f->fd[fd];
    f->cloexec[to] = cloexec;
    return to;
}

int files_receive(struct task *t, struct open_file *file, bool cloexec)
{
    int to = lowest_free(t, 0);

    if (to < 0)
        return to;
    t->files->fd[to] = open_file_get(file);
    t->files->cloexec[to] = cloexec;
    return to;
}

int files_take(struct task *t, const struct files *from, int fd)
{
    return valid(from, fd) ? files_receive(t, from->fd[fd], true) : -EBADF;
}

int files_dup_to(struct task *t, int fd, int to, bool cloexec)
{
    struct files *f = t->files;

    if (!valid(f, fd) || to < 0 || to >= files_limit(t))
        return -EBADF;
    f->fd[fd]->refs++;
    if (f->fd[to])
        drop(f, to);
    f->fd[to] = f->fd[fd];
    f->cloexec[to] = cloexec;
    return to;
}

int files_close(struct files *f, int fd)
{
    if (!valid(f, fd))
        return -EBADF;
    drop(f, fd);
    return 0;
}

void files_close_on_exec(struct files *f)
{
    for (int fd = 0; fd < FILES_MAX; fd++)
        if (f->fd[fd] && f->cloexec[fd])
            drop(f, fd);
}

void files_set_polled(struct files *f, int fd, bool nonblock, bool outside)
{
    f->fd[fd]->polled = true;
    f->fd[fd]->nonblock = nonblock;
    f->fd[fd]->outside = outside;
}

void files_set_outside(struct files *f, int fd)
{
    f->fd[fd]->outside = true;
}

bool files_polled(const struct files *f, int fd)
{
    return valid(f, fd) && f->fd[fd]->polled;
}

bool files_nonblock(const struct files *f, int fd)
{
    return valid(f, fd) && f->fd[fd]->nonblock;
}

void files_set_nonblock(struct files *f, int fd, bool on)
{
    if (valid(f, fd))
        f->fd[fd]->nonblock = on;
}

static bool same_inode(int host, const struct stat *st)
{
    struct stat own;

    return fstat(host, &own) == 0 && own.st_dev == st->st_dev &&
           own.st_ino == st->st_ino;
}

bool files_others(const struct files *f, const struct open_file *but,
                  const struct stat *st)
{
    for (int fd = 0; fd < FILES_MAX; fd++)
        if (f->fd[fd] && f->fd[fd] != but && same_inode(f->fd[fd]->host, st))
            return true;
    return false;
}

bool files_have(const struct files *f, uint64_t dev, uint64_t ino)
{
    const struct stat st = {.st_dev = dev, .st_ino = ino};

    return files_others(f, NULL, &st);
}

bool files_write(const struct files *f, const struct stat *st)
{
    for (int fd = 0; fd < FILES_MAX; fd++) {
        const struct open_file *file = files_fdget(f, fd);

        if (file && (fcntl(file->host, F_GETFL) & O_ACCMODE) != O_RDONLY &&
            same_inode(file->host, st))
            return true;
    }
    return false;
}

bool files_cloexec(const struct files *f, int fd)
{
    return valid(f, fd) && f->cloexec[fd];
}

void files_set_cloexec(struct files *f, int fd, bool on)
{
    if (valid(f, fd))
        f->cloexec[fd] = on;
}
