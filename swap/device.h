/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/device.h - where the pages of a swap device are kept
 *
 * Owns:    the open file
 * Used by: swap/ reads and writes slots; tests put failures in here
 * Source:  the role of linux mm/page_io.c; header of mkswap(8)
 */
#pragma once

#include "mm/types.h"

/* Both move PAGE_SIZE bytes and return 0 or -errno. */
struct swapdev_ops {
    int (*read)(void *dev, uint64_t slot, uint8_t *page);
    int (*write)(void *dev, uint64_t slot, const uint8_t *page);
    void (*close)(void *dev);
};

extern const struct swapdev_ops swapdev_file_ops;

/*
 * swapdev_file_make - a file of @bytes with the header of mkswap(8)
 *
 * @path: made when absent, grown when short; NULL: a temporary file that
 *        nobody else can see
 * @why:  on error, gets a phrase for the user, or NULL: the errno is one
 *
 * A file that has bytes, but no swap header, is somebody's data: it is left
 * alone.  One of ours is locked until the descriptor and all its duplicates
 * are closed.
 * Returns its descriptor, owned by the caller, or -errno: -EINVAL for fewer
 * than 10 pages, or for what is no regular file; -EEXIST: no swap file;
 * -EBUSY: somebody else has it locked.
 */
MUST_CHECK int swapdev_file_make(const char *path, uint64_t bytes,
                                 const char **why);

/* swapdev_file_lock - 0, -EBUSY when another open file has it, or -errno */
MUST_CHECK int swapdev_file_lock(int fd);

/* Who is told of a call of the host that failed. */
struct swapdev_watch {
    void (*failed)(void *ctx, const char *call, int error); /* NULL: nobody */
    void *ctx; /* borrowed until the device is closed */
};

/*
 * swapdev_file_use - what swapon(2) does with a file: trust its header
 *
 * @fd:    borrowed; open for reading and writing
 * @slots: gets the number of slots; slot 0 is the header
 * @dev:   gets the device, owned by the caller until close()
 * @why:   on -EINVAL, gets what is wrong with it
 * @watch: told of each read or write that the host refuses
 * Returns 0 or -errno: -EINVAL when this is no swap file.
 * Source: mm/swapfile.c claim_swapfile(), read_swap_header()
 */
MUST_CHECK int swapdev_file_use(int fd, uint64_t *slots, void **dev,
                                const char **why, struct swapdev_watch watch);

/* swapdev_file_open - make, then use; @slots and @dev as above */
MUST_CHECK int swapdev_file_open(const char *path, uint64_t bytes,
                                 uint64_t *slots, void **dev);
