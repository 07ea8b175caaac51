/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/engine.h - a SPARC64 processor
 *
 * Owns:    struct engine: the CPU and its TLB
 * Used by: emu/ above it
 *
 * The engine runs guest code and asks for translations.  What a trap means
 * is the business of the functions in engine_ops.
 */
#pragma once

#include "adi/notes.h"
#include "emu/engine/insns.h"
#include "mm/types.h"

struct engine;

/* A page that the guest may access, as the engine needs to know it. */
struct engine_page {
    pfn_t pfn;
    bool writable; /* stores need no fault */
    bool mcd;      /* PSTATE.mcde and TTE.mcd: tags are checked */
};

/* What happens with an access whose tags do not match. */
enum engine_mismatch {
    MISMATCH_TRAP,   /* precise: nothing was done, the trap is pending */
    MISMATCH_IGNORE, /* disrupting: the store takes effect, the trap later */
};

/* An access that fails whatever is mapped there. */
enum engine_bad {
    BAD_ALIGNMENT, /* mem_address_not_aligned */
    BAD_ASI,       /* data_access_exception: no such ASI, or not for this */
    BAD_WORDS,     /* what Linux says when it cannot make it word by word */
};

/* Frames of calls in memory, at most. */
#define STORE_FRAMES 4

/*
 * What a store of a tag was noted by and where, so that the engine can do it
 * itself the next time.  It does that on a page of @at and as long as who
 * stores is known to be the same, with these in memory beside registers.
 */
struct engine_store {
    uint32_t by;
    struct tag_noting at; /* notes NULL: never */
    bool sure;            /* @frame is all that it was seen by */
    unsigned nr;
    const uint8_t *frame[STORE_FRAMES]; /* of the host, 16 bytes each */
};

/*
 * Asked by the engine while the guest runs.  After ACCESS_FAULT the fault is
 * remembered; the engine raises ENGINE_TT_FAULT, and trap() finds it.  After
 * ACCESS_WAIT it raises ENGINE_TT_WAIT.
 */
struct engine_ops {
    /* Translate @va (with its tag bits) for @access. */
    enum access_end (*translate)(void *ctx, uint64_t va, enum access access,
                                 struct engine_page *page);
    /* Translate for an MCD ASI: tags are read, or written. */
    enum access_end (*translate_mcd)(void *ctx, uint64_t va, bool store,
                                     struct engine_page *page);
    /* @bytes: of the access; @va is the first that does not match. */
    enum engine_mismatch (*mismatch)(void *ctx, uint64_t va, unsigned bytes,
                                     enum access access);
    /* Remember the fault: no translation is the reason. */
    void (*bad_access)(void *ctx, uint64_t va, enum engine_bad why);
    /* The guest set a tag.  @out: zeroed. */
    void (*tag_stored)(void *ctx, uint64_t va, adi_tag_t tag,
                       struct engine_store *out);
    /*
     * What every CPU must know, this one too: before these return, engine_
     * and the same name was called for each.
     */
    void (*tags_trusted)(void *ctx, pfn_t pfn);
    void (*tags_changed)(void *ctx, pfn_t pfn);
    void (*code_read)(void *ctx, pfn_t pfn);
    void (*code_changed)(void *ctx, pfn_t pfn, unsigned offset, unsigned bytes);
    /* The fault just remembered is not wanted: a non-faulting load. */
    void (*forget_fault)(void *ctx);
    /* A trap was taken: PC and NPC are those of the instruction. */
    void (*trap)(void *ctx, unsigned tt);
    /* Between two blocks, after engine_kick(). */
    void (*poll)(void *ctx);
    uint64_t (*tick)(void *ctx); /* %tick */
    /* An instruction is translated; @first: of a block.  Asked only with
     * engine_config.tell_code. */
    void (*translated)(void *ctx, uint64_t pc, uint32_t word, bool first);
    /* emu/engine/debug.h: does the program stop in front of @pc? */
    bool (*breakpoint)(void *ctx, gva_t pc);
    /* Is the page of @va to be kept out of the TLB? */
    bool (*watched)(void *ctx, uint64_t va);
    /* Bytes of such a page were accessed, or are about to; or tags set. */
    void (*accessed)(void *ctx, uint64_t va, unsigned bytes,
                     enum access access);
};

#define TT_ILLEGAL 0x10 /* illegal_instruction */

/* Trap numbers of the engine itself, beside those of SPARC V9. */
#define ENGINE_TT_FAULT 0x1c /* a remembered fault */
#define ENGINE_TT_CLOCK 0x1b /* the instruction clock ran out */
#define ENGINE_TT_WAIT  0x1a /* the page is not there yet */
#define ENGINE_TT_BREAK 0x19 /* engine_ops.breakpoint() said so */

