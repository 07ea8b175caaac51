// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/cpu/fpu_model.h"

__extension__ typedef unsigned __int128 u128;

const struct model_format model_single = {32,         23,       127,
                                          0x7f800000, 0x400000, 0x80000000};
const struct model_format model_double = {
    64, 52, 1023, UINT64_C(0x7ff) << 52, UINT64_C(1) << 51, UINT64_C(1) << 63};

/* +-m * 2^e; of what is below its last bit, that is set (sticky). */
struct number {
    bool sign;
    u128 m;
    int e;
};

#define TOP 120 /* bits of a number that is shifted up */

static unsigned length(u128 m)
{
    uint64_t high = (uint64_t)(m >> 64), low = (uint64_t)m;

    if (high)
        return 128 - (unsigned)__builtin_clzll(high);
    return low ? 64 - (unsigned)__builtin_clzll(low) : 0;
}

static u128 shift_right(u128 m, unsigned by)
{
    if (by == 0)
        return m;
    if (by > 127)
        return m != 0;
    return m >> by | ((m & (((u128)1 << by) - 1)) != 0);
}

/* Shifted up, so that it has @bits. */
static struct number with_length(struct number n, unsigned bits)
{
    unsigned by = bits - length(n.m);

    return (struct number){n.sign, n.m << by, n.e - (int)by};
}

static bool sign_of(const struct model_format *f, uint64_t x)
{
    return (x & f->sign) != 0;
}

static uint64_t magnitude(const struct model_format *f, uint64_t x)
{
    return x & (f->sign - 1);
}

bool model_is_nan(const struct model_format *f, uint64_t x)
{
    return magnitude(f, x) > f->inf;
}

static bool is_signalling(const struct model_format *f, uint64_t x)
{
    return model_is_nan(f, x) && !(x & f->quiet);
}

static bool is_inf(const struct model_format *f, uint64_t x)
{
    return magnitude(f, x) == f->inf;
}

static struct number number_of(const struct model_format *f, uint64_t x)
{
    uint64_t fraction = x & (f->quiet * 2 - 1);
    int field = (int)(magnitude(f, x) >> f->fbits);
    int least = 1 - f->bias - (int)f->fbits;

    if (field)
        return (struct number){sign_of(f, x), fraction | f->quiet * 2,
                               least + field - 1};
    return (struct number){sign_of(f, x), fraction, least};
}

static struct model_result plain(uint64_t x)
{
    return (struct model_result){x, 0};
}

/* What comes of nothing: positive, all ones. */
static struct model_result undefined(const struct model_format *f)
{
    return (struct model_result){f->sign - 1, MODEL_NV};
}

static uint64_t signed_as(const struct model_format *f, bool sign, uint64_t x)
{
    return sign ? x | f->sign : x;
}

static bool rounds_away(bool sign, unsigned rd)
{
    return rd == (sign ? MODEL_DOWN : MODEL_UP);
}

/* @rest: of what is cut off: 0, 1 below a half, 2 a half, 3 above */
static bool rounds_up(bool sign, bool odd, unsigned rest, unsigned rd)
{
    if (rd == MODEL_NEAREST)
        return rest == 3 || (rest == 2 && odd);
    return rest && rounds_away(sign, rd);
}

static unsigned rest_of(u128 m, unsigned shift)
{
    u128 half = (u128)1 << (shift - 1), rest = m & (half * 2 - 1);

    return rest > half ? 3 : rest == half ? 2 : rest != 0;
}

static struct model_result too_large(const struct model_format *f, bool sign,
                                     unsigned rd)
{
    bool away = rd == MODEL_NEAREST || rounds_away(sign, rd);

    return (struct model_result){signed_as(f, sign, away ? f->inf : f->inf - 1),
                                 MODEL_OF | MODEL_NX};
}

/* Rounded; tininess is detected before that. */
static struct model_result pack(const struct model_format *f, struct number n,
                                struct model_mode mode)
{
    int emin = 1 - f->bias, exponent = (int)length(n.m) - 1 + n.e;
    int unit = (exponent < emin ? emin : exponent) - (int)f->fbits;
    int shift = unit - n.e;
    unsigned rest = 0, cexc;
    uint64_t m;

    if (n.m == 0)
        return plain(signed_as(f, n.sign, 0));
    if (shift > 126) {
        m = 0;
        rest = 1;
    } else if (shift > 0) {
        m = (uint64_t)(n.m >> shift);
        rest = rest_of(n.m, (unsigned)shift);
    } else {
        m = (uint64_t)(n.m << -shift);
    }
    m += rounds_up(n.sign, m & 1, rest, mode.rd);
    cexc = rest ? MODEL_NX : 0;
    if (exponent < emin && (rest || mode.trap_uf))
        cexc |= MODEL_UF;
    /* The hidden bit, and a carry out of it, add to the exponent. */
    m += (uint64_t)(unit + (int)f->fbits - emin) << f->fbits;
    if (m >= f->inf)
        return too_large(f, n.sign, mode.rd);
    return (struct model_result){signed_as(f, n.sign, m), cexc};
}

