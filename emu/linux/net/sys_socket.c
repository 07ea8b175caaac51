// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sockets that are made, named and shut down; and all calls by one number.
 *
 * Source: linux v6.2 net/socket.c
 */
#include <endian.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/linux/call.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/net/abi_net.h"
#include "emu/linux/net/sockaddr.h"
#include "emu/linux/net/unix_name.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

/* __sock_create(): the families that we have; 0 or -errno */
static int check_family(struct task *t, int family, int type)
{
    if (family < 0 || family >= NPROTO_G)
        return -EAFNOSUPPORT;
    if (type < 0 || type >= SOCK_G_MAX)
        return -EINVAL;
    if (t->m->confine && family != AF_UNIX)
        return -EACCES; /* security_socket_create() */
    if (family == AF_UNIX || family == AF_INET || family == AF_INET6)
        return 0;
    warn_once(t, LOG_SYSCALL, "unsupported: sockets of family %d%s", family,
              family == AF_NETLINK ? " (netlink)" : "");
    return -EAFNOSUPPORT;
}

/* What is in @type beside the type; 0 or -EINVAL */
static int split_type(uint64_t arg, int *type, unsigned *flags)
{
    *flags = (unsigned)arg & ~SOCK_G_TYPE_MASK;
    *type = (int)((unsigned)arg & SOCK_G_TYPE_MASK);
    return *flags & ~(SOCK_G_CLOEXEC | SOCK_G_NONBLOCK) ? -EINVAL : 0;
}

/* unix_create(): SOCK_RAW is SOCK_DGRAM */
static int type_of(int host, int type)
{
    socklen_t len = sizeof(type);

    (void)getsockopt(host, SOL_SOCKET, SO_TYPE, &type, &len);
    return type;
}

/* @host: taken, also on error */
static int install(struct task *t, int host, int family, int type,
                   unsigned flags)
{
    struct sock *sk = sock_create(t->m, host, family, type_of(host, type));

    if (!sk) {
        close(host);
        return -ENOMEM;
    }
    return sock_install(t, sk, flags);
}

int64_t sys_socket(struct task *t, const uint64_t a[6])
{
    int family = arg_int(a[0]), type, host, err;
    unsigned flags;

    err = split_type(a[1], &type, &flags);
    if (!err)
        err = check_family(t, family, type);
    if (err)
        return err;
    host = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, arg_int(a[2]));
    if (host < 0)
        return host_result(host);
    return install(t, host, family, type, flags);
}

static void drop(struct task *t, int fd)
{
    int err = files_close(t->files, fd);

    INVARIANT(err == 0);
}

/* Both as descriptors, or none; @host: taken */
static int install_pair(struct task *t, const int host[2], int type,
                        unsigned flags, int out[2])
{
    const struct open_file *files[2];

    out[0] = install(t, host[0], AF_UNIX, type, flags);
    if (out[0] < 0) {
        close(host[1]);
        return out[0];
    }
    out[1] = install(t, host[1], AF_UNIX, type, flags);
    if (out[1] < 0) {
        drop(t, out[0]);
        return out[1];
    }
    for (unsigned i = 0; i < 2; i++) {
        files_set_polled(t->files, out[i], flags & SOCK_G_NONBLOCK, false);
        files[i] = files_open_file(t->files, out[i]);
    }
    sock_pair(t, sock_of(files[0]), sock_of(files[1]));
    return 0;
}

int64_t sys_socketpair(struct task *t, const uint64_t a[6])
{
    int family = arg_int(a[0]), type, host[2], fd[2], err;
    unsigned flags;

    err = split_type(a[1], &type, &flags);
    if (!err && user_room(t, a[3], 8) < 8)
        err = -EFAULT;
    if (!err)
        err = check_family(t, family, type);
    if (err)
        return err;
    /* Of the others, those of the host cannot: that is its errno. */
    if (socketpair(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, arg_int(a[2]),
                   host) != 0)
        return host_result(-1);
    err = install_pair(t, host, type, flags, fd);
    if (err)
        return err;
    if (put_user32(t, a[3], (uint32_t)fd[0]) == 0 &&
        put_user32(t, a[3] + 4, (uint32_t)fd[1]) == 0)
        return 0;
    drop(t, fd[0]);
    drop(t, fd[1]);
    return -EFAULT;
}

