// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which stores of tags the engine notes itself, as it knows that the answer to
 * "who" is that of the store before, and which it asks about.
 *
 * A program sets tags one after the other; what happens between two of them
 * is all that the answer may depend on.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "adi/notes.h"
#include "emu/engine/cpu.h"
#include "emu/engine/engine.h"
#include "emu/engine/insns.h"
#include "emu/engine/steps.h"
#include "unit.h"

#define CODE_VA UINT64_C(0x10000)
#define DATA_VA UINT64_C(0x20000)
#define SP      (DATA_VA + PAGE_SIZE - 512 - 2047)
#define CODE    1 /* their frames */
#define DATA    2
#define FRAMES  4
#define TT_DONE 0x16d

/* The stack is on the page of the data. */
#define STXA    0xd2f21200 /* stxa %o1, [%o0] 0x90 */
#define LDXA    0xd4da1200 /* ldxa [%o0] 0x90, %o2 */
#define NEXT    0x90022040 /* add %o0, 64, %o0 */
#define SAVE    0x9de3bf50 /* save %sp, -176, %sp */
#define RESTORE 0x81e80000
#define FLUSHW  0x81580000
#define ILLTRAP 0x00000000 /* the test's trap() goes on behind it */
#define DONE    0x91d0206d /* ta 0x6d */
#define LOAD    0xd65a2000 /* ldx [%o0], %o3 */
#define SET_O7  0x9e03e004 /* add %o7, 4, %o7 */
#define SET_I6  0xbc07a010 /* add %i6, 16, %i6 */
#define SET_I7  0xbe07e004 /* add %i7, 4, %i7 */
#define MOVE_G1 0x82102001 /* mov 1, %g1 */
#define POKE    0xd270a000 /* stx %o1, [%g2] */
#define ADD_O1  0x92026010 /* add %o1, 16, %o1 */
#define RD_TICK 0x83410000 /* rd %tick, %g1 */

struct machine {
    struct engine *e;
    uint8_t *ram;
    adi_tag_t *tags;
    struct tag_notes notes;
    uint64_t epoch, noted;
    unsigned told, denied;
    bool sure, mcd;
    const uint8_t *frame;
    adi_tag_t last;
};

static struct machine *m;

static enum access_end translate(void *ctx, uint64_t va, enum access access,
                                 struct engine_page *page)
{
    (void)ctx;
    va = page_align_down(untagged_addr(va));
    *page = (struct engine_page){.pfn = va == CODE_VA ? CODE : DATA,
                                 .writable = va != CODE_VA,
                                 .mcd = m->mcd && va == DATA_VA};
    (void)access;
    m->denied += va != CODE_VA && va != DATA_VA;
    return va == CODE_VA || va == DATA_VA ? ACCESS_DONE : ACCESS_FAULT;
}

static enum access_end translate_mcd(void *ctx, uint64_t va, bool store,
                                     struct engine_page *page)
{
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
    m->denied++;
}

/* As the judge; the number of who it was is that of how many it was told. */
static void tag_stored(void *ctx, uint64_t va, adi_tag_t tag,
                       struct engine_store *out)
{
    (void)ctx;
    out->by = ++m->told;
    out->sure = m->sure;
    if (m->frame)
        out->frame[out->nr++] = m->frame;
    out->at = (struct tag_noting){&m->notes, &m->epoch, &m->noted};
    tag_note(&m->notes, (unsigned)page_offset(va) / ADI_BLKSZ, tag, out->by);
    m->noted++;
    m->last = tag;
}

static void for_all(void *ctx, pfn_t pfn)
{
    (void)ctx;
    engine_tags_trusted(m->e, pfn);
}

static void changed(void *ctx, pfn_t pfn)
{
    (void)ctx;
    engine_tags_changed(m->e, pfn);
}

static void code_read(void *ctx, pfn_t pfn)
{
    (void)ctx;
    engine_code_read(m->e, pfn);
}

static void code_changed(void *ctx, pfn_t pfn, unsigned offset, unsigned bytes)
{
    (void)ctx;
    engine_code_changed(m->e, pfn, offset, bytes);
}

static void forget_fault(void *ctx)
{
    (void)ctx;
}

static void trap(void *ctx, unsigned tt)
{
    (void)ctx;
    if (tt == TT_ILLEGAL)
        cpu_skip(m->e);
    else
        engine_stop(m->e);
}

static uint64_t tick(void *ctx)
{
    (void)ctx;
    m->epoch++; /* what RD %tick does here: an event comes */
    return 0;
}

static bool watched(void *ctx, uint64_t va)
{
    (void)ctx, (void)va;
    return false;
}

