/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/sched/pidfd.h - a descriptor that stands for a process
 *
 * Owns:    struct pidfd; the list of those of a task
 * Used by: emu/linux/fs/files.c keeps it with the open file, sys_pidfd.c,
 *          sys_task.c, clone.c, task.c
 * Source:  linux v6.2 kernel/fork.c pidfd_prepare(), pidfd_poll()
 *
 * On the host it is not ready until the process has ended (ready.h).
 */
#pragma once

#include "emu/linux/sched/task.h"

struct pidfd;

/*
 * pidfd_open_task - a new descriptor of @t for @of, close-on-exec
 *
 * @nonblock: waitid() with it does not wait
 * Returns it, or -EMFILE, -ENFILE, -ENOMEM.
 */
MUST_CHECK int pidfd_open_task(struct task *t, struct task *of, bool nonblock);

/* pidfd_close - with the last descriptor of the open file; NULL is fine */
void pidfd_close(struct pidfd *p);

/* pidfd_get_task - whom descriptor @fd of @t stands for; 0, -EBADF, -ESRCH */
MUST_CHECK int pidfd_get_task(const struct task *t, int fd, struct task **out);

/* pidfd_notify - @t has ended: its descriptors are ready */
void pidfd_notify(struct task *t);

/* pidfd_forget - @t was waited for: they stand for nobody */
void pidfd_forget(struct task *t);
