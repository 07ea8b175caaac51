// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The signal frame of sparc64, to the byte.
 *
 * Source: linux v6.2 arch/sparc/kernel/signal_64.c setup_rt_frame(),
 *         do_rt_sigreturn(); sigutil_64.c
 */
#include <endian.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/signal/siginfo.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/uaccess.h"

#define PT_REGS_MAGIC 0x57ac6c00u

/* All fields are big-endian. */
struct pt_regs_g {
    uint64_t u_regs[16]; /* %g0..%g7, %o0..%o7 */
    uint64_t tstate, tpc, tnpc;
    uint32_t y, magic;
};

struct fpu_g {
    uint32_t regs[64];
    uint64_t fsr, gsr, fprs;
};

struct rwin_g {
    uint32_t wsaved, pad;
    struct {
        uint64_t regs[16];
    } window[7];
    uint64_t sp[7];
};

struct frame_g {
    uint64_t window[16]; /* struct sparc_stackf */
    uint64_t args[8];
    uint8_t info[SIGINFO_BYTES];
    struct pt_regs_g regs;
    uint64_t fpu_save;
    uint64_t ss_sp;
    uint32_t ss_flags, ss_pad;
    uint64_t ss_size;
    uint64_t mask;
    uint64_t rwin_save;
};

_Static_assert(sizeof(struct frame_g) == 528, "rt_signal_frame");
_Static_assert(offsetof(struct frame_g, regs) == SIGFRAME_REGS,
               "rt_signal_frame");
_Static_assert(sizeof(struct fpu_g) == 280, "__siginfo_fpu_t");

#define SS_G_ONSTACK 1u
#define SS_G_DISABLE 2u

static bool on_altstack(const struct task *t, uint64_t sp)
{
    return sp > t->altstack.sp && sp - t->altstack.sp <= t->altstack.size;
}

static uint32_t altstack_flags(const struct task *t, uint64_t sp)
{
    if (t->altstack.size == 0)
        return SS_G_DISABLE;
    return on_altstack(t, sp) ? SS_G_ONSTACK : 0;
}

/* get_sigframe(): unbiased address, or an impossible one. */
static uint64_t choose_frame(const struct task *t,
                             const struct sigaction_g *act, size_t bytes)
{
    uint64_t sp = cpu_reg(task_engine(t), REG_SP) + STACK_BIAS_G;

    if (on_altstack(t, sp) && !on_altstack(t, sp - bytes))
        return UINT64_MAX;
    if (act->flags & SA_G_ONSTACK && altstack_flags(t, sp) == 0)
        sp = t->altstack.sp + t->altstack.size;
    return (sp - bytes) & ~UINT64_C(15);
}

static void fill_regs(const struct task *t, struct pt_regs_g *regs)
{
    struct engine *e = task_engine(t);

    cpu_globals_outs(e, regs->u_regs);
    for (unsigned i = 0; i < 16; i++)
        regs->u_regs[i] = htobe64(regs->u_regs[i]);
    regs->tstate = htobe64(cpu_tstate(e));
    regs->tpc = htobe64(cpu_pc(e));
    regs->tnpc = htobe64(cpu_npc(e));
    regs->y = htobe32(cpu_y(e));
    regs->magic = htobe32(PT_REGS_MAGIC);
}

static void fill_fpu(const struct task *t, struct fpu_g *fpu)
{
    const struct engine *e = task_engine(t);

    for (unsigned i = 0; i < CPU_NR_FPR; i++) {
        uint64_t reg = htobe64(cpu_fpr(e, i));

        memcpy(&fpu->regs[2 * i], &reg, sizeof(reg));
    }
    fpu->fsr = htobe64(cpu_fsr(e));
    fpu->gsr = htobe64(cpu_gsr(e));
    fpu->fprs = htobe64(cpu_fprs(e));
}

static void fill_windows(const struct task *t, struct rwin_g *rwin)
{
    memset(rwin, 0, sizeof(*rwin));
    rwin->wsaved = htobe32(t->nr_wsaved);
    for (unsigned w = 0; w < t->nr_wsaved; w++) {
        for (unsigned i = 0; i < 16; i++)
            rwin->window[w].regs[i] = htobe64(t->wsaved[w].regs[i]);
        rwin->sp[w] = htobe64(t->wsaved[w].sp);
    }
}

