// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Register windows, spilled to and filled from the stack without a trap.
 *
 * Windows are numbered as the archive does: SAVE decreases CWP.  The kernel
 * spills with the program's own rights, so tags are checked and a bad
 * stack pointer is a fault of the instruction that needed the window.
 */
#include <endian.h>
#include <string.h>

#include "emu/engine/emit.h"
#include "emu/engine/internal.h"

#define STACK_BIAS   2047
#define WINDOW_REGS  16
#define WINDOW_BYTES (WINDOW_REGS * 8u)

/* After a fault-free spill, windows that go along: the next overflows. */
#define SPILL_BATCH 4

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* To the last window and from it registers are copied: not by translated
 * code. */
void windows_changed(void *env)
{
    unsigned cwp = *env_u32(env, ENV_CWP), saves = 0, restores = 0;
    uint64_t **limit = env_pointer(env, ENV_NO_SAVE);
    uint64_t *at = *env_pointer(env, ENV_REGWPTR);

    if (likely(cwp < NWINDOWS - 1)) {
        saves = least(*env_u32(env, ENV_CANSAVE), cwp);
        restores = least(*env_u32(env, ENV_CANRESTORE), NWINDOWS - 2 - cwp);
    }
    *limit = at - 16 * saves;
    limit = env_pointer(env, ENV_NO_RESTORE);
    *limit = at + 16 * restores;
}

static unsigned next_older(unsigned cwp)
{
    return (cwp + 1) % NWINDOWS;
}

static unsigned oldest_window(void *env)
{
    return (*env_u32(env, ENV_CWP) + *env_u32(env, ENV_CANRESTORE)) % NWINDOWS;
}

/* Every block of [va, va + len) must match.  Raises when one does not. */
static void check_tags(struct engine *e, uint64_t va, unsigned len,
                       enum access access, uintptr_t ra,
                       const struct engine_page *page)
{
    const adi_tag_t *tags = frame_tags(e, page->pfn);
    unsigned first = page_offset(va) / ADI_BLKSZ;
    unsigned last = (page_offset(va) + len - 1) / ADI_BLKSZ;

    for (unsigned i = first; i <= last; i++) {
        uint64_t at = page_align_down(va) + i * ADI_BLKSZ;

        if (adi_match(tags[i], va_tag(va)))
            continue;
        if (e->ops->mismatch(e->ctx, at < va ? va : at, len, access) !=
            MISMATCH_IGNORE)
            engine_raise(e, ENGINE_TT_FAULT, ra);
    }
}

uint8_t *engine_stack_bytes(struct engine *e, uint64_t va, unsigned len,
                            enum access access, uintptr_t ra)
{
    struct stack_page *stack = &e->stack[va >> PAGE_SHIFT & (STACK_PAGES - 1)];
    struct engine_page page;
    enum access_end end;
    bool watched;

    e->last_mcd = false;
    if (likely(stack->key == page_align_down(va)))
        return stack->host + page_offset(va);
    engine_set_ra(e, ra);
    end = e->ops->translate(e->ctx, va, access, &page);
    if (end != ACCESS_DONE)
        engine_raise_access(e, end, ra);
    watched = engine_watches(e, va);
    if (page.mcd) {
        e->last_mcd = true;
        check_tags(e, va, len, access, ra, &page);
    } else if (page.writable && !e->frames[page.pfn].code && !watched) {
        stack->key = page_align_down(va);
        stack->host = frame_bytes(e, page.pfn);
        engine_note_stores(e, va, page.pfn);
        engine_note_tag(e, va);
    }
    if (watched)
        e->ops->accessed(e->ctx, va, len, access);
    engine_clear_ra(e);
    return frame_bytes(e, page.pfn) + page_offset(va);
}

/* A window's save area, in one piece or in two when it crosses a page. */
struct area {
    uint8_t *part[2];
    unsigned regs; /* in the first part */
};

static struct area find_area(struct engine *e, uint64_t sp, enum access access,
                             uintptr_t ra)
{
    uint64_t va = sp + STACK_BIAS;
    uint64_t room = PAGE_SIZE - page_offset(va);
    struct area area = {.regs = WINDOW_REGS};

    if (va & 7) {
        engine_set_ra(e, ra);
        e->ops->bad_access(e->ctx, va, BAD_ALIGNMENT);
        engine_raise(e, ENGINE_TT_FAULT, ra);
    }
    if (room < WINDOW_BYTES)
        area.regs = (unsigned)(room / 8);
    area.part[0] = engine_stack_bytes(e, va, area.regs * 8, access, ra);
    if (area.regs < WINDOW_REGS)
        area.part[1] = engine_stack_bytes(
            e, va + room, WINDOW_BYTES - area.regs * 8, access, ra);
    /* Making room for the second part may have moved the first. */
    if (area.regs < WINDOW_REGS)
        area.part[0] = engine_stack_bytes(e, va, area.regs * 8, access, ra);
    return area;
}

/* Eight at a time lie together: locals, ins. */
static void put_eight(uint8_t *to, const uint64_t *regs)
{
    for (unsigned i = 0; i < 8; i++) {
        uint64_t reg = htobe64(regs[i]);

        memcpy(to + 8 * i, &reg, sizeof(reg));
    }
}

static void put_window(uint8_t *to, void *env, unsigned cwp)
{
    put_eight(to, env_window(env, cwp, 8));
    put_eight(to + 64, env_window(env, cwp, 16));
}

static void get_eight(uint64_t *regs, const uint8_t *from)
{
    for (unsigned i = 0; i < 8; i++) {
        uint64_t reg;

        memcpy(&reg, from + 8 * i, sizeof(reg));
        regs[i] = be64toh(reg);
    }
}

