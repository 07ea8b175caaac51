// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sendto(2), sendmsg(2) and sendmmsg(2).
 *
 * Source: linux v6.2 net/socket.c
 */
#include <endian.h>
#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <sys/socket.h>

#include "emu/linux/call.h"
#include "emu/linux/net/cmsg.h"
#include "emu/linux/net/msghdr.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

int msghdr_import(struct task *t, uint64_t va, struct msghdr_g *out,
                  struct user_iter *it, struct iovec_g seg[static UIO_MAXIOV_G])
{
    struct msghdr_g raw;
    int64_t total;
    int err = call_import(t, &raw, va, sizeof(raw));

    if (err)
        return err;
    *out = (struct msghdr_g){.name = be64toh(raw.name),
                             .namelen = be32toh(raw.namelen),
                             .iov = be64toh(raw.iov),
                             .iovlen = be64toh(raw.iovlen),
                             .control = be64toh(raw.control),
                             .controllen = be64toh(raw.controllen),
                             .flags = be32toh(raw.flags)};
    if (!out->name)
        out->namelen = 0;
    if ((int32_t)out->namelen < 0)
        return -EINVAL;
    if (out->namelen > SOCKADDR_G_MAX)
        out->namelen = SOCKADDR_G_MAX;
    if (out->iovlen > UIO_MAXIOV_G)
        return -EMSGSIZE;
    err = call_import(t, seg, out->iov, out->iovlen * sizeof(*seg));
    if (err)
        return err;
    total = iovec_check(seg, out->iovlen);
    if (total < 0)
        return (int)total;
    *it = (struct user_iter){seg, seg + out->iovlen, (uint64_t)total};
    return 0;
}

struct user_iter msghdr_buffer(struct iovec_g *seg, uint64_t va, uint64_t len)
{
    if (len > MAX_RW_COUNT_G)
        len = MAX_RW_COUNT_G;
    *seg = (struct iovec_g){va, len};
    return (struct user_iter){seg, seg + 1, len};
}

int64_t sys_sendto(struct task *t, const uint64_t a[6])
{
    struct net_msg msg = {.flags = arg_int(a[3])};
    struct sock_call c;
    struct iovec_g seg;
    int err = sock_get(t, a[0], &c);

    if (!err && a[4])
        err = sockaddr_import(t, a[4], arg_int(a[5]), &msg.name);
    if (err)
        return err;
    msg.it = msghdr_buffer(&seg, a[1], a[2]);
    msg.nonblock = c.file.nonblock;
    return sock_send(t, &c, &msg);
}

/* What a message carries is looked up once, at its first try. */
static int get_control(struct task *t, const struct sock_call *c,
                       const struct msghdr_g *h, struct net_call *net,
                       struct net_msg *msg)
{
    struct scm kept = net->scm;
    int err = 0;

    if (!h->control)
        return 0;
    if (net->has_scm && c->sk->family == AF_UNIX) {
        msg->scm = &net->scm;
        return 0;
    }
    net->scm = (struct scm){0};
    scm_put(&kept);
    err = cmsg_import(t, c, h->control, h->controllen, net, msg);
    net->has_scm = err == 0;
    msg->scm = &net->scm;
    return err;
}

/* ____sys_sendmsg() */
static int64_t send_one(struct task *t, const struct sock_call *c, uint64_t va,
                        int flags)
{
    alignas(struct cmsghdr) uint8_t control[NET_CONTROL_BYTES];
    struct net_msg msg = {
        .flags = flags, .nonblock = c->file.nonblock, .control = control};
    struct net_call *net = net_call_get(t);
    struct iovec_g seg[UIO_MAXIOV_G];
    struct msghdr_g h;
    int err = net ? 0 : -ENOMEM;

    if (!err)
        err = msghdr_import(t, va, &h, &msg.it, seg);
    if (!err && h.namelen)
        err = sockaddr_import(t, h.name, (int)h.namelen, &msg.name);
    if (!err)
        err = get_control(t, c, &h, net, &msg);
    return err ? err : sock_send(t, c, &msg);
}

int64_t sys_sendmsg(struct task *t, const uint64_t a[6])
{
    struct sock_call c;
    int err = sock_get(t, a[0], &c);

    return err ? err : send_one(t, &c, a[1], arg_int(a[2]));
}

int64_t sys_sendmmsg(struct task *t, const uint64_t a[6])
{
    uint32_t nr = (uint32_t)a[2];
    struct net_call *net;
    struct sock_call c;
    int64_t value = sock_get(t, a[0], &c);

    if (value)
        return value;
    net = net_call_get(t);
    if (!net)
        return -ENOMEM;
    if (nr > UIO_MAXIOV_G)
        nr = UIO_MAXIOV_G;
    while (net->nr_done < nr) {
        uint64_t va = a[1] + net->nr_done * sizeof(struct mmsghdr_g);

        value = send_one(t, &c, va, arg_int(a[3]));
        if (value < 0 || user_waits(t))
            break;
        value = put_user32(t, va + offsetof(struct mmsghdr_g, len),
                           (uint32_t)value);
        if (value)
            break;
        net->nr_done++;
        net_call_reset(net);
        t->wait.done = 0;
    }
    if (value == TASK_WAITS || net->nr_done == 0)
        return value;
    return net->nr_done;
}
