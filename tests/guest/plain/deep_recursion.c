// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/deep_recursion.c - thousands of frames, in several manners
 *
 * Catches errors in the spill and fill of register windows and in the stack
 * pages below. The exit code is the low byte of the last result.
 */
#include <alloca.h>
#include "plain.h"

static int __attribute__((noinline)) ackermann(int m, int n)
{
    if (m == 0)
        return n + 1;
    if (n == 0)
        return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

/* Many values live across the call, so that locals are really used. */
static uint64_t __attribute__((noinline)) wide(int n, uint64_t a, uint64_t b,
                                               uint64_t c, uint64_t d)
{
    uint64_t p = a * 3 + n, q = b ^ (c << 3), r = c + d, s = d * 5 + a;
    uint64_t below;

    if (n == 0)
        return p + q + r + s;
    below = wide(n - 1, q + 1, r, s, p);
    return (p ^ below) + (q * 7) + (r ^ (s >> 2)) + n;
}

static int is_odd(unsigned n);

static int __attribute__((noinline)) is_even(unsigned n)
{
    volatile unsigned keep = n;
    int r;

    if (n == 0)
        return 1;
    r = is_odd(n - 1);
    return keep == n ? r : -1;
}

static int __attribute__((noinline)) is_odd(unsigned n)
{
    volatile unsigned keep = n;
    int r;

    if (n == 0)
        return 0;
    r = is_even(n - 1);
    return keep == n ? r : -1;
}

typedef uint64_t step(int depth, uint64_t v);
static step add_step, mul_step, rot_step;
static step *const volatile steps[] = { add_step, mul_step, rot_step };

static uint64_t add_step(int depth, uint64_t v)
{
    if (depth == 0)
        return v;
    return steps[v % 3](depth - 1, v + depth) + depth;
}

static uint64_t mul_step(int depth, uint64_t v)
{
    if (depth == 0)
        return v + 1;
    return steps[depth % 3](depth - 1, v * 0x9e3779b1) ^ v;
}

static uint64_t rot_step(int depth, uint64_t v)
{
    if (depth == 0)
        return v + 2;
    return steps[(v >> 9) % 3](depth - 1, v << 13 | v >> 51) - v;
}

/* Frames of changing size; the data is looked at on the way back. */
static uint64_t __attribute__((noinline)) frames(int n, const char *up)
{
    size_t size = 16 + n * 37 % 400;
    char *mine = alloca(size);
    uint64_t h;

    memset(mine, n, size);
    for (size_t i = 0; i < size; i++)
        mine[i] += i + up[i & 15];
    if (n == 0)
        return fold_bytes(FOLD_START, mine, size);
    h = frames(n - 1, mine);
    return fold(fold_bytes(h, mine, size), up[n & 15]);
}

static double __attribute__((noinline)) floats(int n, double x, float y)
{
    double below;

    if (n == 0)
        return x + y;
    below = floats(n - 1, x * 1.0001, y + 0.25f);
    return below + x / (n + y);
}

static long __attribute__((noinline)) tree(int depth, long id)
{
    long sum = 0;

    if (depth == 0)
        return id % 11;
    for (long i = 1; i <= 3; i++)
        sum += tree(depth - 1, id * 3 + i) * i % 7;
    return sum + id % 5;
}

int main(void)
{
    static const char top[16] = "recursion starts";
    uint64_t last;

    printf("ackermann %d %d\n", ackermann(2, 300), ackermann(3, 6));
    for (int n = 1; n < 10; n++)
        printf("wide %d %016llx\n", n,
               (unsigned long long)wide(n, 1, 2, 3, 4));
    printf("wide %016llx\n", (unsigned long long)wide(9000, 1, 2, 3, 4));
    printf("parity %d %d %d\n", is_even(5000), is_odd(5000), is_odd(4999));
    for (int i = 0; i < 3; i++)
        printf("pointers %016llx\n",
               (unsigned long long)steps[i](4000, 12345 + i));
    printf("frames %016llx\n", (unsigned long long)frames(3000, top));
    printf("floats %.17g\n", floats(4000, 1.0, 2.0f));
    printf("tree %ld\n", tree(9, 1));
    last = wide(4321, 9, 8, 7, 6);
    printf("last %016llx\n", (unsigned long long)last);
    return last & 255;
}
