// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tests/fuzz/fuzz_asi.c - any instructions, above all those with an ASI
 *
 * The input is the state of the CPU and a list of instruction words, most
 * of them made into loads and stores.  They run on a CPU whose memory is three
 * pages, one of them with mixed tags: nothing may be accessed beyond these,
 * tags stay below 16, and the host survives.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/engine/cpu.h"
#include "emu/engine/engine.h"
#include "emu/engine/insns.h"
#include "emu/engine/steps.h"

#define FRAMES    4
#define CODE_VA   UINT64_C(0x10000)
#define DATA_VA   UINT64_C(0x20000) /* frames 2 and 3 */
#define MAX_INSNS 64
#define MAX_STEPS 500 /* a loop ends here */
#define GUARD     0xa5

struct machine {
    struct engine *e;
    uint8_t *ram; /* FRAMES pages, and one more that nobody may touch */
    adi_tag_t *tags;
    bool mcde;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum access_end translate(void *ctx, uint64_t va, enum access access,
                                 struct engine_page *page)
{
    const struct machine *m = ctx;
    uint64_t canon = m->mcde ? untagged_addr(va) : va;

    if (access == ACCESS_EXEC) {
        *page = (struct engine_page){.pfn = 1};
        return page_align_down(va) == CODE_VA ? ACCESS_DONE : ACCESS_FAULT;
    }
    if (canon < DATA_VA || canon >= DATA_VA + 2 * PAGE_SIZE)
        return ACCESS_FAULT;
    page->pfn = (pfn_t)(2 + (canon - DATA_VA) / PAGE_SIZE);
    page->writable = true;
    page->mcd = m->mcde && page->pfn == 3;
    return page->mcd || va == canon ? ACCESS_DONE : ACCESS_FAULT;
}

static enum access_end translate_mcd(void *ctx, uint64_t va, bool store,
                                     struct engine_page *page)
{
    enum access_end end =
        translate(ctx, va, store ? ACCESS_WRITE : ACCESS_READ, page);

    return end == ACCESS_DONE && !page->mcd ? ACCESS_FAULT : end;
}

static enum engine_mismatch mismatch(void *ctx, uint64_t va, unsigned bytes,
                                     enum access access)
{
    const struct machine *m = ctx;

