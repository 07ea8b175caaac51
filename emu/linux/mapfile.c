#include "emu/linux/mapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utlist.h>

struct file_map {
    struct file_maps *maps; /* borrowed */
    dev_t dev;
    ino_t ino;
    int fd;                  /* owned */
    struct mapping *mapping; /* not counted: it frees us */
    struct file_map *prev, *next;
};

struct file_maps {
    struct memory *mem; /* borrowed */
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

static uint64_t map_size(void *ctx)
{
    const struct file_map *map = ctx;
    struct stat st;

    return fstat(map->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void map_release(void *ctx)
{
    struct file_map *map = ctx;

    DL_DELETE(map->maps->head, map);
    close(map->fd);
    free(map);
}

static const struct mapping_ops file_ops = {
    .read = map_read,
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

static struct file_map *add(struct file_maps *maps, int fd,
                            const struct stat *st)
{
    struct file_map *map = calloc(1, sizeof(*map));

    if (!map)
        return NULL;
    map->maps = maps;
    map->dev = st->st_dev;
    map->ino = st->st_ino;
    map->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (map->fd >= 0)
        map->mapping = mapping_create_file(maps->mem, &file_ops, map);
    if (!map->mapping) {
        if (map->fd >= 0)
            close(map->fd);
        free(map);
        return NULL;
    }
    DL_APPEND(maps->head, map);
    return map;
}

struct mapping *file_maps_get(struct file_maps *maps, int fd, int *err)
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
    map = find(maps, &st);
    if (map) {
        mapping_get(map->mapping);
        return map->mapping;
    }
    map = add(maps, fd, &st);
    *err = map ? 0 : -ENOMEM;
    return map ? map->mapping : NULL;
}

void file_maps_written(struct file_maps *maps, int fd, uint64_t start,
                       uint64_t end)
{
    struct file_map *map;
    struct stat st;

    if (!maps->head || fstat(fd, &st) != 0)
        return;
    map = find(maps, &st);
    if (map)
        mapping_refresh(map->mapping, start, end);
}

bool file_maps_info(const struct file_maps *maps, const struct mapping *mapping,
                    struct file_map_info *out)
{
    const struct file_map *map;
    char path[32];
    ssize_t n;

    DL_FOREACH(maps->head, map) {
        if (map->mapping == mapping)
            break;
    }
    if (!map)
        return false;
    out->dev = map->dev;
    out->ino = map->ino;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", map->fd);
    n = readlink(path, out->path, sizeof(out->path) - 1);
    out->path[n < 0 ? 0 : n] = '\0';
    return true;
}