static const struct engine_ops ops = {.translate = translate,
                                      .translate_mcd = translate_mcd,
                                      .mismatch = mismatch,
                                      .bad_access = bad_access,
                                      .tag_stored = tag_stored,
                                      .tags_trusted = for_all,
                                      .tags_changed = changed,
                                      .code_read = code_read,
                                      .code_changed = code_changed,
                                      .forget_fault = forget_fault,
                                      .trap = trap,
                                      .poll = forget_fault,
                                      .tick = tick,
                                      .watched = watched};

static int open_with(unsigned steps)
{
    struct engine_config config = {.ram_bytes = FRAMES * PAGE_SIZE,
                                   .ops = &ops,
                                   .classes = CLASS_ALL,
                                   .steps = steps};
    const char *why;

    m = calloc(1, sizeof(*m));
    m->ram = aligned_alloc(PAGE_SIZE, FRAMES * PAGE_SIZE);
    memset(m->ram, 0, FRAMES * PAGE_SIZE);
    m->tags = calloc(FRAMES, ADI_TAGS_PER_PAGE);
    m->sure = true;
    config.ram = m->ram;
    config.tags = m->tags;
    m->e = engine_create(&config, &why);
    return m->e ? 0 : -1;
}

static int begin(void **state)
{
    (void)state;
    return open_with(ENGINE_STEPS_ALL);
}

static int begin_plain(void **state)
{
    (void)state;
    return open_with(0);
}

static int end(void **state)
{
    (void)state;
    engine_destroy(m->e);
    free(m->ram);
    free(m->tags);
    free(m);
    return 0;
}

static void put(unsigned at, uint32_t word)
{
    uint32_t be = htobe32(word);

    memcpy(m->ram + CODE * PAGE_SIZE + 4 * at, &be, sizeof(be));
}

/*
 * Runs: @times times STXA of tag 5 to the next block, and @between, a list of
 * instructions that ends with DONE.
 */
static void run(unsigned times, const uint32_t *between)
{
    unsigned at = 0, back;

    put(at++, STXA);
    put(at++, NEXT);
    while (*between != DONE)
        put(at++, *between++);
    put(at++, 0x86a0e001); /* subcc %g3, 1, %g3 */
    back = at;
    put(at++, 0x12680000 | (-back & 0x7ffff)); /* bne,pt %xcc, start */
    put(at++, 0x01000000);                     /* nop */
    put(at, DONE);
    engine_code_changed(m->e, CODE, 0, PAGE_SIZE);
    cpu_clear(m->e);
    cpu_set_pc(m->e, CODE_VA, CODE_VA + 4);
    cpu_set_reg(m->e, REG_O(0), DATA_VA);
    cpu_set_reg(m->e, REG_O(1), 0xfff5); /* the lowest bits count */
    cpu_set_reg(m->e, 2, DATA_VA + PAGE_SIZE - 16);
    cpu_set_reg(m->e, 3, times);
    cpu_set_reg(m->e, REG_SP, SP);
    assert_int_equal(engine_run(m->e), 0);
}

#define RUN_WITH(times, ...) run(times, (const uint32_t[]){__VA_ARGS__, DONE})

/* The tags are set and noted, whoever it was that did it. */
static void check_noted(unsigned blocks)
{
    assert_int_equal(m->noted, blocks);
    for (unsigned i = 0; i < blocks; i++) {
        assert_int_equal(m->tags[DATA * ADI_TAGS_PER_PAGE + i], 5);
        assert_int_equal(m->notes.tags[i], 5);
        assert_int_equal(m->notes.known[i], 1);
        assert_int_equal(m->notes.set[i] & 15, 5);
    }
    assert_int_equal(m->notes.known[blocks], 0);
}

/* Of @blocks stores the engine asked about @told. */
static void check(unsigned blocks, unsigned told)
{
    check_noted(blocks);
    assert_int_equal(m->told, told);
    assert_int_equal(m->notes.set[blocks - 1] >> 4, told);
}

static void test_a_loop_asks_once(void **state)
{
    (void)state;
    RUN_WITH(100, MOVE_G1);
    check(100, 1);
}

static void test_without_the_step_each_store_asks(void **state)
{
    (void)state;
    RUN_WITH(100, MOVE_G1);
    check(100, 100);
}

static void test_who_is_not_sure_is_asked(void **state)
{
    (void)state;
    m->sure = false;
    RUN_WITH(10, MOVE_G1);
    check(10, 10);
}

