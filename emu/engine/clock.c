/*
 * The instruction clock: each block, when it begins, takes its length off a
 * budget; when that runs out the block traps to ENGINE_TT_CLOCK instead.
 *
 * The code is emitted at the block's start, where its length is not known
 * yet: a constant is patched when translation of the block ends.  A block
 * that a trap leaves half-way is charged in full; the same run always
 * charges the same.
 */
#include <string.h>

#include "emu/engine/internal.h"

/* Opcodes, conditions and types of Unicorn 2.1.3's TCG. */
#define OP_SET_LABEL 1
#define OP_MOVI_I64  64
#define OP_LD_I64    73
#define OP_ST_I64    77
#define OP_SUB_I64   79
#define COND_GE      3
#define TYPE_I64     1
#define OP_ARGS      24 /* TCGOp: offset of its arguments */

#define TB_PC     0 /* TranslationBlock */
#define TB_NPC    8
#define DB_TB     0 /* DisasContextBase */
#define DB_INSNS  28
#define NR_TR_OPS 7
#define TR_START  1 /* TranslatorOps: tb_start, tb_stop */
#define TR_STOP   5

#define PLACEHOLDER 0xbeef

typedef void (*tr_fn)(void *db, void *cpu);

/*
 * What a translation in progress needs.  The archive's callbacks carry no
 * pointer of ours.
 */
static _Thread_local struct {
    bool on;
    void *ops[NR_TR_OPS];
    tr_fn start, stop;
    uint64_t *patch;  /* the placeholder, in an op */
    uint8_t *last_op; /* emitted last */
} tr;

/* Where the translator keeps env, pc and npc; the same for every engine
 * of this thread that was opened last. */
static _Thread_local struct {
    uint8_t *tcg;
    void *env, *pc, *npc;
} temps;

void engine_clock_opened(void *tcg, const char *name, void *temp, void *base)
{
    temps.tcg = tcg;
    if (strcmp(name, "pc") == 0) {
        temps.pc = temp;
        temps.env = temps.tcg + (uintptr_t)base;
    } else if (strcmp(name, "npc") == 0) {
        temps.npc = temp;
    }
}

void *__wrap_tcg_emit_op_sparc64(void *tcg, int opc)
{
    void *op = __real_tcg_emit_op_sparc64(tcg, opc);

    if (unlikely(tr.on))
        tr.last_op = op;
    return op;
}

static uint64_t arg(void *temp)
{
    return (uint64_t)(uintptr_t)temp;
}

/* A constant comes as an offset from the context. */
static void *temp_of(void *offset)
{
    return temps.tcg + (uintptr_t)offset;
}

/*
 *      budget = [env + ENV_BUDGET] - length
 *      [env + ENV_BUDGET] = budget
 *      if budget >= 0 goto go
 *      pc, npc = those of the block     (chained blocks do not store them)
 *      raise ENGINE_TT_CLOCK
 *  go:
 */
static void emit_clock(const uint8_t *tb)
{
    void *s = temps.tcg;
    uint8_t *budget = tcg_temp_new_internal_sparc64(s, TYPE_I64, false);
    void *go = gen_new_label_sparc64(s);
    void *length, *tt, *args[2];

    tcg_gen_op3_sparc64(s, OP_LD_I64, arg(budget), arg(temps.env), ENV_BUDGET);
    length = temp_of(tcg_const_i64_sparc64(s, PLACEHOLDER));
    tr.patch = (uint64_t *)(void *)(tr.last_op + OP_ARGS) + 1;
    INVARIANT(*tr.patch == PLACEHOLDER);
    tcg_gen_op3_sparc64(s, OP_SUB_I64, arg(budget), arg(budget), arg(length));
    tcg_gen_op3_sparc64(s, OP_ST_I64, arg(budget), arg(temps.env), ENV_BUDGET);
    tcg_gen_brcondi_i64_sparc64(s, COND_GE,
                                (void *)(uintptr_t)(budget - temps.tcg), 0, go);
    tcg_gen_op2_sparc64(s, OP_MOVI_I64, arg(temps.pc),
                        *(const uint64_t *)(const void *)(tb + TB_PC));
    tcg_gen_op2_sparc64(s, OP_MOVI_I64, arg(temps.npc),
                        *(const uint64_t *)(const void *)(tb + TB_NPC));
    tt = temp_of(tcg_const_i32_sparc64(s, ENGINE_TT_CLOCK));
    args[0] = temps.env;
    args[1] = tt;
    tcg_gen_callN_sparc64(s, (void *)(uintptr_t)helper_raise_exception_sparc64,
                          NULL, 2, args);
    *(uint32_t *)go |= 1; /* TCGLabel.present */
    tcg_gen_op1_sparc64(s, OP_SET_LABEL, arg(go));
    tcg_temp_free_internal_sparc64(s, budget);
    tcg_temp_free_internal_sparc64(s, length);
    tcg_temp_free_internal_sparc64(s, tt);
}

static void clock_tb_start(void *db, void *cpu)
{
    tr.start(db, cpu);
    emit_clock(*(const uint8_t **)((uint8_t *)db + DB_TB));
}

static void clock_tb_stop(void *db, void *cpu)
{
    tr.stop(db, cpu);
    *tr.patch =
        (uint64_t) * (const int *)(const void *)((uint8_t *)db + DB_INSNS);
}

void __wrap_translator_loop_sparc64(const void *ops, void *db, void *cpu,
                                    void *tb, int max_insns)
{
    const struct engine *e =
        env_engine(*(void **)((uint8_t *)cpu + CPU_ENV_PTR));

    tr.on = e->clock;
    if (!tr.on) {
        __real_translator_loop_sparc64(ops, db, cpu, tb, max_insns);
        return;
    }
    memcpy(tr.ops, ops, sizeof(tr.ops));
    tr.start = (tr_fn)tr.ops[TR_START];
    tr.stop = (tr_fn)tr.ops[TR_STOP];
    tr.ops[TR_START] = (void *)(uintptr_t)clock_tb_start;
    tr.ops[TR_STOP] = (void *)(uintptr_t)clock_tb_stop;
    __real_translator_loop_sparc64(tr.ops, db, cpu, tb, max_insns);
    tr.on = false;
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
