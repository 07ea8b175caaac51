// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Instructions that are translated as others.
 *
 * Guest memory is never changed: a load wrapper that must know the real
 * instruction reads it there.
 */
#include "emu/engine/emit.h"
#include "emu/engine/internal.h"
#include "emu/engine/translate.h"

#define OP(insn) ((insn) >> 30)

#define OP3_ADDXCC 0x18
#define OP3_SUBXCC 0x1c
#define OP3_CARRY  (8u << 19) /* ADDcc and SUBcc have it 0 */

static uint32_t with_asi(uint32_t insn, unsigned asi)
{
    return (insn & ~(0xffu << 5)) | asi << 5;
}

/* Loads and stores of the alternate spaces, not the atomic ones. */
static bool is_alternate(unsigned op3)
{
    switch (op3) {
    case 0x1d: /* ldstuba */
    case 0x1f: /* swapa */
    case 0x2d: /* prefetch */
    case 0x3c: /* casa */
    case 0x3d: /* prefetcha */
    case 0x3e: /* casxa */ return false;
    default: return (op3 & 0x10) != 0;
    }
}

static bool is_store(unsigned op3)
{
    return (op3 & 0x04) != 0;
}

static bool blkinit_asi(unsigned asi)
{
    return (asi & 0xf6) == 0xe2 || (asi & 0xf6) == 0xf2;
}

/*
 * A block load or store needs its first register to be a multiple of 16;
 * for others the archive would go past its array of registers.
 */
static bool bad_block_insn(uint32_t insn, unsigned asi)
{
    unsigned op3 = OP3(insn), rd = insn >> 25 & 31;
    unsigned dreg = (rd & 1) << 5 | (rd & 0x1e);
    bool block = (asi & 0xf6) == 0xf0 || (asi & 0xfe) == 0xe0;

    return (op3 == 0x33 || op3 == 0x37) && block && (dreg & 15) != 0;
}

/*
 * A condition on a register that is reserved (rcond 0 and 4), in bpr and
 * movr: the archive would look it up as -1.
 */
static bool bad_rcond(uint32_t insn)
{
    if (OP(insn) == 0)
        return (insn >> 22 & 7) == 3 && (insn >> 25 & 3) == 0;
    return OP(insn) == 2 && OP3(insn) == 0x2f && (insn >> 10 & 3) == 0;
}

static bool is_flush(uint32_t insn)
{
    return OP3(insn) == 0x3b;
}

/*
 * Tcc with a sum of two registers: the archive would leave the sum in rs1.
 * emulate.c does it.
 */
static bool is_trap_of_sum(uint32_t insn)
{
    return OP3(insn) == 0x3a && !IS_IMM(insn) && RS1(insn) && RS2(insn);
}

/*
 * WRPAUSE and WRMWAIT: a hint, with nothing to wait for.  Fields that are
 * reserved must be 0, as for every write of a register.
 */
static bool is_pause(uint32_t insn)
{
    return OP3(insn) == 0x30 && (RD(insn) == 27 || RD(insn) == 28) &&
           (IS_IMM(insn) || ASI_OF(insn) == 0);
}

static uint32_t rewrite_pause(uint32_t insn, const struct engine *e)
{
    uint64_t needs = RD(insn) == 27 ? CLASS_PAUSE : CLASS_SPARC5;

    return engine_has(e, needs) ? WORD_NOP : WORD_ILLEGAL;
}

/*
 * Registers of the kernel: softint with its two masks, of which only the
 * first can be read, tick_cmpr and stick_cmpr.
 */
static bool is_privileged_asr(uint32_t insn)
{
    if (OP3(insn) == 0x28)
        return RS1(insn) == 22 || RS1(insn) == 23 || RS1(insn) == 25;
    return OP3(insn) == 0x30 &&
           ((RD(insn) >= 20 && RD(insn) <= 23) || RD(insn) == 25);
}

/* RDCFR: which instructions of the crypto unit there are; none. */
static bool is_read_cfr(uint32_t insn)
{
    return OP3(insn) == 0x28 && RS1(insn) == 26;
}

