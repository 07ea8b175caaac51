/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/mm/swapfile.h - the swap devices of the machine, by name
 *
 * Owns:    the file behind each device: those of --swap, which are called
 *          /dev/adi0, /dev/adi1, ... whether they are on or off, and those
 *          that a program turned on by their path
 * Used by: emu/machine.c, emu/linux/mm/sys_swap.c, emu/script.c
 * Source:  the role of linux v6.2 mm/swapfile.c SYSCALL swapon, swapoff
 */
#pragma once

#include "emu/internal.h"

struct stat;
struct swap_files;

/*
 * swap_files_create - no device yet
 *
 * @fail_write, @fail_read: that call, of all devices, fails; 0: never
 * Returns NULL when the host has no memory.
 */
struct swap_files *swap_files_create(uint64_t fail_write, uint64_t fail_read);
void swap_files_destroy(struct swap_files *files);

/*
 * swap_files_add - make the next /dev/adiN, and turn it on
 *
 * @why: on error, gets a phrase for the user, or NULL: strerror() will do
 * Returns 0 or -errno.
 */
MUST_CHECK int swap_files_add(struct machine *m, const struct swap_option *o,
                              const char **why);

/*
 * swap_files_on - swapon(2)
 *
 * @fd:   of the host, borrowed; -1 for the device @name
 * @name: "/dev/adiN", or what messages call the file
 * Returns 0 or -errno: -EBUSY: it is on; -EINVAL: no swap file.
 */
MUST_CHECK int swap_files_on(struct machine *m, int fd, const char *name,
                             int priority);

/* swap_files_off - swapoff(2); the same arguments, and swap_off()'s errors */
MUST_CHECK int swap_files_off(struct machine *m, int fd, const char *name,
                              bool (*stop)(void *ctx), void *ctx);

/*
 * swap_files_name - what /proc/swaps calls the device of @type
 *
 * Returns whether it is a device by name, and no file.
 */
bool swap_files_name(const struct swap_files *files, int type, char *out,
                     size_t size);

/* swap_files_any - is there a device at all, on or off? */
bool swap_files_any(const struct swap_files *files);

/* swap_files_busy - IS_SWAPFILE(): is a device that is on in this file? */
bool swap_files_busy(const struct swap_files *files, const struct stat *st);

/* swap_files_fail - the @nr-th write, or read, from now on fails */
void swap_files_fail(struct swap_files *files, bool write, uint64_t nr);

/* Is this the name of a device?  It need not exist. */
bool swap_files_is_name(const char *name);
