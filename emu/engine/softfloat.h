/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/softfloat.h - the archive's softfloat library
 *
 * Owns:    its constants and the layout of its status
 * Used by: fpu.c, quad.c
 * Source:  Berkeley SoftFloat as QEMU has it; Unicorn v2.1.3
 *          qemu/include/fpu/softfloat-types.h
 */
#pragma once

#include <stdint.h>

#include "emu/engine/archive.h"

/* float_status: how to round, and what happened */
struct float_status {
    signed char tininess, rounding;
    uint8_t flags;
    signed char precision;
    uint8_t others[4];
};

enum { SOFT_NEAREST, SOFT_DOWN, SOFT_UP, SOFT_TO_ZERO };
#define SOFT_TINY_BEFORE 1

#define SOFT_INVALID   1u
#define SOFT_DIVBYZERO 4u
#define SOFT_OVERFLOW  8u
#define SOFT_UNDERFLOW 16u
#define SOFT_INEXACT   32u

/* Flags of muladd. */
#define SOFT_NEGATE_C 1
#define SOFT_HALVE    8

#define ONE32 0x3f800000u
#define ONE64 UINT64_C(0x3ff0000000000000)

/* FSR.cexc */
#define EXC_NX 1u
#define EXC_DZ 2u
#define EXC_UF 4u
#define EXC_OF 8u
#define EXC_NV 16u

static inline unsigned soft_exceptions(const struct float_status *status)
{
    unsigned flags = status->flags;

    return (flags & SOFT_INVALID ? EXC_NV : 0) |
           (flags & SOFT_OVERFLOW ? EXC_OF : 0) |
           (flags & SOFT_UNDERFLOW ? EXC_UF : 0) |
           (flags & SOFT_DIVBYZERO ? EXC_DZ : 0) |
           (flags & SOFT_INEXACT ? EXC_NX : 0);
}
