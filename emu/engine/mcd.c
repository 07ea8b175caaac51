// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Version tags set and read through ASI 0x90.
 *
 * Who set a tag is wanted for reports: the instruction and its callers, which
 * are in register windows and on the stack.  A program sets tags in loops, so
 * the answer is mostly that of the store before.  It is, when the instruction
 * and the current window's %o7, %fp and %i7 are the same, the frames that were
 * read in memory still have these bytes, and nothing has moved: no window, no
 * page, no task.  Then a store is noted here, in the judge's own place, in
 * place of a walk of the stack and three look-ups.
 *
 * The archive has one helper for all ASIs, for which it writes PC and NPC, and
 * looks the next block up after a store.  STXA and LDXA get one of their own,
 * which is called as a load or a store is, and the block that follows is
 * jumped to.
 */
#include <string.h>

#include "adi/tags.h"
#include "emu/engine/emit.h"
#include "emu/engine/internal.h"
#include "emu/engine/mcd.h"

#define OP3_LDXA 0x1b
#define OP3_STXA 0x1e

/* In a window, from its outs on: %o7; %fp, and %i7 beside it. */
#define WINDOW_O7   7
#define WINDOW_FP   22
#define FRAME_BYTES 16

static adi_tag_t *find_tags(struct engine *e, uint64_t va, bool store,
                            uintptr_t ra)
{
    size_t slot = mcd_slot(va);
    struct engine_page page;
    enum access_end end;

    engine_set_ra(e, ra);
    end = e->ops->translate_mcd(e->ctx, va, store, &page);
    if (end != ACCESS_DONE)
        engine_raise_access(e, end, ra);
    engine_clear_ra(e);
    engine_note_tag(e, va);
    note_filled(&e->mcd_filled, slot);
    e->mcd[slot] = (struct mcd_page){.key = page_align_down(va) |
                                            (page.writable ? MCD_WRITABLE : 0),
                                     .tags = frame_tags(e, page.pfn)};
    return e->mcd[slot].tags;
}

/* Those of the page of @va, from the cache or translated; or a trap. */
static inline adi_tag_t *tags_of(struct engine *e, uint64_t va, bool store,
                                 uintptr_t ra)
{
    const struct mcd_page *mcd = &e->mcd[mcd_slot(va)];
    uint64_t key = page_align_down(va);

    if (likely(mcd->key == (key | MCD_WRITABLE) || (!store && mcd->key == key)))
        return mcd->tags;
    return find_tags(e, va, store, ra);
}

static pfn_t frame_of_tags(const struct engine *e, const adi_tag_t *tags)
{
    return (pfn_t)((size_t)(tags - e->tags) / ADI_TAGS_PER_PAGE);
}

/* ------------------------------------------------------------ who it was */

/* It was the instruction at PC: from now on the same can be seen here. */
static void remember_calls(struct engine *e, const struct engine_store *store)
{
    struct last_store *last = &e->last_store;
    const uint64_t *window = *env_pointer(e->env, ENV_REGWPTR);

    last->moves = store->sure ? e->moves : 0;
    last->pc = *env_u64(e->env, ENV_PC);
    last->o7 = window[WINDOW_O7];
    last->window = window;
    *env_u64(e->env, ENV_RESTORED) = 0;
    last->by = store->by;
    last->nr = store->nr;
    last->frame[0] = (const uint8_t *)&window[WINDOW_FP];
    for (unsigned i = 0; i < store->nr; i++)
        last->frame[1 + i] = store->frame[i];
    for (unsigned i = 0; i < 1 + store->nr; i++)
        memcpy(last->was[i], last->frame[i], FRAME_BYTES);
}

static inline uint64_t differs(const struct last_store *last, unsigned i)
{
    uint64_t is[2], was[2];

    memcpy(is, last->frame[i], FRAME_BYTES);
    memcpy(was, last->was[i], FRAME_BYTES);
    return (is[0] ^ was[0]) | (is[1] ^ was[1]);
}

