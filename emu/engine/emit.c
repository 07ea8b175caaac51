// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/engine/emit.h"

#include "emu/engine/internal.h"

#define HIGH_WORD 32 /* %f0 is the upper half of %d0 */

static void *ctx(void)
{
    return tcg_regs()->ctx;
}

struct tcg_val *emit_source(char kind, unsigned field)
{
    struct tcg_val *v;

    if (kind == 'd')
        return tcg_regs()->fpr[DREG(field)];
    if (kind == 'r')
        return field ? tcg_regs()->gpr[field] : tcg_const(0);
    v = tcg_temp();
    if (field & 1)
        tcg_gen_ext32u_i64_sparc64(ctx(), v, tcg_regs()->fpr[field / 2]);
    else
        tcg_gen_shri_i64_sparc64(ctx(), v, tcg_regs()->fpr[field / 2],
                                 HIGH_WORD);
    return v;
}

void emit_free(char kind, unsigned field, struct tcg_val *v)
{
    if (kind == 's' || (kind == 'r' && !field))
        tcg_free(v);
}

static void mark_dirty(unsigned bit)
{
    if (translate_dirty(bit))
        tcg_gen_ori_i32_sparc64(ctx(), tcg_regs()->fprs, tcg_regs()->fprs,
                                (int32_t)bit);
}

void emit_put(char kind, unsigned field, struct tcg_val *v)
{
    struct tcg_val *d;

    if (kind == 'r') {
        if (field)
            tcg_op2(TCG_MOV, tcg_regs()->gpr[field], v);
        return;
    }
    if (kind == 'd') {
        tcg_op2(TCG_MOV, tcg_regs()->fpr[DREG(field)], v);
        mark_dirty(field & 1 ? 2 : 1);
        return;
    }
    d = tcg_regs()->fpr[field / 2];
    tcg_gen_deposit_i64_sparc64(ctx(), d, d, v, field & 1 ? 0 : HIGH_WORD, 32);
    mark_dirty(1);
}

struct tcg_val *emit_address(uint32_t word)
{
    struct tcg_val *addr = tcg_temp();
    struct tcg_val *base = emit_source('r', RS1(word)), *index;

    if (IS_IMM(word)) {
        tcg_gen_addi_i64_sparc64(ctx(), addr, base,
                                 (int64_t)((uint64_t)word << 51) >> 51);
    } else {
        index = emit_source('r', RS2(word));
        tcg_op3(TCG_ADD, addr, base, index);
        emit_free('r', RS2(word), index);
    }
    emit_free('r', RS1(word), base);
    return addr;
}

static const unsigned char shifts[] = {14, 0, 9}; /* rs1, rs2, rs3 */

static unsigned field_of(uint32_t word, unsigned i)
{
    return word >> shifts[i] & 31;
}

unsigned emit_sources(const struct insn *in, uint32_t word,
                      struct tcg_val *v[static 3])
{
    unsigned nr = 0;

    for (unsigned i = 0; in->form[i + 1]; i++)
        if (in->form[i + 1] != '-')
            v[nr++] = emit_source(in->form[i + 1], field_of(word, i));
    return nr;
}

void emit_free_sources(const struct insn *in, uint32_t word, unsigned nr,
                       struct tcg_val *v[static 3])
{
    unsigned at = 0;

    for (unsigned i = 0; in->form[i + 1]; i++)
        if (in->form[i + 1] != '-')
            emit_free(in->form[i + 1], field_of(word, i), v[at++]);
    INVARIANT(at == nr);
}

/* rd = what(rs1, rs2), a function of the archive; a fresh temporary goes
 * between, for what takes more than one operation. */
uint32_t emit_alu(const struct insn *in, uint32_t word)
{
    struct tcg_val *v[3], *d = tcg_temp();
    unsigned nr = emit_sources(in, word, v);

    ((tcg_alu3 *)in->what)(ctx(), d, v[0], v[1]);
    emit_put(in->form[0], RD(word), d);
    emit_free_sources(in, word, nr, v);
    tcg_free(d);
    return WORD_NOP;
}

uint32_t emit_unary(const struct insn *in, uint32_t word)
{
    struct tcg_val *v[3], *d = tcg_temp();
    unsigned nr = emit_sources(in, word, v);

    ((tcg_alu2 *)in->what)(ctx(), d, v[0]);
    emit_put(in->form[0], RD(word), d);
    emit_free_sources(in, word, nr, v);
    tcg_free(d);
    return WORD_NOP;
}

uint32_t emit_constant(const struct insn *in, uint32_t word)
{
    struct tcg_val *v = tcg_const((int64_t)in->what);

    emit_put(in->form[0], RD(word), v);
    tcg_free(v);
    return WORD_NOP;
}

/* rd = what(first, rs1, rs2), a helper; first: GSR or nothing */
static uint32_t call(const struct insn *in, uint32_t word,
                     struct tcg_val *first)
{
    struct tcg_val *v[4] = {first}, **sources = first ? v + 1 : v;
    struct tcg_val *d = tcg_temp();
    unsigned nr = emit_sources(in, word, sources);

