// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/inherit.c - the tags of memory that is new to the program are 0
 *
 * The frames below it have had other owners with other tags.  What is moved
 * keeps its tags.
 *
 * run:
 * report: errors == False
 * run: --ram=4M
 * report: errors == False
 * run: --kernel=linux-6.2
 * run: --ram=16M --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: errors == False and counters.tags_restored > 0
 * run: --ram=4M --swap=64M --stress=swap:700:2 --stress=migrate:900:3
 * also: --kernel=swap-keyed
 * report: errors == False and counters.tags_restored > 0
 * run: --stress=migrate:3000:1
 * report: errors == False and counters.pages_migrated > 0
 */
#define _GNU_SOURCE /* mremap */
#include "adi/adi.h"

#define RW     (PROT_READ | PROT_WRITE)
#define PAGES  24
#define LENGTH (PAGES * PAGE)
#define G_MAP_GROWSDOWN 0x200

/* Some blocks of each page; all of them in the ends. */
static int clean(volatile char *p, size_t len)
{
    for (size_t i = 0; i < len; i += PAGE)
        for (size_t b = 0; b < NTAGS; b += i == 0 || i + PAGE == len ? 1 : 31)
            if (tag_get(p + i + b * BLOCK) != 0)
                return 0;
    return 1;
}

/* Leave dirty frames behind. */
static void soil(unsigned tag)
{
    char *p = map_pages(PAGES, RW | PROT_ADI);

    for (size_t i = 0; i < LENGTH; i += BLOCK) {
        tag_set(p + i, tag);
        *(uint64_t *)tagged(p + i, tag) = i;
    }
    CHECK(munmap(p, LENGTH) == 0);
}

