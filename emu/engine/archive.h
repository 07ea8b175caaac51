/*
 * emu/engine/archive.h - the functions of the archive, declared
 *
 * Owns:    nothing; reads wraps.def
 * Used by: emu/engine/ only
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define WRAP(symbol, type, args)                                               \
    type __wrap_##symbol args;                                                 \
    type __real_##symbol args;
#define CALL(symbol, type, args) type symbol args;
#include "emu/engine/wraps.def"
#undef WRAP
#undef CALL
