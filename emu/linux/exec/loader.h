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
struct log;

/* What the stack and the registers of the program need to know. */
struct image {
    gva_t entry;
    gva_t phdr; /* program headers in memory, 0: not mapped */
    unsigned phnum;
    gva_t start_code, end_code, start_data, end_data;
    gva_t brk; /* page aligned */
    bool exec_stack;
};

/*
 * elf_check - can @fd be run?  Looks at the headers only.
 *
 * @why: on error, gets a sentence for the user
 * Returns 0 or -ENOEXEC, -EIO.
 */
MUST_CHECK int elf_check(int fd, const char **why);

/*
 * elf_load - map the segments of @fd into @mm, which is empty
 *
 * @maps: page caches of files; the text is a private mapping of @fd
 * Returns 0; -ENOEXEC, -EIO, -ENOMEM with a sentence in *@why.
 */
MUST_CHECK int elf_load(int fd, struct mm *mm, struct file_maps *maps,
                        struct image *image, const char **why);
