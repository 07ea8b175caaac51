/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/ptrace/regs.h - the registers of a traced task, for its tracer
 *
 * Owns:    nothing
 * Used by: request.c, sys_ptrace.c
 * Source:  linux v6.2 include/linux/regset.h copy_regset_to_user(),
 *          copy_regset_from_user(), kernel/ptrace.c ptrace_regset(),
 *          ptrace_get_syscall_info()
 */
#pragma once

#include "emu/linux/ptrace/regset.h"

/* ptrace_get_regs, ptrace_set_regs - the first @words of a regset of @child,
 * from or to @va of @t; 0 or -EFAULT */
MUST_CHECK int ptrace_get_regs(struct task *t, const struct task *child,
                               enum regset_kind kind, uint64_t va,
                               unsigned words);
MUST_CHECK int ptrace_set_regs(struct task *t, struct task *child,
                               enum regset_kind kind, uint64_t va,
                               unsigned words);

/* ptrace_regset - PTRACE_GETREGSET, PTRACE_SETREGSET: @iov is where struct
 * iovec is; 0 or -errno */
MUST_CHECK int ptrace_regset(struct task *t, struct task *child, bool set,
                             uint64_t note_type, uint64_t iov);

/* ptrace_syscall_info - struct ptrace_syscall_info; how long it is, or -errno
 */
int64_t ptrace_syscall_info(struct task *t, const struct task *child,
                            uint64_t user_size, uint64_t va);
