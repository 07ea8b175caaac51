/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/strace/strace.h - --strace: what system calls and signals there are
 *
 * Owns:    struct strace: where the lines go, and whose is not complete
 * Used by: emu/linux/, emu/cpu.c, emu/kernel_bug.c, emu/machine.c,
 *          emu/progress.c
 * Source:  the form is that of strace(1)
 *
 * Nothing of it is there when nobody wants it: machine->strace is NULL then.
 * The program's memory is read as by a debugger: no tag is checked, and nobody
 * waits.
 */
#pragma once

#include "emu/linux/sched/task.h"

struct strace;

/*
 * strace_create - lines go to the file @path, or when it is NULL to m->log_file
 *
 * Returns 0 or -errno.
 */
MUST_CHECK int strace_create(struct machine *m, const char *path);

/* strace_destroy - ends a line that is open; returns 0, or -errno when not all
 * could be written */
int strace_destroy(struct machine *m);

/* strace_break - something else is printed now */
void strace_break(struct machine *m);

/*
 * strace_call - a call is entered
 *
 * @format: of emu/linux/syscalls.def, for a call that calls.def lacks
 */
void strace_call(struct task *t, const char *name, const char *format,
                 const uint64_t a[6]);

/* strace_return - it returns @value, or -errno */
void strace_return(struct task *t, const char *name, const char *format,
                   const uint64_t a[6], int64_t value);

/* strace_signal - @t takes a signal */
void strace_signal(struct task *t, const struct siginfo *info);

/* strace_stopped - @t has stopped by @sig */
void strace_stopped(struct task *t, int sig);

/* strace_exited - the task is gone, with this wait status */
void strace_exited(struct task *t, int wait_status);
