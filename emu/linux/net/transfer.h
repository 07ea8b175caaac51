/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/net/transfer.h - messages, to and from the host
 *
 * Owns:    struct net_msg, struct net_call
 * Used by: emu/linux/net/
 * Source:  linux v6.2 net/socket.c, net/unix/af_unix.c, net/ipv4/tcp.c
 *
 * Bytes go through the bounce buffer.  What a call of many messages, or one
 * that waits after its first bytes, has to remember is struct net_call.
 */
#pragma once

#include "emu/linux/fs/iovec.h"
#include "emu/linux/net/flight.h"
#include "emu/linux/net/sockaddr.h"

#define NET_CONTROL_BYTES                                                      \
    2048 /* of the host: a token, or 253 descriptors, and                      \
            what AF_INET has */

struct net_msg {
    struct user_iter it; /* its bytes */
    int flags;           /* MSG_* of the call */
    bool nonblock;
    struct sock_addr name; /* to, or from; len 0: none */

    /* Sent. */
    struct scm *scm; /* borrowed; NULL: none */

    /* Received. */
    int out_flags; /* MSG_* */

    /* Both: control messages of the host, without those of AF_UNIX. */
    uint8_t *control; /* owned by the caller; NULL: none are wanted */
    size_t control_len;
};

/* Kept from one try of a call to the next, and freed when it is over. */
struct net_call {
    unsigned nr_done;  /* messages of sendmmsg() and recvmmsg() */
    uint64_t deadline; /* machine time, of recvmmsg(); 0: not yet */
    bool has_scm;      /* the descriptors of sendmsg() were looked up: */
    struct scm scm;    /* sent, or received so far */
    int *outside;      /* owned; received from outside: the host's, owned */
    unsigned nr_outside;
};

/* net_call_get - that of @t; NULL: no memory of the host */
struct net_call *net_call_get(struct task *t);

/* net_call_reset - the message was dealt with; what nobody took is closed */
void net_call_reset(struct net_call *call);
void net_call_free(struct net_call *call);

/*
 * sock_send - sock_sendmsg()
 *
 * Returns how many bytes, TASK_WAITS, or -errno.
 */
int64_t sock_send(struct task *t, const struct sock_call *c,
                  struct net_msg *msg);

/*
 * sock_recv - sock_recvmsg()
 *
 * Descriptors and credentials are in the net_call of @t then.
 * Returns how many bytes, TASK_WAITS, or -errno.
 */
int64_t sock_recv(struct task *t, const struct sock_call *c,
                  struct net_msg *msg);
