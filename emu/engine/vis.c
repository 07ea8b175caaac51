// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/engine/vis.h"

#include <stdbool.h>

/* Field @i of @bits bits, counted from the lowest. */
static inline uint64_t field(uint64_t v, unsigned i, unsigned bits)
{
    return v >> i * bits & (UINT64_MAX >> (64 - bits));
}

static inline int64_t sfield(uint64_t v, unsigned i, unsigned bits)
{
    return (int64_t)(v << (64 - bits - i * bits)) >> (64 - bits);
}

static inline uint64_t put(int64_t v, unsigned i, unsigned bits)
{
    return ((uint64_t)v & (UINT64_MAX >> (64 - bits))) << i * bits;
}

static inline int64_t clip(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

static inline int64_t lowest(unsigned bits)
{
    return -(INT64_C(1) << (bits - 1));
}

static inline int64_t highest(unsigned bits)
{
    return (INT64_C(1) << (bits - 1)) - 1;
}

static inline int64_t min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/*
 * Each field of the result from those of a and b: x and y, with their sign,
 * or without one.  @bits fit 64.
 */
#define LANES(name, get, bits, expr)                                           \
    uint64_t vis_##name(uint64_t a, uint64_t b)                                \
    {                                                                          \
        uint64_t d = 0;                                                        \
                                                                               \
        for (unsigned i = 0; i < 64 / (bits); i++) {                           \
            int64_t x = (int64_t)get(a, i, bits);                              \
            int64_t y = (int64_t)get(b, i, bits);                              \
                                                                               \
            d |= put(expr, i, bits);                                           \
        }                                                                      \
        return d;                                                              \
    }

#define SATURATED(expr, bits) clip(expr, lowest(bits), highest(bits))

LANES(fpadds8, sfield, 8, SATURATED(x + y, 8))
LANES(fpadds16, sfield, 16, SATURATED(x + y, 16))
LANES(fpadds32, sfield, 32, SATURATED(x + y, 32))
LANES(fpsubs8, sfield, 8, SATURATED(x - y, 8))
LANES(fpsubs16, sfield, 16, SATURATED(x - y, 16))
LANES(fpsubs32, sfield, 32, SATURATED(x - y, 32))
LANES(fpaddus8, field, 8, min(x + y, 0xff))
LANES(fpaddus16, field, 16, min(x + y, 0xffff))
LANES(fpsubus8, field, 8, max(x - y, 0))
LANES(fpsubus16, field, 16, max(x - y, 0))
LANES(fpmin8, sfield, 8, min(x, y))
LANES(fpmin16, sfield, 16, min(x, y))
LANES(fpmin32, sfield, 32, min(x, y))
LANES(fpminu8, field, 8, min(x, y))
LANES(fpminu16, field, 16, min(x, y))
LANES(fpminu32, field, 32, min(x, y))
LANES(fpmax8, sfield, 8, max(x, y))
LANES(fpmax16, sfield, 16, max(x, y))
LANES(fpmax32, sfield, 32, max(x, y))
LANES(fpmaxu8, field, 8, max(x, y))
LANES(fpmaxu16, field, 16, max(x, y))
LANES(fpmaxu32, field, 32, max(x, y))

/* The count of a shift is the low bits of each field. */
static inline int64_t shifted_left(int64_t v, int64_t by)
{
    return (int64_t)((uint64_t)v << by);
}

LANES(fsll16, field, 16, shifted_left(x, y & 15))
LANES(fsll32, field, 32, shifted_left(x, y & 31))
LANES(fsrl16, field, 16, x >> (y & 15))
LANES(fsrl32, field, 32, x >> (y & 31))
LANES(fsra16, sfield, 16, x >> (y & 15))
LANES(fsra32, sfield, 32, x >> (y & 31))
LANES(fslas16, sfield, 16, SATURATED(shifted_left(x, y & 15), 16))
LANES(fslas32, sfield, 32, SATURATED(shifted_left(x, y & 31), 32))

LANES(fmean16, sfield, 16, (x + y + 1) >> 1)
/* Ones' complement: the carry comes in again. */
LANES(fchksm16, field, 16, x + y + (x + y > 0xffff))

/* ------------------------------------------------------------- products */

/* To nearest, halves up. */
static inline int64_t scaled(int64_t product, unsigned drop)
{
    return (product + (INT64_C(1) << (drop - 1))) >> drop;
}

LANES(fmul8sux16, sfield, 16, scaled((x >> 8) * y, 8))
LANES(fmul8ulx16, sfield, 16, scaled((x & 0xff) * y, 16))

/* Four bytes by four halves, or by one. */
static uint64_t bytes_by_halves(uint64_t a, uint64_t b, unsigned step,
                                unsigned first)
{
    uint64_t d = 0;

    for (unsigned i = 0; i < 4; i++)
        d |= put(
            scaled((int64_t)field(a, i, 8) * sfield(b, first + step * i, 16),
                   8),
            i, 16);
    return d;
}

uint64_t vis_fmul8x16(uint64_t a, uint64_t b)
{
    return bytes_by_halves(a, b, 1, 0);
}

uint64_t vis_fmul8x16au(uint64_t a, uint64_t b)
{
    return bytes_by_halves(a, b, 0, 1);
}

uint64_t vis_fmul8x16al(uint64_t a, uint64_t b)
{
    return bytes_by_halves(a, b, 0, 0);
}

uint64_t vis_fmuld8sux16(uint64_t a, uint64_t b)
{
    uint64_t d = 0;

    for (unsigned i = 0; i < 2; i++)
        d |= put((sfield(a, i, 16) & ~INT64_C(0xff)) * sfield(b, i, 16), i, 32);
    return d;
}

uint64_t vis_fmuld8ulx16(uint64_t a, uint64_t b)
{
    uint64_t d = 0;

    for (unsigned i = 0; i < 2; i++)
        d |= put((sfield(a, i, 16) & 0xff) * sfield(b, i, 16), i, 32);
    return d;
}

/* ------------------------------------------------- packing and shuffling */

static inline unsigned scale_of(uint64_t gsr, unsigned mask)
{
    return gsr >> 3 & mask;
}

uint64_t vis_fpack16(uint64_t gsr, uint64_t a)
{
    unsigned scale = scale_of(gsr, 15);
    uint64_t d = 0;

    for (unsigned i = 0; i < 4; i++)
        d |=
            put(clip(shifted_left(sfield(a, i, 16), scale) >> 7, 0, 255), i, 8);
    return d;
}

uint64_t vis_fpack32(uint64_t gsr, uint64_t a, uint64_t b)
{
    unsigned scale = scale_of(gsr, 31);
    uint64_t d = 0;

    for (unsigned i = 0; i < 2; i++) {
        int64_t v = clip(shifted_left(sfield(b, i, 32), scale) >> 23, 0, 255);

        d |= put((int64_t)field(a, i, 32) << 8 | v, i, 32);
    }
    return d;
}

uint64_t vis_fpackfix(uint64_t gsr, uint64_t a)
{
    unsigned scale = scale_of(gsr, 31);
    uint64_t d = 0;

    for (unsigned i = 0; i < 2; i++)
        d |= put(SATURATED(shifted_left(sfield(a, i, 32), scale) >> 16, 16), i,
                 16);
    return d;
}

uint64_t vis_fexpand(uint64_t a)
{
    uint64_t d = 0;

    for (unsigned i = 0; i < 4; i++)
        d |= put((int64_t)field(a, i, 8) << 4, i, 16);
    return d;
}

uint64_t vis_fpmerge(uint64_t a, uint64_t b)
{
    uint64_t d = 0;

    for (unsigned i = 0; i < 4; i++)
        d |= field(a, i, 8) << (16 * i + 8) | field(b, i, 8) << 16 * i;
    return d;
}

uint64_t vis_faligndata(uint64_t gsr, uint64_t a, uint64_t b)
{
    unsigned bits = (gsr & 7) * 8;

    return bits ? a << bits | b >> (64 - bits) : a;
}

/* Bytes are numbered from the left: 0 to 7 of a, 8 to 15 of b. */
uint64_t vis_bshuffle(uint64_t gsr, uint64_t a, uint64_t b)
{
    uint64_t d = 0;

    for (unsigned i = 0; i < 8; i++) {
        unsigned pick = gsr >> (32 + 4 * i) & 15;

        d |= field(pick & 8 ? b : a, 7 - (pick & 7), 8) << 8 * i;
    }
    return d;
}

uint64_t vis_distance(uint64_t a, uint64_t b)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < 8; i++) {
        uint64_t x = field(a, i, 8), y = field(b, i, 8);

        sum += x > y ? x - y : y - x;
    }
    return sum;
}

