// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Returns and indirect jumps: look the next block up and go there, in place
 * of leaving translated code for the main loop.
 *
 * The archive has a table for that, in whose hash functions that begin at
 * multiples of 64 or 128 meet, as compilers align them for newer CPUs.  Ours
 * is asked first.  What is in it is good for one generation; a new one begins
 * when a block or the page that it is from may have changed.
 */
#include <string.h>

#include "emu/engine/emit.h"

#include "emu/engine/internal.h"

#define TT_NOT_ALIGNED 0x34

#define OP3_JMPL   0x38
#define OP3_RETURN 0x39

void __wrap_tcg_gen_exit_tb_sparc64(void *tcg, void *tb, unsigned idx)
{
    if (tb)
        __real_tcg_gen_exit_tb_sparc64(tcg, tb, idx);
    else
        tcg_gen_lookup_and_goto_ptr_sparc64(tcg);
}

/* What a block was translated for beside its address, and when. */
static inline uint64_t jump_state(const struct engine *e, void *env)
{
    return *env_u32(env, ENV_ASI) | (*env_u32(env, ENV_FPRS) & FPRS_FEF) << 8 |
           (uint64_t)*env_u32(env, ENV_PSTATE) << 16 |
           (uint64_t)e->jump_generation << 32;
}

static inline uint64_t jump_page(uint64_t va)
{
    return UINT64_C(1) << (va >> PAGE_SHIFT & 63);
}

void *__wrap_helper_lookup_tb_ptr_sparc64(void *env)
{
    struct engine *e = env_engine(env);
    uint64_t pc = *env_u64(env, ENV_PC), state = jump_state(e, env);
    struct jump *jump = &e->jumps[(pc >> 2 ^ pc >> 13) & (JUMPS - 1)];
    void *code;

    if (likely(jump->pc == pc && jump->state == state &&
               *env_u64(env, ENV_NPC) == pc + 4))
        return jump->code;
    code = __real_helper_lookup_tb_ptr_sparc64(env);
    /* Not the way out, which it gives when there is no block yet. */
    if (*env_u64(env, ENV_NPC) == pc + 4 &&
        tcg_tb_lookup_sparc64(e->tcg, (uintptr_t)code)) {
        *jump = (struct jump){pc, state, code};
        e->jump_pages |= jump_page(pc);
    }
    return code;
}

void engine_jumps_changed(struct engine *e)
{
    if (!e->jump_pages)
        return;
    e->jump_pages = 0;
    if (++e->jump_generation == 0)
        memset(e->jumps, 0, sizeof(e->jumps));
}

void engine_jumps_changed_page(struct engine *e, uint64_t va)
{
    if (e->jump_pages & jump_page(va))
        engine_jumps_changed(e);
}

/* How often the archive began its buffer of translated code anew. */
static _Thread_local unsigned resets;

void __wrap_tcg_region_reset_all_sparc64(void *tcg)
{
    resets++;
    __real_tcg_region_reset_all_sparc64(tcg);
}

void engine_jumps_translated(struct engine *e)
{
    if (e->jump_resets == resets)
        return;
    e->jump_resets = resets;
    engine_jumps_changed(e);
}

/* JMPL: the archive writes rd, then looks at the address. */
void emit_jmpl(uint32_t word)
{
    if (RD(word))
        tcg_store_env(tcg_regs()->gpr[RD(word)], ENV_JMPL_RD);
}

/* The archive has changed windows before it looked at the address. */
static void undo_restore(void *env)
{
    unsigned cwp = *env_u32(env, ENV_CWP);

    (*env_u32(env, ENV_CANSAVE))--;
    (*env_u32(env, ENV_CANRESTORE))++;
    cpu_set_cwp_sparc64(env, (int)((cwp + NWINDOWS - 1) % NWINDOWS));
}

/* A target that is not aligned: the instruction must have done nothing. */
void __wrap_helper_check_align_sparc64(void *env, uint64_t addr, uint32_t mask)
{
    uintptr_t ra = (uintptr_t)__builtin_return_address(0);
    struct engine *e = env_engine(env);
    uint32_t word;

    if (likely(!(addr & mask)))
        return;
    engine_set_ra(e, ra);
    word = engine_insn_at_pc(e);
    if (OP3(word) == OP3_RETURN)
        undo_restore(env);
    else if (OP3(word) == OP3_JMPL)
        cpu_set_reg(e, RD(word), *env_u64(env, ENV_JMPL_RD));
    engine_raise(e, TT_NOT_ALIGNED, ra);
}
