/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/core/coredump.h - the core file of a process that a signal ends
 *
 * Owns:    nothing
 * Used by: emu/linux/; cli/options.c
 * Source:  linux v6.2 fs/coredump.c, fs/binfmt_elf.c elf_core_dump()
 * Differs: no pipe to a program; no file without --core
 *
 * Version tags are not in it: Linux 6.2 has no note for them on this machine.
 */
#pragma once

#include "emu/linux/sched/task.h"

/* Bits of /proc/PID/coredump_filter: MMF_DUMP_*. */
#define CORE_FILTER_ANON_PRIVATE   0x01u
#define CORE_FILTER_ANON_SHARED    0x02u
#define CORE_FILTER_MAPPED_PRIVATE 0x04u
#define CORE_FILTER_MAPPED_SHARED  0x08u
#define CORE_FILTER_ELF_HEADERS    0x10u
#define CORE_FILTER_DEFAULT        0x33u /* hugetlb, too */
#define CORE_FILTER_ALL            0x1ffu

/* core_dump_signal - does @sig dump core by default? */
bool core_dump_signal(int sig);

/*
 * core_dump - do_coredump(): of the process of @t, which is on the CPU and has
 * got the signal @info that ends it
 *
 * Its register windows go to memory, pages come back from swap.  A file that
 * could not be written to its end is as long as it got; a line says why.
 * Returns whether there is one.
 */
bool core_dump(struct task *t, const struct siginfo *info);

/*
 * core_name_check - can @pattern be that of --core?
 *
 * Returns NULL, or a phrase for the user.
 */
const char *core_name_check(const char *pattern);
