// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fused multiply and add.
 */
#include "emu/engine/fpu_fast.h"

SOFT3(madd, 32, x[0], x[1], x[2], 0)
SOFT3(madd, 64, x[0], x[1], x[2], 0)
SOFT3(msub, 32, x[0], x[1], x[2], SOFT_NEGATE_C)
SOFT3(msub, 64, x[0], x[1], x[2], SOFT_NEGATE_C)

/* s, which lacks @error, rounded to odd: what is lost stays visible. */
static inline double to_odd(double s, double error)
{
    uint64_t x = of_d(s);

    if (error == 0 || x & 1)
        return s;
    return d_of((error > 0) == (s > 0) ? x + 1 : x - 1);
}

/* high + low = a * b, exactly (Dekker), far from the ends. */
static inline void two_product(double a, double b, double *high, double *low)
{
    double ac = a * 134217729.0, bc = b * 134217729.0; /* 2^27 + 1 */
    double ah = ac - (ac - a), al = a - ah;
    double bh = bc - (bc - b), bl = b - bh;

    *high = a * b;
    *low = al * bl - (((*high - ah * bh) - al * bh) - ah * bl);
}

/* a * b + c, rounded once, without a host that can (Boldo and Melquiond). */
static double fused_parts(double a, double b, double c, bool *inexact)
{
    double uh, ul, th, tl, vh, vl, s, error, z, r;

    two_product(a, b, &uh, &ul);
    th = c + ul;
    tl = sum_error(c, ul, th);
    vh = uh + th;
    vl = sum_error(uh, th, vh);
    s = tl + vl;
    error = sum_error(tl, vl, s);
    z = to_odd(s, error);
    r = vh + z;
    *inexact = error != 0 || sum_error(vh, z, r) != 0;
    return r;
}

/*
 * The same with the host's own instruction.  Exact is what gives c back: both
 * a * b and r - c are made of their rounded value and what that lacks, and
 * there is one way to do so.
 */
#if defined(__x86_64__)
__attribute__((target("fma")))
#endif
static inline double
fused_host(double a, double b, double c, bool *inexact)
{
    double r = __builtin_fma(a, b, c), d = r - c, p = a * b;

    *inexact = d != p || sum_error(r, -c, d) != __builtin_fma(a, b, -p);
    return r;
}

/* The same when nobody asks yet whether it is exact. */
#if defined(__x86_64__)
__attribute__((target("fma")))
#endif
static double
fused_late_d(double a, double b, double c)
{
    return __builtin_fma(a, b, c);
}

#if defined(__x86_64__)
__attribute__((target("fma")))
#endif
static float
fused_late_s(float a, float b, float c)
{
    return __builtin_fmaf(a, b, c);
}

static inline bool host_fuses(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("fma");
#elif defined(__FP_FAST_FMA)
    return true;
#else
    return false;
#endif
}

static inline bool fma_fits_d(uint64_t x)
{
    return exp_d(x) - 600 < 846;
}

static inline uint64_t fused_d(void *env, uint64_t a, uint64_t b, double c)
{
    bool inexact;
    double r = likely(host_fuses())
                   ? fused_host(d_of(a), d_of(b), c, &inexact)
                   : fused_parts(d_of(a), d_of(b), c, &inexact);

    return done(env, inexact, of_d(r));
}

static inline uint64_t fused_s(void *env, uint64_t a, uint64_t b, double c)
{
    double p = (double)s_of(a) * (double)s_of(b), s = p + c;
    double error = sum_error(p, c, s);
    float r = (float)to_odd(s, error);

    return done(env, error != 0 || (double)r != s, of_s(r));
}

static inline bool fused_easy_d(void *env, uint64_t a, uint64_t b, uint64_t c)
{
    return easy(env) && fma_fits_d(a) && fma_fits_d(b) &&
           (tame_d(c) || zero_d(c));
}

/* The result must not be near the ends either, which a sum of these is not
 * when it is not 0: 2^-97 * 2^-97 at least. */
static inline bool fused_easy_s(void *env, uint64_t a, uint64_t b, uint64_t c)
{
    return easy(env) && exp_s(a) - 80 < 94 && exp_s(b) - 80 < 94 &&
           (exp_s(c) - 80 < 94 || zero_s(c));
}

#define FUSED(name, kind, f, soft, minus, flip)                                \
    uint64_t fp_##name##kind(void *env, uint64_t a, uint64_t b, uint64_t c)    \
    {                                                                          \
        uint64_t r;                                                            \
                                                                               \
        if (likely(may_be_late(env) && host_fuses())) {                        \
            r = of_##kind(                                                     \
                fused_late_##kind(kind##_of(a), kind##_of(b),                  \
                                  kind##_of((minus) ? c ^ (f).sign : c)));     \
            if (likely(fits_##kind(env, r)))                                   \
                return late3(env, LATE_##name##kind, a, b, c,                  \
                             (flip) ? r ^ (f).sign : r);                       \
        }                                                                      \
        if (likely(fused_easy_##kind(env, a, b, c))) {                         \
            r = fused_##kind(env, a, b,                                        \
                             kind##_of((minus) ? c ^ (f).sign : c));           \
            return (flip) ? r ^ (f).sign : r;                                  \
        }                                                                      \
        return fpu_slow(env, RA, soft, &(f), 3, (uint64_t[]){a, b, c},         \
                        (flip) ? NEGATED : PLAIN);                             \
    }

FUSED(madd, s, single, soft_madd32, false, false)
FUSED(madd, d, dbl, soft_madd64, false, false)
FUSED(msub, s, single, soft_msub32, true, false)
FUSED(msub, d, dbl, soft_msub64, true, false)
FUSED(nmadd, s, single, soft_madd32, false, true)
FUSED(nmadd, d, dbl, soft_madd64, false, true)
FUSED(nmsub, s, single, soft_msub32, true, true)
FUSED(nmsub, d, dbl, soft_msub64, true, true)
