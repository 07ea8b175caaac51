/*
 * swapon(2), swapoff(2).  Every program may: to be root on this machine takes
 * no more than to say so.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/path.h"
#include "emu/linux/swapfile.h"
#include "emu/linux/syscall.h"

#define SWAP_FLAG_PRIO_MASK 0x07fffu
#define SWAP_FLAG_PREFER    0x08000u
#define SWAP_FLAGS_VALID    0x7ffffu /* and three ways to discard */

/* The file at @va, or -1 for the name of a device of ours. */
static int open_area(struct task *t, uint64_t va, struct user_path *p, int *fd)
{
    int err = path_get(t, AT_G_FDCWD, va, PATH_NOT_EMPTY, p);

    *fd = -1;
    if (err || swap_files_is_name(p->name))
        return err;
    *fd = openat(p->dir, p->name, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (*fd >= 0)
        return 0;
    return errno == EISDIR ? -EINVAL : (int)host_result(-1);
}

int64_t sys_swapon(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[1];
    int priority = SWAP_PRIORITY_AUTO, fd, err;
    struct user_path p;

    if (flags & ~SWAP_FLAGS_VALID)
        return -EINVAL;
    if (flags & SWAP_FLAG_PREFER)
        priority = (int)(flags & SWAP_FLAG_PRIO_MASK);
    err = open_area(t, a[0], &p, &fd);
    if (err)
        return err;
    err = swap_files_on(t->m, fd, p.name, priority);
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
    struct user_path p;
    int fd, err;

    err = open_area(t, a[0], &p, &fd);
    if (err)
        return err;
    err = swap_files_off(t->m, fd, p.name, stop, t);
    if (fd >= 0)
        close(fd);
    return err;
}
