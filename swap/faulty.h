/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/faulty.h - a swap device that fails when it is told to
 *
 * Owns:    the device it wraps
 * Used by: --fail swapread:N, --fail swapwrite:N, script/alone.c,
 *          emu/linux/mm/swapfile.c, tests; script/alone.h
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

/* Calls until one fails, counted over all devices that share it; 0: never. */
struct swapdev_faults {
    uint64_t write_in, read_in;
};

/* swapdev_faulty_share - the same; @faults is borrowed by the device */
MUST_CHECK int swapdev_faulty_share(const struct swapdev_ops **ops, void **dev,
                                    struct swapdev_faults *faults);
