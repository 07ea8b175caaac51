// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b3_mremap.c - a page that is in swap is moved
 *
 * The saved tags stay under the old address.  Far away the page comes back
 * with what its frame had before, and the old copy is leaked; inside the
 * same range it comes back with zeros, and the books look right.
 *
 * run: --ram=4M --swap=64M -E CASE=far
 * kernels: linux-*
 * stdout: tag not 5
 * report: errors == True
 * report: totals.lost_pages == 1 and len(pages) == 1
 * report: pages[0].kind == "lost" and pages[0].va == "0x80000000"
 * report: pages[0].expected_tag == 5 and pages[0].blocks == 128
 * report: len(leaks) == 1 and leaks[0]["class"] == "definitely leaked"
 * report: leaks[0].users == 1 and leaks[0].start == "0x70000000"
 * report: leaks[0].unreachable_since.path == "mremap"
 * report: leaks[0].cause.function == "move_ptes"
 * report: pages[0].cause.function == "move_ptes"
 * report: totals.leaked_bytes == 65536
 * report: counters.tags_restored == 0
 * run: --ram=4M --swap=64M -E CASE=near
 * kernels: linux-*
 * stdout: tag 0
 * report: errors == True
 * report: totals.lost_pages == 1 and pages[0].found_tag == 0
 * report: pages[0].va == "0x70100000" and pages[0].expected_tag == 5
 * report: totals.leaked_bytes == 0
 * run: --ram=4M --swap=64M -E CASE=far
 * kernels: remap mte-*
 * stdout: tag 5
 * report: errors == False and counters.tags_restored == 1
 * run: --ram=4M --swap=64M -E CASE=near
 * kernels: remap mte-*
 * stdout: tag 5
 * report: errors == False and counters.tags_restored == 1
 */
#define _GNU_SOURCE /* mremap */
#include "adi/adi.h"

#define A    0x70000000ul
#define NEAR 0x70100000ul
#define FAR  0x80000000ul

int main(void)
{
    const char *how = getenv("CASE");
    char *a = page_at(A, PROT_READ | PROT_WRITE | PROT_ADI), *b;
    uintptr_t to = how && strcmp(how, "near") == 0 ? NEAR : FAR;
    unsigned tag;

    tag_range(a, PAGE, 5);
    strcpy(tagged(a, 5), "the data");
    page_out(a);
    soil_frames(9);
    b = mremap(a, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)to);
    CHECK(b == (char *)to);
    tag = tag_get(b);
    CHECK(strcmp(tagged(b, tag), "the data") == 0);
    if (tag == 0 || tag == 5)
        printf("tag %u\n", tag);
    if (tag != 5)
        printf("tag not 5\n");
    return 0;
}
