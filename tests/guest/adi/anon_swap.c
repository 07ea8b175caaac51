// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/anon_swap.c - 32 MiB of tagged memory on a machine with 16 MiB
 *
 * Every page goes through the swap file, with its tags.
 *
 * run: --ram=16M --swap=128M --error-exitcode=9
 * kernels: remap mte-*
 * check: path
 * stdout: anonymous: verified 33554432 bytes
 * report: errors == False and len(pages) == 0
 * report: totals.leaked_bytes == 0 and totals.lost_pages == 0
 * report: counters.pages_swapped_out >= 4096
 * report: counters.tags_saved >= 4096
 * report: counters.tags_restored >= 4096 - 2048
 * report: counters.mismatches == 0
 */
#include "adi/adi.h"

#define SIZE (32ul << 20)

static unsigned tag_of(size_t page, size_t block)
{
    /* Every fourth page has a tag of its own for each block. */
    return 1 + (page % 4 ? page % 13 : (page + block) % 13);
}

int main(void)
{
    char *mem = map_pages(SIZE / PAGE, PROT_READ | PROT_WRITE | PROT_ADI);

    for (size_t page = 0; page < SIZE / PAGE; page++)
        for (size_t block = 0; block < NTAGS; block++)
            tag_set(mem + page * PAGE + block * BLOCK, tag_of(page, block));
    tag_sync();
    for (size_t i = 0; i < SIZE; i += BLOCK)
        memset(tagged(mem + i, tag_of(i / PAGE, i % PAGE / BLOCK)),
               (int)(i / BLOCK * 5), BLOCK);
    for (size_t i = 0; i < SIZE; i++) {
        const unsigned char *p =
            tagged(mem + i, tag_of(i / PAGE, i % PAGE / BLOCK));

        CHECK(*p == (unsigned char)(i / BLOCK * 5));
    }
    for (size_t i = 0; i < SIZE; i += BLOCK)
        CHECK(tag_get(mem + i) == tag_of(i / PAGE, i % PAGE / BLOCK));
    printf("anonymous: verified %lu bytes\n", SIZE);
    return 0;
}
