/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/path/sysroot.h - files for the program in front of the host's
 *
 * Owns:    struct sysroot
 * Used by: emu/linux/path/namei.c, emu/machine.c, emu/gdb/
 * Source:  as -L of qemu-user: an absolute name of a file that is there is
 *          that file, and not the one of the host
 */
#pragma once

#include "emu/linux/path/path.h"

struct sysroot;

/*
 * sysroot_create - of the directory @path; what is in it is looked at once
 *
 * Returns NULL with errno: it is no directory, cannot be read, or ENOMEM.
 */
MUST_CHECK struct sysroot *sysroot_create(const char *path);

/* sysroot_destroy - NULL is allowed */
void sysroot_destroy(struct sysroot *s);

/*
 * sysroot_name - the name in the sysroot of what a program calls @name
 *
 * Returns false when there is nothing of that name, which needs no look at the
 * host for most of them; @s NULL is allowed.
 */
bool sysroot_name(const struct sysroot *s, const char *name,
                  char out[static PATH_BYTES]);
