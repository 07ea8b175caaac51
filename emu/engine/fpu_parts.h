/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/fpu_parts.h - what each helper of floating point is made of
 *
 * Owns:    the host's results and when they may be taken, the end of an
 *          operation
 * Used by: fpu_fast.h, and through it fpu*.c
 * Source:  as fpu.h
 */
#pragma once

#include <string.h>

#include "emu/engine/fpu.h"
#include "emu/engine/internal.h"

/* FSR, and GSR's rounding mode that goes before its own. */
#define FSR_FCC    (UINT64_C(0x3f) << 32 | 3u << 10)
#define FSR_VER    0xe0000u
#define FSR_FTT    0x1c000u
#define FSR_CEXC   0x1fu
#define FSR_AEXC   0x3e0u
#define FSR_MODES  0xcfc00000u /* RD, TEM, NS */
#define FSR_NXM    0x800000u
#define RD_SHIFT   30
#define TEM_SHIFT  23
#define FTT_IEEE   0x4000u
#define GSR_IM     0x8000000u
#define IRND_SHIFT 25

#define TT_FP_IEEE 0x21

/* The operation raised @cexc: trap, or note it and deliver @result. */
static inline uint64_t finish(void *env, uintptr_t ra, unsigned cexc,
                              uint64_t result)
{
    unsigned hit = cexc & (unsigned)(*env_u64(env, ENV_FSR) >> TEM_SHIFT);

    if (unlikely(hit & FSR_CEXC)) {
        *env_u64(env, ENV_EXC) =
            FTT_IEEE | 1u << (31 - __builtin_clz(hit & FSR_CEXC));
        engine_raise(env_engine(env), TT_FP_IEEE, ra);
    }
    *env_u64(env, ENV_EXC) = cexc;
    *env_u64(env, ENV_AEXC) |= cexc << 5;
    return result;
}

struct format {
    uint64_t inf, quiet, sign;
};

static const struct format single = {0x7f800000, 0x400000, 0x80000000};
static const struct format dbl = {UINT64_C(0x7ff) << 52, UINT64_C(1) << 51,
                                  UINT64_C(1) << 63};

static inline bool is_nan(const struct format *f, uint64_t x)
{
    return (x & (f->sign - 1)) > f->inf;
}

static inline bool is_signalling(const struct format *f, uint64_t x)
{
    return is_nan(f, x) && !(x & f->quiet);
}

typedef uint64_t soft_fn(const uint64_t *x, struct float_status *status);

enum negation { PLAIN, NEGATED };

/* a * b + c, with a choice of signs; (a + b) / 2 is 1 * a + b, halved */
#define SOFT3(name, bits, a, b, c, flags)                                      \
    static uint64_t soft_##name##bits(const uint64_t *x,                       \
                                      struct float_status *s)                  \
    {                                                                          \
        return float##bits##_muladd_sparc64((uint##bits##_t)(a),               \
                                            (uint##bits##_t)(b),               \
                                            (uint##bits##_t)(c), flags, s);    \
    }

/* The exceptions of softfloat; with UFM an exact subnormal counts, too. */
unsigned fpu_exceptions(void *env, const struct format *f,
                        const struct float_status *status, uint64_t result);

/*
 * fpu_slow - an operation by softfloat, with NaNs and traps
 *
 * @ra: of the helper that does it, RA
 * @nr: operands @x, of format @f as the result
 */
uint64_t fpu_slow(void *env, uintptr_t ra, soft_fn *fn, const struct format *f,
                  unsigned nr, const uint64_t *x, enum negation negation);

static inline double d_of(uint64_t x)
{
    double d;

    memcpy(&d, &x, sizeof(d));
    return d;
}

static inline uint64_t of_d(double d)
{
    uint64_t x;

    memcpy(&x, &d, sizeof(x));
    return x;
}

static inline float s_of(uint64_t x)
{
    uint32_t w = (uint32_t)x;
    float s;

    memcpy(&s, &w, sizeof(s));
    return s;
}

static inline uint64_t of_s(float s)
{
    uint32_t w;

    memcpy(&w, &s, sizeof(w));
    return w;
}

/* A NaN as a double: the fraction moves up. */
static inline uint64_t widened_nan(uint64_t a)
{
    return (a & single.sign) << 32 | dbl.inf |
           (a & (single.quiet * 2 - 1)) << 29 | dbl.quiet;
}

/* To nearest, and an inexact result does not trap. */
static inline bool easy(void *env)
{
    return ((*env_u64(env, ENV_FSR) & (3u << RD_SHIFT | FSR_NXM)) |
            (*env_u64(env, ENV_GSR) & GSR_IM)) == 0;
}

static inline unsigned exp_d(uint64_t x)
{
    return x >> 52 & 0x7ff;
}

static inline unsigned exp_s(uint64_t x)
{
    return x >> 23 & 0xff;
}

/* So far from the ends that sums are normal, or exactly 0. */
static inline bool tame_d(uint64_t x)
{
    return exp_d(x) - 200 < 1600;
}

static inline bool tame_s(uint64_t x)
{
    return exp_s(x) - 30 < 196;
}

static inline bool zero_d(uint64_t x)
{
    return x << 1 == 0;
}

static inline bool zero_s(uint64_t x)
{
    return (x & 0x7fffffff) == 0;
}

/* Exponents of results that fit, from 2 on: fpu_fast.h. */
#define FITS_D 0x7fdu
#define FITS_S 0xfdu

/* aexc.NX is set, and easy() holds: what follows may be late. */
static inline void allow_late(void *env)
{
    if (engine_has_step(env_engine(env), ENGINE_STEP_FP)) {
        *env_u32(env, ENV_FITS_D) = FITS_D;
        *env_u32(env, ENV_FITS_S) = FITS_S;
    }
}

/* What finish() does when nothing can trap; easy(), if it is inexact. */
static inline uint64_t done(void *env, bool inexact, uint64_t result)
{
    *env_u64(env, ENV_EXC) = inexact;
    *env_u64(env, ENV_AEXC) |= (uint64_t)inexact << 5;
    if (inexact)
        allow_late(env);
    return result;
}

/* a + b - s, exactly, where s is a + b rounded (Knuth). */
static inline double sum_error(double a, double b, double s)
{
    double t = s - a;

    return (a - (s - t)) + (b - t);
}

#define RA ((uintptr_t)__builtin_return_address(0))
