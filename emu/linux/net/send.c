// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "emu/linux/call.h"
#include "emu/linux/fs/file_ops.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/net/abi_net.h"
#include "emu/linux/net/transfer.h"
#include "emu/linux/net/unix_name.h"
#include "emu/linux/path/path.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

/* What the host is asked for, too. */
#define SENT_FLAGS (MSG_OOB | MSG_DONTROUTE | MSG_EOR | MSG_CONFIRM | MSG_MORE)

/* Where a message of this socket goes. */
struct target {
    struct unix_target to; /* of AF_UNIX, with a name */
    bool inside;
    const struct sock *peer; /* NULL: not known */
};

/* The control messages of the host. */
struct control {
    union {
        struct cmsghdr align;
        uint8_t bytes[NET_CONTROL_BYTES];
    } u;
    size_t len;
    int token; /* owned; -1: none */
};

static int find_target(struct task *t, const struct sock_call *c,
                       const struct net_msg *msg, struct target *out)
{
    int err = sock_check_name(t, c->sk, &msg->name);

    *out = (struct target){.to = {.host = msg->name, .fd = -1},
                           .inside = c->sk->inside,
                           .peer = c->sk->peer};
    if (err)
        return err;
    if (c->sk->family != AF_UNIX || msg->name.len == 0 ||
        c->sk->type != SOCK_DGRAM)
        return 0;
    err = unix_name_find(t, c->sk->type, &msg->name, &out->to);
    out->peer = out->to.sk;
    out->inside = out->peer != NULL;
    return err;
}

static void put_rights(struct control *out, const int *fds, unsigned nr)
{
    struct cmsghdr *cm = &out->u.align;

    *cm = (struct cmsghdr){.cmsg_len = CMSG_LEN(nr * sizeof(*fds)),
                           .cmsg_level = SOL_SOCKET,
                           .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(cm), fds, nr * sizeof(*fds));
    out->len = CMSG_SPACE(nr * sizeof(*fds));
}

/* Descriptors for a process of the host: only files that it can use as well. */
static int put_outside(struct task *t, const struct scm *scm,
                       struct control *out)
{
    int fds[SCM_G_MAX_FD];

    for (unsigned i = 0; i < scm->nr; i++) {
        if (!open_file_ops(scm->files[i])->splice_read) {
            warn_once(t, LOG_SYSCALL,
                      "unsupported: a file that the machine makes, sent to a "
                      "process of the host");
            return -EINVAL;
        }
        fds[i] = open_file_host(scm->files[i]);
    }
    if (scm->nr)
        put_rights(out, fds, scm->nr);
    return 0;
}

/* maybe_add_creds(), with real ids as scm_set_cred() has them */
static void add_cred(const struct task *t, const struct sock_call *c,
                     const struct target *to, struct scm *scm)
{
    if (scm->has_cred || (!c->sk->passcred && to->peer && !to->peer->passcred))
        return;
    scm->has_cred = true;
    scm->cred =
        (struct sock_cred){t->process->pid, t->cred.uid.real, t->cred.gid.real};
}

/* @first: descriptors go with the first bytes */
static int make_control(struct task *t, const struct sock_call *c,
                        const struct target *to, const struct net_msg *msg,
                        bool first, struct control *out)
{
    struct scm scm = {0};

    out->len = 0;
    out->token = -1;
    if (c->sk->family != AF_UNIX) {
        if (msg->control_len)
            memcpy(out->u.bytes, msg->control, msg->control_len);
        out->len = msg->control_len;
        return 0;
    }
    if (msg->scm)
        scm = *msg->scm;
    if (!first)
        scm.nr = 0;
    if (!to->inside)
        return put_outside(t, &scm, out);
    add_cred(t, c, to, &scm);
    if (scm.nr == 0 && !scm.has_cred)
        return 0;
    out->token = flight_begin(t->m, &scm);
    if (out->token < 0)
        return out->token;
    put_rights(out, &out->token, 1);
    return 0;
}

