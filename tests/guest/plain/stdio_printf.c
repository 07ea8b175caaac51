// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/stdio_printf.c - printf with every conversion, flag and length
 *
 * Catches wrong varargs slots, wrong integer division in the digit loops,
 * wrong bits in the multi-word arithmetic behind %f, %g, %a and %Lf.
 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <wchar.h>
#include "plain.h"

static void integers(void)
{
    static const long v[] = { 0, 1, -1, 42, -1234567, 2147483647,
                              -2147483647L - 1, 9223372036854775807L,
                              -9223372036854775807L - 1 };

    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        printf("%d|%i|%u|%o|%x|%X\n", (int)v[i], (int)v[i], (unsigned)v[i],
               (unsigned)v[i], (unsigned)v[i], (unsigned)v[i]);
        printf("%ld|%lld|%lu|%lo|%#lx|%#lX\n", v[i], (long long)v[i],
               (unsigned long)v[i], (unsigned long)v[i],
               (unsigned long)v[i], (unsigned long)v[i]);
        printf("%hhd|%hhu|%hd|%hu|%#o\n", (signed char)v[i],
               (unsigned char)v[i], (short)v[i], (unsigned short)v[i],
               (unsigned)v[i]);
        printf("[%+d][% d][%12d][%-12d][%012d][%.15d][%+.3d]\n", (int)v[i],
               (int)v[i], (int)v[i], (int)v[i], (int)v[i], (int)v[i],
               (int)v[i]);
    }
    printf("[%*d][%-*d][%.*d][%.0d]\n", 7, 5, 7, 5, 4, 5, 0);
    printf("%jd %zu %td %#x %#o\n", (intmax_t)-5, (size_t)6, (ptrdiff_t)-7,
           0u, 0u);
    printf("%p %20p %p\n", (void *)0x1234, (void *)0xabcdef, (void *)0);
}

static void doubles(void)
{
    static const double v[] = {
        0.0, -0.0, 1.0, -1.5, 0.1, 1.0 / 3, 123456789.125, 1e21, 1e-5,
        9.9999995, 0.5, 2.5, 1e100, DBL_MAX, DBL_MIN, 4.9406564584124654e-324
    };

    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        printf("%f|%e|%g|%a\n", v[i], v[i], v[i], v[i]);
        printf("%.0f|%.1f|%.17g|%.3e|%#.0f|%+G\n", v[i], v[i], v[i], v[i],
               v[i], v[i]);
        printf("[%14.3f][%-14.2e][%014.4g][% a][%.2A]\n",
               fabs(v[i]) < 1e30 ? v[i] : 1.0, v[i], v[i], v[i], v[i]);
    }
    printf("%f %F %e %g %5.1f %-6f| %+f %010f\n", INFINITY, INFINITY,
           -INFINITY, (double)NAN, INFINITY, INFINITY, INFINITY, -INFINITY);
    printf("%.60f\n%.55e\n", 0.1, 1.0 / 3);
}

static void long_doubles(void)
{
    volatile long double third = 1.0L, big = 1.0L, tiny = 1.0L;
    volatile int three = 3;

    third /= three;
    for (int i = 0; i < 16; i++) {
        big *= 1024.0L * 1024 * three;
        tiny /= 1024.0L * three;
    }
    printf("%Lf|%Le|%Lg\n", third, third, third);
    printf("%.40Lf\n", third);
    printf("%.0Lf\n", big);
    printf("%.30Le\n", tiny);
    printf("%.12Lf %.12LE %.12LG\n", -third, -third, -third);
    printf("%La %LA %.6La\n", third, -big, tiny);
    printf("%.4Lf %Lg %Lf\n", third * 3, big / big, (long double)three);
}

static void text(void)
{
    int count = 0, more = 0;
    char buf[32];
    volatile size_t room = 10;

    printf("[%s][%.3s][%10s][%-10s][%10.4s]\n", "hello", "hello", "hello",
           "hello", "hello");
    printf("[%c][%3c][%-3c][%%]\n", 'a', 'b', 'c');
    printf("[%ls][%lc]\n", L"wide", (wint_t)L'w');
    printf("%3$s %1$s %2$s\n", "one", "two", "three");
    printf("%2$*1$d|%2$d\n", 6, 99);
    printf("count%n this%n\n", &count, &more);
    printf("%d %d\n", count, more);
    printf("%d\n", snprintf(buf, room, "%s-%d", "longer than ten", 12345));
    printf("%s\n", buf);
    printf("%d\n", snprintf(NULL, 0, "%100d%5.1f", 1, 2.0));
    errno = ENOENT;
    printf("%m\n");
}

int main(void)
{
    integers();
    doubles();
    long_doubles();
    text();
    return 0;
}
