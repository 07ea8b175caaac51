// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Conversions and compares.
 */
#include "emu/engine/fpu_fast.h"

/* ------------------------------------------------------------ conversions */

uint64_t fp_stod(void *env, uint64_t a)
{
    if (unlikely(is_nan(&single, a)))
        return finish(env, RA, is_signalling(&single, a) ? EXC_NV : 0,
                      widened_nan(a));
    return done(env, false, of_d((double)s_of(a)));
}

uint64_t fp_dtos(void *env, uint64_t a)
{
    uint64_t r = of_s((float)d_of(a));
    struct float_status status;

    if (likely(fits_s(env, r)))
        return late1(env, LATE_dtos, a, r);
    if (likely(easy(env) && (exp_d(a) - 903 < 240 || zero_d(a)))) {
        return done(env, (double)s_of(r) != d_of(a), r);
    }
    if (is_nan(&dbl, a))
        return finish(env, RA, is_signalling(&dbl, a) ? EXC_NV : 0,
                      (a >> 32 & single.sign) | single.inf | single.quiet |
                          (a >> 29 & (single.quiet - 1)));
    status = fpu_status(env, false);
    r = float64_to_float32_sparc64(a, &status);
    return finish(env, RA, fpu_exceptions(env, &single, &status, r), r);
}

/*
 * Towards 0; what does not fit, and a NaN, is the largest of its sign.
 * @x: the number as a double, of which singles are a part.
 * @op: of @a
 */
static uint64_t to_integer(void *env, uintptr_t ra, enum late_op op, uint64_t a,
                           double x, bool negative, unsigned bits)
{
    double limit = bits == 32 ? 0x1p31 : 0x1p63;
    uint64_t most = (UINT64_C(1) << (bits - 1)) - 1;
    int64_t whole;

    if (likely(x > -limit && x < limit)) {
        whole = (int64_t)x;
        if (likely(may_be_late(env)))
            return late1(env, op, a, (uint64_t)whole);
        return finish(env, ra, (double)whole != x ? EXC_NX : 0,
                      (uint64_t)whole);
    }
    if (x == -limit)
        return finish(env, ra, 0, ~most);
    /* -2^31 - 0.5 is cut to what fits. */
    if (bits == 32 && x < 0 && x > -limit - 1)
        return finish(env, ra, EXC_NX, ~most);
    return finish(env, ra, EXC_NV, negative ? ~most : most);
}

uint64_t fp_stoi(void *env, uint64_t a)
{
    return to_integer(env, RA, LATE_stoi, a, s_of(a), (a & single.sign) != 0,
                      32) &
           UINT32_MAX;
}

uint64_t fp_stox(void *env, uint64_t a)
{
    return to_integer(env, RA, LATE_stox, a, s_of(a), (a & single.sign) != 0,
                      64);
}

uint64_t fp_dtoi(void *env, uint64_t a)
{
    return to_integer(env, RA, LATE_dtoi, a, d_of(a), (a & dbl.sign) != 0, 32) &
           UINT32_MAX;
}

uint64_t fp_dtox(void *env, uint64_t a)
{
    return to_integer(env, RA, LATE_dtox, a, d_of(a), (a & dbl.sign) != 0, 64);
}

uint64_t fp_itod(void *env, uint64_t a)
{
    return done(env, false, of_d((double)(int32_t)a));
}

/* Up to 24 or 53 bits no rounding is needed. */
static uint64_t to_single(void *env, uintptr_t ra, enum late_op op, uint64_t a,
                          int64_t v)
{
    uint64_t r = of_s((float)v);
    struct float_status status;

    if (likely(v >= -0x1000000 && v <= 0x1000000))
        return done(env, false, r);
    if (likely(may_be_late(env)))
        return late1(env, op, a, r);
    status = fpu_status(env, false);
    r = int64_to_float32_sparc64(v, &status);
    return finish(env, ra, soft_exceptions(&status), r);
}

uint64_t fp_itos(void *env, uint64_t a)
{
    return to_single(env, RA, LATE_itos, a, (int32_t)a);
}

uint64_t fp_xtos(void *env, uint64_t a)
{
    return to_single(env, RA, LATE_xtos, a, (int64_t)a);
}

uint64_t fp_xtod(void *env, uint64_t a)
{
    const int64_t most = INT64_C(1) << 53;
    struct float_status status;
    int64_t v = (int64_t)a;
    uint64_t r = of_d((double)v);

    if (likely(v >= -most && v <= most))
        return done(env, false, r);
    if (likely(may_be_late(env)))
        return late1(env, LATE_xtod, a, r);
    status = fpu_status(env, false);
    r = int64_to_float64_sparc64(v, &status);
    return finish(env, RA, soft_exceptions(&status), r);
}

/* ---------------------------------------------------------------- compares */

enum { FCC_EQUAL, FCC_LESS, FCC_GREATER, FCC_UNORDERED };

static inline uint64_t with_fcc(void *env, uint64_t shift, unsigned fcc)
{
    return (*env_u64(env, ENV_FSR) & ~(UINT64_C(3) << shift)) | (uint64_t)fcc
                                                                    << shift;
}

static inline unsigned order(double a, double b)
{
    return a == b ? FCC_EQUAL : a < b ? FCC_LESS : FCC_GREATER;
}

static inline uint64_t compare(void *env, uintptr_t ra, const struct format *f,
                               const uint64_t *x, double a, double b,
                               uint64_t shift, bool signal)
{
    bool bad;

    if (likely(!is_nan(f, x[0]) && !is_nan(f, x[1])))
        return done(env, false, with_fcc(env, shift, order(a, b)));
    bad = signal || is_signalling(f, x[0]) || is_signalling(f, x[1]);
    return finish(env, ra, bad ? EXC_NV : 0,
                  with_fcc(env, shift, FCC_UNORDERED));
}

#define COMPARE(name, kind, f, signal)                                         \
    uint64_t fp_##name(void *env, uint64_t a, uint64_t b, uint64_t shift)      \
    {                                                                          \
        return compare(env, RA, &(f), (uint64_t[]){a, b}, kind##_of(a),        \
                       kind##_of(b), shift, signal);                           \
    }

COMPARE(cmps, s, single, false)
COMPARE(cmpd, d, dbl, false)
COMPARE(cmpes, s, single, true)
COMPARE(cmped, d, dbl, true)

/* FLCMP: -0 is below 0, and which operand is no number.  No exceptions. */
static uint64_t lexicographic(void *env, const struct format *f, uint64_t a,
                              uint64_t b, bool below, uint64_t shift)
{
    if (is_nan(f, b))
        return with_fcc(env, shift, 3);
    if (is_nan(f, a))
        return with_fcc(env, shift, 2);
    return with_fcc(env, shift, below || (a == f->sign && b == 0));
}

uint64_t fp_lcmps(void *env, uint64_t a, uint64_t b, uint64_t shift)
{
    return lexicographic(env, &single, a, b, s_of(a) < s_of(b), shift);
}

uint64_t fp_lcmpd(void *env, uint64_t a, uint64_t b, uint64_t shift)
{
    return lexicographic(env, &dbl, a, b, d_of(a) < d_of(b), shift);
}
