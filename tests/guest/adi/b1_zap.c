// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b1_zap.c - a page that is in swap is unmapped
 *
 * Linux v6.2 does not release the tags that it has saved: the user stays
 * counted and the buffer is kept until the process ends.  The range of a
 * buffer begins at the first page saved in it and has 8 MiB.
 *
 * A copy kept by slot goes when the slot is free: at once in a swap of 2M, with
 * 64 others where more than 320 slots are free.
 *
 * run: --swap=64M -E CASE=dontneed
 * kernels: linux-*
 * report: errors == True and len(leaks) == 1 and len(pages) == 0
 * report: leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].bytes == 65536 and leaks[0].allocations == 1
 * report: leaks[0].users == 1 and leaks[0].leaked_users == 1
 * report: leaks[0].start == "0x70000000" and leaks[0].end == "0x70800000"
 * report: leaks[0].descriptor == 0
 * report: leaks[0].allocated.path == "swap-out"
 * report: leaks[0].unreachable_since.path == "zap"
 * report: leaks[0].cause.function == "zap_pte_range" and leaks[0].cause.hook == "missing"
 * report: leaks[0].cause.at.event == leaks[0].unreachable_since.event
 * report: totals.leaked_bytes == 65536 and totals.leaked_allocations == 1
 * report: totals.wrong_releases == 0 and totals.lost_pages == 0
 * report: counters.tags_saved == 1 and counters.tags_restored == 0
 * report: store_peak_bytes == 8192 + 65536
 * run: --swap=64M -E CASE=munmap
 * kernels: linux-*
 * report: len(leaks) == 1 and leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].users == 1 and leaks[0].unreachable_since.path == "zap"
 * report: totals.leaked_bytes == 65536 and len(pages) == 0
 * run: --swap=64M -E CASE=replaced
 * kernels: linux-*
 * report: len(leaks) == 1 and leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].users == 1 and leaks[0].unreachable_since.path == "zap"
 * report: totals.leaked_bytes == 65536 and len(pages) == 0
 * run: --swap=64M -E CASE=free
 * kernels: linux-*
 * report: len(leaks) == 1 and leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].unreachable_since.path == "madv-free"
 * report: leaks[0].cause.function == "madvise_free_pte_range"
 * report: totals.leaked_bytes == 65536 and len(pages) == 0
 * run: --swap=64M -E CASE=again
 * kernels: linux-*
 * report: len(leaks) == 1 and leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].users == 5 and leaks[0].leaked_users == 5
 * report: totals.leaked_bytes == 65536 and len(pages) == 0
 * report: counters.tags_saved == 5 and counters.tags_restored == 0
 * run: --swap=64M -E CASE=single
 * kernels: linux-*
 * report: len(leaks) == 1 and leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].users == 3 and leaks[0].leaked_users == 3
 * report: totals.leaked_bytes == 65536
 * run: --swap=64M -E CASE=partly
 * kernels: linux-*
 * report: len(leaks) == 1 and leaks[0]["class"] == "partly leaked"
 * report: leaks[0].users == 2 and leaks[0].leaked_users == 1
 * report: totals.leaked_bytes == 65536 and errors == True
 * run: --swap=64M -E CASE=reachable
 * kernels: linux-*
 * report: errors == False and totals.leaked_bytes == 0
 * report: [l for l in leaks if l["class"] != "still reachable"] == []
 * run: --swap=64M -E CASE=several --verbose-pages
 * kernels: linux-*
 * report: len(leaks) == 7 and totals.leaked_bytes == 7 * 65536
 * report: all(l["class"] == "definitely leaked" for l in leaks)
 * report: all(l.users == 1 and l.leaked_users == 1 for l in leaks)
 * report: sorted(l.descriptor for l in leaks) == [0, 1, 2, 3, 4, 5, 6]
 * report: store_peak_bytes == 8192 + 7 * 65536
 * run: --swap=64M -E CASE=all
 * kernels: linux-*
 * report: records[0].count == 256 and totals.leaked_bytes == 256 * 65536
 * report: store_peak_bytes == 8192 + 256 * 65536
 * report: counters.saves_failed >= 1 and len(pages) == 0
 * run: --swap=2M -E CASE=dontneed
 * kernels: remap mte-*
 * report: errors == False and totals.leaked_bytes == 0
 * report: counters.tags_saved == 1 and counters.tags_dropped == 1
 * run: --swap=2M -E CASE=munmap
 * kernels: remap mte-*
 * report: errors == False and counters.tags_dropped == 1
 * run: --swap=2M -E CASE=replaced
 * kernels: remap mte-*
 * report: errors == False and counters.tags_dropped == 1
 * run: --swap=2M -E CASE=free
 * kernels: remap mte-*
 * report: errors == False and counters.tags_dropped == 1
 * run: --swap=2M -E CASE=again
 * kernels: remap mte-*
 * report: errors == False and counters.tags_dropped == 5
 * run: --swap=2M -E CASE=single
 * kernels: remap mte-*
 * report: errors == False and counters.tags_dropped == 3
 * run: --swap=2M -E CASE=partly
 * kernels: remap mte-*
 * report: errors == False
 * run: --swap=2M -E CASE=several
 * kernels: remap mte-*
 * report: errors == False and counters.tags_dropped == 7
 * run: --swap=64M -E CASE=again
 * kernels: mte-*
 * report: errors == False and counters.tags_saved == 5
 * report: counters.tags_dropped == 0
 * run: --swap=64M -E CASE=all
 * kernels: remap mte-*
 * report: errors == False and counters.saves_failed == 0
 */
