/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/translate.h - the block that is being translated
 *
 * Owns:    our place in the archive's translator
 * Used by: fetch.c, emit*.c, calls.c, dead.c, fuse.c
 * Source:  Unicorn v2.1.3 qemu/accel/tcg/translator.c, target/sparc/translate.c
 *
 * The archive asks for the word of each instruction while it translates it:
 * what we emit then comes before the code of the word that we return.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/engine/steps.h"

struct engine;

#define WORD_NOP     0x01000000u /* sethi 0, %g0 */
#define WORD_ILLEGAL 0u          /* illtrap 0 */
#define WORD_PRIVOP  0x81500000u /* rdpr %tpc, %g0 */
#define WORD_CLEAR   0x80100000u /* or %g0, %g0, rd; with rd 0 */
#define WORD_FMOVS   0x81a00020u /* fmovs %f0, %f0: traps when the FPU is off */

/* NPC while it is not a constant, as the archive has it. */
#define NPC_DYNAMIC 1u /* in the register */
#define NPC_JUMP    2u /* one of two, as the register cond says */

/* Flags that the last instruction left to be computed. */
enum cc_op {
    CC_FLAGS = 1,
    CC_DIV = 2,
    CC_ADD = 3,
    CC_ADDX = 4,
    CC_SUB = 7,
    CC_SUBX = 8,
    CC_LOGIC = 11
};

uint64_t translate_pc(void);
uint64_t translate_npc(void);
bool translate_fpu_on(void);
unsigned translate_mmu_index(void);
unsigned translate_asi(void); /* what %asi holds in this block */
bool translate_has(uint64_t classes);
bool translate_step(enum engine_step step);
unsigned translate_cc_op(void);
/* What it is behind this instruction, whatever that was told. */
unsigned translate_left_cc_op(void);
/* The registers cc_* hold what belongs to @op. */
void translate_set_cc_op(unsigned op);
/* They do not, but this instruction may be translated as if they did. */
void translate_assume_cc_op(unsigned op);
/* The two places that an NPC_JUMP goes to: condition true, false. */
const uint64_t *translate_jump(void);
/* translate_end - what was emitted leaves the block */
void translate_end(void);
/* translate_jumps - the next instruction is the last, and then it goes where
 * the register NPC says; this one is WORD_NOP to the archive */
void translate_jumps(void);
/* translate_jump_state - engine_jumps_state() of this block */
int translate_jump_state(void);
/* translate_last - the block ends behind this instruction */
void translate_last(void);
/* translate_dirty - @bit of FPRS; false when the block has set it already */
bool translate_dirty(unsigned bit);
/* The block itself, and where it begins. */
void *translate_block(void);
uint64_t translate_first_pc(void);

/* translate_tell - engine_ops.translated */
void translate_tell(uint64_t pc, uint32_t word);

/*
 * insn_translate - emit what an instruction does, if it is ours
 *
 * Returns the word that the archive is to translate after that.
 */
uint32_t insn_translate(struct engine *e, uint32_t word);
