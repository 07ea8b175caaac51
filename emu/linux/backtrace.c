// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/backtrace.h"

#include <endian.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/leaf.h"
#include "emu/linux/sched/process.h"
#include "judge/mismatch.h"
#include "mm/pgtable.h"
#include "mm/pte.h"

#define SAVED_FP (14 * 8) /* %i6 in a window's save area, and then %i7 */

/* @len bytes at @va, which are in one page; false: not in memory. */
static bool look(const struct task *t, gva_t va, void *to, size_t len)
{
    const pte_t *ptep = mm_pte(t->process->mm, va);

    if (!ptep || !pte_present(*ptep))
        return false;
    memcpy(to,
           phys_page(memory_phys(t->m->mem), pte_pfn(*ptep)) + page_offset(va),
           len);
    return true;
}

static uint32_t look_insn(const void *ctx, gva_t pc)
{
    const struct task *t = ctx;
    uint32_t word;

    return pc & 3 || !look(t, pc, &word, sizeof(word)) ? 0 : be32toh(word);
}

/* %fp and %i7 of the window that was saved at @sp, which is as in there. */
static bool look_frame(const struct task *t, uint64_t sp, struct cpu_frame *out)
{
    gva_t va = untagged_addr(sp + STACK_BIAS_G + SAVED_FP);
    uint64_t raw[2];

    /* The ABI aligns by 16, so no page ends between the two. */
    if (va & 15 || !look(t, va, raw, sizeof(raw)))
        return false;
    out->fp = be64toh(raw[0]);
    out->caller = be64toh(raw[1]);
    return true;
}

/* The addresses of the calls, from window to older window.  How many. */
static unsigned walk(const struct task *t, gva_t *out, unsigned max)
{
    struct cpu_frame frames[STACK_FRAMES];
    unsigned in_registers = cpu_frames(task_engine(t), frames, max), nr = 0;
    uint64_t sp = 0;

    for (; nr < max; nr++) {
        struct cpu_frame *f = &frames[nr];

        if (nr >= in_registers && !look_frame(t, sp, f))
            break;
        /* A stack grows downwards, but a handler may have one of its own. */
        if ((nr > 0 && f->fp == sp) || f->caller == 0 || f->caller & 3)
            break;
        out[nr] = f->caller;
        sp = f->fp;
    }
    return nr;
}

static bool is_leaf(const struct task *t, gva_t pc, gva_t o7)
{
    struct engine *e = task_engine(t);
    struct leaf_at at = {
        .pc = pc, .npc = cpu_npc(e), .o7 = o7, .i7 = cpu_reg(e, REG_I(7))};

    return leaf_runs(&at, look_insn, t);
}

static void add(struct call_stack *s, gva_t pc)
{
    s->pc[s->nr++] = pc;
}

void backtrace_take(struct task *t, struct call_stack *out)
{
    struct engine *e = task_engine(t);
    gva_t pc = cpu_pc(e), o7 = cpu_reg(e, REG_O(7));

    *out = (struct call_stack){.pid = t->process->pid,
                               .program = t->process->program};
    add(out, pc);
    if (is_leaf(t, pc, o7))
        add(out, o7);
    out->nr += walk(t, out->pc + out->nr, STACK_FRAMES - out->nr);
}

uint32_t backtrace_of_store(struct task *t)
{
    struct engine *e = task_engine(t);
    struct setter *last = &t->m->setter;
    struct setter now = {.pid = t->process->pid,
                         .program = t->process->program,
                         .pc = cpu_pc(e),
                         .o7 = cpu_reg(e, REG_O(7))};
    struct call_stack s;

    (void)walk(t, now.caller, SETTER_CALLERS);
    now.stack = last->stack;
    if (memcmp(&now, last, sizeof(now)) == 0)
        return last->stack;
    s = (struct call_stack){.pid = now.pid, .program = now.program};
    add(&s, now.pc);
    if (is_leaf(t, now.pc, now.o7))
        add(&s, now.o7);
    for (unsigned i = 0; i < SETTER_CALLERS && now.caller[i]; i++)
        add(&s, now.caller[i]);
    now.stack = judge_save_stack(t->m->judge, &s);
    *last = now;
    return now.stack;
}