/* What struct sparc_stackf begins with: the interrupted window. */
static void fill_window(const struct task *t, struct frame_g *f)
{
    cpu_window(task_engine(t), f->window);
    for (unsigned i = 0; i < WINDOW_REGS; i++)
        f->window[i] = htobe64(f->window[i]);
}

static int copy_out(struct task *t, uint64_t va, const void *src, size_t len)
{
    return copy_to_user_now(t, va, src, len) ? -EFAULT : 0;
}

/* Nothing of the task changes before the last copy: one that has to wait is
 * made again, with all before it. */
int sigframe_setup(struct task *t, const struct siginfo *info,
                   const struct sigaction_g *act)
{
    struct engine *e = task_engine(t);
    bool fpu_used = (cpu_fprs(e) & (FPRS_DL | FPRS_DU)) != 0;
    struct frame_g f = {0};
    struct fpu_g fpu;
    struct rwin_g rwin;
    size_t bytes = sizeof(f);
    int no_fpu = 0, no_rwin = 0, no_frame;
    uint64_t at, tail;

    if (fpu_used)
        bytes += sizeof(fpu);
    if (t->nr_wsaved)
        bytes += sizeof(rwin);
    at = choose_frame(t, act, bytes);
    if (at & 15)
        return -EFAULT;
    tail = at + sizeof(f);
    if (fpu_used) {
        fill_fpu(t, &fpu);
        f.fpu_save = htobe64(tail);
        no_fpu = copy_out(t, tail, &fpu, sizeof(fpu));
        tail += sizeof(fpu);
    }
    if (t->nr_wsaved) {
        fill_windows(t, &rwin);
        f.rwin_save = htobe64(tail);
        no_rwin = copy_out(t, tail, &rwin, sizeof(rwin));
    }
    fill_regs(t, &f.regs);
    f.ss_sp = htobe64(t->altstack.sp);
    f.ss_flags = htobe32(altstack_flags(t, cpu_reg(e, REG_SP)));
    f.ss_size = htobe64(t->altstack.size);
    f.mask = htobe64(t->restore_mask ? t->saved_mask : t->blocked);
    fill_window(t, &f);
    siginfo_to_guest(info, (act->flags & SA_G_SIGINFO) != 0, f.info);
    no_frame = copy_out(t, at, &f, sizeof(f));
    if (user_waits(t))
        return -EFAULT;

    if (fpu_used)
        cpu_set_fsr(e, cpu_fsr(e)); /* storing it has cleared ftt */
    if (!no_rwin)
        t->nr_wsaved = 0;
    if (no_fpu || no_rwin || no_frame)
        return -EFAULT;
    cpu_set_reg(e, REG_SP, at - STACK_BIAS_G);
    cpu_set_reg(e, REG_O(0), (uint64_t)info->signo);
    cpu_set_reg(e, REG_O(1), at + offsetof(struct frame_g, info));
    cpu_set_reg(e, REG_O(2), at + offsetof(struct frame_g, info));
    cpu_set_reg(e, REG_O(7), act->restorer);
    cpu_set_pc(e, act->handler, act->handler + 4);
    return 0;
}

static void restore_fpu(struct task *t, const struct fpu_g *fpu)
{
    struct engine *e = task_engine(t);

    for (unsigned i = 0; i < CPU_NR_FPR; i++) {
        uint64_t reg;

        memcpy(&reg, &fpu->regs[2 * i], sizeof(reg));
        cpu_set_fpr(e, i, be64toh(reg));
    }
    cpu_set_fsr(e, be64toh(fpu->fsr));
    cpu_set_gsr(e, be64toh(fpu->gsr));
    cpu_set_fprs(e, be64toh(fpu->fprs));
}

/* restore_rwin_state(): the windows go where they now have a place. */
static int restore_windows(struct task *t, const struct rwin_g *rwin)
{
    unsigned wsaved = be32toh(rwin->wsaved);

    if (wsaved > MAX_WSAVED)
        return -EFAULT;
    for (unsigned w = 0; w < wsaved; w++)
        if (copy_to_user(t, be64toh(rwin->sp[w]) + STACK_BIAS_G,
                         rwin->window[w].regs, sizeof(rwin->window[w].regs)))
            return -EFAULT;
    return 0;
}