struct engine_config {
    uint8_t *ram; /* borrowed; physical address 0 */
    uint64_t ram_bytes;
    adi_tag_t *tags; /* borrowed; ADI_TAGS_PER_PAGE for each frame */
    const struct engine_ops *ops;
    void *ctx;
    bool clock;       /* translate with the instruction clock in each block */
    bool tell_code;   /* engine_ops.translated */
    bool single;      /* each block one instruction, while the clock runs */
    uint64_t classes; /* CLASS_ of insns.h: what the CPU has */
    unsigned steps;   /* for speed: steps.h */
};

/*
 * engine_create - a CPU in user mode, all registers 0
 *
 * @why: on error, gets a sentence for the user
 * Returns NULL when Unicorn cannot be opened or is not laid out as 2.1.3.
 */
struct engine *engine_create(const struct engine_config *config,
                             const char **why);
void engine_destroy(struct engine *e);

/*
 * engine_run - run from the CPU's PC and NPC until engine_stop()
 *
 * Returns 0, or -EIO when Unicorn gave up; engine_error() says why.
 */
MUST_CHECK int engine_run(struct engine *e);
const char *engine_error(const struct engine *e);

/* engine_stop - engine_run() returns after the function that called this */
void engine_stop(struct engine *e);

/* engine_kick - have poll() called soon; safe in a signal handler */
void engine_kick(struct engine *e);

/* engine_checked - accesses whose tags were checked one by one */
uint64_t engine_checked(const struct engine *e);

/* engine_tag_loads - tags read through an MCD ASI */
uint64_t engine_tag_loads(const struct engine *e);

/* PSTATE.mcde: pointers carry tags, and MCD pages are checked. */
void engine_set_mcde(struct engine *e, bool on);

/* %mcdper: stores trap precisely.  The program may change it. */
void engine_set_mcdper(struct engine *e, bool on);
bool engine_mcdper(const struct engine *e);

/*
 * engine_insn_name - of the instructions that insns.def has
 *
 * @form:  gets its registers, as there
 * @newer: it is not one of every V9 CPU
 * Returns NULL when it is none of them.
 */
const char *engine_insn_name(uint32_t word, const char **form, bool *newer);

/* ------------------------------------------------------------- the TLB */

/* engine_flush_page - forget translations of @va under every tag */
void engine_flush_page(struct engine *e, gva_t va);
void engine_flush_all(struct engine *e);

/*
 * engine_enter_space - what runs from now on is in address space @id
 *
 * The TLB is emptied; of the space some is kept for when it comes back.
 */
void engine_enter_space(struct engine *e, uint32_t id);

/* engine_flush_space - the same of one that does not run on this CPU */
void engine_flush_space_page(struct engine *e, uint32_t id, gva_t va);
void engine_flush_space(struct engine *e, uint32_t id);

/*
 * engine_tags_trusted - the TLB of a CPU has a page of this frame, because all
 * its tags are the same
 *
 * Until engine_tags_changed(), who changes one tells engine_ops.tags_changed.
 */
void engine_tags_trusted(struct engine *e, pfn_t pfn);

/* engine_tags_changed - tags of a frame changed, whoever did it */
void engine_tags_changed(struct engine *e, pfn_t pfn);

/*
 * engine_code_read - a CPU has read instructions from this frame
 *
 * Until engine_code_changed() has made it data again, who stores to it tells
 * engine_ops.code_changed.
 */
void engine_code_read(struct engine *e, pfn_t pfn);

/*
 * engine_code_changed - bytes of a frame changed, whoever did it
 *
 * A frame of which all bytes changed is data, and so is one that a CPU has
 * stored to often.
 */
void engine_code_changed(struct engine *e, pfn_t pfn, unsigned offset,
                         unsigned bytes);

/* ----------------------------------------------------------- the clock */

/* engine_insns - instructions that are done; 0 without the clock */
uint64_t engine_insns(struct engine *e);

/* engine_has_clock - does it run? */
bool engine_has_clock(const struct engine *e);

/* engine_start_clock - from here on it runs, whatever engine_create() said;
 * all CPUs begin at once, as their code is translated again */
void engine_start_clock(struct engine *e);

/* engine_set_deadline - trap ENGINE_TT_CLOCK before the first block that
 * begins @insns from now, or later; in front of the next one never */
void engine_set_deadline(struct engine *e, uint64_t insns);
