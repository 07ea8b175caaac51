/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/mm/mapfile.h - one page cache for each host file that is mapped
 *
 * Owns:    the table of them, by device and inode
 * Used by: mmap, the loader; calls that read or change a file by its
 *          descriptor keep cached pages in step; emu/
 *
 * The bytes of a file are on the host, and calls work on them there.  Pages
 * that were stored to through a mapping are written back before such a call;
 * pages whose bytes it changed are read again.
 *
 * Files of memfd_create() and below /dev/shm are tmpfs: their pages, with
 * their tags, live in memory and in swap as long as the file.
 */
#pragma once

#include "mm/mapping.h"

struct file_maps;
struct memory;
struct stat;

struct file_maps *file_maps_create(struct memory *mem);
void file_maps_destroy(struct file_maps *maps);

/*
 * file_maps_get - the page cache of an open regular file
 *
 * @write: @fd is open for writing, and pages will be stored to
 * Keeps a descriptor of its own.  Returns it with a reference, or NULL with
 * *@err set: -ENODEV when it is not a regular file, -ENOMEM, -EBADF.
 */
struct mapping *file_maps_get(struct file_maps *maps, int fd, bool write,
                              int *err);

/*
 * file_maps_sync - a call is about to look at, or change, the host's file
 *
 * Stores through mappings are in it afterwards.
 */
void file_maps_sync(struct file_maps *maps, int fd);

/* file_maps_check_error - the write-back error since last asked, or 0 */
MUST_CHECK int file_maps_check_error(struct file_maps *maps, int fd);

/* file_maps_resized - it has @size bytes now, @old before */
void file_maps_resized(struct file_maps *maps, int fd, uint64_t old,
                       uint64_t size);

/* file_maps_punched - bytes [start, end) became a hole */
void file_maps_punched(struct file_maps *maps, int fd, uint64_t start,
                       uint64_t end);

/*
 * file_maps_truncate, file_maps_punch - what somebody else who has the file
 * open may do to it: ftruncate(2), fallocate(2) with PUNCH_HOLE
 *
 * @m: one of ours; -EINVAL: it is not
 */
MUST_CHECK int file_maps_truncate(struct file_maps *maps,
                                  const struct mapping *m, uint64_t bytes);
MUST_CHECK int file_maps_punch(struct file_maps *maps, const struct mapping *m,
                               uint64_t start, uint64_t end);

/*
 * file_maps_reap - let go of tmpfs files that nobody can reach any more
 *
 * @in_use: has a process the file open?  NULL: none has, and none will
 */
void file_maps_reap(struct file_maps *maps,
                    bool (*in_use)(void *ctx, uint64_t dev, uint64_t ino),
                    void *ctx);

/*
 * file_maps_add_seals - F_ADD_SEALS: 0 or -errno
 *
 * F_SEAL_FUTURE_WRITE is kept here, not on the host: stores through mappings
 * that were made before still have to get into the file.
 */
MUST_CHECK int file_maps_add_seals(struct file_maps *maps, int fd,
                                   unsigned seals);

/* file_maps_seals - F_GET_SEALS: those of the guest, or -errno */
MUST_CHECK int file_maps_seals(const struct file_maps *maps, int fd);

/* file_maps_check_write - before a call changes bytes: 0, -EPERM: sealed */
MUST_CHECK int file_maps_check_write(const struct file_maps *maps, int fd);

/* file_maps_is - is @mapping, one of ours, of this file? */
bool file_maps_is(const struct file_maps *maps, const struct mapping *mapping,
                  const struct stat *st);

/* file_maps_fd - a descriptor of the host, borrowed; -1: it is none of ours */
int file_maps_fd(const struct file_maps *maps, const struct mapping *mapping);

/* What /proc/PID/maps says of a file. */
struct file_map_info {
    uint64_t dev, ino;
    char path[4096];
};

/* file_maps_info - of the file behind @mapping; false: it is none */
bool file_maps_info(const struct file_maps *maps, const struct mapping *mapping,
                    struct file_map_info *out);

/* file_maps_has - is, or was, the file mapped, so that pages follow it? */
bool file_maps_has(const struct file_maps *maps, int fd);

/* file_maps_written - [start, end) of the file was written by a call
 *
 * @src: as in mapping_written() */
void file_maps_written(struct file_maps *maps, int fd, uint64_t start,
                       uint64_t end, uint64_t src);
