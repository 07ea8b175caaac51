// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/float_rounding.c - rounding modes, exceptions, denormals, NaN, inf
 *
 * Catches a rounding mode that is not obeyed by some operation, exception
 * flags that are lost or invented, and wrong special values.
 */
#include <fenv.h>
#include <math.h>
#include "plain.h"

static const struct {
    int mode;
    const char *name;
} modes[] = {
    { FE_TONEAREST, "near" }, { FE_UPWARD, "up" },
    { FE_DOWNWARD, "down" }, { FE_TOWARDZERO, "zero" }
};

/* The flags as letters: invalid, divide, overflow, underflow, inexact. */
static const char *flags(void)
{
    static char s[6];
    int e = fetestexcept(FE_ALL_EXCEPT);

    s[0] = e & FE_INVALID ? 'I' : '-';
    s[1] = e & FE_DIVBYZERO ? 'D' : '-';
    s[2] = e & FE_OVERFLOW ? 'O' : '-';
    s[3] = e & FE_UNDERFLOW ? 'U' : '-';
    s[4] = e & FE_INEXACT ? 'X' : '-';
    feclearexcept(FE_ALL_EXCEPT);
    return s;
}

#define OPERATIONS(type, a, b) do {                                     \
        volatile type x_ = (a), y_ = (b), r_;                           \
        feclearexcept(FE_ALL_EXCEPT);                                   \
        r_ = x_ + y_; printf(" %a %s", (double)r_, flags());            \
        r_ = x_ - y_; printf(" %a %s", (double)r_, flags());            \
        r_ = x_ * y_; printf(" %a %s", (double)r_, flags());            \
        r_ = x_ / y_; printf(" %a %s\n", (double)r_, flags());          \
    } while (0)

static void by_mode(void)
{
    volatile double d[] = { 0.5, 1.5, 2.5, -0.5, -1.5, -2.7, 1e10 + 0.3 };
    volatile float f;

    for (size_t m = 0; m < 4; m++) {
        fesetround(modes[m].mode);
        printf("%s %d\n", modes[m].name, fegetround() == modes[m].mode);
        OPERATIONS(double, 1.0, 3.0);
        OPERATIONS(double, -0.1, 1e-17);
        OPERATIONS(float, 1.0f, 3.0f);
        OPERATIONS(float, 16777216.0f, -0.333333343f);
        for (size_t i = 0; i < sizeof(d) / sizeof(d[0]); i++)
            printf(" %g:%ld:%ld", rint(d[i]), lrint(d[i]), (long)d[i]);
        f = (float)d[6];
        printf("\n %a %a", f, sqrt(d[2]));
        d[6] += 0.5;
        printf(" %a %.3f %s\n", d[6], d[5], flags());
    }
    fesetround(FE_TONEAREST);
}

static void specials(void)
{
    static const char *const names[] = { "0", "-0", "1", "max", "min", "den",
                                         "inf", "-inf", "nan" };
    double v[] = { 0.0, -0.0, 1.0, 1.7976931348623157e308,
                   2.2250738585072014e-308, 5e-324, INFINITY, -INFINITY,
                   NAN };

    for (int i = 0; i < 9; i++) {
        printf("%s: class %d sign %d\n", names[i],
               isnan(v[i]) ? 0 : isinf(v[i]) ? 1 : v[i] == 0 ? 2 :
               isnormal(v[i]) ? 3 : 4, signbit(v[i]) != 0);
        for (int k = i; k < 9; k++) {
            volatile double a = v[i], b = v[k];
            volatile double r[4];
            int lt, eq;

            feclearexcept(FE_ALL_EXCEPT);
            r[0] = a + b;
            r[1] = a - b;
            r[2] = a * b;
            r[3] = a / b;
            printf(" %s", flags());
            lt = a < b;
            eq = a == b;
            printf(" %d%d%d%s", lt, eq, !!isgreater(a, b), flags());
            for (int q = 0; q < 4; q++) {
                if (isnan(r[q]))
                    fputs(" nan", stdout);
                else
                    printf(" %g", r[q]);
            }
            putchar('\n');
        }
    }
}

static void denormals(void)
{
    volatile double x = 1.0;
    volatile float f = 1.0f;
    int n = 0, m = 0;

    while (x > 0) {
        x /= 2;
        n++;
    }
    printf("halvings %d %s", n, flags());
    while (f > 0) {
        f /= 2;
        m++;
    }
    printf(" %d %s\n", m, flags());
    x = 5e-324;
    x *= 12345;
    f = 1e-40f;
    printf("%a %a %s\n", x, f, flags());
    x = (double)f * 0.5;
    printf("%a %s\n", x, flags());
    x = 1e300;
    f = (float)x;
    printf("%g %s\n", f, flags());
    x = 1e-300;
    f = (float)-x;
    printf("%g %s\n", f, flags());
    x = 1e30;
    printf("%ld", lrint(x));
    printf(" %s\n", flags());
    printf("%g %d", sqrt(-0.0), isnan(sqrt(-x)) != 0);
    printf(" %s\n", flags());
    printf("%g", log(x - x));
    printf(" %s", flags());
    printf(" %g", exp(x));
    printf(" %s\n", flags());
}

int main(void)
{
    by_mode();
    specials();
    denormals();
    return 0;
}
