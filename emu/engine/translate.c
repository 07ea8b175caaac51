// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Our copy of the archive's table of translator functions.
 */
#include "emu/engine/translate.h"

#include <string.h>

#include "emu/engine/internal.h"
#include "emu/engine/tcg.h"

/* TranslatorOps */
#define NR_TR_OPS 7
#define TR_START  1
#define TR_INSN   4
#define TR_STOP   5

/* DisasContextBase, and behind it DisasContext */
#define DB_TB          0
#define DB_FIRST       8
#define DB_IS_JMP      24
#define DC_PC          40
#define DC_NPC         48
#define DC_JUMP        56
#define DC_MMU         72
#define DC_FPU         76
#define DC_CC_OP       80
#define DISAS_NEXT     0
#define DISAS_TOO_MANY 1
#define DISAS_NORETURN 2

/*
 * Where the clock runs, or blocks are printed, the end of a block is seen:
 * events and turns wait for it.  The archive ends one at 4,000 operations or
 * 64 KiB of code, and how many an instruction makes depends on the steps: none
 * makes 40, so that this comes first.
 */
#define CLOCK_INSNS 96

typedef void (*tr_fn)(void *db, void *cpu);

/* What a translation in progress needs; the callbacks carry no pointer. */
static _Thread_local struct {
    struct engine *e;
    uint8_t *db;
    void *ops[NR_TR_OPS];
    tr_fn start, insn, stop;
    bool ended;
    bool jumps, last;
    unsigned dirty;
    unsigned cc_op; /* what it was while another is assumed, or 0 */
    unsigned assumed;
} tr;

static uint64_t db_u64(unsigned offset)
{
    uint64_t v;

    memcpy(&v, tr.db + offset, sizeof(v));
    return v;
}

uint64_t translate_pc(void)
{
    return db_u64(DC_PC);
}

uint64_t translate_npc(void)
{
    return db_u64(DC_NPC);
}

const uint64_t *translate_jump(void)
{
    return (const uint64_t *)(const void *)(tr.db + DC_JUMP);
}

bool translate_fpu_on(void)
{
    return tr.db[DC_FPU];
}

unsigned translate_mmu_index(void)
{
    return *(const uint32_t *)(const void *)(tr.db + DC_MMU);
}

unsigned translate_asi(void)
{
    return *env_u32(tr.e->env, ENV_ASI) & 0xff;
}

bool translate_has(uint64_t classes)
{
    return engine_has(tr.e, classes);
}

bool translate_step(enum engine_step step)
{
    return engine_has_step(tr.e, step);
}

unsigned translate_cc_op(void)
{
    return *(const uint32_t *)(const void *)(tr.db + DC_CC_OP);
}

void translate_set_cc_op(unsigned op)
{
    *(uint32_t *)(void *)(tr.db + DC_CC_OP) = op;
}

void translate_assume_cc_op(unsigned op)
{
    tr.cc_op = translate_cc_op();
    tr.assumed = op;
    translate_set_cc_op(op);
}

unsigned translate_left_cc_op(void)
{
    unsigned op = translate_cc_op();

    return tr.cc_op && op == tr.assumed ? tr.cc_op : op;
}

void translate_end(void)
{
    tr.ended = true;
}

void translate_jumps(void)
{
    tr.jumps = true;
}

int translate_jump_state(void)
{
    return engine_jumps_state(tr.e);
}

void translate_last(void)
{
    tr.last = true;
}

bool translate_dirty(unsigned bit)
{
    bool fresh = !(tr.dirty & bit);

    tr.dirty |= bit;
    return fresh;
}

void *translate_block(void)
{
    return *(void **)(void *)(tr.db + DB_TB);
}

uint64_t translate_first_pc(void)
{
    return db_u64(DB_FIRST);
}

void translate_tell(uint64_t pc, uint32_t word)
{
    struct engine *e = tr.e;

    if (e->ops->translated) /* that of the self-test has none */
        e->ops->translated(e->ctx, pc, word, pc == translate_first_pc());
}

static void start(void *db, void *cpu)
{
    tr.start(db, cpu);
    tr.dirty = 0;
    engine_fuse_begin();
    if (tr.e->nr_breaks)
        engine_debug_start(tr.e, translate_block());
    if (tr.e->clock)
        engine_clock_start(translate_block());
}

static void insn(void *db, void *cpu)
{
    uint32_t *is_jmp = (uint32_t *)(void *)(tr.db + DB_IS_JMP);

    tr.ended = tr.jumps = tr.last = false;
    tr.cc_op = 0;
    tr.insn(db, cpu);
    if (tr.jumps)
        *(uint64_t *)(void *)(tr.db + DC_NPC) = NPC_DYNAMIC;
    translate_set_cc_op(translate_left_cc_op());
    engine_dead_insn();
    if (tr.ended)
        *is_jmp = DISAS_NORETURN;
    else if (tr.last && *is_jmp == DISAS_NEXT)
        *is_jmp = DISAS_TOO_MANY;
}

static void stop(void *db, void *cpu)
{
    tr.stop(db, cpu);
    engine_fuse_end();
    if (tr.e->clock)
        engine_clock_stop(db);
}

static int most_insns(const struct engine *e, int max)
{
    if (e->clock && e->single)
        return 1;
    return (e->clock || e->tell_code) && max > CLOCK_INSNS ? CLOCK_INSNS : max;
}

void __wrap_translator_loop_sparc64(const void *ops, void *db, void *cpu,
                                    void *tb, int max_insns)
{
    tr.e = env_engine(*(void **)((uint8_t *)cpu + CPU_ENV_PTR));
    tr.db = db;
    engine_jumps_translated(tr.e);
    tcg_use(tr.e->tcg);
    memcpy(tr.ops, ops, sizeof(tr.ops));
    tr.start = (tr_fn)tr.ops[TR_START];
    tr.insn = (tr_fn)tr.ops[TR_INSN];
    tr.stop = (tr_fn)tr.ops[TR_STOP];
    tr.ops[TR_START] = (void *)(uintptr_t)start;
    tr.ops[TR_INSN] = (void *)(uintptr_t)insn;
    tr.ops[TR_STOP] = (void *)(uintptr_t)stop;
    __real_translator_loop_sparc64(tr.ops, db, cpu, tb,
                                   most_insns(tr.e, max_insns));
    if (tr.e->clock)
        engine_clock_check(tb, db);
}
