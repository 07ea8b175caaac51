// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/net/sock.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/linux/call.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/net/flight.h"
#include "emu/linux/net/sockaddr.h"
#include "emu/linux/path/confine.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/syscall.h"

/* Who has connected from inside and was not accepted yet. */
struct sock_pending {
    struct sock_cred cred;
    struct sock *client; /* borrowed; NULL: closed */
    struct sock_pending *next;
};

int sock_check_name(const struct task *t, const struct sock *sk,
                    const struct sock_addr *name)
{
    const struct confine *c = t->m->confine;

    if (!c || name->len == 0)
        return 0;
    /* Of those that adiemu was given, as by inetd. */
    if (sk->family != AF_UNIX)
        return -EACCES;
    if (name->u.any.sa_family == AF_UNIX && !confine_abstract(c) &&
        (name->len <= offsetof(struct sockaddr_un, sun_path) ||
         !name->u.un.sun_path[0]))
        return -EPERM; /* hook_unix_stream_connect() of Landlock */
    return 0;
}

int sock_get(struct task *t, uint64_t guest, struct sock_call *out)
{
    int err = rw_get_file(t, guest, &out->file);

    if (err)
        return err;
    out->sk = sock_of(out->file.file);
    return out->sk ? 0 : -ENOTSOCK;
}

struct sock *sock_create(struct machine *m, int host, int family, int type)
{
    struct sock *sk = malloc(sizeof(*sk));

    if (!sk)
        return NULL;
    *sk = (struct sock){.m = m,
                        .host = host,
                        .family = family,
                        .type = type,
                        .rcvtimeo = FOREVER,
                        .sndtimeo = FOREVER};
    DL_APPEND(m->socks, sk);
    return sk;
}

void sock_destroy(struct sock *sk)
{
    struct sock_pending *p, *next;
    struct machine *m = sk->m;
    struct sock *i;

    DL_DELETE(m->socks, sk);
    DL_FOREACH(m->socks, i) {
        if (i->peer == sk)
            i->peer = NULL;
        LL_FOREACH(i->pending, p) {
            if (p->client == sk)
                p->client = NULL;
        }
    }
    LL_FOREACH_SAFE(sk->pending, p, next) {
        free(p);
    }
    free(sk->guest_name);
    free(sk->host_name);
    free(sk);
    /* Its queue has gone with it. */
    flights_reap(m);
    sock_wake_lookers(m);
}

/* ----------------------------------------------------------------- waiting */

static struct wait_results results_of(uint64_t timeo)
{
    /* sock_intr_errno(): a timeout would begin anew */
    return (struct wait_results){.on_signal =
                                     timeo == FOREVER ? -ERESTARTSYS_G : -EINTR,
                                 .on_timeout = -EAGAIN};
}

/* @p: of the host; NULL: it tells nothing */
static int64_t wait_for(struct task *t, const struct sock_call *c,
                        const struct pollfd *p, bool nonblock, uint64_t timeo)
{
    int err;

    if (nonblock)
        return -EAGAIN;
    err = call_hold(t, c->file.guest);
    if (err)
        return err;
    return sched_wait_fds(t, p, p ? 1 : 0, p && c->file.outside, timeo,
                          results_of(timeo));
}

int64_t sock_wait(struct task *t, const struct sock_call *c, short events,
                  bool nonblock, uint64_t timeo)
{
    struct pollfd p = {.fd = c->file.fd, .events = events};

    return wait_for(t, c, &p, nonblock, timeo);
}

int64_t sock_wait_look(struct task *t, const struct sock_call *c, bool nonblock,
                       uint64_t timeo)
{
    int64_t value = wait_for(t, c, NULL, nonblock, timeo);

    if (value == TASK_WAITS)
        t->wait.look_again = true;
    return value;
}

bool sock_is_shut(const struct sock *sk)
{
    struct pollfd p = {.fd = sk->host, .events = POLLRDHUP};

    return poll(&p, 1, 0) == 1 && p.revents & POLLRDHUP;
}

void sock_wake_lookers(struct machine *m)
{
    struct task *t;

    DL_FOREACH(m->tasks, t) {
        if (t->wait.look_again)
            sched_wake(t, WAIT_FDS);
    }
}

/* ------------------------------------------------------------ who is there */

struct sock_cred sock_cred_of(const struct task *t)
{
    return (struct sock_cred){t->process->pid, t->cred.uid.effective,
                              t->cred.gid.effective};
}

/* Is the other end, as the host knows it, this machine? */
static bool is_inside(const struct sock *sk)
{
    struct ucred cred;
    socklen_t len = sizeof(cred);

    return getsockopt(sk->host, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
           cred.pid == getpid();
}

int sock_connected(struct task *t, struct sock *sk, struct sock *to)
{
    struct sock_pending *p;

    if (sk->type == SOCK_DGRAM) {
        sk->inside = to != NULL;
        sk->peer = to;
        return 0;
    }
    sk->inside = to && is_inside(sk);
    if (!sk->inside)
        return 0;
    sk->self = sock_cred_of(t);
    sk->peer_cred = to->self;
    p = malloc(sizeof(*p));
    if (!p)
        return -ENOMEM;
    *p = (struct sock_pending){.cred = sk->self, .client = sk};
    LL_APPEND(to->pending, p);
    return 0;
}

void sock_accepted(struct sock *listener, struct sock *new)
{
    struct sock_pending *p = listener->pending;

    if (listener->family != AF_UNIX)
        return;
    new->passcred = listener->passcred;
    new->self = listener->self;
    if (!p || !is_inside(new))
        return;
    new->inside = true;
    new->peer_cred = p->cred;
    new->peer = p->client;
    if (p->client)
        p->client->peer = new;
    LL_DELETE(listener->pending, p);
    free(p);
}

void sock_pair(struct task *t, struct sock *a, struct sock *b)
{
    a->peer = b;
    b->peer = a;
    a->inside = b->inside = true;
    a->self = b->self = a->peer_cred = b->peer_cred = sock_cred_of(t);
}
