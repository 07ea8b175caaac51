// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * 8-byte loads and stores over 8 MiB, in sequence and at random, on pages
 *
 *   untagged  without version tags
 *   uniform   all blocks of a page tagged 5
 *   mixed     blocks tagged 5 and 0 in turn; one pointer fits them all
 *   objects   blocks tagged 1 to 8 in turn; each needs its own pointer
 *
 * Prints ns per access, the loop around it included.
 */
#include "adi/adi.h"
#include "bench.h"

#define BYTES    (8ul << 20)
#define ACCESSES (BYTES / 8)

enum { UNTAGGED, UNIFORM, MIXED, OBJECTS, KINDS };
static const char *const kind_name[KINDS] = {"untagged", "uniform", "mixed",
                                             "objects"};
static char *area[KINDS]; /* pointers that carry their tag */
static uint64_t sum[KINDS];

/* An object's own tag: block 0 of an area has 1, then 2, ... 8, 1. */
static inline volatile uint64_t *object(char *p, uint64_t off)
{
    return (volatile uint64_t *)((uintptr_t)(p + off) |
                                 (((off >> 6) & 7) + 1) << 60);
}

#define EIGHT(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define LOAD(i)  s += q[i];
#define STORE(i) q[i] = i;

static NOINLINE void seq_load(char *p, int objects, uint64_t *result)
{
    uint64_t s = 0;

    if (objects) {
        for (uint64_t off = 0; off < BYTES; off += BLOCK) {
            volatile uint64_t *q = object(p, off);
            EIGHT(LOAD)
        }
    } else {
        for (uint64_t off = 0; off < BYTES; off += BLOCK) {
            volatile uint64_t *q = (volatile uint64_t *)(p + off);
            EIGHT(LOAD)
        }
    }
    *result += s;
}

static NOINLINE void seq_store(char *p, int objects, uint64_t *result)
{
    if (objects) {
        for (uint64_t off = 0; off < BYTES; off += BLOCK) {
            volatile uint64_t *q = object(p, off);
            EIGHT(STORE)
        }
    } else {
        for (uint64_t off = 0; off < BYTES; off += BLOCK) {
            volatile uint64_t *q = (volatile uint64_t *)(p + off);
            EIGHT(STORE)
        }
    }
    *result += 1;
}

#define RANDOM_OFF(x) (((x) >> 33) & (BYTES - 8))

static NOINLINE void rand_load(char *p, int objects, uint64_t *result)
{
    uint64_t x = 88172645463325252ull, s = 0;

    for (uint64_t i = 0; i < ACCESSES; i++) {
        x = lcg(x);
        s += objects ? *object(p, RANDOM_OFF(x))
                     : *(volatile uint64_t *)(p + RANDOM_OFF(x));
    }
    *result += s;
}

static NOINLINE void rand_store(char *p, int objects, uint64_t *result)
{
    uint64_t x = 88172645463325252ull;

    for (uint64_t i = 0; i < ACCESSES; i++) {
        x = lcg(x);
        if (objects)
            *object(p, RANDOM_OFF(x)) = x;
        else
            *(volatile uint64_t *)(p + RANDOM_OFF(x)) = x;
    }
    *result += x;
}

typedef void (*pass_fn)(char *p, int objects, uint64_t *result);

/* Passes that take about 5 ms on this kind of page. */
static unsigned calibrate(pass_fn fn, int kind)
{
    uint64_t ignored = 0;
    unsigned passes = 1;

    for (fn(area[kind], kind == OBJECTS, &ignored);; passes *= 2) {
        double start = now_ns();

        for (unsigned i = 0; i < passes; i++)
            fn(area[kind], kind == OBJECTS, &ignored);
        if (now_ns() - start > 5e6 || passes == 64)
            return passes;
    }
}

/* The kinds take turns, so that a slow moment hits all of them. */
static void measure(const char *name, pass_fn fn)
{
    double samples[KINDS][SAMPLES];
    unsigned passes[KINDS];

    for (int k = 0; k < KINDS; k++)
        passes[k] = calibrate(fn, k);
    for (int s = 0; s < SAMPLES; s++) {
        for (int k = 0; k < KINDS; k++) {
            double start = now_ns();

            for (unsigned i = 0; i < passes[k]; i++)
                fn(area[k], k == OBJECTS, i == 0 ? &sum[k] : &(uint64_t){0});
            samples[k][s] = (now_ns() - start) / passes[k] / ACCESSES;
        }
    }
    for (int k = 0; k < KINDS; k++)
        printf("%s_%s %.4f\n", name, kind_name[k], median(samples[k], SAMPLES));
}

int main(void)
{
    for (int k = 0; k < KINDS; k++) {
        int prot = PROT_READ | PROT_WRITE | (k == UNTAGGED ? 0 : PROT_ADI);
        char *p = map_pages(BYTES / PAGE, prot);

        area[k] = p;
        for (size_t i = 0; k != UNTAGGED && i < BYTES / BLOCK; i++) {
            unsigned own[] = {0, 5, i % 2 ? 0 : 5, (i & 7) + 1};

            tag_set(p + i * BLOCK, own[k]);
        }
        /* mmap() gives addresses whose bits 63:60 are set. */
        if (k != UNTAGGED)
            area[k] = tagged(p, k == OBJECTS ? 0 : 5);
        tag_sync();
    }
    measure("seq_store", seq_store);
    measure("seq_load", seq_load);
    measure("rand_store", rand_store);
    measure("rand_load", rand_load);
    for (int k = 1; k < KINDS; k++)
        CHECK(sum[k] == sum[0]);
    printf("sum: %016llx\n", (unsigned long long)sum[0]);
    return 0;
}
