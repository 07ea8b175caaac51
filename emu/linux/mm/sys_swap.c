// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * swapon(2), swapoff(2).  Every program may: to be root on this machine takes
 * no more than to say so.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/mm/swapfile.h"
#include "emu/linux/path/path.h"
#include "emu/linux/syscall.h"

#define SWAP_FLAG_PRIO_MASK 0x07fffu
#define SWAP_FLAG_PREFER    0x08000u
#define SWAP_FLAGS_VALID    0x7ffffu /* and three ways to discard */

/* The file at @va and its @name, or -1 for the name of a device of ours. */
static int open_area(struct task *t, uint64_t va, char name[static PATH_BYTES],
                     int *fd)
{
    int err = path_name(t, va, 0, name);
    struct user_path p;
    char by_fd[32];

    *fd = -1;
    if (err || swap_files_is_name(name))
        return err;
    err = path_walk(t, AT_G_FDCWD, name, PATH_FOLLOW, &p);
    if (err)
        return err;
    path_of_fd(p.fd, by_fd);
    if (p.node.entry || !S_ISREG(p.st.st_mode))
        err = -EINVAL; /* claim_swapfile(), also of a FIFO */
    else if (path_check_write(t, p.fd))
        err = path_check_write(t, p.fd);
    else if ((*fd = open(by_fd, O_RDWR | O_CLOEXEC)) < 0)
        err = (int)host_result(-1);
    path_put(&p);
    return err;
}

int64_t sys_swapon(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[1];
    int priority = SWAP_PRIORITY_AUTO, fd, err;
    char name[PATH_BYTES];

    if (flags & ~SWAP_FLAGS_VALID)
        return -EINVAL;
    if (flags & SWAP_FLAG_PREFER)
        priority = (int)(flags & SWAP_FLAG_PRIO_MASK);
    err = open_area(t, a[0], name, &fd);
    if (err)
        return err;
    err = swap_files_on(t->m, fd, name, priority);
    if (fd >= 0)
        close(fd);
    return err;
}

static bool stop(void *ctx)
{
    return host_stop(ctx);
}

int64_t sys_swapoff(struct task *t, const uint64_t a[6])
{
    char name[PATH_BYTES];
    int fd, err;

    err = open_area(t, a[0], name, &fd);
    if (err)
        return err;
    err = swap_files_off(t->m, fd, name, stop, t);
    if (fd >= 0)
        close(fd);
    return err;
}
