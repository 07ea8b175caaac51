// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/mremap_pieces.c - mremap in one process: grow, shrink, move, cut
 *
 * A model of the address space says which page has which content. Catches
 * pages that are lost, doubled or moved to a wrong place, and wrong errors.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include "process.h"

#define PAGES 64
#define RW    (PROT_READ | PROT_WRITE)
#define ANON  (MAP_PRIVATE | MAP_ANONYMOUS)

static unsigned char *base;
static int model[PAGES];        /* -1 not mapped, else the byte in it */

static unsigned char *page(long i)
{
    return base + i * PAGE;
}

static int mapped(long from, long n)
{
    for (long i = from; i < from + n; i++)
        if (i >= PAGES || model[i] < 0)
            return 0;
    return 1;
}

static void verify(void)
{
    unsigned char in;

    for (long i = 0; i < PAGES; i++) {
        int there = mincore(page(i), PAGE, &in) == 0;

        EXPECT(there == (model[i] >= 0));
        if (there)
            EXPECT(page(i)[0] == model[i] && page(i)[PAGE - 1] == model[i]);
    }
}

static void fill(long from, long n, int c)
{
    EXPECT(mmap(page(from), n * PAGE, RW, ANON | MAP_FIXED, -1, 0) ==
           page(from));
    memset(page(from), c, n * PAGE);
    for (long i = from; i < from + n; i++)
        model[i] = c;
}

static void cut(long from, long n)
{
    EXPECT(munmap(page(from), n * PAGE) == 0);
    for (long i = from; i < from + n; i++)
        model[i] = -1;
}

/* n pages to another place, where m are then: what is new is zero. */
static void move(long from, long n, long to, long m)
{
    int moved[PAGES];

    EXPECT(mremap(page(from), n * PAGE, m * PAGE, MREMAP_MAYMOVE |
                  MREMAP_FIXED, page(to)) == page(to));
    memcpy(moved, model + from, n * sizeof(int));
    for (long i = from; i < from + n; i++)
        model[i] = -1;
    for (long i = 0; i < m; i++)
        model[to + i] = i < n ? moved[i] : 0;
}

static void errors(void)
{
    fill(0, 2, 1);
    cut(2, 1);
    fill(3, 1, 3);
    errno = 0;
    EXPECT(mremap(page(0) + 1, PAGE, PAGE, 0) == MAP_FAILED &&
           errno == EINVAL);
    EXPECT(mremap(page(2), PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED &&
           errno == EFAULT);
    EXPECT(mremap(page(0), 2 * PAGE, 4 * PAGE, 0) == MAP_FAILED &&
           errno == ENOMEM);
    EXPECT(mremap(page(0), 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                  page(1)) == MAP_FAILED && errno == EINVAL);
    EXPECT(mremap(page(0), PAGE, PAGE, MREMAP_FIXED, page(9)) == MAP_FAILED &&
           errno == EINVAL);
    EXPECT(mremap(page(0), 2 * PAGE, 3 * PAGE, 0) == page(0));
    model[2] = 0;
    verify();
    puts("errors ok");
}

int main(void)
{
    uint64_t state = 12345, h = FOLD_START;
    long moves = 0, cuts = 0, fills = 0;

    base = mmap(NULL, PAGES * PAGE, RW, ANON, -1, 0);
    EXPECT(base != MAP_FAILED);
    cut(0, PAGES);
    errors();
    for (int step = 0; step < 400; step++) {
        uint64_t r = next_random(&state);
        long from = r % PAGES, n = 1 + (r >> 10) % 6, to = (r >> 20) % PAGES;
        long m = n + (r >> 30) % 3;

        if (from + n > PAGES || to + m > PAGES)
            continue;
        if ((r >> 40) % 4 == 0) {
            cut(from, n);
            cuts++;
        } else if ((r >> 40) % 4 == 1) {
            fill(from, n, (r >> 50) % 255 + 1);
            fills++;
        } else if (mapped(from, n) && (to + m <= from || from + n <= to)) {
            /* of one mapping: the pages of several do not move together */
            unsigned char c = 1 + moves % 250;

            fill(from, n, c);
            move(from, n, to, m);
            moves++;
        }
        if (step % 8 == 0)
            verify();
    }
    verify();
    for (int i = 0; i < PAGES; i++)
        h = fold(h, model[i]);
    printf("%ld moves, %ld cuts, %ld fills: %016llx\n", moves, cuts, fills,
           (unsigned long long)h);
    return 0;
}
