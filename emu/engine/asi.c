// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Alternate spaces that the archive does not know: version tags (0x90,
 * 0x92), non-faulting loads (0x82 and its kin), block-init stores.
 *
 * The ASI is known at translation, immediate or from %asi alike.
 */
#include <endian.h>
#include <string.h>

#include "adi/tags.h"
#include "emu/engine/fpu.h"
#include "emu/engine/internal.h"

#define ASI_MCD_PRIMARY            0x90
#define ASI_MCD_ST_BLKINIT_PRIMARY 0x92
#define ASI_BLKINIT_MRU_P          0xf2
#define ASI_BLKINIT_MRU_S          0xf3

#define ASI_LITTLE 0x08

static bool is_mcd(int asi)
{
    return asi == ASI_MCD_PRIMARY || asi == ASI_MCD_ST_BLKINIT_PRIMARY;
}

static bool is_nofault(int asi)
{
    return (asi & 0xf6) == 0x82;
}

static bool is_blkinit(int asi)
{
    int big = asi & ~ASI_LITTLE;

    return big == ASI_BLKINIT_MRU_P || big == ASI_BLKINIT_MRU_S;
}

static unsigned memop_size(uint32_t memop)
{
    return 1u << (memop & 3);
}

static uint64_t sign_extend(uint64_t val, uint32_t memop)
{
    unsigned shift = 64 - 8 * memop_size(memop);

    if (!(memop & 4) || shift == 0)
        return val;
    return (uint64_t)((int64_t)(val << shift) >> shift);
}

static _Noreturn void bad(struct engine *e, uint64_t va, enum engine_bad why,
                          uintptr_t ra)
{
    engine_set_ra(e, ra);
    e->ops->bad_access(e->ctx, va, why);
    engine_raise(e, ENGINE_TT_FAULT, ra);
}

static struct mcd_page *find_mcd_page(struct engine *e, uint64_t va, bool store,
                                      uintptr_t ra)
{
    struct mcd_page *mcd = mcd_slot(e, va);
    struct engine_page page;
    enum access_end end;

    engine_set_ra(e, ra);
    end = e->ops->translate_mcd(e->ctx, va, store, &page);
    if (end != ACCESS_DONE)
        engine_raise_access(e, end, ra);
    engine_clear_ra(e);
    e->va_tags |= (uint16_t)(1u << (va >> 60));
    note_filled(&e->mcd_filled, (size_t)(mcd - e->mcd));
    mcd->key = page_align_down(va);
    mcd->tags = frame_tags(e, page.pfn);
    mcd->pfn = page.pfn;
    mcd->writable = page.writable;
    return mcd;
}

/* The page whose tags are accessed, from the cache or translated. */
static inline struct mcd_page *mcd_page(struct engine *e, uint64_t va,
                                        bool store, uintptr_t ra)
{
    struct mcd_page *mcd = mcd_slot(e, va);

    if (likely(mcd->key == page_align_down(va)) && (!store || mcd->writable))
        return mcd;
    return find_mcd_page(e, va, store, ra);
}

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

static inline void set_tag(struct engine *e, const struct mcd_page *mcd,
                           uint64_t va, adi_tag_t tag)
{
    unsigned block = page_offset(va) / ADI_BLKSZ;

    if (mcd->tags[block] != tag) {
        pfn_t pfn = mcd->pfn;
        adi_tag_t *tags = mcd->tags;

        tags[block] = tag;
        if (e->frames[pfn].trusted)
            e->ops->tags_changed(e->ctx, pfn);
        else if (may_be_uniform(tags, block) && tags_uniform(tags) >= 0)
            engine_cool_down(e, pfn);
    }
    e->ops->tag_stored(e->ctx, va, tag);
}

static uint8_t *line_of(struct engine *e, pfn_t pfn, uint64_t va)
{
    return frame_bytes(e, pfn) + (page_offset(va) & ~(unsigned)(ADI_BLKSZ - 1));
}

static void mcd_store(struct engine *e, uint64_t va, uint64_t val, int asi,
                      uintptr_t ra)
{
    const struct mcd_page *mcd = mcd_page(e, va, true, ra);
    pfn_t pfn = mcd->pfn;

    if (engine_watches(e, va))
        e->ops->accessed(e->ctx, va & ~(uint64_t)(ADI_BLKSZ - 1), ADI_BLKSZ,
                         ACCESS_WRITE);
    set_tag(e, mcd, va, val & 15);
    if (asi == ASI_MCD_ST_BLKINIT_PRIMARY) {
        memset(line_of(e, pfn, va), 0, ADI_BLKSZ);
        engine_stored(e, line_of(e, pfn, va), ADI_BLKSZ);
    }
}