/*
 * The NaN that an operation delivers, into @r: a signalling one before a quiet
 * one, and of two the last.
 */
static bool take_nan(const struct model_format *f, unsigned nr,
                     const uint64_t *x, struct model_result *r)
{
    for (unsigned i = nr; i-- > 0;) {
        if (!is_signalling(f, x[i]))
            continue;
        *r = (struct model_result){x[i] | f->quiet, MODEL_NV};
        return true;
    }
    for (unsigned i = nr; i-- > 0;) {
        if (!model_is_nan(f, x[i]))
            continue;
        *r = plain(x[i]);
        return true;
    }
    return false;
}

static struct model_result sum(const struct model_format *f, struct number a,
                               struct number b, struct model_mode mode)
{
    struct number high = a, low = b;
    int by;

    if (a.m == 0 && b.m == 0)
        return plain(
            signed_as(f, a.sign == b.sign ? a.sign : mode.rd == MODEL_DOWN, 0));
    if (a.m == 0 || b.m == 0)
        return pack(f, a.m ? a : b, mode);
    if ((int)length(a.m) + a.e < (int)length(b.m) + b.e) {
        high = b;
        low = a;
    }
    high = with_length(high, TOP);
    by = low.e - high.e;
    low.m = by >= 0 ? low.m << by : shift_right(low.m, (unsigned)-by);
    if (high.sign == low.sign)
        high.m += low.m;
    else if (high.m >= low.m)
        high.m -= low.m;
    else
        high = (struct number){low.sign, low.m - high.m, high.e};
    if (high.m == 0)
        high.sign = mode.rd == MODEL_DOWN;
    return pack(f, high, mode);
}

struct model_result model_add(const struct model_format *f, uint64_t a,
                              uint64_t b, struct model_mode mode, bool halve)
{
    struct number x = number_of(f, a), y = number_of(f, b);
    struct model_result r;

    if (take_nan(f, 2, (uint64_t[]){a, b}, &r))
        return r;
    if (is_inf(f, a) && is_inf(f, b))
        return a == b ? plain(a) : undefined(f);
    if (is_inf(f, a) || is_inf(f, b))
        return plain(is_inf(f, a) ? a : b);
    x.e -= halve;
    y.e -= halve;
    return sum(f, x, y, mode);
}

struct model_result model_sub(const struct model_format *f, uint64_t a,
                              uint64_t b, struct model_mode mode, bool halve)
{
    return model_add(f, a, model_is_nan(f, b) ? b : b ^ f->sign, mode, halve);
}

/* A NaN in another format. */
static struct model_result converted_nan(const struct model_format *from,
                                         const struct model_format *to,
                                         uint64_t x)
{
    uint64_t fraction = (x | from->quiet) & (from->quiet * 2 - 1);

    if (to->fbits > from->fbits)
        fraction <<= to->fbits - from->fbits;
    else
        fraction >>= from->fbits - to->fbits;
    return (struct model_result){
        signed_as(to, sign_of(from, x), to->inf | fraction),
        is_signalling(from, x) ? MODEL_NV : 0};
}

struct model_result model_mul(const struct model_format *f, uint64_t a,
                              uint64_t b, struct model_mode mode,
                              const struct model_format *out)
{
    struct number x = number_of(f, a), y = number_of(f, b);
    bool sign = x.sign != y.sign;
    struct model_result r;

    if (take_nan(f, 2, (uint64_t[]){a, b}, &r)) {
        r.x = converted_nan(f, out, r.x).x;
        return r;
    }
    if (is_inf(f, a) || is_inf(f, b)) {
        if (magnitude(f, a) == 0 || magnitude(f, b) == 0)
            return undefined(out);
        return plain(signed_as(out, sign, out->inf));
    }
    return pack(out, (struct number){sign, x.m * y.m, x.e + y.e}, mode);
}

