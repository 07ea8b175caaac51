// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A condition that one branch asks for: compare where the branch is.
 *
 * The archive puts the condition of a branch into the register cond, does the
 * instruction in the delay slot, and then tests cond.  Here the comparison
 * waits for that test and is made with it, so that the host compares and
 * branches, and cond is not written.
 *
 * Who else looks at cond: a branch in the slot, or a block that ends before
 * it, by a movcond that we see; and, unseen, cpu_restore_state(), for the NPC
 * of an instruction in the slot that traps.  So it is written before each
 * instruction in a slot but those that are known neither to trap nor to
 * branch inside, as values do not outlive a branch.
 *
 * Source: Unicorn v2.1.3 qemu/target/sparc/translate.c gen_cond(),
 * gen_cond_reg(), gen_branch_a(), gen_branch2(), restore_state_to_opc().
 */
#include "emu/engine/emit.h"
#include "emu/engine/internal.h"

#define OP2_SETHI 4

/* The comparison that waits, of the block that is being translated. */
static _Thread_local struct {
    bool any;
    enum tcg_cond cond;
    struct tcg_val *a, *b; /* copies */
} waits;

static struct tcg_val *copy(void *v)
{
    struct tcg_val *c = tcg_temp();

    tcg_op2(TCG_MOV, c, v);
    return c;
}

static void end_wait(void)
{
    tcg_free(waits.a);
    tcg_free(waits.b);
    waits.any = false;
}

static void write_cond(void)
{
    __real_tcg_gen_setcond_i64_sparc64(tcg_regs()->ctx, waits.cond,
                                       tcg_regs()->cond, waits.a, waits.b);
    end_wait();
}

void __wrap_tcg_gen_setcond_i64_sparc64(void *tcg, int cond, void *d, void *a,
                                        void *b)
{
    if (d != tcg_regs()->cond || cond < TCG_COND_LT ||
        !translate_step(ENGINE_STEP_FUSE)) {
        __real_tcg_gen_setcond_i64_sparc64(tcg, cond, d, a, b);
        return;
    }
    INVARIANT(!waits.any);
    waits.a = copy(a);
    waits.b = copy(b);
    waits.cond = (enum tcg_cond)cond;
    waits.any = true;
}

void __wrap_tcg_gen_movcond_i64_sparc64(void *tcg, int cond, void *d, void *c1,
                                        void *c2, void *yes, void *no)
{
    if (waits.any && c1 == tcg_regs()->cond)
        write_cond();
    __real_tcg_gen_movcond_i64_sparc64(tcg, cond, d, c1, c2, yes, no);
}

/* With cond: the end of a block that is a branch; to @label when it is 0. */
void __wrap_tcg_gen_brcondi_i64_sparc64(void *tcg, int cond, void *arg,
                                        int64_t imm, void *label)
{
    if (arg == tcg_regs()->cond)
        engine_dead_codes();
    if (!waits.any || arg != tcg_regs()->cond) {
        __real_tcg_gen_brcondi_i64_sparc64(tcg, cond, arg, imm, label);
        return;
    }
    INVARIANT(cond == TCG_COND_EQ && imm == 0);
    tcg_gen_brcond_i64_sparc64(tcg, TCG_INVERT(waits.cond), waits.a, waits.b,
                               label);
    end_wait();
}

/* Does it neither trap nor branch inside, whatever its operands are? */
static bool goes_straight(uint32_t word)
{
    if (word >> 30 == 0)
        return (word >> 22 & 7) == OP2_SETHI;
    if (word >> 30 != 2)
        return false;
    switch (OP3(word)) {
    case 0x00:
    case 0x01:
    case 0x02:
    case 0x03: /* add, and, or, xor */
    case 0x04:
    case 0x05:
    case 0x06:
    case 0x07: /* sub, andn, orn, xnor */
    case 0x10:
    case 0x11:
    case 0x12:
    case 0x13: /* ..cc */
    case 0x14:
    case 0x15:
    case 0x16:
    case 0x17:
    case 0x09:
    case 0x0a:
    case 0x0b: /* mulx, umul, smul */
    case 0x25:
    case 0x26:
    case 0x27: /* shifts */ return true;
    default: return false;
    }
}

void engine_fuse_begin(void)
{
    waits.any = false; /* of a translation that was given up */
}

void engine_fuse_insn(uint32_t word)
{
    if (waits.any && !goes_straight(word))
        write_cond();
}

void engine_fuse_end(void)
{
    INVARIANT(!waits.any);
}
