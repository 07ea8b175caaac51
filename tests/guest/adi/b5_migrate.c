// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b5_migrate.c - pages that migrate
 *
 * Linux v6.2 saves the tags at each unmap for migration and never looks at
 * them again: copy_highpage() moves them with the page.  Each copy stays
 * counted.  Nothing is lost, but a swap-in may then find an old copy.
 *
 * run: --stress=migrate:400:1
 * kernels: linux-*
 * stdout: right
 * report: errors == True and len(pages) == 0
 * report: counters.tags_saved > 20 and counters.tags_restored == 0
 * report: all(l["class"] == "definitely leaked" for l in leaks)
 * report: all(l.users == l.leaked_users for l in leaks)
 * report: sum(l.leaked_users for l in leaks) == counters.tags_saved
 * report: leaks[0].allocated.path == "migrate-out"
 * report: leaks[0].unreachable_since.path == "migrate-in"
 * report: leaks[0].cause.function == "remove_migration_pte"
 * report: totals.leaked_bytes == 65536 * len(leaks)
 * run: --stress=migrate:400:1
 * stdout: right
 * report: errors == False and store_peak_bytes == 0
 * report: counters.tags_saved == 0 and counters.pages_migrated > 20
 */
#include "adi/adi.h"

#define PAGES 64

int main(void)
{
    char *p = page_at(0x70000000, PROT_READ | PROT_WRITE | PROT_ADI);

    p = mmap(p, PAGES * PAGE, PROT_READ | PROT_WRITE | PROT_ADI,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(p == (char *)0x70000000);
    for (size_t i = 0; i < PAGES * NTAGS; i++) {
        tag_set(p + i * BLOCK, i * 7 % 16);
        *(size_t *)tagged(p + i * BLOCK, i * 7 % 16) = i;
    }
    for (int round = 0; round < 5; round++)
        for (size_t i = 0; i < PAGES * NTAGS; i++) {
            CHECK(tag_get(p + i * BLOCK) == i * 7 % 16);
            CHECK(*(size_t *)tagged(p + i * BLOCK, i * 7 % 16) == i);
        }
    printf("right\n");
    return 0;
}