/* The parts of the frame that were saved apart from it, and the window that is
 * returned to: as it is, unless one of @rwin has its place. */
struct tail {
    struct fpu_g fpu;
    struct rwin_g rwin;
    uint64_t window[WINDOW_REGS];
    bool has_fpu, has_rwin, has_window; /* or they could not be read */
};

static void read_tail(struct task *t, const struct frame_g *f,
                      struct tail *tail)
{
    uint64_t fpu = be64toh(f->fpu_save), rwin = be64toh(f->rwin_save);

    tail->has_fpu =
        fpu && !copy_from_user(t, &tail->fpu, fpu, sizeof(tail->fpu));
    tail->has_rwin = rwin && (tail->has_fpu || !fpu) &&
                     !copy_from_user(t, &tail->rwin, rwin, sizeof(tail->rwin));
    tail->has_window = !rwin && windows_read(t, be64toh(f->regs.u_regs[14]),
                                             tail->window) == 0;
}

static int restore_tail(struct task *t, const struct frame_g *f,
                        const struct tail *tail)
{
    if (f->fpu_save && !tail->has_fpu)
        return -EFAULT;
    if (f->fpu_save)
        restore_fpu(t, &tail->fpu);
    if (f->rwin_save)
        return tail->has_rwin && restore_windows(t, &tail->rwin) == 0
                   ? windows_reload(t)
                   : -EFAULT;
    if (!tail->has_window)
        return -EFAULT;
    windows_set(t, tail->window);
    return 0;
}

/* What is read and written once the registers are no longer the old ones. */
static bool fault_in(struct task *t, const struct frame_g *f,
                     const struct tail *tail)
{
    unsigned wsaved = tail->has_rwin ? be32toh(tail->rwin.wsaved) : 0;

    if (!f->rwin_save)
        return true;
    for (unsigned w = 0; w < wsaved && w < MAX_WSAVED; w++)
        if (!user_fault_in(t, be64toh(tail->rwin.sp[w]) + STACK_BIAS_G,
                           sizeof(tail->rwin.window[w].regs), ACCESS_WRITE))
            return false;
    return user_fault_in(t, be64toh(f->regs.u_regs[14]) + STACK_BIAS_G,
                         sizeof(f->window), ACCESS_READ);
}

static int restore(struct task *t, const struct frame_g *f,
                   const struct tail *tail)
{
    struct engine *e = task_engine(t);
    uint64_t regs[16];

    for (unsigned i = 0; i < 16; i++)
        regs[i] = be64toh(f->regs.u_regs[i]);
    cpu_set_globals_outs(e, regs);
    cpu_set_y(e, be32toh(f->regs.y));
    cpu_set_tstate(e, be64toh(f->regs.tstate));
    t->altstack.sp = be64toh(f->ss_sp);
    t->altstack.size = be64toh(f->ss_size);
    if (restore_tail(t, f, tail))
        return -EFAULT;
    cpu_set_pc(e, be64toh(f->regs.tpc), be64toh(f->regs.tnpc));
    signal_set_blocked(t, be64toh(f->mask));
    return 0;
}

void sigframe_return(struct task *t)
{
    struct tail tail;
    struct frame_g f;
    uint64_t at;
    int err;

    windows_flush(t);
    if (!user_settled(t))
        return;
    at = cpu_reg(task_engine(t), REG_SP) + STACK_BIAS_G;
    err = at & 15 || t->nr_wsaved || copy_from_user(t, &f, at, sizeof(f));
    if (user_waits(t))
        return;
    if (!err)
        err = (be64toh(f.regs.u_regs[14]) + STACK_BIAS_G) & 7 ||
              (be64toh(f.regs.tpc) | be64toh(f.regs.tnpc)) & 3;
    if (!err)
        read_tail(t, &f, &tail);
    if (user_waits(t) || (!err && !fault_in(t, &f, &tail)))
        return;
    t->no_wait = true; /* ... should a page be gone again by now */
    if (err || restore(t, &f, &tail))
        signal_force_fault(t, SIG_SEGV, SI_G_KERNEL, 0);
    t->no_wait = false;
}
