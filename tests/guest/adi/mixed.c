// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/mixed.c - a random walk over pages whose blocks have different tags
 *
 * A model of the memory, byte by byte and tag by tag, says what each load
 * and store through a right or wrong pointer must do.
 *
 * run:
 * stdout: 100000 steps
 * report: all_kept
 * run: --kernel=linux-6.2
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * check: path
 * report: all_kept and counters.tags_restored > 1000
 * run: --ram=16M --swap=64M --stress=swap:1000:2 --stress=migrate:1400:3
 * check: path
 * also: --kernel=swap-keyed
 * report: all_kept and counters.tags_restored > 1000
 * run: --stress=migrate:3000:1
 * check: path
 * report: all_kept and counters.pages_migrated > 1000
 * run: --stress=migrate:3000:1 --kernel=linux-6.2
 * check: path
 */
#include "adi/adi.h"

#define PAGES 64
#define STEPS 100000
#define SIZE  (PAGES * PAGE)

INSN(ld_1, "", "ldub [%o0], %o1", "");
INSN(ld_2, "", "lduh [%o0], %o1", "");
INSN(ld_4, "", "lduw [%o0], %o1", "");
INSN(ld_8, "", "ldx [%o0], %o1", "");
INSN(st_1, "", "stb %o1, [%o0]", "");
INSN(st_2, "", "sth %o1, [%o0]", "");
INSN(st_4, "", "stw %o1, [%o0]", "");
INSN(st_8, "", "stx %o1, [%o0]", "");

static const struct {
    access_fn *load, *store;
    const char *load_pc, *store_pc;
} by_size[] = {
    {ld_1, st_1, ld_1_pc, st_1_pc},
    {ld_2, st_2, ld_2_pc, st_2_pc},
    {ld_4, st_4, ld_4_pc, st_4_pc},
    {ld_8, st_8, ld_8_pc, st_8_pc},
};

static unsigned char data[SIZE];
static unsigned char tags[SIZE / BLOCK];
static char *memory;
static uint64_t state = 0x2545f4914f6cdd1d;
static unsigned long faults;

static uint64_t rnd(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1dul;
}

/* Most of the time near the last place, so that things meet. */
static size_t place(size_t size)
{
    static size_t last;
    uint64_t r = rnd();

    if (r % 4 == 0)
        last = rnd() % SIZE;
    return (last + (r >> 8) % 1024) % SIZE / size * size;
}

static void set_tags(size_t at, size_t len, unsigned tag)
{
    tag_range(memory + at, len, tag);
    memset(tags + at / BLOCK, (int)tag, len / BLOCK);
}

static unsigned a_version(size_t at)
{
    uint64_t r = rnd() >> 20;

    return r % 8 ? tags[at / BLOCK] : (r >> 8) % 16;
}

static int matches(size_t at, unsigned version)
{
    unsigned tag = tags[at / BLOCK];

    return tag == version || tag == 0 || tag == 15;
}

static uint64_t model_load(size_t at, size_t size)
{
    uint64_t v = 0;

    for (size_t i = 0; i < size; i++)
        v = v << 8 | data[at + i];
    return v;
}

static void model_store(size_t at, size_t size, uint64_t v)
{
    for (size_t i = 0; i < size; i++)
        data[at + i] = (unsigned char)(v >> 8 * (size - 1 - i));
}

static void step(void)
{
    unsigned kind = rnd() >> 30 & 15, log = rnd() >> 40 & 3;
    size_t size = (size_t)1 << log, at = place(size);
    unsigned version = a_version(at);
    char *p = tagged(memory + at, version);
    uint64_t v;

    if (kind == 0) {
        set_tags(at / BLOCK * BLOCK, BLOCK, rnd() >> 30 & 15);
    } else if (kind == 1 && rnd() % 8 == 0) {
        set_tags(at / PAGE * PAGE, PAGE, rnd() >> 30 & 15);
    } else if (kind == 2) {
        CHECK(tag_get(memory + at / 8 * 8) == tags[at / BLOCK]);
    } else if (kind < 10) {
        v = by_size[log].load(p, ~0ul, NULL);
        if (matches(at, version)) {
            CHECK(saw_nothing());
            CHECK(v == model_load(at, size));
        } else {
            CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, p, by_size[log].load_pc));
            CHECK(v == ~0ul);
            faults++;
        }
    } else {
        v = rnd();
        by_size[log].store(p, v, NULL);
        if (matches(at, version)) {
            CHECK(saw_nothing());
            model_store(at, size, v);
        } else {
            CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, p, by_size[log].store_pc));
            faults++;
        }
    }
}

static void verify(void)
{
    for (size_t at = 0; at < SIZE; at += BLOCK) {
        CHECK(tag_get(memory + at) == tags[at / BLOCK]);
        CHECK(memcmp(tagged(memory + at, tags[at / BLOCK]), data + at,
                     BLOCK) == 0);
    }
    CHECK(saw_nothing());
}

int main(void)
{
    memory = map_pages(PAGES, PROT_READ | PROT_WRITE | PROT_ADI);
    faults_catch();
    mcdper_set(1);
    for (long n = 1; n <= STEPS; n++) {
        step();
        if (n % 50000 == 0)
            verify();
    }
    printf("%d steps\n", STEPS);
    CHECK(faults > STEPS / 50);
    return 0;
}
