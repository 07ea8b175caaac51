// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b20_freed.c - B20: the buffer is freed under a restore
 *
 * As b9_decrement, in two CPUs at once: A's tags were found, and before they
 * are copied B, in the range of A's descriptor but in another page table,
 * takes A's only user for its own.  The buffer is freed, the kernel reads it
 * all the same, and then counts the users of a free descriptor down from 0.
 * It is not the first descriptor, whose buffer is never freed.
 *
 * run: --ram=4M --swap=64M --events=b20.events
 * kernels: linux-*
 * stdout: tag of B 0
 * report: totals.wrong_releases == 2 and len(wrong_releases) == 2
 * report: wrong_releases[0].kind == "never saved"
 * report: wrong_releases[0].va == "0x70800000"
 * report: wrong_releases[1].kind == "use after free"
 * report: wrong_releases[1].va == "0x70002000"
 * report: wrong_releases[0].cause.id == "unsaved"
 * report: wrong_releases[1].cause.function == "adi_restore_tags"
 * report: wrong_releases[0].buffer == wrong_releases[1].buffer == 2
 * report: errors == True
 * report: totals.lost_pages == 1 and pages[0].va == "0x70002000"
 * run: --ram=4M --swap=64M --events=b20.events
 * kernels: remap mte-*
 * stdout: tag of A 5
 * stdout: tag of B 0
 * report: errors == False and totals.wrong_releases == 0
 */
#include "adi/adi.h"

#define RW (PROT_READ | PROT_WRITE)

int main(void)
{
    char *first = page_at(0x60000000ul, RW | PROT_ADI);
    char *a = page_at(0x70002000ul, RW | PROT_ADI);
    char *b = page_at(0x70800000ul, RW);
    unsigned tag;

    tag_range(first, PAGE, 3);
    page_out(first);
    tag_range(a, PAGE, 5);
    page_out(a);
    strcpy(b, "B");
    page_out(b);
    soil_frames(9);
    CHECK(mprotect(b, PAGE, RW | PROT_ADI) == 0);
    tag = tag_get(a);
    if (tag == 5)
        printf("tag of A 5\n");
    tag = tag_get(b);
    printf("tag of B %u\n", tag);
    CHECK(strcmp(tagged(b, tag), "B") == 0);
    CHECK(tag_get(first) == 3);
    return 0;
}
