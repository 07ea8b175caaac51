// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/string_scan.c - strlen, strcmp, memchr, strstr and other searches
 *
 * Strings end right before a page without access, so a routine that reads
 * past the end of its input dies. Catches wrong compares of high bytes and
 * wrong word-at-a-time tricks on a big-endian machine.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include "plain.h"

static size_t (*volatile do_strlen)(const char *) = strlen;
static size_t (*volatile do_strnlen)(const char *, size_t) = strnlen;
static int (*volatile do_strcmp)(const char *, const char *) = strcmp;
static int (*volatile do_strncmp)(const char *, const char *, size_t)
    = strncmp;
static int (*volatile do_memcmp)(const void *, const void *, size_t)
    = memcmp;

static char *edge, *other;      /* each points at the end of a page */

static char *page_end(void)
{
    long page = sysconf(_SC_PAGESIZE);
    char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED || mprotect(p + page, page, PROT_NONE))
        exit(97);
    return p + page;
}

static int sign(int v)
{
    return (v > 0) - (v < 0);
}

static void lengths(void)
{
    uint64_t h = FOLD_START;
    int bad = 0;

    for (size_t n = 0; n < 300; n++) {
        char *s = edge - n - 1;

        memset(s, (n & 1) ? 'x' : 0x81, n);
        s[n] = 0;
        bad += do_strlen(s) != n;
        bad += do_strnlen(s, n / 2) != n / 2;
        bad += do_strnlen(s + 1, n) != (n ? n - 1 : strlen(s + 1)) && n;
        bad += strchr(s, 0) != s + n;
        bad += memchr(s, 0, n + 1) != s + n;
        bad += memchr(s, 'y', n) != NULL;
        bad += rawmemchr(s, 0) != s + n;
        h = fold(h, do_strlen(s + n / 3));
    }
    printf("lengths  %016llx bad %d\n", (unsigned long long)h, bad);
}

static void compares(void)
{
    uint64_t h = FOLD_START;
    int less = 0, equal = 0, more = 0;

    for (size_t n = 1; n < 80; n++) {
        for (size_t at = 0; at < n; at += 1 + n / 9) {
            for (int delta = -1; delta <= 1; delta++) {
                char *a = edge - n - 1, *b = other - n - 1 - (n & 7);
                int r;

                for (size_t i = 0; i < n; i++)
                    a[i] = b[i] = 0x7f + (i & 1);   /* 7f and 80 */
                a[n] = b[n] = 0;
                b[at] += delta;
                r = sign(do_strcmp(a, b));
                less += r < 0;
                equal += r == 0;
                more += r > 0;
                h = fold(h, r + 1);
                h = fold(h, sign(do_strncmp(a, b, at)) + 1);
                h = fold(h, sign(do_strncmp(a, b, at + 1)) + 1);
                h = fold(h, sign(do_memcmp(a, b, n)) + 1);
                h = fold(h, sign(do_memcmp(b, a, at + 1)) + 1);
            }
        }
    }
    printf("compares %016llx less %d equal %d more %d\n",
           (unsigned long long)h, less, equal, more);
}

static void searches(void)
{
    static const char *const words[] = {
        "", "a", "needle", "need", "eedl", "n the hay", "stack", "stacks",
        "ys", "the haystack there is no needle in the haystack"
    };
    char *text = edge - 60;

    strcpy(text, "in the haystack there is no needle in the haystack");
    memmove(edge - strlen(text) - 1, text, strlen(text) + 1);
    text = edge - strlen(edge - 51) - 1;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char *at = strstr(text, words[i]);
        char *mem = memmem(text, strlen(text), words[i], strlen(words[i]));

        printf("strstr %-10.10s %3d %3d\n", words[i],
               at ? (int)(at - text) : -1, mem ? (int)(mem - text) : -1);
    }
    printf("strrchr %d\n", (int)(strrchr(text, 'k') - text));
    printf("memrchr %d\n", (int)((char *)memrchr(text, 'n', 30) - text));
    printf("strspn %zu strcspn %zu\n", strspn(text, "in the"),
           strcspn(text, "qyz"));
    printf("strpbrk %s\n", strpbrk(text, "dlw"));
    printf("strcasestr %s\n", strcasestr(text, "NO NEED"));
    printf("strcasecmp %d %d\n", sign(strcasecmp(text, "IN THE")),
           sign(strncasecmp(text, "IN THE", 6)));
    printf("strverscmp %d %d\n", sign(strverscmp("a9", "a10")),
           sign(strverscmp("a09", "a1")));
}

static void tokens(void)
{
    char line[] = ",,one,two;;three,;four", *save;
    int n = 0;

    for (char *t = strtok_r(line, ",;", &save); t;
         t = strtok_r(NULL, ",;", &save))
        printf("token %d %s\n", ++n, t);
}

int main(void)
{
    edge = page_end();
    other = page_end();
    lengths();
    compares();
    searches();
    tokens();
    return 0;
}