/* Would the stack say the same of the store at @pc as of the last one? */
static inline bool same_calls(const struct engine *e, gva_t pc)
{
    const struct last_store *last = &e->last_store;
    const uint64_t *window = *env_pointer(e->env, ENV_REGWPTR);

    if (unlikely(window != last->window || *env_u64(e->env, ENV_RESTORED)))
        return false;
    /* Where something has moved, these are places of whatever is there. */
    if (unlikely((last->moves ^ e->moves) | (last->pc ^ pc) |
                 (last->o7 ^ window[WINDOW_O7]) | differs(last, 0)))
        return false;
    for (unsigned i = 0; i < last->nr; i++)
        if (unlikely(differs(last, 1 + i)))
            return false;
    return true;
}

/* ------------------------------------------------------------------ a set */

/*
 * A page becomes uniform by a store that makes a block equal to both its
 * neighbours, so only then is it worth looking at all 128.
 */
static bool may_be_uniform(const adi_tag_t *tags, unsigned block)
{
    adi_tag_t tag = tags[block];

    return (block == 0 || tags[block - 1] == tag) &&
           (block == ADI_TAGS_PER_PAGE - 1 || tags[block + 1] == tag);
}

/* The tag of a block has changed, of a page that is not trusted. */
static __attribute__((noinline)) void look_at_hot(struct engine *e, pfn_t pfn,
                                                  unsigned block)
{
    const adi_tag_t *tags = frame_tags(e, pfn);

    if (e->frames[pfn].hot && may_be_uniform(tags, block) &&
        tags_uniform(tags) >= 0)
        engine_cool_down(e, pfn);
}

/* The next store of the same kind goes by mcd_store(). */
static void remember(struct engine *e, uint64_t va, adi_tag_t *tags,
                     const struct engine_store *store)
{
    remember_calls(e, store);
    e->tag_epoch = store->at.epoch;
    e->tag_count = store->at.count;
    e->mcd_notes[mcd_slot(va)] =
        (struct mcd_notes){.key = page_align_down(va),
                           .epoch = *store->at.epoch,
                           .tags = tags,
                           .notes = store->at.notes,
                           .view = &e->frames[frame_of_tags(e, tags)]};
}

/* PC and NPC are right, or e->ra is set. */
static void set_tag(struct engine *e, uint64_t va, pfn_t pfn, adi_tag_t tag,
                    struct engine_store *store)
{
    adi_tag_t *tags = frame_tags(e, pfn);
    unsigned block = page_offset(va) / ADI_BLKSZ;

    if (tags[block] != tag) {
        tags[block] = tag;
        if (e->frames[pfn].trusted)
            e->ops->tags_changed(e->ctx, pfn);
        else
            look_at_hot(e, pfn, block);
    }
    e->last_store.moves = 0;
    e->ops->tag_stored(e->ctx, va, tag, store);
}

void engine_zero_tag(struct engine *e, uint64_t va, pfn_t pfn, uintptr_t ra)
{
    struct engine_store store = {0};

    engine_set_ra(e, ra);
    set_tag(e, va, pfn, 0, &store);
    engine_clear_ra(e);
}

pfn_t engine_set_tag(struct engine *e, uint64_t va, adi_tag_t tag, uintptr_t ra)
{
    adi_tag_t *tags = tags_of(e, va, true, ra);
    pfn_t pfn = frame_of_tags(e, tags);
    struct engine_store store = {0};

    if (engine_watches(e, va))
        e->ops->accessed(e->ctx, va & ~(uint64_t)(ADI_BLKSZ - 1), ADI_BLKSZ,
                         ACCESS_WRITE);
    set_tag(e, va, pfn, tag, &store);
    if (store.at.notes && !e->watching && engine_has_step(e, ENGINE_STEP_TAGS))
        remember(e, va, tags, &store);
    return pfn;
}

adi_tag_t engine_get_tag(struct engine *e, uint64_t va, uintptr_t ra)
{
    const adi_tag_t *tags = tags_of(e, va, false, ra);

    e->nr_tag_loads++;
    return tags[page_offset(va) / ADI_BLKSZ];
}

/* ------------------------------------------------------- translated code */

/* PC and NPC as the archive writes them before it calls a helper. */
static void settle_pc(struct engine *e, uintptr_t ra)
{
    engine_set_ra(e, ra);
    engine_sync_pc(e);
    engine_clear_ra(e);
}

