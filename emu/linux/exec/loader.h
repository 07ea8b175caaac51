/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/exec/loader.h - a program file becomes an address space
 *
 * Owns:    nothing
 * Used by: exec.c
 * Source:  linux v6.2 fs/binfmt_elf.c
 */
#pragma once

#include "mm/types.h"

struct mm;
struct file_maps;
struct elf;

/* What the stack and the registers of the program need to know. */
struct image {
    gva_t start; /* where it begins: its entry, or its interpreter's */
    gva_t entry; /* of the program */
    gva_t base;  /* what the addresses of the interpreter begin at; 0: none */
    gva_t phdr;  /* program headers in memory, 0: not mapped */
    unsigned phnum;
    gva_t start_code, end_code, start_data, end_data;
    gva_t brk; /* page aligned */
    bool exec_stack;
};

/*
 * elf_load - map the segments of a program, and of its interpreter, into @mm,
 * which is empty
 *
 * @interpreter: NULL: it has none
 * @maps: page caches of files; the text is a private mapping of the file
 * Returns 0; -ENOMEM or another error of mmap() with a sentence in *@why.
 */
MUST_CHECK int elf_load(const struct elf *program,
                        const struct elf *interpreter, struct mm *mm,
                        struct file_maps *maps, struct image *image,
                        const char **why);
