/*
 * emu/linux/exec.h - give a process a program
 *
 * Owns:    nothing
 * Used by: emu/machine.c
 * Source:  linux v6.2 fs/exec.c, arch/sparc/include/asm/processor_64.h
 */
#pragma once

#include "emu/linux/task.h"

/*
 * exec_program - load @program into the empty address space of @t
 *
 * @why: on error, gets a sentence for the user
 * Returns 0 or -errno: -ENOENT, -EACCES, -ENOEXEC, -EISDIR, -ENOMEM, ...
 */
MUST_CHECK int exec_program(struct task *t,
                            const struct machine_program *program,
                            const char **why);
