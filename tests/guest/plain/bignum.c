// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/bignum.c - factorials, powers, square roots and digits of pi
 *
 * Catches wrong carries and wrong 32 by 32 and 64 by 32 bit division in
 * multi-word arithmetic.
 */
#include "plain.h"

#define WORDS 200

struct big {
    int n;                      /* words in use */
    uint32_t w[WORDS];          /* low word first */
};

static void trim(struct big *a)
{
    while (a->n > 0 && a->w[a->n - 1] == 0)
        a->n--;
}

static void set(struct big *a, uint32_t v)
{
    memset(a, 0, sizeof(*a));
    a->w[0] = v;
    a->n = v != 0;
}

static void mul_small(struct big *a, uint32_t m)
{
    uint64_t carry = 0;

    for (int i = 0; i < a->n; i++) {
        carry += (uint64_t)a->w[i] * m;
        a->w[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        a->w[a->n++] = (uint32_t)carry;
}

static uint32_t div_small(struct big *a, uint32_t d)
{
    uint64_t r = 0;

    for (int i = a->n; i-- > 0;) {
        r = r << 32 | a->w[i];
        a->w[i] = (uint32_t)(r / d);
        r %= d;
    }
    trim(a);
    return (uint32_t)r;
}

static void mul(struct big *r, const struct big *a, const struct big *b)
{
    set(r, 0);
    for (int i = 0; i < a->n; i++) {
        uint64_t carry = 0;

        for (int k = 0; k < b->n; k++) {
            carry += (uint64_t)a->w[i] * b->w[k] + r->w[i + k];
            r->w[i + k] = (uint32_t)carry;
            carry >>= 32;
        }
        r->w[i + b->n] = (uint32_t)carry;
    }
    r->n = a->n + b->n;
    trim(r);
}

static int compare(const struct big *a, const struct big *b)
{
    int i = WORDS - 1;

    while (i > 0 && a->w[i] == b->w[i])
        i--;
    return a->w[i] < b->w[i] ? -1 : a->w[i] > b->w[i];
}

static void print(const char *name, struct big a)
{
    char s[WORDS * 10], *p = s + sizeof(s) - 1;

    *p = 0;
    do {
        uint32_t d = div_small(&a, 1000000000);

        for (int i = 0; i < 9; i++, d /= 10)
            *--p = '0' + d % 10;
    } while (a.n);
    while (*p == '0' && p[1])
        p++;
    printf("%s (%zu digits)\n", name, strlen(p));
    for (; *p; p += strnlen(p, 70))
        printf("  %.70s\n", p);
}

/* The integer square root, bit by bit from above. */
static void root(struct big *r, const struct big *a)
{
    struct big t;

    set(r, 0);
    r->n = a->n / 2 + 1;
    for (int bit = a->n * 16 - 1; bit >= 0; bit--) {
        r->w[bit / 32] |= 1u << bit % 32;
        mul(&t, r, r);
        if (compare(&t, a) > 0)
            r->w[bit / 32] ^= 1u << bit % 32;
    }
    trim(r);
}

/* Digits of pi, four at a time, from the arc tangent series. */
static void spigot(int digits)
{
    static int a[3600];
    int n = digits / 4 * 14, d = 0;

    for (int i = 0; i < n; i++)
        a[i] = 2000;
    for (int c = n, out = 0; c > 0; c -= 14, out++) {
        int e = d % 10000;

        d = 0;
        for (int b = c; --b > 0;) {
            d = d * b + a[b] * 10000;
            a[b] = d % (2 * b - 1);
            d /= 2 * b - 1;
        }
        printf("%s%04d", out % 17 ? "" : "\n  ", e + d / 10000);
    }
    putchar('\n');
}

int main(void)
{
    static struct big a, b;

    set(&a, 1);
    for (int i = 2; i <= 200; i++)
        mul_small(&a, i);
    print("200!", a);
    root(&b, &a);
    print("root of 200!", b);
    printf("pi");
    spigot(600);
    return 0;
}
