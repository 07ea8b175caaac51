// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/adiperr_load.c - loads whose pointer has the wrong version
 *
 * Always precise: SIGSEGV with SEGV_ADIPERR, si_addr with the version of the
 * pointer, the PC of the load, and no register or memory changed.  Atomic
 * accesses load, so they belong here.  The page has one version everywhere
 * or one for each block.
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

#define OLD 0x1122334455667788ul

/* Into %o1. */
INSN(ld_ub, "", "ldub [%o0], %o1", "");
INSN(ld_sb, "", "ldsb [%o0], %o1", "");
INSN(ld_uh, "", "lduh [%o0], %o1", "");
INSN(ld_sh, "", "ldsh [%o0], %o1", "");
INSN(ld_uw, "", "lduw [%o0], %o1", "");
INSN(ld_sw, "", "ldsw [%o0], %o1", "");
INSN(ld_x, "", "ldx [%o0], %o1", "");
INSN(ld_reg, "mov 8, %o3; sub %o0, %o3, %o0", "ldx [%o0 + %o3], %o1", "");
INSN(ld_same, "mov %o0, %o4; mov %o1, %o0", "ldx [%o4], %o0", "mov %o0, %o1");
INSN(lda_ub, "", "lduba [%o0] 0x80, %o1", "");
INSN(lda_sh, "", "ldsha [%o0] 0x80, %o1", "");
INSN(lda_x_le, "", "ldxa [%o0] 0x88, %o1", "");
INSN(lda_x_asi, "wr %g0, 0x80, %asi", "ldxa [%o0] %asi, %o1", "");
INSN(ldst_ub, "", "ldstub [%o0], %o1", "");
INSN(swap_w, "", "swap [%o0], %o1", "");
INSN(swapa_w, "", "swapa [%o0] 0x80, %o1", "");
INSN(cas_w, "", "cas [%o0], %o2, %o1", "");
INSN(cas_x, "", "casx [%o0], %o2, %o1", "");
/* The compare would succeed: out + 64 holds what is in memory. */
INSN(cas_w_eq, "lduw [%o2 + 64], %o2", "cas [%o0], %o2, %o1", "");
INSN(cas_x_eq, "ldx [%o2 + 64], %o2", "casx [%o0], %o2, %o1", "");
/* Into the buffer at %o2, by way of other registers. */
INSN(ld_d, "ldd [%o2], %o4", "ldd [%o0], %o4", "std %o4, [%o2]");
INSN(lda_d, "ldd [%o2], %o4", "ldda [%o0] 0x80, %o4", "std %o4, [%o2]");
INSN(ld_twin, "ldx [%o2], %o4; ldx [%o2 + 8], %o5",
     "ldda [%o0] 0xe2, %o4", "stx %o4, [%o2]; stx %o5, [%o2 + 8]");
INSN(ld_f, "ld [%o2], %f5", "ld [%o0], %f5", "st %f5, [%o2]");
INSN(ld_df, "ldd [%o2], %f4", "ldd [%o0], %f4", "std %f4, [%o2]");
INSN(ld_df_high, "ldd [%o2], %f46", "ldd [%o0], %f46", "std %f46, [%o2]");
INSN(lda_f, "ld [%o2], %f5", "lda [%o0] 0x80, %f5", "st %f5, [%o2]");
INSN(lda_df, "ldd [%o2], %f4", "ldda [%o0] 0x80, %f4", "std %f4, [%o2]");
INSN(lda_short8, "ldd [%o2], %f4", "ldda [%o0] 0xd0, %f4", "std %f4, [%o2]");
INSN(lda_short16, "ldd [%o2], %f4", "ldda [%o0] 0xd2, %f4", "std %f4, [%o2]");
INSN(ld_block, "membar #Sync; ldda [%o2] 0xf0, %f16", "ldda [%o0] 0xf0, %f16",
     "membar #Sync; stda %f16, [%o2] 0xf0; membar #Sync");
/* In delay slots: of a branch taken, one not taken, a return. */
INSN(slot_taken, "", "ba 9f; ldx [%o0], %o1", "mov 1, %o1; 9:");
INSN(slot_not, "cmp %g0, %g0", "bne 9f; ldx [%o0], %o1", "nop; 9:");
INSN(slot_annulled, "cmp %g0, %g0", "bne,a 9f; ldx [%o0], %o1", "nop; 9:");
INSN(slot_return, "mov %o0, %o3; mov %o1, %o0", "retl; ldx [%o3], %o0", "");
/* What was done before stays done, once. */
INSN(twice, "inc %o1; inc %o1; inc 64, %o2", "ldx [%o0], %o3",
     "dec %o1; add %o2, %o1, %o1");
INSN(ld_fsr, "ldx [%o2], %fsr", "ldx [%o0], %fsr", "stx %fsr, [%o2]");

#define LOAD(name, size) {#name, name, name##_pc, size}

static const struct load {
    const char *name;
    access_fn *fn;
    const char *pc;
    unsigned size;
} loads[] = {
    LOAD(ld_ub, 1), LOAD(ld_sb, 1), LOAD(ld_uh, 2), LOAD(ld_sh, 2),
    LOAD(ld_uw, 4), LOAD(ld_sw, 4), LOAD(ld_x, 8), LOAD(ld_reg, 8),
    LOAD(ld_same, 8), LOAD(lda_ub, 1), LOAD(lda_sh, 2), LOAD(lda_x_le, 8),
    LOAD(lda_x_asi, 8), LOAD(ldst_ub, 1), LOAD(swap_w, 4), LOAD(swapa_w, 4),
    LOAD(cas_w, 4), LOAD(cas_x, 8), LOAD(cas_w_eq, 4), LOAD(cas_x_eq, 8),
    LOAD(ld_d, 8), LOAD(lda_d, 8), LOAD(ld_twin, 16), LOAD(ld_f, 4),
    LOAD(ld_df, 8), LOAD(ld_df_high, 8), LOAD(lda_f, 4), LOAD(lda_df, 8),
    LOAD(lda_short8, 1), LOAD(lda_short16, 2), LOAD(ld_block, 64),
};

