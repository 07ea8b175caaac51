// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b4_swapoff.c - swapoff brings a page back
 *
 * Linux has no hook in unuse_pte(): the page comes back with what its frame
 * had, and the saved copy stays.  A page that was still in the swap cache
 * has its tags; only the copy is left behind.
 *
 * One that cannot be read is SIGBUS since v5.19, and a BUG of the kernel since
 * v6.6 (b28_poison.c).  Before, it comes back with what its frame had, under
 * mte-5.18 with its tags, so that the access here is a mismatch.
 *
 * run: --ram=4M --swap=16M -E CASE=out
 * kernels: linux-*
 * stdout: tag not 5
 * report: errors == True and counters.pages_unused == 1
 * report: totals.lost_pages == 1 and len(pages) == 1
 * report: pages[0].kind == "lost" and pages[0].va == "0x70000000"
 * report: pages[0].expected_tag == 5 and pages[0].blocks == 128
 * report: pages[0].seen.path == "swapoff"
 * report: len(leaks) == 1 and leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].unreachable_since.path == "swapoff"
 * report: leaks[0].cause.function == "unuse_pte"
 * report: leaks[0].users == 1 and totals.leaked_bytes == 65536
 * report: counters.tags_saved == 1 and counters.tags_restored == 0
 * run: --ram=4M --swap=16M -E CASE=out
 * kernels: remap mte-*
 * stdout: tag 5
 * report: errors == False and counters.pages_unused == 1
 * report: counters.tags_saved == 1 and counters.tags_restored == 1
 * run: --ram=4M --swap=16M -E CASE=lost --fail=swapread:1
 * kernels: linux-6.1 linux-6.2
 * stdout: SIGBUS
 * report: counters.pages_unreadable == 1 and counters.pages_unused == 0
 * report: len(leaks) == 1 and leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].unreachable_since.path == "swapoff"
 * report: leaks[0].cause.function == "unuse_pte"
 * run: --ram=4M --swap=16M -E CASE=lost --fail=swapread:1
 * kernels: remap mte-6.1
 * stdout: SIGBUS
 * report: errors == False and counters.tags_dropped == 1
 * report: counters.pages_unreadable == 1 and counters.pages_unused == 0
 * run: --ram=4M --swap=16M -E CASE=lost --fail=swapread:1
 * kernels: linux-5.*
 * stdout: whatever the frame had
 * report: counters.pages_unreadable == 0 and counters.pages_unused == 1
 * run: --ram=4M --swap=32M -E CASE=many
 * kernels: remap mte-*
 * also: --swap=32M
 * stdout: right
 * report: errors == False and counters.pages_unused >= 300
 */
#include <errno.h>
#include <sys/swap.h>

#include "adi/adi.h"

#define RWA (PROT_READ | PROT_WRITE | PROT_ADI)

INSN(ld_b, "", "ldub [%o0], %o1", "");

/* Data 77 and tag 5 went out; what is there now? */
static void look(char *p)
{
    (void)ld_b(p, 0, NULL);
    if (seen.count == 1 && seen.sig == SIGBUS) {
        CHECK(saw(SIGBUS, BUS_ADRERR, p, ld_b_pc));
        /* Given up, the place is as good as any. */
        CHECK(madvise(p, PAGE, MADV_DONTNEED) == 0);
        CHECK(ld_b(p, 0, NULL) == 0 && saw_nothing());
        printf("SIGBUS\n");
        return;
    }
    CHECK(saw_nothing());
    printf("whatever the frame had\n");
}

static void many(void)
{
    const size_t nr = 350;
    char *p = map_pages(nr, RWA);

    for (size_t i = 0; i < nr * NTAGS; i++)
        tag_set(p + i * BLOCK, i * 7 % 16);
    for (size_t i = 0; i < nr; i++)
        *(size_t *)tagged(p + i * PAGE, i * NTAGS * 7 % 16) = i;
    CHECK(madvise(p, nr * PAGE, MADV_PAGEOUT) == 0);
    CHECK(swapoff("/dev/adi0") == 0);
    for (size_t i = 0; i < nr * NTAGS; i++)
        CHECK(tag_get(p + i * BLOCK) == i * 7 % 16);
    for (size_t i = 0; i < nr; i++)
        CHECK(*(size_t *)tagged(p + i * PAGE, i * NTAGS * 7 % 16) == i);
    printf("right\n");
}

int main(void)
{
    const char *how = getenv("CASE");
    char *p = page_at(0x70000000, RWA);

    CHECK(how);
    faults_catch();
    if (strcmp(how, "many") == 0) {
        many();
        return 0;
    }
    tag_range(p, PAGE, 5);
    *(char *)tagged(p, 5) = 77;
    page_out(p);
    soil_frames(9);
    CHECK(swapoff("/dev/adi0") == 0);
    CHECK(swapoff("/dev/adi0") == -1 && errno == EINVAL);
    if (strcmp(how, "lost") == 0) {
        look(p);
        return 0;
    }
    printf("tag %s5\n", tag_get(p) == 5 ? "" : "not ");
    CHECK(*(char *)tagged(p, tag_get(p)) == 77);
    *(char *)tagged(p, tag_get(p)) = 78;
    return 0;
}
