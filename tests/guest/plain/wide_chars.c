// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/wide_chars.c - wide strings and conversions in the C locale
 *
 * Catches errors in the 32-bit variants of the string functions and in the
 * conversion state machine.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <wchar.h>
#include <wctype.h>
#include "plain.h"

static uint64_t fold_wide(uint64_t h, const wchar_t *s, size_t n)
{
    while (n-- > 0)
        h = fold(h, (uint32_t)*s++);
    return h;
}

static void conversions(void)
{
    wchar_t wide[80];
    char narrow[80];
    mbstate_t st;
    const char *src = "The quick brown fox, 0123456789; jumps!";
    const wchar_t *wsrc;
    size_t n;

    n = mbstowcs(wide, src, 80);
    printf("mbstowcs %zu %016llx\n", n,
           (unsigned long long)fold_wide(FOLD_START, wide, n + 1));
    printf("only count %zu\n", mbstowcs(NULL, src, 0));
    printf("short %zu\n", mbstowcs(wide, src, 5));
    mbstowcs(wide, src, 80);
    printf("wcstombs %zu", wcstombs(narrow, wide, 80));
    printf(" %s\n", narrow);
    wide[3] = 0x20ac;
    errno = 0;
    printf("cannot %zd", (ssize_t)wcstombs(narrow, wide, 80));
    printf(" %s\n", strerror(errno));
    memset(&st, 0, sizeof(st));
    n = mbsrtowcs(wide, &src, 10, &st);
    printf("mbsrtowcs %zu rest %s\n", n, src);
    memset(&st, 0, sizeof(st));
    wsrc = L"wide text";
    n = wcsrtombs(narrow, &wsrc, sizeof(narrow), &st);
    printf("wcsrtombs %zu %s %d\n", n, narrow, wsrc == NULL);
    n = mbrtowc(wide, "x", 0, &st);
    printf("nothing %zd", (ssize_t)n);
    n = mbrtowc(wide, "", 1, &st);
    printf(" end %zd initial %d\n", (ssize_t)n, mbsinit(&st) != 0);
    printf("btowc %d %d wctob %d %d\n", btowc('A'), btowc(EOF), wctob(L'z'),
           wctob(0x3b1));
    printf("mblen %d MB_CUR_MAX %d\n", mblen("abc", 3), (int)MB_CUR_MAX);
}

static void strings(void)
{
    wchar_t a[2100], b[2100];
    uint64_t h = FOLD_START;
    int bad = 0;

    for (int n = 0; n < 2000; n += 1 + n / 8) {
        for (int i = 0; i < n; i++)
            a[i] = 0x100 + i * 77;
        a[n] = 0;
        bad += wcslen(a) != (size_t)n;
        bad += wcscpy(b, a) != b || wmemcmp(a, b, n + 1) != 0;
        bad += wcscmp(a, b) != 0;
        wmemset(b + n, L'-', 50);
        b[n + 50] = 0;
        bad += wcscmp(a, b) >= 0;
        bad += wcschr(b, L'-') != b + n;
        bad += wcsspn(b, a) != (size_t)n;
        wmemmove(b + 7, b, n + 20);
        h = fold_wide(h, b, n + 27);
        h = fold(h, wcsnlen(a, 33));
    }
    printf("strings bad %d %016llx\n", bad, (unsigned long long)h);
    wcscpy(a, L"alpha beta gamma");
    printf("wcsstr %d", (int)(wcsstr(a, L"beta") - a));
    printf(" wcsrchr %d", (int)(wcsrchr(a, L'm') - a));
    printf(" wcspbrk %ls\n", wcspbrk(a, L"gt"));
    printf("high sorts %d\n", wcscmp(L"\x7fffffff", L"\x80") > 0);
    for (wchar_t *save, *t = wcstok(a, L" ", &save); t;
         t = wcstok(NULL, L" ", &save))
        printf("token %ls\n", t);
}

static void numbers(void)
{
    wchar_t s[100], *end;
    int n;
    long v = 0;
    double d = 0;

    n = swprintf(s, 100, L"%d|%5.2f|%ls|%s|%c|%lx", -5, 3.14159, L"wide",
                 "narrow", 'c', 0xfedcba9876543210UL);
    printf("swprintf %d %ls\n", n, s);
    printf("too small %d\n", swprintf(s, 5, L"%d", 1234567));
    printf("wcstol %ld", wcstol(L"-0x7fz", &end, 0));
    printf(" %lc", (wint_t)*end);
    printf(" wcstod %a\n", wcstod(L"6.25e-2", NULL));
    n = swscanf(L"77 word 0.5", L"%ld %ls %lf", &v, s, &d);
    printf("swscanf %d %ld %ls %g\n", n, v, s, d);
}

static void classes(void)
{
    int count[8] = { 0 };

    for (wint_t c = 0; c < 0x3000; c++) {
        count[0] += iswalpha(c) != 0;
        count[1] += iswdigit(c) != 0;
        count[2] += iswspace(c) != 0;
        count[3] += iswpunct(c) != 0;
        count[4] += towupper(c) != c;
        count[5] += towlower(c) != c;
        count[6] += iswprint(c) != 0;
        count[7] += iswctype(c, wctype("xdigit")) != 0;
    }
    for (int i = 0; i < 8; i++)
        printf("%d ", count[i]);
    putchar('\n');
}

int main(void)
{
    conversions();
    strings();
    numbers();
    classes();
    return 0;
}
