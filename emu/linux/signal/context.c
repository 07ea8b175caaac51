// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Traps 0x6e and 0x6f: the user context of glibc's setjmp family.
 *
 * Source: linux v6.2 arch/sparc/kernel/signal_64.c sparc64_get_context(),
 *         sparc64_set_context()
 */
#include <endian.h>
#include <stddef.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/uaccess.h"

/* struct ucontext of the guest; all fields big-endian.  The quad registers
 * in it align mcontext_t to 16 bytes. */
struct ucontext_g {
    uint64_t link, flags, sigmask, pad;
    uint64_t tstate, pc, npc, y;
    uint64_t g[7]; /* %g1..%g7 */
    uint64_t o[8];
    uint64_t fp, i7, pad2;
    uint64_t fregs[32];
    uint64_t fsr, fprs, gsr;
    uint64_t fq;
    uint8_t qcnt, qentsz, enab, pad3[13];
};

_Static_assert(offsetof(struct ucontext_g, tstate) == 32, "ucontext_t");
_Static_assert(offsetof(struct ucontext_g, fregs) == 208, "ucontext_t");
_Static_assert(sizeof(struct ucontext_g) == 512, "ucontext_t");

static void segv(struct task *t)
{
    signal_force_fault(t, SIG_SEGV, SI_G_KERNEL, 0);
}

void context_get(struct task *t)
{
    struct engine *e = task_engine(t);
    uint64_t at = cpu_reg(e, REG_O(0));
    struct ucontext_g uc = {0};

    windows_flush(t);
    if (!user_settled(t))
        return;
    if (t->nr_wsaved) {
        segv(t);
        return;
    }
    cpu_skip(e);
    uc.sigmask = htobe64(t->blocked);
    uc.tstate = htobe64(cpu_tstate(e));
    uc.pc = htobe64(cpu_pc(e));
    uc.npc = htobe64(cpu_npc(e));
    uc.y = htobe64(cpu_y(e));
    for (unsigned i = 1; i < 8; i++)
        uc.g[i - 1] = htobe64(cpu_reg(e, REG_G(i)));
    for (unsigned i = 0; i < 8; i++)
        uc.o[i] = htobe64(cpu_reg(e, REG_O(i)));
    uc.fp = htobe64(cpu_reg(e, REG_FP));
    uc.i7 = htobe64(cpu_reg(e, REG_I(7)));
    /* Like a system call, it may change the FPU: nothing is saved. */
    if (copy_to_user(t, at, &uc, sizeof(uc)))
        segv(t);
}

static void set_fpu(struct task *t, const struct ucontext_g *uc)
{
    struct engine *e = task_engine(t);
    uint64_t fprs = be64toh(uc->fprs);

    for (unsigned i = 0; i < 16 && fprs & FPRS_DL; i++)
        cpu_set_fpr(e, i, be64toh(uc->fregs[i]));
    for (unsigned i = 16; i < 32 && fprs & FPRS_DU; i++)
        cpu_set_fpr(e, i, be64toh(uc->fregs[i]));
    cpu_set_fsr(e, be64toh(uc->fsr));
    cpu_set_gsr(e, be64toh(uc->gsr));
}

/* What is read and written once the registers are no longer the old ones. */
static bool fault_in(struct task *t, const struct ucontext_g *uc)
{
    uint64_t save = be64toh(uc->o[6]) + STACK_BIAS_G;

    return user_fault_in(t, save + 8 * 14, 16, ACCESS_WRITE) &&
           user_fault_in(t, save, 8 * 16, ACCESS_READ);
}

static void set_context(struct task *t, const struct ucontext_g *uc,
                        bool with_mask)
{
    struct engine *e = task_engine(t);
    /* %fp and %i7 go through the window's save area, as on return. */
    uint64_t save = be64toh(uc->o[6]) + STACK_BIAS_G;

    if (with_mask)
        signal_set_blocked(t, be64toh(uc->sigmask));
    cpu_set_y(e, (uint32_t)be64toh(uc->y));
    cpu_set_tstate(e, be64toh(uc->tstate));
    for (unsigned i = 1; i < 7; i++) /* %g7 is the thread's */
        cpu_set_reg(e, REG_G(i), be64toh(uc->g[i - 1]));
    for (unsigned i = 0; i < 8; i++)
        cpu_set_reg(e, REG_O(i), be64toh(uc->o[i]));
    if (put_user64(t, save + 8 * 14, be64toh(uc->fp)) ||
        put_user64(t, save + 8 * 15, be64toh(uc->i7)) || windows_reload(t)) {
        segv(t);
        return;
    }
    if (uc->enab)
        set_fpu(t, uc);
    cpu_set_pc(e, be64toh(uc->pc), be64toh(uc->npc));
}

void context_set(struct task *t)
{
    struct engine *e = task_engine(t);
    uint64_t at = cpu_reg(e, REG_O(0));
    bool with_mask = cpu_reg(e, REG_O(1)) != 0;
    struct ucontext_g uc;

    windows_flush(t);
    if (!user_settled(t))
        return;
    if (t->nr_wsaved || at & 7 || copy_from_user(t, &uc, at, sizeof(uc)) ||
        (be64toh(uc.pc) | be64toh(uc.npc)) & 3) {
        if (!user_waits(t))
            segv(t);
        return;
    }
    if (!fault_in(t, &uc))
        return;
    t->no_wait = true; /* ... should a page be gone again by now */
    set_context(t, &uc, with_mask);
    t->no_wait = false;
}
