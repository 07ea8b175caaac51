// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Returns and indirect jumps: look the next block up and go there, in place
 * of leaving translated code for the main loop.
 *
 * The archive has a table for that, in whose hash functions that begin at
 * multiples of 64 or 128 meet, as compilers align them for newer CPUs.  Ours
 * is asked first: here, or by the code that emit_jump.c makes.  Each address
 * space has its own, with a part for each state that blocks are translated
 * for, so that an address alone tells a block.  What is in it is forgotten
 * when a block or the page that it is from may have changed.
 */
#include <string.h>

#include "emu/engine/emit.h"

#include "emu/engine/internal.h"

#define TT_NOT_ALIGNED 0x34

/* What a block is translated for beside its address. */
static inline uint64_t jump_state(void *env)
{
    return *env_u32(env, ENV_ASI) | (*env_u32(env, ENV_FPRS) & FPRS_FEF) << 8 |
           (uint64_t)*env_u32(env, ENV_PSTATE) << 16;
}

static inline uint64_t jump_page(uint64_t va)
{
    return UINT64_C(1) << (va >> PAGE_SHIFT & 63);
}

/*
 * An empty slot is all zeros, as a new engine has them.  Address 0 would be
 * found in the one that it belongs to, the first: not while its space runs.
 */
static void hide_first(struct engine *e, const struct jump_space *space)
{
    struct jump *jumps = e->jumps[space - e->jump_spaces];

    for (unsigned i = 0; i < e->nr_jump_states; i++)
        if (!jumps[i * JUMPS].code)
            jumps[i * JUMPS].pc = 1;
}

int engine_jumps_state(struct engine *e)
{
    uint64_t state = jump_state(e->env);
    unsigned i = 0;

    while (i < e->nr_jump_states && e->jump_states[i] != state)
        i++;
    if (i == JUMP_STATES)
        return -1;
    if (i == e->nr_jump_states) {
        e->jump_states[e->nr_jump_states++] = state;
        hide_first(e, e->jump_space);
    }
    return (int)i;
}

/* There is no block yet: then it is the way out of translated code. */
static bool leaves(struct engine *e, void *code)
{
    if (!e->way_out && !tcg_tb_lookup_sparc64(e->tcg, (uintptr_t)code))
        e->way_out = code;
    return code == e->way_out;
}

static void note_jump(struct engine *e, struct jump *jump, uint64_t pc,
                      void *code)
{
    struct jump_space *space = e->jump_space;

    if (space->nr_filled < JUMP_FILLS)
        space->filled[space->nr_filled] =
            (uint16_t)(jump - e->jumps[space - e->jump_spaces]);
    space->nr_filled += space->nr_filled <= JUMP_FILLS;
    space->pages |= jump_page(pc);
    *jump = (struct jump){pc, code};
}

void *__wrap_helper_lookup_tb_ptr_sparc64(void *env)
{
    struct engine *e = env_engine(env);
    uint64_t pc = *env_u64(env, ENV_PC);
    int state = engine_jumps_state(e);
    struct jump *jump;
    void *code;

    if (state < 0 || *env_u64(env, ENV_NPC) != pc + 4)
        return __real_helper_lookup_tb_ptr_sparc64(env);
    jump = *(struct jump **)(void *)env_u64(env, ENV_JUMPS) +
           (unsigned)state * JUMPS + jump_offset(pc) / sizeof(*jump);
    if (likely(jump->pc == pc))
        return jump->code;
    code = __real_helper_lookup_tb_ptr_sparc64(env);
    if (!leaves(e, code))
        note_jump(e, jump, pc, code);
    return code;
}

static void forget(struct engine *e, struct jump_space *space)
{
    struct jump *jumps = e->jumps[space - e->jump_spaces];
    unsigned nr = space->nr_filled;

    if (nr > JUMP_FILLS)
        memset(jumps, 0, e->nr_jump_states * JUMPS * sizeof(*jumps));
    else
        while (nr-- > 0)
            jumps[space->filled[nr]] = (struct jump){0, NULL};
    space->nr_filled = 0;
    space->pages = 0;
    if (space == e->jump_space)
        hide_first(e, space);
}

void engine_jumps_flush(struct engine *e, struct jump_space *space)
{
    if (space->pages)
        forget(e, space);
}

void engine_jumps_flush_page(struct engine *e, struct jump_space *space,
                             uint64_t va)
{
    if (space->pages & jump_page(va))
        forget(e, space);
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
    e->jump_space = &e->jump_spaces[0];
}

void engine_jumps_attach(struct engine *e)
{
    *(struct jump **)(void *)env_u64(e->env, ENV_JUMPS) =
        e->jumps[e->jump_space - e->jump_spaces];
}

void engine_jumps_enter(struct engine *e, uint32_t id)
{
    struct jump_space *space = engine_jumps_find(e, id);

    if (!space) {
        space = &e->jump_spaces[e->next_jump_space++ % JUMP_SPACES];
        space->id = id;
        engine_jumps_flush(e, space);
    }
    e->jump_space = space;
    hide_first(e, space);
    engine_jumps_attach(e);
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

/* The archive has changed windows before it looked at the address. */
static void undo_restore(void *env)
{
    unsigned cwp;

    windows_settle(env);
    cwp = *env_u32(env, ENV_CWP);
    (*env_u32(env, ENV_CANSAVE))--;
    (*env_u32(env, ENV_CANRESTORE))++;
    cpu_set_cwp_sparc64(env, (int)((cwp + NWINDOWS - 1) % NWINDOWS));
    windows_changed(env);
}

/* A target that is not aligned: the instruction must have done nothing.  Of a
 * JMPL @wrote says whether it has written rd. */
static _Noreturn void not_aligned(void *env, bool wrote, uintptr_t ra)
{
    struct engine *e = env_engine(env);
    uint32_t word;

    engine_set_ra(e, ra);
    word = engine_insn_at_pc(e);
    if (OP3(word) == OP3_RETURN)
        undo_restore(env);
    else if (OP3(word) == OP3_JMPL && wrote)
        cpu_set_reg(e, RD(word), *env_u64(env, ENV_JMPL_RD));
    engine_raise(e, TT_NOT_ALIGNED, ra);
}

void __wrap_helper_check_align_sparc64(void *env, uint64_t addr, uint32_t mask)
{
    if (unlikely(addr & mask))
        not_aligned(env, true, (uintptr_t)__builtin_return_address(0));
}

void jump_not_aligned(void *env)
{
    not_aligned(env, false, (uintptr_t)__builtin_return_address(0));
}