static __attribute__((noinline)) void store_slow(struct engine *e, uint64_t va,
                                                 uint64_t val, uintptr_t ra)
{
    settle_pc(e, ra);
    if (va & 7)
        engine_bad_access(e, va, BAD_ALIGNMENT, ra);
    (void)engine_set_tag(e, va, val & 15, ra);
}

/* A store as before, to a page that the TLB or the hot pages may have. */
static __attribute__((noinline)) void store_seen(struct engine *e, uint64_t va,
                                                 uint64_t val, uintptr_t ra)
{
    const struct mcd_notes *mcd = &e->mcd_notes[mcd_slot(va)];
    unsigned block = page_offset(va) / ADI_BLKSZ;
    adi_tag_t tag = val & 15;

    if (mcd->tags[block] != tag) {
        if (mcd->view->trusted) {
            store_slow(e, va, val, ra);
            return;
        }
        mcd->tags[block] = tag;
        look_at_hot(e, frame_of_tags(e, mcd->tags), block);
    }
    tag_note(mcd->notes, block, tag, e->last_store.by);
    ++*e->tag_count;
}

/* The key of a page, when @va is aligned. */
static inline uint64_t key_of(uint64_t va)
{
    return va & ~(uint64_t)(PAGE_SIZE - 8);
}

void mcd_store(void *env, uint64_t va, uint64_t val, uint64_t pc)
{
    struct engine *e = env_engine(env);
    const struct mcd_notes *mcd = &e->mcd_notes[mcd_slot(va)];
    unsigned block = page_offset(va) / ADI_BLKSZ;
    adi_tag_t tag = val & 15;

    if (unlikely(mcd->key != key_of(va) || mcd->epoch != *e->tag_epoch ||
                 !same_calls(e, pc))) {
        store_slow(e, va, val, (uintptr_t)__builtin_return_address(0));
        return;
    }
    if (unlikely(mcd->view->trusted || mcd->view->hot)) {
        store_seen(e, va, val, (uintptr_t)__builtin_return_address(0));
        return;
    }
    mcd->tags[block] = tag;
    tag_note(mcd->notes, block, tag, e->last_store.by);
    ++*e->tag_count;
}

static __attribute__((noinline)) uint64_t load_slow(struct engine *e,
                                                    uint64_t va, uintptr_t ra)
{
    settle_pc(e, ra);
    if (va & 7)
        engine_bad_access(e, va, BAD_ALIGNMENT, ra);
    return engine_get_tag(e, va, ra);
}

uint64_t mcd_load(void *env, uint64_t va)
{
    uintptr_t ra = (uintptr_t)__builtin_return_address(0);
    struct engine *e = env_engine(env);
    const struct mcd_page *mcd = &e->mcd[mcd_slot(va)];

    if (unlikely((mcd->key & ~MCD_WRITABLE) != key_of(va)))
        return load_slow(e, va, ra);
    e->nr_tag_loads++;
    return mcd->tags[page_offset(va) / ADI_BLKSZ];
}

static uint32_t emit_tag_load(uint32_t word)
{
    struct tcg_val *tag = tcg_temp(), *addr = emit_address(word);

    tcg_call((void (*)(void))mcd_load, tag, 2,
             (struct tcg_val *[]){tcg_regs()->env, addr});
    emit_put('r', RD(word), tag);
    tcg_free(addr);
    tcg_free(tag);
    return WORD_NOP;
}

static uint32_t emit_tag_store(uint32_t word)
{
    struct tcg_val *addr = emit_address(word);
    struct tcg_val *tag = emit_source('r', RD(word));
    struct tcg_val *pc = tcg_const((int64_t)translate_pc());

    tcg_call((void (*)(void))mcd_store, NULL, 4,
             (struct tcg_val *[]){tcg_regs()->env, addr, tag, pc});
    tcg_free(pc);
    emit_free('r', RD(word), tag);
    tcg_free(addr);
    translate_last();
    return WORD_NOP;
}

uint32_t emit_mcd(uint32_t word)
{
    if (!translate_step(ENGINE_STEP_TAGS) || !translate_has(CLASS_ADP))
        return word;
    switch (OP3(word)) {
    case OP3_LDXA: return emit_tag_load(word);
    case OP3_STXA: return emit_tag_store(word);
    default: return word;
    }
}
