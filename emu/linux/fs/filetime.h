/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/fs/filetime.h - when a file was changed, by the guest's clock
 *
 * Owns:    struct file_times: pairs of times, of the host and of the guest
 * Used by: emu/linux/path/sys_stat.c, emu/machine.c
 *
 * Files are the host's, and so are their times.  What happened before the run
 * keeps its date, which is before the machine's (emu/linux/time/clock.h).  What
 * happened since gets the machine's time when the program first looks at it:
 * never later than its clock, in the host's order, and the same each time.  Of
 * more than 65,536 times some of the oldest are forgotten: they get the next.
 */
#pragma once

#include <time.h>

#include "emu/internal.h"

/* filetime_to_guest - a time stamp of a file of the host */
struct timespec filetime_to_guest(struct machine *m, struct timespec host);

void filetime_destroy(struct file_times *times);
