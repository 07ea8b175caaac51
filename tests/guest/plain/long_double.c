// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/long_double.c - quad precision arithmetic and conversions
 *
 * The values are shown as bits, so every one of the 113 counts. Catches
 * errors in 64 by 64 multiplication, carries, and quad arguments in memory.
 */
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include "plain.h"


static void show(const char *name, long double v)
{
    unsigned __int128 bits;

    memcpy(&bits, &v, sizeof(bits));
    printf("%-8s %016llx.%016llx\n", name,
           (unsigned long long)(bits >> 64), (unsigned long long)bits);
}

static uint64_t fold_quad(uint64_t h, long double v)
{
    unsigned __int128 bits;

    memcpy(&bits, &v, sizeof(bits));
    return fold(fold(h, (uint64_t)(bits >> 64)), (uint64_t)bits);
}

static void arithmetic(void)
{
    static const int modes[] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD,
                                 FE_TOWARDZERO };
    volatile long double a = 1.0L, b = 3.0L, c = 7.25L;

    for (int m = 0; m < 4; m++) {
        fesetround(modes[m]);
        show("1/3", a / b);
        show("-1/3", -a / b);
        show("mul", (a / b) * (c / b));
        show("add", a + c / b);
        show("sub", a / b - c);
    }
    fesetround(FE_TONEAREST);
    show("tiny", a / b - a / b * (1 - 0x1p-112L));
    show("neg", -c);
    show("sqrt", sqrtl(b));
}

static void conversions(void)
{
    volatile long double q = -123456789012345678.9375L;
    volatile double d = 0.1;
    volatile float f = 0.1f;
    volatile long l = 0x7fffffffffffffff;
    volatile unsigned long u = 0xfffffffffffff801;
    volatile int i = -77;

    show("from d", d);
    show("from f", f);
    show("from l", l);
    show("from u", u);
    show("from i", i);
    printf("%a %a %ld %d %u\n", (double)q, (float)q, (long)q,
           (int)(q / 1e12L), (unsigned)(-q / 1e9L));
    printf("%lu %ld\n", (unsigned long)(-q * 100), lrintl(q));
}

static void series(void)
{
    long double e = 1, term = 1, pi = 0, p16 = 1, root = 1;

    for (int k = 1; k < 40; k++) {
        term /= k;
        e += term;
    }
    for (int k = 0; k < 30; k++) {
        pi += (4.0L / (8 * k + 1) - 2.0L / (8 * k + 4) - 1.0L / (8 * k + 5)
               - 1.0L / (8 * k + 6)) * p16;
        p16 /= 16;
    }
    for (int k = 0; k < 8; k++)
        root = (root + 2 / root) / 2;
    show("e", e);
    show("pi", pi);
    show("sqrt 2", root);
}

static void functions(void)
{
    static long double (*const fs[])(long double) = {
        sinl, cosl, tanl, atanl, expl, logl, sqrtl, cbrtl, floorl, rintl,
        log1pl, tanhl, lgammal, exp2l
    };
    uint64_t h;

    for (size_t i = 0; i < sizeof(fs) / sizeof(fs[0]); i++) {
        h = FOLD_START;
        for (int k = 1; k <= 25; k++)
            h = fold_quad(h, fs[i](k * 0.34375L));
        printf("function %zu %016llx\n", i, (unsigned long long)h);
    }
    h = FOLD_START;
    for (int k = 1; k <= 20; k++) {
        h = fold_quad(h, powl(k * 0.3L, 7.5L / k));
        h = fold_quad(h, fmodl(k * 100.0L, 0.7L));
        h = fold_quad(h, fmal(k, 1 / 3.0L, -k / 3.0L));
    }
    printf("two args %016llx\n", (unsigned long long)h);
}

static void compares(void)
{
    volatile long double v[] = { -INFINITY, -1, -0.0L, 0, 1e-4940L, 1,
                                 1 + 0x1p-112L, INFINITY, NAN };

    for (int i = 0; i < 9; i++) {
        for (int k = 0; k < 9; k++)
            printf("%d", (v[i] < v[k]) + 2 * (v[i] == v[k])
                   + 4 * (v[i] >= v[k]));
        printf(" %d %d\n", isnan(v[i]) != 0, signbit(v[i]) != 0);
    }
}

int main(void)
{
    arithmetic();
    conversions();
    series();
    functions();
    compares();
    return 0;
}
