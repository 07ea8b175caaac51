// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/inet_sockets.c - TCP and UDP between processes, over loopback
 *
 * Catches an address or a number in the wrong order of bytes, a connection that
 * stops the others, bytes that are lost, and wrong errors.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include "process.h"
#include "try.h"

#define DATA 3000000

static union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 six;
} addr;

static socklen_t addr_len;

static void loopback(int family)
{
    memset(&addr, 0, sizeof(addr));
    addr.any.sa_family = family;
    if (family == AF_INET)
        addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        addr.six.sin6_addr = in6addr_loopback;
    addr_len = family == AF_INET ? sizeof(addr.in) : sizeof(addr.six);
}

static void show(const union address *a, socklen_t len)
{
    char text[100] = "?";

    inet_ntop(a->any.sa_family,
              a->any.sa_family == AF_INET ? (void *)&a->in.sin_addr
                                          : (void *)&a->six.sin6_addr,
              text, sizeof(text));
    printf("  family %d, %s, %d bytes, port %d\n", a->any.sa_family, text,
           (int)len, a->in.sin_port != 0);
}

/* Bound to loopback, any port; the address is in @addr. */
static int bound(int family, int type)
{
    int s = socket(family, type, 0);

    loopback(family);
    EXPECT(s >= 0 && bind(s, &addr.any, addr_len) == 0);
    EXPECT(getsockname(s, &addr.any, &addr_len) == 0);
    return s;
}

static unsigned char data[DATA];

static uint64_t pattern(void)
{
    uint64_t state = 99;

    for (int i = 0; i < DATA; i++)
        data[i] = next_random(&state);
    return fold_bytes(FOLD_START, data, DATA);
}

/* Sends all, then hears the checksum. */
static int client(long unused)
{
    int s = socket(addr.any.sa_family, SOCK_STREAM, 0);
    uint64_t h = pattern();
    char text[20];
    long n;

    (void)unused;
    EXPECT(connect(s, &addr.any, addr_len) == 0);
    for (long at = 0; at < DATA; at += n)
        EXPECT((n = write(s, data + at, DATA - at)) > 0);
    EXPECT(shutdown(s, SHUT_WR) == 0);
    sprintf(text, "%016llx", (unsigned long long)h);
    char theirs[17] = "";
    EXPECT(recv(s, theirs, 16, MSG_WAITALL) == 16);
    EXPECT(read(s, theirs, 1) == 0);
    return strcmp(text, theirs) == 0 ? 6 : 7;
}

static void tcp(int family)
{
    int s = bound(family, SOCK_STREAM), c;
    union address peer, own;
    socklen_t len = sizeof(peer), own_len = sizeof(own);
    uint64_t h = FOLD_START;
    char buf[10000];
    long n, all = 0;
    pid_t pid;

    printf("tcp %d\n", family);
    TRY(listen(s, 3));
    show(&addr, addr_len);
    pid = spawn(client, 0);
    c = accept4(s, &peer.any, &len, SOCK_CLOEXEC);
    EXPECT(c >= 0);
    show(&peer, len);
    EXPECT(getsockname(c, &own.any, &own_len) == 0);
    printf("  same port: %d\n", own.in.sin_port == addr.in.sin_port);
    while ((n = read(c, buf, sizeof(buf))) > 0) {
        h = fold_bytes(h, buf, n);
        all += n;
    }
    sprintf(buf, "%016llx", (unsigned long long)h);
    EXPECT(write(c, buf, 16) == 16);
    close(c);
    printf("  %ld bytes, client %d\n", all, reap(pid));
    close(s);
    s = socket(family, SOCK_STREAM, 0);
    TRY(connect(s, &addr.any, addr_len));
    close(s);
}