static uint64_t nofault_aligned(struct engine *e, uint64_t va, int asi,
                                unsigned size, uintptr_t ra)
{
    struct engine_page page;
    uint8_t bytes[8] = {0};
    enum access_end end;
    uint64_t val;

    engine_set_ra(e, ra);
    end = e->ops->translate(e->ctx, va, ACCESS_READ, &page);
    if (end == ACCESS_WAIT)
        engine_raise_access(e, end, ra);
    if (end == ACCESS_FAULT) {
        e->ops->forget_fault(e->ctx);
        engine_clear_ra(e);
        return 0;
    }
    engine_clear_ra(e);
    if (engine_watches(e, va))
        e->ops->accessed(e->ctx, va, size, ACCESS_READ);
    memcpy(bytes, frame_bytes(e, page.pfn) + page_offset(va), size);
    memcpy(&val, bytes, sizeof(val));
    return asi & ASI_LITTLE ? le64toh(val) : be64toh(val) >> (64 - 8 * size);
}

/* A double of the FPU at 4 bytes: Linux loads two words. */
static bool is_lddfa(struct engine *e, uintptr_t ra)
{
    engine_set_ra(e, ra);
    return (engine_insn_at_pc(e) >> 19 & 0x3f) == 0x33;
}

static uint64_t nofault_load(struct engine *e, uint64_t va, int asi,
                             uint32_t memop, uintptr_t ra)
{
    unsigned size = memop_size(memop);
    uint64_t first, second;

    if (likely(!(va & (size - 1))))
        return sign_extend(nofault_aligned(e, va, asi, size, ra), memop);
    if (va & 3 || !is_lddfa(e, ra))
        return 0;
    first = nofault_aligned(e, va, asi, 4, ra);
    second = nofault_aligned(e, va + 4, asi, 4, ra);
    return asi & ASI_LITTLE ? second << 32 | first : first << 32 | second;
}

uint64_t __wrap_helper_ld_asi_sparc64(void *env, uint64_t va, int asi,
                                      uint32_t memop)
{
    uintptr_t ra = (uintptr_t)__builtin_return_address(0);
    struct engine *e = env_engine(env);
    adi_tag_t tag;

    if (is_nofault(asi))
        return nofault_load(e, va, asi, memop, ra);
    if (va & (memop_size(memop) - 1))
        bad(e, va, BAD_ALIGNMENT, ra);
    if (!is_mcd(asi) || !engine_has(e, CLASS_ADP))
        bad(e, va, BAD_ASI, ra);
    tag = mcd_page(e, va, false, ra)->tags[page_offset(va) / ADI_BLKSZ];
    e->nr_tag_loads++;
    return tag;
}

/*
 * A block-init store: at the start of a line it first zeroes the line, and
 * its tag when tags are not checked there.
 */
void engine_blkinit_store(struct engine *e, uint64_t va, uint64_t val,
                          unsigned size, bool le, uintptr_t ra)
{
    uint8_t *host = engine_stack_bytes(e, va, size, ACCESS_WRITE, ra);
    pfn_t pfn = (pfn_t)((uint64_t)(host - e->ram) / PAGE_SIZE);
    uint8_t bytes[8];

    if ((va & (ADI_BLKSZ - 1)) == 0) {
        struct mcd_page plain = {.tags = frame_tags(e, pfn), .pfn = pfn};

        memset(host, 0, ADI_BLKSZ);
        if (!e->last_mcd && engine_has(e, CLASS_ADP)) {
            engine_set_ra(e, ra);
            set_tag(e, &plain, va, 0);
            engine_clear_ra(e);
        }
    }
    val = le ? htole64(val) : htobe64(val << (64 - 8 * size));
    memcpy(bytes, &val, sizeof(bytes));
    memcpy(host, bytes, size);
    engine_stored(e, line_of(e, pfn, va), ADI_BLKSZ);
}

void __wrap_helper_st_asi_sparc64(void *env, uint64_t va, uint64_t val, int asi,
                                  uint32_t memop)
{
    uintptr_t ra = (uintptr_t)__builtin_return_address(0);
    struct engine *e = env_engine(env);

    if (va & (memop_size(memop) - 1))
        bad(e, va, BAD_ALIGNMENT, ra);
    if (is_mcd(asi) && engine_has(e, CLASS_ADP))
        mcd_store(e, va, val, asi, ra);
    else if (is_blkinit(asi) && engine_has(e, CLASS_ASI_BLK_INIT))
        engine_blkinit_store(e, va, val, memop_size(memop), asi & ASI_LITTLE,
                             ra);
    else
        bad(e, va, BAD_ASI, ra);
}

/*
 * The fields of a doubleword that @mask has a bit for, its lowest bit for the
 * lowest field.  One byte at a time: they are in one page, and in one block.
 */
void fp_partial_store(void *env, uint64_t va, uint64_t val, uint64_t mask,
                      uint64_t asi)
{
    uintptr_t ra = (uintptr_t)__builtin_return_address(0);
    unsigned shift = asi >> 1 & 3; /* log2 of a field's bytes */

    if (va & 7)
        bad(env_engine(env), va, BAD_ALIGNMENT, ra);
    for (unsigned i = 0; i < 8; i++) {
        if (!(mask >> (i >> shift) & 1))
            continue;
        __wrap_helper_ret_stb_mmu_sparc64(
            env, asi & ASI_LITTLE ? va + i : va + 7 - i, val >> 8 * i & 0xff, 0,
            ra);
    }
}
