// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/hash_table.c - a growing hash table counts words of a made text
 *
 * Catches wrong string handling and lost links between many small blocks
 * that are spread over the heap.
 */
#include <ctype.h>
#include "plain.h"

struct word {
    struct word *next;
    uint32_t hash;
    int count;
    char text[];
};

static struct word **table;
static uint32_t buckets, used;

static uint32_t hash_of(const char *s)
{
    uint32_t h = 5;

    while (*s)
        h = (h << 5 | h >> 27) ^ (unsigned char)*s++ * 0x01000193u;
    return h ^ h >> 15;
}

static void grow(void)
{
    uint32_t more = buckets ? buckets * 2 : 16;
    struct word **t = calloc(more, sizeof(*t));

    for (uint32_t i = 0; i < buckets; i++) {
        while (table[i]) {
            struct word *w = table[i];

            table[i] = w->next;
            w->next = t[w->hash & (more - 1)];
            t[w->hash & (more - 1)] = w;
        }
    }
    free(table);
    table = t;
    buckets = more;
}

static struct word *find(const char *text, int make)
{
    uint32_t h = hash_of(text);
    struct word *w;

    for (w = table[h & (buckets - 1)]; w; w = w->next)
        if (w->hash == h && strcmp(w->text, text) == 0)
            return w;
    if (!make)
        return NULL;
    if (used >= buckets)
        grow();
    w = calloc(1, sizeof(*w) + strlen(text) + 1);
    w->hash = h;
    strcpy(w->text, text);
    w->next = table[h & (buckets - 1)];
    table[h & (buckets - 1)] = w;
    used++;
    return w;
}

static int delete(const char *text)
{
    uint32_t h = hash_of(text);
    struct word **p = &table[h & (buckets - 1)], *w;

    while ((w = *p) != NULL && strcmp(w->text, text) != 0)
        p = &w->next;
    if (!w)
        return 0;
    *p = w->next;
    free(w);
    used--;
    return 1;
}

/* A text of made-up words; short ones come often. */
static char *make_text(int words)
{
    static const char *const part[] = { "ba", "Ko", "mi", "tu", "re", "la",
                                        "SEN", "do", "pi", "qua" };
    static const char *const gap[] = { " ", ", ", ".\n", "  ", "-", "\t" };
    char *text = malloc(words * 20), *p = text;
    uint64_t seed = 606;

    for (int i = 0; i < words; i++) {
        uint64_t r = next_random(&seed) >> 8;
        int n = 1 + (r % 7 > 3) + (r % 11 > 7) + (r % 5 == 4);

        for (r /= 64; n > 0; n--, r /= 10)
            p = stpcpy(p, part[r % 10]);
        p = stpcpy(p, gap[r % 6]);
    }
    return text;
}

static int by_count(const void *a, const void *b)
{
    const struct word *x = *(struct word *const *)a;
    const struct word *y = *(struct word *const *)b;

    if (x->count != y->count)
        return y->count - x->count;
    return strcmp(x->text, y->text);
}

int main(void)
{
    char *text = make_text(20000), name[64];
    int n = 0, len = 0, gone = 0;
    struct word **all, *w;

    grow();
    for (char *p = text;; p++) {
        if (isalpha((unsigned char)*p)) {
            name[len++] = tolower((unsigned char)*p);
            continue;
        }
        if (len) {
            name[len] = 0;
            len = 0;
            w = find(name, 1);
            w->count++;
            n++;
        }
        if (!*p)
            break;
    }
    printf("%zu bytes, %d words, %u different, %u buckets\n", strlen(text),
           n, used, buckets);
    all = malloc(used * sizeof(*all));
    n = 0;
    for (uint32_t i = 0; i < buckets; i++)
        for (w = table[i]; w; w = w->next)
            all[n++] = w;
    qsort(all, n, sizeof(*all), by_count);
    for (int i = 0; i < n; i += i < 12 ? 1 : n / 8)
        printf("%5d %s\n", all[i]->count, all[i]->text);
    for (int i = 0; i < n; i += 2)
        gone += delete(strcpy(name, all[i]->text));
    printf("deleted %d left %u %d\n", gone, used, find("ba", 0) != NULL);
    return 0;
}
