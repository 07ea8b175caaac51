// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/backtrace.h"

#include <endian.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/leaf.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/signal/signal.h"
#include "judge/mismatch.h"
#include "mm/pgtable.h"
#include "mm/pte.h"

#define SAVED_FP (14 * 8) /* %i6 in a window's save area, and then %i7 */

/* By number of 8 bytes in struct pt_regs. */
#define PT_O7   15
#define PT_TPC  17
#define PT_TNPC 18

/* What a restorer does. */
#define MOV_SIGRETURN_G1 0x82102065u /* mov 101, %g1 */
#define TA_6D            0x91d0206du

/* The host's bytes at @va, or NULL: not in memory. */
static const uint8_t *place(const struct task *t, gva_t va)
{
    const pte_t *ptep = mm_pte(t->process->mm, va);

    if (!ptep || !pte_present(*ptep))
        return NULL;
    return phys_page(memory_phys(t->m->mem), pte_pfn(*ptep)) + page_offset(va);
}

/* @len bytes at @va, which are in one page; false: not in memory. */
static bool look(const struct task *t, gva_t va, void *to, size_t len)
{
    const uint8_t *at = place(t, va);

    if (at)
        memcpy(to, at, len);
    return at != NULL;
}

static uint32_t look_insn(const void *ctx, gva_t pc)
{
    const struct task *t = ctx;
    uint32_t word;

    return pc & 3 || !look(t, pc, &word, sizeof(word)) ? 0 : be32toh(word);
}

/* The place where it is says what there is; when there is none, the page may
 * come at any time. */
static void saw(struct engine_store *seen, const uint8_t *at)
{
    if (at && seen->nr < STORE_FRAMES)
        seen->frame[seen->nr++] = at;
    else
        seen->sure = false;
}

/*
 * %fp and %i7 of the window that was saved at @sp, which is as in there.
 * @seen: NULL, or gets where that was.
 */
static bool look_frame(const struct task *t, uint64_t sp, struct cpu_frame *out,
                       struct engine_store *seen)
{
    gva_t va = untagged_addr(sp + STACK_BIAS_G + SAVED_FP);
    const uint8_t *at;
    uint64_t raw[2];

    /* The ABI aligns by 16, so no page ends between the two. */
    if (va & 15)
        return false;
    at = place(t, va);
    if (seen)
        saw(seen, at);
    if (!at)
        return false;
    memcpy(raw, at, sizeof(raw));
    out->fp = be64toh(raw[0]);
    out->caller = be64toh(raw[1]);
    return true;
}

/* A register of the context that was interrupted, by its place in pt_regs. */
static uint64_t look_reg(const struct task *t, uint64_t sp, unsigned nr)
{
    gva_t va = untagged_addr(sp + STACK_BIAS_G + SIGFRAME_REGS + 8ul * nr);
    uint64_t raw;

    return va & 7 || !look(t, va, &raw, sizeof(raw)) ? 0 : be64toh(raw);
}

/* Does a function return there to the end of a signal handler? */
static bool is_restorer(const struct task *t, gva_t caller)
{
    return look_insn(t, caller + 8) == MOV_SIGRETURN_G1 &&
           look_insn(t, caller + 12) == TA_6D;
}

/* The caller of the function at @at, when its address is in %o7. */
static bool is_leaf(const struct task *t, const struct leaf_at *at)
{
    return (leaf_is_call(look_insn(t, at->o7)) || is_restorer(t, at->o7)) &&
           leaf_runs(at, look_insn, t);
}

/* The chain that is being made. */
struct chain {
    gva_t *pc;
    unsigned nr, max;
    struct engine_store *seen; /* NULL, or gets the frames in memory */
};

static void add(struct chain *c, gva_t pc)
{
    if (c->nr < c->max)
        c->pc[c->nr++] = pc;
}

/*
 * A caller; @sp: the stack pointer that it had.  Of a handler that is the
 * code that the signal interrupted, and its caller, if that code is a leaf.
 */
