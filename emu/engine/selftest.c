// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A few instructions through each wrapper, before the guest's own.
 *
 * The archive is not ours: should a wrapper not be called, or its arguments
 * mean something else, this says so in place of a guest that goes wrong.
 * The program below was assembled from the comments beside it.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "emu/engine/internal.h"

#define CODE_VA   UINT64_C(0x2000)
#define DATA_VA   UINT64_C(0x4000)
#define STACK_VA  UINT64_C(0x6000)
#define NONE_VA   UINT64_C(0x8000)
#define PAGES     3
#define STACK_TOP (STACK_VA + 1024 - 2047)
#define FIRST     1 /* frame that they borrow */
#define TT_DONE   0x16d
#define FSR_EXC   0x3ffu /* aexc and cexc */
#define DATA      UINT64_C(0x0123456789abcdef)

#define FIRST_STORE 4 /* in the code below */

/* %l0: data, %l1: unmapped, %l2: tag */
static const uint32_t code[] = {
    0x8600e001, /* inc   %g3                                         */
    0xd05c0000, /* ldx   [%l0], %o0                                  */
    0xd2142002, /* lduh  [%l0 + 2], %o1                              */
    0xd40c2007, /* ldub  [%l0 + 7], %o2                              */
    0xd0742008, /* stx   %o0, [%l0 + 8]                              */
    0xd2242010, /* st    %o1, [%l0 + 16]                             */
    0xd4dc1100, /* ldxa  [%l0] 0x88, %o2                             */
    0xe4f41200, /* stxa  %l2, [%l0] 0x90                             */
    0xd6dc1200, /* ldxa  [%l0] 0x90, %o3                             */
    0xd8dc5040, /* ldxa  [%l1] 0x82, %o4                             */
    0x83410000, /* rd    %tick, %g1                                  */
    0x84102009, /* mov   9, %g2                                      */
    0x9de3bf50, /* save  %sp, -176, %sp                              */
    0x84a0a001, /* subcc %g2, 1, %g2                                 */
    0x126ffffe, /* bne   %xcc, . - 8                                 */
    0xae100002, /* mov   %g2, %l7                                    */
    0x84102009, /* mov   9, %g2                                      */
    0x81e80000, /* restore                                           */
    0x84a0a001, /* subcc %g2, 1, %g2                                 */
    0x126ffffe, /* bne   %xcc, . - 8                                 */
    0x01000000, /* nop                                               */
    0x81580000, /* flushw                                            */
    0x84102001, /* mov   1, %g2                                      */
    0x8480bfff, /* addcc %g2, -1, %g2                                */
    0x12600003, /* bne,pn %xcc, . + 12                               */
    0x01000000, /* nop                                               */
    0x9b408000, /* rd    %ccr, %o5                                   */
    0x88102006, /* mov   6, %g4                                      */
    0x87b02304, /* movxtod %g4, %f34                                 */
    0x8ba01103, /* fxtod %f34, %f36                                  */
    0x8ba14845, /* faddd %f36, %f36, %f36                            */
    0x8fa00545, /* fsqrtd %f36, %f38                                 */
    0x93a1c947, /* fmuld %f38, %f38, %f40                            */
    0xc32c2018, /* stx   %fsr, [%l0 + 24]                            */
    0x93a14845, /* faddd %f36, %f36, %f40                            */
    0xc32c2020, /* stx   %fsr, [%l0 + 32]                            */
    0x8ba01045, /* fdtox %f36, %f36                                  */
    0x8bb02205, /* movdtox %f36, %g5                                 */
    0x32e14044, /* cxbne %g5, %g4, . + 8                             */
    0x8a102000, /* clr   %g5                                         */
    0x8c102003, /* mov   3, %g6                                      */
    0x9f414000, /* rd    %pc, %o7                                    */
    0x81c3e00c, /* jmpl  %o7 + 12, %g0                               */
    0x8c21a001, /* dec   %g6                                         */
    0x0af9bffd, /* brnz  %g6, . - 12                                 */
    0x01000000, /* nop                                               */
    0x91d0206d, /* ta    0x6d                                        */
};

