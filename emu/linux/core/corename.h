/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/core/corename.h - the name of a core file
 *
 * Owns:    nothing
 * Used by: emu/linux/core/
 * Source:  linux v6.2 fs/coredump.c format_corename()
 */
#pragma once

#include "emu/linux/sched/task.h"

#define CORE_NAME_BYTES 1024

/* core_name - options.core_pattern for @t, which @sig ends; what does not fit
 * is left out */
void core_name(const struct task *t, int sig, char out[static CORE_NAME_BYTES]);