/* One call of the host, of @len bytes in the bounce buffer; -errno. */
static int64_t send_some(struct task *t, const struct sock_call *c,
                         struct target *to, const struct net_msg *msg,
                         bool first, size_t len)
{
    struct iovec bytes = {t->m->bounce, len};
    struct control control;
    struct msghdr h = {.msg_iov = &bytes, .msg_iovlen = 1};
    int64_t n = make_control(t, c, to, msg, first, &control);

    if (n)
        return n;
    if (to->to.host.len) {
        h.msg_name = &to->to.host.u;
        h.msg_namelen = to->to.host.len;
    }
    if (control.len) {
        h.msg_control = &control.u;
        h.msg_controllen = control.len;
    }
    do {
        n = sendmsg(c->file.fd, &h,
                    (msg->flags & SENT_FLAGS) | MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (n < 0 && host_retry(t));
    n = host_result(n);
    if (control.token >= 0) {
        close(control.token);
        if (n <= 0)
            flights_reap(t->m);
    }
    return n;
}

static bool must_not_wait(const struct net_msg *msg)
{
    return msg->nonblock || msg->flags & MSG_DONTWAIT;
}

static int64_t again_from(struct task *t, const struct sock_call *c,
                          int64_t done)
{
    int err = call_hold(t, c->file.guest);

    t->wait.done = (uint64_t)done;
    return err ? err : TASK_WAITS;
}

static int64_t wait_room(struct task *t, const struct sock_call *c,
                         const struct net_msg *msg, int64_t done)
{
    int64_t value =
        sock_wait(t, c, POLLOUT, must_not_wait(msg), c->sk->sndtimeo);

    t->wait.done = (uint64_t)done;
    return value == TASK_WAITS || done == 0 ? value : done;
}

/* unix_stream_sendmsg(), tcp_sendmsg(): bytes that fault stay, with those that
 * would go together with them. */
static int64_t send_stream(struct task *t, const struct sock_call *c,
                           struct target *to, struct net_msg *msg)
{
    int64_t done = (int64_t)t->wait.done, n;

    iter_skip(&msg->it, t->wait.done);
    do {
        size_t want = iter_chunk(&msg->it);
        size_t got = iter_copy(t, &msg->it, want, NULL);

        if (user_waits(t))
            return again_from(t, c, done);
        /* A socket that takes nothing comes before a bad buffer. */
        n = send_some(t, c, to, msg, done == 0, got < want ? 0 : want);
        if (n == -EPIPE && done == 0 && !(msg->flags & MSG_NOSIGNAL))
            rw_sigpipe(t);
        if (n == -EAGAIN)
            return wait_room(t, c, msg, done);
        if (n >= 0 && got < want)
            n = -EFAULT;
        if (n < 0)
            return done ? done : n;
        done += n;
        if ((size_t)n < want)
            return wait_room(t, c, msg, done);
    } while (msg->it.left > 0 && !host_stop(t));
    return done;
}

/* Is the host ready for more, and only the receiver's queue is full? */
static bool has_room(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    return poll(&p, 1, 0) == 1 && p.revents & POLLOUT;
}

/* Of one message, whatever its bytes are. */
static size_t most_bytes(const struct sock_call *c)
{
    socklen_t len = sizeof(int);
    int size;

    if (c->sk->family != AF_UNIX)
        return UINT16_MAX;
    if (getsockopt(c->file.fd, SOL_SOCKET, SO_SNDBUF, &size, &len) != 0 ||
        (uint64_t)size > BOUNCE_BYTES)
        return BOUNCE_BYTES;
    return size > 32 ? (size_t)size - 32 : 0;
}

static int64_t send_message(struct task *t, const struct sock_call *c,
                            struct target *to, struct net_msg *msg)
{
    struct user_iter it = msg->it;
    size_t want = it.left;
    int64_t n;

    if (want > most_bytes(c))
        return -EMSGSIZE;
    if (iter_copy(t, &it, want, NULL) < want)
        return -EFAULT;
    n = send_some(t, c, to, msg, true, want);
    if (n != -EAGAIN)
        return n;
    return has_room(c->file.fd)
               ? sock_wait_look(t, c, must_not_wait(msg), c->sk->sndtimeo)
               : sock_wait(t, c, POLLOUT, must_not_wait(msg), c->sk->sndtimeo);
}

int64_t sock_send(struct task *t, const struct sock_call *c,
                  struct net_msg *msg)
{
    struct target to;
    int64_t n;

    if (msg->flags & MSG_FASTOPEN) {
        warn_once(t, LOG_SYSCALL, "unsupported: MSG_FASTOPEN");
        return -EOPNOTSUPP;
    }
    n = find_target(t, c, msg, &to);
    if (n == 0)
        n = c->sk->type == SOCK_STREAM ? send_stream(t, c, &to, msg)
                                       : send_message(t, c, &to, msg);
    unix_name_put(&to.to);
    return n;
}
