/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/path/place.h - a directory that names can begin at
 *
 * Owns:    struct place, the role of struct path: what the current directory
 *          of a process is, shared by those that it forked;
 *          struct fs_struct: what clone(2) shares with CLONE_FS
 * Used by: emu/linux/path/namei.c, sys_path.c, process.c
 * Source:  linux v6.2 include/linux/fs_struct.h
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

void place_put(struct place *p);

struct fs_struct {
    int users;
    struct place *root, *cwd; /* counted */
    unsigned umask;
};

/* fs_create - from the root of the host; the directory is NULL.  NULL: no
 * memory */
struct fs_struct *fs_create(void);

/* fs_copy - copy_fs_struct(): the same, for one user.  NULL: no memory */
struct fs_struct *fs_copy(const struct fs_struct *fs);

struct fs_struct *fs_get(struct fs_struct *fs);

/* fs_put - exit_fs(); NULL is fine */
void fs_put(struct fs_struct *fs);
