/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print/pcname.h - the words for a program counter
 *
 * Owns:    nothing
 * Used by: cli/, which has the answers
 */
#pragma once

#include "mm/types.h"

#define PC_NAMES 8 /* a function, and those that it is inlined in */

/* Text is of printable ASCII only. */
struct pc_name {
    char function[128]; /* "": not known */
    char file[256];     /* as the debug information has it; "": not known */
    uint32_t line;      /* of the instruction, or of the inlined call */
    char library[128];  /* the file's name; "": it is the program's own code */
};

/* pc_name_set - a copy of @text, with ? for what is not printable ASCII */
void pc_name_set(char *out, size_t size, const char *text);

struct pc_namer {
    /*
     * Names of @pc in a program, the innermost first.
     *
     * @program: its number, from 1
     * Returns how many there are; 0: it has none.
     */
    size_t (*find)(void *ctx, uint32_t program, gva_t pc,
                   struct pc_name names[static PC_NAMES]);
    void *ctx; /* borrowed */
};
