/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/net/sock.h - a socket
 *
 * Owns:    struct sock, m->socks, which are all of them
 * Used by: emu/linux/net/, emu/linux/sched/process.c
 * Source:  linux v6.2 net/socket.c, net/unix/af_unix.c
 * Differs: AF_UNIX, AF_INET and AF_INET6 only
 *
 * A socket is one of the host's, without waiting.  What the host would say of
 * adiemu instead of the program is kept here: who has sent what, pids,
 * timeouts. The peer is "inside" when it is a socket of this machine.  For one
 * that is outside, a process of the host, we are as a pid namespace is: it has
 * pid 0.
 */
#pragma once

#include <sys/un.h>

#include "emu/linux/fs/rw.h"
#include "emu/linux/sched/task.h"

struct files;
struct sock_pending;

struct sock_cred {
    uint32_t pid, uid, gid;
};

/* Which AF_UNIX socket a name means. */
struct unix_id {
    bool abstract;
    uint64_t dev, ino; /* of the file, else */
    size_t len;        /* bytes of an abstract name */
    char name[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

struct sock {
    struct machine *m; /* borrowed */
    int host;          /* the open file's */
    int family, type;
    uint64_t rcvtimeo, sndtimeo; /* ns; FOREVER */
    bool blocking;               /* it came from outside, without O_NONBLOCK */
    bool passcred;               /* SO_PASSCRED */
    int timestamp;               /* option of the host that wants it; 0: none */

    /* AF_UNIX */
    bool inside;       /* the peer is, or was */
    struct sock *peer; /* borrowed; NULL: none, not accepted yet, or gone */
    bool named;        /* it has a name: */
    struct unix_id id; /* which others find it by, */
    char *guest_name;  /* owned; sun_path that the program gave; NULL: */
    char *host_name;   /* owned; as the host says */
    struct sock_cred self, peer_cred;
    struct sock_pending *pending; /* owned; of a listener, first come first */

    struct sock *prev, *next;
};

/* A descriptor of the program that is a socket. */
struct sock_addr;

struct sock_call {
    struct user_file file;
    struct sock *sk;
};

/*
 * sock_check_name - may the program reach @name, with --sandbox?
 *
 * No network, and no abstract name unless the host keeps those of others
 * apart.  A path is the business of path_walk().
 * Returns 0, -EACCES or -EPERM.
 */
MUST_CHECK int sock_check_name(const struct task *t, const struct sock *sk,
                               const struct sock_addr *name);

/* sock_get - sockfd_lookup_light(): 0, -EBADF or -ENOTSOCK */
MUST_CHECK int sock_get(struct task *t, uint64_t guest, struct sock_call *out);

/* sock_of - the socket that an open file is; NULL: it is none */
struct sock *sock_of(const struct open_file *file);

/*
 * sock_create - for the host's descriptor @host, which it does not own
 *
 * Returns NULL without memory of the host.
 */
struct sock *sock_create(struct machine *m, int host, int family, int type);
void sock_destroy(struct sock *sk);

/*
 * sock_install - a descriptor of @t that is @sk
 *
 * @sk:    owned by the open file from here on, as is sk->host; on error gone
 * @flags: SOCK_G_NONBLOCK, SOCK_G_CLOEXEC
 * Returns the descriptor, -EMFILE or -ENOMEM.
 */
MUST_CHECK int sock_install(struct task *t, struct sock *sk, unsigned flags);

/* sock_adopt - the same for a socket of the host that came from outside */
MUST_CHECK int sock_adopt(struct task *t, int host, bool cloexec);

/* sock_adopt_inherited - what adiemu was given as 0, 1 and 2 may be sockets;
 * 0 or -ENOMEM */
MUST_CHECK int sock_adopt_inherited(struct machine *m, struct files *f);

/*
 * sock_wait - the call must wait until the host has @events
 *
 * @nonblock: it must not
 * @timeo:    ns
 * Returns TASK_WAITS; -EAGAIN when time is up or it must not;
 * -ERESTARTSYS_G, or with a timeout -EINTR, after a signal.
 */
int64_t sock_wait(struct task *t, const struct sock_call *c, short events,
                  bool nonblock, uint64_t timeo);

/* sock_wait_look - the same, for what the host tells by no event: somebody
 * else's queue is full */
int64_t sock_wait_look(struct task *t, const struct sock_call *c, bool nonblock,
                       uint64_t timeo);

/* sock_is_shut - RCV_SHUTDOWN: for who would wait, that is an answer */
bool sock_is_shut(const struct sock *sk);

/* sock_wake_lookers - there may be room in a queue */
void sock_wake_lookers(struct machine *m);

/* sock_cred_of - what SO_PEERCRED says of @t: effective ids */
struct sock_cred sock_cred_of(const struct task *t);

/*
 * sock_connected - connect(2) of @sk to @to has succeeded
 *
 * @to: the listener, or the receiver of datagrams; NULL: not one of ours
 * Returns 0 or -ENOMEM.
 */
MUST_CHECK int sock_connected(struct task *t, struct sock *sk, struct sock *to);

/* sock_accepted - @new is a connection that was waiting for @listener */
void sock_accepted(struct sock *listener, struct sock *new);

/* sock_pair - both ends of socketpair(2) */
void sock_pair(struct task *t, struct sock *a, struct sock *b);
