// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/sockets.c - talks with processes of the host
 *
 *   connect PATH  sends a file with its descriptor, uses one that it gets
 *   listen PATH   says who has connected, and answers once
 *   inherited     0 is a connection: sends back what comes, in capitals
 *   accept        0 is a listener: the same with one of its connections
 *   tcp PORT      the same with a connection to the host
 *   timer PATH    sends a descriptor that stands for nothing on the host
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

static void check(int fact, const char *what)
{
    if (fact)
        return;
    printf("not true: %s, errno %s\n", what, strerrorname_np(errno));
    exit(1);
}

#define CHECK(fact) check(!!(fact), #fact)

static struct sockaddr_un named(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };

    strcpy(a.sun_path, path);
    return a;
}

static void show_peer(int s)
{
    struct ucred c;
    socklen_t len = sizeof(c);

    CHECK(getsockopt(s, SOL_SOCKET, SO_PEERCRED, &c, &len) == 0);
    printf("peer %d, uid %d\n", c.pid, c.uid == getuid());
}

/* Sends @fd, or takes one. */
static int with_fd(int s, int fd, char *text)
{
    union {
        struct cmsghdr align;
        char bytes[256];
    } u;
    struct iovec part = { text, fd < 0 ? 100 : strlen(text) };
    struct msghdr h = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &u,
                        .msg_controllen = fd < 0 ? sizeof(u)
                                                 : CMSG_SPACE(sizeof(fd)) };
    struct cmsghdr *cm = CMSG_FIRSTHDR(&h);
    long n;

    if (fd >= 0) {
        cm->cmsg_len = CMSG_LEN(sizeof(fd));
        cm->cmsg_level = SOL_SOCKET;
        cm->cmsg_type = SCM_RIGHTS;
        memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
        return sendmsg(s, &h, 0) == (long)strlen(text) ? 0 : -errno;
    }
    n = recvmsg(s, &h, 0);
    CHECK(n > 0);
    text[n] = '\0';
    for (cm = CMSG_FIRSTHDR(&h); cm; cm = CMSG_NXTHDR(&h, cm)) {
        struct ucred c;

        if (cm->cmsg_type == SCM_RIGHTS)
            memcpy(&fd, CMSG_DATA(cm), sizeof(fd));
        memcpy(&c, CMSG_DATA(cm), sizeof(c));
        if (cm->cmsg_type == SCM_CREDENTIALS)
            printf("sender %d, uid %d\n", c.pid, c.uid == getuid());
    }
    return fd;
}

static void connect_to(const char *path)
{
    struct sockaddr_un a = named(path), peer;
    socklen_t len = sizeof(peer);
    int s = socket(AF_UNIX, SOCK_STREAM, 0), fd, on = 1;
    char text[200] = "a file";

    CHECK(connect(s, (void *)&a, sizeof(a)) == 0);
    show_peer(s);
    CHECK(getpeername(s, (void *)&peer, &len) == 0);
    printf("name %s\n", peer.sun_path);
    CHECK(setsockopt(s, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
    fd = open("sent", O_RDWR | O_CREAT, 0600);
    CHECK(fd >= 0 && write(fd, "by the guest", 12) == 12);
    CHECK(with_fd(s, fd, text) == 0);
    fd = with_fd(s, -1, text);
    CHECK(fd >= 0);
    printf("got \"%s\"\n", text);
    CHECK(write(fd, "to the host", 11) == 11);
    close(fd);
    fd = with_fd(s, -1, text); /* a socket */
    CHECK(fd >= 0 && recv(fd, text, 100, 0) == 3);
    show_peer(fd);
    CHECK(send(fd, "yes", 3, 0) == 3);
}

static void echo(int s)
{
    char buf[100];
    long n;

    while ((n = read(s, buf, sizeof(buf))) > 0) {
        for (long i = 0; i < n; i++)
            buf[i] = toupper(buf[i]);
        CHECK(write(s, buf, n) == n);
    }
    CHECK(n == 0);
}

static void listen_at(const char *path)
{
    struct sockaddr_un a = named(path);
    int s = socket(AF_UNIX, SOCK_STREAM, 0), c;

    CHECK(bind(s, (void *)&a, sizeof(a)) == 0 && listen(s, 1) == 0);
    puts("ready");
    fflush(stdout);
    c = accept(s, NULL, NULL);
    CHECK(c >= 0);
    show_peer(c);
    echo(c);
}

static void tcp_to(const char *port)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    int s = socket(AF_INET, SOCK_STREAM, 0);

    a.sin_port = htons(atoi(port));
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(s, (void *)&a, sizeof(a)) == 0);
    echo(s);
}

static void send_timer(const char *path)
{
    struct sockaddr_un a = named(path);
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    char text[] = "timer";

    CHECK(connect(s, (void *)&a, sizeof(a)) == 0);
    printf("%s\n", strerrorname_np(
        -with_fd(s, timerfd_create(CLOCK_MONOTONIC, 0), text)));
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";

    if (strcmp(how, "connect") == 0)
        connect_to(argv[2]);
    else if (strcmp(how, "listen") == 0)
        listen_at(argv[2]);
    else if (strcmp(how, "inherited") == 0)
        echo(0);
    else if (strcmp(how, "accept") == 0)
        echo(accept(0, NULL, NULL));
    else if (strcmp(how, "tcp") == 0)
        tcp_to(argv[2]);
    else if (strcmp(how, "timer") == 0)
        send_timer(argv[2]);
    return 0;
}
