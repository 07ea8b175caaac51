/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/internal.h - struct engine, for this folder
 */
#pragma once

#include <unicorn/unicorn.h>

#include "adi/match.h"
#include "base/invariant.h"
#include "emu/engine/archive.h"
#include "emu/engine/cpu.h"
#include "emu/engine/engine.h"
#include "emu/engine/env.h"
#include "emu/engine/insns.h"
#include "emu/engine/steps.h"

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/*
 * A page with different tags, or one that the window code uses: kept out of
 * the inline TLB, checked and accessed right in the wrappers.
 */
struct hot_page {
    uint64_t key; /* va of the page without tag bits; HOT_NONE: empty */
    uint8_t *host;
    adi_tag_t *tags;
    bool writable;
    pfn_t pfn;
};

#define HOT_PAGES 2048
#define HOT_NONE  UINT64_C(0x1000) /* no page, aligned or not */

/* Pages under which a frame is in a TLB. */
struct cached {
    gva_t va; /* the last one */
    bool any;
    bool aliased; /* more than one */
};

/*
 * What the TLBs know about a frame.
 *
 * A frame of code is not in a TLB for stores, of this CPU or another: each of
 * them is seen, and the blocks that it changes are translated again.
 *
 * Whether tags are trusted, and what is code, is the same for all CPUs.
 */
struct frame_view {
    gva_t va;             /* page under which it was seen last */
    bool uniform;         /* in our TLB, on the strength of its one tag */
    bool trusted;         /* in that of any CPU, on the same */
    bool hot;             /* among the hot pages */
    bool aliased;         /* seen under more than one page */
    bool code;            /* some CPU has read instructions from it */
    uint8_t code_stores;  /* of any, since then */
    struct cached stores; /* in a TLB for stores */
    struct cached fetches;
};

/* A page that holds register windows: no tags, so nothing to check. */
struct stack_page {
    uint64_t key;
    uint8_t *host;
};

#define STACK_PAGES 4

#define ASI_MCD_PRIMARY 0x90

/* A page whose tags are being set or read through an MCD ASI. */
struct mcd_page {
    uint64_t key; /* va of the page, MCD_WRITABLE */
    adi_tag_t *tags;
};

/* One whose tags are being set, and where that is noted. */
struct mcd_notes {
    uint64_t key; /* va of the page */
    uint64_t epoch;
    adi_tag_t *tags;
    struct tag_notes *notes; /* while *tag_epoch is @epoch */
    const struct frame_view *view;
    uint64_t unused[3]; /* a line of the host's cache */
};

#define MCD_PAGES    1024
#define MCD_WRITABLE UINT64_C(0x800)

/*
 * Who set the last tag, and what that was seen by (mcd.c): good until
 * something moves.
 */
struct last_store {
    uint64_t moves; /* of the engine then; 0: none */
    gva_t pc;
    uint64_t o7;
    const uint64_t *window; /* that was current: REGWPTR */
    uint32_t by;
    unsigned nr; /* frames in memory */
    /* %fp and %i7: of the window, then in memory */
    const uint8_t *frame[1 + STORE_FRAMES];
    uint8_t was[1 + STORE_FRAMES][16];
};

/* Where the block of @pc begins (jump.c). */
struct jump {
    uint64_t pc;
    void *code;
};

/* Slots of a cache that were filled since it was emptied, while they are few:
 * a short turn uses few, and emptying it is then short. */
#define FILLED_MAX 32

struct filled {
    unsigned nr; /* more than FILLED_MAX: any of them */
    uint16_t slot[FILLED_MAX];
};

static inline void note_filled(struct filled *f, size_t slot)
{
    if (f->nr < FILLED_MAX)
        f->slot[f->nr] = (uint16_t)slot;
    f->nr += f->nr <= FILLED_MAX;
}

#define FEW_FILLS 16 /* pages in the TLB */

/* Sets of the tags under which pages were filled, by their numbers. */
#define TAG_SETS 2048

#define JUMPS       2048 /* of one address space in one state */
#define JUMP_STATES 8

/* Slots that were filled since the last time that all were empty. */
#define JUMP_FILLS 256

/*
 * The jumps of one address space.  Those of the last few are kept, as a TLB
 * with contexts keeps translations, since a short turn has no time to find
 * them again.
 */
