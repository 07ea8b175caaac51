// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/bitfields_unions.c - bit fields, unions and big-endian byte order
 *
 * Catches loads and stores of the wrong size or order, bit fields that
 * spoil their neighbours, and wrong sign extension of narrow fields.
 */
#include "plain.h"

struct packed_date {
    unsigned year : 12, month : 4, day : 5;
    int zone : 6;
    unsigned dst : 1, leap : 1;
};

struct crossing {
    uint64_t a : 1;
    int64_t b : 33;
    uint64_t c : 17;
    int64_t d : 13;
    uint8_t e : 3;
    int8_t f : 5;
    uint16_t g : 9;
    uint32_t : 0;
    uint32_t h : 31;
};

struct __attribute__((packed)) loose {
    char a;
    uint32_t b;
    uint16_t c;
    uint64_t d;
    double e;
    char f;
};

union any {
    uint8_t b[16];
    uint16_t h[8];
    uint32_t w[4];
    uint64_t x[2];
    int8_t sb[16];
    int16_t sh[8];
    int32_t sw[4];
    float f[4];
    double d[2];
    long double q;
};

static void dump(const char *name, const void *p, size_t n)
{
    const unsigned char *s = p;

    printf("%-8s", name);
    while (n-- > 0)
        printf(" %02x", *s++);
    putchar('\n');
}

static void fields(void)
{
    volatile struct packed_date d = { 2024, 2, 29, -13, 1, 1 };
    struct packed_date copy;
    struct crossing c;
    uint64_t seed = 6, h = FOLD_START;

    d.day++;
    d.zone -= 20;
    d.year += 3000;
    copy = d;
    printf("date %u %u %u %d\n", d.year, d.month, d.day, d.zone);
    dump("date", &copy, sizeof(copy));
    memset(&c, 0, sizeof(c));
    for (int i = 0; i < 2000; i++) {
        uint64_t r = next_random(&seed);

        switch (r >> 61) {
        case 0: c.a = r; break;
        case 1: c.b += (int64_t)(r << 20) >> 31; break;
        case 2: c.c ^= r; break;
        case 3: c.d = (int64_t)r >> 7; break;
        case 4: c.e += r; break;
        case 5: c.f = (int)(r & 0xff) - 100; break;
        case 6: c.g = c.g * 3 + 1; break;
        case 7: c.h -= (uint32_t)r; break;
        }
        h = fold(h, c.a + c.e * 2 + c.g * 100);
        h = fold(h, (uint64_t)(int64_t)c.b);
        h = fold(h, (uint64_t)(c.d * 7 + c.f));
        h = fold(h, c.c + ((uint64_t)c.h << 17));
    }
    printf("fields %u %lld %u %d %u %d %u %u\n", (unsigned)c.a,
           (long long)c.b, (unsigned)c.c, (int)c.d, c.e, c.f, c.g, c.h);
    printf("fields %016llx\n", (unsigned long long)h);
    dump("fields", &c, sizeof(c));
}

static void views(void)
{
    volatile union any u;
    union any v = { { 0 } };

    for (int i = 0; i < 16; i++)
        u.b[i] = 0x70 + i * 3;
    for (int i = 0; i < 8; i++)
        printf(" %04x:%d", u.h[i], u.sh[i]);
    printf("\n %08x %d %016llx\n", u.w[1], u.sw[3],
           (unsigned long long)u.x[1]);
    u.w[2] = 0x40490fdb;
    u.sh[1] = -2;
    u.sb[0] = -3;
    u.f[3] = -0.15625f;
    printf(" %a %a %d\n", u.f[2], u.f[3], u.sb[0]);
    v = u;
    dump("union", &v, 16);
    v.d[0] = -118.625;
    v.d[1] = 1e-310;
    dump("double", &v, 16);
    v.q = 1.0L / 3;
    dump("quad", &v, 16);
    v.x[0] = __builtin_bswap64(0x0102030405060708);
    v.w[2] = __builtin_bswap32(0x11223344);
    dump("swapped", &v, 12);
}

static void packed(void)
{
    static struct loose l[4];
    uint64_t h = FOLD_START;

    for (volatile int i = 0; i < 4; i++) {
        l[i].a = 'a' + i;
        l[i].b = 0x01020304u * (i + 1);
        l[i].c = 0x1122 + i;
        l[i].d = 0x0123456789abcdefULL >> i;
        l[i].e = 0.1 * (i + 1);
        l[i].f = 'z' - i;
        h = fold(h, l[i].b + l[i].d + l[i].c);
        h = fold_double(h, l[i].e * 3);
    }
    printf("packed %zu %016llx\n", sizeof(l[0]), (unsigned long long)h);
    dump("packed", &l[1], sizeof(l[1]));
}

int main(void)
{
    fields();
    views();
    packed();
    return 0;
}