    tcg_call((void (*)(void))in->what, d, nr + (first ? 1 : 0), v);
    emit_put(in->form[0], RD(word), d);
    emit_free_sources(in, word, nr, sources);
    tcg_free(d);
    return WORD_NOP;
}

uint32_t emit_call(const struct insn *in, uint32_t word)
{
    return call(in, word, NULL);
}

uint32_t emit_call_gsr(const struct insn *in, uint32_t word)
{
    return call(in, word, tcg_regs()->gsr);
}

/* rd += distance of rs1 and rs2 */
uint32_t emit_pdist(const struct insn *in, uint32_t word)
{
    struct tcg_val *v[3], *d = tcg_temp();
    unsigned nr = emit_sources(in, word, v);

    tcg_call((void (*)(void))in->what, d, nr, v);
    tcg_op3(TCG_ADD, d, d, emit_source('d', RD(word)));
    emit_put('d', RD(word), d);
    emit_free_sources(in, word, nr, v);
    tcg_free(d);
    return WORD_NOP;
}

/* ---------------------------------------------------------------- flags */

/* cc_src, cc_src2 and cc_dst are as @op wants them. */
static void leave_flags(enum cc_op op)
{
    tcg_gen_op2_sparc64(
        ctx(), TCG_MOVI_I32,
        (uint64_t)((uintptr_t)tcg_regs()->cc_op + (uintptr_t)tcg_regs()->ctx),
        op);
    translate_set_cc_op(op);
}

uint32_t emit_edge(const struct insn *in, uint32_t word)
{
    const struct tcg_regs *r = tcg_regs();
    struct tcg_val *v[3], *d = tcg_temp();
    unsigned nr = emit_sources(in, word, v);

    tcg_call((void (*)(void))in->what, d, nr, v);
    if (!(word & 0x20)) { /* not edge..n: condition codes of rs1 - rs2 */
        tcg_op2(TCG_MOV, r->cc_src, v[0]);
        tcg_op2(TCG_MOV, r->cc_src2, v[1]);
        tcg_op3(TCG_SUB, r->cc_dst, v[0], v[1]);
        leave_flags(CC_SUB);
    }
    emit_put('r', RD(word), d);
    emit_free_sources(in, word, nr, v);
    tcg_free(d);
    return WORD_NOP;
}

void emit_flags(void)
{
    if (translate_cc_op() == CC_FLAGS)
        return;
    tcg_call((void (*)(void))__wrap_helper_compute_psr_sparc64, NULL, 1,
             (struct tcg_val *[]){tcg_regs()->env});
    translate_set_cc_op(CC_FLAGS);
}

/* Bit 63 of the carries out of src + src2 (+ c) = dst. */
static void carry_of_sum(struct tcg_val *c)
{
    const struct tcg_regs *r = tcg_regs();
    struct tcg_val *t = tcg_temp();

    tcg_op3(TCG_OR, c, r->cc_src, r->cc_src2);
    tcg_gen_andc_i64_sparc64(ctx(), c, c, r->cc_dst);
    tcg_op3(TCG_AND, t, r->cc_src, r->cc_src2);
    tcg_op3(TCG_OR, c, c, t);
    tcg_free(t);
}

/* The borrows out of src - src2 (- c) = dst. */
static void borrow_of_difference(struct tcg_val *c)
{
    const struct tcg_regs *r = tcg_regs();
    struct tcg_val *t = tcg_temp();

    tcg_gen_orc_i64_sparc64(ctx(), c, r->cc_src2, r->cc_src);
    tcg_op3(TCG_AND, c, c, r->cc_dst);
    tcg_gen_andc_i64_sparc64(ctx(), t, r->cc_src2, r->cc_src);
    tcg_op3(TCG_OR, c, c, t);
    tcg_free(t);
}

/* c = xcc.c, without a call where the last instruction is known */
static void emit_xcc_carry(struct tcg_val *c)
{
    const struct tcg_regs *r = tcg_regs();

    switch (translate_cc_op()) {
    case CC_ADD:
        __wrap_tcg_gen_setcond_i64_sparc64(ctx(), TCG_COND_LTU, c, r->cc_dst,
                                           r->cc_src);
        return;
    case CC_SUB:
        __wrap_tcg_gen_setcond_i64_sparc64(ctx(), TCG_COND_LTU, c, r->cc_src,
                                           r->cc_src2);
        return;
    case CC_ADDX: carry_of_sum(c); break;
    case CC_SUBX: borrow_of_difference(c); break;
    case CC_LOGIC: tcg_movi(c, 0); return;
    default:
        emit_flags();
        tcg_gen_extu_i32_i64_sparc64(ctx(), c, r->xcc);
        tcg_gen_extract_i64_sparc64(ctx(), c, c, 20, 1);
        return;
    }
    tcg_gen_shri_i64_sparc64(ctx(), c, c, 63);
}

