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
 * swapdev_file_open - a swap file of @bytes
 *
 * @path:  made when absent, grown when short; NULL: a temporary file that
 *         nobody else can see
 * @slots: gets the number of slots; slot 0 is the header of mkswap(8)
 * @dev:   gets the device, owned by the caller until close()
 * Returns 0 or -errno: -EINVAL for fewer than 10 pages.
 */
MUST_CHECK int swapdev_file_open(const char *path, uint64_t bytes,
                                 uint64_t *slots, void **dev);