static void udp(int family)
{
    int a = bound(family, SOCK_DGRAM), b, n;
    union address to = addr, from;
    socklen_t len = sizeof(from);
    struct pollfd p = { a, POLLIN, 0 };
    char buf[100];

    printf("udp %d\n", family);
    b = bound(family, SOCK_DGRAM);
    TRY(sendto(b, "message", 7, 0, &to.any, addr_len));
    EXPECT(poll(&p, 1, 10000) == 1);
    EXPECT(ioctl(a, FIONREAD, &n) == 0);
    printf("  %d bytes\n", n);
    TRY(recvfrom(a, buf, 3, MSG_TRUNC, &from.any, &len));
    show(&from, len);
    TRY(sendto(a, "answer", 6, 0, &from.any, len));
    TRY(connect(b, &to.any, addr_len));
    p.fd = b;
    EXPECT(poll(&p, 1, 10000) == 1);
    TRY(recv(b, buf, 100, 0));
    TRY(send(b, "more", 4, 0));
    TRY(sendto(b, "", 0, 0, &to.any, 3));
    TRY(recv(a, buf, 100, 0));
    close(a);
    TRY(send(b, "nobody", 6, 0));
    TRY(recv(b, buf, 100, 0));
    TRY(send(b, data, 70000, 0));
    close(b);
}

/* Numbers in control messages. */
static void control(void)
{
    union {
        struct cmsghdr align;
        char bytes[512];
    } u;
    int a = bound(AF_INET, SOCK_DGRAM), b = socket(AF_INET, SOCK_DGRAM, 0);
    int on = 1, ttl = 77;
    char text[10] = "ttl";
    struct iovec part = { text, 3 };
    struct msghdr h = { .msg_name = &addr, .msg_namelen = addr_len,
                        .msg_iov = &part, .msg_iovlen = 1,
                        .msg_control = &u,
                        .msg_controllen = CMSG_SPACE(sizeof(int)) };
    struct cmsghdr *cm = CMSG_FIRSTHDR(&h);

    puts("control");
    TRY(setsockopt(a, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on)));
    TRY(setsockopt(a, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)));
    TRY(setsockopt(a, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on)));
    memset(&u, 0, sizeof(u));
    cm->cmsg_len = CMSG_LEN(sizeof(int));
    cm->cmsg_level = IPPROTO_IP;
    cm->cmsg_type = IP_TTL;
    memcpy(CMSG_DATA(cm), &ttl, sizeof(ttl));
    TRY(sendmsg(b, &h, 0));
    cm->cmsg_type = SCM_RIGHTS;
    cm->cmsg_level = SOL_SOCKET;
    TRY(sendmsg(b, &h, 0));
    cm->cmsg_len = 5;
    TRY(sendmsg(b, &h, 0));
    for (int i = 0; i < 2; i++) {
        h.msg_controllen = i ? CMSG_LEN(4) : sizeof(u);
        TRY(recvmsg(a, &h, 0));
        printf("  flags %x\n", h.msg_flags);
        for (cm = CMSG_FIRSTHDR(&h); cm; cm = CMSG_NXTHDR(&h, cm)) {
            struct in_pktinfo info;

            printf("  level %d, type %d:", cm->cmsg_level, cm->cmsg_type);
            if (cm->cmsg_type == IP_TTL) {
                memcpy(&ttl, CMSG_DATA(cm), sizeof(ttl));
                printf(" %d\n", ttl);
            } else if (cm->cmsg_type == IP_PKTINFO) {
                memcpy(&info, CMSG_DATA(cm), sizeof(info));
                printf(" %d %s\n", info.ipi_ifindex, inet_ntoa(info.ipi_addr));
            } else {
                printf(" %d, %d bytes\n", *CMSG_DATA(cm),
                       (int)(cm->cmsg_len - CMSG_LEN(0)));
            }
        }
    }
    close(a);
    close(b);
}

