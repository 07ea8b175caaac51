/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/exec/stack.h - the first stack of a program
 *
 * Owns:    nothing
 * Used by: emu/linux/exec/exec.c
 * Source:  linux v6.2 fs/binfmt_elf.c create_elf_tables(), arch/sparc/
 *          include/asm/elf_64.h (ARCH_DLINFO), processor_64.h
 */
#pragma once

#include "emu/linux/exec/loader.h"
#include "emu/linux/sched/task.h"

/*
 * stack_arg_limit - bytes of arguments and environment that execve() takes
 *
 * Strings and the pointers to them.
 * Source: fs/exec.c bprm_stack_limits()
 */
uint64_t stack_arg_limit(const struct task *t);

/*
 * stack_setup - map the stack of @t and fill it
 *
 * @sp: gets the stack pointer to start with, biased
 * Returns 0; -ENOMEM; or -E2BIG when the arguments do not fit.
 */
MUST_CHECK int stack_setup(struct task *t, const struct image *image,
                           const struct machine_program *program, uint64_t *sp);
