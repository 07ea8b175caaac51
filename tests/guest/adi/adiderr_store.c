// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/adiderr_store.c - stores with the wrong version when %mcdper is 0
 *
 * Disrupting: the store is done, once, and soon after it SIGSEGV with
 * SEGV_ADIDERR comes, one for all stores up to then.  si_addr is the PC of
 * the first; the handler returns to an instruction after it.
 *
 * run:
 * report: all_kept
 * run: --kernel=linux-6.2
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: all_kept and counters.tags_restored > 0
 * run: --stress=migrate:3000:1
 * report: all_kept and counters.pages_migrated > 0
 * run: -E CASE=default
 * exit: 139
 * run: -E CASE=blocked
 * exit: 139
 * run: -E CASE=ignored
 * exit: 139
 */
#include "adi/adi.h"

#define NEW 0x8877665544332211ul

#define FILL16 "membar #Sync; ldda [%o2] 0xf0, %f16"

INSN(st_b, "", "stb %o1, [%o0]", "");
INSN(st_h, "", "sth %o1, [%o0]", "");
INSN(st_w, "", "stw %o1, [%o0]", "");
INSN(st_x, "", "stx %o1, [%o0]", "");
INSN(st_d, "mov %o1, %o4; mov %o1, %o5", "std %o4, [%o0]", "");
INSN(st_f, "ld [%o2], %f5", "st %f5, [%o0]", "");
INSN(st_df, "ldd [%o2], %f4", "std %f4, [%o0]", "");
INSN(sta_h, "", "stha %o1, [%o0] 0x80", "");
INSN(sta_x_le, "", "stxa %o1, [%o0] 0x88", "");
INSN(sta_x_asi, "wr %g0, 0x80, %asi", "stxa %o1, [%o0] %asi", "");
INSN(sta_df, "ldd [%o2], %f4", "stda %f4, [%o0] 0x80", "");
INSN(st_init, "", "stxa %o1, [%o0] 0xe2", "membar #Sync");
INSN(st_block, FILL16, "stda %f16, [%o0] 0xf0", "membar #Sync");
/* Several in a row; %o3 is the right pointer. */
INSN(four, "ldx [%o2], %o3; stx %o1, [%o3]", "stx %o1, [%o0]",
     "stb %o1, [%o0 + 8]; stx %o1, [%o0 + 16]; stw %o1, [%o0 + 64]");
INSN(st_slot, "", "ba 9f", "stx %o1, [%o0]; 9:");
INSN(atomic_x, "", "casx [%o0], %o2, %o1", "");
INSN(atomic_b, "", "ldstub [%o0], %o1", "");
INSN(atomic_w, "", "swap [%o0], %o1", "");

#define STORE(name, size) {#name, name, name##_pc, size}

static const struct {
    const char *name;
    access_fn *fn;
    const char *pc;
    unsigned size;
} stores[] = {
    STORE(st_b, 1),    STORE(st_h, 2),      STORE(st_w, 4),
    STORE(st_x, 8),    STORE(st_d, 8),      STORE(st_f, 4),
    STORE(st_df, 8),   STORE(sta_h, 2),     STORE(sta_x_le, 8),
    STORE(sta_df, 8),  STORE(sta_x_asi, 8), STORE(st_init, 8),
    STORE(st_block, 64),
};

/* Enough instructions for "soon". */
static void wait_for_fault(void)
{
    for (volatile int i = 0; i < 10000 && seen.count == 0; i++)
        ;
}

static void one(size_t n, char *plain, unsigned version, unsigned tag)
{
    static unsigned char fresh[64] __attribute__((aligned(64)));
    char *p = tagged(plain, version), *right = tagged(plain, tag);
    char after[BLOCK];

    memset(fresh, 0x3c, sizeof(fresh));
    /* What the store leaves, with the right version. */
    memset(right, 0x77, BLOCK);
    stores[n].fn(right, NEW, fresh);
    CHECK(saw_nothing());
    memcpy(after, right, BLOCK);
    memset(right, 0x77, BLOCK);

    stores[n].fn(p, NEW, fresh);
    wait_for_fault();
    if (!saw(SIGSEGV, SEGV_ADIDERR_N, stores[n].pc, NULL)) {
        printf("%s, version %u, tag %u\n", stores[n].name, version, tag);
        exit(2);
    }
    CHECK(memcmp(after, right, BLOCK) == 0);
    CHECK(tag_get(plain) == tag);
    wait_for_fault();
    CHECK(saw_nothing());
}

