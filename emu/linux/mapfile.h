/*
 * emu/linux/mapfile.h - one page cache for each host file that is mapped
 *
 * Owns:    the table of them, by device and inode
 * Used by: mmap, the loader; write(2) keeps cached pages in step
 */
#pragma once

#include "mm/mapping.h"

struct file_maps;
struct memory;

struct file_maps *file_maps_create(struct memory *mem);
void file_maps_destroy(struct file_maps *maps);

/*
 * file_maps_get - the page cache of an open regular file
 *
 * Keeps a descriptor of its own.  Returns it with a reference, or NULL with
 * *@err set: -ENODEV when it is not a regular file, -ENOMEM, -EBADF.
 */
struct mapping *file_maps_get(struct file_maps *maps, int fd, int *err);

/* What /proc/PID/maps says of a file. */
struct file_map_info {
    uint64_t dev, ino;
    char path[4096];
};

/* file_maps_info - of the file behind @mapping; false: it is none */
bool file_maps_info(const struct file_maps *maps, const struct mapping *mapping,
                    struct file_map_info *out);

/* file_maps_written - [start, end) of the file was written by a call */
void file_maps_written(struct file_maps *maps, int fd, uint64_t start,
                       uint64_t end);
