/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/abi.h - numbers of the SPARC64 Linux ABI
 *
 * Owns:    signal numbers, flag values, struct sizes of the guest
 * Used by: emu/
 * Source:  linux v6.2 arch/sparc/include/uapi/asm/
 */
#pragma once

#include <stdint.h>

/* Signals. */
#define SIG_HUP    1
#define SIG_INT    2
#define SIG_QUIT   3
#define SIG_ILL    4
#define SIG_TRAP   5
#define SIG_ABRT   6
#define SIG_EMT    7
#define SIG_FPE    8
#define SIG_KILL   9
#define SIG_BUS    10
#define SIG_SEGV   11
#define SIG_SYS    12
#define SIG_PIPE   13
#define SIG_ALRM   14
#define SIG_TERM   15
#define SIG_URG    16
#define SIG_STOP   17
#define SIG_TSTP   18
#define SIG_CONT   19
#define SIG_CHLD   20
#define SIG_TTIN   21
#define SIG_TTOU   22
#define SIG_IO     23
#define SIG_XCPU   24
#define SIG_XFSZ   25
#define SIG_VTALRM 26
#define SIG_PROF   27
#define SIG_WINCH  28
#define SIG_LOST   29
#define SIG_USR1   30
#define SIG_USR2   31
#define SIG_RTMIN  32 /* from here on each one is queued */

/* Signal sets are 64 bits; signal n is bit n - 1. */
#define SIGMASK(n) (UINT64_C(1) << ((n)-1))

#define STACK_BIAS_G 2047

/* Auxiliary vector. */
#define AT_G_ADI_BLKSZ   48
#define AT_G_ADI_NBITS   49
#define AT_G_ADI_UEONADI 50
#define ADI_UE_ON_ADI    14 /* M7: a UE rewrites dirty lines with this tag */

/* open(2) */
#define O_G_APPEND    0x00008u
#define O_G_ASYNC     0x00040u
#define O_G_CREAT     0x00200u
#define O_G_TRUNC     0x00400u
#define O_G_EXCL      0x00800u
#define O_G_DSYNC     0x02000u
#define O_G_NONBLOCK  0x04000u
#define O_G_NOCTTY    0x08000u
#define O_G_DIRECTORY 0x10000u
#define O_G_NOFOLLOW  0x20000u
#define O_G_LARGEFILE 0x40000u
#define O_G_DIRECT    0x100000u
#define O_G_NOATIME   0x200000u
#define O_G_CLOEXEC   0x400000u
#define O_G_SYNC      0x802000u
#define O_G_PATH      0x1000000u
#define O_G_TMPFILE   0x2010000u

#define AT_G_FDCWD -100

/* fcntl(2) */
#define F_G_DUPFD         0
#define F_G_GETFD         1
#define F_G_SETFD         2
#define F_G_GETFL         3
#define F_G_SETFL         4
#define F_G_GETLK         7
#define F_G_SETLK         8
#define F_G_SETLKW        9
#define F_G_DUPFD_CLOEXEC 1030
#define F_G_SETPIPE_SZ    1031
#define F_G_GETPIPE_SZ    1032

/* ioctl(2) */
#define TIOCGWINSZ_G 0x40087468u
#define FIONREAD_G   0x4004667fu
#define FIOCLEX_G    0x20006601u
#define FIONCLEX_G   0x20006602u