    (void)va, (void)bytes;
    return access == ACCESS_WRITE && !engine_mcdper(m->e) ? MISMATCH_IGNORE
                                                          : MISMATCH_TRAP;
}

static void bad_access(void *ctx, uint64_t va, enum engine_bad why)
{
    (void)ctx, (void)va, (void)why;
}

static void tag_stored(void *ctx, uint64_t va, adi_tag_t tag,
                       struct engine_store *out)
{
    (void)ctx, (void)va, (void)out;
    if (tag > 15)
        abort();
}

static void tags_trusted(void *ctx, pfn_t pfn)
{
    const struct machine *m = ctx;

    engine_tags_trusted(m->e, pfn);
}

static void tags_changed(void *ctx, pfn_t pfn)
{
    const struct machine *m = ctx;

    engine_tags_changed(m->e, pfn);
}

static void code_read(void *ctx, pfn_t pfn)
{
    const struct machine *m = ctx;

    engine_code_read(m->e, pfn);
}

static void code_changed(void *ctx, pfn_t pfn, unsigned offset, unsigned bytes)
{
    const struct machine *m = ctx;

    engine_code_changed(m->e, pfn, offset, bytes);
}

static void forget_fault(void *ctx)
{
    (void)ctx;
}

/* Step over whatever trapped, until the end of the program. */
static void trap(void *ctx, unsigned tt)
{
    const struct machine *m = ctx;

    if (tt == 0x16d || tt == ENGINE_TT_CLOCK ||
        page_align_down(cpu_pc(m->e)) != CODE_VA)
        engine_stop(m->e);
    else
        cpu_skip(m->e);
}

static void poll(void *ctx)
{
    (void)ctx;
}

static uint64_t tick(void *ctx)
{
    (void)ctx;
    return 0;
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

static struct machine *open_machine(void)
{
    struct machine *m = calloc(1, sizeof(*m));
    struct engine_config config = {.ram_bytes = FRAMES * PAGE_SIZE,
                                   .ops = &ops,
                                   .ctx = m,
                                   .clock = true,
                                   .classes = CLASS_ALL,
                                   .steps = ENGINE_STEPS_ALL};
    const char *why;

    m->ram = aligned_alloc(PAGE_SIZE, (FRAMES + 1) * PAGE_SIZE);
    m->tags = calloc(FRAMES, ADI_TAGS_PER_PAGE);
    memset(m->ram, 0, FRAMES * PAGE_SIZE);
    memset(m->ram + FRAMES * PAGE_SIZE, GUARD, PAGE_SIZE);
    config.ram = m->ram;
    config.tags = m->tags;
    m->e = engine_create(&config, &why);
    if (!m->e) {
        fprintf(stderr, "%s\n", why);
        abort();
    }
    return m;
}

struct input {
    const uint8_t *data;
    size_t left;
};

static uint64_t take(struct input *in, size_t bytes)
{
    uint64_t v = 0;

    for (; bytes > 0; bytes--) {
        v = v << 8 | (in->left ? *in->data : 0);
        if (in->left) {
            in->data++;
            in->left--;
        }
    }
    return v;
}

/* Mostly near the data, sometimes anywhere; any tag bits. */
static uint64_t take_address(struct input *in)
{
    uint64_t v = take(in, 4);

    if (v & 1)
        return take(in, 8);
    return ((v >> 28) << 60) | (DATA_VA + (v >> 4) % (2 * PAGE_SIZE + 64));
}

static void put_insn(struct machine *m, unsigned n, uint32_t insn)
{
    uint8_t *at = m->ram + PAGE_SIZE + 4 * n;

    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(insn >> (24 - 8 * i));
}

/* Memory instructions, and now and then any word. */
static uint32_t make_insn(struct input *in)
{
    static const unsigned asis[] = {0x80, 0x82, 0x83, 0x88, 0x8a, 0x8b,
                                    0x90, 0x92, 0xe2, 0xea, 0xf0, 0xf2};
    uint32_t insn = (uint32_t)take(in, 4);
    unsigned how = (unsigned)take(in, 1);

    if (how & 0xe0)
        insn |= 0xc0000000u;
    if (how & 1) /* an alternate space, immediate */
        insn = (insn & ~(0xffu << 5 | 0x2000u)) | 0xc0000000u | 1u << 23 |
               asis[(how >> 1) % 12] << 5;
    return insn;
}

static void set_state(struct machine *m, struct input *in)
{
    uint64_t flags = take(in, 1);

    m->mcde = flags & 1;
    engine_set_mcde(m->e, m->mcde);
    engine_set_mcdper(m->e, flags & 2);
    cpu_clear(m->e);
    cpu_set_asi(m->e, (uint8_t)(take(in, 1) | 0x80));
    for (unsigned r = 1; r < 32; r++)
        cpu_set_reg(m->e, r, take_address(in));
    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++)
        m->tags[3 * ADI_TAGS_PER_PAGE + i] = (adi_tag_t)(i * 7 % 16);
    engine_flush_all(m->e);
    cpu_set_pc(m->e, CODE_VA, CODE_VA + 4);
    engine_set_deadline(m->e, MAX_STEPS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct machine *m;
    struct input in = {data, size};
    unsigned n = 0;

    if (!m)
        m = open_machine();
    set_state(m, &in);
    engine_code_changed(m->e, 1, 0, PAGE_SIZE);
    while (in.left > 0 && n < MAX_INSNS)
        put_insn(m, n++, make_insn(&in));
    put_insn(m, n, 0x91d0206d); /* ta 0x6d */
    put_insn(m, n + 1, 0x01000000);
    if (engine_run(m->e) != 0) {
        fprintf(stderr, "the CPU stopped: %s\n", engine_error(m->e));
        abort();
    }
    for (unsigned i = 0; i < FRAMES * ADI_TAGS_PER_PAGE; i++)
        if (m->tags[i] > 15)
            abort();
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        if (m->ram[FRAMES * PAGE_SIZE + i] != GUARD)
            abort();
    return 0;
}
