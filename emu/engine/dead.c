// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registers that nobody will ask for are not stored.
 *
 * At the end of a block all registers of the CPU go to memory.  Of those that
 * keep the operands and the result of an instruction that set the condition
 * codes, the result can be left out after an addition or a subtraction: the
 * next block that wants the codes has a helper called, which makes it anew.
 * And a branch that is always taken leaves in PC what nobody reads: in a
 * block, PC is known to the translator alone.
 *
 * Source: Unicorn v2.1.3 qemu/target/sparc/translate.c do_branch(),
 * gen_op_add_cc(), gen_op_sub_cc(), gen_op_mulscc(), gen_edge();
 * qemu/tcg/tcg.c INDEX_op_discard.
 */
#include "emu/engine/emit.h"
#include "emu/engine/internal.h"

#define COND_ALWAYS 8
#define ANNUL       (1u << 29)

/* The instruction that is being translated moves NPC to PC for nothing. */
static _Thread_local bool moves_pc;

void engine_dead_fetch(uint32_t word)
{
    unsigned op2 = word >> 22 & 7;
    bool branch = op2 == 1 || op2 == 2 || op2 == 5 || op2 == 6;

    moves_pc = word >> 30 == 0 && branch && !(word & ANNUL) &&
               (word >> 25 & 15) == COND_ALWAYS && !(translate_npc() & 3) &&
               translate_step(ENGINE_STEP_DEAD);
}

void engine_dead_insn(void)
{
    if (moves_pc)
        tcg_discard(tcg_regs()->pc);
    moves_pc = false;
}

void engine_dead_codes(void)
{
    unsigned op = translate_left_cc_op();

    if ((op == CC_ADD || op == CC_SUB) && translate_step(ENGINE_STEP_DEAD))
        tcg_discard(tcg_regs()->cc_dst);
}

void engine_make_result(void *env)
{
    uint64_t a = *env_u64(env, ENV_CC_SRC), b = *env_u64(env, ENV_CC_SRC2);

    switch (*env_u32(env, ENV_CC_OP)) {
    case CC_ADD: *env_u64(env, ENV_CC_DST) = a + b; return;
    case CC_SUB: *env_u64(env, ENV_CC_DST) = a - b; return;
    default: return;
    }
}

/* The carry for ADDX and SUBX. */
uint32_t __wrap_helper_compute_C_icc_sparc64(void *env)
{
    engine_make_result(env);
    return __real_helper_compute_C_icc_sparc64(env);
}