struct jump_space {
    uint32_t id;
    uint64_t pages;     /* a bit for each page that they are from, hashed */
    unsigned nr_filled; /* more than JUMP_FILLS: any of them */
    uint16_t filled[JUMP_FILLS]; /* slots of jumps[] */
};

#define JUMP_SPACES 16

/* Lists of the instructions of insns.def, for decode.c. */
#define INSN_BUCKETS 129
#define MAX_INSNS    400

struct tcg_helper;

struct engine {
    uc_engine *uc;
    void *tcg; /* TCGContext */
    void *cpu; /* CPUState */
    void *env; /* CPUSPARCState */
    const struct engine_ops *ops;
    void *ctx;
    uint8_t *ram;
    uint64_t ram_bytes;
    pfn_t nr_frames;
    adi_tag_t *tags;
    bool mcde;
    bool mcdper;
    uint64_t nr_checked;
    uint64_t nr_tag_loads;
    const uint64_t *tag_epoch; /* see struct tag_noting */
    uint64_t *tag_count;
    uint64_t no_epoch;
    uint64_t moves; /* of windows, pages and tasks */
    struct last_store last_store;
    bool last_mcd; /* the page of the last engine_stack_bytes() has tags */

    struct hot_page hot[HOT_PAGES];
    struct stack_page stack[STACK_PAGES];
    struct mcd_page mcd[MCD_PAGES];
    struct mcd_notes mcd_notes[MCD_PAGES];
    struct filled hot_filled, mcd_filled;
    struct frame_view *frames;
    struct jump jumps[JUMP_SPACES][JUMP_STATES * JUMPS];
    struct jump_space jump_spaces[JUMP_SPACES];
    struct jump_space *jump_space; /* of what runs */
    unsigned next_jump_space;      /* whose place is taken next */
    uint64_t jump_states[JUMP_STATES];
    unsigned nr_jump_states;
    unsigned jump_resets;
    void *way_out; /* where translated code ends, once it is known */
    uint64_t tags_filled[TAG_SETS]; /* generation << 16 | tag nibbles */
    uint64_t tag_generation;        /* of the TLB, << 16 */
    unsigned nr_fills;              /* since the last flush of everything */
    uint64_t fills[FEW_FILLS];      /* pages of the first of them */
    unsigned nr_flushes;            /* of pages, since the last fill */
    bool tlb_empty; /* nothing was filled since everything was flushed */

    /* The translation that the wrapper has just made, for the fill hook. */
    uint64_t fill_va;
    struct engine_page fill;

    /*
     * While an access is made of words as Linux makes it, in a trap: where it
     * begins, as a fault of any of its words says that.
     */
    bool by_words;
    uint64_t words_va;
    bool words_nothing; /* a non-faulting load of one found nothing */

    uintptr_t ra; /* return address whose PC is not restored yet, or 0 */
    gva_t entry_npc;
    bool entering;
    volatile int kicked;
    bool stopping;
    const char *error;

    uint64_t classes; /* CLASS_ of the instructions that it has */
    unsigned steps;   /* for speed: steps.h */
    uint16_t insn_first[INSN_BUCKETS]; /* 1 more than the index, or 0 */
    uint16_t insn_next[MAX_INSNS];
    struct tcg_helper *helpers;

    gva_t *breaks; /* owned; see debug.h */
    size_t nr_breaks;
    bool watching;

    bool clock;
    bool tell_code;
    bool single;
    uint64_t clock_base; /* instructions when the budget was set */
    uint64_t budget;     /* what it was set to */
    uint64_t ahead;      /* of the block of a helper that runs, not begun */

    /* Offsets that the translator gives, checked against env.h. */
    unsigned regs_seen;
    const char *bad_reg;
};

/* Has the CPU all of these CLASS_? */
static inline bool engine_has(const struct engine *e, uint64_t classes)
{
    return !(classes & ~e->classes);
}

/* Is this step on? */
static inline bool engine_has_step(const struct engine *e,
                                   enum engine_step step)
{
    return engine_steps_have(e->steps, step);
}

/* A helper begins, called from @ra; it ends, or PC and NPC are right. */
static inline void engine_set_ra(struct engine *e, uintptr_t ra)
{
    e->ra = ra;
    e->ahead = 0;
}

static inline void engine_clear_ra(struct engine *e)
{
    engine_set_ra(e, 0);
}

/* A window, a page or a task may be elsewhere: struct last_store */
static inline void engine_moved(struct engine *e)
{
    e->moves++;
}

