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
 * Returns its descriptor, owned by the caller, or -errno: -EINVAL for fewer
 * than 10 pages, or for what is no regular file.
 */
MUST_CHECK int swapdev_file_make(const char *path, uint64_t bytes);

/*
 * swapdev_file_use - what swapon(2) does with a file: trust its header
 *
 * @fd:    borrowed; open for reading and writing
 * @slots: gets the number of slots; slot 0 is the header
 * @dev:   gets the device, owned by the caller until close()
 * @why:   on -EINVAL, gets what is wrong with it
 * Returns 0 or -errno: -EINVAL when this is no swap file.
 * Source: mm/swapfile.c claim_swapfile(), read_swap_header()
 */
MUST_CHECK int swapdev_file_use(int fd, uint64_t *slots, void **dev,
                                const char **why);

/* swapdev_file_open - make, then use; @slots and @dev as above */
MUST_CHECK int swapdev_file_open(const char *path, uint64_t bytes,
                                 uint64_t *slots, void **dev);
