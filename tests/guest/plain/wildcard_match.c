// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/wildcard_match.c - shell patterns and a small regular matcher
 *
 * Own matchers next to fnmatch and regcomp of the C library, on all pairs
 * of a set of patterns and texts. Catches errors in recursive and character
 * table code. The exit code is the number of pairs that match, modulo 100.
 */
#include <fnmatch.h>
#include <regex.h>
#include "plain.h"

/* Shell style: ? one, * any number, [a-z] and [!a-z] sets. */
static int glob(const char *p, const char *s)
{
    for (; *p; p++, s++) {
        if (*p == '*') {
            do {
                if (glob(p + 1, s))
                    return 1;
            } while (*s++);
            return 0;
        }
        if (!*s)
            return 0;
        if (*p == '[') {
            int not = p[1] == '!', in = 0;

            for (p += 1 + not; *p != ']'; p++) {
                if (p[1] == '-') {
                    in |= *s >= p[0] && *s <= p[2];
                    p += 2;
                } else {
                    in |= *s == *p;
                }
            }
            if (in == not)
                return 0;
        } else if (*p != '?' && *p != *s) {
            return 0;
        }
    }
    return *s == 0;
}

/* Regular style: . any, and x* x+ x? for one character x; ^ and $. */
static int here(const char *p, const char *s)
{
    int c = p[0], least = p[0] && p[1] == '+', most, n;

    if (!c)
        return 1;
    if (c == '$' && !p[1])
        return *s == 0;
    if (p[1] == '*' || p[1] == '+' || p[1] == '?') {
        most = p[1] == '?' ? 1 : 1 << 30;
        for (n = 0; n < most && s[n] && (c == '.' || s[n] == c); n++)
            ;
        for (; n >= least; n--)
            if (here(p + 2, s + n))
                return 1;
        return 0;
    }
    return *s && (c == '.' || c == *s) && here(p + 1, s + 1);
}

static int regular(const char *p, const char *s)
{
    if (*p == '^')
        return here(p + 1, s);
    do {
        if (here(p, s))
            return 1;
    } while (*s++);
    return 0;
}

static const char *const texts[] = {
    "", "a", "ab", "abc", "aaa", "abcabc", "main.c", "main.cc", "README",
    "a.b.c", "x-ray", "aXbXc", "mississippi", "zzzzzzzzzzzzzzzzzzzy"
};
static const char *const globs[] = {
    "", "*", "?", "a*", "*c", "a?c", "[a-c]*", "[!a-c]*", "*.c", "*.??",
    "a*b*c", "*ss*ss*", "[mR]*[cE]", "x-*", "*z*z*z*z*z*x", "[a][b][c]*"
};
static const char *const regulars[] = {
    "a", "^a", "c$", "^a*$", "b+c", "a.c", "^.*$", "ab?c", "X.*X", "i+.p",
    "^z*y$", "s*i", "^$", "z*z*z*x", "...c"
};
#define COUNT(a) (int)(sizeof(a) / sizeof(a[0]))

int main(void)
{
    int hits = 0, differ = 0;
    regmatch_t at[4];
    regex_t re;

    for (int i = 0; i < COUNT(globs); i++) {
        printf("%-14s", globs[i]);
        for (int k = 0; k < COUNT(texts); k++) {
            int m = glob(globs[i], texts[k]);

            differ += m != !fnmatch(globs[i], texts[k], 0);
            hits += m;
            putchar(m ? '+' : '.');
        }
        putchar('\n');
    }
    for (int i = 0; i < COUNT(regulars); i++) {
        if (regcomp(&re, regulars[i], REG_EXTENDED))
            printf("cannot compile ");
        printf("%-14s", regulars[i]);
        for (int k = 0; k < COUNT(texts); k++) {
            int m = regular(regulars[i], texts[k]);

            differ += m != !regexec(&re, texts[k], 1, at, 0);
            hits += m;
            printf("%c", m ? at[0].rm_so > 9 ? '#' : '0' + at[0].rm_so
                           : '.');
        }
        regfree(&re);
        putchar('\n');
    }
    regcomp(&re, "([a-z]+)=([0-9]{2,4})(;|$)", REG_EXTENDED);
    if (regexec(&re, "A1; b=7; width=1024; q=55", 4, at, 0) == 0)
        for (int i = 0; i < 4; i++)
            printf("group %d at %d to %d\n", i, (int)at[i].rm_so,
                   (int)at[i].rm_eo);
    regfree(&re);
    printf("hits %d differ %d bad %d\n", hits, differ,
           regcomp(&re, "a(b", REG_EXTENDED) == REG_EPAREN);
    return hits % 100;
}
