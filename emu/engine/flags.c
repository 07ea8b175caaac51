// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Condition codes of an addition that one condition asks for.
 *
 * The archive has inline code for a condition on the codes of SUBcc and of a
 * logical operation; for all others it calls helper_compute_psr(), which
 * computes eight bits, through a table of functions.  After ADDcc, ADDXcc and
 * SUBXcc, Z and N are those of the result alone, as after a logical operation:
 * the archive is told that it was one, for the length of one instruction.
 *
 * Where all codes are wanted, those of the common instructions are computed
 * here without the table.
 *
 * Source: Unicorn v2.1.3 qemu/target/sparc/translate.c gen_compare(),
 * cc_helper.c helper_compute_psr().
 */
#include "emu/engine/emit.h"
#include "emu/engine/internal.h"

#define OP2_BPCC  1
#define OP2_BICC  2
#define OP3_MOVCC 0x2c

/* The condition of a branch on integer codes or of a move; -1: it has none. */
static int condition_of(uint32_t word)
{
    unsigned op2 = word >> 22 & 7;

    if (word >> 30 == 0 && (op2 == OP2_BPCC || op2 == OP2_BICC))
        return (int)(word >> 25 & 15);
    if (word >> 30 == 2 && OP3(word) == OP3_MOVCC && (word & 1u << 18))
        return (int)(word >> 14 & 15);
    return -1;
}

/* e, neg, ne, pos: they ask for Z alone or for N alone. */
static bool asks_the_result(int cond)
{
    return cond >= 0 && ((cond & 7) == 1 || (cond & 7) == 6);
}

void engine_flags_insn(uint32_t word)
{
    if (!translate_step(ENGINE_STEP_FLAGS) ||
        !asks_the_result(condition_of(word)))
        return;
    switch (translate_cc_op()) {
    case CC_ADD:
    case CC_ADDX:
    case CC_SUBX: translate_assume_cc_op(CC_LOGIC); return;
    default: return;
    }
}

/* The codes as PSR and XCC have them. */
#define CODES 0xf00000u

static uint32_t nzvc(uint64_t n, bool z, uint64_t v, bool c)
{
    return (uint32_t)n << 23 | (uint32_t)z << 22 | (uint32_t)v << 21 |
           (uint32_t)c << 20;
}

/* @overflow: its signs are the V of 64 and of 32 bits. */
static void set_codes(void *env, uint64_t result, uint64_t overflow, bool c,
                      bool xc)
{
    *env_u32(env, ENV_PSR) =
        nzvc(result >> 31 & 1, (uint32_t)result == 0, overflow >> 31 & 1, c);
    *env_u32(env, ENV_XCC) =
        nzvc(result >> 63, result == 0, overflow >> 63, xc);
    *env_u32(env, ENV_CC_OP) = CC_FLAGS;
}

void __wrap_helper_compute_psr_sparc64(void *env)
{
    uint64_t a = *env_u64(env, ENV_CC_SRC), b = *env_u64(env, ENV_CC_SRC2);
    uint64_t d;

    engine_make_result(env);
    d = *env_u64(env, ENV_CC_DST);
    if (!engine_has_step(env_engine(env), ENGINE_STEP_FLAGS)) {
        __real_helper_compute_psr_sparc64(env);
        return;
    }
    switch (*env_u32(env, ENV_CC_OP)) {
    case CC_FLAGS: /* WRCCR leaves more than the codes there */
        *env_u32(env, ENV_PSR) &= CODES;
        *env_u32(env, ENV_XCC) &= CODES;
        return;
    case CC_LOGIC: set_codes(env, d, 0, false, false); return;
    case CC_ADD:
        set_codes(env, d, ~(a ^ b) & (a ^ d), (uint32_t)d < (uint32_t)a, d < a);
        return;
    case CC_SUB:
        set_codes(env, d, (a ^ b) & (a ^ d), (uint32_t)a < (uint32_t)b, a < b);
        return;
    default: __real_helper_compute_psr_sparc64(env); return;
    }
}
