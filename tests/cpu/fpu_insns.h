/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/cpu/fpu_insns.h - the floating-point unit of a SPARC64, as a model
 *
 * Owns:    instructions that fpu_random executes, and what each does
 * Used by: tests/cpu/fpu_insns.c, fpu_random.c
 */
#pragma once

#include "tests/cpu/fpu_model.h"

#define FSR_FTT     UINT64_C(0x1c000)
#define FSR_VER     UINT64_C(0xe0000)
#define FSR_AEXC    UINT64_C(0x3e0)
#define FSR_CEXC    UINT64_C(0x1f)
#define FSR_FCC     (UINT64_C(0x3f) << 32 | 3u << 10)
#define FSR_MODES   UINT64_C(0xcfc00000) /* RD, TEM, NS */
#define FSR_LOADED  (FSR_FCC | FSR_MODES | FSR_AEXC | FSR_CEXC)
#define FTT_IEEE    UINT64_C(0x4000)
#define GSR_IM      UINT64_C(0x8000000)
#define RD_SHIFT    30
#define TEM_SHIFT   23
#define IRND_SHIFT  25
#define NR_SLOTS    64 /* of memory that FSR is stored to and loaded from */
#define SLOT_BYTES  8
#define REG_SLOTS   16 /* %l0: their address */
#define REG_NOWHERE 17 /* %l1: an address that faults */
#define REG_GSR     18 /* %l2 to %l5: what is written to GSR */
#define NR_GSR      4
#define OP_NOWHERE  0xc2044000u /* lduw [%l1 + %g0], %g1 */
#define OP_TA       0x91d0206du /* ta 0x6d */
#define MAX_WORDS   64

struct fpu {
    uint64_t d[32]; /* %d0, %d2 .. %d62 */
    uint64_t fsr, gsr;
    uint64_t gsr_source[NR_GSR];
    uint64_t slot[NR_SLOTS];
};

enum fpu_trap { FPU_DONE, FPU_IEEE, FPU_FAULT, FPU_END };

/* fpu_step - execute an instruction; a trap leaves it undone */
enum fpu_trap fpu_step(struct fpu *cpu, uint32_t word);

/* fpu_load_fsr - as the kernel sets it: ftt is 0, ver stays */
void fpu_load_fsr(struct fpu *cpu, uint64_t value);

/* The next number of a generator of random ones. */
uint64_t fpu_draw(uint64_t *state);

/* fpu_random_program - @calm: few write GSR or load FSR */
void fpu_random_program(uint32_t *words, unsigned nr, uint64_t *state,
                        bool calm);

/* fpu_random_state - registers and memory, with numbers near the edges
 * @calm: to nearest, and no traps; no FSR in memory is otherwise */
void fpu_random_state(struct fpu *cpu, uint64_t *state, bool calm);
