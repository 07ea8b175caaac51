// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b8_stale.c - tags of an earlier owner
 *
 * The copy that a zap left behind is given to a new page at that address:
 * one without tags, swapped out before it got PROT_ADI.
 *
 * run: --ram=4M --swap=64M
 * kernels: linux-*
 * stdout: tag 5
 * stdout: mismatch
 * report: errors == True
 * report: totals.stale_pages == 1 and len(pages) == 1
 * report: pages[0].kind == "stale" and pages[0].va == "0x70000000"
 * report: pages[0].expected_tag == 0 and pages[0].found_tag == 5
 * report: pages[0].cause.function == "zap_pte_range"
 * report: pages[0].cause.at.kind == "swap-entry-gone"
 * report: pages[0].blocks == 128
 * report: counters.tags_saved == 1 and counters.tags_restored == 1
 * run: --ram=4M --swap=2M
 * kernels: remap mte-*
 * stdout: tag 0
 * stdout: no mismatch
 * report: errors == False
 * report: counters.tags_saved == 1 and counters.tags_dropped == 1
 */
#include "adi/adi.h"

#define A  0x70000000ul
#define RW (PROT_READ | PROT_WRITE)

INSN(ld_b, "", "ldub [%o0], %o1", "");

int main(void)
{
    char *p = page_at(A, RW | PROT_ADI);
    uint64_t v;

    faults_catch();
    tag_range(p, PAGE, 5);
    page_out(p);
    CHECK(munmap(p, PAGE) == 0);

    CHECK(page_at(A, RW) == p);
    *p = 77;
    page_out(p);
    soil_frames(9);
    CHECK(mprotect(p, PAGE, RW | PROT_ADI) == 0);
    v = ld_b(p, 0, NULL);
    if (seen.count) {
        CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, p, ld_b_pc));
        printf("mismatch\n");
    } else {
        CHECK(v == 77);
        printf("no mismatch\n");
    }
    printf("tag %u\n", tag_get(p));
    return 0;
}
