/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/fpu.h - floating point
 *
 * Owns:    the helpers of floating-point instructions, and FSR's exceptions
 * Used by: decode.c, cpu.c
 * Source:  The SPARC Architecture Manual V9, 5.1.7 and appendix B; Oracle
 *          SPARC Architecture 2015, chapter 8
 *
 * Arithmetic is that of the host where its result is certainly the same, and
 * else of the archive's softfloat.  NaNs, traps and FSR are done here.
 *
 * FSR is in two places: the archive's register has the modes and fcc, two
 * words of ours have the exceptions (ENV_EXC: ftt and cexc, or the operation
 * that says them, fpu_fast.h; ENV_AEXC).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "emu/engine/softfloat.h"

/* The whole FSR; a new one, of which ver stays as it was. */
uint64_t fpu_get_fsr(void *env);
void fpu_set_fsr(void *env, uint64_t fsr);

/*
 * fpu_status - how softfloat is to compute
 *
 * @quad: as Linux does, which does not look at GSR
 */
struct float_status fpu_status(void *env, bool quad);

#define FP1(name) uint64_t fp_##name(void *env, uint64_t a);
#define FP2(name) uint64_t fp_##name(void *env, uint64_t a, uint64_t b);
#define FP3(name)                                                              \
    uint64_t fp_##name(void *env, uint64_t a, uint64_t b, uint64_t c);

FP2(adds)
FP2(addd)
FP2(subs)
FP2(subd)
FP2(muls)
FP2(muld)
FP2(divs)
FP2(divd)
FP2(smuld)
FP2(nadds)
FP2(naddd)
FP2(nmuls)
FP2(nmuld)
FP2(nsmuld)
FP2(hadds)
FP2(haddd)
FP2(hsubs)
FP2(hsubd)
FP2(nhadds)
FP2(nhaddd)
FP1(sqrts)
FP1(sqrtd)
FP1(stox)
FP1(dtox)
FP1(xtos)
FP1(xtod)
FP1(itos)
FP1(itod)
FP1(dtos)
FP1(stod)
FP1(stoi)
FP1(dtoi)
FP3(madds)
FP3(maddd)
FP3(msubs)
FP3(msubd)
FP3(nmadds)
FP3(nmaddd)
FP3(nmsubs)
FP3(nmsubd)
/* Compare: @c is the number of bits that fcc is left in FSR; the new FSR. */
FP3(cmps)
FP3(cmpd)
FP3(cmpes)
FP3(cmped)
FP3(lcmps)
FP3(lcmpd)

#undef FP1
#undef FP2
#undef FP3

/* fpu_fast.c: FSR's exceptions are wanted; GSR is about to be written */
void fp_settle(void *env);
void fp_modes_change(void *env);

/* The archive's FSR after a load of @size bytes: 4, 8, or 16 for LDXEFSR. */
uint64_t fp_load_fsr(void *env, uint64_t value, uint64_t size);

/* quad.c: whole instructions */
void fp_quad(void *env, uint64_t word);
void fp_quad_load(void *env, uint64_t word, uint64_t va);
void fp_quad_store(void *env, uint64_t word, uint64_t va);

/* asi.c: fields of @val that @mask has a bit for, by ASI @asi */
void fp_partial_store(void *env, uint64_t va, uint64_t val, uint64_t mask,
                      uint64_t asi);
