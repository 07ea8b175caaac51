// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/nofault.c - non-faulting loads
 *
 * ASI_PNF and its kin: no version is checked; where a load would fault they
 * give 0.  A page that is away is fetched as for any load.
 *
 * run: --swap=64M
 * kernels: remap mte-*
 * report: errors == False and counters.pages_read >= 1
 * run: --swap=64M
 * kernels: linux-*
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: errors == False and counters.tags_restored > 0
 * run: --swap=64M --stress=migrate:3000:1
 * also: --kernel=swap-keyed
 * report: errors == False and counters.pages_migrated > 0
 */
#include "adi/adi.h"

#define RW  (PROT_READ | PROT_WRITE)
#define OLD 0x1122334455667788ul

#define LOADS(mode, before, where)                                             \
    INSN(ub##mode, before, "lduba " where ", %o1", "");                        \
    INSN(sb##mode, before, "ldsba " where ", %o1", "");                        \
    INSN(uh##mode, before, "lduha " where ", %o1", "");                        \
    INSN(sh##mode, before, "ldsha " where ", %o1", "");                        \
    INSN(uw##mode, before, "lduwa " where ", %o1", "");                        \
    INSN(sw##mode, before, "ldswa " where ", %o1", "");                        \
    INSN(x##mode, before, "ldxa " where ", %o1", "");                          \
    INSN(d##mode, before "; mov %o1, %o4; mov %o1, %o5",                       \
         "ldda " where ", %o4", "sllx %o4, 32, %o4; or %o4, %o5, %o1");        \
    INSN(f##mode, before "; stx %o1, [%o2]; ld [%o2], %f5",                    \
         "lda " where ", %f5", "st %f5, [%o2]; lduw [%o2], %o1");              \
    INSN(df##mode, before "; stx %o1, [%o2]; ldd [%o2], %f4",                  \
         "ldda " where ", %f4", "std %f4, [%o2]; ldx [%o2], %o1")

#define NOP "nop"

LOADS(_82, NOP, "[%o0] 0x82");
LOADS(_83, NOP, "[%o0] 0x83");
LOADS(_8a, NOP, "[%o0] 0x8a");
LOADS(_8b, NOP, "[%o0] 0x8b");
LOADS(_asi82, "wr %g0, 0x82, %asi", "[%o0] %asi");
LOADS(_asi83, "wr %g0, 0x83, %asi", "[%o0] %asi");
LOADS(_asi8a, "wr %g0, 0x8a, %asi", "[%o0] %asi");
LOADS(_off82, "sub %o0, 24, %o0; wr %g0, 0x82, %asi", "[%o0 + 24] %asi");
LOADS(_reg82, "sub %o0, 8, %o0; mov 8, %o3", "[%o0 + %o3] 0x82");

INSN(fetch, "", "prefetch [%o0], 0", "");
INSN(fetch_write, "", "prefetch [%o0], 2", "");
INSN(fetch_a, "", "prefetcha [%o0] 0x80, 0", "");
INSN(fetch_nf, "", "prefetcha [%o0] 0x82, 20", "");

enum kind { UB, SB, UH, SH, UW, SW, X, D, F, DF, KINDS };

static const unsigned sizes[KINDS] = {1, 1, 2, 2, 4, 4, 8, 8, 4, 8};

#define FORMS(mode, le)                                                        \
    {{ub##mode, sb##mode, uh##mode, sh##mode, uw##mode, sw##mode, x##mode,     \
      d##mode, f##mode, df##mode}, le, #mode}

static const struct form {
    access_fn *fn[KINDS];
    int le;
    const char *name;
} forms[] = {
    FORMS(_82, 0),    FORMS(_83, 0),    FORMS(_8a, 1),
    FORMS(_8b, 1),    FORMS(_asi82, 0), FORMS(_asi83, 0),
    FORMS(_asi8a, 1), FORMS(_off82, 0), FORMS(_reg82, 0),
};

/* What the load must give for these bytes. */
static uint64_t value(const unsigned char *p, enum kind kind, int le)
{
    unsigned size = sizes[kind];
    uint64_t v = 0;

    /* A little-endian ldda is two words. */
    for (unsigned i = 0; i < size; i++) {
        unsigned at = !le ? i : kind == D ? i ^ 3 : size - 1 - i;

        v = v << 8 | p[at];
    }
    if (kind == SB)
        v = (uint64_t)(int8_t)v;
    if (kind == SH)
        v = (uint64_t)(int16_t)v;
    if (kind == SW)
        v = (uint64_t)(int32_t)v;
    return v;
}

/* All loads at @p; @data: what is there, or NULL for what is not there. */
static void all(const volatile void *p, const unsigned char *data)
{
    static uint64_t scratch[2];

    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        for (enum kind kind = 0; kind < KINDS; kind++) {
            uint64_t v = forms[i].fn[kind](p, OLD, scratch);
            uint64_t want = data ? value(data, kind, forms[i].le) : 0;

            CHECK(saw_nothing());
            if (v != want) {
                printf("load %u of form %s at %p: %#lx, not %#lx\n", kind,
                       forms[i].name, (void *)(uintptr_t)p, v, want);
                exit(2);
            }
        }
    }
}

static void misaligned(const char *p)
{
    static uint64_t scratch[2];

    for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
        for (enum kind kind = 0; kind < KINDS; kind++)
            for (unsigned off = 1; off < sizes[kind]; off++) {
                /* The system does these for the program, in two words. */
                if (kind == DF && off == 4)
                    continue;
                CHECK(forms[i].fn[kind](p + off, OLD, scratch) == 0);
                CHECK(saw_nothing());
            }
}

/* Prefetches never fault, nor change anything. */
static void prefetches(const volatile void *p)
{
    static access_fn *const fns[] = {fetch, fetch_write, fetch_a, fetch_nf};

    for (size_t i = 0; i < ARRAY_SIZE(fns); i++)
        CHECK(fns[i](p, OLD, NULL) == OLD);
    CHECK(saw_nothing());
}

static void tags(void)
{
    char *p = map_pages(3, RW | PROT_ADI);
    unsigned char data[BLOCK];

    for (size_t i = 0; i < BLOCK; i++)
        data[i] = (unsigned char)(0x81 + 29 * i);
    for (size_t i = 0; i < 3 * PAGE; i += BLOCK)
        memcpy(p + i, data, BLOCK);
    tag_range(p, PAGE, 5);
    for (size_t b = 0; b < NTAGS; b++)
        tag_set(p + PAGE + b * BLOCK, b % 16);
    tag_sync();
    for (unsigned tag = 0; tag < 16; tag++) {
        all(tagged(p + 64, tag), data);
        all(tagged(p + PAGE + 7 * BLOCK + 8, tag), data + 8);
        all(tagged(p + 2 * PAGE + 32, tag), data + 32);
        misaligned(tagged(p + 64, tag));
        prefetches(tagged(p + 64, tag));
        prefetches(tagged(p + PAGE + 7 * BLOCK, tag));
    }
    /* Away. */
    page_out(p);
    all(tagged(p + 48, 5), data + 48);
    page_out(p);
    all(tagged(p + 48, 9), data + 48);
    CHECK(tag_get(p) == 5);

    /* No ADI: a version is no part of an address. */
    CHECK(mprotect(p, PAGE, RW) == 0);
    all(p + 40, data + 40);
    all(tagged(p + 40, 5), NULL);
    page_out(p);
    all(p + 40, data + 40);
    CHECK(munmap(p, 3 * PAGE) == 0);
    all(p + 40, NULL);
    all(tagged(p + 40, 5), NULL);
}

int main(void)
{
    char *p = map_pages(3, RW);
    unsigned char data[64];

    faults_catch();
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(0xfe - 7 * i);
    memcpy(p, data, sizeof(data));
    for (size_t off = 0; off < 56; off += 8)
        all(p + off, data + off);
    misaligned(p);
    all(p + 2 * PAGE, (unsigned char[8]){0});

    /* Nothing there, or nothing for us. */
    all(NULL, NULL);
    misaligned(NULL);
    prefetches(NULL);
    prefetches((void *)0x40000001);
    all((void *)0x40000000, NULL);
    all((void *)0x0008000000000000, NULL); /* the hole */
    all((void *)-8l, NULL);
    CHECK(mprotect(p, PAGE, PROT_NONE) == 0);
    all(p, NULL);
    CHECK(mprotect(p, PAGE, PROT_READ) == 0);
    all(p, data);
    CHECK(munmap(p + PAGE, PAGE) == 0);
    all(p + PAGE, NULL);
    misaligned(p + PAGE);
    tags();
    return 0;
}
