/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/path/confine.h - which files of the host a program may reach
 *
 * Owns:    struct confine: the paths of --bind and -L, of --sandbox
 * Used by: emu/machine.c makes it, emu/linux/path/namei.c, path.c and
 *          emu/gdb/file.c ask,
 *          emu/sandbox/ tells the host the same
 *
 * The host's Landlock has no rule for what only looks at a file, changes its
 * owner, mode or times, or connects to its socket.  So adiemu looks, too: at
 * the path that the kernel has for an open file, which no link, ".." or rename
 * of the program can make another.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "mm/types.h"

struct confine;

enum confine_rights {
    CONFINE_UNKNOWN,
    CONFINE_OUTSIDE, /* as if it were not there */
    CONFINE_ABOVE,   /* a directory, or a link, on the way to one of these: */
    CONFINE_READ,
    CONFINE_WRITE,
};

/* confine_create - nothing may be reached yet.  NULL: no memory */
struct confine *confine_create(void);

/* confine_destroy - NULL is allowed */
void confine_destroy(struct confine *c);

/*
 * confine_add - @path, and all that is below it if it is a directory
 *
 * @rights: CONFINE_READ or CONFINE_WRITE
 * Returns 0; -EROFS where one that is read only would be below one that may be
 * written to, which Landlock cannot do; or -errno of the host.
 */
MUST_CHECK int confine_add(struct confine *c, const char *path,
                           enum confine_rights rights);

/* confine_rights - of the file, or O_PATH, @fd of the host; never UNKNOWN.
 * What has no name in the file system, such as a pipe, is CONFINE_WRITE. */
enum confine_rights confine_rights(const struct confine *c, int fd);

/* confine_nth - what confine_add() was told, as the host's O_PATH @fd.
 * Returns false behind the last. */
bool confine_nth(const struct confine *c, size_t n, int *fd,
                 enum confine_rights *rights);

/* Does the host keep names of AF_UNIX in the abstract namespace apart? */
void confine_set_abstract(struct confine *c, bool apart);
bool confine_abstract(const struct confine *c);
