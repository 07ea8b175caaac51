/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/rw.h - what calls that move bytes of a file have in common
 *
 * Owns:    nothing
 * Used by: emu/linux/fs/sys_rw.c, sys_file.c; the kinds of file
 * Source:  the role of linux fs/read_write.c
 */
#pragma once

#include "emu/linux/sched/task.h"

struct user_iter;

#define AT_POSITION (-1) /* an offset: where the file is, and move on */
#define AT_END      (-2) /* where the file ended before the call */

/* An open file of the guest, for a transfer. */
struct user_file {
    const struct open_file *file;   /* borrowed */
    int guest;                      /* its descriptor */
    int fd;                         /* of the host */
    bool polled, outside, nonblock; /* files_set_polled() */
    int flags;                      /* of preadv2(2): RWF_G_* */
    bool vector;                    /* of readv(2) and its kin */
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

/*
 * rw_read_record, rw_write_record - a call of a kind without a position, that
 * moves one thing, or as many as fit, through the bounce buffer
 *
 * @get: puts up to @len bytes at @buf; @put: takes them
 *       @data: files_set_ops(); @host: the host's descriptor, whose readiness
 *       is the file's; returns how many bytes, or -errno; -EAGAIN: must wait
 * Returns how many bytes, TASK_WAITS, or -errno.
 */
typedef int64_t (*rw_get)(struct task *t, void *data, int host, uint8_t *buf,
                          size_t len);
typedef int64_t (*rw_put)(struct task *t, void *data, int host,
                          const uint8_t *buf, size_t len);
int64_t rw_read_record(struct task *t, const struct user_file *file,
                       struct user_iter *to, int64_t offset, rw_get get);
int64_t rw_write_record(struct task *t, const struct user_file *file,
                        struct user_iter *from, int64_t offset, rw_put put);

/* rw_splice_read, rw_splice_write - the op of the file's kind, or -EINVAL */
MUST_CHECK int rw_splice_read(struct task *t, const struct user_file *file,
                              int64_t offset, uint64_t len);
MUST_CHECK int rw_splice_write(struct task *t, const struct user_file *file);

/* rw_sigpipe - nobody reads that pipe any more */
void rw_sigpipe(struct task *t);
