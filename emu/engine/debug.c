// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Breakpoints that the program cannot see: a block that begins at one asks
 * first, by a call that is put before its code when it is translated.  Nothing
 * is written to memory.
 *
 * Whether an address is one is known at translation, for every process alike;
 * whose it is, engine_ops.breakpoint says when the block is executed.
 */
#include "emu/engine/debug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/engine/emit.h"
#include "emu/engine/internal.h"
#include "emu/engine/translate.h"

#define TB_PC  0 /* TranslationBlock */
#define TB_NPC 8

static size_t find(const struct engine *e, gva_t va)
{
    size_t i = 0;

    while (i < e->nr_breaks && e->breaks[i] != va)
        i++;
    return i;
}

int engine_add_break(struct engine *e, gva_t va)
{
    gva_t *more;

    if (find(e, va) < e->nr_breaks)
        return 0;
    more = realloc(e->breaks, (e->nr_breaks + 1) * sizeof(*more));
    if (!more)
        return -ENOMEM;
    e->breaks = more;
    e->breaks[e->nr_breaks++] = va;
    return 0;
}

void engine_remove_break(struct engine *e, gva_t va)
{
    size_t i = find(e, va);

    if (i < e->nr_breaks)
        e->breaks[i] = e->breaks[--e->nr_breaks];
}

void engine_forget_code(struct engine *e)
{
    for (pfn_t pfn = 0; pfn < e->nr_frames; pfn++)
        engine_code_changed(e, pfn, 0, PAGE_SIZE);
}

void engine_watch(struct engine *e, bool on)
{
    if (!e->watching && !on)
        return;
    e->watching = on;
    engine_flush_all(e);
}

void debug_break(void *env)
{
    struct engine *e = env_engine(env);

    engine_clear_ra(e); /* PC and NPC are in place */
    if (e->ops->breakpoint(e->ctx, *env_u64(env, ENV_PC)))
        engine_raise(e, ENGINE_TT_BREAK, 0);
}

/*
 *      pc, npc = those of the block     (chained blocks do not store them)
 *      call debug_break                 (which may not come back)
 */
void engine_debug_start(const struct engine *e, const void *tb)
{
    const struct tcg_regs *r = tcg_regs();
    const uint8_t *at = tb;
    gva_t pc = *(const gva_t *)(const void *)(at + TB_PC);

    if (find(e, pc) == e->nr_breaks)
        return;
    tcg_movi(r->pc, (int64_t)pc);
    tcg_movi(r->npc, *(const int64_t *)(const void *)(at + TB_NPC));
    tcg_call((void (*)(void))debug_break, NULL, 1,
             (struct tcg_val *[]){r->env});
}
