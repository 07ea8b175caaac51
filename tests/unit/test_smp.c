// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two CPUs over one memory: what one stores, tags or instructions, the other
 * finds, whatever it has in its TLB or has translated.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "emu/engine/steps.h"
#include "emu/internal.h"
#include "emu/linux/cpumodel.h"
#include "unit.h"

#define PROG_VA UINT64_C(0x10000) /* programs of the test, never stored to */
#define CODE_VA UINT64_C(0x20000) /* a function, which is */
#define DATA_VA UINT64_C(0x30000) /* a page whose tags are checked */
#define PROG    100               /* their frames */
#define CODE    101
#define DATA    102
#define TT_DONE 0x16d
#define BLOCK   UINT64_C(0x40) /* some byte of the second block */

#define WORD_MOV(n) (0x90102000u | (n)) /* mov n, %o0 */
#define WORD_DONE   0x91d0206du         /* ta 0x6d */

enum program { LOAD, STORE, SPILL, SET_TAG, SET_TAG_CLEAR, NR_PROGRAMS };

static const uint32_t programs[NR_PROGRAMS][3] = {
    [LOAD] = {0xd25a0000, WORD_DONE},              /* ldx [%o0], %o1 */
    [STORE] = {0xd2220000, WORD_DONE},             /* st %o1, [%o0] */
    [SPILL] = {0x9de3bf50, 0x81580000, WORD_DONE}, /* save; flushw */
    [SET_TAG] = {0xd2f21200, WORD_DONE},           /* stxa %o1, [%o0] 0x90 */
    [SET_TAG_CLEAR] = {0xd2f21240, WORD_DONE},     /* stxa %o1, [%o0] 0x92 */
};

static struct machine *m;
static unsigned mismatches, last_tt;

#define SETTER 7
static struct tag_notes notes;
static uint64_t epoch, noted;
static unsigned told;

static enum access_end translate(void *ctx, uint64_t va, enum access access,
                                 struct engine_page *page)
{
    static const struct {
        uint64_t va;
        struct engine_page page;
    } pages[] = {
        {PROG_VA, {.pfn = PROG}},
        {CODE_VA, {.pfn = CODE, .writable = true}},
        {DATA_VA, {.pfn = DATA, .writable = true, .mcd = true}},
    };

