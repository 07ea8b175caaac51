// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/shared_anon.c - shared anonymous memory, mapped a second time
 *
 * mremap() with an old length of 0 makes another mapping of the same pages.
 * Both show one set of tags.
 *
 * run:
 * report: all_kept
 * run: --kernel=linux-6.2
 * run: --ram=16M --swap=64M --stress=swap:1000:1
 * also: --kernel=swap-keyed
 * report: all_kept
 * run: --stress=migrate:1000:1
 * report: all_kept
 */
#define _GNU_SOURCE /* mremap */
#include <errno.h>

#include "adi/adi.h"

#define RWA (PROT_READ | PROT_WRITE | PROT_ADI)

INSN(ld_x, "", "ldx [%o0], %o1", "");

int main(void)
{
    char *a = mmap(NULL, 4 * PAGE, RWA, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *b, *p = map_pages(1, RWA);

    faults_catch();
    CHECK(a != MAP_FAILED);
    tag_range(a, 4 * PAGE, 3);
    *(int *)tagged(a + PAGE + 8, 3) = 7;
    b = mremap(a, 0, 4 * PAGE, MREMAP_MAYMOVE);
    CHECK(b != MAP_FAILED && b != a);
    CHECK(tag_get(b) == 3 && *(int *)tagged(b + PAGE + 8, 3) == 7);
    for (unsigned n = 0; n < 200; n++) {
        char *set = n & 1 ? a : b, *see = n & 1 ? b : a;
        size_t at = n * 37 % (4 * NTAGS) * BLOCK;
        unsigned tag = 1 + n % 14;

        tag_set(set + at, tag);
        tag_sync();
        CHECK(tag_get(see + at) == tag);
        *(uint64_t *)tagged(set + at, tag) = n;
        CHECK(ld_x(tagged(see + at, tag), 0, NULL) == n && saw_nothing());
        ld_x(tagged(see + at, tag + 1), 0, NULL);
        if (tag != 15)
            CHECK(saw(SIGSEGV, SEGV_ADIPERR_N, tagged(see + at, tag + 1),
                      ld_x_pc));
    }
    CHECK(munmap(a, 4 * PAGE) == 0);
    CHECK(*(int *)tagged(b + PAGE + 8, tag_get(b + PAGE)) == 7);
    /* Private memory has no such thing. */
    errno = 0;
    CHECK(mremap(p, 0, PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EINVAL);
    return 0;
}
