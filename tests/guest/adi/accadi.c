// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/accadi.c - tag accesses in a process that never asked for PROT_ADI
 *
 * PSTATE.mcde is off: "MCD disabled", SIGSEGV with SEGV_ACCADI, whatever the
 * page is.  The first PROT_ADI ends that.
 *
 * run:
 * report: errors == False
 * report: counters.tag_stores == 1 and counters.tag_loads == 1
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
INSN(load_asi, "wr %g0, 0x90, %asi", "ldxa [%o0] %asi, %o1", "");
INSN(store_x, "", "stxa %o1, [%o0] 0x90", "");
INSN(store_b, "", "stba %o1, [%o0] 0x90", "");
INSN(store_init, "", "stxa %o1, [%o0] 0x92", "");
INSN(store_asi, "wr %g0, 0x90, %asi", "stxa %o1, [%o0] %asi", "");

static const struct {
    access_fn *fn;
    const char *pc;
} all[] = {
    {load_x, load_x_pc},         {load_b, load_b_pc},
    {load_asi, load_asi_pc},     {store_x, store_x_pc},
    {store_b, store_b_pc},       {store_init, store_init_pc},
    {store_asi, store_asi_pc},
};

static char in_data[64] __attribute__((aligned(64))) = "initialised";

/* Every form on the block at @p: the fault, and nothing else happens. */
static void refused(volatile char *p)
{
    char before[64];

    memcpy(before, (void *)p, sizeof(before));
    for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
        CHECK(all[i].fn(p, OLD, NULL) == OLD);
        CHECK(saw(SIGSEGV, SEGV_ACCADI_N, p, all[i].pc));
        CHECK(memcmp(before, (void *)p, sizeof(before)) == 0);
    }
    CHECK(load_x(p + 24, OLD, NULL) == OLD);
    CHECK(saw(SIGSEGV, SEGV_ACCADI_N, p + 24, load_x_pc));
}

int main(void)
{
    char on_stack[64] __attribute__((aligned(64))) = "on the stack";
    char *fresh = map_pages(2, PROT_READ | PROT_WRITE), *heap;

    faults_catch();
    CHECK(store_x(fresh + PAGE, OLD, NULL) == OLD);
    CHECK(saw(SIGSEGV, SEGV_ACCADI_N, fresh + PAGE, store_x_pc));
    memset(fresh, 3, PAGE);
    for (size_t off = 0; off < PAGE; off += 1024)
        refused(fresh + off);
    refused(on_stack);
    refused(in_data);
    heap = aligned_alloc(64, 64);
    CHECK(heap);
    memset(heap, 4, 64);
    refused(heap);

    /* Another page gets PROT_ADI: mcde is on for all of them. */
    CHECK(mprotect(fresh + PAGE, PAGE, PROT_READ | PROT_WRITE | PROT_ADI) ==
          0);
    CHECK(load_x(fresh, OLD, NULL) == OLD);
    CHECK(saw(SIGILL, ILL_ILLADR, fresh, load_x_pc));
    CHECK(store_x(fresh + PAGE, 5, NULL) == 5);
    CHECK(load_x(fresh + PAGE, OLD, NULL) == 5);
    CHECK(saw_nothing());
    return 0;
}
