// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/linux/call.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/net/abi_net.h"
#include "emu/linux/net/transfer.h"
#include "emu/linux/net/unix_name.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/uaccess.h"

/* What the host is asked for, too. */
#define TAKEN_FLAGS (MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_ERRQUEUE)

#define OVERFLOW_ID 65534 /* of a message without credentials */

/* ------------------------------------------------------- what call keeps */

struct net_call *net_call_get(struct task *t)
{
    if (!t->wait.call.net)
        t->wait.call.net = calloc(1, sizeof(struct net_call));
    return t->wait.call.net;
}

void net_call_reset(struct net_call *call)
{
    scm_put(&call->scm);
    for (unsigned i = 0; i < call->nr_outside; i++)
        close(call->outside[i]);
    free(call->outside);
    call->outside = NULL;
    call->nr_outside = 0;
    call->has_scm = false;
}

void net_call_free(struct net_call *call)
{
    if (call)
        net_call_reset(call);
    free(call);
}

/* ------------------------------------------------ control messages, AF_UNIX */

/* One of the host. */
struct incoming {
    struct msghdr h;
    union {
        struct cmsghdr align;
        uint8_t bytes[NET_CONTROL_BYTES];
    } control;
    bool token; /* it came from inside, with more than bytes */
};

/* They are nobody's in this machine. */
static int keep_outside(struct net_call *net, const int *fds, unsigned nr)
{
    int *all = realloc(net->outside, (net->nr_outside + nr) * sizeof(*all));

    if (!all) {
        for (unsigned i = 0; i < nr; i++)
            close(fds[i]);
        return -ENOMEM;
    }
    memcpy(all + net->nr_outside, fds, nr * sizeof(*all));
    net->outside = all;
    net->nr_outside += nr;
    return 0;
}

