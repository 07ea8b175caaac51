// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Instructions that the archive takes for illegal ones.
 */
#include "emu/engine/emit.h"
#include "emu/engine/internal.h"

#define ASR_MCDPER 14

#define TT_TRAP_INSN 0x100 /* plus the number */

/* The second operand: a register, or 13 bits with their sign. */
static uint64_t operand2(const struct engine *e, uint32_t insn)
{
    if (insn & 0x2000)
        return (uint64_t)((int64_t)((uint64_t)insn << 51) >> 51);
    return cpu_reg(e, RS2(insn));
}

bool icc_holds(unsigned cond, unsigned nzvc)
{
    bool n = nzvc & 8, z = nzvc & 4, v = nzvc & 2, c = nzvc & 1;
    bool truth[] = {false, z, z || n != v, n != v, c || z, c, n, v};

    return truth[cond & 7] ^ (cond >> 3);
}

/* rd %asr14, rd */
static bool read_mcdper(struct engine *e, uint32_t insn)
{
    cpu_set_reg(e, RD(insn), e->mcdper);
    return true;
}

/* wr rs1, operand2, %asr14: the exclusive or of the two, as every wr */
static bool write_mcdper(struct engine *e, uint32_t insn)
{
    e->mcdper = ((cpu_reg(e, RS1(insn)) ^ operand2(e, insn)) & 1) != 0;
    return true;
}

/* A store to a block-init ASI named by %asi; see fetch.c. */
static bool blkinit_store(struct engine *e, uint32_t insn)
{
    static const unsigned sizes[] = {4, 1, 2, 8}; /* sta stba stha stda */
    unsigned op3 = insn >> 19 & 0x3f;
    unsigned asi = *env_u32(e->env, ENV_ASI) & 0xff;
    unsigned size = op3 == 0x1e ? 8 : sizes[op3 & 3];
    uint64_t va = cpu_reg(e, RS1(insn)) + operand2(e, insn);
    uint64_t val = cpu_reg(e, RD(insn));

    if (!(insn & 0x2000) || ((asi & 0xf6) != 0xe2 && (asi & 0xf6) != 0xf2))
        return false;
    if (!engine_has(e, CLASS_ASI_BLK_INIT)) {
        e->ops->bad_access(e->ctx, va, BAD_ASI);
        engine_raise(e, ENGINE_TT_FAULT, 0);
    }
    if (op3 == 0x17) { /* stda: two words */
        if (RD(insn) & 1)
            return false;
        val = val << 32 | (cpu_reg(e, RD(insn) + 1) & 0xffffffff);
    }
    if (va & (size - 1)) {
        e->ops->bad_access(e->ctx, va, BAD_ALIGNMENT);
        engine_raise(e, ENGINE_TT_FAULT, 0);
    }
    engine_blkinit_store(e, va, val, size, asi & 8, 0);
    return true;
}

/* Tcc on the sum of two registers; see fetch.c. */
static bool trap_of_sum(struct engine *e, uint32_t insn)
{
    unsigned ccr = (unsigned)cpu_get_ccr_sparc64(e->env);
    uint64_t number = cpu_reg(e, RS1(insn)) + cpu_reg(e, RS2(insn));

    if (insn >> 11 & 1)
        return false; /* no such condition codes */
    if (!icc_holds(insn >> 25 & 15, insn >> 12 & 1 ? ccr >> 4 : ccr & 15)) {
        cpu_skip(e);
        return true;
    }
    e->ops->trap(e->ctx, TT_TRAP_INSN + (number & 0x7f));
    return true;
}

bool engine_emulate(struct engine *e)
{
    uint32_t insn = engine_insn_at_pc(e);
    unsigned op = insn >> 30, op3 = insn >> 19 & 0x3f;
    bool done = false;

    if (op == 2 && op3 == 0x28 && RS1(insn) == ASR_MCDPER)
        done = engine_has(e, CLASS_ADP) && read_mcdper(e, insn);
    else if (op == 2 && op3 == 0x30 && RD(insn) == ASR_MCDPER)
        done = engine_has(e, CLASS_ADP) && write_mcdper(e, insn);
    else if (op == 2 && op3 == 0x3b)
        done = true; /* flush: the block ended here, which is all it needs */
    else if (op == 2 && op3 == 0x3a)
        return trap_of_sum(e, insn);
    else if (op == 3 && ((op3 >= 0x14 && op3 <= 0x17) || op3 == 0x1e))
        done = blkinit_store(e, insn);
    if (done)
        cpu_skip(e);
    return done;
}
