// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/mm/swapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event/hosterr.h"
#include "swap/faulty.h"
#include "swap/swapoff.h"

#define NAME_PREFIX "/dev/adi"

struct swap_file {
    struct machine *m; /* borrowed */
    char *what;        /* owned; for messages: "swap file PATH" */
    int fd;            /* owned */
    int type;          /* -1: off */
    bool synchronous;  /* as zram */
    int number;        /* of /dev/adiN; -1: a file by its path */
    struct swap_file *next;
};

struct swap_files {
    struct swap_file *head;
    int nr_named;
    struct swapdev_faults faults; /* --fail */
};

struct swap_files *swap_files_create(uint64_t fail_write, uint64_t fail_read)
{
    struct swap_files *files = calloc(1, sizeof(*files));

    if (files)
        files->faults = (struct swapdev_faults){.write_in = fail_write,
                                                .read_in = fail_read};
    return files;
}

static void destroy(struct swap_file *f)
{
    close(f->fd);
    free(f->what);
    free(f);
}

void swap_files_destroy(struct swap_files *files)
{
    if (!files)
        return;
    while (files->head) {
        struct swap_file *f = files->head;

        files->head = f->next;
        destroy(f);
    }
    free(files);
}

void swap_files_fail(struct swap_files *files, bool write, uint64_t nr)
{
    if (write)
        files->faults.write_in = nr;
    else
        files->faults.read_in = nr;
}

/* The N of "/dev/adiN", or -1. */
static int number_of(const char *name)
{
    const char *digits = name + strlen(NAME_PREFIX);
    char *end;
    long n;

    if (strncmp(name, NAME_PREFIX, strlen(NAME_PREFIX)) != 0 || *digits < '0' ||
        *digits > '9')
        return -1;
    n = strtol(digits, &end, 10);
    return *end == '\0' && n < SWP_MAX_FILES ? (int)n : -1;
}

bool swap_files_is_name(const char *name)
{
    return number_of(name) >= 0;
}

static struct swap_file *find_number(const struct swap_files *files, int number)
{
    struct swap_file *f = files->head;

    while (f && f->number != number)
        f = f->next;
    return f;
}

static struct swap_file *find_file(const struct swap_files *files,
                                   const struct stat *st)
{
    struct swap_file *f = files->head;
    struct stat own;

    while (f && (fstat(f->fd, &own) != 0 || own.st_dev != st->st_dev ||
                 own.st_ino != st->st_ino))
        f = f->next;
    return f;
}

/* The device, by number or by the file behind it; NULL: not one of ours. */
static struct swap_file *find(const struct swap_files *files, int fd,
                              const char *name)
{
    struct stat st;

    if (fd < 0)
        return name ? find_number(files, number_of(name)) : NULL;
    return fstat(fd, &st) == 0 ? find_file(files, &st) : NULL;
}

bool swap_files_any(const struct swap_files *files)
{
    return files->head;
}

bool swap_files_busy(const struct swap_files *files, const struct stat *st)
{
    const struct swap_file *f = find_file(files, st);

    return f && f->type >= 0;
}

static char *describe(const char *path)
{
    char *what;

    if (!path)
        return strdup("temporary swap file");
    return asprintf(&what, "swap file %s", path) < 0 ? NULL : what;
}

/*
 * @fd:   owned by the table from here on, also on error
 * @path: for messages; NULL: a temporary file
 */
static struct swap_file *add_file(struct machine *m, int fd, const char *path,
                                  int number)
{
    struct swap_file *f = malloc(sizeof(*f));
    char *what = describe(path);

    if (!f || !what) {
        close(fd);
        free(what);
        free(f);
        return NULL;
    }
    *f = (struct swap_file){.m = m,
                            .what = what,
                            .fd = fd,
                            .type = -1,
                            .number = number,
                            .next = m->swap_files->head};
    m->swap_files->head = f;
    return f;
}

/* A file that is off and has no name of ours is not kept. */
static void forget(struct swap_files *files, struct swap_file *f)
{
    struct swap_file **p = &files->head;

    if (f->number >= 0)
        return;
    while (*p != f)
        p = &(*p)->next;
    *p = f->next;
    destroy(f);
}

static void failed(void *ctx, const char *call, int error)
{
    const struct swap_file *f = ctx;

    hub_host_error(f->m->hub, f->what, call, error);
}

