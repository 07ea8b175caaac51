// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/digests.c - crc32, md5 and sha256 of known and generated data
 *
 * Catches wrong rotates, shifts and 32-bit additions; the first lines can
 * be compared with the published test values.
 */
#include <math.h>
#include "plain.h"

static uint32_t rol(uint32_t v, int n)
{
    return v << n | v >> (32 - n);
}

static uint32_t ror(uint32_t v, int n)
{
    return v >> n | v << (32 - n);
}

static uint32_t crc32_of(const uint8_t *p, size_t n)
{
    static uint32_t table[256];
    uint32_t c = ~0u;

    for (uint32_t i = 0; i < 256 && !table[255]; i++) {
        uint32_t v = i;

        for (int k = 0; k < 8; k++)
            v = v & 1 ? v >> 1 ^ 0xedb88320 : v >> 1;
        table[i] = v;
    }
    while (n-- > 0)
        c = table[(c ^ *p++) & 255] ^ c >> 8;
    return ~c;
}

/* Constants of sha256: the fraction of a root of the first primes. */
static uint32_t root_bits(int index, int cube)
{
    long double r;
    int p = 2;

    for (int d; index > 0;) {
        p++;
        for (d = 2; p % d; d++)
            ;
        index -= d == p;
    }
    r = cube ? cbrtl(p) : sqrtl(p);
    return (uint32_t)((r - floorl(r)) * 4294967296.0L);
}

static void sha256_block(uint32_t *h, const uint8_t *p)
{
    static uint32_t k[64];
    uint32_t w[64], s[8];

    for (int i = 0; i < 64 && !k[63]; i++)
        k[i] = root_bits(i, 1);
    for (int i = 0; i < 16; i++, p += 4)
        w[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];

        w[i] = w[i - 16] + w[i - 7] + (ror(a, 7) ^ ror(a, 18) ^ a >> 3)
               + (ror(b, 17) ^ ror(b, 19) ^ b >> 10);
    }
    memcpy(s, h, sizeof(s));
    for (int i = 0; i < 64; i++) {
        uint32_t e = s[4], a = s[0];
        uint32_t t = s[7] + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25))
                     + ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i];

        memmove(s + 1, s, 7 * sizeof(*s));
        s[4] += t;
        s[0] = t + (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22))
               + ((a & s[2]) ^ (a & s[3]) ^ (s[2] & s[3]));
    }
    for (int i = 0; i < 8; i++)
        h[i] += s[i];
}

static void md5_block(uint32_t *h, const uint8_t *p)
{
    static const uint8_t turn[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 },
                                        { 4, 11, 16, 23 },
                                        { 6, 10, 15, 21 } };
    static const uint8_t step[4] = { 1, 5, 3, 7 }, start[4] = { 0, 1, 5, 0 };
    uint32_t a = h[0], b = h[1], c = h[2], d = h[3];

    for (int i = 0; i < 64; i++) {
        int r = i / 16, g = (i * step[r] + start[r]) % 16 * 4;
        uint32_t f = r == 0 ? (b & c) | (~b & d) :
                     r == 1 ? (d & b) | (~d & c) :
                     r == 2 ? b ^ c ^ d : c ^ (b | ~d);

        f += a + (uint32_t)(fabs(sin(i + 1)) * 4294967296.0);
        f += (uint32_t)p[g + 3] << 24 | p[g + 2] << 16 | p[g + 1] << 8 | p[g];
        a = d;
        d = c;
        c = b;
        b += rol(f, turn[r][i % 4]);
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
}

/* Feed whole blocks, then the padded tail; md5 has the low byte first. */
static void digest(const uint8_t *p, size_t n, int sha)
{
    uint32_t h[8] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
    uint8_t tail[128] = { 0 };
    size_t left = n % 64, size = left < 56 ? 64 : 128;

    for (int i = 0; i < 8 && sha; i++)
        h[i] = root_bits(i, 0);
    memcpy(tail, p + n - left, left);
    tail[left] = 0x80;
    for (int i = 0; i < 8; i++)
        tail[size - (sha ? 1 + i : 8 - i)] = (uint64_t)n * 8 >> (8 * i);
    for (size_t i = 0; i + 64 <= n; i += 64)
        (sha ? sha256_block : md5_block)(h, p + i);
    for (size_t i = 0; i < size; i += 64)
        (sha ? sha256_block : md5_block)(h, tail + i);
    for (int i = 0; i < (sha ? 8 : 4); i++)
        printf("%08x", sha ? h[i] : __builtin_bswap32(h[i]));
    putchar('\n');
}

int main(void)
{
    static uint8_t data[40000];
    static const size_t sizes[] = { 0, 3, 55, 56, 63, 64, 1000, 40000 };
    uint64_t seed = 256;

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = i < 3 ? 'a' + i : next_random(&seed) >> 33;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        printf("%zu %08x ", sizes[i], crc32_of(data, sizes[i]));
        digest(data, sizes[i], 0);
        digest(data, sizes[i], 1);
    }
    return 0;
}