/* clock.c: PC and NPC of the instruction that is being executed, into env. */
void engine_sync_pc(struct engine *e);

_Noreturn void engine_raise(struct engine *e, unsigned tt, uintptr_t ra);

/* The trap of an access that ended with @end, which is not ACCESS_DONE. */
_Noreturn void engine_raise_access(struct engine *e, enum access_end end,
                                   uintptr_t ra);

static inline uint8_t *frame_bytes(const struct engine *e, pfn_t pfn)
{
    return e->ram + (uint64_t)pfn * PAGE_SIZE;
}

static inline adi_tag_t *frame_tags(const struct engine *e, pfn_t pfn)
{
    return e->tags + (uint64_t)pfn * ADI_TAGS_PER_PAGE;
}

static inline size_t mcd_slot(uint64_t va)
{
    return va >> PAGE_SHIFT & (MCD_PAGES - 1);
}

/* Pages with tags are known by the bits below the tag. */
static inline uint64_t hot_key(uint64_t va)
{
    return page_align_down(va) & (UINT64_MAX >> 4);
}

/*
 * The page of @va gets into the TLB or a cache: a flush of it looks under its
 * tag from now on.  Pages whose numbers meet share a set of tags, which costs
 * a flush of nothing.
 */
static inline void engine_note_tag(struct engine *e, uint64_t va)
{
    uint64_t *set = &e->tags_filled[va >> PAGE_SHIFT & (TAG_SETS - 1)];

    if (*set >> 16 != e->tag_generation >> 16)
        *set = e->tag_generation;
    *set |= UINT64_C(1) << (va >> 60);
}

/* The tags under which the page of @va may be there. */
static inline unsigned engine_tags_of(const struct engine *e, uint64_t va)
{
    uint64_t set = e->tags_filled[va >> PAGE_SHIFT & (TAG_SETS - 1)];

    return set >> 16 == e->tag_generation >> 16 ? set & 0xffff : 0;
}

static inline struct hot_page *hot_slot(struct engine *e, uint64_t va)
{
    return &e->hot[va >> PAGE_SHIFT & (HOT_PAGES - 1)];
}

/* tlb.c */
/* oi of a word, aligned to 4, in this byte order: memop << 4 | the user's MMU
 * index. */
#define OI_WORD(little)                                                        \
    ((uint32_t)(2 | ((little) == (BYTE_ORDER == LITTLE_ENDIAN) ? 0 : 8)) << 4)

/*
 * engine_begin_words - what follows, to engine_end_words(), is one access to
 * @va that the kernel makes word by word for the program
 *
 * A fault of it is that of sun4v_data_access_exception(): SIGSEGV, SEGV_MAPERR
 * at @va.  Source: Linux v6.2 arch/sparc/kernel/unaligned_64.c
 * handle_ldf_stq(), handle_lddfmna(), handle_stdfmna().
 */
void engine_begin_words(struct engine *e, uint64_t va);
/* True when a non-faulting load of any of them found nothing. */
bool engine_end_words(struct engine *e);

bool engine_fill_hook(uc_engine *uc, uint64_t va, uc_mem_type type,
                      uc_tlb_entry *entry, void *ctx);
struct frame_view *engine_note_view(struct engine *e, uint64_t va, pfn_t pfn);
/* A page is about to be in the TLB, as its tags are all the same. */
void engine_trust_tags(struct engine *e, uint64_t va, pfn_t pfn);
void engine_cool_down(struct engine *e, pfn_t pfn);
/* A writable page is about to be cached under @va. */
void engine_note_stores(struct engine *e, uint64_t va, pfn_t pfn);
/* [host, host + size) of a frame was written past the TLB. */
void engine_stored(struct engine *e, const uint8_t *host, unsigned size);
/* engine_init_caches - of an engine that is new: empty */
void engine_init_caches(struct engine *e);

/* jump.c: blocks may have changed. */
void engine_jumps_changed(struct engine *e);
/* The translation of all pages, or of one, in an address space may have. */
void engine_jumps_flush(struct engine *e, struct jump_space *space);
void engine_jumps_flush_page(struct engine *e, struct jump_space *space,
                             uint64_t va);
