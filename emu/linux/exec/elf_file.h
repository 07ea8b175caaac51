/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/exec/elf_file.h - the headers of a program or an interpreter
 *
 * Owns:    struct elf, and what makes a file one that cannot be executed
 * Used by: emu/linux/exec/
 * Source:  linux v6.2 fs/binfmt_elf.c load_elf_binary()
 */
#pragma once

#include <gelf.h>

#include "mm/types.h"

#define ELF_MAX_PHDRS 128

struct elf {
    int fd; /* borrowed */
    Elf *elf;
    GElf_Ehdr ehdr;
    GElf_Phdr phdr[ELF_MAX_PHDRS];
    unsigned nr_phdrs;
    uint64_t file_bytes;
    char *interpreter; /* of PT_INTERP; NULL: none */
};

/*
 * elf_open - read the headers of @fd, which stays open as long as the result
 *
 * @why: on error, gets a sentence for the user, or NULL
 * Returns NULL with -ENOEXEC, -EIO or -ENOMEM in *@err.
 */
MUST_CHECK struct elf *elf_open(int fd, int *err, const char **why);

/* elf_close - NULL is allowed */
void elf_close(struct elf *e);
