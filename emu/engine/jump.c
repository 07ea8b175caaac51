// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Returns and indirect jumps: look the next block up and go there, in place
 * of leaving translated code for the main loop.
 *
 * The archive has a table for that, in whose hash functions that begin at
 * multiples of 64 or 128 meet, as compilers align them for newer CPUs.  Ours
 * is asked first.  What is in it is good for one generation of an address
 * space; a new one begins when a block or the page that it is from may have
 * changed.  A generation has a number of its own, so a space that comes back
 * finds its own and no other's.
 */
#include <string.h>

#include "emu/engine/emit.h"

#include "emu/engine/internal.h"

#define TT_NOT_ALIGNED 0x34

#define OP3_JMPL   0x38
#define OP3_RETURN 0x39

void __wrap_tcg_gen_exit_tb_sparc64(void *tcg, void *tb, unsigned idx)
{
    if (tb)
        __real_tcg_gen_exit_tb_sparc64(tcg, tb, idx);
    else
        tcg_gen_lookup_and_goto_ptr_sparc64(tcg);
}

/* What a block was translated for beside its address, and when. */
static inline uint64_t jump_state(const struct engine *e, void *env)
{
    return *env_u32(env, ENV_ASI) | (*env_u32(env, ENV_FPRS) & FPRS_FEF) << 8 |
           (uint64_t)*env_u32(env, ENV_PSTATE) << 16 | e->jump_generation;
}

static inline uint64_t jump_page(uint64_t va)
{
    return UINT64_C(1) << (va >> PAGE_SHIFT & 63);
}

/* Children run what their parents do, and are to meet in no slot. */
static inline struct jump *jump_slot(struct engine *e, uint64_t pc)
{
    return &e->jumps[(pc >> 2 ^ pc >> 13 ^ e->jump_salt) & (JUMPS - 1)];
}

/* There is no block yet: then it is the way out of translated code. */
static bool leaves(struct engine *e, void *code)
{
    if (!e->way_out && !tcg_tb_lookup_sparc64(e->tcg, (uintptr_t)code))
        e->way_out = code;
    return code == e->way_out;
}

void *__wrap_helper_lookup_tb_ptr_sparc64(void *env)
{
    struct engine *e = env_engine(env);
    uint64_t pc = *env_u64(env, ENV_PC), state = jump_state(e, env);
    struct jump *jump = jump_slot(e, pc);
    void *code;

    if (likely(jump->pc == pc && jump->state == state &&
               *env_u64(env, ENV_NPC) == pc + 4))
        return jump->code;
    code = __real_helper_lookup_tb_ptr_sparc64(env);
    if (*env_u64(env, ENV_NPC) == pc + 4 && !leaves(e, code)) {
        *jump = (struct jump){pc, state, code};
        e->jump_space->pages |= jump_page(pc);
    }
    return code;
}

static void forget_all(struct engine *e)
{
    memset(e->jumps, 0, sizeof(e->jumps));
    for (unsigned i = 0; i < JUMP_SPACES; i++) {
        e->jump_spaces[i].pages = 0;
        e->jump_spaces[i].generation = i + 1;
    }
    e->jump_last = JUMP_SPACES;
}

static void run_in(struct engine *e, struct jump_space *space)
{
    e->jump_space = space;
    e->jump_generation = (uint64_t)space->generation << 32;
    e->jump_salt = (uint64_t)(space - e->jump_spaces) * (JUMPS / JUMP_SPACES);
}

static void begin_generation(struct engine *e, struct jump_space *space)
{
    space->pages = 0;
    if (e->jump_last == UINT32_MAX)
        forget_all(e);
    space->generation = ++e->jump_last;
    run_in(e, e->jump_space);
}

void engine_jumps_flush(struct engine *e, struct jump_space *space)
{
    if (space->pages)
        begin_generation(e, space);
}

void engine_jumps_flush_page(struct engine *e, struct jump_space *space,
                             uint64_t va)
{
    if (space->pages & jump_page(va))
        begin_generation(e, space);
}

void engine_jumps_changed(struct engine *e)
{
    for (unsigned i = 0; i < JUMP_SPACES; i++)
        engine_jumps_flush(e, &e->jump_spaces[i]);
}

struct jump_space *engine_jumps_find(struct engine *e, uint32_t id)
{
    for (unsigned i = 0; i < JUMP_SPACES; i++)
        if (e->jump_spaces[i].id == id)
            return &e->jump_spaces[i];
    return NULL;
}

void engine_jumps_init(struct engine *e)
{
    forget_all(e);
    run_in(e, &e->jump_spaces[0]);
}

void engine_jumps_enter(struct engine *e, uint32_t id)
{
    struct jump_space *space = engine_jumps_find(e, id);

    if (!space) {
        space = &e->jump_spaces[e->next_jump_space++ % JUMP_SPACES];
        space->id = id;
        begin_generation(e, space);
    }
    run_in(e, space);
}

/* How often the archive began its buffer of translated code anew. */
static _Thread_local unsigned resets;

void __wrap_tcg_region_reset_all_sparc64(void *tcg)
{
    resets++;
    __real_tcg_region_reset_all_sparc64(tcg);
}

void engine_jumps_translated(struct engine *e)
{
    if (e->jump_resets == resets)
        return;
    e->jump_resets = resets;
    engine_jumps_changed(e);
}

/* JMPL: the archive writes rd, then looks at the address. */
void emit_jmpl(uint32_t word)
{
    if (RD(word))
        tcg_store_env(tcg_regs()->gpr[RD(word)], ENV_JMPL_RD);
}

/* The archive has changed windows before it looked at the address. */
static void undo_restore(void *env)
{
    unsigned cwp = *env_u32(env, ENV_CWP);

    (*env_u32(env, ENV_CANSAVE))--;
    (*env_u32(env, ENV_CANRESTORE))++;
    cpu_set_cwp_sparc64(env, (int)((cwp + NWINDOWS - 1) % NWINDOWS));
}

/* A target that is not aligned: the instruction must have done nothing. */
void __wrap_helper_check_align_sparc64(void *env, uint64_t addr, uint32_t mask)
{
    uintptr_t ra = (uintptr_t)__builtin_return_address(0);
    struct engine *e = env_engine(env);
    uint32_t word;

    if (likely(!(addr & mask)))
        return;
    engine_set_ra(e, ra);
    word = engine_insn_at_pc(e);
    if (OP3(word) == OP3_RETURN)
        undo_restore(env);
    else if (OP3(word) == OP3_JMPL)
        cpu_set_reg(e, RD(word), *env_u64(env, ENV_JMPL_RD));
    engine_raise(e, TT_NOT_ALIGNED, ra);
}
