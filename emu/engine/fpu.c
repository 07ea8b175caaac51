// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/engine/fpu_fast.h"

uint64_t fpu_get_fsr(void *env)
{
    fp_settle(env);
    return *env_u64(env, ENV_FSR) | *env_u64(env, ENV_EXC) |
           *env_u64(env, ENV_AEXC);
}

static void set_exceptions(void *env, uint64_t fsr)
{
    *env_u64(env, ENV_EXC) = fsr & (FSR_FTT | FSR_CEXC);
    *env_u64(env, ENV_AEXC) = fsr & FSR_AEXC;
    *env_u64(env, ENV_FITS) = 0; /* the modes change, too */
}

/* What the archive's register holds of @fsr. */
static uint64_t modes_of(void *env, uint64_t fsr)
{
    return (fsr & (FSR_FCC | FSR_MODES)) | (*env_u64(env, ENV_FSR) & FSR_VER);
}

void fpu_set_fsr(void *env, uint64_t fsr)
{
    *env_u64(env, ENV_FSR) = modes_of(env, fsr);
    set_exceptions(env, fsr & ~(uint64_t)FSR_FTT);
}

uint64_t fp_load_fsr(void *env, uint64_t value, uint64_t size)
{
    if (size == 4) /* LDFSR: the lower half */
        value |= *env_u64(env, ENV_FSR) & (UINT64_C(0x3f) << 32);
    if (size != 16) /* all but LDXEFSR leave ftt */
        value =
            (value & ~(uint64_t)FSR_FTT) | (*env_u64(env, ENV_EXC) & FSR_FTT);
    set_exceptions(env, value);
    return modes_of(env, value);
}

/*
 * The NaN that an operation on @x delivers: a signalling one first, then the
 * last operand's.  Returns 0 when there is none.
 */
static uint64_t find_nan(const struct format *f, unsigned nr, const uint64_t *x,
                         unsigned *cexc)
{
    for (unsigned i = nr; i-- > 0;) {
        if (!is_signalling(f, x[i]))
            continue;
        *cexc = EXC_NV;
        return x[i] | f->quiet;
    }
    for (unsigned i = nr; i-- > 0;)
        if (is_nan(f, x[i]))
            return x[i];
    return 0;
}

/* Infinity times 0: invalid, whatever is added; the sum of a NaN is it. */
static bool product_undefined(const struct format *f, uint64_t a, uint64_t b)
{
    a &= f->sign - 1;
    b &= f->sign - 1;
    return (a == f->inf && b == 0) || (a == 0 && b == f->inf);
}

struct float_status fpu_status(void *env, bool quad)
{
    static const signed char modes[] = {SOFT_NEAREST, SOFT_TO_ZERO, SOFT_UP,
                                        SOFT_DOWN};
    uint64_t gsr = *env_u64(env, ENV_GSR);
    uint64_t rd = gsr & GSR_IM && !quad ? gsr >> IRND_SHIFT
                                        : *env_u64(env, ENV_FSR) >> RD_SHIFT;

    return (struct float_status){.tininess = SOFT_TINY_BEFORE,
                                 .rounding = modes[rd & 3]};
}

/* The exceptions of softfloat; with UFM an exact subnormal counts, too. */
unsigned fpu_exceptions(void *env, const struct format *f,
                        const struct float_status *status, uint64_t result)
{
    unsigned cexc = soft_exceptions(status);
    uint64_t magnitude = result & (f->sign - 1);

    if (!(cexc & EXC_NX) && magnitude && magnitude < f->quiet << 1 &&
        *env_u64(env, ENV_FSR) >> TEM_SHIFT & EXC_UF)
        cexc |= EXC_UF;
    return cexc;
}

/* @nr operands of format @in to a result of format @out. */
uint64_t fpu_slow(void *env, uintptr_t ra, soft_fn *fn, const struct format *f,
                  unsigned nr, const uint64_t *x, enum negation negation)
{
    struct float_status status = fpu_status(env, false);
    unsigned cexc = 0;
    uint64_t result = find_nan(f, nr, x, &cexc);

    if (result) {
        if (nr == 3 /* fused */ && product_undefined(f, x[0], x[1]))
            cexc |= EXC_NV;
        return finish(env, ra, cexc, result);
    }
    result = fn(x, &status);
    cexc = fpu_exceptions(env, f, &status, result);
    if (negation == NEGATED && !is_nan(f, result))
        result ^= f->sign;
    return finish(env, ra, cexc, result);
}