/* ------------------------------------------------------------- compares */

#define COMPARE(name, get, bits, op)                                           \
    uint64_t vis_##name(uint64_t a, uint64_t b)                                \
    {                                                                          \
        uint64_t d = 0;                                                        \
                                                                               \
        for (unsigned i = 0; i < 64 / (bits); i++)                             \
            d |= (uint64_t)(get(a, i, bits) op get(b, i, bits)) << i;          \
        return d;                                                              \
    }

COMPARE(fcmpgt16, sfield, 16, >)
COMPARE(fcmple16, sfield, 16, <=)
COMPARE(fcmpeq16, sfield, 16, ==)
COMPARE(fcmpne16, sfield, 16, !=)
COMPARE(fcmpgt32, sfield, 32, >)
COMPARE(fcmple32, sfield, 32, <=)
COMPARE(fcmpeq32, sfield, 32, ==)
COMPARE(fcmpne32, sfield, 32, !=)
COMPARE(fucmpgt8, field, 8, >)
COMPARE(fucmple8, field, 8, <=)
COMPARE(fucmpeq8, field, 8, ==)
COMPARE(fucmpne8, field, 8, !=)
COMPARE(fpcmpgt8, sfield, 8, >)
COMPARE(fpcmple8, sfield, 8, <=)
COMPARE(fpcmpugt16, field, 16, >)
COMPARE(fpcmpule16, field, 16, <=)
COMPARE(fpcmpugt32, field, 32, >)
COMPARE(fpcmpule32, field, 32, <=)