/* The space with that number, or NULL: it has no jumps. */
struct jump_space *engine_jumps_find(struct engine *e, uint32_t id);
void engine_jumps_init(struct engine *e);
/* The CPU's state block, which was written over, knows its jumps again. */
void engine_jumps_attach(struct engine *e);
/* What runs from now on is in that one. */
void engine_jumps_enter(struct engine *e, uint32_t id);
/* A block is about to be translated. */
void engine_jumps_translated(struct engine *e);
/* Which part of a space's jumps[] is for the state that the CPU is in, counted
 * in JUMPS; -1: none. */
int engine_jumps_state(struct engine *e);

/* JUMPS are looked up in jumps[] by this offset, inline too (emit_jump.c). */
static inline uint64_t jump_offset(uint64_t pc)
{
    return (pc << 2 ^ pc >> 9) & (JUMPS - 1) * sizeof(struct jump);
}

/* access.c: for the other wrappers. */
uint32_t engine_insn_at_pc(struct engine *e);

/*
 * window.c: what emit_window.c makes moves REGWPTR alone.  CWP, CANSAVE and
 * CANRESTORE are right again from windows_settle() on; who has changed them
 * calls windows_changed().
 */
static inline void windows_settle(void *env)
{
    unsigned cwp = env_cwp(env), saved = *env_u32(env, ENV_CWP) - cwp;

    if (saved == 0)
        return;
    *env_u32(env, ENV_CANSAVE) -= saved;
    *env_u32(env, ENV_CANRESTORE) += saved;
    *env_u32(env, ENV_CWP) = cwp;
}

void windows_changed(void *env);

/* window.c: a SAVE or RESTORE; @word 0: but for the registers it names */
void window_save(void *env, uint64_t word);
void window_restore(void *env, uint64_t word);

/* window.c: the host's bytes of [va, va + len), which is in one page. */
uint8_t *engine_stack_bytes(struct engine *e, uint64_t va, unsigned len,
                            enum access access, uintptr_t ra);

/* asi.c: the trap of an access that fails whatever is mapped there */
_Noreturn void engine_bad_access(struct engine *e, uint64_t va,
                                 enum engine_bad why, uintptr_t ra);

/* asi.c: a store to a block-init ASI, at any alignment that fits @size. */
void engine_blkinit_store(struct engine *e, uint64_t va, uint64_t val,
                          unsigned size, bool le, uintptr_t ra);

/* emulate.c: true when the instruction at PC was done, and skipped. */
bool engine_emulate(struct engine *e);

/* decode.c: the instructions of insns.def; Returns 0 or -ENOMEM */
int engine_insns_open(struct engine *e);

/* flags.c: this instruction comes next */
void engine_flags_insn(uint32_t word);

/* fuse.c: a block begins, this instruction of it comes next, it has ended */
void engine_fuse_begin(void);
void engine_fuse_insn(uint32_t word);
void engine_fuse_end(void);

/*
 * calls.c: a return address that is not one; it is where the jump goes that
 * is behind the call of the helper.
 */
#define ENGINE_RA_BEHIND 1

/* @ra, of a store's helper that returns to @ret, or what it stands for. */
static inline uintptr_t engine_after_store(uintptr_t ra, const void *ret)
{
    const uint8_t *jmp = ret;
    int32_t distance;

    if (likely(ra != ENGINE_RA_BEHIND))
        return ra;
    memcpy(&distance, jmp + 1, sizeof(distance));
    return (uintptr_t)(jmp + 5 + distance);
}

/* dead.c: this instruction comes next; it is translated */
void engine_dead_fetch(uint32_t word);
void engine_dead_insn(void);
/* dead.c: the block ends in a branch */
void engine_dead_codes(void);
/* dead.c: the result of which there may be the operands alone */
void engine_make_result(void *env);

/* jump.c: what emit_jump.c calls for a target that is not aligned */
_Noreturn void jump_not_aligned(void *env);

/* emit_jump.c: this instruction comes next */
void engine_jump_insn(uint32_t word);

/* clock.c: at the start and the end of a block that is translated */
void engine_clock_start(const void *tb);
void engine_clock_stop(const void *db);
/* Its length is where the archive keeps it. */
void engine_clock_check(const void *tb, const void *db);

/* debug.c: at the start of a block that is translated; what that calls */
void debug_break(void *env);
void engine_debug_start(const struct engine *e, const void *tb);

/* debug.c: is the page of @va watched? */
static inline bool engine_watches(const struct engine *e, uint64_t va)
{
    return unlikely(e->watching) && e->ops->watched(e->ctx, va);
}

/* selftest.c: NULL, or a sentence that says what does not work. */
const char *engine_selftest(struct engine *e);