static void test_another_instruction_asks(void **state)
{
    (void)state;
    RUN_WITH(10, STXA, NEXT);
    check(20, 20);
}

static void test_what_the_answer_is_made_of_asks(void **state)
{
    static const uint32_t words[] = {SET_O7, SET_I6, SET_I7};

    (void)state;
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        m->told = 0;
        m->noted = 0;
        memset(&m->notes, 0, sizeof(m->notes));
        RUN_WITH(10, words[i]);
        check(10, 10);
    }
}

static void test_windows_that_move_ask(void **state)
{
    (void)state;
    RUN_WITH(10, SAVE, RESTORE);
    check(10, 10);
    m->told = m->noted = 0;
    RUN_WITH(10, FLUSHW);
    assert_int_equal(m->told, 10);
}

static void test_after_a_trap_it_asks(void **state)
{
    (void)state;
    RUN_WITH(10, ILLTRAP);
    check(10, 10);
}

static void test_after_an_event_it_asks(void **state)
{
    (void)state;
    RUN_WITH(10, RD_TICK);
    check(10, 10);
}

/* A frame in memory that says the same, and one that no longer does. */
static void test_frames_in_memory_are_compared(void **state)
{
    (void)state;
    m->frame = m->ram + DATA * PAGE_SIZE + PAGE_SIZE - 16;
    RUN_WITH(10, POKE);
    /* Only the first time are other bytes stored there. */
    check(10, 2);
    RUN_WITH(10, ADD_O1, POKE);
    assert_int_equal(m->told, 12);
}

/* Pages that the TLB has on the strength of their one tag. */
static void test_a_trusted_page_is_told_of(void **state)
{
    (void)state;
    m->mcd = true;
    engine_set_mcde(m->e, true);
    RUN_WITH(10, LOAD);
    check_noted(10);
    /* The loads of the next blocks saw that their tags are 0 again. */
    assert_int_equal(cpu_reg(m->e, REG_O(3)), 0);
}

static void test_tags_are_read_as_they_are_set(void **state)
{
    (void)state;
    RUN_WITH(10, MOVE_G1);
    m->told = m->noted = 0;
    put(0, LDXA);
    put(1, DONE);
    engine_code_changed(m->e, CODE, 0, PAGE_SIZE);
    for (unsigned i = 0; i < 12; i++) {
        cpu_set_pc(m->e, CODE_VA, CODE_VA + 4);
        cpu_set_reg(m->e, REG_O(0), DATA_VA + i * ADI_BLKSZ + (i & 7) * 8);
        assert_int_equal(engine_run(m->e), 0);
        assert_int_equal(cpu_reg(m->e, REG_O(2)), i < 10 ? 5 : 0);
    }
    assert_int_equal(engine_tag_loads(m->e), 12);
}

/* The cache is empty, or of another page: no address finds anything in it. */
static void test_what_is_not_aligned_or_mapped_is_denied(void **state)
{
    static const uint64_t at[] = {1,
                                  2,
                                  4,
                                  DATA_VA + 4,
                                  DATA_VA + 0x1004,
                                  DATA_VA + 0x801,
                                  0,
                                  8,
                                  DATA_VA + (8 << 20)};

    (void)state;
    RUN_WITH(2, MOVE_G1);
    for (unsigned w = 0; w < 2; w++) {
        put(0, w ? STXA : LDXA);
        put(1, DONE);
        engine_code_changed(m->e, CODE, 0, PAGE_SIZE);
        for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
            m->denied = 0;
            cpu_set_pc(m->e, CODE_VA, CODE_VA + 4);
            cpu_set_reg(m->e, REG_O(0), at[i]);
            assert_int_equal(engine_run(m->e), 0);
            assert_true(m->denied > 0); /* again before it stops */
            assert_int_equal(cpu_pc(m->e), CODE_VA);
            assert_int_equal(cpu_npc(m->e), CODE_VA + 4);
        }
    }
    check_noted(2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_loop_asks_once),
        cmocka_unit_test_setup_teardown(test_without_the_step_each_store_asks,
                                        begin_plain, end),
        TEST(test_who_is_not_sure_is_asked),
        TEST(test_another_instruction_asks),
        TEST(test_what_the_answer_is_made_of_asks),
        TEST(test_windows_that_move_ask),
        TEST(test_after_a_trap_it_asks),
        TEST(test_after_an_event_it_asks),
        TEST(test_frames_in_memory_are_compared),
        TEST(test_a_trusted_page_is_told_of),
        TEST(test_tags_are_read_as_they_are_set),
        TEST(test_what_is_not_aligned_or_mapped_is_denied),
    };

    return RUN(tests);
}
