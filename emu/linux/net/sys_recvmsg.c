// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * recvfrom(2), recvmsg(2) and recvmmsg(2).
 *
 * Source: linux v6.2 net/socket.c
 */
#include <endian.h>
#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <sys/socket.h>

#include "emu/linux/abi_file.h"
#include "emu/linux/net/cmsg.h"
#include "emu/linux/net/msghdr.h"
#include "emu/linux/poll/poll.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"

#define MMSG_LEN_OFFSET offsetof(struct mmsghdr_g, len)

/* A message that is there is not to be waited with. */
static bool fault_in(struct task *t, uint64_t va, uint64_t len)
{
    return !va || !len || user_fault_in(t, va, len, ACCESS_WRITE);
}

int64_t sys_recvfrom(struct task *t, const uint64_t a[6])
{
    struct net_msg msg = {.flags = arg_int(a[3])};
    struct sock_call c;
    struct iovec_g seg;
    int room = 0, bad = 0, err = sock_get(t, a[0], &c);
    int64_t n;

    if (err)
        return err;
    if (a[4]) /* Linux looks when the message is there */
        bad = sockaddr_room(t, a[5], &room);
    if (user_waits(t) || !fault_in(t, a[4], (uint64_t)(room > 0 ? room : 0)))
        return -EFAULT;
    msg.it = msghdr_buffer(&seg, a[1], a[2]);
    msg.nonblock = c.file.nonblock;
    n = sock_recv(t, &c, &msg);
    if (n < 0 || !a[4])
        return n;
    if (!bad)
        bad = sockaddr_put(t, &msg.name, a[4], room, a[5]);
    return bad ? bad : n;
}

/* What of the header says how it went. */
static int put_header(struct task *t, uint64_t va, const struct msghdr_g *h,
                      struct net_msg *msg, const struct cmsg_out *out)
{
    uint64_t flags_va = va + offsetof(struct msghdr_g, flags);
    uint64_t control_va = va + offsetof(struct msghdr_g, controllen);
    uint64_t used = out->va - h->control;
    int flags = msg->out_flags | (out->cut ? MSG_CTRUNC : 0) |
                (msg->flags & MSG_CMSG_CLOEXEC);
    int err = 0;

    if (h->name)
        err = sockaddr_put(t, &msg->name, h->name, (int)h->namelen,
                           va + offsetof(struct msghdr_g, namelen));
    if (!err)
        err = put_user32(t, flags_va, (uint32_t)flags);
    return err ? err : put_user64(t, control_va, used);
}

/* ____sys_recvmsg() */
static int64_t recv_one(struct task *t, const struct sock_call *c, uint64_t va,
                        int flags)
{
    alignas(struct cmsghdr) uint8_t control[NET_CONTROL_BYTES];
    struct net_msg msg = {
        .flags = flags, .nonblock = c->file.nonblock, .control = control};
    struct iovec_g seg[UIO_MAXIOV_G];
    struct cmsg_out out;
    struct msghdr_g h;
    int64_t n;
    int err = msghdr_import(t, va, &h, &msg.it, seg);

    if (err)
        return err;
    if (!fault_in(t, va, sizeof(h)) || !fault_in(t, h.name, h.namelen) ||
        !fault_in(t, h.control,
                  h.controllen < OPTMEM_G_MAX ? h.controllen : OPTMEM_G_MAX))
        return -EFAULT;
    out = (struct cmsg_out){.va = h.control,
                            .left = h.controllen,
                            .cloexec = flags & MSG_CMSG_CLOEXEC};
    n = sock_recv(t, c, &msg);
    if (n < 0 || user_waits(t))
        return n;
    cmsg_put_all(t, c, net_call_get(t), &msg, &out);
    err = put_header(t, va, &h, &msg, &out);
    return err ? err : n;
}

int64_t sys_recvmsg(struct task *t, const uint64_t a[6])
{
    struct sock_call c;
    int err = sock_get(t, a[0], &c);

    return err ? err : recv_one(t, &c, a[1], arg_int(a[2]));
}

/* The timeout of recvmmsg(): looked at after each message. */
static bool is_late(struct task *t, uint64_t ns, uint64_t *left)
{
    struct net_call *net = t->wait.call.net;
    uint64_t now = clock_now(t->m);

    *left = net->deadline > now ? net->deadline - now : 0;
    return ns != FOREVER && *left == 0;
}

static int64_t recv_many(struct task *t, const struct sock_call *c,
                         const uint64_t a[6], uint64_t ns, uint64_t *left)
{
    struct net_call *net = t->wait.call.net;
    uint32_t nr = (uint32_t)a[2];
    int flags = arg_int(a[3]);

    while (net->nr_done < nr) {
        uint64_t va = a[1] + net->nr_done * sizeof(struct mmsghdr_g);
        int64_t value;

        if (flags & MSG_WAITFORONE && net->nr_done)
            flags |= MSG_DONTWAIT;
        value = recv_one(t, c, va, flags & ~MSG_WAITFORONE);
        if (value == TASK_WAITS || user_waits(t))
            return value;
        if (value >= 0)
            value = put_user32(t, va + MMSG_LEN_OFFSET, (uint32_t)value);
        if (value < 0)
            return net->nr_done ? net->nr_done : value;
        net->nr_done++;
        net_call_reset(net);
        t->wait.done = 0;
        if (is_late(t, ns, left))
            break;
    }
    return net->nr_done;
}

int64_t sys_recvmmsg(struct task *t, const uint64_t a[6])
{
    struct net_call *net = net_call_get(t);
    struct timespec_g raw;
    uint64_t ns, left = 0;
    struct sock_call c;
    int64_t value;
    int err = poll_get_timeout(t, a[4], false, &ns);

    if (!err)
        err = net ? sock_get(t, a[0], &c) : -ENOMEM;
    if (err)
        return err;
    if (ns != FOREVER && !net->deadline) {
        clock_start(t->m);
        net->deadline = clock_now(t->m) + ns;
    }
    value = recv_many(t, &c, a, ns, &left);
    if (value <= 0 || ns == FOREVER)
        return value;
    raw =
        (struct timespec_g){htobe64(left / NS_PER_S), htobe64(left % NS_PER_S)};
    return copy_to_user(t, a[4], &raw, sizeof(raw)) ? -EFAULT : value;
}
