// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/swapio.c - reads, writes and allocations that fail
 *
 * A page that cannot be read back is SIGBUS for the access; one that cannot
 * be written, or whose tags find no room, stays and is right.
 *
 * run: --swap=2M -E CASE=read --fail=swapread:1
 * kernels: remap mte-*
 * stdout: 0 slots stay behind
 * report: totals.leaked_bytes == 0
 * run: --swap=2M -E CASE=read --fail=swapread:1
 * kernels: linux-*
 * stdout: 0 slots stay behind
 * run: --swap=2M -E CASE=write --fail=swapwrite:1
 * kernels: remap mte-*
 * stdout: 0 slots stay behind
 * report: errors == False
 * run: --swap=2M -E CASE=write --fail=swapwrite:1
 * kernels: linux-*
 * stdout: 0 slots stay behind
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 * run: --swap=2M -E CASE=store --fail=tagstore:1
 * stdout: 0 slots stay behind
 * report: errors == True and totals.refused_saves == 1
 * report: refused_saves[0].cause.id == "no-memory"
 * report: counters.saves_failed == 1 and counters.unmaps_failed == 1
 * run: --swap=2M -E CASE=store --fail=tagstore:1
 * kernels: mte-*
 * stdout: 0 slots stay behind
 * report: totals.refused_saves == 1 and counters.pages_written >= 1
 * report: counters.saves_failed == 1 and counters.unmaps_failed == 0
 * run: --swap=2M -E CASE=store --fail=tagstore:1
 * kernels: linux-* !linux-5.*
 * stdout: 0 slots stay behind
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 * report: counters.saves_failed == 1 and counters.unmaps_failed == 1
 * run: --swap=2M -E CASE=store --fail=tagstore:2
 * kernels: linux-* !linux-5.*
 * stdout: 0 slots stay behind
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 * report: counters.saves_failed == 1 and counters.unmaps_failed == 1
 * run: --swap=2M -E CASE=store --fail=tagstore:1
 * kernels: linux-5.*
 * also: --fail=tagstore:2
 * stdout: 1 slots stay behind
 * report: totals.lost_pages == 0 and totals.stale_pages == 0
 * report: counters.saves_failed == 1 and counters.unmaps_failed == 1
 */
#include <sys/sysinfo.h>

#include "adi/adi.h"

#define RWA (PROT_READ | PROT_WRITE | PROT_ADI)
#define OLD 0x1122334455667788ul

INSN(ld_x, "", "ldx [%o0], %o1", "");

static void fill(char *p)
{
    for (size_t b = 0; b < NTAGS; b++) {
        tag_set(p + b * BLOCK, b % 16);
        *(size_t *)tagged(p + b * BLOCK, b % 16) = b * 3;
    }
    tag_sync();
}

static int is_right(char *p)
{
    for (size_t b = 0; b < NTAGS; b++)
        if (tag_get(p + b * BLOCK) != b % 16 ||
            *(size_t *)tagged(p + b * BLOCK, b % 16) != b * 3)
            return 0;
    return saw_nothing();
}

static unsigned long free_swap(void)
{
    struct sysinfo info;

    CHECK(sysinfo(&info) == 0);
    return info.freeswap * info.mem_unit;
}

int main(void)
{
    const char *how = getenv("CASE");
    char *p = map_pages(2, RWA), *q = p + PAGE;
    unsigned long room;

    CHECK(how);
    faults_catch();
    fill(p);
    fill(q);
    room = free_swap();
    CHECK(room >= (2ul << 20) - 10 * PAGE && room <= 2ul << 20);
    if (strcmp(how, "read") == 0) {
        page_out(p);
        page_out(q);
        CHECK(free_swap() == room - 2 * PAGE);
        CHECK(ld_x(p, OLD, NULL) == OLD);
        CHECK(saw(SIGBUS, BUS_ADRERR, p, ld_x_pc));
        CHECK(is_right(q));
        /* Given up, the place is as good as any. */
        CHECK(munmap(p, PAGE) == 0);
        p = mmap(p, PAGE, RWA, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        CHECK(p == q - PAGE && tag_get(p) == 0);
        fill(p);
    } else if (strcmp(how, "write") == 0) {
        CHECK(!leaves(p)); /* still in memory, in the swap cache */
        CHECK(is_right(p));
    } else {
        CHECK(!leaves(p));
        CHECK(free_swap() >= room - PAGE); /* the swap cache may hold one */
        CHECK(is_right(p));
    }
    CHECK(is_right(p) && is_right(q));
    /* It was once: from here on all goes well. */
    for (int i = 0; i < 3; i++) {
        page_out(p);
        page_out(q);
        CHECK(is_right(p) && is_right(q));
    }
    CHECK(munmap(p, 2 * PAGE) == 0);
    printf("%lu slots stay behind\n", (room - free_swap()) / PAGE);
    return 0;
}