static void add_caller(const struct task *t, struct chain *c, gva_t caller,
                       uint64_t sp)
{
    struct cpu_frame own = {0};
    struct leaf_at at;

    if (!is_restorer(t, caller)) {
        add(c, caller);
        return;
    }
    (void)look_frame(t, sp, &own, NULL); /* the frame begins with its window */
    at = (struct leaf_at){.pc = look_reg(t, sp, PT_TPC),
                          .npc = look_reg(t, sp, PT_TNPC),
                          .o7 = look_reg(t, sp, PT_O7),
                          .i7 = own.caller};
    add(c, at.pc);
    /* Not a handler in a handler without a window: that would have no end. */
    if (leaf_is_call(look_insn(t, at.o7)) && leaf_runs(&at, look_insn, t))
        add(c, at.o7);
}

typedef void add_fn(const struct task *t, struct chain *c, gva_t caller,
                    uint64_t sp);

/* As it is in the window: quick, and as good where only equal or not counts. */
static void add_raw(const struct task *t, struct chain *c, gva_t caller,
                    uint64_t sp)
{
    (void)t, (void)sp;
    add(c, caller);
}

/* The calls, from window to older window. */
static void walk(const struct task *t, struct chain *c, add_fn *add_it)
{
    struct cpu_frame frames[STACK_FRAMES];
    unsigned in_registers = cpu_frames(task_engine(t), frames, STACK_FRAMES);
    uint64_t sp = 0;

    for (unsigned nr = 0; c->nr < c->max && nr < STACK_FRAMES; nr++) {
        struct cpu_frame *f = &frames[nr];

        if (nr >= in_registers && !look_frame(t, sp, f, c->seen))
            break;
        /* A stack grows downwards, but a handler may have one of its own. */
        if ((nr > 0 && f->fp == sp) || f->caller == 0 || f->caller & 3)
            break;
        add_it(t, c, f->caller, f->fp);
        sp = f->fp;
    }
}

/* Where the CPU is. */
static struct leaf_at here(const struct task *t)
{
    struct engine *e = task_engine(t);

    return (struct leaf_at){.pc = cpu_pc(e),
                            .npc = cpu_npc(e),
                            .o7 = cpu_reg(e, REG_O(7)),
                            .i7 = cpu_reg(e, REG_I(7))};
}

static void add_leaf(const struct task *t, struct chain *c,
                     const struct leaf_at *at)
{
    if (is_leaf(t, at))
        add_caller(t, c, at->o7, cpu_reg(task_engine(t), REG_SP));
}

void backtrace_take(struct task *t, struct call_stack *out)
{
    struct chain c = {.pc = out->pc, .max = STACK_FRAMES};
    const struct leaf_at at = here(t);

    *out = (struct call_stack){.pid = t->process->pid,
                               .program = t->process->program};
    add(&c, at.pc);
    add_leaf(t, &c, &at);
    walk(t, &c, add_caller);
    out->nr = c.nr;
}

uint32_t backtrace_of_store(struct task *t, struct engine_store *seen)
{
    struct engine *e = task_engine(t);
    struct setter *last = &t->m->setter;
    struct setter now = {.pid = t->process->pid,
                         .program = t->process->program,
                         .pc = cpu_pc(e),
                         .o7 = cpu_reg(e, REG_O(7))};
    struct chain callers = {
        .pc = now.caller, .max = SETTER_CALLERS, .seen = seen};
    struct call_stack s;
    struct chain c = {.pc = s.pc};
    struct leaf_at at;

    if (seen)
        seen->sure = true;
    walk(t, &callers, add_raw);
    now.stack = last->stack;
    if (memcmp(&now, last, sizeof(now)) == 0)
        return last->stack;
    s = (struct call_stack){.pid = now.pid, .program = now.program};
    c.max = STACK_FRAMES - SETTER_CALLERS;
    at = here(t);
    add(&c, at.pc);
    add_leaf(t, &c, &at);
    c.max = c.nr + SETTER_CALLERS;
    walk(t, &c, add_caller);
    s.nr = c.nr;
    now.stack = judge_save_stack(t->m->judge, &s);
    *last = now;
    return now.stack;
}
