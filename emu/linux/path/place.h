/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/path/place.h - a directory that names can begin at
 *
 * Owns:    struct place, the role of struct path: what the current directory
 *          of a process is, shared by those that it forked
 * Used by: emu/linux/path/namei.c, sys_path.c, process.c
 *
 * The host's own current directory is never used: guest processes share it
 * with each other and with the emulator.
 */
#pragma once

#include "emu/linux/proc/procfs.h"

struct place {
    int refs;
    int fd;                  /* owned; O_PATH; -1: of the machine's */
    struct procfs_node node; /* entry NULL: of the host */
};

/*
 * place_create - of the host's directory @fd, or of @node when that is one
 *
 * @fd: owned by the place from here on, also on error
 * Returns NULL when the host has no memory.
 */
struct place *place_create(int fd, const struct procfs_node *node);

struct place *place_get(struct place *p);
void place_put(struct place *p);
