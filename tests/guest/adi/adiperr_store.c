// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/adiperr_store.c - stores with the wrong version when %mcdper is 1
 *
 * Precise: SIGSEGV with SEGV_ADIPERR, si_addr with the version of the
 * pointer, the PC of the store, and the memory as it was.
 *
 * run:
 * report: all_kept
 * run: --kernel=linux-6.2
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: all_kept and counters.tags_restored > 0
 * run: --stress=migrate:3000:1
 * report: all_kept and counters.pages_migrated > 0
 * run: --stress=migrate:3000:1 --kernel=linux-6.2
 */
#include "adi/adi.h"

#define NEW 0x8877665544332211ul

#define FILL16 "membar #Sync; ldda [%o2] 0xf0, %f16"

INSN(st_b, "", "stb %o1, [%o0]", "");
INSN(st_h, "", "sth %o1, [%o0]", "");
INSN(st_w, "", "stw %o1, [%o0]", "");
INSN(st_x, "", "stx %o1, [%o0]", "");
INSN(st_zero, "", "stx %g0, [%o0]", "");
INSN(st_back, "add %o0, 16, %o0", "stx %o1, [%o0 - 16]", "");
INSN(st_d, "mov %o1, %o4; mov %o1, %o5", "std %o4, [%o0]", "");
INSN(st_f, "ld [%o2], %f5", "st %f5, [%o0]", "");
INSN(st_df, "ldd [%o2], %f4", "std %f4, [%o0]", "");
INSN(st_df_high, "ldd [%o2], %f46", "std %f46, [%o0]", "");
INSN(st_fsr, "", "stx %fsr, [%o0]", "");
INSN(sta_b, "", "stba %o1, [%o0] 0x80", "");
INSN(sta_h, "", "stha %o1, [%o0] 0x80", "");
INSN(sta_w_le, "", "stwa %o1, [%o0] 0x88", "");
INSN(sta_x, "", "stxa %o1, [%o0] 0x80", "");
INSN(sta_x_asi, "wr %g0, 0x80, %asi", "stxa %o1, [%o0] %asi", "");
INSN(sta_d, "mov %o1, %o4; mov %o1, %o5", "stda %o4, [%o0] 0x80", "");
INSN(sta_f, "ld [%o2], %f5", "sta %f5, [%o0] 0x80", "");
INSN(sta_df, "ldd [%o2], %f4", "stda %f4, [%o0] 0x80", "");
INSN(sta_short8, "ldd [%o2], %f4", "stda %f4, [%o0] 0xd0", "");
INSN(sta_short16, "ldd [%o2], %f4", "stda %f4, [%o0] 0xd2", "");
INSN(st_block, FILL16, "stda %f16, [%o0] 0xf0", "membar #Sync");
INSN(st_init, "", "stxa %o1, [%o0] 0xe2", "membar #Sync");
INSN(st_init_mru, "", "stxa %o1, [%o0] 0xf2", "membar #Sync");
INSN(st_init_asi, "wr %g0, 0xe2, %asi", "stxa %o1, [%o0] %asi", "membar #Sync");
/* Atomic accesses, whose compare succeeds or fails. */
INSN(ldst_ub, "", "ldstub [%o0], %o1", "");
INSN(swap_w, "", "swap [%o0], %o1", "");
INSN(cas_w, "", "cas [%o0], %o2, %o1", "");
INSN(cas_x, "", "casx [%o0], %o2, %o1", "");
INSN(cas_w_eq, "lduw [%o2 + 64], %o2", "cas [%o0], %o2, %o1", "");
INSN(cas_x_eq, "ldx [%o2 + 64], %o2", "casx [%o0], %o2, %o1", "");

#define STORE(name, size, quiet) {#name, name, name##_pc, size, quiet}