static void atomics(char *plain)
{
    uint64_t *right = tagged(plain, 5);
    char *wrong = tagged(plain, 6);

    /* They load as well: precise, and not done. */
    *right = NEW;
    CHECK(atomic_x(wrong, 1, (void *)NEW) == 1);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, atomic_x_pc));
    CHECK(atomic_b(wrong, 1, NULL) == 1);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, atomic_b_pc));
    CHECK(atomic_w(wrong, 1, NULL) == 1);
    CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, wrong, atomic_w_pc));
    CHECK(*right == NEW);
}

static void several(char *plain)
{
    uint64_t *right = tagged(plain, 5), *next = tagged(plain + 64, 9);
    uint64_t at = (uint64_t)(uintptr_t)(right + 7);

    memset(right, 0, 64);
    memset(next, 0, 64);
    four(tagged(plain, 6), NEW, &at);
    wait_for_fault();
    /* How many of them one report stands for is up to the machine. */
    CHECK(seen.sig == SIGSEGV && seen.code == SEGV_ADIDERR_N);
    CHECK(seen.first == (uint64_t)(uintptr_t)four_pc);
    CHECK(seen.count <= 4 && (seen.addr - seen.first) % 4 == 0 &&
          (seen.addr - seen.first) / 4 < 4);
    seen.count = 0;
    wait_for_fault();
    CHECK(saw_nothing());
    CHECK(right[7] == NEW && right[0] == NEW && right[2] == NEW);
    CHECK(right[1] == (NEW & 0xff) << 56);
    CHECK(next[0] == NEW << 32);

    /* In a delay slot. */
    right[0] = 0;
    st_slot(tagged(plain, 6), NEW, NULL);
    wait_for_fault();
    CHECK(saw(SIGSEGV, SEGV_ADIDERR_N, st_slot_pc + 4, NULL));
    CHECK(right[0] == NEW);

    /* Each bout is reported anew. */
    for (int i = 0; i < 100; i++) {
        st_x(tagged(plain, 7), i, NULL);
        wait_for_fault();
        CHECK(saw(SIGSEGV, SEGV_ADIDERR_N, st_x_pc, NULL));
        CHECK(right[0] == (uint64_t)i);
    }
}

/* A signal that cannot be caught now ends the program. */
static void end_by_signal(const char *how, char *plain)
{
    sigset_t set;

    if (strcmp(how, "default") == 0)
        signal(SIGSEGV, SIG_DFL);
    else if (strcmp(how, "ignored") == 0)
        signal(SIGSEGV, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGSEGV);
    if (strcmp(how, "blocked") == 0)
        CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    st_x(tagged(plain, 6), NEW, NULL);
    wait_for_fault();
    printf("still alive\n");
    exit(1);
}

int main(void)
{
    char *page = map_pages(2, PROT_READ | PROT_WRITE | PROT_ADI);
    const char *how = getenv("CASE");

    faults_catch();
    CHECK(mcdper_get() == 0);
    tag_range(page, PAGE, 5);
    if (how)
        end_by_signal(how, page);
    for (size_t b = 0; b < NTAGS; b++)
        tag_set(page + PAGE + b * BLOCK, 1 + b % 14);
    tag_sync();
    for (size_t n = 0; n < ARRAY_SIZE(stores); n++) {
        for (unsigned version = 0; version < 16; version++)
            if (version != 5)
                one(n, page + 3 * BLOCK, version, 5);
        for (size_t b = 0; b < NTAGS; b += 11)
            one(n, page + PAGE + b * BLOCK, 2 + b % 14, 1 + b % 14);
    }
    atomics(page);
    tag_set(page + 64, 9);
    several(page);

    /* Versions 0 and 15 of memory match any pointer: no report. */
    for (unsigned tag = 0; tag < 16; tag += 15) {
        tag_range(page, PAGE, tag);
        for (unsigned version = 0; version < 16; version++)
            st_x(tagged(page + 128, version), NEW + version, NULL);
        wait_for_fault();
        CHECK(saw_nothing());
    }
    return 0;
}
