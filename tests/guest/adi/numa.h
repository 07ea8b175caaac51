/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/numa.h - the calls for memory policies, as the kernel has them
 */
#pragma once

#include <errno.h>
#include <sys/syscall.h>

#include "adi/adi.h"

#define MPOL_DEFAULT          0
#define MPOL_PREFERRED        1
#define MPOL_BIND             2
#define MPOL_INTERLEAVE       3
#define MPOL_LOCAL            4
#define MPOL_PREFERRED_MANY   5
#define MPOL_F_STATIC_NODES   0x8000
#define MPOL_F_RELATIVE_NODES 0x4000
#define MPOL_F_NODE           1
#define MPOL_F_ADDR           2
#define MPOL_F_MEMS_ALLOWED   4
#define MPOL_MF_STRICT        1
#define MPOL_MF_MOVE          2
#define MPOL_MF_MOVE_ALL      4

#define RWA (PROT_READ | PROT_WRITE | PROT_ADI)

/* 0 or -errno */
static inline int outcome(long value)
{
    return value < 0 ? -errno : (int)value;
}

static inline int set_policy(int mode, unsigned long nodes)
{
    return outcome(syscall(SYS_set_mempolicy, mode, &nodes, 65));
}

static inline int bind_range(void *p, size_t len, int mode,
                             unsigned long nodes, int flags)
{
    return outcome(syscall(SYS_mbind, p, len, mode, &nodes, 65, flags));
}

/* The node of one page, or -errno. */
static inline int node_of(void *p)
{
    int status = -1;
    long err = syscall(SYS_move_pages, 0, 1ul, &p, NULL, &status, 0);

    return err ? outcome(err) : status;
}

/* Send one page to @node: its status, or -errno. */
static inline int move_to(void *p, int node, int flags)
{
    int status = 99;
    long err = syscall(SYS_move_pages, 0, 1ul, &p, &node, &status, flags);

    return err ? outcome(err) : status;
}
