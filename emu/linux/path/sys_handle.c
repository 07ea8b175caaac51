// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * name_to_handle_at(2): a handle of the host's, which compares as one.
 *
 * Source:  linux v6.2 fs/fhandle.c
 * Differs: nothing is opened by a handle: it could be one of adiemu's files
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "emu/linux/abi.h"
#include "emu/linux/path/path.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define MNT_ID_ROOT         1 /* of /proc/PID/mountinfo */
#define AT_G_SYMLINK_FOLLOW 0x400u
#define AT_G_EMPTY_PATH     0x1000u

/* struct file_handle, in user memory with @bytes and @type big-endian */
struct handle_g {
    uint32_t bytes, type;
    uint8_t data[MAX_HANDLE_SZ];
};

#define HANDLE_HEAD offsetof(struct handle_g, data)

/* do_sys_name_to_handle() */
static int64_t put_handle(struct task *t, const struct user_path *p,
                          uint64_t handle, uint64_t mnt_id)
{
    union {
        struct file_handle head;
        struct handle_g all;
    } h = {.all.bytes = 0};
    int err = 0, host_mount;
    size_t len;

    if (p->node.entry)
        return -EOPNOTSUPP;
    if (get_user32(t, handle, &h.all.bytes))
        return -EFAULT;
    if (h.all.bytes > MAX_HANDLE_SZ)
        return -EINVAL;
    if (name_to_handle_at(p->fd, "", &h.head, &host_mount, AT_EMPTY_PATH) != 0)
        err = -errno;
    if (err && err != -EOVERFLOW)
        return err;
    len = HANDLE_HEAD + (err ? 0 : h.all.bytes);
    h.all.bytes = htobe32(h.all.bytes);
    h.all.type = htobe32(h.all.type);
    if (put_user32(t, mnt_id, MNT_ID_ROOT) ||
        copy_to_user(t, handle, &h.all, len))
        return -EFAULT;
    return err;
}

int64_t sys_name_to_handle_at(struct task *t, const uint64_t a[6])
{
    unsigned flags = (unsigned)a[4];
    struct user_path p;
    int64_t value;

    if (flags & ~(AT_G_SYMLINK_FOLLOW | AT_G_EMPTY_PATH))
        return -EINVAL;
    value = path_get(t, arg_int(a[0]), a[1],
                     (flags & AT_G_SYMLINK_FOLLOW ? PATH_FOLLOW : 0) |
                         (flags & AT_G_EMPTY_PATH ? PATH_EMPTY : 0),
                     &p);
    if (value)
        return value;
    value = put_handle(t, &p, a[2], a[3]);
    path_put(&p);
    return value;
}
