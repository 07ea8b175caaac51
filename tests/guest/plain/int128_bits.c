// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/int128_bits.c - 128-bit integers, overflow checks, bit counting
 *
 * Catches wrong add-with-carry and wide multiply sequences, and wrong bit
 * builtins (popcount, clz, ctz, parity, byte swaps).
 */
#include "plain.h"

typedef unsigned __int128 u128;
typedef __int128 s128;

static u128 make(uint64_t *seed, int k)
{
    u128 v = (u128)next_random(seed) << 64 | next_random(seed);

    return v >> (k * 5 % 128);
}

static uint64_t fold_wide(uint64_t h, u128 v)
{
    return fold(fold(h, (uint64_t)(v >> 64)), (uint64_t)v);
}

static void print_wide(const char *name, u128 v)
{
    char s[48];
    int n = sizeof(s);

    s[--n] = 0;
    do {
        s[--n] = '0' + (int)(v % 10);
        v /= 10;
    } while (v);
    printf("%s %s\n", name, s + n);
}

static void wide(void)
{
    uint64_t seed = 31337, h = FOLD_START;
    u128 f = 1, fib[2] = { 0, 1 };

    for (int i = 0; i < 4000; i++) {
        u128 a = make(&seed, i), b = make(&seed, i * 3);
        unsigned n = (unsigned)b & 127;

        h = fold_wide(h, a + b);
        h = fold_wide(h, a - b);
        h = fold_wide(h, a * b);
        h = fold_wide(h, a << n);
        h = fold_wide(h, a >> n);
        h = fold_wide(h, (u128)((s128)a >> n));
        h = fold_wide(h, -a);
        h = fold(h, (a < b) + 2 * ((s128)a < (s128)b));
        if (b) {
            h = fold_wide(h, a / b);
            h = fold_wide(h, a % b);
            h = fold_wide(h, (u128)((s128)(a << (i & 7)) / (s128)(b | 1)));
            h = fold_wide(h, (u128)((s128)a % ((s128)b >> 3 | 2)));
        }
        h = fold_double(h, (double)a);
        h = fold_double(h, (double)(s128)b);
    }
    printf("wide %016llx\n", (unsigned long long)h);
    for (int i = 2; i <= 33; i++)
        f *= i;
    print_wide("33!", f);
    for (int i = 0; i < 93; i++) {
        fib[0] += fib[1];
        fib[1] += fib[0];
    }
    print_wide("fib 186", fib[0]);
    print_wide("2^128-1", ~(u128)0);
}

#define OVERFLOWS(type, fmt, x, y) do {                                 \
        volatile type a_ = (x), b_ = (y);                               \
        type r_;                                                        \
        int o_ = __builtin_add_overflow(a_, b_, &r_);                   \
        printf(#type " %d " fmt, o_, r_);                               \
        o_ = __builtin_sub_overflow(a_, b_, &r_);                       \
        printf(" %d " fmt, o_, r_);                                     \
        o_ = __builtin_mul_overflow(a_, b_, &r_);                       \
        printf(" %d " fmt "\n", o_, r_);                                \
    } while (0)

static void overflows(void)
{
    static const int64_t v[] = { 0, 1, -1, 127, -128, 46341, 2147483647,
                                 -2147483648LL, 3037000500LL, INT64_MAX,
                                 INT64_MIN };

    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        for (size_t k = i; k < sizeof(v) / sizeof(v[0]); k += 2) {
            OVERFLOWS(int, "%d", (int)v[i], (int)v[k]);
            OVERFLOWS(long, "%ld", v[i], v[k]);
            OVERFLOWS(uint32_t, "%u", (uint32_t)v[i], (uint32_t)v[k]);
            OVERFLOWS(uint64_t, "%lu", (uint64_t)v[i], (uint64_t)v[k]);
        }
    }
}

static void bits(void)
{
    uint64_t seed = 8, h = FOLD_START;
    long ones = 0, lead = 0, trail = 0, parity = 0;

    for (int i = 0; i < 64; i++) {
        for (int k = 0; k < 40; k++) {
            uint64_t v = (next_random(&seed) >> i) | 1ULL << (63 - i);

            ones += __builtin_popcountll(v) + __builtin_popcount(~v);
            lead += __builtin_clzll(v) + __builtin_clz((uint32_t)v | 1);
            trail += __builtin_ctzll(v << (i / 2) | 1ULL << 63);
            parity += __builtin_parityll(v);
            h = fold(h, __builtin_bswap64(v));
            h = fold(h, __builtin_bswap32((uint32_t)v));
            h = fold(h, __builtin_bswap16((uint16_t)v));
            h = fold(h, __builtin_ffsll((long long)(v << i)));
            h = fold(h, __builtin_clrsbll((long long)v));
        }
    }
    printf("bits %ld %ld %ld %ld %016llx\n", ones, lead, trail, parity,
           (unsigned long long)h);
}

int main(void)
{
    wide();
    overflows();
    bits();
    return 0;
}
