// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SAVE and RESTORE in translated code, while there is a window to go to.
 *
 * A helper keeps four variables, of which two say all: CWP follows from
 * REGWPTR, and what CANSAVE loses CANRESTORE gains.  So only REGWPTR moves
 * here, up to the window where a helper must look (window.c): from there on
 * windows are spilled or filled, or the registers wrap around.
 */
#include "emu/engine/emit.h"

#include "emu/engine/internal.h"

#define WINDOW_BYTES 128

/* rd of the next window, while REGWPTR is that of this one. */
static void put_next(unsigned rd, struct tcg_val *v, int bytes)
{
    const struct tcg_regs *r = tcg_regs();

    if (rd >= 8)
        tcg_store(v, r->regwptr, ((int)rd - 8) * 8 + bytes);
    else
        tcg_op2(TCG_MOV, r->gpr[rd], v);
}

/*
 *      if REGWPTR is where a helper must look goto slow
 *      rd of the next window = rs1 + rs2
 *      REGWPTR += bytes
 *      goto done
 *  slow:
 *      call the helper, which does all of it
 *  done:
 *
 * At a label nothing is kept in registers of the host, so what follows finds
 * the new window.
 */
static void shift(bool save, uint32_t word)
{
    const struct tcg_regs *r = tcg_regs();
    struct tcg_label *slow = tcg_label(), *done = tcg_label();
    int bytes = save ? -WINDOW_BYTES : WINDOW_BYTES;
    struct tcg_val *v = tcg_temp();

    tcg_load_env(v, save ? ENV_NO_SAVE : ENV_NO_RESTORE);
    tcg_gen_brcond_i64_sparc64(r->ctx, TCG_COND_EQ, r->regwptr, v, slow);
    tcg_free(v);
    if (RD(word)) {
        v = emit_address(word);
        put_next(RD(word), v, bytes);
        tcg_free(v);
    }
    tcg_gen_addi_i64_sparc64(r->ctx, r->regwptr, r->regwptr, bytes);
    if (!save)
        tcg_store_env(r->regwptr, ENV_RESTORED); /* mcd.c */
    tcg_gen_brcond_i64_sparc64(r->ctx, TCG_COND_ALWAYS, r->pc, r->pc, done);
    tcg_set_label(slow);
    v = tcg_const(word);
    tcg_call(save ? (void (*)(void))window_save
                  : (void (*)(void))window_restore,
             NULL, 2, (struct tcg_val *[]){r->env, v});
    tcg_free(v);
    tcg_set_label(done);
}

uint32_t emit_window(uint32_t word)
{
    if (!translate_step(ENGINE_STEP_WINDOW))
        return word;
    shift(OP3(word) == OP3_SAVE, word);
    return WORD_NOP;
}

void emit_restore(void)
{
    if (translate_step(ENGINE_STEP_WINDOW))
        shift(false, 0);
    else
        tcg_call((void (*)(void))__wrap_helper_restore_sparc64, NULL, 1,
                 (struct tcg_val *[]){tcg_regs()->env});
}
