/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/env.h - the state block of the CPU, in place
 *
 * Owns:    offsets into CPUSPARCState of Unicorn 2.1.3
 * Used by: emu/engine/ only
 * Source:  Unicorn v2.1.3 qemu/target/sparc/cpu.h.  engine.c checks at
 *          start those that the translator names, and by running a few
 *          instructions the others.
 */
#pragma once

#include <stdint.h>
#include <string.h>

#define ENV_GREGS      0
#define ENV_REGWPTR    64
#define ENV_PC         72
#define ENV_NPC        80
#define ENV_Y          88
#define ENV_CC_SRC     96
#define ENV_CC_SRC2    104
#define ENV_CC_DST     112
#define ENV_CC_OP      120
#define ENV_PSR        136
#define ENV_FSR        144
#define ENV_FPR        152
#define ENV_CWP        408
#define ENV_REGBASE    440
#define ENV_NWINDOWS   4608
#define ENV_LSU        4616
#define ENV_TS         6976 /* trap stack: unused at TL = 0 */
#define ENV_XCC        7232
#define ENV_ASI        7236
#define ENV_PSTATE     7240
#define ENV_TL         7244
#define ENV_CANSAVE    7252
#define ENV_CANRESTORE 7256
#define ENV_OTHERWIN   7260
#define ENV_WSTATE     7264
#define ENV_CLEANWIN   7268
#define ENV_FPRS       8040
#define ENV_GSR        8080
#define ENV_GL         8088
#define ENV_HPSTATE    8096

/* Words of the trap stack that are ours. */
#define ENV_BUDGET  (ENV_TS)      /* instructions until the clock's event */
#define ENV_ENGINE  (ENV_TS + 32) /* struct engine * */
#define ENV_EXC     (ENV_TS + 64) /* FSR.ftt and FSR.cexc, or fpu_fast.h */
#define ENV_AEXC    (ENV_TS + 72) /* FSR.aexc, in place */
#define ENV_JMPL_RD (ENV_TS + 96) /* rd of the last JMPL, as it was before */

/* fpu_fast.h: operands of what is late; how large results may be that are */
#define ENV_LATE_A (ENV_TS + 128)
#define ENV_LATE_B (ENV_TS + 136)
#define ENV_LATE_C (ENV_TS + 144)
#define ENV_FITS   (ENV_TS + 152) /* both of: */
#define ENV_FITS_D (ENV_TS + 152)
#define ENV_FITS_S (ENV_TS + 156)

/* Not 0 when translated code has gone back to a window. */
#define ENV_RESTORED (ENV_TS + 200)
/* REGWPTR of the windows from which SAVE and RESTORE need a helper. */
#define ENV_NO_SAVE    (ENV_TS + 224)
#define ENV_NO_RESTORE (ENV_TS + 232)
#define ENV_JUMPS      (ENV_TS + 240) /* struct jump *: of the address space */

#define CPU_ENV_PTR 296 /* CPUState: pointer to the state block */

/*
 * uc_engine, a bool: do not look for an exit request after each load and
 * store.  That look leaves a block half-way and begins it again, which does
 * its first half twice; it also ends what the optimiser can see.
 */
#define UC_NO_EXIT_REQUEST 2018

#define NWINDOWS 8

/* Some words are read by halves. */
typedef uint32_t __attribute__((may_alias)) env_half;
typedef uint64_t __attribute__((may_alias)) env_word;

static inline env_half *env_u32(void *env, unsigned offset)
{
    return (env_half *)((uint8_t *)env + offset);
}

static inline env_word *env_u64(void *env, unsigned offset)
{
    return (env_word *)((uint8_t *)env + offset);
}

static inline uint64_t **env_pointer(void *env, unsigned offset)
{
    return (uint64_t **)(void *)((uint8_t *)env + offset);
}

/* The window that REGWPTR says; ENV_CWP may be behind. */
static inline unsigned env_cwp(void *env)
{
    return (unsigned)(*env_pointer(env, ENV_REGWPTR) -
                      env_u64(env, ENV_REGBASE)) /
           16;
}

struct engine;

static inline struct engine *env_engine(void *env)
{
    return *(struct engine **)((uint8_t *)env + ENV_ENGINE);
}

/*
 * env_window - register 8 + @i (outs, locals, ins) of window @cwp
 *
 * While the last window is current its outs live after the others.
 */
static inline uint64_t *env_window(void *env, unsigned cwp, unsigned i)
{
    unsigned at = (i + cwp * 16) % (16 * NWINDOWS);

    if (at < 8 && *env_u32(env, ENV_CWP) == NWINDOWS - 1)
        at += 16 * NWINDOWS;
    return env_u64(env, ENV_REGBASE) + at;
}
