// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/time_fixed.c - calendar functions on fixed values
 *
 * Catches wrong 64-bit division of negative numbers and wrong struct tm
 * fields. The zones are given as rules, so no zone files are read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <time.h>
#include "plain.h"

static void show(const char *name, const struct tm *t)
{
    char s[128];

    strftime(s, sizeof(s), "%Y-%m-%d %H:%M:%S %a %j %U %W %V %G", t);
    printf("%-12s %s dst %d\n", name, s, t->tm_isdst);
}

static void zone(const char *rule)
{
    setenv("TZ", rule, 1);
    tzset();
    printf("zone %s: %s %s %ld %d\n", rule, tzname[0], tzname[1], timezone,
           daylight);
}

static void instants(void)
{
    static const time_t list[] = {
        0, -1, 1, 86399, 951782400, 951868799, 1000000000, 1234567890,
        2147483647, 2147483648, 4107542400, -2208988800, -62135596800,
        253402300799, 32503680000, -12219292800
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        struct tm t, back;
        char name[24];

        gmtime_r(&list[i], &back);
        localtime_r(&list[i], &t);
        snprintf(name, sizeof(name), "%lld", (long long)list[i]);
        show(name, &t);
        if (timegm(&back) != list[i] || mktime(&t) != list[i])
            printf("does not come back\n");
    }
}

static void normalise(int y, int mo, int d, int h, int mi, int s, int dst)
{
    struct tm t = { .tm_year = y - 1900, .tm_mon = mo - 1, .tm_mday = d,
                    .tm_hour = h, .tm_min = mi, .tm_sec = s,
                    .tm_isdst = dst };
    time_t v = mktime(&t);

    printf("%lld ", (long long)v);
    show("", &t);
}

static void formats(void)
{
    static const char *const list[] = {
        "%A %B %d %e", "%c", "%D %T %R %r", "%x %X", "%I:%M %p", "%s",
        "%y %C %u %w", "%z %Z", "%n%t%%", "%h %b", "%F", "%10Y|%-d|%_H|%03d",
        "%^a %#Z", "%G-W%V-%u"
    };
    struct tm t = { .tm_year = 124, .tm_mon = 1, .tm_mday = 5, .tm_hour = 3,
                    .tm_min = 4, .tm_sec = 9, .tm_wday = 1, .tm_yday = 35 };
    char s[128];

    mktime(&t);
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        size_t n = strftime(s, sizeof(s), list[i], &t);

        printf("%2zu [%s]\n", n, s);
    }
    printf("too long %zu\n", strftime(s, 5, "%Y-%m", &t));
    printf("asctime %s", asctime(&t));
    memset(&t, 0, sizeof(t));
    printf("parsed %s|", strptime("17 March 1999 5:06:07 PM rest",
                                  "%d %B %Y %I:%M:%S %p", &t));
    show("", &t);
    printf("not parsed %d\n", strptime("31/x", "%d/%m", &t) == NULL);
}

/* Every day of 800 years, by counting and by gmtime. */
static void days(void)
{
    static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
                                  31 };
    time_t v = -11676096000;    /* 1600-01-01 */
    int y = 1600, m = 0, d = 1, bad = 0, fridays = 0;

    while (y < 2400) {
        int leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
        struct tm t;

        gmtime_r(&v, &t);
        bad += t.tm_year + 1900 != y || t.tm_mon != m || t.tm_mday != d;
        fridays += d == 13 && t.tm_wday == 5;
        v += 86400;
        if (++d > length[m] + (m == 1 && leap)) {
            d = 1;
            m = (m + 1) % 12;
            y += m == 0;
        }
    }
    printf("bad days %d, bad fridays %d\n", bad, fridays);
}

int main(void)
{
    zone("UTC0");
    instants();
    normalise(2023, 14, 31, 25, 61, 3661, 0);
    normalise(2024, 1, -400, 0, 0, -1, -1);
    formats();
    days();
    zone("ONE-1TWO,M3.5.0,M10.5.0/3");
    normalise(2024, 3, 31, 1, 59, 59, -1);
    normalise(2024, 3, 31, 3, 0, 0, -1);
    normalise(2024, 7, 1, 12, 0, 0, 0);
    normalise(2024, 10, 27, 2, 30, 0, 1);
    normalise(2024, 10, 27, 2, 30, 0, 0);
    zone("XYZ4:30");
    instants();
    printf("difference %.1f\n", difftime(5000000000, 1));
    return 0;
}