    (void)ctx, (void)access;
    for (unsigned i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        if (pages[i].va == page_align_down(untagged_addr(va))) {
            *page = pages[i].page;
            return ACCESS_DONE;
        }
    return ACCESS_FAULT;
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
    mismatches++;
    return MISMATCH_IGNORE;
}

/* As the judge: the next store is noted by the CPU itself. */
static void tag_stored(void *ctx, uint64_t va, adi_tag_t tag,
                       struct engine_store *out)
{
    (void)ctx;
    told++;
    tag_note(&notes, (unsigned)page_offset(va) / ADI_BLKSZ, tag, SETTER);
    *out = (struct engine_store){
        .by = SETTER,
        .sure = true,
        .at = {.notes = &notes, .epoch = &epoch, .count = &noted}};
}

static void trap(void *ctx, unsigned tt)
{
    const struct cpu *cpu = ctx;

    last_tt = tt;
    engine_stop(cpu->engine);
}

static void put_word(pfn_t pfn, uint64_t offset, uint32_t word)
{
    uint32_t be = htobe32(word);

    memcpy(phys_ram(memory_phys(m->mem)) + pfn * PAGE_SIZE + offset, &be,
           sizeof(be));
}

static int begin(void **state)
{
    struct memory_config config = {.ram_bytes = 8 << 20, .nr_nodes = 1};
    static struct engine_ops ops;
    const char *why;

    (void)state;
    ops = cpu_engine_ops;
    ops.translate = translate;
    ops.translate_mcd = translate_mcd;
    ops.mismatch = mismatch;
    ops.tag_stored = tag_stored;
    ops.trap = trap;
    m = calloc(1, sizeof(*m));
    m->nr_cpus = 2;
    m->options.cpu = cpu_model_default();
    m->options.engine_steps = ENGINE_STEPS_ALL;
    config.hub = m->hub = hub_create();
    m->mem = memory_create(&config);
    m->adi = adi_create(m->mem, adi_profile_find("remap"));
    assert_int_equal(machine_cpus_create(m, &ops, &why), 0);
    for (unsigned i = 0; i < m->nr_cpus; i++)
        engine_set_mcde(m->cpus[i].engine, true);
    for (unsigned p = 0; p < NR_PROGRAMS; p++)
        for (unsigned i = 0; i < 3; i++)
            put_word(PROG, 64 * p + 4 * i, programs[p][i]);
    mismatches = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    memory_destroy(m->mem);
    adi_destroy(m->adi);
    machine_cpus_destroy(m);
    hub_destroy(m->hub);
    free(m);
    return 0;
}

static struct engine *engine(unsigned cpu)
{
    return m->cpus[cpu].engine;
}

static void run_at(unsigned cpu, uint64_t pc)
{
    cpu_set_pc(engine(cpu), pc, pc + 4);
    assert_int_equal(engine_run(engine(cpu)), 0);
}

/* @o0: an address */
static void run(unsigned cpu, enum program p, uint64_t o0, uint64_t o1)
{
    cpu_clear(engine(cpu));
    cpu_set_reg(engine(cpu), REG_O(0), o0);
    cpu_set_reg(engine(cpu), REG_O(1), o1);
    run_at(cpu, PROG_VA + 64 * p);
    assert_int_equal(last_tt, TT_DONE);
}

/* What the function gives. */
static uint64_t call(unsigned cpu)
{
    cpu_clear(engine(cpu));
    run_at(cpu, CODE_VA);
    return cpu_reg(engine(cpu), REG_O(0));
}

static void write_function(unsigned n)
{
    put_word(CODE, 0, WORD_MOV(n));
    put_word(CODE, 4, WORD_DONE);
    memory_page_written(m->mem, CODE);
}

static uint64_t tagged(uint64_t va, adi_tag_t tag)
{
    return va | (uint64_t)tag << 60;
}

static void test_a_tag_that_another_cpu_stores_is_checked(void **state)
{
    (void)state;
    run(1, LOAD, DATA_VA + BLOCK, 0);
    run(0, SET_TAG, DATA_VA + BLOCK, 5);
    assert_int_equal(mismatches, 0);
    run(1, LOAD, DATA_VA + BLOCK, 0);
    assert_int_equal(mismatches, 1);
    run(1, LOAD, tagged(DATA_VA + BLOCK, 5), 0);
    assert_int_equal(mismatches, 1);
}

/* Each of them has the page in its TLB when the other stores. */
static void test_tags_go_both_ways(void **state)
{
    (void)state;
    for (unsigned round = 1; round <= 6; round++) {
        unsigned cpu = round % 2;

        for (unsigned i = 0; i < ADI_TAGS_PER_PAGE; i++)
            run(cpu, SET_TAG, DATA_VA + i * ADI_BLKSZ, round);
        mismatches = 0;
        run(!cpu, LOAD, tagged(DATA_VA, round - 1), 0);
        run(cpu, LOAD, tagged(DATA_VA, round - 1), 0);
        assert_int_equal(mismatches, 2);
        run(cpu, LOAD, tagged(DATA_VA, round), 0);
        run(!cpu, LOAD, tagged(DATA_VA, round), 0);
        assert_int_equal(mismatches, 2);
    }
}

static void test_tags_of_the_kernel_are_checked_by_all(void **state)
{
    (void)state;
    run(0, LOAD, DATA_VA, 0);
    run(1, LOAD, DATA_VA, 0);
    tagmem_page(adi_tagmem(m->adi), DATA)[0] = 3;
    memory_tags_written(m->mem, DATA);
    run(0, LOAD, DATA_VA, 0);
    run(1, LOAD, DATA_VA, 0);
    assert_int_equal(mismatches, 2);
}

static void test_code_that_another_cpu_stores_is_executed(void **state)
{
    (void)state;
    write_function(1);
    assert_int_equal(call(0), 1);
    run(1, STORE, CODE_VA, WORD_MOV(2));
    assert_int_equal(call(0), 2);
}

/* It was data when that CPU stored first: its TLB has it for stores. */
static void test_a_tlb_for_stores_lets_code_go(void **state)
{
    (void)state;
    write_function(1);
    run(1, STORE, CODE_VA, WORD_MOV(2));
    assert_int_equal(call(0), 2);
    run(1, STORE, CODE_VA, WORD_MOV(3));
    assert_int_equal(call(0), 3);
}

/* Registers as instructions, through the cache of stack pages. */
static void test_a_window_spilled_into_code_is_executed(void **state)
{
    (void)state;
    write_function(1);
    for (unsigned n = 2; n < 6; n++) {
        cpu_clear(engine(1));
        cpu_set_reg(engine(1), REG_SP, CODE_VA - 2047);
        cpu_set_reg(engine(1), REG_L(0),
                    (uint64_t)WORD_MOV(n) << 32 | WORD_DONE);
        run_at(1, PROG_VA + 64 * SPILL);
        assert_int_equal(call(0), n);
    }
}

static void test_a_line_of_code_that_is_initialised_is_gone(void **state)
{
    (void)state;
    write_function(1);
    assert_int_equal(call(0), 1);
    run(1, SET_TAG_CLEAR, CODE_VA, 0);
    (void)call(0);
    assert_int_equal(last_tt, TT_ILLEGAL);
}

/* So often that the frame is taken for data; each CPU executes it, too. */
static void test_code_is_stored_to_again_and_again(void **state)
{
    (void)state;
    write_function(1);
    for (unsigned n = 1; n < 300; n++) {
        run(n % 3 == 0, STORE, CODE_VA, WORD_MOV(n));
        if (n < 100 || n % 100 == 0) {
            assert_int_equal(call(0), n);
            assert_int_equal(call(1), n);
        }
    }
}

static void test_code_of_the_kernel_is_executed_by_all(void **state)
{
    (void)state;
    write_function(1);
    assert_int_equal(call(0), 1);
    assert_int_equal(call(1), 1);
    write_function(2);
    assert_int_equal(call(0), 2);
    assert_int_equal(call(1), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_tag_that_another_cpu_stores_is_checked),
        TEST(test_tags_go_both_ways),
        TEST(test_tags_of_the_kernel_are_checked_by_all),
        TEST(test_code_that_another_cpu_stores_is_executed),
        TEST(test_a_tlb_for_stores_lets_code_go),
        TEST(test_a_window_spilled_into_code_is_executed),
        TEST(test_a_line_of_code_that_is_initialised_is_gone),
        TEST(test_code_is_stored_to_again_and_again),
        TEST(test_code_of_the_kernel_is_executed_by_all),
    };

    return RUN(tests);
}
