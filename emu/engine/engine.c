// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/engine/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "emu/engine/internal.h"
#include "emu/engine/tcg.h"

#define CODE_BYTES ((size_t)1 << 30) /* that Unicorn wants to have */

/*
 * The archive's callbacks for registers and for the first TLB carry no
 * pointer of ours: this is the engine that uc_open() is working for.
 */
static _Thread_local struct engine *opening;

/* Registers that the translator names, and where env.h has them. */
static const struct {
    const char *name;
    intptr_t offset;
} named[] = {
    {"regwptr", ENV_REGWPTR},
    {"pc", ENV_PC},
    {"npc", ENV_NPC},
    {"y", ENV_Y},
    {"fsr", ENV_FSR},
    {"fprs", ENV_FPRS},
    {"gsr", ENV_GSR},
    {"g1", 8},
    {"g7", 56},
    {"f0", ENV_FPR},
    {"f62", ENV_FPR + 248},
};

#define NR_NAMED (sizeof(named) / sizeof(named[0]))

void *__wrap_tcg_global_mem_new_internal_sparc64(void *tcg, int type,
                                                 void *base, intptr_t offset,
                                                 const char *name)
{
    void *temp = __real_tcg_global_mem_new_internal_sparc64(tcg, type, base,
                                                            offset, name);

    if (!opening)
        return temp;
    for (unsigned i = 0; i < NR_NAMED; i++) {
        if (strcmp(name, named[i].name) != 0)
            continue;
        if (offset == named[i].offset)
            opening->regs_seen |= 1u << i;
        else
            opening->bad_reg = named[i].name;
    }
    opening->tcg = tcg;
    tcg_note_reg(tcg, name, temp, base);
    return temp;
}

void __wrap_tlb_init_sparc64(void *cpu)
{
    if (opening) {
        opening->cpu = cpu;
        opening->env = *(void **)((uint8_t *)cpu + CPU_ENV_PTR);
    }
    __real_tlb_init_sparc64(cpu);
}

/*
 * Every entry into translated code.  uc_emu_start() has set NPC to PC + 4;
 * a stop in a delay slot needs the NPC that it had.
 */
int __wrap_cpu_exec_sparc64(void *uc, void *cpu)
{
    void *env = *(void **)((uint8_t *)cpu + CPU_ENV_PTR);
    struct engine *e = env_engine(env);

    if (e && e->entering) {
        *env_u64(env, ENV_NPC) = e->entry_npc;
        e->entering = false;
    }
    if (e && e->kicked && !e->stopping) {
        e->kicked = 0;
        engine_clear_ra(e);
        e->ops->poll(e->ctx);
    }
    return __real_cpu_exec_sparc64(uc, cpu);
}

_Noreturn void engine_raise(struct engine *e, unsigned tt, uintptr_t ra)
{
    engine_clear_ra(e);
    cpu_raise_exception_ra_sparc64(e->env, (int)tt, ra);
}

_Noreturn void engine_raise_access(struct engine *e, enum access_end end,
                                   uintptr_t ra)
{
    engine_raise(e, end == ACCESS_WAIT ? ENGINE_TT_WAIT : ENGINE_TT_FAULT, ra);
}

static void intr_hook(uc_engine *uc, uint32_t tt, void *ctx)
{
    struct engine *e = ctx;

    (void)uc;
    engine_clear_ra(e);
    e->ops->trap(e->ctx, tt);
}

static bool invalid_hook(uc_engine *uc, void *ctx)
{
    struct engine *e = ctx;

    (void)uc;
    engine_clear_ra(e);
    if (!engine_emulate(e))
        e->ops->trap(e->ctx, TT_ILLEGAL);
    return true;
}

static uc_err add_hooks(struct engine *e)
{
    uc_hook hook;
    uc_err err = uc_hook_add(e->uc, &hook, UC_HOOK_TLB_FILL,
                             (void *)(uintptr_t)engine_fill_hook, e, 1, 0);

    if (err == UC_ERR_OK)
        err = uc_hook_add(e->uc, &hook, UC_HOOK_INTR,
                          (void *)(uintptr_t)intr_hook, e, 1, 0);
    if (err == UC_ERR_OK)
        err = uc_hook_add(e->uc, &hook, UC_HOOK_INSN_INVALID,
                          (void *)(uintptr_t)invalid_hook, e, 1, 0);
    return err;
}

/* Unicorn ends us with status 1, as of the program, where it gets none. */
static bool has_room_for_code(void)
{
    void *p = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p != MAP_FAILED && munmap(p, CODE_BYTES) == 0;
}

