/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/signal/jobctl.h - process groups as a whole
 *
 * Owns:    nothing
 * Used by: emu/linux/tty/tty.c, process.c
 * Source:  linux v6.2 kernel/exit.c kill_orphaned_pgrp()
 */
#pragma once

#include "emu/linux/sched/process.h"

/* jobctl_signal_group - kill_pgrp(), from the kernel */
void jobctl_signal_group(struct machine *m, uint32_t pgid, int sig);

/*
 * jobctl_is_orphaned - will_become_orphaned_pgrp()
 *
 * Has nobody of the session, outside of the group, a child in it, who could
 * let it go on?  @ignored does not count; NULL: all do.
 */
bool jobctl_is_orphaned(const struct machine *m, uint32_t pgid,
                        const struct process *ignored);

/*
 * jobctl_leave - @p ends: groups that are orphaned by that, and have stopped
 *                processes, get SIGHUP and SIGCONT
 *
 * Before its children are given away.
 */
void jobctl_leave(struct process *p);
