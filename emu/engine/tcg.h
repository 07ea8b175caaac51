/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/tcg.h - the archive's code generator
 *
 * Owns:    names for the registers and operations of its intermediate code
 * Used by: emu/engine/ only, while a block is translated
 * Source:  Unicorn v2.1.3 qemu/include/tcg/tcg-opc.h, tcg.h.  The self-test
 *          runs code made from these.
 *
 * A value is a register of the CPU or a temporary.  As for the archive a
 * pointer to one is an offset into its context; it is never dereferenced.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/engine/archive.h"

struct tcg_val;
struct tcg_label;

/* Operations by their number: a sentence of two or three values. */
enum tcg_op {
    TCG_SET_LABEL = 1,
    TCG_MOV_I32 = 5,
    TCG_MOVI_I32 = 6,
    TCG_LD_I32 = 13,
    TCG_ST_I32 = 16,
    TCG_MOV = 63,
    TCG_MOVI = 64,
    TCG_LD = 73,
    TCG_ST = 77,
    TCG_ADD = 78,
    TCG_SUB = 79,
    TCG_AND = 87,
    TCG_OR = 88,
    TCG_XOR = 89,
    TCG_GOTO_PTR = 132,
};

enum tcg_cond {
    TCG_COND_ALWAYS = 1,
    TCG_COND_LT = 2,
    TCG_COND_GE = 3,
    TCG_COND_LTU = 4,
    TCG_COND_GEU = 5,
    TCG_COND_EQ = 8,
    TCG_COND_NE = 9,
    TCG_COND_LE = 10,
    TCG_COND_GT = 11,
    TCG_COND_LEU = 12,
    TCG_COND_GTU = 13,
};

/* Registers that the translator knows.  psr, xcc, fprs, cc_op: 32 bits. */
struct tcg_regs {
    uint8_t *ctx; /* what the archive's functions take first */
    struct tcg_val *env, *regwptr, *pc, *npc, *fsr, *gsr, *fprs, *cond;
    struct tcg_val *cc_src, *cc_src2, *cc_dst, *cc_op, *psr, *xcc;
    struct tcg_val *gpr[32]; /* %g0: NULL */
    struct tcg_val *fpr[32]; /* %d0, %d2 .. %d62 */
};

/* tcg_regs - those of this thread's engine */
const struct tcg_regs *tcg_regs(void);

/* tcg_note_reg - the archive names a register; true when it is one of them */
void tcg_note_reg(void *ctx, const char *name, void *temp, void *base);

struct tcg_val *tcg_temp(void);
struct tcg_val *tcg_local(void); /* one that a label or branch leaves alone */
void tcg_free(struct tcg_val *v);
struct tcg_val *tcg_const(int64_t value);

void tcg_op2(enum tcg_op op, struct tcg_val *d, struct tcg_val *a);
void tcg_op3(enum tcg_op op, struct tcg_val *d, struct tcg_val *a,
             struct tcg_val *b);
void tcg_movi(struct tcg_val *d, int64_t value);
/* d = [base + offset], 64 bits of the host's memory */
void tcg_load(struct tcg_val *d, struct tcg_val *base, unsigned offset);
void tcg_store(struct tcg_val *v, struct tcg_val *base, int offset);
/* d = or to [env + offset], 64 bits */
void tcg_load_env(struct tcg_val *d, unsigned offset);
void tcg_store_env(struct tcg_val *v, unsigned offset);

/* The shape that the archive's own functions of three values have. */
typedef void tcg_alu3(void *ctx, void *d, void *a, void *b);
typedef void tcg_alu2(void *ctx, void *d, void *a);
tcg_alu3 tcg_gen_add, tcg_gen_sub, tcg_gen_and, tcg_gen_or, tcg_gen_xor;
tcg_alu3 tcg_gen_andc_reversed, tcg_gen_orc_reversed;
tcg_alu2 tcg_gen_mov;

struct tcg_label *tcg_label(void);
void tcg_set_label(struct tcg_label *label);

/* tcg_goto_ptr - go to the code of another block */
void tcg_goto_ptr(struct tcg_val *code);

/*
 * How much a helper has to do with registers: less means faster code.
 * A helper that may raise a trap must not be HELPER_PURE.
 */
#define HELPER_ANY   0u /* reads and writes registers in place */
#define HELPER_READS 2u /* they are in place; it writes none */
#define HELPER_PURE  5u /* of its arguments only, and may be left out */

/*
 * tcg_call - call a helper of 64-bit arguments that was registered
 *
 * @ret: gets its value, or NULL
 */
void tcg_call(void (*helper)(void), struct tcg_val *ret, unsigned nr,
              struct tcg_val **args);

/* What the archive wants to know of a helper: its TCGHelperInfo. */
struct tcg_helper {
    void *func;
    const char *name;
    unsigned flags, sizemask;
};

/*
 * tcg_register - have the archive know a helper of 64-bit arguments
 *
 * @room: keeps it until the engine is closed
 */
void tcg_register(struct tcg_helper *room, void (*helper)(void),
                  const char *name, unsigned flags);

/* tcg_use - from now on code is made for this context */
void tcg_use(void *ctx);
