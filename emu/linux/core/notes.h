/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/core/notes.h - what a core file says of a process and its threads
 *
 * Owns:    the notes, as they will be in the file
 * Used by: emu/linux/core/
 * Source:  linux v6.2 fs/binfmt_elf.c fill_note_info(), write_note_info();
 *          arch/sparc/kernel/ptrace_64.c sparc64_regsets
 */
#pragma once

#include "emu/linux/core/corefile.h"

struct mapping;

/* An area as it was when the process died: struct core_vma_metadata. */
struct core_area {
    gva_t start, end;
    vm_flags_t flags;
    uint64_t pgoff;
    uint64_t dump_bytes;     /* of it that are in the file */
    struct mapping *mapping; /* counted; NULL: private anonymous */
};

/* What is dumped. */
struct core_dump {
    struct task *t; /* borrowed; on the CPU; got the signal */
    const struct siginfo *info;
    struct core_area *areas; /* owned */
    size_t nr_areas;
};

struct core_notes;

/*
 * core_notes_create - of all threads of the process, d->t first
 *
 * Their register windows are in memory afterwards.
 * Returns NULL when the host has no memory.
 */
struct core_notes *core_notes_create(const struct core_dump *d);
void core_notes_destroy(struct core_notes *n);

/* core_notes_bytes - how long they are in the file */
uint64_t core_notes_bytes(const struct core_notes *n);

/* core_notes_write - false: the file ends here */
MUST_CHECK bool core_notes_write(const struct core_notes *n,
                                 struct core_file *f);
