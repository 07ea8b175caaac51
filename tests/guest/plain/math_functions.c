// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/math_functions.c - sin, cos, exp, log, pow and the rest of libm
 *
 * Catches rounding errors in single FPU instructions: one wrong last bit in
 * an add or a multiply moves the printed digits or the checksum.
 */
#define _GNU_SOURCE
#include <math.h>
#include "plain.h"

typedef double one_arg(double);
typedef double two_args(double, double);
typedef float one_float(float);

static const struct {
    const char *name;
    one_arg *f;
    double from, to;
} ones[] = {
    { "sin", sin, -30, 30 }, { "cos", cos, -30, 30 }, { "tan", tan, -3, 3 },
    { "asin", asin, -1, 1 }, { "acos", acos, -1, 1 },
    { "atan", atan, -50, 50 }, { "sinh", sinh, -8, 8 },
    { "cosh", cosh, -8, 8 }, { "tanh", tanh, -8, 8 },
    { "asinh", asinh, -9, 9 }, { "acosh", acosh, 1, 90 },
    { "atanh", atanh, -0.99, 0.99 }, { "exp", exp, -600, 600 },
    { "exp2", exp2, -40, 40 }, { "exp10", exp10, -40, 40 },
    { "expm1", expm1, -2, 2 }, { "log", log, 1e-9, 1e9 },
    { "log2", log2, 0.01, 99 }, { "log10", log10, 0.01, 99 },
    { "log1p", log1p, -0.9, 9 }, { "sqrt", sqrt, 0, 1e12 },
    { "cbrt", cbrt, -1e6, 1e6 }, { "erf", erf, -4, 4 },
    { "erfc", erfc, -4, 9 }, { "lgamma", lgamma, 0.1, 60 },
    { "tgamma", tgamma, 0.1, 60 }, { "j0", j0, 0, 40 }, { "y1", y1, 1, 40 },
    { "floor", floor, -9, 9 }, { "ceil", ceil, -9, 9 },
    { "round", round, -9, 9 }, { "trunc", trunc, -9, 9 },
    { "rint", rint, -9, 9 }, { "logb", logb, 1e-5, 1e5 }
};

static const struct {
    const char *name;
    two_args *f;
} twos[] = {
    { "pow", pow }, { "atan2", atan2 }, { "hypot", hypot },
    { "fmod", fmod }, { "remainder", remainder }, { "fdim", fdim },
    { "fmax", fmax }, { "fmin", fmin }, { "copysign", copysign },
    { "nextafter", nextafter }
};

static const struct {
    const char *name;
    one_float *f;
} floats[] = {
    { "sinf", sinf }, { "cosf", cosf }, { "expf", expf }, { "logf", logf },
    { "sqrtf", sqrtf }, { "atanf", atanf }, { "cbrtf", cbrtf },
    { "tanhf", tanhf }, { "rintf", rintf }
};

static void parts(void)
{
    volatile double x = -1234.5678, y = 97.25;
    double whole, frac;
    float f = 0.1f;
    int e, q;

    frac = modf(x, &whole);
    printf("modf %.17g %.17g\n", whole, frac);
    frac = frexp(x, &e);
    printf("frexp %a %d\n", frac, e);
    printf("ldexp %a %a\n", ldexp(y, 300), scalbn(y, -700));
    frac = remquo(x, y, &q);
    printf("remquo %.17g %d\n", frac, q & 7);
    printf("fma %a %a\n", fma(x, y, 1e-30), fma(x, y, -x * y));
    printf("fmaf %a\n", fmaf(f, f, -0.01f));
    printf("ilogb %d %d\n", ilogb(x), ilogb(1e-310));
    printf("lrint %ld %lld %ld\n", lrint(x), llround(x), lround(y + 0.5));
    sincos(y, &whole, &frac);
    printf("sincos %.17g %.17g\n", whole, frac);
}

int main(void)
{
    for (size_t i = 0; i < sizeof(ones) / sizeof(ones[0]); i++) {
        uint64_t h = FOLD_START;
        double sum = 0;

        for (int k = 0; k <= 400; k++) {
            double x = ones[i].from + (ones[i].to - ones[i].from) * k / 400;
            double y = ones[i].f(x);

            h = fold_double(h, y);
            if (isfinite(y))
                sum += y;
        }
        printf("%-10s %.15g %016llx\n", ones[i].name, sum,
               (unsigned long long)h);
    }
    for (size_t i = 0; i < sizeof(twos) / sizeof(twos[0]); i++) {
        uint64_t h = FOLD_START;
        double sum = 0;

        for (int k = 1; k <= 30; k++) {
            for (int m = 1; m <= 30; m++) {
                double y = twos[i].f(k * 0.37, (m - 15.5) * 0.71);

                h = fold_double(h, y);
                sum += y;
            }
        }
        printf("%-10s %.15g %016llx\n", twos[i].name, sum,
               (unsigned long long)h);
    }
    for (size_t i = 0; i < sizeof(floats) / sizeof(floats[0]); i++) {
        uint64_t h = FOLD_START;

        for (int k = 1; k <= 400; k++)
            h = fold_double(h, floats[i].f(k * 0.0625f));
        printf("%-10s %016llx\n", floats[i].name, (unsigned long long)h);
    }
    parts();
    return 0;
}
