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
