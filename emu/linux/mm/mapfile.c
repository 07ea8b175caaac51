// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/mm/mapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

#include "mm/kcopy.h"
#include "mm/truncate.h"
#include "mm/vma.h"
#include "mm/writeback.h"

struct file_map {
    struct file_maps *maps; /* borrowed */
    dev_t dev;
    ino_t ino;
    int fd;                  /* owned; what we read through */
    int write_fd;            /* owned; -1: nobody stores to its pages */
    bool tmpfs;              /* and we hold a reference of our own */
    bool future_write;       /* F_SEAL_FUTURE_WRITE */
    struct mapping *mapping; /* it frees us */
    struct file_map *prev, *next;
};

struct file_maps {
    struct memory *mem; /* borrowed */
    unsigned writable;  /* maps that may have bytes the host's file lacks */
    unsigned sealed;    /* maps with future_write */
    struct file_map *head;
};

struct file_maps *file_maps_create(struct memory *mem)
{
    struct file_maps *maps = calloc(1, sizeof(*maps));

    if (maps)
        maps->mem = mem;
    return maps;
}

void file_maps_destroy(struct file_maps *maps)
{
    if (maps)
        file_maps_reap(maps, NULL, NULL);
    free(maps);
}

static int map_read(void *ctx, uint64_t index, uint8_t *page)
{
    const struct file_map *map = ctx;
    size_t done = 0;

    while (done < PAGE_SIZE) {
        ssize_t n = pread(map->fd, page + done, PAGE_SIZE - done,
                          (off_t)(index * PAGE_SIZE + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    memset(page + done, 0, PAGE_SIZE - done);
    return 0;
}

static int map_write(void *ctx, uint64_t index, const uint8_t *page,
                     size_t bytes)
{
    const struct file_map *map = ctx;
    size_t done = 0;

    while (done < bytes) {
        ssize_t n = pwrite(map->write_fd, page + done, bytes - done,
                           (off_t)(index * PAGE_SIZE + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        done += (size_t)n;
    }
    return 0;
}

static uint64_t map_size(void *ctx)
{
    const struct file_map *map = ctx;
    struct stat st;

    return fstat(map->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void map_close(struct file_map *map)
{
    if (map->fd >= 0)
        close(map->fd);
    if (map->write_fd >= 0) {
        close(map->write_fd);
        map->maps->writable--;
    }
    if (map->future_write)
        map->maps->sealed--;
    free(map);
}

static void map_release(void *ctx)
{
    struct file_map *map = ctx;

    DL_DELETE(map->maps->head, map);
    map_close(map);
}

static const struct mapping_ops file_ops = {
    .read = map_read,
    .write = map_write,
    .size = map_size,
    .release = map_release,
};

static struct file_map *find(const struct file_maps *maps,
                             const struct stat *st)
{
    struct file_map *map;

    DL_FOREACH(maps->head, map) {
        if (map->dev == st->st_dev && map->ino == st->st_ino)
            return map;
    }
    return NULL;
}

/*
 * Another open file for the same inode: that of the guest may append, or go
 * past the cache.  0 or -errno.
 */
static int open_for_write(struct file_map *map, int fd)
{
    char path[32];

    if (map->write_fd >= 0)
        return 0;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    map->write_fd = open(path, O_RDWR | O_CLOEXEC);
    if (map->write_fd < 0)
        map->write_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (map->write_fd < 0)
        return errno == EMFILE ? -ENFILE : -errno;
    map->maps->writable++;
    return 0;
}

static bool is_tmpfs(int fd)
{
    char path[32], name[16];
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    n = readlink(path, name, sizeof(name));
    return (n >= 7 && memcmp(name, "/memfd:", 7) == 0) ||
           (n >= 9 && memcmp(name, "/dev/shm/", 9) == 0);
}

static struct file_map *add(struct file_maps *maps, int fd,
                            const struct stat *st)
{
    struct file_map *map = calloc(1, sizeof(*map));

    if (!map)
        return NULL;
    map->maps = maps;
    map->dev = st->st_dev;
    map->ino = st->st_ino;
    map->write_fd = -1;
    map->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    /* A memfd that was opened for reading only stays in step by itself. */
    map->tmpfs = is_tmpfs(fd) && open_for_write(map, fd) == 0;
    if (map->fd >= 0)
        map->mapping = map->tmpfs
                           ? mapping_create_tmpfs(maps->mem, &file_ops, map)
                           : mapping_create_file(maps->mem, &file_ops, map);
    if (!map->mapping) {
        map_close(map);
        return NULL;
    }
    if (map->tmpfs)
        mapping_get(map->mapping);
    DL_APPEND(maps->head, map);
    return map;
}

struct mapping *file_maps_get(struct file_maps *maps, int fd, bool write,
                              int *err)
{
    struct file_map *map;
    struct stat st;

    if (fstat(fd, &st) != 0) {
        *err = -errno;
        return NULL;
    }
    if (!S_ISREG(st.st_mode)) {
        *err = -ENODEV;
        return NULL;
    }
    *err = 0;
    map = find(maps, &st);
    if (map) {
        mapping_get(map->mapping);
    } else {
        errno = ENOMEM;
        map = add(maps, fd, &st);
        if (!map) {
            *err = errno == EMFILE ? -ENFILE : -ENOMEM;
            return NULL;
        }
    }
    if (write)
        *err = open_for_write(map, fd);
    if (*err) {
        mapping_put(map->mapping);
        return NULL;
    }
    return map->mapping;
}

/* The map of an open file, or NULL. */
static struct file_map *map_of(const struct file_maps *maps, int fd)
{
    struct stat st;

    if (!maps->head || fstat(fd, &st) != 0)
        return NULL;
    return find(maps, &st);
}

/* ---------------------------------------------------------------- seals */

#define SEALS_HOST (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int file_maps_seals(const struct file_maps *maps, int fd)
{
    int seals = fcntl(fd, F_GET_SEALS);
    const struct file_map *map;

    if (seals < 0)
        return -errno;
    map = maps->sealed ? map_of(maps, fd) : NULL;
    return (seals & (int)SEALS_HOST) |
           (map && map->future_write ? F_SEAL_FUTURE_WRITE : 0);
}

int file_maps_check_write(const struct file_maps *maps, int fd)
{
    const struct file_map *map = maps->sealed ? map_of(maps, fd) : NULL;

    return map && map->future_write ? -EPERM : 0;
}

/* mapping_deny_writable(), memfd_wait_for_pins() */
static int deny_writable(struct file_maps *maps, int fd)
{
    const struct file_map *map = map_of(maps, fd);
    const struct vma *vma =
        map ? mapping_first_vma(map->mapping, 0, UINT64_MAX) : NULL;

    for (; vma; vma = mapping_next_vma(vma, 0, UINT64_MAX))
        if (vma->flags & VM_SHARED)
            return -EBUSY;
    if (map && mapping_is_pinned(map->mapping))
        return -EBUSY;
    file_maps_sync(maps, fd); /* the host takes nothing more */
    return 0;
}

static int seal_future_write(struct file_maps *maps, int fd)
{
    struct file_map *map;
    int err = 0;

    map = map_of(maps, fd);
    if (!map) {
        struct mapping *mapping = file_maps_get(maps, fd, false, &err);

        if (err)
            return err;
        map = map_of(maps, fd);
        mapping_put(mapping); /* a file of memory keeps one */
    }
    maps->sealed += !map->future_write;
    map->future_write = true;
    return 0;
}

int file_maps_add_seals(struct file_maps *maps, int fd, unsigned seals)
{
    int old = file_maps_seals(maps, fd), err = 0;

    if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
        return -EPERM;
    if (seals & ~(unsigned)(SEALS_HOST | F_SEAL_FUTURE_WRITE))
        return -EINVAL;
    if (old < 0)
        return old;
    if (old & F_SEAL_SEAL)
        return -EPERM;
    if (seals & F_SEAL_WRITE && !(old & F_SEAL_WRITE))
        err = deny_writable(maps, fd);
    if (!err && seals & F_SEAL_FUTURE_WRITE)
        err = seal_future_write(maps, fd);
    if (!err && fcntl(fd, F_ADD_SEALS, (int)(seals & SEALS_HOST)) != 0)
        err = -errno;
    return err;
}

/* ---------------------------------------------- calls that use the file */

void file_maps_sync(struct file_maps *maps, int fd)
{
    const struct file_map *map = maps->writable ? map_of(maps, fd) : NULL;

    if (map && map->write_fd >= 0)
        mapping_writeback(map->mapping, 0, UINT64_MAX);
}

int file_maps_check_error(struct file_maps *maps, int fd)
{
    const struct file_map *map = map_of(maps, fd);

    return map ? mapping_check_error(map->mapping) : 0;
}

bool file_maps_has(const struct file_maps *maps, int fd)
{
    return map_of(maps, fd) != NULL;
}

void file_maps_written(struct file_maps *maps, int fd, uint64_t start,
                       uint64_t end, uint64_t src)
{
    const struct file_map *map = map_of(maps, fd);

    if (map)
        mapping_written(map->mapping, start, end, src);
}

void file_maps_resized(struct file_maps *maps, int fd, uint64_t old,
                       uint64_t size)
{
    const struct file_map *map = map_of(maps, fd);

    if (!map)
        return;
    if (size < old)
        truncate_pagecache(map->mapping, size);
    else if (page_offset(old))
        /* What was stored past the old end is not in the file. */
        mapping_refresh(map->mapping, old, old + 1);
}

void file_maps_punched(struct file_maps *maps, int fd, uint64_t start,
                       uint64_t end)
{
    const struct file_map *map = map_of(maps, fd);

    if (map)
        truncate_pagecache_range(map->mapping, start, end);
}

static const struct file_map *of_mapping(const struct file_maps *maps,
                                         const struct mapping *mapping)
{
    const struct file_map *map;

    DL_FOREACH(maps->head, map) {
        if (map->mapping == mapping)
            return map;
    }
    return NULL;
}

bool file_maps_is(const struct file_maps *maps, const struct mapping *mapping,
                  const struct stat *st)
{
    const struct file_map *map = of_mapping(maps, mapping);

    return map && map->dev == st->st_dev && map->ino == st->st_ino;
}

int file_maps_fd(const struct file_maps *maps, const struct mapping *mapping)
{
    const struct file_map *map = of_mapping(maps, mapping);

    return map ? map->fd : -1;
}

/* A descriptor for writing, owned by the caller; -EINVAL: no file of ours. */
static int open_mapped(const struct file_maps *maps, const struct mapping *m)
{
    int of = file_maps_fd(maps, m), fd;
    char path[40];

    if (of < 0)
        return -EINVAL;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", of);
    fd = open(path, O_RDWR | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int file_maps_truncate(struct file_maps *maps, const struct mapping *m,
                       uint64_t bytes)
{
    int fd = open_mapped(maps, m), err = 0;
    struct stat st;

    if (fd < 0)
        return fd;
    file_maps_sync(maps, fd);
    if (fstat(fd, &st) != 0 || ftruncate(fd, (off_t)bytes) != 0)
        err = -errno;
    else
        file_maps_resized(maps, fd, (uint64_t)st.st_size, bytes);
    close(fd);
    return err;
}

int file_maps_punch(struct file_maps *maps, const struct mapping *m,
                    uint64_t start, uint64_t end)
{
    int fd = open_mapped(maps, m), err = 0;

    if (fd < 0)
        return fd;
    file_maps_sync(maps, fd);
    if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)start,
                  (off_t)(end - start)) != 0)
        err = -errno;
    else
        file_maps_punched(maps, fd, start, end);
    close(fd);
    return err;
}

/* Can the file still be opened, by a descriptor or by its name? */
static bool reachable(const struct file_map *map,
                      bool (*in_use)(void *ctx, uint64_t dev, uint64_t ino),
                      void *ctx)
{
    struct stat st;

    if (!in_use)
        return false;
    return mapping_mapped(map->mapping) ||
           (fstat(map->fd, &st) == 0 && st.st_nlink > 0) ||
           in_use(ctx, map->dev, map->ino);
}

void file_maps_reap(struct file_maps *maps,
                    bool (*in_use)(void *ctx, uint64_t dev, uint64_t ino),
                    void *ctx)
{
    struct file_map *map, *next;

    DL_FOREACH_SAFE(maps->head, map, next) {
        if (map->tmpfs && !reachable(map, in_use, ctx))
            mapping_put(map->mapping);
    }
}

bool file_maps_info(const struct file_maps *maps, const struct mapping *mapping,
                    struct file_map_info *out)
{
    const struct file_map *map = of_mapping(maps, mapping);
    char path[32];
    ssize_t n;

    if (!map)
        return false;
    out->dev = map->dev;
    out->ino = map->ino;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", map->fd);
    n = readlink(path, out->path, sizeof(out->path) - 1);
    out->path[n < 0 ? 0 : n] = '\0';
    return true;
}