int64_t sys_bind(struct task *t, const uint64_t a[6])
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
    if (c.sk->family == AF_UNIX)
        return unix_name_bind(t, c.sk, &name);
    return host_result(bind(c.file.fd, &name.u.any, name.len));
}

int64_t sys_listen(struct task *t, const uint64_t a[6])
{
    struct sock_call c;
    int err = sock_get(t, a[0], &c);

    if (err)
        return err;
    if (listen(c.file.fd, arg_int(a[1])) != 0)
        return host_result(-1);
    c.sk->self = sock_cred_of(t);
    return 0;
}

int64_t sys_shutdown(struct task *t, const uint64_t a[6])
{
    struct sock_call c;
    int err = sock_get(t, a[0], &c);

    return err ? err : host_result(shutdown(c.file.fd, arg_int(a[1])));
}

/* getsockname(2), getpeername(2) */
static int64_t get_name(struct task *t, const uint64_t a[6],
                        int (*host)(int, struct sockaddr *, socklen_t *))
{
    struct sock_addr name = {.len = sizeof(name.u)};
    struct sock_call c;
    int room, err = sock_get(t, a[0], &c);

    if (err)
        return err;
    if (host(c.file.fd, &name.u.any, &name.len) != 0)
        return host_result(-1);
    unix_name_to_guest(t->m, &name);
    err = sockaddr_room(t, a[2], &room);
    return err ? err : sockaddr_put(t, &name, a[1], room, a[2]);
}

static int host_sockname(int fd, struct sockaddr *a, socklen_t *len)
{
    return getsockname(fd, a, len);
}

static int host_peername(int fd, struct sockaddr *a, socklen_t *len)
{
    return getpeername(fd, a, len);
}

int64_t sys_getsockname(struct task *t, const uint64_t a[6])
{
    return get_name(t, a, host_sockname);
}

int64_t sys_getpeername(struct task *t, const uint64_t a[6])
{
    return get_name(t, a, host_peername);
}

/* ------------------------------------------------------------ socketcall */

static const struct {
    syscall_fn fn;
    unsigned nr; /* arguments */
} calls[] = {
    {NULL, 0},
    {sys_socket, 3},
    {sys_bind, 3},
    {sys_connect, 3},
    {sys_listen, 2},
    {sys_accept, 3},
    {sys_getsockname, 3},
    {sys_getpeername, 3},
    {sys_socketpair, 4},
    {sys_sendto, 4}, /* send(2) and recv(2) are calls here alone */
    {sys_recvfrom, 4},
    {sys_sendto, 6},
    {sys_recvfrom, 6},
    {sys_shutdown, 2},
    {sys_setsockopt, 5},
    {sys_getsockopt, 5},
    {sys_sendmsg, 3},
    {sys_recvmsg, 3},
    {sys_accept4, 4},
    {sys_recvmmsg, 5},
    {sys_sendmmsg, 4},
};

int64_t sys_socketcall(struct task *t, const uint64_t a[6])
{
    unsigned call = (unsigned)arg_int(a[0]);
    uint64_t raw[6] = {0}, b[6];
    int err;

    if (call < 1 || call >= sizeof(calls) / sizeof(calls[0]))
        return -EINVAL;
    err = call_import(t, raw, a[1], calls[call].nr * sizeof(*raw));
    if (err)
        return err;
    for (unsigned i = 0; i < 6; i++)
        b[i] = be64toh(raw[i]);
    return calls[call].fn(t, b);
}
