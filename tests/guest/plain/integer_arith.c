// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/integer_arith.c - multiply, divide, shift and carry in all widths
 *
 * Catches wrong sign extension, shift counts that are not masked, 32-bit
 * results with dirty upper halves, and wrong carries in long additions.
 */
#include "plain.h"

static const uint64_t edge[] = {
    0, 1, 2, 3, 7, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000,
    0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x123456789abcdef0,
    0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffffe,
    0xffffffffffffffff
};
#define EDGES (sizeof(edge) / sizeof(edge[0]))

/* One round of everything in one pair of types. */
#define ROUND(name, ut, st)                                             \
static uint64_t name(ut a, ut b)                                        \
{                                                                       \
    uint64_t h = FOLD_START;                                            \
    unsigned bits = 8 * sizeof(ut), n = b & (bits - 1);                 \
                                                                        \
    h = fold(h, (ut)(a + b));                                           \
    h = fold(h, (ut)(a - b));                                           \
    h = fold(h, (ut)((ut)(a | 1ULL) * (uint64_t)b));                    \
    h = fold(h, (ut)(a & ~b));                                          \
    h = fold(h, (ut)(a ^ b));                                           \
    h = fold(h, (ut)(a << n));                                          \
    h = fold(h, (ut)(a >> n));                                          \
    h = fold(h, (uint64_t)(int64_t)((st)a >> n));                       \
    h = fold(h, (ut)(a << n | a >> ((bits - n) & (bits - 1))));         \
    h = fold(h, (a < b) + 2 * ((st)a < (st)b) + 4 * (a == b));          \
    h = fold(h, (uint64_t)(int64_t)(st)a);                              \
    if (b) {                                                            \
        h = fold(h, a / b);                                             \
        h = fold(h, a % b);                                             \
        if ((st)b != -1) {                                              \
            h = fold(h, (uint64_t)(int64_t)((st)a / (st)b));            \
            h = fold(h, (uint64_t)(int64_t)((st)a % (st)b));            \
        }                                                               \
    }                                                                   \
    return h;                                                           \
}

ROUND(round8, uint8_t, int8_t)
ROUND(round16, uint16_t, int16_t)
ROUND(round32, uint32_t, int32_t)
ROUND(round64, uint64_t, int64_t)

/* Division by constants becomes multiply and shift. */
static uint64_t constants(uint64_t a)
{
    uint64_t h = FOLD_START;
    int64_t s = (int64_t)a;
    uint32_t u = (uint32_t)a;
    int32_t i = (int32_t)a;

    h = fold(h, a / 3);
    h = fold(h, a % 10);
    h = fold(h, a / 1000000007);
    h = fold(h, s / 7);
    h = fold(h, s % 641);
    h = fold(h, s / 16);
    h = fold(h, u / 7);
    h = fold(h, u % 1000);
    h = fold(h, i / 10);
    h = fold(h, i % 60);
    h = fold(h, -s);
    h = fold(h, s < 0 ? -(uint64_t)s : (uint64_t)s);
    return h;
}

/* Add and subtract numbers of many words with explicit carries. */
static uint64_t chains(void)
{
    uint64_t a[32], b[32], s[32], d[32], seed = 99, carry = 0, borrow = 0;
    uint64_t h = FOLD_START;

    for (int i = 0; i < 32; i++) {
        a[i] = i % 3 ? ~0ULL : next_random(&seed);
        b[i] = i % 5 ? next_random(&seed) : ~0ULL;
    }
    for (int i = 0; i < 32; i++) {
        uint64_t t = a[i] + b[i];
        uint64_t c = t < a[i];

        s[i] = t + carry;
        carry = c | (s[i] < t);
        t = a[i] - b[i];
        c = a[i] < b[i];
        d[i] = t - borrow;
        borrow = c | (t < borrow);
        h = fold(fold(h, s[i]), d[i]);
    }
    printf("carry %d borrow %d\n", (int)carry, (int)borrow);
    return h;
}

int main(void)
{
    uint64_t h8 = FOLD_START, h16 = h8, h32 = h8, h64 = h8, hc = h8;
    uint64_t seed = 4711;

    for (size_t i = 0; i < EDGES; i++) {
        for (size_t k = 0; k < EDGES; k++) {
            h8 = fold(h8, round8(edge[i], edge[k]));
            h16 = fold(h16, round16(edge[i], edge[k]));
            h32 = fold(h32, round32(edge[i], edge[k]));
            h64 = fold(h64, round64(edge[i], edge[k]));
        }
        hc = fold(hc, constants(edge[i]));
        printf("edge %2zu %016llx %016llx\n", i, (unsigned long long)h32,
               (unsigned long long)h64);
    }
    for (int i = 0; i < 5000; i++) {
        uint64_t a = next_random(&seed) >> (i & 63);
        uint64_t b = next_random(&seed) >> (i * 7 & 63);

        h8 = fold(h8, round8(a, b));
        h16 = fold(h16, round16(a, b));
        h32 = fold(h32, round32(a, b));
        h64 = fold(h64, round64(a, b));
        hc = fold(hc, constants(a));
    }
    printf("8  %016llx\n16 %016llx\n32 %016llx\n64 %016llx\nc  %016llx\n",
           (unsigned long long)h8, (unsigned long long)h16,
           (unsigned long long)h32, (unsigned long long)h64,
           (unsigned long long)hc);
    printf("chains %016llx\n", (unsigned long long)chains());
    return 0;
}
