// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/mmap_anon.c - anonymous maps: holes, splits, moves, DONTNEED
 *
 * Catches pages that keep or lose their contents when a map is split, cut,
 * covered, protected, moved or given back. Every page carries a pattern.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include "plain.h"

#define PAGE 8192L
#define PAGES 64
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static unsigned char *map(void *at, long pages, int prot, int flags)
{
    void *p = mmap(at, pages * PAGE, prot, flags, -1, 0);

    if (p == MAP_FAILED) {
        printf("mmap failed: %s\n", strerror(errno));
        exit(97);
    }
    return p;
}

static void paint(unsigned char *p, long pages, int tag)
{
    for (long i = 0; i < pages * PAGE; i++)
        p[i] = tag + i / PAGE * 5 + i * 3;
}

static void show(const char *name, const unsigned char *p, long pages)
{
    uint64_t h = FOLD_START;
    long zero = 0;

    for (long i = 0; i < pages; i++) {
        long k = 0;

        while (k < PAGE && p[i * PAGE + k] == 0)
            k++;
        zero += k == PAGE;
        for (k = 0; k < PAGE; k += 8)
            h = fold_bytes(h, p + i * PAGE + k, 8);
    }
    printf("%-12s %2ld pages, %2ld zero, %016llx\n", name, pages, zero,
           (unsigned long long)h);
}

static void splits(void)
{
    unsigned char *p = map(NULL, PAGES, RW, ANON);

    show("fresh", p, PAGES);
    paint(p, PAGES, 1);
    show("painted", p, PAGES);
    munmap(p + 20 * PAGE, 4 * PAGE);
    show("left", p, 20);
    show("right", p + 24 * PAGE, PAGES - 24);
    map(p + 20 * PAGE, 4, RW, ANON | MAP_FIXED);
    show("refilled", p, PAGES);
    map(p + 40 * PAGE, 3, PROT_READ, ANON | MAP_FIXED);
    show("covered", p, PAGES);
    for (int i = 0; i < PAGES; i += 3)
        mprotect(p + i * PAGE, PAGE, PROT_READ);
    for (int i = 0; i < PAGES; i += 5)
        mprotect(p + i * PAGE, PAGE, PROT_NONE);
    mprotect(p, PAGES * PAGE, RW);
    show("protected", p, PAGES);
    madvise(p + 8 * PAGE, 6 * PAGE, MADV_DONTNEED);
    show("given back", p, PAGES);
    paint(p + 9 * PAGE, 2, 77);
    show("used again", p, PAGES);
    printf("unmapping %d\n", munmap(p, PAGES * PAGE));
}

static void moves(void)
{
    unsigned char *p = map(NULL, 10, RW, ANON), *room, *q;

    paint(p, 10, 9);
    p = mremap(p, 10 * PAGE, 40 * PAGE, MREMAP_MAYMOVE);
    show("grown", p, 40);
    paint(p + 30 * PAGE, 10, 30);
    q = mremap(p, 40 * PAGE, 35 * PAGE, 0);
    printf("shrunk in place %d\n", q == p);
    show("shrunk", p, 35);
    room = map(NULL, 50, PROT_NONE, ANON | MAP_NORESERVE);
    q = mremap(p, 35 * PAGE, 35 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
               room + 5 * PAGE);
    printf("moved as asked %d\n", q == room + 5 * PAGE);
    show("moved", q, 35);
    p = mremap(q + 10 * PAGE, 10 * PAGE, 20 * PAGE, MREMAP_MAYMOVE);
    show("middle", p, 20);
    show("before", q, 10);
    show("behind", q + 20 * PAGE, 15);
    munmap(p, 20 * PAGE);
    munmap(room, 50 * PAGE);
}

static void many(void)
{
    static unsigned char *list[300];
    uint64_t seed = 3, h = FOLD_START;
    long live = 0;

    for (int step = 0; step < 1500; step++) {
        uint64_t r = next_random(&seed) >> 20;
        int i = r % 300, n = 1 + i % 3;

        if (list[i]) {
            h = fold(h, list[i][17] + list[i][n * PAGE - 1] * 256);
            munmap(list[i], n * PAGE);
            list[i] = NULL;
            live -= n;
        } else {
            list[i] = map(NULL, n, RW, ANON);
            h = fold(h, list[i][17]);
            list[i][17] = step;
            list[i][n * PAGE - 1] = step >> 8;
            live += n;
        }
    }
    printf("many %ld live %016llx\n", live, (unsigned long long)h);
}

static void failures(void)
{
    unsigned char *p = map(NULL, 1, RW, ANON);

    printf("misaligned %d", munmap(p + 1, PAGE));
    printf(" %s\n", strerror(errno));
    printf("no length %d", mmap(NULL, 0, RW, ANON, -1, 0) == MAP_FAILED);
    printf(" %s\n", strerror(errno));
    munmap(p, PAGE);
    printf("protect hole %d", mprotect(p, PAGE, PROT_READ));
    printf(" %s\n", strerror(errno));
}

int main(void)
{
    splits();
    moves();
    many();
    failures();
    return 0;
}
