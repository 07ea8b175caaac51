// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/asi_forms.c - the ASIs that read and set tags, in all their forms
 *
 * Loads and stores of each size, immediate and by way of %asi; block-init
 * stores, which clear the tag of a line where tags are not checked.
 *
 * run:
 * report: all_kept
 * run: --kernel=linux-6.2
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: all_kept
 * run: --stress=migrate:3000:1
 * report: all_kept and counters.pages_migrated > 0
 */
#include "adi/adi.h"

#define RW  (PROT_READ | PROT_WRITE)
#define OLD 0x1122334455667788ul

#define TAG_LOADS(mode, before, where)                                         \
    INSN(ub##mode, before, "lduba " where ", %o1", "");                        \
    INSN(sb##mode, before, "ldsba " where ", %o1", "");                        \
    INSN(uh##mode, before, "lduha " where ", %o1", "");                        \
    INSN(sh##mode, before, "ldsha " where ", %o1", "");                        \
    INSN(uw##mode, before, "lduwa " where ", %o1", "");                        \
    INSN(sw##mode, before, "ldswa " where ", %o1", "");                        \
    INSN(x##mode, before, "ldxa " where ", %o1", "");                          \
    INSN(df##mode, before, "ldda " where ", %f4",                              \
         "std %f4, [%o2]; ldx [%o2], %o1")

#define TAG_STORES(mode, before, where)                                        \
    INSN(stb##mode, before, "stba %o1, " where, "membar #Sync");               \
    INSN(sth##mode, before, "stha %o1, " where, "membar #Sync");               \
    INSN(stw##mode, before, "stwa %o1, " where, "membar #Sync");               \
    INSN(stx##mode, before, "stxa %o1, " where, "membar #Sync")

TAG_LOADS(_imm, "", "[%o0] 0x90");
TAG_LOADS(_asi, "wr %g0, 0x90, %asi", "[%o0] %asi");
TAG_STORES(_imm, "", "[%o0] 0x90");
TAG_STORES(_asi, "wr %g0, 0x90, %asi", "[%o0] %asi");
TAG_STORES(_init, "", "[%o0] 0x92");
TAG_STORES(_initasi, "wr %g0, 0x92, %asi", "[%o0] %asi");
INSN(x_init, "", "ldxa [%o0] 0x92, %o1", "");
INSN(uw_plus, "", "lduwa [%o0 + %o2] 0x90, %o1", "");
INSN(stx_plus, "", "stxa %o1, [%o0 + %o2] 0x90", "membar #Sync");
TAG_STORES(_e2, "", "[%o0] 0xe2");
TAG_STORES(_f2, "", "[%o0] 0xf2");
TAG_STORES(_e2asi, "wr %g0, 0xe2, %asi", "[%o0] %asi");
TAG_STORES(_f2asi, "wr %g0, 0xf2, %asi", "[%o0] %asi");

/* The ASIs of the system, and one that is nobody's. */
INSN(load_priv, "", "ldxa [%o0] 0x02, %o1", "");
INSN(load_real, "", "ldxa [%o0] 0x05, %o1", "");
INSN(store_priv, "", "stxa %o1, [%o0] 0x02", "");
INSN(store_real, "wr %g0, 0x05, %asi", "stxa %o1, [%o0] %asi", "");
INSN(load_none, "", "ldxa [%o0] 0x95, %o1", "");
INSN(store_pnf, "", "stxa %o1, [%o0] 0x82", "");

#define LOAD(name, mode, size) {name##mode, name##mode##_pc, size}
#define LOADS(mode)                                                            \
    LOAD(ub, mode, 1), LOAD(sb, mode, 1), LOAD(uh, mode, 2),                   \
        LOAD(sh, mode, 2), LOAD(uw, mode, 4), LOAD(sw, mode, 4),               \
        LOAD(x, mode, 8), LOAD(df, mode, 8)
#define STORES(mode)                                                           \
    LOAD(stb, mode, 1), LOAD(sth, mode, 2), LOAD(stw, mode, 4),                \
        LOAD(stx, mode, 8)

struct form {
    access_fn *fn;
    const char *pc;
    unsigned size;
};

static const struct form loads[] = {LOADS(_imm), LOADS(_asi)};
static const struct form stores[] = {STORES(_imm), STORES(_asi)};
static const struct form inits[] = {STORES(_init), STORES(_initasi)};
static const struct form blkinits[] = {STORES(_e2), STORES(_f2),
                                       STORES(_e2asi), STORES(_f2asi)};

static uint64_t scratch;

static void load_all(char *p, unsigned tag)
{
    for (size_t i = 0; i < ARRAY_SIZE(loads); i++)
        for (unsigned off = 0; off < BLOCK; off += 8 + loads[i].size) {
            unsigned at = off / loads[i].size * loads[i].size;

            CHECK(loads[i].fn(p + at, OLD, &scratch) == tag);
            /* The pointer's own version does not matter. */
            CHECK(loads[i].fn(tagged(p + at, (tag + 3) % 16), OLD, &scratch) ==
                  tag);
        }
    CHECK(uw_plus(p - 640, OLD, (void *)640) == tag);
    CHECK(saw_nothing());
}

/* Each store, anywhere in a block, to that block alone. */
static void store_all(char *page)
{
    unsigned n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(stores); i++)
        for (unsigned off = 0; off < BLOCK; off += stores[i].size) {
            char *p = page + n++ % 100 * BLOCK + BLOCK;
            unsigned left = tag_get(p - BLOCK), right = tag_get(p + BLOCK);
            uint64_t word = *(uint64_t *)tagged(p + off / 8 * 8, tag_get(p));
            uint64_t v = n * 7;

            stores[i].fn(tagged(p + off, n % 16), v, NULL);
            CHECK(tag_get(p) == v % 16);
            CHECK(tag_get(p - BLOCK) == left && tag_get(p + BLOCK) == right);
            CHECK(*(uint64_t *)tagged(p + off / 8 * 8, v % 16) == word);
        }
    CHECK(saw_nothing());
    /* Four bits of it are kept. */
    for (unsigned v = 0; v < 256; v += 5) {
        stb_imm(page, v, NULL);
        CHECK(tag_get(page) == v % 16);
        stx_plus(page - 64, ~(uint64_t)v, (void *)64);
        CHECK(tag_get(page) == 15 - v % 16);
    }
}

/* 0x92: the tag is set, and the line is zero. */
static void init_all(char *page)
{
    unsigned n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(inits); i++, n++) {
        char *p = page + (2 + n) * BLOCK;
        unsigned tag = 1 + n % 14;

        tag_range(p - BLOCK, 3 * BLOCK, 9);
        memset(tagged(p - BLOCK, 9), 0x5a, 3 * BLOCK);
        inits[i].fn(p, tag, NULL);
        CHECK(tag_get(p) == tag);
        for (unsigned k = 0; k < BLOCK; k += 8)
            CHECK(*(uint64_t *)tagged(p + k, tag) == 0);
        CHECK(tag_get(p - BLOCK) == 9 && tag_get(p + BLOCK) == 9);
        CHECK(*(uint8_t *)tagged(p - 1, 9) == 0x5a);
        CHECK(*(uint8_t *)tagged(p + BLOCK, 9) == 0x5a);
    }
    CHECK(saw_nothing());
}

static void misaligned(char *page)
{
    for (size_t i = 0; i < ARRAY_SIZE(loads); i++)
        for (unsigned off = 1; off < loads[i].size; off++) {
            /* What the system does about an FP doubleword in two halves. */
            if (loads[i].fn == df_imm || loads[i].fn == df_asi)
                continue;
            CHECK(loads[i].fn(page + off, OLD, &scratch) == OLD);
            CHECK(saw(SIGBUS, BUS_ADRALN, page + off, loads[i].pc));
        }
    tag_set(page, 3);
    for (size_t i = 0; i < ARRAY_SIZE(stores); i++)
        for (unsigned off = 1; off < stores[i].size; off++) {
            stores[i].fn(page + off, 4, NULL);
            CHECK(saw(SIGBUS, BUS_ADRALN, page + off, stores[i].pc));
        }
    CHECK(tag_get(page) == 3);
}

static void not_ours(char *page)
{
    char *p = tagged(page, 3);

    CHECK(load_priv(page, OLD, NULL) == OLD);
    CHECK(saw(SIGILL, ILL_PRVOPC, load_priv_pc, load_priv_pc));
    CHECK(load_real(page, OLD, NULL) == OLD);
    CHECK(saw(SIGILL, ILL_PRVOPC, load_real_pc, load_real_pc));
    store_priv(page, 4, NULL);
    CHECK(saw(SIGILL, ILL_PRVOPC, store_priv_pc, store_priv_pc));
    store_real(page, 4, NULL);
    CHECK(saw(SIGILL, ILL_PRVOPC, store_real_pc, store_real_pc));
    CHECK(load_none(p, OLD, NULL) == OLD);
    CHECK(saw(SIGILL, ILL_ILLADR, p, load_none_pc));
    store_pnf(p, 4, NULL);
    CHECK(saw(SIGILL, ILL_ILLADR, p, store_pnf_pc));
    CHECK(tag_get(page) == 3);
}

/* Block-init stores to a page with ADI: the tag is checked, and survives. */
static void blkinit_checked(char *page)
{
    for (size_t i = 0; i < ARRAY_SIZE(blkinits); i++) {
        char *p = page + (1 + i) * BLOCK, *wrong = tagged(p, 7);

        tag_range(p - BLOCK, 3 * BLOCK, 6);
        for (unsigned off = 0; off < BLOCK; off += 8)
            blkinits[i / 4 * 4 + 3].fn(tagged(p + off, 6), off + i, NULL);
        blkinits[i].fn(tagged(p + 8, 6), i, NULL);
        CHECK(saw_nothing());
        CHECK(tag_get(p - BLOCK) == 6 && tag_get(p) == 6 &&
              tag_get(p + BLOCK) == 6);
        CHECK(*(uint64_t *)tagged(p + 56, 6) == 56 + i);
        CHECK(*(uint64_t *)tagged(p, 6) == i);
        blkinits[i].fn(wrong, OLD, NULL);
        CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, blkinits[i].pc));
        CHECK(tag_get(p) == 6 && *(uint64_t *)tagged(p, 6) == i);
    }
}

/* To one without ADI: the start of a line clears the tag of that line. */
static void blkinit_unchecked(char *page)
{
    CHECK(mlock(page, PAGE) == 0); /* to swap, it goes without its tags */
    for (size_t i = 0; i < ARRAY_SIZE(blkinits); i++) {
        access_fn *fn = blkinits[i].fn;

        for (size_t b = 0; b < NTAGS; b++)
            tag_set(page + b * BLOCK, 1 + b % 14);
        CHECK(mprotect(page, PAGE, RW) == 0);
        fn(page + 10 * BLOCK, OLD, NULL);
        fn(page, OLD, NULL);
        fn(page + 127 * BLOCK, OLD, NULL);
        fn(page + 20 * BLOCK + 8, OLD, NULL); /* not the start */
        fn(page + 30 * BLOCK + 56, OLD, NULL);
        *(volatile uint64_t *)(page + 40 * BLOCK) = OLD; /* a plain store */
        CHECK(mprotect(page, PAGE, RW | PROT_ADI) == 0);
        for (size_t b = 0; b < NTAGS; b++) {
            unsigned want = b == 0 || b == 10 || b == 127 ? 0 : 1 + b % 14;

            CHECK(tag_get(page + b * BLOCK) == want);
        }
        CHECK(*(uint64_t *)tagged(page + 40 * BLOCK, 1 + 40 % 14) == OLD);
    }
    CHECK(saw_nothing());
    CHECK(munlock(page, PAGE) == 0);
}

int main(void)
{
    char *area = map_pages(3, RW | PROT_ADI), *page = area + PAGE;

    faults_catch();
    mcdper_set(1);
    for (unsigned tag = 0; tag < 16; tag++) {
        tag_range(page, PAGE, tag);
        load_all(page + 1024, tag);
        tag_set(page + 1024 - BLOCK, tag ^ 5); /* mixed */
        load_all(page + 1024, tag);
    }
    tag_range(page, PAGE, 0);
    for (size_t i = 0; i < PAGE; i++)
        page[i] = (char)(i * 11);
    store_all(page);
    tag_set(page, 9);
    CHECK(x_init(page, OLD, NULL) == 9); /* 0x92 loads as 0x90 does */
    init_all(page);
    misaligned(page);
    not_ours(page);
    blkinit_checked(page);
    blkinit_unchecked(page);
    return 0;
}
