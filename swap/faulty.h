/*
 * swap/faulty.h - a swap device that fails when it is told to
 *
 * Owns:    the device it wraps
 * Used by: --fail swapread:N, --fail swapwrite:N, tests
 */
#pragma once

#include "swap/device.h"

/*
 * swapdev_faulty_wrap - the @nr-th write, or read, gives -EIO
 *
 * @ops, @dev: the device, replaced by one that owns it
 * @write_nr, @read_nr: counted from 1; 0: never
 * Returns 0, or -ENOMEM with the device as it was.
 */
MUST_CHECK int swapdev_faulty_wrap(const struct swapdev_ops **ops, void **dev,
                                   uint64_t write_nr, uint64_t read_nr);
