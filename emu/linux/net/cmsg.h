/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/net/cmsg.h - control messages of the program
 *
 * Owns:    nothing
 * Used by: emu/linux/net/
 * Source:  linux v6.2 net/core/scm.c, net/ipv4/ip_sockglue.c
 */
#pragma once

#include "emu/linux/net/transfer.h"

/*
 * cmsg_import - those of sendmsg(2), at @va
 *
 * @net: gets what AF_UNIX sends
 * @msg: its control gets the rest; at least NET_CONTROL_BYTES
 * Returns 0, or -errno with nothing kept.
 */
MUST_CHECK int cmsg_import(struct task *t, const struct sock_call *c,
                           uint64_t va, uint64_t len, struct net_call *net,
                           struct net_msg *msg);

/* Where those of recvmsg(2) go. */
struct cmsg_out {
    uint64_t va; /* 0: nowhere */
    uint64_t left;
    bool cloexec; /* MSG_CMSG_CLOEXEC */
    bool cut;     /* MSG_CTRUNC */
};

/*
 * cmsg_put_all - those that came with @msg
 *
 * Descriptors are installed as far as there is room for their numbers.
 */
void cmsg_put_all(struct task *t, const struct sock_call *c,
                  struct net_call *net, const struct net_msg *msg,
                  struct cmsg_out *out);