static int turn_on(struct machine *m, struct swap_file *f, const char *name,
                   int priority)
{
    const struct swapdev_ops *ops = &swapdev_file_ops;
    struct swapdev_watch watch = {.failed = failed, .ctx = f};
    struct swap_files *files = m->swap_files;
    const char *why = NULL;
    uint64_t slots;
    void *dev;
    int err = swapdev_file_use(f->fd, &slots, &dev, &why, watch);

    if (err == -EINVAL)
        log_print(&m->options.log, LOG_SWAP, LOG_WARN, "swapon %s: %s", name,
                  why);
    if (err)
        return err;
    err = swapdev_faulty_share(&ops, &dev, &files->faults);
    if (err) {
        ops->close(dev);
        return err;
    }
    err = swap_on(m->swap, ops, dev, slots, priority);
    if (err < 0)
        return err;
    f->type = err;
    if (f->synchronous)
        swap_set_synchronous(m->swap, (unsigned)f->type);
    log_print(&m->options.log, LOG_SWAP, LOG_INFO,
              "swapon %s type=%d pages=%" PRIu64, name, f->type, slots - 1);
    return 0;
}

int swap_files_add(struct machine *m, const struct swap_option *o,
                   const char **why)
{
    struct swap_files *files = m->swap_files;
    struct swap_file *f;
    struct stat st;
    int fd;

    /* Then the lock on it is ours, too. */
    *why = "two swap devices in one file";
    if (o->path && stat(o->path, &st) == 0 && find_file(files, &st))
        return -EBUSY;
    fd = swapdev_file_make(o->path, o->bytes, why);
    if (fd < 0)
        return fd;
    f = add_file(m, fd, o->path, files->nr_named++);
    if (!f)
        return -ENOMEM;
    f->synchronous = o->synchronous;
    return turn_on(m, f, o->path ? o->path : "temporary file", o->priority);
}

bool swap_files_name(const struct swap_files *files, int type, char *out,
                     size_t size)
{
    const struct swap_file *f = files->head;
    char path[32];
    ssize_t n;

    while (f && f->type != type)
        f = f->next;
    if (f && f->number >= 0) {
        snprintf(out, size, NAME_PREFIX "%d", f->number);
        return true;
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d", f ? f->fd : -1);
    n = readlink(path, out, size - 1);
    out[n < 0 ? 0 : n] = '\0';
    return false;
}

int swap_files_on(struct machine *m, int fd, const char *name, int priority)
{
    struct swap_files *files = m->swap_files;
    struct swap_file *f = find(files, fd, name);
    int err, copy;

    if (f && f->type >= 0)
        return -EBUSY;
    if (!f) {
        if (fd < 0)
            return -ENOENT;
        copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (copy < 0)
            return -errno;
        f = add_file(m, copy, name, -1);
        if (!f)
            return -ENOMEM;
    }
    err = swapdev_file_lock(f->fd);
    if (err == -EBUSY)
        log_print(&m->options.log, LOG_SWAP, LOG_WARN,
                  "swapon %s: another run has it as its swap file", name);
    if (!err)
        err = turn_on(m, f, name, priority);
    if (err)
        forget(files, f);
    return err;
}

int swap_files_off(struct machine *m, int fd, const char *name,
                   bool (*stop)(void *ctx), void *ctx)
{
    struct swap_files *files = m->swap_files;
    struct swap_file *f = find(files, fd, name);
    uint64_t stuck;
    int err;

    if (!f)
        return fd < 0 ? -ENOENT : -EINVAL;
    if (f->type < 0)
        return -EINVAL;
    err = swap_off(m->swap, (unsigned)f->type, stop, ctx, &stuck);
    if (err == -EINTR && !stop(ctx))
        log_print(&m->options.log, LOG_SWAP, LOG_WARN,
                  "swapoff %s: %" PRIu64
                  " of its slots cannot be freed: counts without a page, or "
                  "pages that cannot be read; Linux would try again until a "
                  "signal comes: EINTR",
                  name, stuck);
    if (err)
        return err;
    f->type = -1;
    log_print(&m->options.log, LOG_SWAP, LOG_INFO, "swapoff %s", name);
    forget(files, f);
    return 0;
}