static uint32_t rewrite_read_cfr(uint32_t insn, const struct engine *e)
{
    return engine_has(e, CLASS_HPC) ? WORD_CLEAR | (insn & 31u << 25)
                                    : WORD_ILLEGAL;
}

static bool is_write_gsr(uint32_t insn)
{
    return OP3(insn) == 0x30 && RD(insn) == 19;
}

static uint32_t rewrite_arithmetic(uint32_t insn, const struct engine *e)
{
    if (is_pause(insn))
        return rewrite_pause(insn, e);
    if (is_privileged_asr(insn))
        return WORD_PRIVOP;
    if (is_read_cfr(insn))
        return rewrite_read_cfr(insn, e);
    if (is_write_gsr(insn))
        emit_modes_change();
    if (OP3(insn) == OP3_JMPL || OP3(insn) == OP3_RETURN)
        return emit_jump(insn);
    if (OP3(insn) == OP3_SAVE || OP3(insn) == OP3_RESTORE)
        return emit_window(insn);
    /* emulate.c: what follows a FLUSH must be fetched anew. */
    return is_flush(insn) || is_trap_of_sum(insn) ? WORD_ILLEGAL : insn;
}

/* PREFETCH 5 to 15 */
static bool bad_prefetch(uint32_t insn)
{
    return (OP3(insn) & 0x2f) == 0x2d && RD(insn) >= 5 && RD(insn) <= 15;
}

static uint32_t rewrite_memory(uint32_t insn, unsigned asi_register)
{
    unsigned op3 = OP3(insn);
    unsigned asi = IS_IMM(insn) ? asi_register : ASI_OF(insn);

    if (bad_prefetch(insn))
        return WORD_ILLEGAL;
    if (!is_alternate(op3))
        return insn;
    if (bad_block_insn(insn, asi))
        return WORD_ILLEGAL;
    if (asi == ASI_MCD_PRIMARY)
        return emit_mcd(insn);
    /* Block-init stores: emulate.c does those with %asi, the helper those
     * of the twin-load ASIs. */
    if (is_store(op3) && op3 < 0x30 && blkinit_asi(asi)) {
        if (IS_IMM(insn))
            return WORD_ILLEGAL;
        return with_asi(insn, asi | 0x10);
    }
    /* A non-faulting load is an inline load; access.c sees the misses. */
    if (!IS_IMM(insn) && !is_store(op3) && (asi & 0xf6) == 0x82)
        return with_asi(insn, 0x80 | (asi & 0x09));
    return insn;
}

/*
 * ADDXcc and SUBXcc behind an instruction that leaves no carry: the archive
 * adds, but takes the codes for those of the instruction before.
 */
static uint32_t without_carry(uint32_t insn)
{
    unsigned op3 = OP3(insn), op = translate_cc_op();

    if ((op3 != OP3_ADDXCC && op3 != OP3_SUBXCC) ||
        (op != CC_DIV && op != CC_LOGIC))
        return insn;
    return insn & ~OP3_CARRY;
}

uint32_t __wrap_cpu_ldl_code_sparc64(void *env, uint64_t pc)
{
    uint32_t word = __real_cpu_ldl_code_sparc64(env, pc);
    uint32_t insn;

    engine_fuse_insn(word);
    engine_dead_fetch(word);
    engine_jump_insn(word);
    insn = insn_translate(env_engine(env), word);
    if (env_engine(env)->tell_code)
        translate_tell(pc, word);
    if (insn != word)
        return insn;
    if (bad_rcond(insn))
        return WORD_ILLEGAL;
    switch (OP(insn)) {
    case 0: engine_flags_insn(insn); return insn;
    case 2:
        insn = without_carry(insn);
        engine_flags_insn(insn);
        return rewrite_arithmetic(insn, env_engine(env));
    case 3: return rewrite_memory(insn, *env_u32(env, ENV_ASI) & 0xff);
    default: return insn;
    }
}
