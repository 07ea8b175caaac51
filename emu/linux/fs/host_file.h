/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/host_file.h - the kind of file that is the host's, whatever it
 * is there: regular file, directory, pipe, terminal
 *
 * Owns:    nothing
 * Used by: emu/linux/fs/files.c: what is not made another kind is one
 * Source:  linux v6.2 mm/filemap.c, fs/pipe.c pipe_read(), pipe_write()
 */
#pragma once

#include "emu/linux/fs/file_ops.h"

/* host_file_ops - its table */
const struct file_ops *host_file_ops(void);

/* Three of its ops, for kinds that keep their bytes in a file of the host. */
int64_t host_read(struct task *t, const struct user_file *file,
                  struct user_iter *to, int64_t offset);
int64_t host_ioctl(struct task *t, const struct user_file *file, uint32_t cmd,
                   uint64_t arg); /* emu/linux/tty/host_ioctl.c */
int64_t host_seek(const struct open_file *file, int64_t offset, int whence);
