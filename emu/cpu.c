// SPDX-License-Identifier: GPL-2.0-or-later
/* What an engine asks of its CPU. */
#include "emu/cpu.h"

#include "emu/debug.h"
#include "emu/disas.h"
#include "emu/internal.h"
#include "emu/linux/abi.h"
#include "emu/linux/backtrace.h"
#include "emu/linux/fault.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/strace/strace.h"
#include "emu/linux/trap.h"
#include "emu/progress.h"
#include "judge/mismatch.h"

/* A CPU does something that is ours. */
static struct cpu *enter(void *ctx)
{
    struct cpu *cpu = ctx;

    cpu->m->this_cpu = cpu;
    return cpu;
}

static enum access_end op_translate(void *ctx, uint64_t va, enum access access,
                                    struct engine_page *page)
{
    struct machine *m = enter(ctx)->m;
    struct task *t = current_task(m);
    uint64_t faults = m->pgfault;
    enum access_end end;

    /* Unicorn asks once more when the last one is gone. */
    if (!t)
        return ACCESS_FAULT;
    end = task_translate(t, va, access, page, &t->fault);
    if (m->pgfault != faults)
        machine_faulted(m, untagged_addr(va));
    return end;
}

static enum access_end op_translate_mcd(void *ctx, uint64_t va, bool store,
                                        struct engine_page *page)
{
    struct task *t = enter(ctx)->current;

    return task_translate_mcd(t, va, store, page, &t->fault);
}

void machine_mismatch(struct task *t, uint64_t va, unsigned bytes,
                      enum access access, bool precise, bool kernel)
{
    struct machine *m = t->m;
    struct mismatch_access a = {.mm = mm_id(t->process->mm),
                                .pid = t->process->pid,
                                .va = va,
                                .bytes = bytes,
                                .store = access == ACCESS_WRITE,
                                .precise = precise,
                                .kernel = kernel,
                                .call = kernel ? t->call : NULL,
                                .insn = machine_insns(m)};
    struct call_stack s = {.pid = t->process->pid,
                           .program = t->process->program};

    mismatch_look_around(m->adi, t->process->mm, &a);
    if (task_curr(t))
        backtrace_take(t, &s);
    judge_mismatch(m->judge, &a, &s);
}

static enum engine_mismatch op_mismatch(void *ctx, uint64_t va, unsigned bytes,
                                        enum access access)
{
    struct cpu *cpu = enter(ctx);
    struct task *t = cpu->current;
    bool precise = access != ACCESS_WRITE || engine_mcdper(cpu->engine);

    machine_mismatch(t, va, bytes, access, precise, false);
    machine_check_mismatch(cpu->m, va);
    if (!precise) {
        /* Disrupting: the first one is reported, after the fact. */
        if (t->disrupted.sig == 0) {
            t->disrupted = (struct fault_info){.sig = SIG_SEGV,
                                               .code = SEGV_G_ADIDERR,
                                               .addr = cpu_pc(cpu->engine)};
            engine_kick(cpu->engine);
        }
        return MISMATCH_IGNORE;
    }
    t->fault = (struct fault_info){
        .sig = SIG_SEGV, .code = SEGV_G_ADIPERR, .addr = va};
    return MISMATCH_TRAP;
}

static void op_bad_access(void *ctx, uint64_t va, enum engine_bad why)
{
    static const struct {
        int sig, code;
    } signals[] = {
        [BAD_ALIGNMENT] = {SIG_BUS, BUS_G_ADRALN},
        [BAD_ASI] = {SIG_ILL, ILL_G_ILLADR},
        [BAD_WORDS] = {SIG_SEGV, SEGV_G_MAPERR},
    };

    enter(ctx)->current->fault = (struct fault_info){
        .sig = signals[why].sig, .code = signals[why].code, .addr = va};
}

