/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/engine/mcd.h - version tags set and read through ASI 0x90
 *
 * Owns:    nothing
 * Used by: emu/engine/ only
 */
#pragma once

#include "emu/engine/internal.h"

/*
 * engine_set_tag - the program does, by the instruction at PC; or a trap
 *
 * Returns the frame.
 */
pfn_t engine_set_tag(struct engine *e, uint64_t va, adi_tag_t tag,
                     uintptr_t ra);
/* engine_get_tag - the program reads one; or a trap */
adi_tag_t engine_get_tag(struct engine *e, uint64_t va, uintptr_t ra);
/* engine_zero_tag - of a block of @pfn that the program zeroes */
void engine_zero_tag(struct engine *e, uint64_t va, pfn_t pfn, uintptr_t ra);

/* What translated code calls: an STXA, at @pc, and an LDXA. */
void mcd_store(void *env, uint64_t va, uint64_t val, uint64_t pc);
uint64_t mcd_load(void *env, uint64_t va);
