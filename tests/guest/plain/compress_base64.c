// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/compress_base64.c - pack, encode, decode and unpack again
 *
 * A dictionary packer with overlapping copies and base64 in both
 * directions. Catches wrong byte moves and lost bits.
 */
#include "plain.h"

#define ROOM 200000
#define WINDOW 4095
#define LONGEST 130

static uint8_t plain[ROOM], packed[ROOM], unpacked[ROOM];
static char text[ROOM * 4 / 3 + 8];

/*
 * A control byte below 128: so many literals plus one follow. Otherwise
 * (control - 125) bytes come from a two-byte distance behind.
 */
static size_t pack(const uint8_t *in, size_t n, uint8_t *out)
{
    static int head[4096], before[ROOM];
    size_t o = 0, literals = 0;

    memset(head, -1, sizeof(head));
    for (size_t i = 0; i < n;) {
        size_t best = 0, from = 0, step = 1;

        if (i + 3 <= n) {
            int *slot = &head[(in[i] << 4 ^ in[i + 1] << 2 ^ in[i + 2])
                              & 4095];
            int tries = 12;

            for (int k = *slot; k >= 0 && i - k <= WINDOW && tries-- > 0;
                 k = before[k]) {
                size_t len = 0;

                while (len < LONGEST && i + len < n
                       && in[k + len] == in[i + len])
                    len++;
                if (len > best) {
                    best = len;
                    from = k;
                }
            }
            before[i] = *slot;
            *slot = (int)i;
        }
        if (best >= 4) {
            out[o++] = best + 125;
            out[o++] = (i - from) >> 8;
            out[o++] = (i - from) & 255;
            literals = 0;
            step = best;
        } else {
            if (literals == 0 || literals == 128) {
                out[o++] = 255;
                literals = 0;
            }
            out[o - literals - 1] = literals;
            out[o++] = in[i];
            literals++;
        }
        i += step;
    }
    return o;
}

static size_t unpack(const uint8_t *in, size_t n, uint8_t *out)
{
    size_t o = 0;

    for (size_t i = 0; i < n;) {
        int c = in[i++];

        if (c < 128) {
            memcpy(out + o, in + i, c + 1);
            i += c + 1;
            o += c + 1;
        } else {
            size_t back = in[i] << 8 | in[i + 1];

            for (i += 2; c > 125; c--, o++)
                out[o] = out[o - back];
        }
    }
    return o;
}

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static size_t encode(const uint8_t *in, size_t n, char *out)
{
    char *start = out;

    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = in[i] << 16;

        v |= (i + 1 < n ? in[i + 1] : 0) << 8;
        v |= i + 2 < n ? in[i + 2] : 0;
        *out++ = digits[v >> 18];
        *out++ = digits[v >> 12 & 63];
        *out++ = i + 1 < n ? digits[v >> 6 & 63] : '=';
        *out++ = i + 2 < n ? digits[v & 63] : '=';
    }
    *out = 0;
    return out - start;
}

static size_t decode(const char *in, uint8_t *out)
{
    uint32_t v = 0, n = 0;

    for (int bits = 0; *in && *in != '='; in++) {
        v = v << 6 | (uint32_t)(strchr(digits, *in) - digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = v >> bits;
        }
    }
    return n;
}

int main(void)
{
    uint64_t seed = 64;

    for (int kind = 0; kind < 5; kind++) {
        size_t n = kind == 4 ? 7 : 20000 + kind * 1001, p, e, d;

        for (size_t i = 0; i < n; i++) {
            uint64_t r = next_random(&seed) >> 40;

            plain[i] = kind == 0 ? (uint64_t)"abracadabra, "[i % 13] :
                       kind == 1 ? r : kind == 2 ? i / 100 :
                       r % 29 ? i & 7 : 'x';
        }
        p = pack(plain, n, packed);
        e = encode(packed, p, text);
        memset(packed, 0, p);
        d = unpack(packed, decode(text, packed), unpacked);
        printf("%zu -> %zu -> %zu -> %zu same %d\n", n, p, e, d,
               d == n && memcmp(plain, unpacked, n) == 0);
        printf(" %016llx %.60s\n",
               (unsigned long long)fold_bytes(FOLD_START, text, e), text);
    }
    return 0;
}
