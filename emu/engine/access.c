// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loads and stores that miss the inline TLB.
 *
 * A page without tag checks, or whose 128 tags are equal and match, goes
 * into the TLB and is not seen here again.  A page with different tags
 * stays out: it goes into the small cache of hot pages, and each access is
 * checked and done right here.
 */
#include <endian.h>
#include <string.h>

#include "adi/tags.h"
#include "emu/engine/internal.h"

/*
 * An access's alignment, from oi = memop << 4 | mmu index: memop bits 6:4
 * are its log2, 0 for natural alignment.
 */
#define OI_ALIGN(oi) ((oi) >> 8 & 7)
#define OI_STRICT    0x500u /* stricter than natural: 16, 32, 64 bytes */

static uint64_t load_host(const uint8_t *host, unsigned size, bool le)
{
    uint16_t h;
    uint32_t w;
    uint64_t x;

    switch (size) {
    case 1: return *host;
    case 2: memcpy(&h, host, sizeof(h)); return le ? le16toh(h) : be16toh(h);
    case 4: memcpy(&w, host, sizeof(w)); return le ? le32toh(w) : be32toh(w);
    default: memcpy(&x, host, sizeof(x)); return le ? le64toh(x) : be64toh(x);
    }
}

static void store_host(uint8_t *host, uint64_t val, unsigned size, bool le)
{
    uint16_t h;
    uint32_t w;
    uint64_t x;

    switch (size) {
    case 1: *host = (uint8_t)val; return;
    case 2:
        h = le ? htole16((uint16_t)val) : htobe16((uint16_t)val);
        memcpy(host, &h, sizeof(h));
        return;
    case 4:
        w = le ? htole32((uint32_t)val) : htobe32((uint32_t)val);
        memcpy(host, &w, sizeof(w));
        return;
    default: x = le ? htole64(val) : htobe64(val); memcpy(host, &x, sizeof(x));
    }
}

static _Noreturn void raise_access(struct engine *e, enum access_end end,
                                   uintptr_t ra)
{
    if (e->by_words && end == ACCESS_FAULT)
        e->ops->bad_access(e->ctx, e->words_va, BAD_WORDS);
    e->by_words = false;
    engine_raise_access(e, end, ra);
}

/* The word at PC, as it is in memory.  PC is in a page that was fetched; when
 * that must be waited for, so must the instruction. */
uint32_t engine_insn_at_pc(struct engine *e)
{
    struct engine_page page;
    gva_t pc = cpu_pc(e);
    enum access_end end = e->ops->translate(e->ctx, pc, ACCESS_EXEC, &page);
    uint32_t word;

    if (end == ACCESS_WAIT)
        raise_access(e, end, e->ra);
    if (end == ACCESS_FAULT)
        return 0;
    memcpy(&word, frame_bytes(e, page.pfn) + page_offset(pc), sizeof(word));
    return be32toh(word);
}

static bool insn_is_nofault(struct engine *e)
{
    uint32_t insn = engine_insn_at_pc(e);
    unsigned op3 = insn >> 19 & 0x3f;
    unsigned asi = insn >> 5 & 0xff;

    /* Loads from an alternate space with an immediate ASI_PNF or _SNF. */
    return insn >> 30 == 3 && (op3 & 0x10) && !(insn & 0x2000) &&
           (asi & 0xf6) == 0x82;
}

void engine_begin_words(struct engine *e, uint64_t va)
{
    e->by_words = true;
    e->words_va = va;
    e->words_nothing = false;
}

bool engine_end_words(struct engine *e)
{
    e->by_words = false;
    return e->words_nothing;
}

/* How an access that missed is to be done. */
enum route {
    ROUTE_TLB,    /* the page is fit for the TLB: let the archive fill it */
    ROUTE_DIRECT, /* at *host, without the TLB */
    ROUTE_ZERO,   /* a non-faulting load found nothing */
};

static void make_hot(struct engine *e, uint64_t va,
                     const struct engine_page *page)
{
    struct hot_page *hot = hot_slot(e, va);

    note_filled(&e->hot_filled, (size_t)(hot - e->hot));
    hot->key = hot_key(va);
    hot->host = frame_bytes(e, page->pfn);
    hot->tags = frame_tags(e, page->pfn);
    hot->writable = page->writable;
    hot->pfn = page->pfn;
    engine_note_view(e, va, page->pfn)->hot = true;
    if (page->writable)
        engine_note_stores(e, va, page->pfn);
}