static int take_rights(struct task *t, struct net_call *net,
                       const struct cmsghdr *cm, struct incoming *in)
{
    unsigned nr = (unsigned)((cm->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    const struct scm *scm;
    int fds[SCM_G_MAX_FD], err;

    memcpy(fds, CMSG_DATA(cm), nr * sizeof(int));
    if (nr != 1 || !flight_arrived(t->m, fds[0], &scm))
        return keep_outside(net, fds, nr);
    in->token = true;
    scm_put(&net->scm);
    err = scm_get(&net->scm, scm);
    flights_reap(t->m);
    return err;
}

/* What the host says of who has sent it: somebody else, or this machine, which
 * then says it better. */
static void take_cred(struct net_call *net, const struct cmsghdr *cm)
{
    struct ucred cred;

    memcpy(&cred, CMSG_DATA(cm), sizeof(cred));
    if (net->scm.has_cred)
        return;
    net->scm.has_cred = true;
    net->scm.cred = cred.pid == getpid()
                        ? (struct sock_cred){0, OVERFLOW_ID, OVERFLOW_ID}
                        : (struct sock_cred){0, cred.uid, cred.gid};
}

static int take_unix_control(struct task *t, struct net_call *net,
                             struct incoming *in)
{
    const struct cmsghdr *cred = NULL;
    struct cmsghdr *cm;
    int err = 0;

    for (cm = CMSG_FIRSTHDR(&in->h); cm; cm = CMSG_NXTHDR(&in->h, cm)) {
        if (cm->cmsg_level != SOL_SOCKET)
            continue;
        if (cm->cmsg_type == SCM_RIGHTS) {
            int bad = take_rights(t, net, cm, in);

            err = err ? err : bad;
        } else if (cm->cmsg_type == SCM_CREDENTIALS) {
            cred = cm;
        }
    }
    if (cred)
        take_cred(net, cred);
    return err;
}

/* ----------------------------------------------------------- one message */

/* One call of the host, of up to @want bytes into the bounce buffer; -errno. */
static int64_t recv_some(struct task *t, const struct sock_call *c,
                         struct net_msg *msg, size_t want, struct incoming *in)
{
    struct iovec bytes = {t->m->bounce, want};
    int flags = (msg->flags & TAKEN_FLAGS) | MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
    int64_t n;
    int err;

    in->token = false;
    in->h = (struct msghdr){.msg_name = &msg->name.u,
                            .msg_namelen = sizeof(msg->name.u),
                            .msg_iov = &bytes,
                            .msg_iovlen = 1,
                            .msg_control = &in->control,
                            .msg_controllen = sizeof(in->control)};
    do {
        n = recvmsg(c->file.fd, &in->h, flags);
    } while (n < 0 && host_retry(t));
    if (n < 0)
        return host_result(n);
    msg->name.len = in->h.msg_namelen;
    unix_name_to_guest(t->m, &msg->name);
    msg->out_flags = in->h.msg_flags & ~MSG_CMSG_CLOEXEC;
    if (c->sk->family == AF_UNIX) {
        err = take_unix_control(t, net_call_get(t), in);
        return err ? err : n;
    }
    msg->control_len = 0;
    if (msg->control) {
        memcpy(msg->control, &in->control, in->h.msg_controllen);
        msg->control_len = in->h.msg_controllen;
    }
    return n;
}

static bool may_wait(const struct net_msg *msg)
{
    return !msg->nonblock &&
           !(msg->flags & (MSG_DONTWAIT | MSG_ERRQUEUE | MSG_OOB));
}

static int64_t wait_more(struct task *t, const struct sock_call *c,
                         const struct net_msg *msg)
{
    return sock_wait(t, c, POLLIN, !may_wait(msg), c->sk->rcvtimeo);
}

/* ---------------------------------------------------------------- streams */

/*
 * As many bytes as are there and have a place: the host takes none back.  None
 * there: one, in order to hear why.  Mostly there is a place for all, and the
 * host is not asked how many there are.
 */
static int64_t limit_to_room(struct task *t, const struct sock_call *c,
                             const struct net_msg *msg, size_t *want)
{
    size_t there = 0;
    int n;

    if (*want == 0 || iter_at_hand(t, &msg->it, *want))
        return 0;
    if (!(msg->flags & MSG_OOB) && ioctl(c->file.fd, FIONREAD, &n) == 0 &&
        n > 0)
        there = (size_t)n;
    if (there == 0)
        there = 1;
    if (there > *want)
        there = *want;
    *want = there;
    return iter_room(t, &msg->it, there) < there ? -EFAULT : 0;
}

/* Was the next message of the stream sent by the same as what is here? */
static bool same_sender(struct task *t, const struct sock_call *c,
                        const struct net_call *net)
{
    struct net_msg next = {.flags = MSG_PEEK};
    struct net_call *own = t->wait.call.net, peeked = {0};
    struct incoming in;
    bool same;

    t->wait.call.net = &peeked;
    same = recv_some(t, c, &next, 1, &in) > 0 &&
           peeked.scm.has_cred == net->scm.has_cred &&
           memcmp(&peeked.scm.cred, &net->scm.cred, sizeof(net->scm.cred)) == 0;
    t->wait.call.net = own;
    net_call_reset(&peeked);
    return same;
}

/* Does a read of @done bytes go on? */
static bool goes_on(struct task *t, const struct sock_call *c,
                    const struct net_msg *msg, const struct incoming *in,
                    bool more)
{
    const struct net_call *net = t->wait.call.net;

    if (msg->it.left == 0 || msg->flags & (MSG_PEEK | MSG_OOB | MSG_ERRQUEUE))
        return false;
    if (net && (net->scm.nr || net->nr_outside))
        return false;
    if (!more && !in->token)
        return false;
    /* unix_skb_scm_eq() */
    return !c->sk->passcred || !net || same_sender(t, c, net);
}

static int64_t again_from(struct task *t, const struct sock_call *c,
                          int64_t done)
{
    int err = call_hold(t, c->file.guest);

    t->wait.done = (uint64_t)done;
    return err ? err : TASK_WAITS;
}

/* sock_rcvlowat(): are @done of @all bytes as many as the caller waits for? */
static bool enough(const struct sock_call *c, const struct net_msg *msg,
                   int64_t all, int64_t done)
{
    socklen_t len = sizeof(int);
    int low;

    if (done == 0 || done >= all)
        return done > 0;
    if (msg->flags & MSG_WAITALL)
        return false;
    return getsockopt(c->file.fd, SOL_SOCKET, SO_RCVLOWAT, &low, &len) != 0 ||
           low <= done;
}

/* Nothing is there. */
static int64_t stream_is_empty(struct task *t, const struct sock_call *c,
                               const struct net_msg *msg, int64_t all,
                               int64_t done)
{
    int64_t value;

    if (enough(c, msg, all, done))
        return done;
    value = wait_more(t, c, msg);
    t->wait.done = (uint64_t)done;
    return value == TASK_WAITS || done == 0 ? value : done;
}

/* unix_stream_read_generic(), tcp_recvmsg() */
static int64_t recv_stream(struct task *t, const struct sock_call *c,
                           struct net_msg *msg)
{
    int64_t all = (int64_t)msg->it.left, done = (int64_t)t->wait.done, n;
    const uint64_t from = 0;
    struct incoming in;

    iter_skip(&msg->it, t->wait.done);
    do {
        size_t want = iter_chunk(&msg->it), got;

        n = msg->flags & MSG_PEEK ? 0 : limit_to_room(t, c, msg, &want);
        if (user_waits(t))
            return again_from(t, c, done);
        if (n == 0)
            n = recv_some(t, c, msg, want, &in);
        if (n == -EAGAIN)
            return stream_is_empty(t, c, msg, all, done);
        if (n <= 0)
            return done ? done : n;
        if (msg->flags & MSG_TRUNC && c->sk->family != AF_UNIX)
            return n; /* they are gone, and went nowhere */
        got = iter_copy(t, &msg->it, (size_t)n, &from);
        if (got < (size_t)n)
            return done ? done : -EFAULT;
        done += n;
    } while (goes_on(t, c, msg, &in, !enough(c, msg, all, done)));
    return done;
}

/* --------------------------------------------------------------- messages */

/* unix_dgram_recvmsg(), udp_recvmsg(): a message that faults is lost. */
static int64_t recv_message(struct task *t, const struct sock_call *c,
                            struct net_msg *msg)
{
    const uint64_t from = 0;
    size_t want = iter_chunk(&msg->it), there;
    struct incoming in;
    int64_t n = recv_some(t, c, msg, want, &in);

    if (n == -EAGAIN)
        return may_wait(msg) && sock_is_shut(c->sk) ? 0 : wait_more(t, c, msg);
    if (n < 0)
        return n;
    if (c->sk->family == AF_UNIX)
        sock_wake_lookers(t->m);
    there = (size_t)n < want ? (size_t)n : want;
    if (iter_copy(t, &msg->it, there, &from) < there)
        return -EFAULT;
    return n;
}

int64_t sock_recv(struct task *t, const struct sock_call *c,
                  struct net_msg *msg)
{
    if (!net_call_get(t))
        return -ENOMEM;
    return c->sk->type == SOCK_STREAM ? recv_stream(t, c, msg)
                                      : recv_message(t, c, msg);
}
