// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/fs/pipe.h"

#include <errno.h>
#include <fcntl.h>

#include "emu/linux/path/path.h"

unsigned pipe_round_size(uint64_t size)
{
    unsigned rounded = PAGE_SIZE;

    if (size > 1u << 31)
        return 0;
    while (rounded < size)
        rounded <<= 1;
    return rounded;
}

int64_t pipe_set_size(struct task *t, int fd, uint64_t size)
{
    unsigned rounded = pipe_round_size(size);
    int old = fcntl(fd, F_GETPIPE_SZ);

    if (old < 0)
        return host_result(-1);
    if (!rounded)
        return -EINVAL;
    if (rounded > (unsigned)old && rounded > t->m->pipe_max_size &&
        !cred_capable(t, CAP_G_SYS_RESOURCE))
        return -EPERM;
    if (fcntl(fd, F_SETPIPE_SZ, rounded) < 0)
        return host_result(-1);
    return rounded;
}
