/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/ptrace/request.h - numbers of ptrace(2), and requests of all CPUs
 *
 * Owns:    nothing
 * Used by: sys_ptrace.c
 * Source:  linux v6.2 include/uapi/linux/ptrace.h,
 *          arch/sparc/include/uapi/asm/ptrace.h
 */
#pragma once

#include "emu/linux/sched/task.h"

#define PTRACE_G_TRACEME    0
#define PTRACE_G_PEEKTEXT   1
#define PTRACE_G_PEEKDATA   2
#define PTRACE_G_PEEKUSR    3
#define PTRACE_G_POKETEXT   4
#define PTRACE_G_POKEDATA   5
#define PTRACE_G_CONT       7
#define PTRACE_G_KILL       8
#define PTRACE_G_SINGLESTEP 9
#define PTRACE_G_DETACH     11 /* PTRACE_SPARC_DETACH */
#define PTRACE_G_ATTACH     16
#define PTRACE_G_WRITEDATA  17
#define PTRACE_G_READTEXT   18
#define PTRACE_G_WRITETEXT  19
#define PTRACE_G_GETREGS64  22
#define PTRACE_G_SETREGS64  23
#define PTRACE_G_SYSCALL    24

#define PTRACE_G_GETFPREGS64          25
#define PTRACE_G_SETFPREGS64          26
#define PTRACE_G_SETOPTIONS           0x4200
#define PTRACE_G_GETEVENTMSG          0x4201
#define PTRACE_G_GETSIGINFO           0x4202
#define PTRACE_G_SETSIGINFO           0x4203
#define PTRACE_G_GETREGSET            0x4204
#define PTRACE_G_SETREGSET            0x4205
#define PTRACE_G_SEIZE                0x4206
#define PTRACE_G_INTERRUPT            0x4207
#define PTRACE_G_LISTEN               0x4208
#define PTRACE_G_PEEKSIGINFO          0x4209
#define PTRACE_G_GETSIGMASK           0x420a
#define PTRACE_G_SETSIGMASK           0x420b
#define PTRACE_G_SECCOMP_GET_FILTER   0x420c
#define PTRACE_G_SECCOMP_GET_METADATA 0x420d
#define PTRACE_G_GET_SYSCALL_INFO     0x420e

/* ptrace_request - what is not of the architecture; the value of the call */
int64_t ptrace_request(struct task *t, struct task *child, uint64_t request,
                       uint64_t addr, uint64_t data);