/* quiet: with the right version it does not change the memory either. */
static const struct store {
    const char *name;
    access_fn *fn;
    const char *pc;
    unsigned size;
    int quiet;
} stores[] = {
    STORE(st_b, 1, 0),        STORE(st_h, 2, 0),
    STORE(st_w, 4, 0),        STORE(st_x, 8, 0),
    STORE(st_zero, 8, 0),     STORE(st_back, 8, 0),
    STORE(st_d, 8, 0),        STORE(st_f, 4, 0),
    STORE(st_df, 8, 0),       STORE(st_df_high, 8, 0),
    STORE(st_fsr, 8, 0),      STORE(sta_b, 1, 0),
    STORE(sta_h, 2, 0),       STORE(sta_w_le, 4, 0),
    STORE(sta_x, 8, 0),       STORE(sta_x_asi, 8, 0),
    STORE(sta_d, 8, 0),       STORE(sta_f, 4, 0),
    STORE(sta_df, 8, 0),      STORE(sta_short8, 1, 0),
    STORE(sta_short16, 2, 0), STORE(st_block, 64, 0),
    STORE(st_init, 8, 0),     STORE(st_init_mru, 8, 0),
    STORE(st_init_asi, 8, 0), STORE(ldst_ub, 1, 0),
    STORE(swap_w, 4, 0),      STORE(cas_w, 4, 1),
    STORE(cas_x, 8, 1),       STORE(cas_w_eq, 4, 0),
    STORE(cas_x_eq, 8, 0),
};

static struct {
    unsigned char fresh[64], memory[64];
} __attribute__((aligned(64))) out;

/* One store to @plain + @off, by a pointer of @version against @tag. */
static void one(const struct store *s, char *plain, size_t off,
                unsigned version, unsigned tag)
{
    char *block = tagged(plain + off / BLOCK * BLOCK, tag);
    char *p = tagged(plain + off, version);
    char before[BLOCK];
    uint64_t v;

    memcpy(before, block, BLOCK);
    memset(out.fresh, 0xc3, sizeof(out.fresh));
    memcpy(out.memory, block + off % BLOCK, s->size);
    v = s->fn(p, NEW, &out);
    if (version == tag || tag == 0 || tag == 15) {
        CHECK(saw_nothing());
        CHECK((memcmp(before, block, BLOCK) == 0) == s->quiet);
        memcpy(block, before, BLOCK);
        return;
    }
    if (!saw(SIGSEGV, SEGV_ADIPERR_N, p, s->pc)) {
        printf("%s, version %u, tag %u\n", s->name, version, tag);
        exit(2);
    }
    CHECK(v == NEW);
    CHECK(memcmp(before, block, BLOCK) == 0);
}

static void all(char *page, unsigned (*tag_of)(size_t block))
{
    for (size_t b = 0; b < NTAGS; b++)
        tag_set(page + b * BLOCK, tag_of(b));
    tag_sync();
    for (size_t i = 0; i < ARRAY_SIZE(stores); i++) {
        unsigned size = stores[i].size;

        for (size_t b = 0; b < NTAGS; b += i % 2 ? 17 : 14) {
            size_t off = b * BLOCK + (b * 24 + i * 16) % BLOCK / size * size;
            unsigned tag = tag_of(b);

            one(&stores[i], page, off, tag, tag);
            one(&stores[i], page, off, (tag + 1 + i) % 16, tag);
            one(&stores[i], page, off, 0, tag);
            one(&stores[i], page, off, 15, tag);
        }
    }
    for (size_t b = 0; b < NTAGS; b++)
        CHECK(tag_get(page + b * BLOCK) == tag_of(b));
}

static unsigned tag_5(size_t block)
{
    (void)block;
    return 5;
}

static unsigned tag_by_block(size_t block)
{
    return 1 + block % 14;
}

static unsigned tag_odd_one(size_t block)
{
    return block == 0 || block == 126 ? 9 : 3;
}

int main(void)
{
    char *page = map_pages(2, PROT_READ | PROT_WRITE | PROT_ADI), *p;

    faults_catch();
    mcdper_set(1);
    for (size_t i = 0; i < PAGE; i++)
        page[i] = (char)(1 + i * 7 % 101);
    all(page, tag_5);
    all(page, tag_by_block);
    all(page, tag_odd_one);

    for (unsigned tag = 0; tag < 16; tag++) {
        for (size_t other = 0; other < 2; other++) {
            tag_range(page, PAGE, tag);
            tag_set(page + 64 * BLOCK, other ? tag ^ 1 : tag);
            for (unsigned version = 0; version < 16; version++) {
                one(&stores[3], page, 5 * BLOCK + 8, version, tag);
                one(&stores[0], page, PAGE - 1, version, tag);
            }
        }
    }

    /*
     * A page that was never written, and one that may not be: the right to
     * write is looked at first.
     */
    p = tagged(page + PAGE, 3);
    CHECK(st_x(p, NEW, NULL) == NEW);
    CHECK(saw_nothing());
    tag_range(page, PAGE, 6);
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_ADI) == 0);
    p = tagged(page, 6);
    st_x(p, NEW, NULL);
    CHECK(saw(SIGSEGV, SEGV_ACCERR, p, st_x_pc));
    return 0;
}