static const char *open_unicorn(struct engine *e)
{
    uint64_t mark = UINT64_C(0x1122334455667788), none = 0;
    uc_err err;

    opening = e;
    err = uc_open(UC_ARCH_SPARC, UC_MODE_SPARC64 | UC_MODE_BIG_ENDIAN, &e->uc);
    if (err == UC_ERR_OK)
        err = uc_ctl_set_cpu_model(e->uc, UC_CPU_SPARC64_SUN_ULTRASPARC_T2);
    if (err == UC_ERR_OK)
        err = uc_ctl_tlb_mode(e->uc, UC_TLB_VIRTUAL);
    if (err == UC_ERR_OK)
        err = uc_mem_map_ptr(e->uc, 0, e->ram_bytes, UC_PROT_ALL, e->ram);
    if (err == UC_ERR_OK)
        ((uint8_t *)e->uc)[UC_NO_EXIT_REQUEST] = 1;
    if (err == UC_ERR_OK)
        err = uc_reg_write(e->uc, UC_SPARC_REG_G1, &mark);
    opening = NULL;
    if (err != UC_ERR_OK)
        return uc_strerror(err);
    if (!e->env || *env_u64(e->env, ENV_GREGS + 8) != mark)
        return "the CPU state is not where Unicorn 2.1.3 has it";
    if (e->bad_reg || e->regs_seen != (1u << NR_NAMED) - 1)
        return "a register is not where Unicorn 2.1.3 has it";
    if (*env_u32(e->env, ENV_NWINDOWS) != NWINDOWS)
        return "the CPU does not have 8 register windows";
    err = uc_reg_write(e->uc, UC_SPARC_REG_G1, &none);
    if (err == UC_ERR_OK)
        err = add_hooks(e);
    return err == UC_ERR_OK ? NULL : uc_strerror(err);
}

struct engine *engine_create(const struct engine_config *config,
                             const char **why)
{
    struct engine *e = calloc(1, sizeof(*e));

    *why = "the host has no memory";
    if (!e)
        return NULL;
    e->ops = config->ops;
    e->ctx = config->ctx;
    e->ram = config->ram;
    e->ram_bytes = config->ram_bytes;
    e->tags = config->tags;
    e->clock = config->clock;
    e->single = config->single;
    e->tell_code = config->tell_code;
    e->steps = config->steps;
    e->classes = CLASS_ALL; /* for the self-test */
    e->nr_frames = (pfn_t)(config->ram_bytes / PAGE_SIZE);
    e->frames = calloc(e->nr_frames, sizeof(*e->frames));
    if (!e->frames)
        goto fail;
    engine_init_caches(e);
    *why = "the host has no memory for translated code: 1 GiB of address space";
    if (!has_room_for_code())
        goto fail;
    *why = open_unicorn(e);
    if (*why)
        goto fail;
    *why = "the host has no memory";
    if (engine_insns_open(e))
        goto fail;
    *(struct engine **)((uint8_t *)e->env + ENV_ENGINE) = e;
    engine_jumps_attach(e);
    windows_changed(e->env);
    *why = engine_selftest(e);
    if (*why)
        goto fail;
    e->classes = config->classes;
    return e;

fail:
    engine_destroy(e);
    return NULL;
}

void engine_destroy(struct engine *e)
{
    if (!e)
        return;
    if (e->uc)
        uc_close(e->uc);
    free(e->frames);
    free(e->helpers);
    free(e->breaks);
    free(e);
}

int engine_run(struct engine *e)
{
    uc_err err;

    e->entry_npc = *env_u64(e->env, ENV_NPC);
    e->entering = true;
    e->stopping = false;
    err = uc_emu_start(e->uc, *env_u64(e->env, ENV_PC), UINT64_MAX, 0, 0);
    e->entering = false;
    if (err == UC_ERR_OK)
        return 0;
    e->error = uc_strerror(err);
    return -EIO;
}

const char *engine_error(const struct engine *e)
{
    return e->error;
}

void engine_stop(struct engine *e)
{
    e->stopping = true;
    uc_emu_stop(e->uc);
}

void engine_kick(struct engine *e)
{
    e->kicked = 1;
    cpu_exit(e->cpu);
}

uint64_t engine_checked(const struct engine *e)
{
    return e->nr_checked;
}

uint64_t engine_tag_loads(const struct engine *e)
{
    return e->nr_tag_loads;
}

void engine_set_mcdper(struct engine *e, bool on)
{
    e->mcdper = on;
}

bool engine_mcdper(const struct engine *e)
{
    return e->mcdper;
}

void engine_set_mcde(struct engine *e, bool on)
{
    if (e->mcde == on)
        return;
    e->mcde = on;
    engine_flush_all(e);
}
