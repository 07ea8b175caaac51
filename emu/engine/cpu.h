/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/cpu.h - registers of the engine's CPU by name
 *
 * Owns:    the view on the CPU state that the rest of emu/ has
 * Used by: emu/
 * Source:  The SPARC Architecture Manual, Version 9
 *
 * Call these from engine_ops functions or while the engine is stopped.
 */
#pragma once

#include "mm/types.h"

struct engine;

/* The program counter, exact also in the middle of a block. */
gva_t cpu_pc(struct engine *e);
gva_t cpu_npc(struct engine *e);
void cpu_set_pc(struct engine *e, gva_t pc, gva_t npc);

/* cpu_skip - go on after the current instruction */
void cpu_skip(struct engine *e);

/* Integer register 0..31 of the current window: %g, %o, %l, %i. */
uint64_t cpu_reg(const struct engine *e, unsigned r);
void cpu_set_reg(struct engine *e, unsigned r, uint64_t value);

/* cpu_outs - %o0 to %o5 of the current window, the arguments of a call */
void cpu_outs(const struct engine *e, uint64_t out[static 6]);

/* Locals and ins of the current window: what its save area holds. */
void cpu_window(const struct engine *e, uint64_t regs[static 16]);
void cpu_set_window(struct engine *e, const uint64_t regs[static 16]);

/* Globals and outs, %g0 to %o7: what pt_regs holds. */
void cpu_globals_outs(const struct engine *e, uint64_t regs[static 16]);
void cpu_set_globals_outs(struct engine *e, const uint64_t regs[static 16]);

#define REG_G(n) (n)
#define REG_O(n) (8u + (n))
#define REG_L(n) (16u + (n))
#define REG_I(n) (24u + (n))
#define REG_SP   REG_O(6)
#define REG_FP   REG_I(6)

/* Floating registers: 32 doublewords %d0, %d2 .. %d62. */
#define CPU_NR_FPR 32
uint64_t cpu_fpr(const struct engine *e, unsigned n);
void cpu_set_fpr(struct engine *e, unsigned n, uint64_t value);

/*
 * TSTATE as the kernel shows it in pt_regs: CCR 39:32, ASI 31:24,
 * PSTATE 20:8, CWP 4:0.
 */
uint64_t cpu_tstate(const struct engine *e);
/* Takes CCR and ASI only, as the kernel does. */
void cpu_set_tstate(struct engine *e, uint64_t tstate);

#define TSTATE_ICC    UINT64_C(0x0f00000000)
#define TSTATE_XCC    UINT64_C(0xf000000000)
#define TSTATE_ICARRY (UINT64_C(1) << 32)
#define TSTATE_XCARRY (UINT64_C(1) << 36)
#define TSTATE_MCDE   UINT64_C(0x80000)

/* Set or clear the carry bits: how a system call says error. */
void cpu_set_carry(struct engine *e, bool carry);

uint32_t cpu_y(const struct engine *e);
void cpu_set_y(struct engine *e, uint32_t y);
uint64_t cpu_fsr(const struct engine *e);
/* cpu_set_fsr - as after STX and LDX of it by the kernel: its ftt is 0 */
void cpu_set_fsr(struct engine *e, uint64_t fsr);
uint64_t cpu_gsr(const struct engine *e);
void cpu_set_gsr(struct engine *e, uint64_t gsr);
#define FPRS_DL  1u
#define FPRS_DU  2u
#define FPRS_FEF 4u
uint64_t cpu_fprs(const struct engine *e);
void cpu_set_fprs(struct engine *e, uint64_t fprs);
void cpu_set_asi(struct engine *e, uint8_t asi);

/*
 * cpu_old_windows - windows that only the registers hold
 *
 * The current window is not counted.
 */
unsigned cpu_old_windows(const struct engine *e);

/*
 * cpu_oldest_window - locals and ins of the window that is spilled next
 *
 * @sp: gets its stack pointer, biased
 */
void cpu_oldest_window(struct engine *e, uint64_t regs[static 16],
                       uint64_t *sp);

/*
 * cpu_held_windows - as cpu_old_windows(), of registers that were saved
 *
 * @state: of cpu_save_state(); NULL: those that the CPU has now
 */
unsigned cpu_held_windows(const struct engine *e, const void *state);

/* cpu_held_window - locals and ins of the @i-th of them, from the newest, 0,
 * and its stack pointer, biased */
void cpu_held_window(const struct engine *e, const void *state, unsigned i,
                     uint64_t regs[static 16], uint64_t *sp);
void cpu_set_held_window(struct engine *e, void *state, unsigned i,
                         const uint64_t regs[static 16]);

/* What a window knows of the function that called its own. */
struct cpu_frame {
    uint64_t caller; /* %i7, the address of the call */
    uint64_t fp;     /* %fp, biased */
};

/*
 * cpu_frames - of the current window, and of older ones in the registers
 *
 * Returns how many, at most @max.
 */
unsigned cpu_frames(const struct engine *e, struct cpu_frame *out,
                    unsigned max);

/* cpu_drop_oldest - that window now is in memory */
void cpu_drop_oldest(struct engine *e);

/* cpu_clear - registers of a new program: all 0, one window */
void cpu_clear(struct engine *e);

/* A whole CPU state, for tasks that do not run. */
size_t cpu_state_bytes(void);
void cpu_save_state(struct engine *e, void *buf);
void cpu_load_state(struct engine *e, const void *buf);
