// SPDX-License-Identifier: GPL-2.0-or-later
/* What every CPU of the machine is told. */
#include "emu/cpu.h"

#include <errno.h>

#include "check/check.h"
#include "emu/internal.h"
#include "emu/linux/cpumodel.h"
#include "emu/linux/sched/process.h"

static bool runs_in(const struct cpu *cpu, const struct mm *mm)
{
    return cpu->current && cpu->current->process->mm == mm;
}

static void op_flush_page(void *ctx, struct mm *mm, gva_t va)
{
    const struct machine *m = ctx;

    if (m->check)
        check_tlb_flush_page(m->check, mm, va);
    for (unsigned i = 0; i < m->nr_cpus; i++)
        if (runs_in(&m->cpus[i], mm))
            engine_flush_page(m->cpus[i].engine, va);
        else
            engine_flush_space_page(m->cpus[i].engine, mm_id(mm), va);
}

static void op_flush_mm(void *ctx, struct mm *mm)
{
    const struct machine *m = ctx;

    if (m->check)
        check_tlb_flush_mm(m->check, mm);
    for (unsigned i = 0; i < m->nr_cpus; i++)
        if (runs_in(&m->cpus[i], mm))
            engine_flush_all(m->cpus[i].engine);
        else
            engine_flush_space(m->cpus[i].engine, mm_id(mm));
}

static void op_flush_icache(void *ctx, pfn_t pfn, unsigned offset, unsigned len)
{
    const struct machine *m = ctx;

    for (unsigned i = 0; i < m->nr_cpus; i++)
        engine_code_changed(m->cpus[i].engine, pfn, offset, len);
}

static void op_flush_tags(void *ctx, pfn_t pfn)
{
    const struct machine *m = ctx;

    for (unsigned i = 0; i < m->nr_cpus; i++)
        engine_tags_changed(m->cpus[i].engine, pfn);
}

static const struct tlb_ops machine_tlb_ops = {
    .flush_page = op_flush_page,
    .flush_mm = op_flush_mm,
    .flush_icache = op_flush_icache,
    .flush_tags = op_flush_tags,
};

void machine_tags_trusted(struct machine *m, pfn_t pfn)
{
    for (unsigned i = 0; i < m->nr_cpus; i++)
        engine_tags_trusted(m->cpus[i].engine, pfn);
}

void machine_code_read(struct machine *m, pfn_t pfn)
{
    for (unsigned i = 0; i < m->nr_cpus; i++)
        engine_code_read(m->cpus[i].engine, pfn);
}

int machine_cpus_create(struct machine *m, const struct engine_ops *ops,
                        const char **why)
{
    const struct machine_options *o = &m->options;
    const struct phys *phys = memory_phys(m->mem);
    struct engine_config config = {
        .ops = ops,
        .ram = phys_ram(phys),
        .ram_bytes = (uint64_t)phys_nr_frames(phys) << PAGE_SHIFT,
        .tags = tagmem_page(adi_tagmem(m->adi), 0),
        .clock = machine_needs_clock(o),
        .tell_code = o->in_asm,
        .single = o->schedule.order != SCHEDULE_RR || o->debug,
        .classes = o->cpu->classes,
        .steps = o->engine_steps};

    for (unsigned i = 0; i < m->nr_cpus; i++) {
        struct cpu *cpu = &m->cpus[i];

        cpu->m = m;
        config.ctx = cpu;
        cpu->engine = engine_create(&config, why);
        if (!cpu->engine)
            return -EIO;
    }
    memory_attach_tlb(m->mem, &machine_tlb_ops, m);
    return 0;
}

void machine_cpus_destroy(struct machine *m)
{
    for (unsigned i = 0; i < m->nr_cpus; i++)
        engine_destroy(m->cpus[i].engine);
}

void machine_count_accesses(const struct machine *m)
{
    for (unsigned i = 0; i < m->nr_cpus; i++) {
        const struct engine *e = m->cpus[i].engine;

        hub_count_add(m->hub, COUNT_CHECKS, engine_checked(e));
        hub_count_add(m->hub, COUNT_TAG_LOADS, engine_tag_loads(e));
    }
}

uint64_t machine_insns(const struct machine *m)
{
    uint64_t insns = 0;

    for (unsigned i = 0; i < m->nr_cpus; i++)
        insns += engine_insns(m->cpus[i].engine);
    return insns;
}

void machine_kick(struct machine *m)
{
    for (unsigned i = 0; i < m->nr_cpus; i++)
        engine_kick(m->cpus[i].engine);
}

void machine_set_mcde(struct machine *m, const struct mm *mm)
{
    for (unsigned i = 0; i < m->nr_cpus; i++)
        if (runs_in(&m->cpus[i], mm))
            engine_set_mcde(m->cpus[i].engine, true);
}
