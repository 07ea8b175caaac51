// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/struct_passing.c - structs by value, sizes 1 to 64, with floats
 *
 * Catches wrong slots and padding for small structs, a wrong hidden pointer
 * for large results, and float members in the wrong registers.
 */
#include "plain.h"

static uint64_t h = FOLD_START;

/* For each size: build one, pass two with a number between, get one back. */
#define SIZE(n)                                                         \
struct s##n { unsigned char c[n]; };                                    \
static struct s##n __attribute__((noinline))                            \
mix##n(struct s##n a, int k, struct s##n b)                             \
{                                                                       \
    struct s##n r;                                                      \
                                                                        \
    for (int i = 0; i < n; i++)                                         \
        r.c[i] = a.c[i] + k * b.c[n - 1 - i];                           \
    b.c[0] = 99;                                                        \
    return r;                                                           \
}                                                                       \
static void __attribute__((noinline)) test##n(void)                     \
{                                                                       \
    struct s##n (*volatile f)(struct s##n, int, struct s##n) = mix##n;  \
    struct s##n x, y, z;                                                \
                                                                        \
    for (int i = 0; i < n; i++) {                                       \
        x.c[i] = i * 3 + n;                                             \
        y.c[i] = i * 5 + 1;                                             \
    }                                                                   \
    z = f(x, n, y);                                                     \
    z = f(z, 3, f(y, 2, z));                                            \
    h = fold_bytes(h, &z, n);                                           \
    h = fold_bytes(h, &y, n);                                           \
    if (n % 8 == 0)                                                     \
        printf("size %d %016llx\n", n, (unsigned long long)h);          \
}

#define EIGHT(x, a, b, c, d, e, f, g, i)                                \
    x(a) x(b) x(c) x(d) x(e) x(f) x(g) x(i)
#define ALL(x)                                                          \
    EIGHT(x, 1, 2, 3, 4, 5, 6, 7, 8)                                    \
    EIGHT(x, 9, 10, 11, 12, 13, 14, 15, 16)                             \
    EIGHT(x, 17, 18, 19, 20, 21, 22, 23, 24)                            \
    EIGHT(x, 25, 26, 27, 28, 29, 30, 31, 32)                            \
    EIGHT(x, 33, 34, 35, 36, 37, 38, 39, 40)                            \
    EIGHT(x, 41, 42, 43, 44, 45, 46, 47, 48)                            \
    EIGHT(x, 49, 50, 51, 52, 53, 54, 55, 56)                            \
    EIGHT(x, 57, 58, 59, 60, 61, 62, 63, 64)

ALL(SIZE)

struct f1 { float a; };
struct f2 { float a, b; };
struct f3 { float a, b, c; };
struct f4 { float v[4]; };
struct d1 { double a; };
struct d4 { double a, b, c, d; };
struct if1 { int i; float f; };
struct fi1 { float f; int i; };
struct di { double d; int i; };
struct cd { char c; double d; float f; short s; };
struct ld { long double q; };
struct nest { struct f2 f; struct if1 i; struct { double d; } d; };

static double __attribute__((noinline))
many(struct f1 a, struct f2 b, int i, struct f3 c, double d, struct f4 e,
     struct d1 f, struct if1 g, struct fi1 j, struct di k, struct cd l,
     struct d4 m, float n, struct nest o)
{
    double s = a.a + 2 * b.a + 3 * b.b + 4 * i + 5 * c.a + 6 * c.b + 7 * c.c;

    s += 8 * d + 9 * e.v[0] + 10 * e.v[1] + 11 * e.v[2] + 12 * e.v[3];
    s += 13 * f.a + 14 * g.i + 15 * g.f + 16 * j.f + 17 * j.i + 18 * k.d;
    s += 19 * k.i + 20 * l.c + 21 * l.d + 22 * l.f + 23 * l.s + 24 * m.a;
    s += 25 * m.b + 26 * m.c + 27 * m.d + 28 * n + 29 * o.f.a + 30 * o.f.b;
    return s + 31 * o.i.i + 32 * o.i.f + 33 * o.d.d;
}

#define GIVE(type, ...)                                                 \
static struct type __attribute__((noinline)) give_##type(double x)      \
{                                                                       \
    return (struct type){ __VA_ARGS__ };                                \
}
GIVE(f1, x)
GIVE(f2, x + 1, x - 1)
GIVE(f3, x, x * 2, x * 3)
GIVE(f4, { x, -x, x / 2, x / 4 })
GIVE(d1, x * x)
GIVE(d4, x, x + 0.5, x * 2, -x)
GIVE(if1, x, x / 8)
GIVE(fi1, x / 16, x * 4)
GIVE(di, x * 0.75, -x)
GIVE(cd, x, x * 1.5, x / 2, x * 10)
GIVE(ld, x * 3.0L)
GIVE(nest, { x, x + 1 }, { x + 2, x + 3 }, { x + 4 })

int main(void)
{
    double sum = 0;

#define CALL(n) test##n();
    ALL(CALL)
    for (volatile double x = 1; x < 9; x++) {
        struct ld q = give_ld(x);

        sum += many(give_f1(x), give_f2(x), 3, give_f3(x), 0.25, give_f4(x),
                    give_d1(x), give_if1(x), give_fi1(x), give_di(x),
                    give_cd(x), give_d4(x), 1.5f, give_nest(x));
        printf("floats %.10g %.10g\n", sum, (double)q.q);
    }
    return 0;
}