/* ------------------------------------------------------------- integers */

/*
 * Which of the 8 >> @shift fields of a doubleword lie in [a, b]: from a's to
 * the last, and when b is in the same doubleword only up to b's.
 */
static uint64_t edge(uint64_t a, uint64_t b, unsigned shift, bool little)
{
    unsigned n = 8u >> shift, ones = (1u << n) - 1;
    unsigned left = (a & 7) >> shift, right = (b & 7) >> shift;
    unsigned from, to;

    if (little) {
        from = ones << left & ones;
        to = ones >> (n - 1 - right);
    } else {
        from = ones >> left;
        to = ones << (n - 1 - right) & ones;
    }
    return (a ^ b) >> 3 ? from : from & to;
}

#define EDGE(name, shift, little)                                              \
    uint64_t vis_##name(uint64_t a, uint64_t b)                                \
    {                                                                          \
        return edge(a, b, shift, little);                                      \
    }

EDGE(edge8, 0, false)
EDGE(edge8l, 0, true)
EDGE(edge16, 1, false)
EDGE(edge16l, 1, true)
EDGE(edge32, 2, false)
EDGE(edge32l, 2, true)

/* Bits of @v from @from on, at *@at of the result. */
static uint64_t take(uint64_t v, unsigned from, unsigned nr, unsigned *at)
{
    uint64_t d = (v >> from & ((UINT64_C(1) << nr) - 1)) << *at;

    *at += nr;
    return d;
}

/*
 * A fixed-point X, Y, Z to the address of its element in a blocked array of
 * 64 << b in X and Y.  More than 5 is undefined: as 5, as was always done.
 */
uint64_t vis_array8(uint64_t a, uint64_t b)
{
    unsigned n = (b & 7) > 5 ? 5 : (unsigned)(b & 7), at = 0;
    uint64_t d = 0;

    d |= take(a, 11, 2, &at);
    d |= take(a, 33, 2, &at);
    d |= take(a, 55, 1, &at);
    d |= take(a, 13, 4, &at);
    d |= take(a, 35, 4, &at);
    d |= take(a, 56, 4, &at);
    d |= take(a, 17, n, &at);
    d |= take(a, 39, n, &at);
    d |= take(a, 60, 4, &at);
    return d;
}

uint64_t vis_array16(uint64_t a, uint64_t b)
{
    return vis_array8(a, b) << 1;
}

uint64_t vis_array32(uint64_t a, uint64_t b)
{
    return vis_array8(a, b) << 2;
}

/* For bshuffle: of each field the first operand where its bit is set. */
static uint64_t cmask(uint64_t a, unsigned bytes)
{
    unsigned n = 8 / bytes;
    uint64_t d = 0;

    for (unsigned i = 0; i < 8; i++) { /* from the left */
        bool first = a >> (n - 1 - i / bytes) & 1;

        d = d << 4 | (first ? 0 : 8) | i;
    }
    return d;
}

uint64_t vis_cmask8(uint64_t a)
{
    return cmask(a, 1);
}

uint64_t vis_cmask16(uint64_t a)
{
    return cmask(a, 2);
}

uint64_t vis_cmask32(uint64_t a)
{
    return cmask(a, 4);
}

/* Multiplication without carries. */
uint64_t vis_xmulx(uint64_t a, uint64_t b)
{
    uint64_t d = 0;

    for (; b; b &= b - 1)
        d ^= a << __builtin_ctzll(b);
    return d;
}

uint64_t vis_xmulxhi(uint64_t a, uint64_t b)
{
    uint64_t d = 0;

    for (b &= ~UINT64_C(1); b; b &= b - 1)
        d ^= a >> (64 - __builtin_ctzll(b));
    return d;
}
