// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Setting and reading version tags: stxa and ldxa with ASI 0x90, one for
 * each block of 64 bytes.  Prints ns per operation.
 *
 *   tag_set          all blocks of 8 MiB in order; each page has one tag
 *                    before and another one after
 *   tag_set_mixed    the same, but neighbours always differ
 *   tag_set_random   four neighbours at a random place, as an allocator does
 *   tag_read         all blocks of 8 MiB in order
 *   tag_read_random  at random places
 */
#include "adi/adi.h"
#include "bench.h"

#define BYTES  (8ul << 20)
#define BLOCKS (BYTES / BLOCK)

static char *area;
static unsigned round_nr; /* each round sets other tags */
static uint64_t sum;

static NOINLINE void set(void)
{
    unsigned tag = round_nr % 2 ? 5 : 6;

    for (uint64_t i = 0; i < BLOCKS; i++)
        tag_set(area + i * BLOCK, tag);
    tag_sync();
}

static NOINLINE void set_mixed(void)
{
    for (uint64_t i = 0; i < BLOCKS; i++)
        tag_set(area + i * BLOCK, (i + round_nr) % 8 + 1);
    tag_sync();
}

static NOINLINE void set_random(void)
{
    uint64_t x = 88172645463325252ull;

    for (uint64_t i = 0; i < BLOCKS; i += 4) {
        char *p;

        x = lcg(x);
        p = area + ((x >> 33) & (BYTES - 4 * BLOCK));
        for (unsigned b = 0; b < 4; b++)
            tag_set(p + b * BLOCK, (round_nr + (x >> 60)) % 14 + 1);
    }
    tag_sync();
}

static NOINLINE void read_all(void)
{
    uint64_t s = 0;

    for (uint64_t i = 0; i < BLOCKS; i++)
        s = s * 3 + tag_get(area + i * BLOCK);
    sum += s;
}

static NOINLINE void read_random(void)
{
    uint64_t x = 88172645463325252ull, s = 0;

    for (uint64_t i = 0; i < BLOCKS; i++) {
        x = lcg(x);
        s = s * 3 + tag_get(area + ((x >> 33) & (BYTES - BLOCK)));
    }
    sum += s;
}

static void measure(const char *name, void (*fn)(void))
{
    double samples[SAMPLES];

    round_nr = 0;
    fn();
    for (int s = 0; s < SAMPLES; s++) {
        double start;

        round_nr++;
        start = now_ns();
        fn();
        samples[s] = (now_ns() - start) / BLOCKS;
    }
    printf("%s %.4f\n", name, median(samples, SAMPLES));
}

int main(void)
{
    area = map_pages(BYTES / PAGE, PROT_READ | PROT_WRITE | PROT_ADI);
    for (size_t i = 0; i < BYTES; i += PAGE)
        area[i] = 1;
    measure("tag_set_mixed", set_mixed);
    measure("tag_read", read_all);
    measure("tag_set", set);
    measure("tag_set_random", set_random);
    measure("tag_read_random", read_random);
    printf("sum: %016llx\n", (unsigned long long)sum);
    return 0;
}
