// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/oom.c - no memory and no swap left
 *
 * The program is killed.  Until then everything is as it should be, but for
 * mte-5.18: where few slots are free, it loses tags (b18_order.c).
 *
 * run: --ram=4M --swap=2M
 * kernels: remap mte-6.*
 * exit: 137
 * stdout: enough
 * stderr: Out of memory
 * report: counters.pages_swapped_out >= 200
 * report: totals.lost_pages == 0 and totals.leaked_bytes == 0
 * run: --ram=4M --swap=2M
 * kernels: linux-*
 * exit: 137
 * stdout: enough
 * stderr: Out of memory
 * run: --ram=4M
 * exit: 137
 * stderr: Out of memory
 * report: errors == False
 * run: --ram=4M --swap=2M --stress=swap:1000:1
 * also: --kernel=swap-keyed
 * exit: 137
 * stderr: Out of memory
 * report: errors == False
 * run: --ram=4M --swap=2M -E CASE=syscall
 * kernels: remap mte-6.*
 * exit: 137
 * stderr: Out of memory
 */
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "adi/adi.h"

#define CHUNK (64 * PAGE)

int main(void)
{
    const char *how = getenv("CASE");
    char *chunks[64];

    setvbuf(stdout, NULL, _IONBF, 0);
    for (unsigned n = 0; n < 64; n++) {
        char *p = map_pages(CHUNK / PAGE, PROT_READ | PROT_WRITE | PROT_ADI);

        chunks[n] = p;
        for (size_t i = 0; i < CHUNK; i += PAGE) {
            if (how)
                CHECK(syscall(SYS_uname, p + i + 64) == 0);
            tag_range(p + i, PAGE, 1 + n % 14);
            *(uint64_t *)tagged(p + i, 1 + n % 14) = i;
        }
        /* The first ones: they have been away. */
        for (size_t i = 0; i < CHUNK && n == 8; i += PAGE) {
            CHECK(tag_get(chunks[0] + i) == 1);
            CHECK(*(uint64_t *)tagged(chunks[0] + i, 1) == i);
        }
        if (n == 8)
            printf("enough\n");
    }
    printf("32 MiB in 6?\n");
    return 0;
}
