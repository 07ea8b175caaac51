/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/iovec.h - struct iovec of the guest: parts of its memory
 *
 * Owns:    nothing
 * Used by: emu/linux/sys_*.c
 * Source:  linux v6.2 lib/iov_iter.c copy_iovec_from_user(), __import_iovec()
 */
#pragma once

#include "emu/linux/abi_file.h"
#include "mm/types.h"

struct task;

/*
 * iovec_check - @nr segments as the guest has them, into host order
 *
 * Returns the sum of them, bytes; one that is too large for a call is cut.
 * -EINVAL: a length is negative.
 */
MUST_CHECK int64_t iovec_check(struct iovec_g *seg, uint64_t nr);

/*
 * iovec_import - the segments at @va, for a call that does not wait
 *
 * Returns as above, and -EINVAL: too many, -EFAULT.
 */
MUST_CHECK int64_t iovec_import(struct task *t,
                                struct iovec_g seg[static UIO_MAXIOV_G],
                                uint64_t va, uint64_t nr);

/* iovec_skip - the first @bytes, at most all there are, have been moved */
void iovec_skip(struct iovec_g *seg, uint64_t bytes);

/* What is left of a call's buffers. */
struct user_iter {
    struct iovec_g *seg; /* borrowed; host order, changes on the way */
    struct iovec_g *end;
    uint64_t left; /* bytes of those before @end */
};

/*
 * iter_copy - move up to @want bytes, at most it->left, between the user's
 * buffers and the bounce buffer
 *
 * @pages: to the user: where the bytes are in the pages of the kernel, each of
 *         which is a copy; NULL: from the user
 * Returns how many before the first that faults.
 */
size_t iter_copy(struct task *t, struct user_iter *it, size_t want,
                 const uint64_t *pages);

/* iter_chunk - as much as fits into the bounce buffer */
size_t iter_chunk(const struct user_iter *it);

/* iter_segment - the next bytes of one buffer: a kernel copies each by itself
 */
size_t iter_segment(struct user_iter *it);

/* iter_room - bytes of the buffers before the first that faults, up to @want
 */
size_t iter_room(struct task *t, const struct user_iter *it, size_t want);

/* iter_at_hand - can the next @want bytes be copied there without a fault? */
bool iter_at_hand(const struct task *t, const struct user_iter *it,
                  size_t want);

/* iter_skip - @bytes were moved by an earlier try of the call */
void iter_skip(struct user_iter *it, uint64_t bytes);
