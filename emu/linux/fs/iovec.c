// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fs/iovec.h"

#include <endian.h>
#include <errno.h>

#include "base/invariant.h"
#include "emu/linux/sched/task.h"
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

size_t iter_copy(struct task *t, struct user_iter *it, size_t want,
                 const uint64_t *pages)
{
    uint8_t *host = t->m->bounce;
    size_t done = 0, fault = 0;

    while (done < want && !fault) {
        size_t n = want - done;

        INVARIANT(it->seg < it->end);
        if (it->seg->len == 0) {
            it->seg++;
            continue;
        }
        if (n > it->seg->len)
            n = it->seg->len;
        if (pages && n > PAGE_SIZE - page_offset(*pages + done))
            n = PAGE_SIZE - page_offset(*pages + done);
        fault = pages ? copy_data_to_user(t, it->seg->base, host + done, n,
                                          *pages + done)
                      : copy_data_from_user(t, host + done, it->seg->base, n);
        n -= fault;
        it->seg->base += n;
        it->seg->len -= n;
        it->left -= n;
        done += n;
    }
    return done;
}

size_t iter_chunk(const struct user_iter *it)
{
    return it->left < BOUNCE_BYTES ? it->left : BOUNCE_BYTES;
}

size_t iter_segment(struct user_iter *it)
{
    while (it->left > 0 && it->seg->len == 0)
        it->seg++;
    return it->left > 0 && it->seg->len < BOUNCE_BYTES ? it->seg->len
                                                       : iter_chunk(it);
}

size_t iter_room(struct task *t, const struct user_iter *it, size_t want)
{
    size_t done = 0;

    for (const struct iovec_g *seg = it->seg; done < want; seg++) {
        size_t n = seg->len < want - done ? seg->len : want - done;
        size_t room = user_room(t, seg->base, n);

        done += room;
        if (room < n)
            break;
    }
    return done;
}

bool iter_at_hand(const struct task *t, const struct user_iter *it, size_t want)
{
    for (const struct iovec_g *seg = it->seg; want > 0; seg++) {
        size_t n = seg->len < want ? seg->len : want;

        if (!user_at_hand(t, seg->base, n))
            return false;
        want -= n;
    }
    return true;
}

void iter_skip(struct user_iter *it, uint64_t bytes)
{
    while (bytes > 0) {
        uint64_t n = it->seg->len < bytes ? it->seg->len : bytes;

        INVARIANT(it->seg < it->end);
        it->seg->base += n;
        it->seg->len -= n;
        it->left -= n;
        bytes -= n;
        if (it->seg->len == 0 && bytes > 0)
            it->seg++;
    }
}