static void fresh(void)
{
    char *p = map_pages(PAGES, RW | PROT_ADI), *q;

    CHECK(clean(p, LENGTH)); /* the zero page */
    tag_range(p, LENGTH, 6);
    CHECK(munmap(p, LENGTH) == 0);
    q = mmap(p, LENGTH, RW | PROT_ADI,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(q == p);
    for (size_t i = 0; i < LENGTH; i += 512)
        q[i] = 1;
    CHECK(clean(q, LENGTH));
    /* PROT_ADI comes after the page. */
    tag_range(q, LENGTH, 3);
    CHECK(munmap(q, LENGTH) == 0);
    p = map_pages(PAGES, RW);
    memset(p, 1, LENGTH);
    CHECK(mprotect(p, LENGTH, RW | PROT_ADI) == 0);
    CHECK(clean(p, LENGTH));
    /* A mapping on top of another. */
    tag_range(p, LENGTH, 9);
    q = mmap(p, LENGTH, RW | PROT_ADI,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(q == p && clean(p, LENGTH));
    CHECK(munmap(p, LENGTH) == 0);
}

static void dontneed(void)
{
    char *p = map_pages(PAGES, RW | PROT_ADI);

    tag_range(p, LENGTH, 11);
    CHECK(madvise(tagged(p + PAGE, 11), LENGTH - 2 * PAGE, MADV_DONTNEED) ==
          0);
    CHECK(clean(p + PAGE, LENGTH - 2 * PAGE));
    CHECK(tag_get(p + PAGE - BLOCK) == 11 && tag_get(p + LENGTH - PAGE) == 11);
    for (size_t i = PAGE; i < LENGTH - PAGE; i += PAGE) {
        CHECK(p[i] == 0);
        p[i] = 1;
        CHECK(tag_get(p + i) == 0);
    }
    CHECK(munmap(p, LENGTH) == 0);
}

/* The first tag store to a page that was only read makes it private. */
static void zero_page(void)
{
    char *p = map_pages(4, RW | PROT_ADI);

    for (size_t i = 0; i < 4 * PAGE; i += PAGE)
        CHECK(p[i] == 0 && tag_get(p + i + 64) == 0);
    tag_set(p + PAGE + 640, 7);
    tag_sync();
    for (size_t i = 0; i < 4 * PAGE; i += BLOCK)
        CHECK(tag_get(p + i) == (i == PAGE + 640 ? 7 : 0));
    for (size_t i = 0; i < 4 * PAGE; i += 8)
        CHECK(*(uint64_t *)tagged(p + i, 7) == 0);
    *(uint64_t *)tagged(p + PAGE + 640, 7) = 1;
    for (size_t i = 0; i < 4 * PAGE; i += 8)
        CHECK(*(uint64_t *)tagged(p + i, 7) == (i == PAGE + 640));
    CHECK(munmap(p, 4 * PAGE) == 0);
}

static void heap(void)
{
    char *low = sbrk(0), *p;

    p = (char *)(((uintptr_t)low + PAGE - 1) & ~(PAGE - 1));
    CHECK(brk(p + 8 * PAGE) == 0);
    memset(p, 1, 8 * PAGE);
    CHECK(mprotect(p, 8 * PAGE, RW | PROT_ADI) == 0);
    CHECK(clean(p, 8 * PAGE));
    tag_range(p, 8 * PAGE, 12);
    CHECK(brk(p + 3 * PAGE) == 0);
    CHECK(brk(p + 8 * PAGE) == 0);
    CHECK(tag_get(p + 2 * PAGE) == 12);
    /* What brk() adds has no PROT_ADI of its own. */
    CHECK(mprotect(p, 8 * PAGE, RW | PROT_ADI) == 0);
    CHECK(clean(p + 3 * PAGE, 5 * PAGE));
    CHECK(tag_get(p) == 12 && tag_get(p + 3 * PAGE - 64) == 12);
    CHECK(brk(p) == 0);
}

/* Down by more than a page, through tags that must be 0. */
static uintptr_t deepest;

static int __attribute__((noinline)) descend(int depth)
{
    volatile char frame[3000] __attribute__((aligned(64)));

    deepest = (uintptr_t)frame;
    for (size_t i = 0; i < sizeof(frame); i += 100)
        frame[i] = (char)depth;
    for (size_t i = 0; i < sizeof(frame); i += 64)
        if (tag_get(frame + i) != 0)
            return 0;
    return depth == 0 || (descend(depth - 1) && frame[0] == (char)depth);
}

static void stack(void)
{
    char here, *page = (char *)((uintptr_t)&here & ~(PAGE - 1));
    char *low = page, *p;
    unsigned char in;

    /* Its lower end is what grows. */
    while (mincore(low - PAGE, PAGE, &in) == 0)
        low -= PAGE;
    CHECK(mprotect(low, (size_t)(page + PAGE - low), RW | PROT_ADI) == 0);
    CHECK(descend(200));
    CHECK(deepest < (uintptr_t)low);

    /* And an area of our own that grows. */
    p = mmap(NULL, 40 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED && munmap(p, 40 * PAGE) == 0);
    p = mmap(p + 39 * PAGE, PAGE, RW | PROT_ADI,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | G_MAP_GROWSDOWN, -1, 0);
    CHECK(p != MAP_FAILED);
    tag_range(p, PAGE, 5);
    p[-1] = 1;
    CHECK(clean(p - PAGE, PAGE));
    tag_set(p - 2 * PAGE, 8);
    CHECK(tag_get(p - 2 * PAGE) == 8 && tag_get(p - 2 * PAGE + 64) == 0);
    CHECK(tag_get(p) == 5);
    CHECK(munmap(p - 2 * PAGE, 3 * PAGE) == 0);
}

/* After MADV_FREE a page is the old one or a new one, never another's. */
static void lazy(void)
{
    char *p = map_pages(PAGES, RW | PROT_ADI);

    for (size_t i = 0; i < LENGTH; i += BLOCK) {
        tag_set(p + i, 4);
        *(uint64_t *)tagged(p + i, 4) = 1;
    }
    CHECK(madvise(p, LENGTH, MADV_FREE) == 0);
    soil(10);
    for (size_t page = 0; page < LENGTH; page += PAGE) {
        unsigned tag = tag_get(p + page + 640);
        char *own;

        CHECK(tag == 0 || tag == 4);
        own = tagged(p + page, tag);
        own[8] = 2;
        tag = tag_get(p + page + 640); /* it may have gone until the store */
        own = tagged(p + page, tag);
        for (size_t i = 0; i < PAGE; i += BLOCK) {
            CHECK(tag_get(p + page + i) == tag);
            CHECK(*(uint64_t *)(own + i) == (tag == 4));
        }
    }
    /* A tag store rescues a page as a store does. */
    CHECK(madvise(p, LENGTH, MADV_FREE) == 0);
    tag_range(p, LENGTH, 13);
    soil(9);
    for (size_t i = 0; i < LENGTH; i += BLOCK)
        CHECK(tag_get(p + i) == 13);
    CHECK(munmap(p, LENGTH) == 0);
}

static void moved(void)
{
    char *p = map_pages(PAGES, RW | PROT_ADI), *to, *q;

    for (size_t i = 0; i < LENGTH; i += BLOCK) {
        tag_set(p + i, i / BLOCK % 16);
        *(uint64_t *)tagged(p + i, i / BLOCK % 16) = i;
    }
    to = map_pages(2 * PAGES, PROT_NONE);
    q = mremap(tagged(p, 5), LENGTH, 2 * LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED,
               to);
    CHECK(q == to);
    for (size_t i = 0; i < LENGTH; i += BLOCK) {
        CHECK(tag_get(q + i) == i / BLOCK % 16);
        CHECK(*(uint64_t *)tagged(q + i, i / BLOCK % 16) == i);
    }
    CHECK(clean(q + LENGTH, LENGTH));
    /* Where it was before, all is new. */
    CHECK(mmap(p, LENGTH, RW | PROT_ADI,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
    CHECK(clean(p, LENGTH));
    /* Shrunk and grown again. */
    CHECK(mremap(q, 2 * LENGTH, PAGE, 0) == q);
    CHECK(mremap(q, PAGE, LENGTH, 0) == q);
    CHECK(tag_get(q + 5 * BLOCK) == 5 && clean(q + PAGE, LENGTH - PAGE));
    CHECK(munmap(q, LENGTH) == 0 && munmap(p, LENGTH) == 0);
}

int main(void)
{
    for (unsigned round = 1; round < 4; round++) {
        soil(round);
        fresh();
        soil(round + 5);
        dontneed();
        zero_page();
        heap();
        lazy();
        moved();
    }
    soil(14);
    stack();
    return 0;
}
