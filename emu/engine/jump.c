/*
 * Returns and indirect jumps: look the next block up and go there, in place
 * of leaving translated code for the main loop.
 */
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
