/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/net/msghdr.h - struct msghdr of the program
 *
 * Owns:    nothing
 * Used by: emu/linux/net/
 * Source:  linux v6.2 net/socket.c __copy_msghdr()
 */
#pragma once

#include "emu/linux/fs/iovec.h"
#include "emu/linux/net/abi_net.h"

/*
 * msghdr_import - that at @va, for a call that may be made again
 *
 * @out: in host order
 * @it:  its buffers, in @seg
 * Returns 0, -EFAULT, -EINVAL, -EMSGSIZE or -ENOMEM.
 */
MUST_CHECK int msghdr_import(struct task *t, uint64_t va, struct msghdr_g *out,
                             struct user_iter *it,
                             struct iovec_g seg[static UIO_MAXIOV_G]);

/* msghdr_buffer - import_single_range(), as an iterator over @seg */
struct user_iter msghdr_buffer(struct iovec_g *seg, uint64_t va, uint64_t len);