#include "adi/adi.h"

#define A     0x70000000ul
#define RANGE (8ul << 20)
#define RWA   (PROT_READ | PROT_WRITE | PROT_ADI)

static char *tagged_page(uintptr_t va)
{
    char *p = page_at(va, RWA);

    tag_range(p, PAGE, 5);
    *(char *)tagged(p, 5) = 1;
    return p;
}

static void drop(void *p)
{
    CHECK(madvise(p, PAGE, MADV_DONTNEED) == 0);
}

int main(void)
{
    const char *how = getenv("CASE");
    size_t more = 0;
    char *p = tagged_page(A), *q;

    CHECK(how);
    if (strcmp(how, "again") == 0)
        more = 4;
    page_out(p);
    if (strcmp(how, "dontneed") == 0) {
        drop(p);
    } else if (strcmp(how, "munmap") == 0) {
        CHECK(munmap(p, PAGE) == 0);
    } else if (strcmp(how, "replaced") == 0) {
        page_at(A, PROT_READ);
    } else if (strcmp(how, "free") == 0) {
        CHECK(madvise(p, PAGE, MADV_FREE) == 0);
    } else if (strcmp(how, "again") == 0) {
        /* Saved anew at the same place, on top of what is left. */
        drop(p);
        for (size_t i = 0; i < more; i++) {
            tagged_page(A);
            page_out(p);
            drop(p);
        }
    } else if (strcmp(how, "single") == 0) {
        /* The first and the last page of the range, one between. */
        q = tagged_page(A + RANGE - PAGE);
        page_out(q);
        page_out(tagged_page(A + RANGE / 2));
        drop((void *)(A + RANGE / 2));
        drop(q);
        drop(p);
    } else if (strcmp(how, "partly") == 0) {
        page_out(tagged_page(A + PAGE));
        drop(p);
    } else if (strcmp(how, "reachable") == 0) {
        page_out(tagged_page(A + PAGE));
    } else if (strcmp(how, "several") == 0) {
        drop(p);
        for (size_t i = 1; i < 7; i++) {
            q = tagged_page(A + i * RANGE);
            page_out(q);
            drop(q);
        }
    } else if (strcmp(how, "all") == 0) {
        drop(p);
        for (size_t i = 1; i < 256; i++) {
            q = tagged_page(A + i * RANGE);
            page_out(q);
            drop(q);
        }
        /* Whatever it tries, the next one cannot be swapped. */
        q = tagged_page(A + 256 * RANGE);
        (void)leaves(q);
        CHECK(tag_get(q) == 5 && *(char *)tagged(q, 5) == 1);
    } else {
        CHECK(!"CASE");
    }
    return 0;
}