/* An ICMP message, as a control message. */
static void errors(void)
{
    union {
        struct cmsghdr align;
        char bytes[512];
    } u;
    int a = bound(AF_INET, SOCK_DGRAM), b = socket(AF_INET, SOCK_DGRAM, 0);
    int on = 1, error;
    socklen_t len = sizeof(error);
    char text[10];
    struct iovec part = { text, 10 };
    struct msghdr h = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &u,
                        .msg_controllen = sizeof(u) };
    struct pollfd p = { b, 0, 0 };
    struct sockaddr_in from;

    puts("errors");
    close(a);
    TRY(setsockopt(b, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)));
    TRY(connect(b, &addr.any, addr_len));
    TRY(send(b, "lost", 4, 0));
    EXPECT(poll(&p, 1, 10000) == 1 && p.revents == POLLERR);
    TRY(recvmsg(b, &h, MSG_ERRQUEUE));
    printf("  flags %x\n", h.msg_flags);
    struct cmsghdr *cm = CMSG_FIRSTHDR(&h);
    EXPECT(cm && cm->cmsg_type == IP_RECVERR);
    /* struct sock_extended_err, then who has sent it */
    memcpy(&error, CMSG_DATA(cm), sizeof(error));
    memcpy(&from, CMSG_DATA(cm) + 16, sizeof(from));
    printf("  %s, origin %d, type %d, code %d, from %d %s\n",
           strerrorname_np(error), CMSG_DATA(cm)[4], CMSG_DATA(cm)[5],
           CMSG_DATA(cm)[6], from.sin_family, inet_ntoa(from.sin_addr));
    TRY(recvmsg(b, &h, MSG_ERRQUEUE));
    TRY(getsockopt(b, SOL_SOCKET, SO_ERROR, &error, &len));
    printf("  %s\n", error ? strerrorname_np(error) : "none");
    close(b);
}

static void without_waiting(void)
{
    int s = bound(AF_INET, SOCK_STREAM), c, n, error = -1;
    socklen_t len = sizeof(error);
    struct pollfd p;
    struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT, .data.u32 = 5 };
    int set = epoll_create1(0);
    fd_set out;
    char buf[10];

    puts("without waiting");
    EXPECT(listen(s, 1) == 0);
    TRY(fcntl(s, F_SETFL, O_NONBLOCK));
    TRY(accept(s, NULL, NULL));
    c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    printf("  flags %d\n", (fcntl(c, F_GETFL) & O_NONBLOCK) != 0);
    n = connect(c, &addr.any, addr_len);
    printf("  %s\n", n == 0 || errno == EINPROGRESS ? "in progress" : "?");
    FD_ZERO(&out);
    FD_SET(c, &out);
    EXPECT(select(c + 1, NULL, &out, NULL, NULL) == 1);
    TRY(getsockopt(c, SOL_SOCKET, SO_ERROR, &error, &len));
    printf("  error %d\n", error);
    p = (struct pollfd){ s, POLLIN, 0 };
    EXPECT(poll(&p, 1, 10000) == 1);
    n = accept(s, NULL, NULL);
    EXPECT(n >= 0 && (fcntl(n, F_GETFL) & O_NONBLOCK) == 0);
    TRY(epoll_ctl(set, EPOLL_CTL_ADD, c, &ev));
    EXPECT(epoll_wait(set, &ev, 1, 0) == 1 && ev.events == EPOLLOUT);
    TRY(recv(c, buf, 10, 0));
    TRY(send(n, "12345", 5, 0));
    p = (struct pollfd){ c, POLLIN, 0 };
    EXPECT(poll(&p, 1, 10000) == 1);
    EXPECT(epoll_wait(set, &ev, 1, 0) == 1 &&
           ev.events == (EPOLLIN | EPOLLOUT) && ev.data.u32 == 5);
    TRY(recv(c, buf, 10, MSG_PEEK));
    TRY(recv(c, buf, 10, MSG_TRUNC));
    TRY(send(n, "urgent", 6, MSG_OOB));
    p.events = POLLPRI;
    EXPECT(poll(&p, 1, 10000) == 1 && p.revents == POLLPRI);
    TRY(ioctl(c, SIOCATMARK, &error));
    printf("  mark %d\n", error);
    TRY(recv(c, buf, 10, 0));
    TRY(ioctl(c, SIOCATMARK, &error));
    printf("  mark %d\n", error);
    TRY(recv(c, buf, 10, MSG_OOB));
    printf("  %c\n", buf[0]);
    TRY(recv(c, buf, 10, MSG_OOB));
    close(n);
    p.events = POLLIN;
    EXPECT(poll(&p, 1, 10000) == 1);
    TRY(recv(c, buf, 10, 0));
    close(c);
    close(s);
    close(set);
}

