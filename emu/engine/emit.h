/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/emit.h - how the instructions of insns.def are translated
 *
 * Owns:    struct insn, a line of the table
 * Used by: decode.c, emit*.c
 *
 * An emitter gets the line and the word, makes code, and returns the word
 * that the archive translates behind it: mostly WORD_NOP.
 */
#pragma once

#include <stdint.h>

#include "emu/engine/tcg.h"
#include "emu/engine/translate.h"

struct insn;

typedef uint32_t emit_fn(const struct insn *in, uint32_t word);

struct insn {
    uint32_t mask, value;
    uint64_t needs; /* CLASS_ */
    const char *name;
    const char *form;
    emit_fn *emit;
    uintptr_t what; /* a function or a number */
};

#define RD(insn)     ((insn) >> 25 & 31)
#define RS1(insn)    ((insn) >> 14 & 31)
#define RS2(insn)    ((insn)&31)
#define RS3(insn)    ((insn) >> 9 & 31)
#define OP3(insn)    ((insn) >> 19 & 63)
#define IS_IMM(insn) ((insn) >> 13 & 1)
#define ASI_OF(insn) ((insn) >> 5 & 255)

/* Of op 2: what has code of its own in more than one file. */
#define OP3_JMPL    0x38
#define OP3_RETURN  0x39
#define OP3_SAVE    0x3c
#define OP3_RESTORE 0x3d

/* The register that a field names as a double: %d0 .. %d62, by twos. */
#define DREG(field) (((field)&1) << 4 | (field) >> 1)

/*
 * emit_source - the value of register @field, by the letter of a form
 *
 * Free it with emit_free(): it may be the register itself.
 */
struct tcg_val *emit_source(char kind, unsigned field);
void emit_free(char kind, unsigned field, struct tcg_val *v);

/* emit_put - write @v to register @field; marks FPRS */
void emit_put(char kind, unsigned field, struct tcg_val *v);

/* emit_flags - have the condition codes in psr and xcc */
void emit_flags(void);

/* emit_address - a temporary with rs1 + (rs2 or simm13) */
struct tcg_val *emit_address(uint32_t word);

/* emit_sources - rs1 to rs3 as the form says; returns how many */
unsigned emit_sources(const struct insn *in, uint32_t word,
                      struct tcg_val *v[static 3]);
void emit_free_sources(const struct insn *in, uint32_t word, unsigned nr,
                       struct tcg_val *v[static 3]);

/* emit.c: integers and VIS */
emit_fn emit_alu, emit_unary, emit_constant, emit_call, emit_call_gsr;
emit_fn emit_pdist, emit_edge, emit_addxc, emit_umulxhi, emit_lzcnt;
emit_fn emit_alignaddr, emit_bmask, emit_cmask, emit_siam, emit_fpmaddx;

/* emit_branch.c */
emit_fn emit_cbcond;

/* emit_fp.c: floating point, FSR and memory */
emit_fn emit_fp, emit_fcmp, emit_fmov, emit_fmovcc, emit_fmovr;
emit_fn emit_load_fsr, emit_store_fsr, emit_quad, emit_quad_memory;
emit_fn emit_partial_store;

/* icc_holds - condition @cond of V9 on the bits NZVC; emulate.c */
bool icc_holds(unsigned cond, unsigned nzvc);

/* emit_fp.c: what goes before a write of GSR */
void emit_modes_change(void);

/* emit_window.c: a SAVE or RESTORE */
uint32_t emit_window(uint32_t word);
/* The window that RESTORE goes to, without anything else that it does. */
void emit_restore(void);

/* emit_jump.c: a JMPL or RETURN; what goes before the archive's code of it */
uint32_t emit_jump(uint32_t word);
/* emit_go - leave the block for PC, whose block is looked up; NPC is PC + 4,
 * and the block has not changed the CPU's state */
void emit_go(void);

/* mcd.c: loads and stores with this ASI */
uint32_t emit_mcd(uint32_t word);

enum fmov { FMOV_PLAIN, FMOV_NEGATE, FMOV_ABSOLUTE };
enum addxc { ADDXC, ADDXC_CC, SUBXC, SUBXC_CC };
