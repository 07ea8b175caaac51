// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Returns and indirect jumps in translated code.
 *
 * The archive calls a helper to look at the target's alignment and another to
 * look the block up, for each of them: more than the jump itself.  Here the
 * alignment is tested, and the slot of jump.c compared, inline; only what is
 * not as usual takes a call.
 *
 * Source: Unicorn v2.1.3 qemu/target/sparc/translate.c disas_sparc_insn(),
 * sparc_tr_tb_stop().
 */
#include "emu/engine/emit.h"

#include "emu/engine/internal.h"

#define OP2_ILLTRAP 0
#define OP2_SETHI   4

/* The instruction that was translated last. */
static _Thread_local uint32_t last;

void engine_jump_insn(uint32_t word)
{
    last = word;
}

/* Branches, calls, jumps, and what goes back from a trap. */
static bool transfers_control(uint32_t word)
{
    unsigned op2 = word >> 22 & 7;

    switch (word >> 30) {
    case 0: return op2 != OP2_SETHI && op2 != OP2_ILLTRAP;
    case 1: return true;
    case 2:
        return OP3(word) == OP3_JMPL || OP3(word) == OP3_RETURN ||
               OP3(word) == 0x3e;
    default: return false;
    }
}

/* WR of a register: blocks are translated for some of them. */
static bool changes_state(uint32_t word)
{
    return word >> 30 == 2 && (OP3(word) & 0x3c) == 0x30;
}

/*
 *      slot = jumps + offset of PC
 *      if slot.pc != PC goto slow
 *      go to slot.code
 *  slow:
 *      go to where helper_lookup_tb_ptr() says
 */
static void look_up(unsigned state)
{
    const struct tcg_regs *r = tcg_regs();
    unsigned part = state * JUMPS * (unsigned)sizeof(struct jump);
    struct tcg_val *slot = tcg_local(), *v = tcg_temp();
    struct tcg_label *slow = tcg_label();

    tcg_gen_shli_i64_sparc64(r->ctx, slot, r->pc, 2);
    tcg_gen_shri_i64_sparc64(r->ctx, v, r->pc, 9);
    tcg_op3(TCG_XOR, slot, slot, v);
    tcg_gen_andi_i64_sparc64(r->ctx, slot, slot,
                             (JUMPS - 1) * sizeof(struct jump));
    tcg_load_env(v, ENV_JUMPS);
    tcg_op3(TCG_ADD, slot, slot, v);
    tcg_load(v, slot, part);
    tcg_gen_brcond_i64_sparc64(r->ctx, TCG_COND_NE, v, r->pc, slow);
    tcg_load(v, slot, part + 8);
    tcg_goto_ptr(v);
    tcg_set_label(slow);
    tcg_gen_lookup_and_goto_ptr_sparc64(r->ctx);
    tcg_free(slot);
    tcg_free(v);
}

/* The same for a PC that is known, which is where a page is left: its slot is
 * at a known place. */
static void look_up_known(unsigned state, uint64_t pc)
{
    const struct tcg_regs *r = tcg_regs();
    unsigned at = state * JUMPS * (unsigned)sizeof(struct jump) +
                  (unsigned)jump_offset(pc);
    struct tcg_val *v = tcg_temp();
    struct tcg_label *slow = tcg_label();

    tcg_load_env(v, ENV_JUMPS);
    tcg_load(v, v, at);
    tcg_gen_brcond_i64_sparc64(r->ctx, TCG_COND_NE, v, r->pc, slow);
    tcg_load_env(v, ENV_JUMPS);
    tcg_load(v, v, at + 8);
    tcg_goto_ptr(v);
    tcg_set_label(slow);
    tcg_gen_lookup_and_goto_ptr_sparc64(r->ctx);
    tcg_free(v);
}

/* @pc: where to, if it is known, or NPC_DYNAMIC */
static void go(uint64_t pc)
{
    int state = translate_step(ENGINE_STEP_JUMP) ? translate_jump_state() : -1;

    if (state < 0)
        tcg_gen_lookup_and_goto_ptr_sparc64(tcg_regs()->ctx);
    else if (pc == NPC_DYNAMIC)
        look_up((unsigned)state);
    else
        look_up_known((unsigned)state, pc);
}

void emit_go(void)
{
    go(NPC_DYNAMIC);
}

/*
 * Behind an instruction of the common kind NPC is PC + 4, and the state of the
 * CPU is that which its block was translated for.  Where the translator knows
 * PC then, it knows NPC too; it does not while one of two is taken.
 */
void __wrap_tcg_gen_exit_tb_sparc64(void *tcg, void *tb, unsigned idx)
{
    if (tb)
        __real_tcg_gen_exit_tb_sparc64(tcg, tb, idx);
    else if (transfers_control(last) || changes_state(last))
        tcg_gen_lookup_and_goto_ptr_sparc64(tcg);
    else if (translate_npc() == translate_pc() + 4)
        go(translate_pc());
    else
        go(NPC_DYNAMIC);
}

/* The archive writes rd, then looks at the address. */
static void keep_rd(uint32_t word)
{
    if (OP3(word) == OP3_JMPL && RD(word))
        tcg_store_env(tcg_regs()->gpr[RD(word)], ENV_JMPL_RD);
}

/* NPC = target.  A helper of RESTORE may set NPC, so that is before it. */
static void set_target(uint32_t word)
{
    const struct tcg_regs *r = tcg_regs();
    struct tcg_val *v = emit_address(word), *kept;

    if (OP3(word) == OP3_RETURN) {
        kept = tcg_local();
        tcg_op2(TCG_MOV, kept, v);
        emit_restore();
        tcg_op2(TCG_MOV, r->npc, kept);
        tcg_free(kept);
    } else {
        tcg_op2(TCG_MOV, r->npc, v);
    }
    tcg_free(v);
}

/*
 *      restore                          (RETURN alone)
 *      NPC = target
 *      if NPC is aligned goto go
 *      call jump_not_aligned            (which does not come back)
 *  go:
 *      rd = PC
 */
uint32_t emit_jump(uint32_t word)
{
    const struct tcg_regs *r = tcg_regs();
    struct tcg_label *go;
    struct tcg_val *v;

    if (!translate_step(ENGINE_STEP_JUMP) ||
        translate_npc() != translate_pc() + 4) {
        keep_rd(word);
        return word;
    }
    set_target(word);
    go = tcg_label();
    v = tcg_temp();
    tcg_gen_andi_i64_sparc64(r->ctx, v, r->npc, 3);
    __wrap_tcg_gen_brcondi_i64_sparc64(r->ctx, TCG_COND_EQ, v, 0, go);
    tcg_free(v);
    tcg_call((void (*)(void))jump_not_aligned, NULL, 1,
             (struct tcg_val *[]){r->env});
    tcg_set_label(go);
    if (OP3(word) == OP3_JMPL && RD(word))
        tcg_movi(r->gpr[RD(word)], (int64_t)translate_pc());
    translate_jumps();
    return WORD_NOP;
}
