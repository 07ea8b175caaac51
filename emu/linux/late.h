/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/late.h - copies to the user that wait for a page
 *
 * Owns:    struct late_copy: what a call has for the user, and could not be
 *          written yet
 * Used by: emu/linux/
 * Source:  the role of the kernel stack of a task that sleeps in
 *          copy_to_user()
 *
 * What a call has done cannot be taken back when its result has no page to go
 * to: a child was reaped, a signal taken.  So copy_to_user() keeps the bytes,
 * and says that they were copied; they are written before the program goes on,
 * in the order of the copies.
 *
 * Differs: when a page turns out not to be there after all, the call returns
 * -EFAULT, whatever its handler would have made of that.
 */
#pragma once

#include "adi/bis.h"
#include "emu/linux/sched/task.h"

/*
 * late_add - keep [@src, @src + @len) for @va of @t
 *
 * @lines: that the copy initialises (adi/bis.h)
 * Returns 0, -ENOMEM, or -EAGAIN: that is too much; the call is to begin anew.
 */
MUST_CHECK int late_add(struct task *t, uint64_t va, const void *src,
                        size_t len, struct bis_lines lines);

/*
 * late_make - write what was kept for @t
 *
 * Returns ACCESS_DONE; ACCESS_WAIT: not all of it; ACCESS_FAULT: all, but that
 * some had no place, which t->wait.call.late_failed says, too.
 */
enum access_end late_make(struct task *t);

/* late_forgive - that what is kept now may have no place is no error */
void late_forgive(struct task *t);

void late_free(struct late_copy *list);
