// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * membarrier(2).
 *
 * Source:  linux v6.2 kernel/sched/membarrier.c, for a SPARC: no commands for
 *          other cores and for restartable sequences
 * Differs: one CPU, where a system call is a barrier already
 */
#include <errno.h>

#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"

#define CMD_QUERY                      0
#define CMD_GLOBAL                     0x01
#define CMD_GLOBAL_EXPEDITED           0x02
#define CMD_REGISTER_GLOBAL_EXPEDITED  0x04
#define CMD_PRIVATE_EXPEDITED          0x08
#define CMD_REGISTER_PRIVATE_EXPEDITED 0x10
#define CMD_ALL                        0x1f

int64_t sys_membarrier(struct task *t, const uint64_t a[6])
{
    if ((unsigned)a[1])
        return -EINVAL;
    switch (arg_int(a[0])) {
    case CMD_QUERY: return CMD_ALL;
    case CMD_GLOBAL:
    case CMD_GLOBAL_EXPEDITED:
    case CMD_REGISTER_GLOBAL_EXPEDITED: return 0;
    case CMD_PRIVATE_EXPEDITED:
        return t->process->membarrier_private ? 0 : -EPERM;
    case CMD_REGISTER_PRIVATE_EXPEDITED:
        t->process->membarrier_private = true;
        return 0;
    default: return -EINVAL;
    }
}
