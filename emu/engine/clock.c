/*
 * The instruction clock: each block, when it begins, takes its length off a
 * budget; when that runs out the block traps to ENGINE_TT_CLOCK instead.
 *
 * The code is emitted at the block's start, where its length is not known
 * yet: a constant is patched when translation of the block ends.  A block
 * that a trap leaves half-way is charged in full; the same run always
 * charges the same.
 */
#include "emu/engine/internal.h"
#include "emu/engine/tcg.h"

#define OP_ARGS  24 /* TCGOp: offset of its arguments */
#define TB_PC    0  /* TranslationBlock */
#define TB_NPC   8
#define DB_INSNS 28 /* DisasContextBase */

#define PLACEHOLDER 0xbeef

/* The block that is being translated. */
static _Thread_local struct {
    bool on;
    uint64_t *patch;  /* the placeholder, in an op */
    uint8_t *last_op; /* emitted last */
} block;

void *__wrap_tcg_emit_op_sparc64(void *tcg, int opc)
{
    void *op = __real_tcg_emit_op_sparc64(tcg, opc);

    if (unlikely(block.on))
        block.last_op = op;
    return op;
}

/*
 *      budget = [env + ENV_BUDGET] - length
 *      [env + ENV_BUDGET] = budget
 *      if budget >= 0 goto go
 *      pc, npc = those of the block     (chained blocks do not store them)
 *      raise ENGINE_TT_CLOCK
 *  go:
 */
void engine_clock_start(const void *tb)
{
    const struct tcg_regs *r = tcg_regs();
    struct tcg_val *budget = tcg_temp();
    struct tcg_label *go = tcg_label();
    struct tcg_val *length, *tt;
    const uint8_t *at = tb;

    tcg_load_env(budget, ENV_BUDGET);
    block.on = true;
    length = tcg_const(PLACEHOLDER);
    block.on = false;
    block.patch = (uint64_t *)(void *)(block.last_op + OP_ARGS) + 1;
    INVARIANT(*block.patch == PLACEHOLDER);
    tcg_op3(TCG_SUB, budget, budget, length);
    tcg_store_env(budget, ENV_BUDGET);
    tcg_gen_brcondi_i64_sparc64(r->ctx, TCG_COND_GE, budget, 0, go);
    tcg_movi(r->pc, *(const int64_t *)(const void *)(at + TB_PC));
    tcg_movi(r->npc, *(const int64_t *)(const void *)(at + TB_NPC));
    tt = tcg_const_i32_sparc64(r->ctx, ENGINE_TT_CLOCK);
    tcg_call((void (*)(void))helper_raise_exception_sparc64, NULL, 2,
             (struct tcg_val *[]){r->env, tt});
    tcg_set_label(go);
    tcg_free(budget);
    tcg_free(length);
    tcg_free(tt);
}

void engine_clock_stop(const void *db)
{
    *block.patch =
        *(const uint32_t *)(const void *)((const uint8_t *)db + DB_INSNS);
}

uint64_t engine_insns(const struct engine *e)
{
    int64_t left = (int64_t)*env_u64(e->env, ENV_BUDGET);

    if (!e->clock)
        return 0;
    return e->clock_base + (e->budget - (uint64_t)left);
}

void engine_start_clock(struct engine *e)
{
    if (e->clock)
        return;
    e->clock = true;
    /* What is translated already does not count: translate it again. */
    for (pfn_t pfn = 0; pfn < e->nr_frames; pfn++)
        engine_code_changed(e, pfn);
    engine_set_deadline(e, 1);
}

void engine_set_deadline(struct engine *e, uint64_t insns)
{
    e->clock_base = engine_insns(e);
    e->budget = insns;
    *env_u64(e->env, ENV_BUDGET) = insns;
}

uint64_t __wrap_helper_tick_get_count_sparc64(void *env, void *timer,
                                              int mem_idx)
{
    const struct engine *e = env_engine(env);

    (void)timer;
    (void)mem_idx;
    return e->ops->tick(e->ctx);
}
