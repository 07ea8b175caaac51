// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * connect(2) and accept(2).
 *
 * Source: linux v6.2 net/socket.c, net/ipv4/af_inet.c __inet_stream_connect(),
 *         net/unix/af_unix.c unix_stream_connect(), unix_accept()
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/linux/fs/files.h"
#include "emu/linux/net/abi_net.h"
#include "emu/linux/net/sockaddr.h"
#include "emu/linux/net/unix_name.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

/* Only a listener with a full queue makes it wait. */
static int64_t connect_unix(struct task *t, const struct sock_call *c,
                            const struct sock_addr *name)
{
    struct sock *sk = c->sk;
    struct unix_target to;
    int64_t value = unix_name_find(t, sk->type, name, &to);

    if (value)
        return value;
    value = host_result(connect(sk->host, &to.host.u.any, to.host.len));
    if (value == 0)
        value = sock_connected(t, sk, to.sk);
    if (value == 0 && sk->inside)
        files_set_polled(t->files, c->file.guest, c->file.nonblock, false);
    unix_name_put(&to);
    if (value == -EAGAIN)
        return sock_wait_look(t, c, c->file.nonblock, sk->sndtimeo);
    return value;
}

/* The host is asked again when it has an answer. */
static int64_t connect_inet(struct task *t, const struct sock_call *c,
                            const struct sock_addr *name)
{
    int64_t value = host_result(connect(c->file.fd, &name->u.any, name->len));

    if ((value != -EINPROGRESS && value != -EALREADY) || c->file.nonblock)
        return value;
    value = sock_wait(t, c, POLLOUT, false, c->sk->sndtimeo);
    return value == -EAGAIN ? -EINPROGRESS : value;
}

int64_t sys_connect(struct task *t, const uint64_t a[6])
{
    struct sock_addr name;
    struct sock_call c;
    int err = sock_get(t, a[0], &c);

    if (!err)
        err = sockaddr_import(t, a[1], arg_int(a[2]), &name);
    if (!err)
        err = sock_check_name(t, c.sk, &name);
    if (err)
        return err;
    return c.sk->family == AF_UNIX ? connect_unix(t, &c, &name)
                                   : connect_inet(t, &c, &name);
}

/* @host: taken */
static int64_t install(struct task *t, const struct sock_call *c, int host,
                       unsigned flags)
{
    struct sock *new = sock_create(t->m, host, c->sk->family, c->sk->type);
    bool inside;
    int fd;

    if (!new) {
        close(host);
        return -ENOMEM;
    }
    sock_accepted(c->sk, new);
    inside = new->inside;
    if (new->family != AF_UNIX) { /* sk_clone_lock() */
        new->rcvtimeo = c->sk->rcvtimeo;
        new->sndtimeo = c->sk->sndtimeo;
        new->timestamp = c->sk->timestamp;
    }
    fd = sock_install(t, new, flags);
    if (fd >= 0 && inside)
        files_set_polled(t->files, fd, flags & SOCK_G_NONBLOCK, false);
    return fd;
}

/* What accept(2) has for the user, in memory that is there. */
struct accept_name {
    uint64_t va, len_va;
    int room;
    bool bad; /* there is no memory */
};

static int prepare(struct task *t, const uint64_t a[6], struct accept_name *out)
{
    int err;

    *out = (struct accept_name){.va = a[1], .len_va = a[2]};
    err = files_check_room(t);
    if (err || !a[1])
        return err;
    /* Linux looks when the connection is there; it is lost then. */
    err = sockaddr_room(t, a[2], &out->room);
    out->bad = err == -EFAULT && !user_waits(t);
    return out->bad ? 0 : err;
}

static int64_t finish(struct task *t, int64_t fd, struct sock_addr *peer,
                      const struct accept_name *to)
{
    int err, closed;

    if (fd < 0 || !to->va)
        return fd;
    unix_name_to_guest(t->m, peer);
    err =
        to->bad ? -EFAULT : sockaddr_put(t, peer, to->va, to->room, to->len_va);
    if (!err)
        return fd;
    closed = files_close(t->files, (int)fd);
    INVARIANT(closed == 0);
    return err;
}

/* The host's descriptor, or -errno. */
static int take_connection(const struct sock_call *c, struct sock_addr *peer)
{
    struct pollfd p = {.fd = c->file.fd, .events = POLLIN};

    if (c->sk->blocking && poll(&p, 1, 0) == 0)
        return -EAGAIN;
    return (int)host_result(accept4(c->file.fd, &peer->u.any, &peer->len,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC));
}

static int64_t wait_for_one(struct task *t, const struct sock_call *c)
{
    bool nonblock = c->file.nonblock;

    if (!nonblock && sock_is_shut(c->sk))
        return -EINVAL;
    return sock_wait(t, c, POLLIN, nonblock, c->sk->rcvtimeo);
}

int64_t sys_accept4(struct task *t, const uint64_t a[6])
{
    struct sock_addr peer = {.len = sizeof(peer.u)};
    unsigned flags = (unsigned)a[3];
    struct accept_name to;
    struct sock_call c;
    int host, err;

    if (flags & ~(SOCK_G_CLOEXEC | SOCK_G_NONBLOCK))
        return -EINVAL;
    err = sock_get(t, a[0], &c);
    if (!err)
        err = prepare(t, a, &to);
    if (err)
        return err;
    host = take_connection(&c, &peer);
    if (host == -EAGAIN)
        return wait_for_one(t, &c);
    if (host < 0)
        return host;
    sock_wake_lookers(t->m);
    return finish(t, install(t, &c, host, flags), &peer, &to);
}

int64_t sys_accept(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[0], a[1], a[2], 0};

    return sys_accept4(t, b);
}
