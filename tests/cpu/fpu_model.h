/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/cpu/fpu_model.h - IEEE 754 arithmetic as SPARC does it, on integers
 *
 * Owns:    the results and exceptions that fpu_random wants
 * Used by: tests/cpu/fpu_insns.c, fpu_random.c
 * Source:  The SPARC Architecture Manual V9, chapter 5 and appendix B; Oracle
 *          SPARC Architecture 2015, chapter 8.  As ieee.py, for millions.
 *
 * A number is a sign, an integer and an exponent, and is rounded once, at the
 * end.  Nothing here uses the host's floating point.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { MODEL_NX = 1, MODEL_DZ = 2, MODEL_UF = 4, MODEL_OF = 8, MODEL_NV = 16 };
enum { MODEL_NEAREST, MODEL_ZERO, MODEL_UP, MODEL_DOWN };

struct model_format {
    unsigned width, fbits;
    int bias;
    uint64_t inf, quiet, sign;
};

extern const struct model_format model_single, model_double;

/* How to round, and whether underflow traps: then tiny and exact counts. */
struct model_mode {
    unsigned rd;
    bool trap_uf;
};

struct model_result {
    uint64_t x;
    unsigned cexc;
};

/* a + b, or (a + b) / 2 */
struct model_result model_add(const struct model_format *f, uint64_t a,
                              uint64_t b, struct model_mode mode, bool halve);
struct model_result model_sub(const struct model_format *f, uint64_t a,
                              uint64_t b, struct model_mode mode, bool halve);
/* @out: format of the product */
struct model_result model_mul(const struct model_format *f, uint64_t a,
                              uint64_t b, struct model_mode mode,
                              const struct model_format *out);
struct model_result model_div(const struct model_format *f, uint64_t a,
                              uint64_t b, struct model_mode mode);
struct model_result model_sqrt(const struct model_format *f, uint64_t a,
                               struct model_mode mode);
/* a * b + c, or a * b - c, rounded once */
struct model_result model_fma(const struct model_format *f, const uint64_t x[3],
                              struct model_mode mode, bool subtract);
/* x: fcc, 0 equal, 1 less, 2 greater, 3 unordered */
struct model_result model_compare(const struct model_format *f, uint64_t a,
                                  uint64_t b, bool signal);
struct model_result model_convert(const struct model_format *from,
                                  const struct model_format *to, uint64_t x,
                                  struct model_mode mode);
/* @bits: of the integer, 32 or 64 */
struct model_result model_to_int(const struct model_format *f, uint64_t x,
                                 unsigned bits);
struct model_result model_from_int(const struct model_format *f, uint64_t x,
                                   unsigned bits, struct model_mode mode);

bool model_is_nan(const struct model_format *f, uint64_t x);
