// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/string_copy.c - memcpy, memmove, memset and friends, all alignments
 *
 * Catches wrong block loads and stores, a copy that writes outside its
 * target, wrong direction for overlapping moves, and page edge errors.
 */
#define _GNU_SOURCE
#include "plain.h"

static void *(*volatile do_memcpy)(void *, const void *, size_t) = memcpy;
static void *(*volatile do_memmove)(void *, const void *, size_t) = memmove;
static void *(*volatile do_memset)(void *, int, size_t) = memset;
static char *(*volatile do_strncpy)(char *, const char *, size_t) = strncpy;

#define PAGE 8192
#define GUARD 24

static unsigned char from[4 * PAGE] __attribute__((aligned(PAGE)));
static unsigned char to[4 * PAGE] __attribute__((aligned(PAGE)));
static int bad;

/* Check to[at .. at+n) against what, and the guard bytes around it. */
static uint64_t check(size_t at, size_t n, const unsigned char *what, int c)
{
    uint64_t h = FOLD_START;

    for (size_t i = at - GUARD; i < at + n + GUARD; i++) {
        int want = 0x5a;

        if (i >= at && i < at + n)
            want = what ? what[i - at] : c;
        if (to[i] != want)
            bad++;
        h = fold(h, to[i]);
        to[i] = 0x5a;
    }
    return h;
}

static size_t size_at(int k)
{
    static const size_t big[] = {
        95, 96, 97, 127, 128, 129, 191, 193, 255, 256, 257, 511, 512, 513,
        1024, 1025, 4095, 4097, 8191, 8192, 8193, 12001
    };

    if (k <= 72)
        return k;
    k -= 73;
    return k < (int)(sizeof(big) / sizeof(big[0])) ? big[k] : (size_t)-1;
}

static void copies(void)
{
    uint64_t h = FOLD_START;
    size_t n;

    for (int k = 0; (n = size_at(k)) != (size_t)-1; k++) {
        for (size_t d = 0; d < 9; d++) {
            for (size_t s = 0; s < 9; s++) {
                size_t at = PAGE - 40 + d, src = PAGE - 64 + s;

                if ((n > 72 && (d % 3 || s % 4)) || (n > 600 && d + s > 9))
                    continue;
                if (do_memcpy(to + at, from + src, n) != to + at)
                    bad++;
                h = fold(h, check(at, n, from + src, 0));
            }
        }
    }
    printf("memcpy   %016llx bad %d\n", (unsigned long long)h, bad);
}

static void sets(void)
{
    uint64_t h = FOLD_START;
    size_t n;

    for (int k = 0; (n = size_at(k)) != (size_t)-1; k++) {
        for (size_t d = 0; d < 17; d += n > 300 ? 5 : 1) {
            int c = (int)(k * 7 + d) & 255;

            do_memset(to + PAGE - 30 + d, c | 0x100, n);
            h = fold(h, check(PAGE - 30 + d, n, NULL, c));
        }
    }
    printf("memset   %016llx bad %d\n", (unsigned long long)h, bad);
}

static void moves(void)
{
    static const size_t sizes[] = { 1, 7, 8, 31, 64, 65, 200, 511, 2000 };
    static unsigned char want[PAGE];
    uint64_t h = FOLD_START;

    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        for (int shift = -70; shift <= 70; shift += 1 + (sizes[k] > 100)) {
            unsigned char *base = to + PAGE - 200;
            size_t n = sizes[k];

            for (size_t i = 0; i < n + 200; i++)
                base[i] = want[i] = from[i + k];
            for (size_t i = 0; i < n; i++)
                want[100 + shift + i] = from[100 + i + k];
            do_memmove(base + 100 + shift, base + 100, n);
            for (size_t i = 0; i < n + 200; i++)
                bad += base[i] != want[i];
            h = fold_bytes(h, base + 90, 40);
        }
    }
    printf("memmove  %016llx bad %d\n", (unsigned long long)h, bad);
}

static void strings(void)
{
    char a[64], b[64];
    char *volatile text = (char *)"a string of twenty-nine chars";

    memset(a, '#', sizeof(a));
    printf("stpcpy   %d\n", (int)(stpcpy(a, text) - a));
    do_strncpy(b, text, sizeof(b));
    printf("strncpy  %016llx\n",
           (unsigned long long)fold_bytes(FOLD_START, b, sizeof(b)));
    printf("strcat   %s\n", strcat(strcpy(a, text + 18), text + 24));
    strncat(a, text, 8);
    printf("strncat  %s\n", a);
    printf("mempcpy  %d\n", (int)((char *)mempcpy(b, text, 11) - b));
    printf("memccpy  %d\n", (int)((char *)memccpy(b, text, 'y', 30) - b));
    printf("none     %d\n", memccpy(b, text, '!', 20) == NULL);
}

int main(void)
{
    uint64_t seed = 12345;

    for (size_t i = 0; i < sizeof(from); i++)
        from[i] = next_random(&seed) >> 56;
    memset(to, 0x5a, sizeof(to));
    copies();
    sets();
    moves();
    strings();
    return bad != 0;
}
