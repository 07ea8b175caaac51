// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/illadr.c - tag accesses to a page without PROT_ADI, mcde being on
 *
 * "Invalid ASI": SIGILL with ILL_ILLADR.  What is no page at all, or may not
 * be written, is an ordinary fault.
 *
 * run:
 * report: errors == False
 * run: --kernel=linux-6.2
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: errors == False
 * run: --stress=migrate:3000:1
 * report: errors == False
 */
#include "adi/adi.h"

#define OLD 0x1122334455667788ul

INSN(load_x, "", "ldxa [%o0] 0x90, %o1", "");
INSN(load_b, "", "lduba [%o0] 0x90, %o1", "");
INSN(load_asi, "wr %g0, 0x90, %asi", "lduwa [%o0 + 4] %asi, %o1", "");
INSN(store_x, "", "stxa %o1, [%o0] 0x90", "");
INSN(store_w, "", "stwa %o1, [%o0] 0x90", "");
INSN(store_init, "", "stxa %o1, [%o0] 0x92", "");

static void refused(volatile char *p)
{
    char before[64];

    memcpy(before, (void *)p, sizeof(before));
    CHECK(load_x(p, OLD, NULL) == OLD);
    CHECK(saw(SIGILL, ILL_ILLADR, p, load_x_pc));
    CHECK(load_b(p + 63, OLD, NULL) == OLD);
    CHECK(saw(SIGILL, ILL_ILLADR, p + 63, load_b_pc));
    CHECK(load_asi(p, OLD, NULL) == OLD);
    CHECK(saw(SIGILL, ILL_ILLADR, p + 4, load_asi_pc));
    store_x(p, 5, NULL);
    CHECK(saw(SIGILL, ILL_ILLADR, p, store_x_pc));
    store_w(p + 60, 5, NULL);
    CHECK(saw(SIGILL, ILL_ILLADR, p + 60, store_w_pc));
    store_init(p, 5, NULL);
    CHECK(saw(SIGILL, ILL_ILLADR, p, store_init_pc));
    CHECK(memcmp(before, (void *)p, sizeof(before)) == 0);
}

int main(void)
{
    char *adi = map_pages(1, PROT_READ | PROT_WRITE | PROT_ADI);
    char *plain = map_pages(3, PROT_READ | PROT_WRITE);
    char on_stack[64] __attribute__((aligned(64))) = "on the stack";

    faults_catch();
    tag_range(adi, PAGE, 7);
    CHECK(tag_get(adi) == 7);

    /* Never touched, touched, read only, on the stack. */
    store_x(plain + 2 * PAGE, 5, NULL);
    CHECK(saw(SIGILL, ILL_ILLADR, plain + 2 * PAGE, store_x_pc));
    refused(plain + PAGE + 128);
    memset(plain, 9, PAGE);
    for (size_t off = 0; off < PAGE; off += 512)
        refused(plain + off);
    refused(on_stack);
    CHECK(mprotect(plain, PAGE, PROT_READ) == 0);
    CHECK(load_x(plain, OLD, NULL) == OLD);
    CHECK(saw(SIGILL, ILL_ILLADR, plain, load_x_pc));

    /* No page; no right to write: before any look at the page's ADI. */
    CHECK(munmap(plain, PAGE) == 0);
    CHECK(load_x(plain, OLD, NULL) == OLD);
    CHECK(saw(SIGSEGV, SEGV_MAPERR, plain, load_x_pc));
    store_x(plain + 64, 5, NULL);
    CHECK(saw(SIGSEGV, SEGV_MAPERR, plain + 64, store_x_pc));
    CHECK(mprotect(adi, PAGE, PROT_READ | PROT_ADI) == 0);
    store_x(adi + 128, 5, NULL);
    CHECK(saw(SIGSEGV, SEGV_ACCERR, adi + 128, store_x_pc));
    CHECK(load_x(adi + 128, OLD, NULL) == 7);
    CHECK(mprotect(adi, PAGE, PROT_NONE | PROT_ADI) == 0);
    CHECK(load_x(adi, OLD, NULL) == OLD);
    CHECK(saw(SIGSEGV, SEGV_ACCERR, adi, load_x_pc));

    /* ADI off and on again for one page. */
    CHECK(mprotect(adi, PAGE, PROT_READ | PROT_WRITE) == 0);
    store_x(adi, 5, NULL);
    CHECK(saw(SIGILL, ILL_ILLADR, adi, store_x_pc));
    CHECK(mprotect(adi, PAGE, PROT_READ | PROT_WRITE | PROT_ADI) == 0);
    CHECK(load_x(adi, OLD, NULL) == 7);
    CHECK(saw_nothing());
    return 0;
}
