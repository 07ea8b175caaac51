// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The instruction clock: each block, when it begins, takes its length off a
 * budget; when nothing is left the block traps to ENGINE_TT_CLOCK instead.
 * So an event comes at the first block that begins at its time or later, and
 * after it at least one block runs.
 *
 * The code is emitted at the block's start, where its length is not known
 * yet: a constant is patched when translation of the block ends.  A block
 * that an instruction leaves half-way gets back what it did not begin; only a
 * conditional trap (Tcc) that is taken charges the rest of its block.
 */
#include "emu/engine/internal.h"
#include "emu/engine/tcg.h"

#define OP_ARGS  24 /* TCGOp: offset of its arguments */
#define TB_PC    0  /* TranslationBlock */
#define TB_NPC   8
#define TB_INSNS 22 /* icount, 16 bits */
#define DB_INSNS 28 /* DisasContextBase */

#define PLACEHOLDER 0xbeef

/* The block that is being translated. */
static _Thread_local struct {
    bool on;
    uint64_t *patch[2]; /* the placeholders, in their ops */
    unsigned nr_patches;
    uint8_t *last_op; /* emitted last */
} block;

void *__wrap_tcg_emit_op_sparc64(void *tcg, int opc)
{
    void *op = __real_tcg_emit_op_sparc64(tcg, opc);

    if (unlikely(block.on))
        block.last_op = op;
    return op;
}

/* The length of the block. */
static struct tcg_val *length_const(void)
{
    struct tcg_val *length;
    uint64_t *patch;

    block.on = true;
    length = tcg_const(PLACEHOLDER);
    block.on = false;
    patch = (uint64_t *)(void *)(block.last_op + OP_ARGS) + 1;
    INVARIANT(*patch == PLACEHOLDER);
    block.patch[block.nr_patches++] = patch;
    return length;
}

/* [env + ENV_BUDGET] = what was there, @op the length; returns what was. */
static struct tcg_val *charge(enum tcg_op op)
{
    struct tcg_val *before = tcg_temp(), *after = tcg_temp();
    struct tcg_val *length;

    tcg_load_env(before, ENV_BUDGET);
    length = length_const();
    tcg_op3(op, after, before, length);
    tcg_store_env(after, ENV_BUDGET);
    tcg_free(after);
    tcg_free(length);
    return before;
}

/*
 *      budget = [env + ENV_BUDGET]
 *      [env + ENV_BUDGET] = budget - length
 *      if budget > 0 goto go
 *      [env + ENV_BUDGET] += length
 *      pc, npc = those of the block     (chained blocks do not store them)
 *      raise ENGINE_TT_CLOCK
 *  go:
 */
void engine_clock_start(const void *tb)
{
    const struct tcg_regs *r = tcg_regs();
    struct tcg_label *go = tcg_label();
    struct tcg_val *budget, *tt;
    const uint8_t *at = tb;

    block.nr_patches = 0;
    budget = charge(TCG_SUB);
    __wrap_tcg_gen_brcondi_i64_sparc64(r->ctx, TCG_COND_GT, budget, 0, go);
    tcg_free(budget);
    tcg_free(charge(TCG_ADD));
    tcg_movi(r->pc, *(const int64_t *)(const void *)(at + TB_PC));
    tcg_movi(r->npc, *(const int64_t *)(const void *)(at + TB_NPC));
    tt = tcg_const_i32_sparc64(r->ctx, ENGINE_TT_CLOCK);
    tcg_call((void (*)(void))helper_raise_exception_sparc64, NULL, 2,
             (struct tcg_val *[]){r->env, tt});
    tcg_set_label(go);
    tcg_free(tt);
}

void engine_clock_stop(const void *db)
{
    for (unsigned i = 0; i < block.nr_patches; i++)
        *block.patch[i] =
            *(const uint32_t *)(const void *)((const uint8_t *)db + DB_INSNS);
}

void engine_clock_check(const void *tb, const void *db)
{
    INVARIANT(
        *(const uint16_t *)(const void *)((const uint8_t *)tb + TB_INSNS) ==
        *(const uint32_t *)(const void *)((const uint8_t *)db + DB_INSNS));
}

/*
 * What is left of the block around @ra from the instruction at PC on, which
 * has been restored: one after the other, up to the end.
 */
static uint64_t rest_of_block(const struct engine *e, uintptr_t ra)
{
    const uint8_t *tb = tcg_tb_lookup_sparc64(e->tcg, ra);
    uint64_t begun, length;

    if (!tb)
        return 0;
    begun = (*env_u64(e->env, ENV_PC) -
             *(const uint64_t *)(const void *)(tb + TB_PC)) /
            4;
    length = *(const uint16_t *)(const void *)(tb + TB_INSNS);
    return begun < length ? length - begun : 0;
}

void engine_sync_pc(struct engine *e)
{
    if (!e->ra)
        return;
    (void)__real_cpu_restore_state_sparc64(e->cpu, e->ra, false);
    e->ahead = e->clock ? rest_of_block(e, e->ra) : 0;
    e->ra = 0;
}

/* Whoever leaves a block half-way comes by here, and the archive before it
 * fills its TLB: for a page that a wrapper has just looked up, where nobody
 * asks for the PC any more. */
bool __wrap_cpu_restore_state_sparc64(void *cpu, uintptr_t ra, bool will_exit)
{
    struct engine *e = env_engine(*(void **)((uint8_t *)cpu + CPU_ENV_PTR));
    bool found;

    if (!will_exit && e->fill_va != HOT_NONE)
        return true;
    found = __real_cpu_restore_state_sparc64(cpu, ra, will_exit);
    if (found && will_exit && e->clock)
        *env_u64(e->env, ENV_BUDGET) += rest_of_block(e, ra);
    return found;
}

uint64_t engine_insns(struct engine *e)
{
    int64_t left = (int64_t)*env_u64(e->env, ENV_BUDGET);

    if (!e->clock)
        return 0;
    engine_sync_pc(e);
    return e->clock_base + (e->budget - (uint64_t)left) - e->ahead;
}

bool engine_has_clock(const struct engine *e)
{
    return e->clock;
}

void engine_start_clock(struct engine *e)
{
    if (e->clock)
        return;
    e->clock = true;
    /* What is translated already does not count: translate it again. */
    for (pfn_t pfn = 0; pfn < e->nr_frames; pfn++)
        engine_code_changed(e, pfn, 0, PAGE_SIZE);
    engine_set_deadline(e, 1);
}

void engine_set_deadline(struct engine *e, uint64_t insns)
{
    e->clock_base = engine_insns(e);
    e->budget = insns + e->ahead;
    *env_u64(e->env, ENV_BUDGET) = insns;
}

uint64_t __wrap_helper_tick_get_count_sparc64(void *env, void *timer,
                                              int mem_idx)
{
    struct engine *e = env_engine(env);
    uint64_t ticks;

    (void)timer;
    (void)mem_idx;
    engine_set_ra(e, (uintptr_t)__builtin_return_address(0));
    ticks = e->ops->tick(e->ctx);
    engine_clear_ra(e);
    return ticks;
}
