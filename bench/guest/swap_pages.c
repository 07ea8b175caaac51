// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Swap pages out and in again: MADV_PAGEOUT, then a store to each page.
 *
 *   swap_pages N    needs a swap device of more than N pages
 *
 * The pages are plain (no version tags), uniform (one tag) or mixed
 * (neighbouring blocks differ).  Prints ns per page: out and in together,
 * and the way out alone.
 */
#include "adi/adi.h"
#include "bench.h"

enum { PLAIN, UNIFORM, MIXED, KINDS };
static const char *const kind_name[KINDS] = {"plain", "uniform", "mixed"};

/* Block @b of page @i.  Pointers with tag 0 match tag 0 only, and 15. */
static unsigned tag_of(int kind, size_t i, size_t b)
{
    if (kind == UNIFORM)
        return i % 14 + 1;
    return (i + b) % 14 + 1;
}

static char *at(char *p, int kind, size_t i)
{
    char *page = p + i * PAGE;

    return kind == PLAIN ? page : tagged(page, tag_of(kind, i, 0));
}

static void fill(char *p, int kind, size_t pages)
{
    for (size_t i = 0; i < pages; i++) {
        for (size_t b = 0; kind != PLAIN && b < NTAGS; b++)
            tag_set(p + i * PAGE + b * BLOCK, tag_of(kind, i, b));
        *at(p, kind, i) = (char)i;
    }
    tag_sync();
}

static void check(char *p, int kind, size_t pages)
{
    for (size_t i = 0; i < pages; i++) {
        CHECK(*at(p, kind, i) == (char)(i + SAMPLES + 1));
        for (size_t b = 0; kind != PLAIN && b < NTAGS; b++)
            CHECK(tag_get(p + i * PAGE + b * BLOCK) == tag_of(kind, i, b));
    }
}

static void measure(int kind, size_t pages)
{
    int prot = PROT_READ | PROT_WRITE | (kind == PLAIN ? 0 : PROT_ADI);
    char *p = map_pages(pages, prot);
    double both[SAMPLES + 1], out[SAMPLES + 1];
    unsigned char in;

    fill(p, kind, pages);
    for (int s = 0; s <= SAMPLES; s++) {
        double start = now_ns(), half;

        CHECK(madvise(p, pages * PAGE, MADV_PAGEOUT) == 0);
        half = now_ns();
        CHECK(mincore(p, PAGE, &in) == 0 && in == 0);
        CHECK(mincore(p + (pages - 1) * PAGE, PAGE, &in) == 0 && in == 0);
        out[s] = (half - start) / (double)pages;
        half = now_ns();
        for (size_t i = 0; i < pages; i++)
            ++*(volatile char *)at(p, kind, i);
        both[s] = out[s] + (now_ns() - half) / (double)pages;
    }
    check(p, kind, pages);
    munmap(p, pages * PAGE);
    /* The first round warms up. */
    printf("swap_%s_%zu %.1f\n", kind_name[kind], pages,
           median(both + 1, SAMPLES));
    printf("swap_%s_%zu_out %.1f\n", kind_name[kind], pages,
           median(out + 1, SAMPLES));
}

int main(int argc, char **argv)
{
    size_t pages = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;

    CHECK(pages > 0);
    for (int k = 0; k < KINDS; k++)
        measure(k, pages);
    printf("checked: %zu pages of each kind\n", pages);
    return 0;
}
