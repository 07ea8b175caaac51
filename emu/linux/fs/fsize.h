/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/fsize.h - RLIMIT_FSIZE: how large a file may become
 *
 * Owns:    nothing
 * Used by: calls that make files longer
 * Source:  linux v6.2 fs/read_write.c generic_write_check_limits(),
 *          fs/attr.c inode_newsize_ok()
 */
#pragma once

#include "emu/linux/sched/task.h"

/*
 * fsize_limit_write - how many of @count bytes may be written
 *
 * @fd:     of the host
 * @offset: AT_POSITION or the place in the file
 * Returns that, or -EFBIG when it is none of a regular file.
 */
int64_t fsize_limit_write(const struct task *t, int fd, int64_t offset,
                          uint64_t count);

/* fsize_check_resize - from @old bytes to @new: 0, or -EFBIG with SIGXFSZ */
MUST_CHECK int fsize_check_resize(struct task *t, uint64_t old, uint64_t new);

/* fsize_signal - SIGXFSZ, for a call that fails with EFBIG */
void fsize_signal(struct task *t);
