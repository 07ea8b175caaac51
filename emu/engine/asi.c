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
#include "emu/engine/mcd.h"

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

_Noreturn void engine_bad_access(struct engine *e, uint64_t va,
                                 enum engine_bad why, uintptr_t ra)
{
    engine_set_ra(e, ra);
    e->ops->bad_access(e->ctx, va, why);
    engine_raise(e, ENGINE_TT_FAULT, ra);
}

static uint8_t *line_of(struct engine *e, pfn_t pfn, uint64_t va)
{
    return frame_bytes(e, pfn) + (page_offset(va) & ~(unsigned)(ADI_BLKSZ - 1));
}

static void store_tag(struct engine *e, uint64_t va, adi_tag_t tag, int asi,
                      uintptr_t ra)
{
    pfn_t pfn = engine_set_tag(e, va, tag, ra);

    if (asi != ASI_MCD_ST_BLKINIT_PRIMARY)
        return;
    memset(line_of(e, pfn, va), 0, ADI_BLKSZ);
    engine_stored(e, line_of(e, pfn, va), ADI_BLKSZ);
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

    if (is_nofault(asi))
        return nofault_load(e, va, asi, memop, ra);
    if (va & (memop_size(memop) - 1))
        engine_bad_access(e, va, BAD_ALIGNMENT, ra);
    if (!is_mcd(asi) || !engine_has(e, CLASS_ADP))
        engine_bad_access(e, va, BAD_ASI, ra);
    return engine_get_tag(e, va, ra);
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
        memset(host, 0, ADI_BLKSZ);
        if (!e->last_mcd && engine_has(e, CLASS_ADP))
            engine_zero_tag(e, va, pfn, ra);
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
        engine_bad_access(e, va, BAD_ALIGNMENT, ra);
    if (is_mcd(asi) && engine_has(e, CLASS_ADP))
        store_tag(e, va, val & 15, asi, ra);
    else if (is_blkinit(asi) && engine_has(e, CLASS_ASI_BLK_INIT))
        engine_blkinit_store(e, va, val, memop_size(memop), asi & ASI_LITTLE,
                             ra);
    else
        engine_bad_access(e, va, BAD_ASI, ra);
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
        engine_bad_access(env_engine(env), va, BAD_ALIGNMENT, ra);
    for (unsigned i = 0; i < 8; i++) {
        if (!(mask >> (i >> shift) & 1))
            continue;
        __wrap_helper_ret_stb_mmu_sparc64(
            env, asi & ASI_LITTLE ? va + i : va + 7 - i, val >> 8 * i & 0xff, 0,
            ra);
    }
}
