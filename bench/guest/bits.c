// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loops whose code depends on the CPU that they are compiled for: branches
 * that compare (cbcond), leading zeros and ones counted (lzcnt, popc), doubles
 * made of integer registers and back (movxtod, movdtox), fused
 * multiply-adds (fmaddd, where nothing is rounded).  10 million rounds.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define ROUNDS 10000000

static NOINLINE uint64_t count_bits(uint64_t x)
{
    uint64_t sum = 0;

    for (long i = 0; i != ROUNDS / 4; i++) {
        x = lcg(x);
        sum += (uint64_t)__builtin_popcountll(x);
        sum += (uint64_t)__builtin_clzll(x >> 8 | 1);
    }
    return sum;
}

static NOINLINE uint64_t steps(uint64_t x)
{
    uint64_t sum = 0;

    for (long i = 0; i != ROUNDS; i++) {
        x ^= x << 7;
        x ^= x >> 9;
        if ((long)x > 0)
            sum += 3;
        if ((x & 15) == 7)
            sum ^= x;
    }
    return sum;
}

/* The bits of a double are looked at, and changed, as an integer. */
static NOINLINE uint64_t halves(double d)
{
    uint64_t sum = 0;

    for (long i = 0; i != ROUNDS / 4; i++) {
        uint64_t word;

        memcpy(&word, &d, sizeof(word));
        sum += word >> 52;
        word ^= (uint64_t)(i & 7) << 20;
        memcpy(&d, &word, sizeof(word));
        d = d + 0.5;
        if (d > 1e6)
            d = 1.25;
    }
    return sum;
}

static NOINLINE double dot(const double *a, const double *b)
{
    double sum = 0;

    for (long i = 0; i != ROUNDS; i++)
        sum = a[i & 63] * b[i & 31] + sum;
    return sum;
}

int main(void)
{
    volatile uint64_t seed = 42;
    double a[64], b[64];

    for (int i = 0; i < 64; i++) {
        a[i] = i;
        b[i] = 3 * i - 5;
    }
    printf("%llu %llu %llu %g\n", (unsigned long long)count_bits(seed),
           (unsigned long long)steps(seed), (unsigned long long)halves(1.25),
           dot(a, b));
    return 0;
}
