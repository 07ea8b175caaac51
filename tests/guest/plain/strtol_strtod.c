// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/strtol_strtod.c - text to numbers, with all the edge cases
 *
 * Catches wrong overflow checks, wrong end pointers and wrong rounding of
 * decimal fractions that lie next to a tie.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include "plain.h"

static void integers(void)
{
    static const struct {
        const char *s;
        int base;
    } list[] = {
        { "0", 10 }, { "  +42x", 10 }, { "-17", 0 }, { "0x1fg", 0 },
        { "0x", 0 }, { "0777", 0 }, { "089", 0 }, { "zz", 36 }, { "1012", 2 },
        { "", 10 }, { "  ", 10 }, { "-", 10 }, { "+-3", 10 }, { "0x1F", 16 },
        { "2147483648", 10 }, { "-2147483649", 10 },
        { "9223372036854775807", 10 }, { "9223372036854775808", 10 },
        { "-9223372036854775808", 10 }, { "-9223372036854775809", 10 },
        { "18446744073709551615", 10 }, { "18446744073709551616", 10 },
        { "-1", 10 }, { "-18446744073709551615", 10 },
        { "ffffffffffffffff", 16 }, { "\t\n 9", 10 }, { "1,000", 10 },
        { "5", 1 }, { "5", 37 }
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        char *end = NULL;
        unsigned long u;
        long l;

        errno = 0;
        l = strtol(list[i].s, &end, list[i].base);
        printf("%2zu %ld %d", i, l, end ? (int)(end - list[i].s) : -1);
        printf(" %s", errno ? strerrorname_np(errno) : "-");
        errno = 0;
        u = strtoul(list[i].s, &end, list[i].base);
        printf(" %lu %s", u, errno ? strerrorname_np(errno) : "-");
        errno = 0;
        printf(" %jd", strtoimax(list[i].s, NULL, list[i].base));
        printf(" %d\n", atoi(list[i].s));
    }
}

static const char *const decimals[] = {
    "0", "-0", "1", "-1.5e3", "0.1", ".5", "5.", ".", "1e", "1e+", "1e5x",
    "1e400", "-1e400", "1e-400", "4.9e-324", "2.4703282292062327e-324",
    "2.4703282292062328e-324", "2.2250738585072011e-308",
    "2.2250738585072014e-308", "1.7976931348623157e308",
    "1.7976931348623159e308", "9007199254740993", "9007199254740992.5",
    "9007199254740993.00000000000000000000000000000001",
    "0.50000000000000002775557561562891351", "1.00000005960464477540",
    "1.00000005960464477539", "3.4028236e38", "1e-45", "7e-46", "0x1p3",
    "0x1.8p-1", "0x.8", "0x1.fffffffffffff8p0", "0x1.fffffffffffff7p0",
    "0x1p-1074", "0x1p-1075", "0x1.8p-1075", "0xg", "inf", "-INFINITY",
    "infinit", "nan", "nan(0x12)", "nan(", "123456789012345678901234567890",
    "0.000000000000000000000000000000000000000123", "1e23", "8.5e22",
    "6.02214076e23", "1_000"
};

static void floats(void)
{
    for (size_t i = 0; i < sizeof(decimals) / sizeof(decimals[0]); i++) {
        const char *s = decimals[i];
        char *end;
        double d;
        float f;

        errno = 0;
        d = strtod(s, &end);
        printf("%.24s: %a %d %s", s, d, (int)(end - s),
               errno ? strerrorname_np(errno) : "-");
        errno = 0;
        f = strtof(s, &end);
        printf(" %a %s\n", f, errno ? strerrorname_np(errno) : "-");
    }
}

/* Every double must survive the way to text with 17 digits and back. */
static void round_trips(void)
{
    uint64_t seed = 1000, h = FOLD_START;
    int bad = 0, shorter = 0;
    char s[400];

    for (int i = 0; i < 3000; i++) {
        uint64_t bits = next_random(&seed);
        double d, e;

        if (i & 1)              /* half of them near one */
            bits = (bits & 0x800fffffffffffff) | (1000 + i % 50ULL) << 52;
        memcpy(&d, &bits, sizeof(d));
        if (d != d || d - d != 0)
            continue;
        sprintf(s, "%.17g", d);
        e = strtod(s, NULL);
        bad += memcmp(&d, &e, sizeof(d)) != 0;
        h = fold_bytes(h, s, strlen(s));
        sprintf(s, "%.15g", d);
        shorter += strtod(s, NULL) == d;
        sprintf(s, i % 16 ? "%.20e" : "%.30f", d);
        e = strtod(s, NULL);
        h = fold_double(h, e);
    }
    printf("round trips: bad %d shorter %d %016llx\n", bad, shorter,
           (unsigned long long)h);
}

int main(void)
{
    integers();
    floats();
    round_trips();
    return 0;
}
