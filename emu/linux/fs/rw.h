/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/rw.h - what calls that move bytes of a file have in common
 *
 * Owns:    nothing
 * Used by: emu/linux/fs/sys_rw.c, sys_file.c
 * Source:  the role of linux fs/read_write.c
 */
#pragma once

#include "emu/linux/sched/task.h"

#define AT_POSITION (-1) /* an offset: where the file is, and move on */
#define AT_END      (-2) /* where the file ended before the call */

/* An open file of the guest, for a transfer. */
struct user_file {
    const struct open_file *file;   /* borrowed */
    int guest;                      /* its descriptor */
    int fd;                         /* of the host */
    bool polled, outside, nonblock; /* files_set_polled() */
    int flags;                      /* of preadv2(2): RWF_G_* */
};

/* rw_get_file - 0, or -EBADF and @out->fd below 0 */
int rw_get_file(const struct task *t, uint64_t guest, struct user_file *out);

/*
 * rw_must_wait - must the call wait for @events (POLLIN, POLLOUT)?
 *
 * Of files that are polled, errno of the host's call says so.  Others are asked
 * before it, unless nobody else could run in the meantime.
 */
bool rw_must_wait(struct task *t, const struct user_file *file, short events);
int64_t rw_wait(struct task *t, const struct user_file *file, short events);

/*
 * rw_wrote - pages mapped from the file follow @n bytes at @offset
 *
 * @src: where they came from: an address, or an offset in another file
 */
void rw_wrote(struct task *t, int fd, int64_t n, int64_t offset, uint64_t src);

/* rw_sigpipe - nobody reads that pipe any more */
void rw_sigpipe(struct task *t);
