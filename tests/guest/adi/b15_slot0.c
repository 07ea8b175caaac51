// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b15_slot0.c - the buffer of descriptor 0
 *
 * When the last copy in it is restored, descriptor 0 keeps its buffer, and
 * the next save there takes a new one and forgets the old: 64 KiB are gone
 * until reboot, each round.  A store by swap entry saves with the write, and
 * for a page of zeros, which v6.12 only notes, in its place.
 *
 * run: --swap=64M --verbose-pages
 * kernels: linux-*
 * report: errors == True and len(pages) == 0
 * report: totals.leaked_allocations == 9
 * report: totals.leaked_bytes == 9 * 65536
 * report: all(l["class"] == "leaked until reboot" for l in leaks)
 * report: sum(l.allocations for l in leaks) == 9
 * report: all(l.descriptor == 0 for l in leaks)
 * report: all(l.cause.function == "alloc_tag_store" for l in leaks)
 * report: store_peak_bytes == 8192 + 10 * 65536
 * report: counters.tags_saved == 10 and counters.tags_restored == 10
 * report: totals.wrong_releases == 0
 * run: --swap=64M -E CASE=held
 * kernels: linux-*
 * report: errors == False and totals.leaked_bytes == 0
 * report: counters.tags_saved == 11 and counters.tags_restored == 11
 * report: store_peak_bytes == 8192 + 65536
 * run: --swap=64M -E CASE=other
 * kernels: linux-*
 * report: errors == False and totals.leaked_bytes == 0
 * report: store_peak_bytes == 8192 + 2 * 65536
 * run: --swap=64M
 * report: errors == False and totals.leaked_bytes == 0
 * report: counters.tags_saved == 10 and counters.tags_restored == 10
 * run: --swap=64M
 * kernels: mte-*
 * report: errors == False and totals.leaked_bytes == 0
 * report: counters.tags_saved == 1 and counters.tags_restored == 10
 * report: counters.pages_written + counters.pages_of_zeros_out == 1
 * report: store_peak_bytes == 8
 */
#include "adi/adi.h"

#define A     0x70000000ul
#define RANGE (8ul << 20)

static char *tagged_page(uintptr_t va)
{
    char *p = page_at(va, PROT_READ | PROT_WRITE | PROT_ADI);

    tag_range(p, PAGE, 5);
    return p;
}

int main(void)
{
    const char *how = getenv("CASE");
    char *p = tagged_page(A), *held = NULL;

    /* Something saved all the time: in this descriptor, or in slot 0. */
    if (how && strcmp(how, "held") == 0)
        held = tagged_page(A - PAGE);
    if (how && strcmp(how, "other") == 0)
        held = tagged_page(A + RANGE);
    if (held)
        page_out(held);
    for (int i = 0; i < 10; i++) {
        page_out(p);
        CHECK(tag_get(p) == 5);
    }
    if (held)
        CHECK(tag_get(held) == 5);
    return 0;
}
