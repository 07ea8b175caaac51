// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls on sockets, with what they read and write in pages that nobody has
 * touched: nothing is lost, and nothing comes twice.  Under --stress=wait:1 all
 * these pages are waited for.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "fresh.h"
#include "run_number.h"

static void *copy(const void *what, size_t bytes)
{
    void *p = fresh(bytes);

    memcpy(p, what, bytes);
    return p;
}

static int *pair(int type)
{
    int *s = fresh(8);

    say("socketpair", socketpair(AF_UNIX, type, 0, s));
    say("  numbers", s[1] - s[0]);
    return s;
}

static void streams(void)
{
    int *s = pair(SOCK_STREAM);
    char *out = fresh(5000), *in;

    say("send zeros", send(s[0], out, 5000, 0));
    memset(out, 'x', 5000);
    say("send", send(s[0], out, 5000, 0));
    in = fresh(7000);
    say("peek", recv(s[1], in, 7000, MSG_PEEK));
    in = fresh(7000);
    say("recv", recv(s[1], in, 7000, 0));
    say("  bytes", in[4999] == 0 && in[5000] == 'x' && in[6999] == 'x');
    in = fresh(7000);
    say("read", read(s[1], in, 7000));
    say("  bytes", in[0] == 'x' && in[2999] == 'x' && in[3000] == 0);
    say("write", write(s[0], fresh(100), 100));
    in = fresh(200);
    say("send rest", send(s[0], in, 200, 0));
    say("recv all", recv(s[1], fresh(300), 300, MSG_WAITALL));
    say("nothing", recv(s[1], in, 1, MSG_DONTWAIT));
}

static void messages(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX}, *from;
    int s = socket(AF_UNIX, SOCK_DGRAM, 0), n;
    socklen_t *len = fresh(4);
    char *in;

    n = snprintf(name.sun_path + 1, 90, "adiemu-fresh-%08x",
                 run_number());
    n += (int)offsetof(struct sockaddr_un, sun_path) + 1;
    say("bind", bind(s, copy(&name, sizeof(name)), (socklen_t)n));
    say("sendto", sendto(s, fresh(3000), 3000, 0, copy(&name, sizeof(name)),
                         (socklen_t)n));
    from = fresh(sizeof(*from));
    *len = sizeof(*from);
    in = fresh(3000);
    say("recvfrom", recvfrom(s, in, 3000, 0, (void *)from, len));
    say("  from", memcmp(from, &name, (size_t)n));
    from = fresh(sizeof(*from));
    *len = sizeof(*from);
    say("getsockname", getsockname(s, (void *)from, len));
    say("  name", memcmp(from, &name, (size_t)n));
    say("zero length", getsockname(s, (void *)from, fresh(4)));
    close(s);
}

static void descriptors(void)
{
    int *s = pair(SOCK_SEQPACKET), fd, p[2];
    struct msghdr *h = fresh(sizeof(*h));
    struct iovec *part = fresh(sizeof(*part));
    struct cmsghdr *cm = fresh(CMSG_SPACE(sizeof(int)));
    char c = 0;

    pipe(p);
    *part = (struct iovec){fresh(20), 20};
    cm->cmsg_len = CMSG_LEN(sizeof(int));
    cm->cmsg_level = SOL_SOCKET;
    cm->cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(cm), &p[1], sizeof(int));
    h->msg_iov = part;
    h->msg_iovlen = 1;
    h->msg_control = cm;
    h->msg_controllen = CMSG_SPACE(sizeof(int));
    say("sendmsg", sendmsg(s[0], copy(h, sizeof(*h)), 0));
    close(p[1]);
    cm = fresh(CMSG_SPACE(sizeof(int)));
    h = copy(h, sizeof(*h));
    part = copy(part, sizeof(*part));
    part->iov_base = fresh(20);
    h->msg_iov = part;
    h->msg_control = cm;
    say("recvmsg", recvmsg(s[1], h, 0));
    say("  control", (long)h->msg_controllen);
    memcpy(&fd, CMSG_DATA(cm), sizeof(fd));
    say("  flags", h->msg_flags);
    say("write to it", write(fd, "y", 1));
    say("read", read(p[0], &c, 1));
    close(fd);
    say("read again", read(p[0], &c, 1));
}

static void many(void)
{
    int *s = pair(SOCK_DGRAM);
    struct mmsghdr *m = fresh(3 * sizeof(*m));
    struct timespec soon = {0, 1000000};

    for (int i = 0; i < 3; i++) {
        struct iovec part = {fresh(50 + (size_t)i), 50 + (size_t)i};

        m[i].msg_hdr.msg_iov = copy(&part, sizeof(part));
        m[i].msg_hdr.msg_iovlen = 1;
    }
    say("sendmmsg", sendmmsg(s[0], copy(m, 3 * sizeof(*m)), 3, 0));
    for (int i = 0; i < 3; i++) {
        struct iovec part = {fresh(51), 51};

        m[i].msg_hdr.msg_iov = copy(&part, sizeof(part));
    }
    say("recvmmsg", recvmmsg(s[1], m, 3, MSG_DONTWAIT,
                             copy(&soon, sizeof(soon))));
    say("  bytes", m[0].msg_len * 10000 + m[1].msg_len * 100 + m[2].msg_len);
    say("  flags", m[2].msg_hdr.msg_flags == MSG_TRUNC);
}

static void options(void)
{
    int s = socket(AF_UNIX, SOCK_STREAM, 0), *value = fresh(4);
    socklen_t *len = fresh(4);

    say("setsockopt", setsockopt(s, SOL_SOCKET, SO_PASSCRED, value, 4));
    *value = 1;
    say("setsockopt", setsockopt(s, SOL_SOCKET, SO_PASSCRED, value, 4));
    *len = 4;
    value = fresh(4);
    say("getsockopt", getsockopt(s, SOL_SOCKET, SO_PASSCRED, value, len));
    say("  value", *value);
    close(s);
}

static void accepts(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int s = socket(AF_UNIX, SOCK_STREAM, 0), c, n;
    struct sockaddr_un *from = fresh(sizeof(*from));
    socklen_t *len = fresh(4);

    n = snprintf(name.sun_path + 1, 90, "adiemu-fresh-%08x",
                 run_number());
    n += (int)offsetof(struct sockaddr_un, sun_path) + 1;
    bind(s, (void *)&name, (socklen_t)n);
    listen(s, 2);
    c = socket(AF_UNIX, SOCK_STREAM, 0);
    say("connect", connect(c, copy(&name, sizeof(name)), (socklen_t)n));
    *len = sizeof(*from);
    say("accept", accept(s, (void *)from, len) > 0);
    say("  family", from->sun_family);
    say("  bytes", (long)*len);
    close(c);
    close(s);
}

int main(void)
{
    streams();
    messages();
    descriptors();
    many();
    options();
    accepts();
    return 0;
}