struct model_result model_div(const struct model_format *f, uint64_t a,
                              uint64_t b, struct model_mode mode)
{
    struct number x = number_of(f, a), y = number_of(f, b);
    bool sign = x.sign != y.sign;
    struct model_result r;
    u128 q;

    if (take_nan(f, 2, (uint64_t[]){a, b}, &r))
        return r;
    if (is_inf(f, a))
        return is_inf(f, b) ? undefined(f) : plain(signed_as(f, sign, f->inf));
    if (is_inf(f, b))
        return plain(signed_as(f, sign, 0));
    if (y.m == 0)
        return x.m ? (struct model_result){signed_as(f, sign, f->inf), MODEL_DZ}
                   : undefined(f);
    if (x.m == 0)
        return plain(signed_as(f, sign, 0));
    x = with_length(x, TOP);
    q = x.m / y.m;
    return pack(f,
                (struct number){sign, q << 1 | (q * y.m != x.m), x.e - y.e - 1},
                mode);
}

struct model_result model_sqrt(const struct model_format *f, uint64_t a,
                               struct model_mode mode)
{
    struct number x = number_of(f, a);
    struct model_result r;
    u128 root = 0;

    if (take_nan(f, 1, &a, &r))
        return r;
    if (x.m == 0)
        return plain(a);
    if (x.sign)
        return undefined(f);
    if (is_inf(f, a))
        return plain(a);
    x = with_length(x, TOP);
    if (x.e & 1) {
        x.m <<= 1;
        x.e--;
    }
    for (int bit = TOP / 2; bit >= 0; bit--) {
        u128 next = root | (u128)1 << bit;

        if (next * next <= x.m)
            root = next;
    }
    return pack(
        f,
        (struct number){false, root << 1 | (root * root != x.m), x.e / 2 - 1},
        mode);
}

struct model_result model_fma(const struct model_format *f, const uint64_t x[3],
                              struct model_mode mode, bool subtract)
{
    struct number a = number_of(f, x[0]), b = number_of(f, x[1]);
    struct number c = number_of(f, x[2]);
    bool infinite = is_inf(f, x[0]) || is_inf(f, x[1]);
    bool bad = infinite && (magnitude(f, x[0]) == 0 || magnitude(f, x[1]) == 0);
    struct number product = {a.sign != b.sign, a.m * b.m, a.e + b.e};
    struct model_result r;

    if (take_nan(f, 3, x, &r)) {
        r.cexc |= bad ? MODEL_NV : 0;
        return r;
    }
    c.sign ^= subtract;
    if (bad || (infinite && is_inf(f, x[2]) && c.sign != product.sign))
        return undefined(f);
    if (infinite)
        return plain(signed_as(f, product.sign, f->inf));
    if (is_inf(f, x[2]))
        return plain(signed_as(f, c.sign, f->inf));
    return sum(f, product, c, mode);
}

struct model_result model_compare(const struct model_format *f, uint64_t a,
                                  uint64_t b, bool signal)
{
    int64_t x = (int64_t)magnitude(f, a), y = (int64_t)magnitude(f, b);

    if (model_is_nan(f, a) || model_is_nan(f, b)) {
        signal |= is_signalling(f, a) || is_signalling(f, b);
        return (struct model_result){3, signal ? MODEL_NV : 0};
    }
    x = sign_of(f, a) ? -x : x;
    y = sign_of(f, b) ? -y : y;
    return plain(x == y ? 0 : x < y ? 1 : 2);
}

struct model_result model_convert(const struct model_format *from,
                                  const struct model_format *to, uint64_t x,
                                  struct model_mode mode)
{
    if (model_is_nan(from, x))
        return converted_nan(from, to, x);
    if (is_inf(from, x))
        return plain(signed_as(to, sign_of(from, x), to->inf));
    return pack(to, number_of(from, x), mode);
}

/* Towards zero; what does not fit is the largest of its sign. */
struct model_result model_to_int(const struct model_format *f, uint64_t x,
                                 unsigned bits)
{
    uint64_t mask = UINT64_MAX >> (64 - bits);
    bool sign = sign_of(f, x);
    uint64_t most = (mask >> 1) + sign;
    struct number n = number_of(f, x);
    u128 whole = n.m;

    if (magnitude(f, x) < f->inf && n.e < 64) {
        if (n.e >= 0)
            whole <<= n.e;
        else
            whole = n.e > -127 ? whole >> -n.e : 0;
        if (whole <= most)
            return (struct model_result){
                (sign ? -(uint64_t)whole : (uint64_t)whole) & mask,
                n.e < 0 && (n.e <= -127 || whole << -n.e != n.m) && n.m
                    ? MODEL_NX
                    : 0};
    }
    return (struct model_result){(sign ? -most : most) & mask, MODEL_NV};
}

struct model_result model_from_int(const struct model_format *f, uint64_t x,
                                   unsigned bits, struct model_mode mode)
{
    uint64_t mask = UINT64_MAX >> (64 - bits);
    bool sign = x >> (bits - 1) & 1;

    return pack(f, (struct number){sign, (sign ? -x : x) & mask, 0}, mode);
}
