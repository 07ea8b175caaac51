/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/exec/personality.h - other systems that a process may look like
 *
 * Owns:    what task.personality means
 * Used by: emu/
 * Source:  linux v6.2 include/uapi/linux/personality.h
 * Differs: addresses are the same in each run, with ADDR_NO_RANDOMIZE or
 *          without; MMAP_PAGE_ZERO maps nothing, as nothing may be below
 *          vm.mmap_min_addr
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct task;

#define PER_G_MASK    0xffu
#define PER_G_LINUX   0x00u
#define PER_G_LINUX32 0x08u

#define UNAME26_G           0x0020000u
#define READ_IMPLIES_EXEC_G 0x0400000u
#define STICKY_TIMEOUTS_G   0x4000000u

/* personality_exec - SET_PERSONALITY() of a 64-bit program */
void personality_exec(struct task *t);

/* personality_release - override_release(): uname's, cut to @len bytes */
void personality_release(const struct task *t, char *out, size_t len);
