// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/ptrace/regset.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#define TSTATE_SET (TSTATE_ICC | TSTATE_XCC | TSTATE_SYSCALL_G)

/* Words of REGSET_GENERAL; those of the window are in between. */
#define AT_WINDOW 16
#define AT_TSTATE 32

/* Words of REGSET_GETREGS64. */
#define AT64_NONE   15
#define AT64_TSTATE 16

/* Words of REGSET_FP. */
#define AT_FSR  32
#define AT_GSR  33
#define AT_FPRS 34

unsigned regset_words(enum regset_kind kind)
{
    static const unsigned words[NR_REGSETS] = {
        [REGSET_GENERAL] = 36, [REGSET_FP] = 35, [REGSET_GETREGS64] = 20};

    return words[kind];
}

bool regset_find(uint64_t note_type, enum regset_kind *out)
{
    /* The kernel's argument is an int. */
    switch ((uint32_t)note_type) {
    case NT_PRSTATUS: *out = REGSET_GENERAL; return true;
    case NT_PRFPREG: *out = REGSET_FP; return true;
    default: return false;
    }
}

/* TSTATE, TPC, TNPC, Y */
static void get_others(const struct trap_frame *f, uint64_t out[static 4])
{
    out[0] = f->tstate;
    out[1] = f->tpc;
    out[2] = f->tnpc;
    out[3] = f->y;
}

/* genregs64_get() */
static int get_general(const struct trap_frame *f,
                       const struct regset_window *w,
                       uint64_t regs[static REGSET_MAX_WORDS], unsigned words)
{
    uint64_t raw[WINDOW_REGS];

    memcpy(regs, f->u_regs, sizeof(f->u_regs));
    if (words <= AT_WINDOW)
        return 0;
    if (w->get(w->ctx, f->u_regs[REG_SP], raw))
        return -EFAULT;
    for (unsigned i = 0; i < WINDOW_REGS; i++)
        regs[AT_WINDOW + i] = be64toh(raw[i]);
    get_others(f, regs + AT_TSTATE);
    return 0;
}

/* fpregs64_get() */
static void get_fp(const struct trap_frame *f,
                   uint64_t regs[static REGSET_MAX_WORDS])
{
    for (unsigned i = 0; i < CPU_NR_FPR; i++)
        if (f->fprs & (i < 16 ? FPRS_DL : FPRS_DU))
            regs[i] = f->fpregs[i];
    if (f->fprs & FPRS_FEF) {
        regs[AT_FSR] = f->fsr;
        regs[AT_GSR] = f->gsr;
    }
    regs[AT_FPRS] = f->fprs;
}

int regset_get(const struct trap_frame *f, enum regset_kind kind,
               const struct regset_window *w, uint64_t *out, unsigned words)
{
    uint64_t regs[REGSET_MAX_WORDS] = {0};
    int err = 0;

    INVARIANT(words <= regset_words(kind));
    switch (kind) {
    case REGSET_GENERAL: err = get_general(f, w, regs, words); break;
    case REGSET_FP: get_fp(f, regs); break;
    default: /* getregs64_get() */
        memcpy(regs, f->u_regs + 1, AT64_NONE * sizeof(regs[0]));
        get_others(f, regs + AT64_TSTATE);
        break;
    }
    for (unsigned i = 0; i < words; i++)
        out[i] = htobe64(regs[i]);
    return err;
}

/* What user_regset_copyin() goes through: words of a regset, of which only the
 * first @has are there. */
struct copy_in {
    const uint64_t *in;
    unsigned words, has;
    int err;
};

/* Words [@from, @to) of it, as far as they are changed; false: none is. */
static bool copy_in(struct copy_in *c, unsigned from, unsigned to,
                    uint64_t *regs)
{
    if (c->err || c->words <= from)
        return false;
    if (to > c->words)
        to = c->words;
    /* Those before the one that cannot be read may have got there, or not. */
    if (to > c->has) {
        to = c->has > from ? c->has : from;
        c->err = -EFAULT;
    }
    for (unsigned i = from; i < to; i++)
        regs[i - from] = be64toh(c->in[i]);
    return to > from;
}

static void set_tstate(struct trap_frame *f, uint64_t tstate)
{
    f->tstate = (f->tstate & ~TSTATE_SET) | (tstate & TSTATE_SET);
}