static struct {
    unsigned char sentinel[64], memory[64];
} __attribute__((aligned(64))) out;

static void set_out(const char *p, size_t size)
{
    memset(out.sentinel, 0xa5, sizeof(out.sentinel));
    memcpy(out.memory, p, size);
}

static int out_kept(void)
{
    for (size_t i = 0; i < sizeof(out.sentinel); i++)
        if (out.sentinel[i] != 0xa5)
            return 0;
    return 1;
}

/* One load from @plain + @off, by a pointer of @version against @tag. */
static void one(const struct load *l, char *plain, size_t off, unsigned version,
                unsigned tag)
{
    char *block = tagged(plain + off / BLOCK * BLOCK, tag);
    char *p = tagged(plain + off, version);
    char before[BLOCK];
    uint64_t v;

    memcpy(before, block, BLOCK);
    set_out(block + off % BLOCK, l->size);
    v = l->fn(p, OLD, &out);
    if (version == tag || tag == 0 || tag == 15) {
        CHECK(saw_nothing());
        CHECK(v != OLD || !out_kept());
        memcpy(block, before, BLOCK);
        return;
    }
    if (!saw(SIGSEGV, SEGV_ADIPERR_N, p, l->pc)) {
        printf("%s, version %u, tag %u\n", l->name, version, tag);
        exit(2);
    }
    CHECK(v == OLD && out_kept());
    CHECK(memcmp(before, block, BLOCK) == 0);
}

/* Every load from a few places of the page, where block b has tag_of(b). */
static void all(char *page, unsigned (*tag_of)(size_t block))
{
    for (size_t b = 0; b < NTAGS; b++)
        tag_set(page + b * BLOCK, tag_of(b));
    tag_sync();
    for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
        unsigned size = loads[i].size;

        for (size_t b = 0; b < NTAGS; b += i % 2 ? 17 : 14) {
            size_t off = (b * 24 + i * 16) % BLOCK;
            unsigned tag = tag_of(b);

            off = b * BLOCK + off / size * size;
            one(&loads[i], page, off, tag, tag);
            one(&loads[i], page, off, (tag + 1 + i) % 16, tag);
            one(&loads[i], page, off, 0, tag);
            one(&loads[i], page, off, 15, tag);
        }
    }
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

/* One block differs, and is last or first. */
static unsigned tag_odd_one(size_t block)
{
    return block == 0 || block == 126 ? 9 : 3;
}

static void slots(char *page)
{
    char *wrong = tagged(page, 7), *right = tagged(page, 6);

    tag_range(page, PAGE, 6);
    *(uint64_t *)right = 1234;
    CHECK(slot_taken(right, OLD, NULL) == 1234);
    CHECK(slot_not(right, OLD, NULL) == 1234);
    CHECK(slot_return(right, OLD, NULL) == 1234);
    CHECK(saw_nothing());
    CHECK(slot_taken(wrong, OLD, NULL) == OLD);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, slot_taken_pc + 4));
    CHECK(slot_not(wrong, OLD, NULL) == OLD);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, slot_not_pc + 4));
    CHECK(slot_annulled(wrong, OLD, NULL) == OLD);
    CHECK(saw_nothing());
    CHECK(slot_return(wrong, OLD, NULL) == OLD);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, slot_return_pc + 4));
    CHECK(twice(wrong, 10, (void *)1000) == 1064 + 11);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, twice_pc));
}

int main(void)
{
    char *page = map_pages(3, PROT_READ | PROT_WRITE | PROT_ADI);
    uint64_t fsr = 0;

    faults_catch();
    mcdper_set(0);
    page += PAGE;
    for (size_t i = 0; i < PAGE; i++)
        page[i] = (char)(1 + i * 7 % 101);
    all(page, tag_5);
    all(page, tag_by_block);
    all(page, tag_odd_one);

    /* Each pointer version against each tag, uniform and mixed. */
    for (unsigned tag = 0; tag < 16; tag++) {
        for (size_t other = 0; other < 2; other++) {
            tag_range(page, PAGE, tag);
            tag_set(page + 64 * BLOCK, other ? tag ^ 1 : tag);
            for (unsigned version = 0; version < 16; version++) {
                one(&loads[6], page, 5 * BLOCK + 8, version, tag);
                one(&loads[0], page, PAGE - 1, version, tag);
            }
        }
    }

    slots(page);

    /* The FSR does not change either. */
    tag_range(page, PAGE, 6);
    ld_fsr(tagged(page, 7), OLD, &fsr);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(page, 7), ld_fsr_pc));

    /* The wrong page of two: the version is the memory's, not the page's. */
    tag_range(page - PAGE, PAGE, 8);
    CHECK(ld_x(tagged(page - 8, 8), OLD, NULL) == 0);
    CHECK(saw_nothing());
    CHECK(ld_x(tagged(page - 8, 6), OLD, NULL) == OLD);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(page - 8, 6), ld_x_pc));
    CHECK(ld_x(tagged(page, 8), OLD, NULL) == OLD);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(page, 8), ld_x_pc));
    return 0;
}
