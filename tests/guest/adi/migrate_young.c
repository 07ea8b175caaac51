// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/migrate_young.c - is a page that was migrated still referenced?
 *
 * Since v6.1 the migration entry keeps the young and dirty bits of the PTE;
 * before, the page came back old.
 *
 * run: --events=young.events
 * kernels: * !*-5.*
 * stdout: Referenced: 8, 8 kB
 * run: --events=young.events
 * kernels: *-5.*
 * stdout: Referenced: 8, 0 kB
 */
#include "adi/adi.h"

static unsigned referenced_kb(void)
{
    FILE *f = fopen("/proc/self/smaps", "r");
    char line[256];
    unsigned kb = 0;
    int in = 0;

    CHECK(f);
    while (fgets(line, sizeof(line), f)) {
        in |= strncmp(line, "70000000-", 9) == 0;
        if (in && sscanf(line, "Referenced: %u", &kb) == 1)
            break;
    }
    fclose(f);
    return kb;
}

int main(void)
{
    char *p = page_at(0x70000000ul, PROT_READ | PROT_WRITE);
    unsigned before;

    p[0] = 1;
    before = referenced_kb();
    (void)getppid();
    printf("Referenced: %u, %u kB\n", before, referenced_kb());
    return 0;
}
