/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/uaccess.h - the kernel's access to user memory
 *
 * Owns:    nothing
 * Used by: emu/linux/
 * Source:  linux v6.2 arch/sparc/lib/ (M7copy_from_user and others)
 *
 * Version tags are checked with the user's pointer, as the kernel runs with
 * mcde and pmcdper set; a mismatch ends the copy like an unmapped page.
 *
 * A call that may wait reads its arguments with emu/linux/call.h instead:
 * when it is made again, reading them here is an invariant broken.
 */
#pragma once

#include "emu/linux/sched/task.h"

/* Both return the number of bytes that were not copied. */
MUST_CHECK size_t copy_to_user(struct task *t, uint64_t va, const void *src,
                               size_t len);
MUST_CHECK size_t copy_from_user(struct task *t, void *dst, uint64_t va,
                                 size_t len);

/*
 * copy_data_to_user - copy_to_user() of many bytes that are at @from in the
 * kernel, as far as its alignment goes
 *
 * In a page without MCD the lines that the copy initialises lose their tags
 * (adi/bis.h); a fault leaves those of lines that were not copied.
 */
MUST_CHECK size_t copy_data_to_user(struct task *t, uint64_t va,
                                    const void *src, size_t len, uint64_t from);

/*
 * copy_data_from_user - bytes that a call moves, not what it is told: as they
 * are now, also in a call that has waited
 */
MUST_CHECK size_t copy_data_from_user(struct task *t, void *dst, uint64_t va,
                                      size_t len);

/*
 * user_room - how many bytes from @va on can be written, up to @len
 *
 * Faults them in.  For a call that cannot take back what it has moved.
 */
MUST_CHECK size_t user_room(struct task *t, uint64_t va, size_t len);

/* 0 or -EFAULT; values are big-endian in the guest. */
MUST_CHECK int put_user64(struct task *t, uint64_t va, uint64_t value);
MUST_CHECK int put_user32(struct task *t, uint64_t va, uint32_t value);
MUST_CHECK int get_user64(struct task *t, uint64_t va, uint64_t *value);
MUST_CHECK int get_user32(struct task *t, uint64_t va, uint32_t *value);

/* clear_user: 0 or -EFAULT */
MUST_CHECK int clear_user(struct task *t, uint64_t va, size_t len);

/*
 * strncpy_from_user - a string with its 0, at most @size bytes of it
 *
 * Returns its length, -EFAULT, or -ENAMETOOLONG.
 */
MUST_CHECK int64_t strncpy_from_user(struct task *t, char *dst, uint64_t va,
                                     size_t size);