/* rd = rs1 +- rs2 +- xcc.c, with condition codes or not */
uint32_t emit_addxc(const struct insn *in, uint32_t word)
{
    const struct tcg_regs *r = tcg_regs();
    bool subtract = in->what >= SUBXC;
    enum tcg_op op = subtract ? TCG_SUB : TCG_ADD;
    struct tcg_val *v[3], *d = tcg_temp(), *c = tcg_temp();
    unsigned nr = emit_sources(in, word, v);

    emit_xcc_carry(c);
    tcg_op3(op, d, v[0], v[1]);
    tcg_op3(op, d, d, c);
    if (in->what == ADDXC_CC || in->what == SUBXC_CC) {
        tcg_op2(TCG_MOV, r->cc_src, v[0]);
        tcg_op2(TCG_MOV, r->cc_src2, v[1]);
        tcg_op2(TCG_MOV, r->cc_dst, d);
        leave_flags(subtract ? CC_SUBX : CC_ADDX);
    }
    emit_put('r', RD(word), d);
    emit_free_sources(in, word, nr, v);
    tcg_free(c);
    tcg_free(d);
    return WORD_NOP;
}

/* ------------------------------------------------------------- integers */

uint32_t emit_umulxhi(const struct insn *in, uint32_t word)
{
    struct tcg_val *v[3], *low = tcg_temp(), *high = tcg_temp();
    unsigned nr = emit_sources(in, word, v);

    tcg_gen_mulu2_i64_sparc64(ctx(), low, high, v[0], v[1]);
    emit_put('r', RD(word), high);
    emit_free_sources(in, word, nr, v);
    tcg_free(low);
    tcg_free(high);
    return WORD_NOP;
}

/* rd = half of rs1 * rs2 + rs3, of 128 bits; what: 0 the low, 1 the high */
uint32_t emit_fpmaddx(const struct insn *in, uint32_t word)
{
    struct tcg_val *v[3], *low = tcg_temp(), *high = tcg_temp();
    struct tcg_val *zero = tcg_const(0);
    unsigned nr = emit_sources(in, word, v);

    tcg_gen_mulu2_i64_sparc64(ctx(), low, high, v[0], v[1]);
    tcg_gen_add2_i64_sparc64(ctx(), low, high, low, high, v[2], zero);
    emit_put('d', RD(word), in->what ? high : low);
    emit_free_sources(in, word, nr, v);
    tcg_free(zero);
    tcg_free(low);
    tcg_free(high);
    return WORD_NOP;
}

uint32_t emit_lzcnt(const struct insn *in, uint32_t word)
{
    struct tcg_val *v[3], *d = tcg_temp();
    unsigned nr = emit_sources(in, word, v);

    tcg_gen_clzi_i64_sparc64(ctx(), d, v[0], 64);
    emit_put('r', RD(word), d);
    emit_free_sources(in, word, nr, v);
    tcg_free(d);
    return WORD_NOP;
}

/* GSR.align = the sum's low bits, what: or what is missing to 8 */
uint32_t emit_alignaddr(const struct insn *in, uint32_t word)
{
    struct tcg_val *v[3], *sum = tcg_temp(), *d = tcg_temp();
    unsigned nr = emit_sources(in, word, v);
    struct tcg_val *gsr = tcg_regs()->gsr;

    tcg_op3(TCG_ADD, sum, v[0], v[1]);
    tcg_gen_andi_i64_sparc64(ctx(), d, sum, -8);
    if (in->what)
        tcg_gen_subfi_i64_sparc64(ctx(), sum, 0, sum);
    tcg_gen_deposit_i64_sparc64(ctx(), gsr, gsr, sum, 0, 3);
    emit_put('r', RD(word), d);
    emit_free_sources(in, word, nr, v);
    tcg_free(sum);
    tcg_free(d);
    return WORD_NOP;
}

static void set_gsr_mask(struct tcg_val *v)
{
    tcg_gen_deposit_i64_sparc64(ctx(), tcg_regs()->gsr, tcg_regs()->gsr, v, 32,
                                32);
}

uint32_t emit_bmask(const struct insn *in, uint32_t word)
{
    struct tcg_val *v[3], *sum = tcg_temp();
    unsigned nr = emit_sources(in, word, v);

    tcg_op3(TCG_ADD, sum, v[0], v[1]);
    set_gsr_mask(sum);
    emit_put('r', RD(word), sum);
    emit_free_sources(in, word, nr, v);
    tcg_free(sum);
    return WORD_NOP;
}

uint32_t emit_cmask(const struct insn *in, uint32_t word)
{
    struct tcg_val *v[3], *mask = tcg_temp();
    unsigned nr = emit_sources(in, word, v);

    tcg_call((void (*)(void))in->what, mask, nr, v);
    set_gsr_mask(mask);
    emit_free_sources(in, word, nr, v);
    tcg_free(mask);
    return WORD_NOP;
}

/* GSR.im and GSR.irnd */
uint32_t emit_siam(const struct insn *in, uint32_t word)
{
    struct tcg_val *mode = tcg_const(word & 7);

    (void)in;
    emit_modes_change();
    tcg_gen_deposit_i64_sparc64(ctx(), tcg_regs()->gsr, tcg_regs()->gsr, mode,
                                25, 3);
    tcg_free(mode);
    return WORD_NOP;
}