static void op_tag_stored(void *ctx, uint64_t va, adi_tag_t tag,
                          struct engine_store *out)
{
    struct task *t = enter(ctx)->current;
    struct judge *judge = t->m->judge;
    uint32_t mm = mm_id(t->process->mm);

    va = untagged_addr(va);
    out->by = backtrace_of_store(t, out);
    judge_tag_store(judge, mm, va, tag, out->by);
    out->at = judge_tag_noting(judge, mm, va);
}

static void op_tags_trusted(void *ctx, pfn_t pfn)
{
    machine_tags_trusted(enter(ctx)->m, pfn);
}

static void op_tags_changed(void *ctx, pfn_t pfn)
{
    memory_tags_written(enter(ctx)->m->mem, pfn);
}

static void op_code_read(void *ctx, pfn_t pfn)
{
    machine_code_read(enter(ctx)->m, pfn);
}

static void op_code_changed(void *ctx, pfn_t pfn, unsigned offset,
                            unsigned bytes)
{
    memory_code_written(enter(ctx)->m->mem, pfn, offset, bytes);
}

static void op_forget_fault(void *ctx)
{
    struct task *t = enter(ctx)->current;

    if (!t->fault.fatal)
        t->fault.sig = 0;
}

static void op_trap(void *ctx, unsigned tt)
{
    struct cpu *cpu = enter(ctx);

    if (tt == ENGINE_TT_CLOCK)
        machine_on_clock(cpu);
    else if (tt != ENGINE_TT_BREAK) /* sched_settle() asks the debugger */
        trap_take(cpu->current, tt);
    sched_settle(cpu);
}

static void op_poll(void *ctx)
{
    struct cpu *cpu = enter(ctx);
    struct machine *m = cpu->m;
    struct task *t = cpu->current;

    progress_poll(m);
    if (m->clock_wanted) {
        m->clock_wanted = false;
        clock_start(m);
    }
    if (t->disrupted.sig) {
        struct fault_info f = t->disrupted;

        t->disrupted.sig = 0;
        signal_force_fault(t, f.sig, f.code, f.addr);
    }
    sched_settle(cpu);
}

static uint64_t op_tick(void *ctx)
{
    return clock_ticks(enter(ctx)->m);
}

static void op_translated(void *ctx, uint64_t pc, uint32_t word, bool first)
{
    const struct cpu *cpu = ctx;
    struct machine *m = cpu->m;

    if (!m->disas)
        return; /* the self-test of the engine */
    strace_break(m);
    disas_print(m->disas, m->log_file, pc, word, first);
}

static bool op_breakpoint(void *ctx, gva_t pc)
{
    struct cpu *cpu = enter(ctx);
    const struct debug *d = cpu->m->debug;

    return d && d->ops->breakpoint(d->ctx, cpu->current, pc);
}

static bool op_watched(void *ctx, uint64_t va)
{
    struct cpu *cpu = enter(ctx);
    const struct debug *d = cpu->m->debug;

    return d && d->ops->watched(d->ctx, cpu->current, va);
}

static void op_accessed(void *ctx, uint64_t va, unsigned bytes,
                        enum access access)
{
    struct cpu *cpu = enter(ctx);
    const struct debug *d = cpu->m->debug;

    d->ops->accessed(d->ctx, cpu->current, va, bytes, access);
}

const struct engine_ops cpu_engine_ops = {
    .translate = op_translate,
    .translate_mcd = op_translate_mcd,
    .mismatch = op_mismatch,
    .bad_access = op_bad_access,
    .tag_stored = op_tag_stored,
    .tags_trusted = op_tags_trusted,
    .tags_changed = op_tags_changed,
    .code_read = op_code_read,
    .code_changed = op_code_changed,
    .forget_fault = op_forget_fault,
    .trap = op_trap,
    .poll = op_poll,
    .tick = op_tick,
    .translated = op_translated,
    .breakpoint = op_breakpoint,
    .watched = op_watched,
    .accessed = op_accessed,
};
