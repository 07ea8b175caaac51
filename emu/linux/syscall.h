/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/syscall.h - from a number to a handler
 *
 * Owns:    the table, the error convention
 * Used by: emu/
 * Source:  linux v6.2 arch/sparc/kernel/syscalls.S: the number in %g1, the
 *          arguments in %o0..%o5; the carry bits say that %o0 is an errno
 */
#pragma once

#include "emu/linux/sched/task.h"

/* Returned by handlers that a signal interrupted; never seen by a program
 * that has no handler. */
#define ERESTARTSYS_G    512
#define ERESTARTNOINTR_G 513
#define ERESTARTNOHAND_G 514

/* The same as ERESTARTNOHAND_G for a call with a timeout: what is left of it.
 */
#define ERESTART_RESTARTBLOCK_G 516

/*
 * A handler.  @a: the six arguments.
 * Returns the value, or -errno of the host (-ERESTART*_G); values in
 * [-4095, -1] are errors.
 */
typedef int64_t (*syscall_fn)(struct task *t, const uint64_t a[6]);

#define SYSCALL(nr, name, args)                                                \
    int64_t sys_##name(struct task *t, const uint64_t a[6]);
#include "emu/linux/syscalls.def"
#undef SYSCALL

/* syscall_dispatch - the trap 0x6d of the current task */
void syscall_dispatch(struct task *t);

/*
 * syscall_dispatch32 - the trap 0x10: 32 bits of each argument
 *
 * Numbers whose 32-bit entry is a function of its own are ENOSYS, with a
 * warning.
 * Source: linux v6.2 arch/sparc/kernel/syscalls.S, linux_sparc_syscall32
 */
void syscall_dispatch32(struct task *t);

/* syscall_success - force_successful_syscall_return(): @value, which the
 * handler returns, is no error, whatever it looks like */
int64_t syscall_success(struct task *t, int64_t value);

/* syscall_traced - the tracer has seen that the call begins; @killed: it does
 * not */
void syscall_traced(struct task *t, bool killed);

/* syscall_is_name - is it one that we have? */
bool syscall_is_name(const char *name);

/* syscall_again - the call that has waited, from its beginning; or its end, if
 * that was all that was missing */
void syscall_again(struct task *t);

/* errno_to_guest - a host errno as the guest numbers it */
unsigned errno_to_guest(int host);

/* sys_time.c: struct rusage at @va; 0 or -EFAULT */
MUST_CHECK int usage_to_user(struct task *t, uint64_t va,
                             const struct usage *usage);

/* A 32-bit argument with its sign. */
static inline int arg_int(uint64_t a)
{
    return (int)(uint32_t)a;
}
