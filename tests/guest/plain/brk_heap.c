// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/brk_heap.c - brk and sbrk: growing, shrinking, fresh pages
 *
 * Catches a heap end that is rounded, memory that is not zero after it was
 * given back and taken again, and lost data below the break.
 */
#define _GNU_SOURCE
#include <errno.h>
#include "plain.h"

#define PAGE 8192L

static unsigned char *base;

static long at(void)
{
    return (unsigned char *)sbrk(0) - base;
}

static void paint(long from, long to, int tag)
{
    for (long i = from; i < to; i++)
        base[i] = tag + i * 11 + (i >> 9);
}

static void show(const char *name, long from, long to, int tag)
{
    uint64_t h = FOLD_START;
    long same = 0, zero = 0;

    for (long i = from; i < to; i++) {
        same += base[i] == (unsigned char)(tag + i * 11 + (i >> 9));
        zero += base[i] == 0;
        if ((i & 15) < 4)
            h = fold(h, base[i]);
    }
    printf("%-8s [%ld,%ld) same %ld zero %ld %016llx\n", name, from, to,
           same, zero, (unsigned long long)h);
}

static void steps(void)
{
    static const long by[] = { 1, 15, 100, 4000, 8192, 8191, -1, 100000,
                               -50000, -8192, 3, 200000, -123456 };
    long want = at();

    for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
        unsigned char *old = sbrk(by[i]);

        if (old == (void *)-1 || old - base != want)
            printf("sbrk %ld went wrong\n", by[i]);
        want += by[i];
        printf("by %7ld now %7ld %d\n", by[i], at(), at() == want);
    }
}

/* A bump allocator on top of sbrk that keeps linked records. */
struct record {
    struct record *next;
    uint64_t value;
    char text[40];
};

static void records(void)
{
    struct record *head = NULL;
    uint64_t seed = 12, h = FOLD_START;
    int n = 0;

    sbrk(-(long)(uintptr_t)sbrk(0) & 15);
    for (int i = 0; i < 2500; i++) {
        struct record *r = sbrk(sizeof(*r));

        r->value = next_random(&seed);
        snprintf(r->text, sizeof(r->text), "record %d", i);
        r->next = head;
        head = r;
    }
    for (struct record *r = head; r; r = r->next, n++)
        h = fold(fold(h, r->value), r->text[7 + n % 3]);
    printf("records %d %016llx last %s\n", n, (unsigned long long)h,
           head->text);
}

int main(void)
{
    long start;

    setvbuf(stdout, NULL, _IONBF, 0);   /* keep stdio out of the heap */
    base = sbrk(0);
    /* start on a page of our own */
    sbrk(PAGE - (long)((uintptr_t)base & (PAGE - 1)));
    base = sbrk(0);
    steps();

    brk(base);
    start = at();
    printf("back at %ld\n", start);
    printf("brk %d", brk(base + 20 * PAGE));
    printf(" at %ld\n", at());
    show("zero?", 0, 20 * PAGE, 5);
    paint(0, 20 * PAGE, 5);
    brk(base + 7 * PAGE + 100);
    show("low", 0, 7 * PAGE + 100, 5);
    brk(base + 20 * PAGE);
    show("kept", 0, 7 * PAGE + 100, 5);
    show("fresh", 8 * PAGE, 20 * PAGE, 5);
    paint(8 * PAGE, 20 * PAGE, 60);
    show("again", 8 * PAGE, 20 * PAGE, 60);
    for (int i = 1; i <= 10; i++) {
        brk(base + i * 17 / 10 * PAGE);
        brk(base + i * 3 * PAGE);
        paint(i * 2 * PAGE, i * 3 * PAGE, i);
    }
    show("low", 0, 2 * PAGE, 5);
    show("high", 20 * PAGE, 30 * PAGE, 10);
    records();
    printf("too high %d", sbrk(1L << 62) == (void *)-1);
    printf(" %s\n", strerror(errno));
    return 0;
}
