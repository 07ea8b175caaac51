/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/exec/exec.h - give a process a program
 *
 * Owns:    nothing
 * Used by: emu/machine.c
 * Source:  linux v6.2 fs/exec.c, arch/sparc/include/asm/processor_64.h
 */
#pragma once

#include "emu/linux/sched/task.h"

/*
 * exec_program - load @program into the empty address space of @t
 *
 * @why: on error, gets a sentence for the user, or NULL: strerror() will do
 * Returns 0 or -errno: -ENOENT, -EACCES, -ENOEXEC, -EISDIR, -ENOMEM, ...
 */
MUST_CHECK int exec_program(struct task *t,
                            const struct machine_program *program,
                            const char **why);

/* exec_fd - the same for a file of the host that is open; borrowed */
MUST_CHECK int exec_fd(struct task *t, int fd,
                       const struct machine_program *program, const char **why);

/*
 * exec_open - do_open_execat(): a file that is to be executed
 *
 * @dir, @lookup: as in path_walk()
 * Returns a descriptor of the host, owned by the caller, or -errno.
 */
MUST_CHECK int exec_open(struct task *t, int dir, const char *name,
                         unsigned lookup);

/*
 * exec_user - execveat(2); @dir, @flags: of that call
 *
 * Unlike the kernel's, a failure leaves the old program in place at every
 * point: the new one is complete before the old address space goes.
 */
int64_t exec_user(struct task *t, int dir, uint64_t path, uint64_t argv,
                  uint64_t envp, unsigned flags);