static int hears_file(long s)
{
    char buf[1000];
    long n, all = 0;

    while ((n = read(s, buf, sizeof(buf))) > 0)
        all += n;
    return all == 200000 + DATA ? 8 : 9;
}

/* Bytes that the kernel moves. */
static void files(void)
{
    int s = bound(AF_INET, SOCK_STREAM), c, n, fd, p[2];
    char buf[1000];
    pid_t pid;

    puts("files");
    EXPECT(listen(s, 1) == 0);
    c = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(connect(c, &addr.any, addr_len) == 0);
    n = accept(s, NULL, NULL);
    fd = open("inet.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
    EXPECT(write(fd, data, 200000) == 200000 && lseek(fd, 0, 0) == 0);
    EXPECT(pipe(p) == 0);
    pid = spawn(hears_file, n);
    TRY(sendfile(c, fd, NULL, 100000));
    EXPECT(splice(fd, NULL, p[1], NULL, 50000, 0) == 50000);
    TRY(splice(p[0], NULL, c, NULL, 50000, 0));
    TRY(sendfile(c, fd, NULL, 50000));
    EXPECT(pwrite(fd, data, DATA, 0) == DATA);
    off_t from = 0; /* more than fits at once */
    TRY(sendfile(c, fd, &from, DATA + 10));
    printf("  offset %ld\n", (long)from);
    TRY(shutdown(c, SHUT_WR));
    close(n);
    close(c);
    printf("  child %d\n", reap(pid));
    c = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT(connect(c, &addr.any, addr_len) == 0);
    n = accept(s, NULL, NULL);
    EXPECT(write(c, "through a pipe", 14) == 14);
    TRY(splice(n, NULL, p[1], NULL, 1000, 0));
    TRY(read(p[0], buf, 1000));
    TRY(copy_file_range(c, NULL, n, NULL, 10, 0));
    close(n);
    close(c);
    close(s);
    unlink("inet.tmp");
}

static void both_versions(void)
{
    int s = bound(AF_INET6, SOCK_STREAM), c, off = 0;
    union address any = { .six.sin6_family = AF_INET6 };
    socklen_t len = sizeof(any);

    puts("both versions");
    close(s);
    s = socket(AF_INET6, SOCK_STREAM, 0);
    TRY(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)));
    EXPECT(bind(s, &any.any, sizeof(any.six)) == 0 && listen(s, 1) == 0);
    EXPECT(getsockname(s, &any.any, &len) == 0);
    loopback(AF_INET);
    addr.in.sin_port = any.six.sin6_port;
    c = socket(AF_INET, SOCK_STREAM, 0);
    TRY(connect(c, &addr.any, addr_len));
    close(c);
    len = sizeof(any);
    c = accept(s, &any.any, &len);
    show(&any, len);
    len = 8;
    EXPECT(getpeername(c, &any.any, &len) == 0);
    printf("  %d bytes\n", (int)len);
    addr.six = (struct sockaddr_in6){ .sin6_family = AF_INET6,
                                      .sin6_scope_id = 1 };
    inet_pton(AF_INET6, "fe80::1", &addr.six.sin6_addr);
    TRY(bind(socket(AF_INET6, SOCK_DGRAM, 0), &addr.any, 5));
    close(c);
    close(s);
}

int main(void)
{
    alarm(60);
    tcp(AF_INET);
    tcp(AF_INET6);
    udp(AF_INET);
    udp(AF_INET6);
    control();
    errors();
    without_waiting();
    files();
    both_versions();
    return 0;
}
