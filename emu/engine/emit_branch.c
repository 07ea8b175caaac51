// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compare and branch: a comparison, and both ways out of the block.  There
 * is no delay slot.
 */
#include "emu/engine/emit.h"

#include "emu/engine/internal.h"

#define PAGE_OF(va) ((va) >> PAGE_SHIFT)

/* Go to @pc, way @way out of two: chained when it is on the block's page. */
static void go(unsigned way, uint64_t pc)
{
    void *ctx = tcg_regs()->ctx;
    bool chained = PAGE_OF(pc) == PAGE_OF(translate_first_pc()) &&
                   PAGE_OF(pc + 4) == PAGE_OF(pc);

    if (chained)
        tcg_gen_goto_tb_sparc64(ctx, way);
    tcg_movi(tcg_regs()->pc, (int64_t)pc);
    tcg_movi(tcg_regs()->npc, (int64_t)pc + 4);
    if (chained)
        __real_tcg_gen_exit_tb_sparc64(ctx, translate_block(), way);
    else
        emit_go();
}

/* In a delay slot: what comes next is in the register NPC. */
static void go_to_npc(void)
{
    const struct tcg_regs *r = tcg_regs();
    struct tcg_val *zero, *yes, *no;

    if (translate_npc() == NPC_JUMP) {
        zero = tcg_const(0);
        yes = tcg_const((int64_t)translate_jump()[0]);
        no = tcg_const((int64_t)translate_jump()[1]);
        __wrap_tcg_gen_movcond_i64_sparc64(r->ctx, TCG_COND_NE, r->npc, r->cond,
                                           zero, yes, no);
        tcg_free(zero);
        tcg_free(yes);
        tcg_free(no);
    }
    tcg_op2(TCG_MOV, r->pc, r->npc);
    tcg_gen_addi_i64_sparc64(r->ctx, r->npc, r->npc, 4);
    emit_go();
}

/* Condition and operands: e, le, l, leu and their opposites compare. */
struct comparison {
    enum tcg_cond cond;
    struct tcg_val *a, *b;
};

/*
 * a, b: 64 bits, of 32 with their sign for cw..: that keeps unsigned order.
 * neg and vs look at the difference, and at bit 31 of it for cw...
 */
static struct comparison compare(unsigned cond, bool wide, struct tcg_val *a,
                                 struct tcg_val *b)
{
    static const enum tcg_cond conds[] = {
        0, TCG_COND_EQ, TCG_COND_LE, TCG_COND_LT, TCG_COND_LEU, TCG_COND_LTU};
    struct comparison c = {.a = a, .b = b};
    void *ctx = tcg_regs()->ctx;
    struct tcg_val *d;

    if ((cond & 7) < 6) {
        c.cond = conds[cond & 7] ^ (cond >> 3);
        return c;
    }
    d = tcg_temp();
    tcg_op3(TCG_SUB, d, a, b);
    if ((cond & 7) == 7) { /* overflow: (a ^ b) & (a ^ d) */
        tcg_op3(TCG_XOR, d, d, a);
        tcg_op3(TCG_XOR, b, b, a);
        tcg_op3(TCG_AND, d, d, b);
    }
    if (!wide)
        tcg_gen_ext32s_i64_sparc64(ctx, d, d);
    tcg_op2(TCG_MOV, a, d);
    tcg_movi(b, 0);
    tcg_free(d);
    c.cond = TCG_COND_LT ^ (cond >> 3);
    return c;
}

static void operand(struct tcg_val *d, uint32_t word, bool wide, bool second)
{
    unsigned field = second ? RS2(word) : RS1(word);
    struct tcg_val *s;

    if (second && IS_IMM(word)) {
        tcg_movi(d, (int64_t)((uint64_t)word << 59) >> 59);
        return;
    }
    s = emit_source('r', field);
    if (wide)
        tcg_op2(TCG_MOV, d, s);
    else
        tcg_gen_ext32s_i64_sparc64(tcg_regs()->ctx, d, s);
    emit_free('r', field, s);
}

uint32_t emit_cbcond(const struct insn *in, uint32_t word)
{
    unsigned cond = (word >> 26 & 8) | (word >> 25 & 7);
    int64_t disp =
        (int64_t)((uint64_t)(word >> 19 & 3) << 62) >> 54 | (word >> 5 & 0xff);
    bool wide = word >> 21 & 1;
    uint64_t npc = translate_npc();
    struct tcg_val *a, *b;
    struct tcg_label *taken;
    struct comparison c;

    (void)in;
    if ((cond & 7) == 0)
        return WORD_ILLEGAL;
    a = tcg_temp();
    b = tcg_temp();
    taken = tcg_label();
    operand(a, word, wide, false);
    operand(b, word, wide, true);
    c = compare(cond, wide, a, b);
    tcg_gen_brcond_i64_sparc64(tcg_regs()->ctx, c.cond, c.a, c.b, taken);
    tcg_free(a);
    tcg_free(b);
    if (npc & 3)
        go_to_npc();
    else
        go(0, npc);
    tcg_set_label(taken);
    go(1, translate_pc() + (uint64_t)disp * 4);
    translate_end();
    return WORD_NOP;
}
