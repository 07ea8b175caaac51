/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/sched/pidfd.h - a descriptor that stands for a process
 *
 * Owns:    struct pidfd; the list of those of a process
 * Used by: sys_pidfd.c, sys_wait.c, clone.c, process.c
 * Source:  linux v6.2 kernel/fork.c pidfd_prepare(), pidfd_poll()
 *
 * On the host it is not ready until the process has ended (ready.h).
 */
#pragma once

#include "emu/linux/sched/process.h"

/*
 * pidfd_open_process - a new descriptor of @t for @of, close-on-exec
 *
 * @nonblock: waitid() with it does not wait
 * Returns it, or -EMFILE, -ENFILE, -ENOMEM.
 */
MUST_CHECK int pidfd_open_process(struct task *t, struct process *of,
                                  bool nonblock);

/* pidfd_get_process - whom descriptor @fd of @t stands for; 0, -EBADF, -ESRCH
 */
MUST_CHECK int pidfd_get_process(const struct task *t, int fd,
                                 struct process **out);

/* pidfd_get_leader - the task that leads it; 0, -EBADF, -ESRCH */
MUST_CHECK int pidfd_get_leader(const struct task *t, int fd,
                                struct task **out);

/* pidfd_notify - @p has ended: its descriptors are ready */
void pidfd_notify(struct process *p);

/* pidfd_forget - @p was waited for: they stand for nobody */
void pidfd_forget(struct process *p);
