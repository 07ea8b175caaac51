// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an operation raises is computed when somebody looks.
 *
 * Most of the time of an operation went into whether its result is inexact.
 * That is in FSR twice: in aexc, where it changes nothing once it is set, and
 * in cexc, which the next operation overwrites.  So while aexc.NX is set, a
 * result that can be no worse than inexact is delivered at once, with the
 * operation and its operands put down in words of ours: the operation is late.
 * Whoever looks at FSR has it done once more, without haste.
 *
 * This needs rounding to nearest and no trap on inexact results, then and when
 * it is done again: a load of FSR overwrites cexc, and before GSR is written
 * the late operation is done.
 */
#include "emu/engine/fpu_fast.h"

/* As if nothing could be late. */
static void do_again(void *env, unsigned op)
{
    uint64_t a = *env_u64(env, ENV_LATE_A), b = *env_u64(env, ENV_LATE_B);
    uint64_t c = *env_u64(env, ENV_LATE_C);

    switch ((enum late_op)op) {
#define ONE(name)                                                              \
    case LATE_##name:                                                          \
        (void)fp_##name(env, a);                                               \
        return;
#define TWO(name)                                                              \
    case LATE_##name:                                                          \
        (void)fp_##name(env, a, b);                                            \
        return;
#define THREE(name)                                                            \
    case LATE_##name: (void)fp_##name(env, a, b, c); return;
        LATE_OPS(ONE, TWO, THREE)
#undef ONE
#undef TWO
#undef THREE
    case LATE_NONE: return;
    }
}

void fp_settle(void *env)
{
    unsigned op = (unsigned)(*env_u64(env, ENV_EXC) >> LATE_SHIFT);
    uint64_t fits = *env_u64(env, ENV_FITS), exc;

    if (op == LATE_NONE)
        return;
    *env_u64(env, ENV_FITS) = 0;
    do_again(env, op);
    *env_u64(env, ENV_FITS) = fits;
    exc = *env_u64(env, ENV_EXC);
    INVARIANT((exc & ~(uint64_t)EXC_NX) == 0);
}

void fp_modes_change(void *env)
{
    fp_settle(env);
    *env_u64(env, ENV_FITS) = 0;
}