/* True when the access goes on although the tags differ. */
static bool goes_on(struct engine *e, uint64_t va, unsigned bytes,
                    enum access access, uintptr_t ra)
{
    if (access == ACCESS_READ && insn_is_nofault(e))
        return true; /* non-faulting loads are never checked */
    if (e->ops->mismatch(e->ctx, va, bytes, access) == MISMATCH_IGNORE)
        return true;
    raise_access(e, ACCESS_FAULT, ra);
}

/* A page whose tags are checked. */
static enum route route_mcd(struct engine *e, uint64_t va, unsigned bytes,
                            enum access access, uintptr_t ra,
                            const struct engine_page *page, bool watched)
{
    adi_tag_t *tags = frame_tags(e, page->pfn);
    adi_tag_t tag = tags[page_offset(va) / ADI_BLKSZ];
    bool uniform = tags_uniform(tags) >= 0;

    if (!uniform)
        e->nr_checked++;
    if (!adi_match(tag, va_tag(va))) {
        (void)goes_on(e, va, bytes, access, ra);
        return ROUTE_DIRECT;
    }
    if (watched)
        return ROUTE_DIRECT;
    if (uniform) {
        engine_trust_tags(e, va, page->pfn);
        return ROUTE_TLB;
    }
    if (!e->frames[page->pfn].code)
        make_hot(e, va, page);
    return ROUTE_DIRECT;
}

static enum route route(struct engine *e, uint64_t va, unsigned bytes,
                        enum access access, uintptr_t ra, uint8_t **host)
{
    struct engine_page page;
    enum route r = ROUTE_TLB;
    enum access_end end;
    bool watched;

    engine_set_ra(e, ra);
    end = e->ops->translate(e->ctx, va, access, &page);
    if (unlikely(end != ACCESS_DONE)) {
        if (end == ACCESS_FAULT && access == ACCESS_READ &&
            insn_is_nofault(e)) {
            e->ops->forget_fault(e->ctx);
            engine_clear_ra(e);
            e->words_nothing = true;
            return ROUTE_ZERO;
        }
        raise_access(e, end, ra);
    }
    e->fill_va = page_align_down(va);
    e->fill = page;
    engine_note_tag(e, va);
    *host = frame_bytes(e, page.pfn) + page_offset(va);
    watched = engine_watches(e, va);
    if (page.mcd)
        r = route_mcd(e, va, bytes, access, ra, &page, watched);
    if (watched || (access == ACCESS_WRITE && e->frames[page.pfn].code))
        r = ROUTE_DIRECT;
    if (watched)
        e->ops->accessed(e->ctx, va, bytes, access);
    engine_clear_ra(e);
    return r;
}

/* A page of the hot cache that this access may use, or NULL. */
static inline struct hot_page *find_hot(struct engine *e, uint64_t va,
                                        uint32_t oi, unsigned size, bool store)
{
    struct hot_page *hot = hot_slot(e, va);

    if (likely(hot->key == hot_key(va)) &&
        likely((va & (size - 1)) == 0 && !(oi & OI_STRICT)) &&
        (!store || hot->writable) &&
        likely(adi_match(hot->tags[page_offset(va) / ADI_BLKSZ], va_tag(va))))
        return hot;
    return NULL;
}

typedef uint64_t (*real_load)(void *env, uint64_t va, uint32_t oi,
                              uintptr_t ra);
typedef void (*real_store)(void *env, uint64_t va, uint64_t val, uint32_t oi,
                           uintptr_t ra);

/*
 * A doubleword of the FPU may be aligned to 4 bytes only (the manual lets
 * the system software do it): two words, each with its own check.
 */
static uint64_t load_two_words(void *env, uint64_t va, uintptr_t ra, bool le)
{
    uint32_t oi = OI_WORD(le);
    uint64_t a, b;

    engine_begin_words(env_engine(env), va);
    a = le ? __wrap_helper_le_ldul_mmu_sparc64(env, va, oi, ra)
           : __wrap_helper_be_ldul_mmu_sparc64(env, va, oi, ra);
    b = le ? __wrap_helper_le_ldul_mmu_sparc64(env, va + 4, oi, ra)
           : __wrap_helper_be_ldul_mmu_sparc64(env, va + 4, oi, ra);

    if (engine_end_words(env_engine(env)))
        return 0;
    return le ? a | b << 32 : a << 32 | b;
}

static void store_two_words(void *env, uint64_t va, uint64_t val, uintptr_t ra,
                            bool le)
{
    uint64_t high = val >> 32, low = val & 0xffffffff;
    uint32_t oi = OI_WORD(le);

    engine_begin_words(env_engine(env), va);
    if (le) {
        __wrap_helper_le_stl_mmu_sparc64(env, va, low, oi, ra);
        __wrap_helper_le_stl_mmu_sparc64(env, va + 4, high, oi, ra);
    } else {
        __wrap_helper_be_stl_mmu_sparc64(env, va, high, oi, ra);
        __wrap_helper_be_stl_mmu_sparc64(env, va + 4, low, oi, ra);
    }
    (void)engine_end_words(env_engine(env));
}

