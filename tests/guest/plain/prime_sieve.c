// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/prime_sieve.c - primes by sieve, by trial and by a witness test
 *
 * Three ways must agree. Catches wrong bit operations on a large array and
 * wrong 64-bit modular multiplication.
 */
#include "plain.h"

#define LIMIT 1000000

static uint32_t composite[LIMIT / 32 + 1];

static int is_marked(uint32_t n)
{
    return composite[n / 32] >> (n % 32) & 1;
}

static void sieve(void)
{
    composite[0] = 3;
    for (uint32_t p = 2; p * p < LIMIT; p++) {
        if (is_marked(p))
            continue;
        for (uint32_t m = p * p; m < LIMIT; m += p)
            composite[m / 32] |= 1u << (m % 32);
    }
}

static uint64_t mul_mod(uint64_t a, uint64_t b, uint64_t m)
{
    return (uint64_t)((unsigned __int128)a * b % m);
}

static uint64_t pow_mod(uint64_t a, uint64_t e, uint64_t m)
{
    uint64_t r = 1;

    for (; e; e >>= 1) {
        if (e & 1)
            r = mul_mod(r, a, m);
        a = mul_mod(a, a, m);
    }
    return r;
}

static int witness_prime(uint64_t n)
{
    static const uint64_t bases[] = { 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31,
                                      37 };
    int twos = __builtin_ctzll(n - 1);

    for (int i = 0; i < 12; i++) {
        uint64_t x;
        int k;

        if (n % bases[i] == 0)
            return n == bases[i];
        x = pow_mod(bases[i], (n - 1) >> twos, n);
        if (x == 1 || x == n - 1)
            continue;
        for (k = 1; k < twos; k++) {
            x = mul_mod(x, x, n);
            if (x == n - 1)
                break;
        }
        if (k == twos)
            return 0;
    }
    return 1;
}

static int trial_prime(uint32_t n)
{
    for (uint32_t d = 2; d * d <= n; d++)
        if (n % d == 0)
            return 0;
    return n > 1;
}

static void factor(uint64_t n)
{
    printf("%llu =", (unsigned long long)n);
    for (uint64_t d = 2; d * d <= n; d += 1 + (d > 2)) {
        while (n % d == 0) {
            printf(" %llu", (unsigned long long)d);
            n /= d;
        }
    }
    if (n > 1)
        printf(" %llu", (unsigned long long)n);
    putchar('\n');
}

int main(void)
{
    static const uint64_t large[] = {
        999999999989, 1000000000000000003, 18446744073709551557ULL,
        3825123056546413051, 4611686018427387847, 561, 6700417
    };
    uint32_t count = 0, twins = 0, gap = 0, last = 2, differ = 0;
    uint64_t sum = 0;

    sieve();
    for (uint32_t n = 2; n < LIMIT; n++) {
        if (is_marked(n))
            continue;
        count++;
        sum += n;
        twins += n - last == 2;
        if (n - last > gap) {
            gap = n - last;
            printf("gap %u below %u\n", gap, n);
        }
        last = n;
    }
    printf("%u primes, sum %llu, %u twins, last %u\n", count,
           (unsigned long long)sum, twins, last);
    for (uint32_t n = 2; n < 20000; n++)
        differ += trial_prime(n) == is_marked(n);
    for (uint32_t n = 900000; n < 900500; n++)
        differ += witness_prime(n) == is_marked(n);
    printf("differ %u\n", differ);
    for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++)
        printf("%llu %d\n", (unsigned long long)large[i],
               witness_prime(large[i]));
    factor(600851475143);
    factor(4294967297);
    factor(1ULL << 40 | 1);
    factor(1000036000099);
    return differ != 0;
}