static void spill(struct engine *e, unsigned cwp, uintptr_t ra)
{
    uint64_t sp = *env_window(e->env, cwp, 6);
    struct area area = find_area(e, sp, ACCESS_WRITE, ra);
    bool whole = area.regs == WINDOW_REGS;
    uint8_t bytes[WINDOW_BYTES];

    if (whole) {
        put_window(area.part[0], e->env, cwp);
    } else {
        put_window(bytes, e->env, cwp);
        memcpy(area.part[0], bytes, 8 * area.regs);
        memcpy(area.part[1], bytes + 8 * area.regs,
               WINDOW_BYTES - 8 * area.regs);
    }
    engine_stored(e, area.part[0], 8 * area.regs);
    if (!whole)
        engine_stored(e, area.part[1], WINDOW_BYTES - 8 * area.regs);
    (*env_u32(e->env, ENV_CANSAVE))++;
    (*env_u32(e->env, ENV_CANRESTORE))--;
}

/* Would this window go without a translation? */
static bool spills_freely(struct engine *e, unsigned cwp)
{
    uint64_t va = *env_window(e->env, cwp, 6) + STACK_BIAS;

    return (va & 7) == 0 && PAGE_SIZE - page_offset(va) >= WINDOW_BYTES &&
           e->stack[va >> PAGE_SHIFT & (STACK_PAGES - 1)].key ==
               page_align_down(va);
}

/*
 * cpu_set_cwp() of the archive, which knows less: the outs of the last window
 * live behind it while it is current.
 */
static inline void set_cwp(void *env, unsigned old, unsigned cwp)
{
    uint64_t *base = env_u64(env, ENV_REGBASE);

    if (unlikely(old == NWINDOWS - 1))
        memcpy(base, base + 16 * NWINDOWS, 64);
    if (unlikely(cwp == NWINDOWS - 1))
        memcpy(base + 16 * NWINDOWS, base, 64);
    *env_u32(env, ENV_CWP) = cwp;
    *env_pointer(env, ENV_REGWPTR) = base + 16 * cwp;
    windows_changed(env);
}

static void save(void *env, uintptr_t ra)
{
    struct engine *e = env_engine(env);
    unsigned cwp;

    engine_moved(e);
    windows_settle(env);
    cwp = *env_u32(env, ENV_CWP);
    if (unlikely(*env_u32(env, ENV_CANSAVE) == 0)) {
        spill(e, oldest_window(env), ra);
        for (int i = 1; i < SPILL_BATCH; i++)
            if (spills_freely(e, oldest_window(env)))
                spill(e, oldest_window(env), ra);
    }
    (*env_u32(env, ENV_CANSAVE))--;
    (*env_u32(env, ENV_CANRESTORE))++;
    set_cwp(env, cwp, (cwp + NWINDOWS - 1) % NWINDOWS);
}

/* Fill one window only: a program may yet change the save areas above. */
static void fill(struct engine *e, uintptr_t ra)
{
    unsigned cwp = next_older(*env_u32(e->env, ENV_CWP));
    uint64_t sp = *env_window(e->env, cwp, 6);
    struct area area = find_area(e, sp, ACCESS_READ, ra);
    bool whole = area.regs == WINDOW_REGS;
    uint8_t bytes[WINDOW_BYTES], *from = whole ? area.part[0] : bytes;

    if (!whole) {
        memcpy(bytes, area.part[0], 8 * area.regs);
        memcpy(bytes + 8 * area.regs, area.part[1],
               WINDOW_BYTES - 8 * area.regs);
    }
    get_eight(env_window(e->env, cwp, 8), from);
    get_eight(env_window(e->env, cwp, 16), from + 64);
    (*env_u32(e->env, ENV_CANRESTORE))++;
    (*env_u32(e->env, ENV_CANSAVE))--;
}

static void restore(void *env, uintptr_t ra)
{
    struct engine *e = env_engine(env);
    unsigned cwp;

    engine_moved(e);
    windows_settle(env);
    cwp = *env_u32(env, ENV_CWP);
    if (unlikely(*env_u32(env, ENV_CANRESTORE) == 0))
        fill(e, ra);
    (*env_u32(env, ENV_CANSAVE))++;
    (*env_u32(env, ENV_CANRESTORE))--;
    set_cwp(env, cwp, next_older(cwp));
}

void __wrap_helper_save_sparc64(void *env)
{
    save(env, (uintptr_t)__builtin_return_address(0));
}

void __wrap_helper_restore_sparc64(void *env)
{
    restore(env, (uintptr_t)__builtin_return_address(0));
}

/* What SAVE and RESTORE write: the sum of registers of the window before. */
static uint64_t sum(const struct engine *e, uint32_t word)
{
    uint64_t first = cpu_reg(e, RS1(word));

    if (IS_IMM(word))
        return first + (uint64_t)((int64_t)((uint64_t)word << 51) >> 51);
    return first + cpu_reg(e, RS2(word));
}

void window_save(void *env, uint64_t word)
{
    struct engine *e = env_engine(env);
    uint64_t rd = sum(e, (uint32_t)word);

    save(env, (uintptr_t)__builtin_return_address(0));
    cpu_set_reg(e, RD(word), rd);
}

void window_restore(void *env, uint64_t word)
{
    struct engine *e = env_engine(env);
    uint64_t rd = sum(e, (uint32_t)word);

    restore(env, (uintptr_t)__builtin_return_address(0));
    cpu_set_reg(e, RD(word), rd);
}

void __wrap_helper_flushw_sparc64(void *env)
{
    uintptr_t ra = (uintptr_t)__builtin_return_address(0);

    engine_moved(env_engine(env));
    windows_settle(env);
    while (*env_u32(env, ENV_CANRESTORE) > 0) {
        spill(env_engine(env), oldest_window(env), ra);
        windows_changed(env);
    }
}