static bool misaligned(uint64_t va, uint32_t oi, unsigned size)
{
    unsigned bits = OI_ALIGN(oi);
    uint64_t align = bits ? UINT64_C(1) << bits : size;

    return (va & (align - 1)) != 0;
}

/* Raises, but for a non-faulting load, which then loads 0. */
static void alignment_trap(struct engine *e, uint64_t va, enum access access,
                           uintptr_t ra)
{
    engine_set_ra(e, ra);
    if (access == ACCESS_READ && insn_is_nofault(e))
        return;
    e->ops->bad_access(e->ctx, va, BAD_ALIGNMENT);
    engine_raise(e, ENGINE_TT_FAULT, ra);
}

static uint64_t load_slow(void *env, uint64_t va, uint32_t oi, uintptr_t ra,
                          unsigned size, bool le, real_load real)
{
    struct engine *e = env_engine(env);
    uint8_t *host;

    if (unlikely(misaligned(va, oi, size))) {
        alignment_trap(e, va, ACCESS_READ, ra);
        return 0;
    }
    if (unlikely(va & (size - 1)))
        return load_two_words(env, va, ra, le);
    switch (route(e, va, size, ACCESS_READ, ra, &host)) {
    case ROUTE_ZERO: return 0;
    case ROUTE_DIRECT: return load_host(host, size, le);
    case ROUTE_TLB: break;
    }
    return real(env, va, oi, ra);
}

static void store_slow(void *env, uint64_t va, uint64_t val, uint32_t oi,
                       uintptr_t ra, unsigned size, bool le, real_store real)
{
    struct engine *e = env_engine(env);
    uint8_t *host;

    if (unlikely(misaligned(va, oi, size)))
        alignment_trap(e, va, ACCESS_WRITE, ra);
    if (unlikely(va & (size - 1))) {
        store_two_words(env, va, val, ra, le);
        return;
    }
    if (route(e, va, size, ACCESS_WRITE, ra, &host) == ROUTE_TLB) {
        real(env, va, val, oi, ra);
        return;
    }
    store_host(host, val, size, le);
    engine_stored(e, host, size);
}

static inline uint64_t load(void *env, uint64_t va, uint32_t oi, uintptr_t ra,
                            unsigned size, bool le, real_load real)
{
    struct engine *e = env_engine(env);
    const struct hot_page *hot = find_hot(e, va, oi, size, false);

    if (unlikely(!hot))
        return load_slow(env, va, oi, ra, size, le, real);
    e->nr_checked++;
    return load_host(hot->host + page_offset(va), size, le);
}

static inline void store(void *env, uint64_t va, uint64_t val, uint32_t oi,
                         uintptr_t ra, unsigned size, bool le, real_store real)
{
    struct engine *e = env_engine(env);
    const struct hot_page *hot = find_hot(e, va, oi, size, true);

    if (unlikely(!hot)) {
        store_slow(env, va, val, oi, ra, size, le, real);
        return;
    }
    e->nr_checked++;
    store_host(hot->host + page_offset(va), val, size, le);
}

#define LOAD(name, size, le)                                                   \
    uint64_t __wrap_helper_##name##_mmu_sparc64(void *env, uint64_t va,        \
                                                uint32_t oi, uintptr_t ra)     \
    {                                                                          \
        return load(env, va, oi, ra, size, le,                                 \
                    __real_helper_##name##_mmu_sparc64);                       \
    }

#define STORE(name, size, le)                                                  \
    void __wrap_helper_##name##_mmu_sparc64(                                   \
        void *env, uint64_t va, uint64_t val, uint32_t oi, uintptr_t ra)       \
    {                                                                          \
        ra = engine_after_store(ra, __builtin_return_address(0));              \
        store(env, va, val, oi, ra, size, le,                                  \
              __real_helper_##name##_mmu_sparc64);                             \
    }

LOAD(ret_ldub, 1, false)
LOAD(be_lduw, 2, false)
LOAD(be_ldul, 4, false)
LOAD(be_ldq, 8, false)
LOAD(le_lduw, 2, true)
LOAD(le_ldul, 4, true)
LOAD(le_ldq, 8, true)
STORE(ret_stb, 1, false)
STORE(be_stw, 2, false)
STORE(be_stl, 4, false)
STORE(be_stq, 8, false)
STORE(le_stw, 2, true)
STORE(le_stl, 4, true)
STORE(le_stq, 8, true)