struct selftest {
    struct engine *e;
    unsigned translations, mcd_translations, denied, forgiven, tags, ticks;
    unsigned kicks, polls;
    unsigned tt;
    uint64_t store_pc;
};

static enum access_end translate(void *ctx, uint64_t va, enum access access,
                                 struct engine_page *page)
{
    struct selftest *st = ctx;

    st->translations++;
    if (access == ACCESS_WRITE && st->kicks++ == 0) {
        engine_kick(st->e);
        engine_sync_pc(st->e);
        st->store_pc = cpu_pc(st->e);
    }
    if (va < CODE_VA || va >= NONE_VA) {
        st->denied++;
        return ACCESS_FAULT;
    }
    *page = (struct engine_page){
        .pfn = (pfn_t)(FIRST + (va - CODE_VA) / PAGE_SIZE), .writable = true};
    return ACCESS_DONE;
}

static enum access_end translate_mcd(void *ctx, uint64_t va, bool store,
                                     struct engine_page *page)
{
    struct selftest *st = ctx;

    st->mcd_translations++;
    return translate(ctx, va, store ? ACCESS_WRITE : ACCESS_READ, page);
}

static enum engine_mismatch mismatch(void *ctx, uint64_t va, unsigned bytes,
                                     enum access access)
{
    (void)ctx, (void)va, (void)bytes, (void)access;
    return MISMATCH_IGNORE;
}

static void bad_access(void *ctx, uint64_t va, enum engine_bad why)
{
    (void)ctx, (void)va, (void)why;
}

static void tag_stored(void *ctx, uint64_t va, adi_tag_t tag,
                       struct engine_store *out)
{
    struct selftest *st = ctx;

    (void)out;
    st->tags += va == DATA_VA && tag == 5;
}

static void tags_trusted(void *ctx, pfn_t pfn)
{
    const struct selftest *st = ctx;

    engine_tags_trusted(st->e, pfn);
}

static void tags_changed(void *ctx, pfn_t pfn)
{
    const struct selftest *st = ctx;

    engine_tags_changed(st->e, pfn);
}

static void code_read(void *ctx, pfn_t pfn)
{
    const struct selftest *st = ctx;

    engine_code_read(st->e, pfn);
}

static void code_changed(void *ctx, pfn_t pfn, unsigned offset, unsigned bytes)
{
    const struct selftest *st = ctx;

    engine_code_changed(st->e, pfn, offset, bytes);
}

static void forget_fault(void *ctx)
{
    struct selftest *st = ctx;

    st->forgiven++;
}

static void trap(void *ctx, unsigned tt)
{
    struct selftest *st = ctx;

    st->tt = tt;
    engine_stop(st->e);
}

static void poll(void *ctx)
{
    struct selftest *st = ctx;

    st->polls++;
}

static uint64_t tick(void *ctx)
{
    struct selftest *st = ctx;

    st->ticks++;
    return 77;
}

static const struct engine_ops ops = {
    .translate = translate,
    .translate_mcd = translate_mcd,
    .mismatch = mismatch,
    .bad_access = bad_access,
    .tag_stored = tag_stored,
    .tags_trusted = tags_trusted,
    .tags_changed = tags_changed,
    .code_read = code_read,
    .code_changed = code_changed,
    .forget_fault = forget_fault,
    .trap = trap,
    .poll = poll,
    .tick = tick,
};

static uint64_t word_at(const struct engine *e, uint64_t va)
{
    uint64_t v;

    memcpy(&v,
           frame_bytes(e, (pfn_t)(FIRST + (va - CODE_VA) / PAGE_SIZE)) +
               page_offset(va),
           sizeof(v));
    return be64toh(v);
}

