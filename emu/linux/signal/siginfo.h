/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/signal/siginfo.h - siginfo_t as the guest has it
 *
 * Owns:    the layout
 * Used by: emu/linux/, emu/gdb/
 * Source:  linux v6.2 include/uapi/asm-generic/siginfo.h on sparc64
 */
#pragma once

#include "emu/linux/sched/task.h"

#define SIGINFO_BYTES 128

/*
 * siginfo_to_guest - @full: else only the number and SI_NOINFO
 */
void siginfo_to_guest(const struct siginfo *info, bool full,
                      uint8_t out[static SIGINFO_BYTES]);

/* siginfo_from_guest - what rt_sigqueueinfo(2) passes, or PTRACE_SETSIGINFO */
void siginfo_from_guest(struct siginfo *info,
                        const uint8_t in[static SIGINFO_BYTES]);
