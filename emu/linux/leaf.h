/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/leaf.h - does a function run in the window of its caller?
 *
 * Owns:    nothing
 * Used by: emu/linux/backtrace.c
 * Source:  The SPARC Architecture Manual, Version 9, H.1.2 (leaf procedures);
 *          System V ABI, SPARC supplement
 *
 * A leaf, and any function before its SAVE, has the address of its caller in
 * %o7; else that is what an earlier call left there.  What the code does next
 * tells: it ends with a return by %o7, or with one by %i7 and RESTORE.
 */
#pragma once

#include "mm/types.h"

struct leaf_at {
    gva_t pc, npc;
    uint64_t o7, i7;
};

/* The instruction at @pc; 0, which is an illegal one: it cannot be read. */
typedef uint32_t leaf_read(const void *ctx, gva_t pc);

/* leaf_is_call - one that leaves its address in %o7 */
bool leaf_is_call(uint32_t insn);

/*
 * leaf_runs - is %o7 the caller of the function that is at @at?
 *
 * It is, if there is a call, or a signal was delivered.  Follows the code in
 * both directions of each branch until an instruction decides, at most some
 * hundred.  False also when none does.
 */
bool leaf_runs(const struct leaf_at *at, leaf_read *read, const void *ctx);
