// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ioctl(2): what every file has; the rest is for its kind.
 *
 * Source: linux v6.2 fs/ioctl.c
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/abi_file.h"
#include "emu/linux/signal/fasync.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/fs/rw.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

#define FIOASYNC_G IOW_G('f', 125, 4)
#define FIOQSIZE_G IOR_G('f', 128, 8)
#define FIGETBSZ_G IO_G(0, 2)

static int64_t set_nonblocking(struct task *t, const struct user_file *file,
                               uint64_t arg)
{
    uint32_t on;

    if (get_user32(t, arg, &on))
        return -EFAULT;
    files_set_nonblock(t->files, file->guest, on);
    return file->polled ? 0 : host_result(ioctl(file->fd, FIONBIO, &on));
}

static int get_stat(const struct task *t, const struct user_file *file,
                    struct stat *out)
{
    struct user_path p;
    int err = path_of_file(file->file, &p);

    return err ? err : path_stat(t, &p, out);
}

/* ioctl_fioasync() */
static int64_t set_async(struct task *t, const struct user_file *file,
                         uint64_t arg)
{
    uint32_t on;

    if (get_user32(t, arg, &on))
        return -EFAULT;
    return fasync_set(t->m, files_open_file(t->files, file->guest), file->guest,
                      on);
}

static int64_t get_size(struct task *t, const struct user_file *file,
                        uint64_t arg)
{
    struct stat st;
    int err = get_stat(t, file, &st);

    if (err)
        return err;
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode))
        return -ENOTTY;
    return put_user64(t, arg, (uint64_t)st.st_blocks * 512);
}

static int64_t get_block_size(struct task *t, const struct user_file *file,
                              uint64_t arg)
{
    struct stat st;
    int err = get_stat(t, file, &st);

    return err ? err : put_user32(t, arg, (uint32_t)st.st_blksize);
}

/* file_ioctl() */
static int64_t get_unread(struct task *t, const struct user_file *file,
                          const struct stat *st, uint64_t arg)
{
    off_t at = lseek(file->fd, 0, SEEK_CUR);

    return at < 0 ? host_result(-1)
                  : put_user32(t, arg, (uint32_t)(st->st_size - at));
}

static int64_t for_kind(struct task *t, const struct user_file *file,
                        uint32_t cmd, uint64_t arg)
{
    const struct file_ops *ops = open_file_ops(file->file);
    struct stat st;

    if (cmd == FIONREAD_G && get_stat(t, file, &st) == 0 && S_ISREG(st.st_mode))
        return get_unread(t, file, &st, arg);
    return ops->ioctl ? ops->ioctl(t, file, cmd, arg) : -ENOTTY;
}

int64_t sys_ioctl(struct task *t, const uint64_t a[6])
{
    uint32_t cmd = (uint32_t)a[1];
    struct user_file file;
    int err = rw_get_file(t, a[0], &file);

    if (err)
        return err;
    switch (cmd) {
    case FIOCLEX_G: files_set_cloexec(t->files, file.guest, true); return 0;
    case FIONCLEX_G: files_set_cloexec(t->files, file.guest, false); return 0;
    case FIONBIO_G: return set_nonblocking(t, &file, a[2]);
    case FIOASYNC_G: return set_async(t, &file, a[2]);
    case FIOQSIZE_G: return get_size(t, &file, a[2]);
    case FIGETBSZ_G: return get_block_size(t, &file, a[2]);
    default: return for_kind(t, &file, cmd, a[2]);
    }
}