/* TSTATE, TPC, TNPC, Y from word @at on */
static void set_others(struct trap_frame *f, struct copy_in *c, unsigned at)
{
    uint64_t tstate, y, pcs[2] = {f->tpc, f->tnpc};

    if (copy_in(c, at, at + 1, &tstate))
        set_tstate(f, tstate);
    if (copy_in(c, at + 1, at + 3, pcs)) {
        f->tpc = pcs[0];
        f->tnpc = pcs[1];
    }
    if (copy_in(c, at + 3, at + 4, &y))
        f->y = (uint32_t)y;
}

/* genregs64_set() */
static int set_general(struct trap_frame *f, struct copy_in *c,
                       const struct regset_window *w)
{
    uint64_t raw[WINDOW_REGS], window[WINDOW_REGS];

    (void)copy_in(c, 0, AT_WINDOW, f->u_regs);
    if (!c->err && c->words > AT_WINDOW) {
        if (w->get(w->ctx, f->u_regs[REG_SP], raw))
            return -EFAULT;
        for (unsigned i = 0; i < WINDOW_REGS; i++)
            window[i] = be64toh(raw[i]);
        (void)copy_in(c, AT_WINDOW, AT_TSTATE, window);
        for (unsigned i = 0; i < WINDOW_REGS; i++)
            raw[i] = htobe64(window[i]);
        if (!c->err && w->set(w->ctx, f->u_regs[REG_SP], raw))
            return -EFAULT;
    }
    set_others(f, c, AT_TSTATE);
    return c->err;
}

/* fpregs64_set(): all of the FPU's are in use from then on */
static int set_fp(struct trap_frame *f, struct copy_in *c)
{
    (void)copy_in(c, 0, AT_FSR, f->fpregs);
    (void)copy_in(c, AT_FSR, AT_FSR + 1, &f->fsr);
    (void)copy_in(c, AT_GSR, AT_GSR + 1, &f->gsr);
    (void)copy_in(c, AT_FPRS, AT_FPRS + 1, &f->fprs);
    f->fprs |= FPRS_FEF | FPRS_DL | FPRS_DU;
    f->fp_set = true;
    return c->err;
}

int regset_set(struct trap_frame *f, enum regset_kind kind,
               const struct regset_window *w, const uint64_t *in,
               unsigned words, unsigned has)
{
    struct copy_in c = {.in = in, .words = words, .has = has};

    INVARIANT(words <= regset_words(kind));
    switch (kind) {
    case REGSET_GENERAL: return set_general(f, &c, w);
    case REGSET_FP: return set_fp(f, &c);
    default: /* setregs64_set() */
        (void)copy_in(&c, 0, AT64_NONE, f->u_regs + 1);
        set_others(f, &c, AT64_TSTATE);
        return c.err;
    }
}

void trap_frame_save(struct task *t, struct trap_frame *f)
{
    struct engine *e = task_engine(t);

    cpu_globals_outs(e, f->u_regs);
    f->tstate = cpu_tstate(e) | (t->syscall_trap ? TSTATE_SYSCALL_G : 0);
    f->tpc = cpu_pc(e);
    f->tnpc = cpu_npc(e);
    f->y = cpu_y(e);
    for (unsigned i = 0; i < CPU_NR_FPR; i++)
        f->fpregs[i] = cpu_fpr(e, i);
    f->fsr = cpu_fsr(e);
    f->gsr = cpu_gsr(e);
    f->fprs = cpu_fprs(e);
    f->fp_set = false;
}

void trap_frame_load(struct task *t, const struct trap_frame *f)
{
    struct engine *e = task_engine(t);

    cpu_set_globals_outs(e, f->u_regs);
    cpu_set_tstate(e, f->tstate);
    cpu_set_pc(e, f->tpc & ~UINT64_C(3), f->tnpc & ~UINT64_C(3));
    cpu_set_y(e, f->y);
    t->syscall_trap = f->tstate & TSTATE_SYSCALL_G;
    if (!f->fp_set)
        return;
    for (unsigned i = 0; i < CPU_NR_FPR; i++)
        cpu_set_fpr(e, i, f->fpregs[i]);
    cpu_set_fsr(e, f->fsr);
    cpu_set_gsr(e, f->gsr);
    cpu_set_fprs(e, f->fprs);
}
