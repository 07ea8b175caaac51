/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/archive.h - the functions of the archive, declared
 *
 * Owns:    nothing; reads wraps.def
 * Used by: emu/engine/ only
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct float_status;

/* float128 of softfloat */
struct soft_quad {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    uint64_t high, low;
#else
    uint64_t low, high;
#endif
};

#define WRAP(symbol, type, args)                                               \
    type __wrap_##symbol args;                                                 \
    type __real_##symbol args;
#define CALL(symbol, type, args) type symbol args;
#include "emu/engine/wraps.def"
#undef WRAP
#undef CALL
