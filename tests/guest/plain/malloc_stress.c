// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/malloc_stress.c - malloc, calloc, realloc and memalign under load
 *
 * Catches pages that lose or mix up their contents, calloc memory that is
 * not zero after reuse, and realloc growth that does not keep the data.
 */
#include <malloc.h>
#include "plain.h"

#define SLOTS 400

static struct {
    unsigned char *p;
    size_t size;
    unsigned char tag;
} slot[SLOTS];

static uint64_t seed = 77, h = FOLD_START;
static long bad, total, most;

static void paint(int i, size_t from)
{
    for (size_t k = from; k < slot[i].size; k++)
        slot[i].p[k] = slot[i].tag + k * 3 + (k >> 8);
}

static void inspect(int i, size_t upto)
{
    for (size_t k = 0; k < upto; k++)
        bad += slot[i].p[k] != (unsigned char)(slot[i].tag + k * 3 + (k >> 8));
    h = fold(h, upto ? slot[i].p[upto - 1] : 0);
}

static size_t any_size(void)
{
    uint64_t r = next_random(&seed);

    if (r % 64 == 0)
        return 130000 + r / 64 % 200000;
    if (r % 8 == 0)
        return r / 8 % 9000;
    return r / 8 % 300;
}

static void take(int i)
{
    uint64_t r = next_random(&seed) >> 40;

    slot[i].size = any_size();
    slot[i].tag = r;
    if (r % 5 == 0) {
        slot[i].p = calloc(1, slot[i].size);
        for (size_t k = 0; k < slot[i].size; k++)
            bad += slot[i].p[k] != 0;
    } else if (r % 11 == 0) {
        size_t align = 16UL << r / 11 % 9;

        slot[i].p = memalign(align, slot[i].size);
        bad += (uintptr_t)slot[i].p % align != 0;
    } else {
        slot[i].p = malloc(slot[i].size);
    }
    if (!slot[i].p)
        exit(97);
    bad += (uintptr_t)slot[i].p % 16 != 0;
    bad += malloc_usable_size(slot[i].p) < slot[i].size;
    paint(i, 0);
    total += slot[i].size;
    if (total > most)
        most = total;
}

static void drop(int i)
{
    inspect(i, slot[i].size);
    total -= slot[i].size;
    free(slot[i].p);
    slot[i].p = NULL;
}

static void resize(int i)
{
    size_t old = slot[i].size, new = any_size() + 1;

    slot[i].p = realloc(slot[i].p, new);
    slot[i].size = new;
    inspect(i, old < new ? old : new);
    paint(i, old < new ? old : 0);
    total += (long)new - (long)old;
    if (total > most)
        most = total;
}

static void growth(void)
{
    uint32_t *p = NULL;
    size_t n = 0;

    for (int round = 0; round < 37; round++) {
        size_t more = n + n / 3 + 10;

        p = realloc(p, more * sizeof(*p));
        for (; n < more; n++)
            p[n] = (uint32_t)(n * 2654435761U);
    }
    for (size_t i = 0; i < n; i++)
        bad += p[i] != (uint32_t)(i * 2654435761U);
    p = realloc(p, 100);
    for (size_t i = 0; i < 25; i++)
        h = fold(h, p[i]);
    free(p);
    printf("grown to %zu words, bad %ld\n", n, bad);
}

int main(void)
{
    for (int step = 0; step < 6000; step++) {
        int i = next_random(&seed) % SLOTS;

        if (!slot[i].p)
            take(i);
        else if (step % 3)
            drop(i);
        else
            resize(i);
        if (step % 1000 == 999)
            printf("step %d live %ld bad %ld %016llx\n", step, total, bad,
                   (unsigned long long)h);
    }
    for (int i = 0; i < SLOTS; i++)
        if (slot[i].p)
            drop(i);
    malloc_trim(0);
    printf("left %ld most %ld bad %ld\n", total, most, bad);
    growth();
    printf("too much %d\n", malloc(((volatile size_t){ -4096UL })) == NULL);
    printf("zero %d\n", (free(NULL), realloc(NULL, 0) != NULL));
    return bad != 0;
}
