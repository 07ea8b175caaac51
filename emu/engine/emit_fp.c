// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Floating point: calls of the helpers of fpu.c and quad.c, moves, FSR.
 */
#include "emu/engine/emit.h"

#include <endian.h>

#include "emu/engine/fpu.h"
#include "emu/engine/internal.h"

/* MemOp of the archive: log2 of the size, and big endian. */
#define MO_32 2
#define MO_64 3
#define MO_BE (BYTE_ORDER == LITTLE_ENDIAN ? 8 : 0)

#define FN(helper) ((void (*)(void))(helper))

static void *ctx(void)
{
    return tcg_regs()->ctx;
}

/* An operation that cannot raise: cexc and ftt are 0. */
static void clear_exception(void)
{
    struct tcg_val *zero = tcg_const(0);

    tcg_store_env(zero, ENV_EXC);
    tcg_free(zero);
}

uint32_t emit_fp(const struct insn *in, uint32_t word)
{
    struct tcg_val *v[4] = {tcg_regs()->env}, *d = tcg_temp();
    unsigned nr = emit_sources(in, word, v + 1);

    tcg_call(FN(in->what), d, nr + 1, v);
    emit_put(in->form[0], RD(word), d);
    emit_free_sources(in, word, nr, v + 1);
    tcg_free(d);
    return WORD_NOP;
}

/* Bits that a condition code is left in FSR. */
static unsigned fcc_shift(unsigned cc)
{
    return cc ? 30 + 2 * cc : 10;
}

uint32_t emit_fcmp(const struct insn *in, uint32_t word)
{
    struct tcg_val *v[4] = {tcg_regs()->env};
    unsigned nr = emit_sources(in, word, v + 1);

    v[3] = tcg_const(fcc_shift(RD(word)));
    tcg_call(FN(in->what), tcg_regs()->fsr, 4, v);
    tcg_free(v[3]);
    emit_free_sources(in, word, nr, v + 1);
    return WORD_NOP;
}

uint32_t emit_fmov(const struct insn *in, uint32_t word)
{
    uint64_t sign = in->form[0] == 'd' ? UINT64_C(1) << 63 : 0x80000000;
    struct tcg_val *v[3], *d = tcg_temp();
    unsigned nr = emit_sources(in, word, v);

    if (in->what == FMOV_NEGATE)
        tcg_gen_xori_i64_sparc64(ctx(), d, v[0], (int64_t)sign);
    else if (in->what == FMOV_ABSOLUTE)
        tcg_gen_andi_i64_sparc64(ctx(), d, v[0], (int64_t)~sign);
    else
        tcg_op2(TCG_MOV, d, v[0]);
    emit_put(in->form[0], RD(word), d);
    clear_exception();
    emit_free_sources(in, word, nr, v);
    tcg_free(d);
    return WORD_NOP;
}

/* The archive moves; fcc 0 to 3, 4 and 6 are there to depend on. */
static bool bad_cc(uint32_t word)
{
    unsigned cc = word >> 11 & 7;

    return cc == 5 || cc == 7;
}

uint32_t emit_fmovcc(const struct insn *in, uint32_t word)
{
    (void)in;
    if (bad_cc(word))
        return WORD_ILLEGAL;
    clear_exception();
    return word;
}

static bool bad_rcond(uint32_t word)
{
    return (word >> 10 & 3) == 0;
}

uint32_t emit_fmovr(const struct insn *in, uint32_t word)
{
    (void)in;
    if (bad_rcond(word))
        return WORD_ILLEGAL;
    clear_exception();
    return word;
}

uint32_t emit_load_fsr(const struct insn *in, uint32_t word)
{
    struct tcg_val *addr = emit_address(word), *value = tcg_temp();
    struct tcg_val *size = tcg_const((int64_t)in->what);

    tcg_gen_qemu_ld_i64_sparc64(ctx(), value, addr, translate_mmu_index(),
                                (in->what == 4 ? MO_32 : MO_64) | MO_BE);
    tcg_call(FN(fp_load_fsr), tcg_regs()->fsr, 3,
             (struct tcg_val *[]){tcg_regs()->env, value, size});
    tcg_free(size);
    tcg_free(value);
    tcg_free(addr);
    return WORD_NOP;
}

/* What was stored takes ftt away. */
uint32_t emit_store_fsr(const struct insn *in, uint32_t word)
{
    struct tcg_val *addr = emit_address(word), *value = tcg_temp();
    struct tcg_val *exc = tcg_temp(), *aexc = tcg_temp();

    tcg_call(FN(fp_settle), NULL, 1, (struct tcg_val *[]){tcg_regs()->env});
    tcg_load_env(exc, ENV_EXC);
    tcg_load_env(aexc, ENV_AEXC);
    tcg_op3(TCG_OR, value, tcg_regs()->fsr, exc);
    tcg_op3(TCG_OR, value, value, aexc);
    tcg_gen_qemu_st_i64_sparc64(ctx(), value, addr, translate_mmu_index(),
                                (in->what == 4 ? MO_32 : MO_64) | MO_BE);
    tcg_load_env(exc, ENV_EXC);
    tcg_gen_andi_i64_sparc64(ctx(), exc, exc, 31);
    tcg_store_env(exc, ENV_EXC);
    tcg_free(aexc);
    tcg_free(exc);
    tcg_free(value);
    tcg_free(addr);
    return WORD_NOP;
}

void emit_modes_change(void)
{
    tcg_call(FN(fp_modes_change), NULL, 1,
             (struct tcg_val *[]){tcg_regs()->env});
}

/* Whole instructions that Linux carries out on an M7. */
uint32_t emit_quad(const struct insn *in, uint32_t word)
{
    struct tcg_val *w = tcg_const(word);
    unsigned cc = word >> 11 & 7;

    (void)in;
    if (OP3(word) == 0x35 && (word >> 5 & 0x1f) == 3 && cc >= 4)
        emit_flags();
    tcg_call(FN(fp_quad), NULL, 2, (struct tcg_val *[]){tcg_regs()->env, w});
    tcg_free(w);
    return WORD_NOP;
}

uint32_t emit_quad_memory(const struct insn *in, uint32_t word)
{
    struct tcg_val *w = tcg_const(word), *addr = emit_address(word);

    tcg_call(in->what ? FN(fp_quad_store) : FN(fp_quad_load), NULL, 3,
             (struct tcg_val *[]){tcg_regs()->env, w, addr});
    tcg_free(w);
    tcg_free(addr);
    return WORD_NOP;
}

static bool partial_asi(unsigned asi)
{
    return (asi & 0xf0) == 0xc0 && (asi & 7) <= 5;
}

/* STDFA by an ASI of partial stores: rs2 is a mask, not part of the address. */
uint32_t emit_partial_store(const struct insn *in, uint32_t word)
{
    struct tcg_val *addr, *mask, *asi;

    (void)in;
    if (!partial_asi(IS_IMM(word) ? translate_asi() : ASI_OF(word)))
        return word;
    if (IS_IMM(word) || !translate_has(CLASS_VIS))
        return WORD_ILLEGAL;
    addr = emit_source('r', RS1(word));
    mask = emit_source('r', RS2(word));
    asi = tcg_const(ASI_OF(word));
    tcg_call(FN(fp_partial_store), NULL, 5,
             (struct tcg_val *[]){tcg_regs()->env, addr,
                                  emit_source('d', RD(word)), mask, asi});
    tcg_free(asi);
    emit_free('r', RS2(word), mask);
    emit_free('r', RS1(word), addr);
    return WORD_NOP;
}
