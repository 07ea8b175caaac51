// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/keep_inactive.c - a page that could not be written to swap stays inactive
 *
 * shrink_folio_list() keeps a folio where it was when pageout() did not get it
 * written: the device failed, or its tags could not be saved.  Only one that
 * could not be unmapped becomes active.
 *
 * run: --ram=32M --swap=16M --fail=swapwrite:1
 * kernels: *
 * stdout: of 64 pages 1 stays, 0 of them active
 * run: --ram=32M --swap=16M --fail=tagstore:1
 * kernels: mte-*
 * stdout: of 64 pages 1 stays, 0 of them active
 * run: --ram=32M --swap=16M --fail=tagstore:2
 * kernels: remap linux-*
 * stdout: of 64 pages 1 stays, 1 of them active
 */
#include "adi/adi.h"

static unsigned meminfo_kb(const char *what)
{
    FILE *f = fopen("/proc/meminfo", "r");
    char line[256];
    unsigned kb = 0;

    CHECK(f);
    while (fgets(line, sizeof(line), f))
        if (strncmp(line, what, strlen(what)) == 0)
            CHECK(sscanf(line + strlen(what), " %u", &kb) == 1);
    fclose(f);
    return kb;
}

int main(void)
{
    char *p = page_at(0x70000000ul, PROT_READ | PROT_WRITE | PROT_ADI);
    unsigned inactive, active;

    CHECK(munmap(p, PAGE) == 0);
    p = mmap(p, 64 * PAGE, PROT_READ | PROT_WRITE | PROT_ADI,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(p != MAP_FAILED);
    inactive = meminfo_kb("Inactive(anon):");
    memset(p, 1, 64 * PAGE); /* zeros are not written, since v6.12 */
    tag_range(p, 64 * PAGE, 5);
    CHECK(madvise(p, 64 * PAGE, MADV_PAGEOUT) == 0);
    active = meminfo_kb("Active(anon):") / 8;
    inactive = (meminfo_kb("Inactive(anon):") - inactive) / 8;
    printf("of 64 pages %u stays, %u of them active\n", inactive + active,
           active);
    return 0;
}