static void prepare(struct engine *e)
{
    uint64_t data = htobe64(DATA);

    for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++) {
        uint32_t word = htobe32(code[i]);

        memcpy(frame_bytes(e, FIRST) + 4 * i, &word, sizeof(word));
    }
    memcpy(frame_bytes(e, FIRST + 1), &data, sizeof(data));
    cpu_clear(e);
    cpu_set_pc(e, CODE_VA, CODE_VA + 4);
    cpu_set_reg(e, REG_L(0), DATA_VA);
    cpu_set_reg(e, REG_L(1), NONE_VA);
    cpu_set_reg(e, REG_L(2), 5);
    /* Some window's save area crosses into the page below. */
    cpu_set_reg(e, REG_SP, STACK_TOP);
    engine_set_deadline(e, UINT64_C(1) << 40);
}

static const char *judge(struct engine *e, const struct selftest *st)
{
    if (st->tt != TT_DONE)
        return "a trap does not arrive as it should";
    if (cpu_reg(e, REG_O(0)) != DATA || cpu_reg(e, REG_O(1)) != 0x4567 ||
        cpu_reg(e, REG_O(2)) != be64toh(htole64(DATA)))
        return "loads do not go through their wrappers";
    if (word_at(e, DATA_VA + 8) != DATA ||
        word_at(e, DATA_VA + 16) >> 32 != 0x4567)
        return "stores do not go through their wrappers";
    if (st->store_pc != CODE_VA + 4 * FIRST_STORE)
        return "a store does not know its PC";
    if (st->mcd_translations == 0 || st->tags != 1 || cpu_reg(e, REG_O(3)) != 5)
        return "the ASIs of version tags do not work";
    if (st->denied == 0 || st->forgiven != 1 || cpu_reg(e, REG_O(4)) != 0)
        return "non-faulting loads do not work";
    if (st->polls != 1 || cpu_reg(e, REG_G(3)) != 1)
        return "a kick does not wait for the end of the block";
    if (st->ticks != 1 || cpu_reg(e, REG_G(1)) != 77)
        return "%tick does not work";
    if (cpu_old_windows(e) != 0 || cpu_reg(e, REG_L(0)) != DATA_VA ||
        cpu_reg(e, REG_SP) != STACK_TOP)
        return "register windows do not spill and fill";
    if (cpu_reg(e, REG_O(5)) != 0x55)
        return "condition codes of a sum are not its own";
    if (cpu_reg(e, REG_G(5)) != 12)
        return "instructions of our own do not work";
    if ((word_at(e, DATA_VA + 24) & FSR_EXC) != 0x21 ||
        (word_at(e, DATA_VA + 32) & FSR_EXC) != 0x20)
        return "FSR has not what the last operation raised";
    if (cpu_reg(e, REG_G(6)) != 0 || !e->jump_space->pages)
        return "returns and indirect jumps do not find their blocks";
    if (e->clock && engine_insns(e) < sizeof(code) / sizeof(code[0]))
        return "the instruction clock does not count";
    return NULL;
}

static void clean_up(struct engine *e)
{
    for (pfn_t pfn = FIRST; pfn < FIRST + PAGES; pfn++) {
        memset(frame_bytes(e, pfn), 0, PAGE_SIZE);
        memset(frame_tags(e, pfn), 0, ADI_TAGS_PER_PAGE);
        engine_code_changed(e, pfn, 0, PAGE_SIZE);
        memset(&e->frames[pfn], 0, sizeof(e->frames[pfn]));
    }
    engine_flush_all(e);
    cpu_clear(e);
    e->clock_base = e->budget = 0;
    e->nr_tag_loads = e->nr_checked = 0;
    *env_u64(e->env, ENV_BUDGET) = 0;
}

const char *engine_selftest(struct engine *e)
{
    const struct engine_ops *real = e->ops;
    void *ctx = e->ctx;
    struct selftest st = {.e = e};
    const char *why;

    e->ops = &ops;
    e->ctx = &st;
    prepare(e);
    why = engine_run(e) == 0 ? judge(e, &st) : engine_error(e);
    clean_up(e);
    e->ops = real;
    e->ctx = ctx;
    return why;
}
