/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/warn.h - what is not supported, said once
 *
 * Owns:    what was said in this run
 * Used by: emu/
 */
#pragma once

#include "emu/linux/sched/task.h"

/*
 * warn_once - "CATEGORY warn TEXT at pc 0x...", but not a second time
 *
 * A program that asks a thousand times gets its errors, and the user one
 * line for each text.
 */
void warn_once(const struct task *t, enum log_category c, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

struct warnings;
void warnings_destroy(struct warnings *w);
