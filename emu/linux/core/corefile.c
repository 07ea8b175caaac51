// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/core/corefile.h"

#include <errno.h>
#include <unistd.h>

#include "emu/linux/fs/fsize.h"

/* __kernel_write(): all of it, or what was written counts for nothing. */
static bool write_all(struct core_file *f, const void *buf, size_t len)
{
    const uint8_t *at = buf;
    off_t pos = (off_t)(f->pos);

    if (fsize_limit_write(f->t, f->fd, pos, len) != (int64_t)len)
        return false;
    while (len > 0) {
        ssize_t n = pwrite(f->fd, at, len, pos);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            f->err = n < 0 ? errno : EIO;
            return false;
        }
        at += n;
        pos += n;
        len -= (size_t)n;
    }
    return true;
}

bool core_emit(struct core_file *f, const void *buf, size_t len)
{
    f->skip = 0;
    if (f->t->m->interrupted || f->written + len > f->limit ||
        !write_all(f, buf, len))
        return false;
    f->written += len;
    f->pos += len;
    return true;
}

void core_skip(struct core_file *f, uint64_t len)
{
    f->skip += len;
    f->pos += len;
}

void core_align(struct core_file *f, uint64_t unit)
{
    uint64_t over = f->pos & (unit - 1);

    if (over)
        core_skip(f, unit - over);
}

void core_finish(struct core_file *f)
{
    if (f->skip == 0)
        return;
    f->pos--;
    (void)!core_emit(f, "", 1);
}
