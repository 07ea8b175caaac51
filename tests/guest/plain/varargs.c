// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/varargs.c - variable arguments of every kind
 *
 * Catches float arguments in the wrong register file, structs and long
 * doubles in the wrong slots, and a va_copy that is not independent. Ends
 * with exit(-1).
 */
#include <stdarg.h>
#include "plain.h"

struct small { char c[3]; };
struct pair { int a; double b; };
struct floats { float x, y, z; };
struct big { long v[5]; };

static int __attribute__((noinline)) sum_ints(int n, ...)
{
    va_list ap;
    int sum = 0;

    va_start(ap, n);
    while (n-- > 0)
        sum = sum * 3 + va_arg(ap, int);
    va_end(ap);
    return sum;
}

static double __attribute__((noinline)) sum_doubles(int n, ...)
{
    va_list ap;
    double sum = 0;

    va_start(ap, n);
    while (n-- > 0)
        sum = sum * 2 + va_arg(ap, double);
    va_end(ap);
    return sum;
}

/* A letter of the plan names the type of each argument. */
static uint64_t walk(const char *plan, va_list ap)
{
    uint64_t h = FOLD_START;

    for (; *plan; plan++) {
        switch (*plan) {
        case 'i':
            h = fold(h, va_arg(ap, int));
            break;
        case 'l':
            h = fold(h, va_arg(ap, long));
            break;
        case 'd':
            h = fold_double(h, va_arg(ap, double));
            break;
        case 'q':
            h = fold_double(h, (double)(va_arg(ap, long double) * 64));
            break;
        case 's':
            h = fold_bytes(h, va_arg(ap, char *), 3);
            break;
        case 'S': {
            struct small v = va_arg(ap, struct small);

            h = fold_bytes(h, v.c, 3);
            break;
        }
        case 'P': {
            struct pair v = va_arg(ap, struct pair);

            h = fold_double(fold(h, v.a), v.b);
            break;
        }
        case 'F': {
            struct floats v = va_arg(ap, struct floats);

            h = fold_double(fold_double(h, v.x), v.y * v.z);
            break;
        }
        case 'B': {
            struct big v = va_arg(ap, struct big);

            for (int i = 0; i < 5; i++)
                h = fold(h, v.v[i]);
            break;
        }
        }
    }
    return h;
}

static void __attribute__((noinline)) mixed(const char *plan, ...)
{
    va_list ap, twice;
    uint64_t a, b;

    va_start(ap, plan);
    va_copy(twice, ap);
    a = walk(plan, ap);
    b = walk(plan, twice);
    va_end(twice);
    va_end(ap);
    printf("%-14s %016llx %d\n", plan, (unsigned long long)a, a == b);
}

static int __attribute__((format(printf, 2, 3)))
build(char **out, const char *format, ...)
{
    va_list ap, again;
    int n;

    va_start(ap, format);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, format, ap);
    *out = malloc(n + 1);
    vsnprintf(*out, n + 1, format, again);
    va_end(again);
    va_end(ap);
    return n;
}

int main(void)
{
    struct small s = { "xyz" };
    struct pair p = { -9, 2.625 };
    struct floats f = { 1.5f, -2.5f, 4.0f };
    struct big b = { { 1, -2, 3, -4, 5 } };
    char *text;
    int n;

    printf("%d ", sum_ints(1, -7));
    printf("%d\n", sum_ints(12, 1, 2, 3, 4, 5, 6, 7, 8, 9, -10, 11, -12));
    printf("%.10g %.10g\n", sum_doubles(2, 0.5, 1.25), sum_doubles(20, 1.0,
           2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 0.1, 0.2, 0.3, 0.4,
           0.5, 0.6, 0.7, 0.8, 0.9, 1.0));
    mixed("idid", 1, 2.5, -3, 4.5);
    mixed("didldididi", 1.5, 2, 3.5, 4L, 5.5, 6, 7.5, 8, 9.5, -10);
    mixed("qiq", 1.25L, 7, -2.5L);
    mixed("SiPdF", s, 3, p, 8.75, f);
    mixed("BiSBd", b, -1, s, b, 1e10);
    mixed("iiiiPF", 1, 2, 3, 4, p, f);
    mixed("lsqBFPS", -5L, "abc", 9.5L, b, f, p, s);
    n = build(&text, "%s|%5.2f|%d|%Lg|%c|%ld", "text", 3.14159, -5, 2.5L,
              'c', 1L << 40);
    printf("%d %s\n", n, text);
    free(text);
    n = build(&text, "%*d %-*s|%.*f", 300, 7, 20, "left", 3, 1.0 / 3);
    printf("%d %s\n", n, text + 290);
    exit(-1);
}