#define SOFT2(op, bits)                                                        \
    static uint64_t soft_##op##bits(const uint64_t *x, struct float_status *s) \
    {                                                                          \
        return float##bits##_##op##_sparc64((uint##bits##_t)x[0],              \
                                            (uint##bits##_t)x[1], s);          \
    }
#define SOFT1(op, bits)                                                        \
    static uint64_t soft_##op##bits(const uint64_t *x, struct float_status *s) \
    {                                                                          \
        return float##bits##_##op##_sparc64((uint##bits##_t)x[0], s);          \
    }
SOFT2(add, 32)
SOFT2(add, 64)
SOFT2(sub, 32)
SOFT2(sub, 64)
SOFT2(mul, 32)
SOFT2(mul, 64)
SOFT2(div, 32)
SOFT2(div, 64)
SOFT1(sqrt, 32)
SOFT1(sqrt, 64)
SOFT3(hadd, 32, ONE32, x[0], x[1], SOFT_HALVE)
SOFT3(hadd, 64, ONE64, x[0], x[1], SOFT_HALVE)
SOFT3(hsub, 32, ONE32, x[0], x[1], SOFT_HALVE | SOFT_NEGATE_C)
SOFT3(hsub, 64, ONE64, x[0], x[1], SOFT_HALVE | SOFT_NEGATE_C)

/*
 * Is the product r of a and b exact?  A mantissa of 53 bits holds it when
 * those below are zeros: the zeros at the ends of a and b add up.
 */
static inline bool product_exact(uint64_t a, uint64_t b, uint64_t r)
{
    unsigned zeros = (unsigned)(__builtin_ctzll(a | UINT64_C(1) << 52) +
                                __builtin_ctzll(b | UINT64_C(1) << 52));

    return zeros >= 52 + exp_d(r) + 1023 - exp_d(a) - exp_d(b);
}

static inline uint64_t sum_d(void *env, uint64_t a, uint64_t b, bool subtract,
                             bool *did)
{
    double x = d_of(a), y = subtract ? -d_of(b) : d_of(b), s = x + y;

    *did = easy(env) && (tame_d(a) || zero_d(a)) && (tame_d(b) || zero_d(b));
    return *did ? done(env, sum_error(x, y, s) != 0, of_d(s)) : 0;
}

uint64_t fp_addd(void *env, uint64_t a, uint64_t b)
{
    uint64_t r = of_d(d_of(a) + d_of(b));
    bool did;

    if (likely(fits_d(env, r)))
        return late2(env, LATE_addd, a, b, r);
    r = sum_d(env, a, b, false, &did);
    if (likely(did))
        return r;
    return fpu_slow(env, RA, soft_add64, &dbl, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_subd(void *env, uint64_t a, uint64_t b)
{
    uint64_t r = of_d(d_of(a) - d_of(b));
    bool did;

    if (likely(fits_d(env, r)))
        return late2(env, LATE_subd, a, b, r);
    r = sum_d(env, a, b, true, &did);
    if (likely(did))
        return r;
    return fpu_slow(env, RA, soft_sub64, &dbl, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_muld(void *env, uint64_t a, uint64_t b)
{
    uint64_t r = of_d(d_of(a) * d_of(b));

    if (likely(fits_d(env, r)))
        return late2(env, LATE_muld, a, b, r);
    if (likely(easy(env) && tame_d(a) && tame_d(b) && tame_d(r)))
        return done(env, !product_exact(a, b, r), r);
    if (zero_d(r) && (zero_d(a) || zero_d(b)))
        return done(env, false, r);
    return fpu_slow(env, RA, soft_mul64, &dbl, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_divd(void *env, uint64_t a, uint64_t b)
{
    uint64_t r = of_d(d_of(a) / d_of(b));

    if (likely(fits_d(env, r)))
        return late2(env, LATE_divd, a, b, r);
    if (likely(easy(env) && tame_d(a) && tame_d(b))) {
        uint64_t back = of_d(d_of(r) * d_of(b));

        if (likely(tame_d(r)))
            return done(env, back != a || !product_exact(r, b, back), r);
    }
    if (zero_d(r) && zero_d(a))
        return done(env, false, r);
    return fpu_slow(env, RA, soft_div64, &dbl, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_sqrtd(void *env, uint64_t a)
{
    uint64_t r = of_d(__builtin_sqrt(d_of(a)));

    if (likely(fits_d(env, r)))
        return late1(env, LATE_sqrtd, a, r);
    if (likely(easy(env) && tame_d(a) && !(a & dbl.sign))) {
        uint64_t back = of_d(d_of(r) * d_of(r));

        return done(env, back != a || !product_exact(r, r, back), r);
    }
    return fpu_slow(env, RA, soft_sqrt64, &dbl, 1, &a, PLAIN);
}

/* Singles are computed as doubles: rounding twice is harmless there. */
static inline uint64_t sum_s(void *env, uint64_t a, uint64_t b, bool subtract,
                             bool *did)
{
    double x = s_of(a), y = subtract ? -s_of(b) : s_of(b), s = x + y;
    float r = (float)s;

    *did = easy(env) && (tame_s(a) || zero_s(a)) && (tame_s(b) || zero_s(b));
    return *did ? done(env, (double)r != s || sum_error(x, y, s) != 0, of_s(r))
                : 0;
}

uint64_t fp_adds(void *env, uint64_t a, uint64_t b)
{
    uint64_t r = of_s(s_of(a) + s_of(b));
    bool did;

    if (likely(fits_s(env, r)))
        return late2(env, LATE_adds, a, b, r);
    r = sum_s(env, a, b, false, &did);
    if (likely(did))
        return r;
    return fpu_slow(env, RA, soft_add32, &single, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_subs(void *env, uint64_t a, uint64_t b)
{
    uint64_t r = of_s(s_of(a) - s_of(b));
    bool did;

    if (likely(fits_s(env, r)))
        return late2(env, LATE_subs, a, b, r);
    r = sum_s(env, a, b, true, &did);
    if (likely(did))
        return r;
    return fpu_slow(env, RA, soft_sub32, &single, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_muls(void *env, uint64_t a, uint64_t b)
{
    uint64_t r = of_s(s_of(a) * s_of(b));
    double p;

    if (likely(fits_s(env, r)))
        return late2(env, LATE_muls, a, b, r);
    p = (double)s_of(a) * (double)s_of(b);
    if (likely(easy(env) && tame_s(a) && tame_s(b) && tame_s(r)))
        return done(env, (double)s_of(r) != p, r);
    if (zero_s(r) && (zero_s(a) || zero_s(b)))
        return done(env, false, r);
    return fpu_slow(env, RA, soft_mul32, &single, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_divs(void *env, uint64_t a, uint64_t b)
{
    uint64_t r = of_s(s_of(a) / s_of(b));

    if (likely(fits_s(env, r)))
        return late2(env, LATE_divs, a, b, r);
    if (likely(easy(env) && tame_s(a) && tame_s(b))) {
        double x = s_of(a), y = s_of(b);

        if (likely(tame_s(r)))
            return done(env, (double)s_of(r) * y != x, r);
    }
    if (zero_s(r) && zero_s(a))
        return done(env, false, r);
    return fpu_slow(env, RA, soft_div32, &single, 2, (uint64_t[]){a, b}, PLAIN);
}

uint64_t fp_sqrts(void *env, uint64_t a)
{
    uint64_t r = of_s(__builtin_sqrtf(s_of(a)));

    if (likely(fits_s(env, r)))
        return late1(env, LATE_sqrts, a, r);
    if (likely(easy(env) && tame_s(a) && !(a & single.sign))) {
        return done(env, (double)s_of(r) * (double)s_of(r) != (double)s_of(a),
                    r);
    }
    return fpu_slow(env, RA, soft_sqrt32, &single, 1, &a, PLAIN);
}

/* --------------------------------------------- what VIS 3 adds: no hurry */

#define SIMPLE2(name, fn, f, negation)                                         \
    uint64_t fp_##name(void *env, uint64_t a, uint64_t b)                      \
    {                                                                          \
        return fpu_slow(env, RA, fn, &(f), 2, (uint64_t[]){a, b}, negation);   \
    }

SIMPLE2(nadds, soft_add32, single, NEGATED)
SIMPLE2(naddd, soft_add64, dbl, NEGATED)
SIMPLE2(nmuls, soft_mul32, single, NEGATED)
SIMPLE2(nmuld, soft_mul64, dbl, NEGATED)
SIMPLE2(hadds, soft_hadd32, single, PLAIN)
SIMPLE2(haddd, soft_hadd64, dbl, PLAIN)
SIMPLE2(hsubs, soft_hsub32, single, PLAIN)
SIMPLE2(hsubd, soft_hsub64, dbl, PLAIN)
SIMPLE2(nhadds, soft_hadd32, single, NEGATED)
SIMPLE2(nhaddd, soft_hadd64, dbl, NEGATED)

/* The product of two singles is exact as a double. */
static uint64_t wide_product(void *env, uintptr_t ra, uint64_t a, uint64_t b,
                             enum negation negation)
{
    uint64_t x[2] = {a, b}, r;
    unsigned cexc = 0;

    if (likely(exp_s(a) != 0xff && exp_s(b) != 0xff)) {
        r = of_d((double)s_of(a) * (double)s_of(b));
        return done(env, false, negation == NEGATED ? r ^ dbl.sign : r);
    }
    r = find_nan(&single, 2, x, &cexc);
    if (r)
        return finish(env, ra, cexc, widened_nan(r));
    return fpu_slow(env, ra, soft_mul64, &dbl, 2,
                    (uint64_t[]){of_d((double)s_of(a)), of_d((double)s_of(b))},
                    negation);
}

uint64_t fp_smuld(void *env, uint64_t a, uint64_t b)
{
    return wide_product(env, RA, a, b, PLAIN);
}

uint64_t fp_nsmuld(void *env, uint64_t a, uint64_t b)
{
    return wide_product(env, RA, a, b, NEGATED);
}
