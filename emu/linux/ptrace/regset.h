/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/ptrace/regset.h - registers as debuggers and core files have them
 *
 * Owns:    the layouts
 * Used by: request.c, sys_ptrace.c, stop.c, emu/linux/core/
 * Source:  linux v6.2 arch/sparc/kernel/ptrace_64.c: sparc64_regsets,
 *          ptrace64_regsets; arch/sparc/include/uapi/asm/pstate.h
 *
 * Words are big-endian.  A regset can be had in part: its first words.
 */
#pragma once

#include "emu/linux/sched/task.h"

#define TSTATE_SYSCALL_G UINT64_C(0x20)

#define REGSET_MAX_WORDS 36

enum regset_kind {
    REGSET_GENERAL,   /* NT_PRSTATUS: globals, outs, locals, ins, 4 others */
    REGSET_FP,        /* NT_PRFPREG */
    REGSET_GETREGS64, /* PTRACE_GETREGS64: no %g0, no window */
    NR_REGSETS,
};

/* regset_words - how many it has */
unsigned regset_words(enum regset_kind kind);

/* regset_find - by the type of its note; false: there is none */
MUST_CHECK bool regset_find(uint64_t note_type, enum regset_kind *out);

/*
 * What moves the window of @sp, biased: struct reg_window in memory.
 *
 * @raw: WINDOW_REGS words, big-endian
 * Returns 0 or -EFAULT.
 */
struct regset_window {
    int (*get)(void *ctx, uint64_t sp, uint64_t *raw);
    int (*set)(void *ctx, uint64_t sp, const uint64_t *raw);
    void *ctx;
};

/*
 * regset_get - the first @words of it
 *
 * Returns 0, or -EFAULT: the window is not in memory; globals and outs are
 * there then, and the rest of @out is 0.
 */
MUST_CHECK int regset_get(const struct trap_frame *f, enum regset_kind kind,
                          const struct regset_window *w, uint64_t *out,
                          unsigned words);

/*
 * regset_set - change its first @words
 *
 * @has: of them could be read; what comes before has its effect, and then it
 *       is -EFAULT
 * Of TSTATE the condition codes and TSTATE_SYSCALL_G can be changed, nothing
 * else: not PSTATE.mcde.
 */
MUST_CHECK int regset_set(struct trap_frame *f, enum regset_kind kind,
                          const struct regset_window *w, const uint64_t *in,
                          unsigned words, unsigned has);

/* trap_frame_save, trap_frame_load - of who is on the CPU */
void trap_frame_save(struct task *t, struct trap_frame *f);
void trap_frame_load(struct task *t, const struct trap_frame *f);
