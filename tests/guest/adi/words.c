// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/words.c - doubles at a multiple of 4, and quads: Linux moves them word
 * by word, in a trap
 *
 * Where it cannot, the signal is SIGSEGV with SEGV_MAPERR at the first byte,
 * whatever the reason: of a page that may not be written, too.
 *
 * run:
 * report: errors == False
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: errors == False
 * run: --stress=migrate:3000:1
 * report: errors == False
 */
#include "adi/adi.h"

#define NEW  0x1122334455667788ul
#define SWAP 0x8877665544332211ul

/* %o1 goes through the memory at %o2. */
#define LOAD(insn)   "", insn, "std %f0, [%o2]\n\tldx [%o2], %o1"
#define STORE(insn)  "stx %o1, [%o2]\n\tldd [%o2], %f0", insn, ""
#define F(name, ...) INSN(name, __VA_ARGS__)

F(load_d, LOAD("ldd [%o0], %f0"));
F(load_little, LOAD("ldda [%o0] 0x88, %f0"));
F(load_nofault, LOAD("ldda [%o0] 0x82, %f0"));
F(load_q, LOAD("ldq [%o0], %f0"));
F(load_q_nofault, LOAD("ldqa [%o0] 0x82, %f0"));
F(store_d, STORE("std %f0, [%o0]"));
F(store_little, STORE("stda %f0, [%o0] 0x88"));
F(store_q, STORE("stq %f0, [%o0]"));

static uint64_t through;

static uint64_t word(const char *p)
{
    uint32_t w;

    memcpy(&w, p, sizeof(w));
    return w;
}

static int holds(const char *p, uint64_t v)
{
    return (word(p) << 32 | word(p + 4)) == v;
}

/* The first access to a page, then one that finds it. */
static void moved(int prot)
{
    char *p = map_pages(4, PROT_READ | PROT_WRITE | prot) + 4;

    for (int again = 0; again < 2; again++) {
        store_d(p, NEW + again, &through);
        CHECK(holds(p, NEW + again));
        store_little(p + PAGE, NEW, &through);
        CHECK(holds(p + PAGE, SWAP));
        CHECK(load_d(p, 0, &through) == NEW + again);
        CHECK(load_little(p + PAGE, 0, &through) == NEW);
        CHECK(load_d(p + 2 * PAGE, 1, &through) == 0);
        CHECK(load_nofault(p, 0, &through) == NEW + again);
        /* Over the end of a page. */
        store_d(p + PAGE - 8, NEW, &through);
        CHECK(holds(p + PAGE - 8, NEW));
        CHECK(load_d(p + PAGE - 8, 0, &through) == NEW);
        store_q(p + 3 * PAGE - 12, NEW, &through);
        CHECK(load_q(p + 3 * PAGE - 12, 0, &through) == NEW);
    }
    CHECK(saw_nothing());
}

static void refused(void)
{
    char *p = map_pages(3, PROT_READ | PROT_WRITE);
    char *end = p + PAGE - 4;

    store_d(p + 4, NEW, &through);
    munmap(p + PAGE, PAGE);
    store_d(end, NEW, &through);
    CHECK(saw(SIGSEGV, SEGV_MAPERR, end, store_d_pc));
    CHECK(word(end) == NEW >> 32); /* the word before it was stored */
    (void)load_d(end, 0, &through);
    CHECK(saw(SIGSEGV, SEGV_MAPERR, end, load_d_pc));
    store_q(end, NEW, &through);
    CHECK(saw(SIGSEGV, SEGV_MAPERR, end, store_q_pc));
    (void)load_q(end - 4, 0, &through);
    CHECK(saw(SIGSEGV, SEGV_MAPERR, end - 4, load_q_pc));
    CHECK(load_nofault(end, 1, &through) == 0);
    CHECK(load_q_nofault(end, 1, &through) == 0);
    CHECK(saw_nothing());

    mprotect(p, PAGE, PROT_READ);
    store_d(p + 4, SWAP, &through);
    CHECK(saw(SIGSEGV, SEGV_MAPERR, p + 4, store_d_pc));
    store_q(p + 8, SWAP, &through);
    CHECK(saw(SIGSEGV, SEGV_MAPERR, p + 8, store_q_pc));
    store_d(p + 8, SWAP, &through); /* one access of the CPU's own */
    CHECK(saw(SIGSEGV, SEGV_ACCERR, p + 8, store_d_pc));
    CHECK(holds(p + 4, NEW));
    (void)load_d(p + 2, 0, &through);
    CHECK(saw(SIGBUS, BUS_ADRALN, p + 2, load_d_pc));
}

int main(void)
{
    faults_catch();
    moved(0);
    moved(PROT_ADI);
    refused();
    CHECK(saw_nothing());
    return 0;
}
