/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/uaccess.h - the kernel's access to user memory
 *
 * Owns:    nothing
 * Used by: emu/linux/, emu/gdb/
 * Source:  linux v6.2 arch/sparc/lib/ (M7copy_from_user and others)
 *
 * Version tags are checked with the user's pointer, as the kernel runs with
 * mcde and pmcdper set; a mismatch ends the copy like an unmapped page.
 *
 * A call that may wait reads its arguments with emu/linux/call.h instead:
 * when it is made again, reading them here is an invariant broken.
 *
 * A page may have to be waited for; docs/faults.md has the rules.  A copy from
 * the user then fails, and the call is made again, whatever it returns.  A copy
 * to the user is kept until the page is there (emu/linux/late.h), and succeeds.
 */
#pragma once

#include "adi/bis.h"
#include "emu/linux/sched/task.h"

/* Both return the number of bytes that were not copied. */
MUST_CHECK size_t copy_to_user(struct task *t, uint64_t va, const void *src,
                               size_t len);
MUST_CHECK size_t copy_from_user(struct task *t, void *dst, uint64_t va,
                                 size_t len);

/* copy_to_user_now - copy_to_user() for who can do all again that it has done:
 * a page that must be waited for ends it, and nothing is kept */
MUST_CHECK size_t copy_to_user_now(struct task *t, uint64_t va, const void *src,
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
 * Faults them in.  For a call that cannot take back what it has moved.  Where a
 * page must be waited for, they end, and the call is made again.
 */
MUST_CHECK size_t user_room(struct task *t, uint64_t va, size_t len);

/*
 * user_at_hand - can all of [@va, @va + @len) be written as it is now?
 *
 * Faults nothing in and looks at no tags: where they are checked it is false.
 */
MUST_CHECK bool user_at_hand(const struct task *t, uint64_t va, size_t len);

/*
 * user_fault_in - fault_in_readable(), fault_in_writeable(): the pages of a
 * range, as far as there are any; tags are not looked at
 *
 * Returns false when one must be waited for: the call, or the trap, is made
 * again.
 */
MUST_CHECK bool user_fault_in(struct task *t, uint64_t va, size_t len,
                              enum access access);

/* user_waits - has an access so far met a page that must be waited for?  What
 * the handler returns is then not looked at, and it is called again. */
bool user_waits(const struct task *t);

/*
 * user_settled - is all in user memory that was copied there?
 *
 * For who reads it back.  If not, it will be when the handler is called again.
 */
MUST_CHECK bool user_settled(struct task *t);

/* user_must_wait - task_translate() said ACCESS_WAIT to a handler */
void user_must_wait(struct task *t);

/*
 * copy_late_to_user - of late.c: of *@left bytes, those that there is a place
 * for
 *
 * @left: in, out: bytes
 */
enum access_end copy_late_to_user(struct task *t, uint64_t va, const void *src,
                                  size_t *left, struct bis_lines lines);

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
