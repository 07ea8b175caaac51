// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fs/iovec.h"

#include <endian.h>
#include <errno.h>

#include "emu/linux/uaccess.h"

int64_t iovec_check(struct iovec_g *seg, uint64_t nr)
{
    uint64_t total = 0;

    for (uint64_t i = 0; i < nr; i++) {
        uint64_t len = be64toh(seg[i].len);

        if ((int64_t)len < 0)
            return -EINVAL;
        if (len > MAX_RW_COUNT_G - total)
            len = MAX_RW_COUNT_G - total;
        seg[i] = (struct iovec_g){be64toh(seg[i].base), len};
        total += len;
    }
    return (int64_t)total;
}

int64_t iovec_import(struct task *t, struct iovec_g seg[static UIO_MAXIOV_G],
                     uint64_t va, uint64_t nr)
{
    if (nr > UIO_MAXIOV_G)
        return -EINVAL;
    if (copy_from_user(t, seg, va, nr * sizeof(*seg)))
        return -EFAULT;
    return iovec_check(seg, nr);
}

void iovec_skip(struct iovec_g *seg, uint64_t bytes)
{
    for (; bytes > 0; seg++) {
        uint64_t n = seg->len < bytes ? seg->len : bytes;

        seg->base += n;
        seg->len -= n;
        bytes -= n;
    }
}
