/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/sched/rlimit.h - the limits of a process
 *
 * Owns:    their numbers and first values; rlim of struct process
 * Used by: emu/
 * Source:  linux v6.2 kernel/sys.c do_prlimit(); the numbers of
 *          arch/sparc/include/uapi/asm/resource.h
 */
#pragma once

#include "emu/linux/sched/process.h"

#define RLIMIT_G_CPU        0 /* seconds */
#define RLIMIT_G_FSIZE      1 /* bytes, like the next three */
#define RLIMIT_G_DATA       2
#define RLIMIT_G_STACK      3
#define RLIMIT_G_CORE       4
#define RLIMIT_G_RSS        5
#define RLIMIT_G_NOFILE     6
#define RLIMIT_G_NPROC      7
#define RLIMIT_G_MEMLOCK    8 /* bytes, as the next */
#define RLIMIT_G_AS         9
#define RLIMIT_G_SIGPENDING 11
#define RLIMIT_G_NICE       13 /* 20 - nice */
#define RLIMIT_G_RTPRIO     14

#define RLIM_G_INFINITY UINT64_MAX

/* rlimit_init - those of the first process */
void rlimit_init(struct process *p);

/* rlimit - the soft limit of the process of @t */
uint64_t rlimit(const struct task *t, unsigned which);
