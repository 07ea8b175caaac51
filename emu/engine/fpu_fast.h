/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/fpu_fast.h - operations whose exceptions are computed late
 *
 * Owns:    which operations can be late, and when
 * Used by: fpu.c, fpu_convert.c, fpu_fused.c, fpu_fast.c
 */
#pragma once

#include "emu/engine/fpu_parts.h"

/* By the number of their operands. */
#define LATE_OPS(ONE, TWO, THREE)                                              \
    TWO(adds)                                                                  \
    TWO(addd)                                                                  \
    TWO(subs)                                                                  \
    TWO(subd)                                                                  \
    TWO(muls)                                                                  \
    TWO(muld)                                                                  \
    TWO(divs)                                                                  \
    TWO(divd)                                                                  \
    ONE(sqrts)                                                                 \
    ONE(sqrtd)                                                                 \
    ONE(dtos)                                                                  \
    ONE(itos)                                                                  \
    ONE(xtos)                                                                  \
    ONE(xtod)                                                                  \
    ONE(stoi)                                                                  \
    ONE(stox)                                                                  \
    ONE(dtoi)                                                                  \
    ONE(dtox)                                                                  \
    THREE(madds)                                                               \
    THREE(maddd)                                                               \
    THREE(msubs)                                                               \
    THREE(msubd)                                                               \
    THREE(nmadds)                                                              \
    THREE(nmaddd)                                                              \
    THREE(nmsubs)                                                              \
    THREE(nmsubd)

enum late_op {
    LATE_NONE,
#define NAME(name) LATE_##name,
    LATE_OPS(NAME, NAME, NAME)
#undef NAME
};

/* ENV_EXC of an operation that is late; nothing else has these bits. */
#define LATE_SHIFT 20

/*
 * The result is normal, and not of the least exponent, to which a tiny one may
 * have been rounded: it may be inexact, and no more than that.
 */
static inline bool fits_d(void *env, uint64_t r)
{
    return exp_d(r) - 2 < *env_u32(env, ENV_FITS_D);
}

static inline bool fits_s(void *env, uint64_t r)
{
    return exp_s(r) - 2 < *env_u32(env, ENV_FITS_S);
}

/* What to_integer() and the like ask, whose result is no number of IEEE. */
static inline bool may_be_late(void *env)
{
    return *env_u32(env, ENV_FITS_D) != 0;
}

static inline uint64_t late3(void *env, enum late_op op, uint64_t a, uint64_t b,
                             uint64_t c, uint64_t result)
{
    *env_u64(env, ENV_EXC) = (uint64_t)op << LATE_SHIFT;
    *env_u64(env, ENV_LATE_A) = a;
    *env_u64(env, ENV_LATE_B) = b;
    *env_u64(env, ENV_LATE_C) = c;
    return result;
}

static inline uint64_t late2(void *env, enum late_op op, uint64_t a, uint64_t b,
                             uint64_t result)
{
    *env_u64(env, ENV_EXC) = (uint64_t)op << LATE_SHIFT;
    *env_u64(env, ENV_LATE_A) = a;
    *env_u64(env, ENV_LATE_B) = b;
    return result;
}

static inline uint64_t late1(void *env, enum late_op op, uint64_t a,
                             uint64_t result)
{
    *env_u64(env, ENV_EXC) = (uint64_t)op << LATE_SHIFT;
    *env_u64(env, ENV_LATE_A) = a;
    return result;
}
