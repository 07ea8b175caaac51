/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/disas.h - -d in_asm: the instructions that are translated
 *
 * Owns:    struct disas: the disassembler
 * Used by: emu/machine.c, emu/cpu.c
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define DISAS_BYTES 192

struct disas;

/* disas_create - NULL: no memory */
struct disas *disas_create(void);

/* disas_destroy - NULL is allowed */
void disas_destroy(struct disas *d);

/*
 * disas_insn - the text of an instruction at @pc
 *
 * Capstone knows V9 and VIS 1; what it lacks is named by
 * emu/engine/insns.def, and alternate spaces here.  ".word" is none of them.
 */
void disas_insn(struct disas *d, uint64_t pc, uint32_t word,
                char out[static DISAS_BYTES]);

/* disas_print - a line of the log; @first: of a block of code */
void disas_print(struct disas *d, FILE *f, uint64_t pc, uint32_t word,
                 bool first);
