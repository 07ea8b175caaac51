// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/unix_messages.c - AF_UNIX datagrams and packets
 *
 * Catches messages that are joined, cut or lost, that come from somebody else,
 * and a sender that does not wait for room.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "process.h"
#include "try.h"

static struct sockaddr_un named(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };

    strcpy(a.sun_path, path);
    return a;
}

static int at(const char *path)
{
    struct sockaddr_un a = named(path);
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);

    EXPECT(bind(s, (void *)&a, sizeof(a)) == 0);
    return s;
}

static long to(int s, const char *path, const char *text)
{
    struct sockaddr_un a = named(path);

    return sendto(s, text, strlen(text), 0, (void *)&a, sizeof(a));
}

static long from(int s)
{
    struct sockaddr_un a;
    socklen_t len = sizeof(a);
    char buf[100];
    long n;

    memset(&a, 0, sizeof(a));
    n = recvfrom(s, buf, sizeof(buf), MSG_DONTWAIT, (void *)&a, &len);
    if (n >= 0)
        printf("  \"%.*s\" from \"%s\", %d bytes\n", (int)n, buf,
               len > 2 ? a.sun_path : "", (int)len);
    return n;
}

static void datagrams(void)
{
    struct sockaddr_un a = named("one");
    struct sockaddr none = { .sa_family = AF_UNSPEC };
    int one = at("one"), two = at("two"), s;

    puts("datagrams");
    s = socket(AF_UNIX, SOCK_DGRAM, 0);
    TRY(to(s, "one", "nameless"));
    TRY(to(two, "one", "from two"));
    TRY(from(one));
    TRY(from(one));
    TRY(from(one));
    TRY(to(two, "three", "nobody"));
    TRY(send(s, "x", 1, 0));
    TRY(connect(s, (void *)&a, sizeof(a)));
    TRY(send(s, "connected", 9, 0));
    TRY(send(s, "", 0, 0));
    TRY(from(one));
    TRY(from(one));
    a = named("two");
    TRY(connect(one, (void *)&a, sizeof(a)));
    TRY(send(s, "not for you", 11, 0));
    TRY(to(two, "one", "for you"));
    TRY(from(one));
    TRY(connect(one, &none, sizeof(none)));
    TRY(send(s, "again", 5, 0));
    TRY(from(one));
    close(one);
    TRY(send(s, "gone", 4, 0));
    TRY(to(two, "one", "gone"));
    unlink("one");
    unlink("two");
    TRY(to(s, "two", "gone"));
    TRY(listen(two, 1));
    close(two);
    close(s);
}

static void sizes(int type)
{
    static char big[600000];
    struct iovec part;
    struct msghdr h = { .msg_iov = &part, .msg_iovlen = 1 };
    int s[2], n;
    char buf[20];

    printf("sizes %d\n", type);
    EXPECT(socketpair(AF_UNIX, type, 0, s) == 0);
    TRY(send(s[0], "0123456789", 10, 0));
    TRY(recv(s[1], buf, 4, MSG_PEEK));
    TRY(recv(s[1], buf, 4, MSG_PEEK | MSG_TRUNC));
    EXPECT(ioctl(s[1], FIONREAD, &n) == 0);
    printf("  %d bytes\n", n);
    part = (struct iovec){ buf, 4 };
    TRY(recvmsg(s[1], &h, 0));
    printf("  flags %x\n", h.msg_flags);
    TRY(recv(s[1], buf, 4, MSG_DONTWAIT));
    TRY(write(s[0], "01234", 5));
    part = (struct iovec){ buf, 20 };
    TRY(recvmsg(s[1], &h, 0));
    printf("  flags %x\n", h.msg_flags);
    TRY(send(s[0], big, 50000, 0));
    TRY(recv(s[1], big, sizeof(big), 0));
    TRY(send(s[0], big, sizeof(big), 0));
    TRY(send(s[0], (char *)8, 3 << 20, 0));
    TRY(send(s[0], (char *)8, 100, 0));
    TRY(send(s[0], "lost", 4, 0));
    TRY(recv(s[1], (char *)8, 100, 0));
    TRY(recv(s[1], buf, 4, MSG_DONTWAIT));
    TRY(shutdown(s[1], SHUT_RD));
    TRY(recv(s[1], buf, 4, 0));
    signal(SIGPIPE, SIG_IGN);
    TRY(send(s[0], "x", 1, 0));
    close(s[0]);
    TRY(recv(s[1], buf, 4, MSG_DONTWAIT));
    close(s[1]);
}

/* Sends more than the queue of the other takes. */
static int sender(long nr)
{
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);
    struct sockaddr_un a = named("queue");

    for (long i = 0; i < nr; i++)
        EXPECT(sendto(s, &i, sizeof(i), 0, (void *)&a, sizeof(a)) ==
               sizeof(i));
    EXPECT(connect(s, (void *)&a, sizeof(a)) == 0);
    for (long i = 0; i < nr; i++)
        EXPECT(send(s, &i, sizeof(i), 0) == sizeof(i));
    return 1;
}

static void queues(void)
{
    struct sockaddr_un a = named("queue");
    int s = at("queue"), c = socket(AF_UNIX, SOCK_DGRAM, 0), n = 0;
    pid_t pid;
    long i;

    puts("queues");
    while (sendto(c, "x", 1, MSG_DONTWAIT, (void *)&a, sizeof(a)) == 1)
        n++;
    printf("  full: %s, %d\n", strerrorname_np(errno), n > 5);
    for (int j = 0; j < n; j++)
        EXPECT(recv(s, &i, 1, 0) == 1);
    pid = spawn(sender, 500);
    for (long j = 0; j < 1000; j++)
        EXPECT(recv(s, &i, sizeof(i), 0) == sizeof(i) && i == j % 500);
    printf("  sender %d\n", reap(pid));
    unlink("queue");
    close(s);
    close(c);
}

static int packet_client(long unused)
{
    struct sockaddr_un a = named("packets");
    int s = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    char buf[100];

    (void)unused;
    EXPECT(connect(s, (void *)&a, sizeof(a)) == 0);
    EXPECT(write(s, "first", 5) == 5 && write(s, "second", 6) == 6);
    EXPECT(recv(s, buf, 100, 0) == 3 && recv(s, buf, 100, 0) == 0);
    EXPECT(send(s, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
    return 3;
}

static void packets(void)
{
    struct sockaddr_un a = named("packets");
    int s = socket(AF_UNIX, SOCK_SEQPACKET, 0), c;
    char buf[100];
    pid_t pid;

    puts("packets");
    EXPECT(bind(s, (void *)&a, sizeof(a)) == 0 && listen(s, 2) == 0);
    c = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(connect(c, (void *)&a, sizeof(a)));
    close(c);
    pid = spawn(packet_client, 0);
    c = accept(s, NULL, NULL);
    TRY(recv(c, buf, 100, 0));
    TRY(recv(c, buf, 100, 0));
    TRY(write(c, "end", 3));
    close(c);
    printf("  client %d\n", reap(pid));
    unlink("packets");
    close(s);
}

static void many(void)
{
    struct mmsghdr out[3], in[5];
    struct iovec parts[3], rooms[5];
    struct timespec soon = { .tv_nsec = 1000000 };
    static const char *const texts[] = { "a", "bcd", "efghij" };
    char buf[5][10];
    int s[2];

    puts("many");
    EXPECT(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
    memset(out, 0, sizeof(out));
    memset(in, 0, sizeof(in));
    for (int i = 0; i < 3; i++) {
        parts[i] = (struct iovec){ (void *)texts[i], strlen(texts[i]) };
        out[i].msg_hdr.msg_iov = &parts[i];
        out[i].msg_hdr.msg_iovlen = 1;
    }
    for (int i = 0; i < 5; i++) {
        rooms[i] = (struct iovec){ buf[i], 4 };
        in[i].msg_hdr.msg_iov = &rooms[i];
        in[i].msg_hdr.msg_iovlen = 1;
    }
    TRY(sendmmsg(s[0], out, 3, 0));
    printf("  sent %u %u %u\n", out[0].msg_len, out[1].msg_len,
           out[2].msg_len);
    TRY(recvmmsg(s[1], in, 2, 0, NULL));
    TRY(recvmmsg(s[1], in + 2, 3, MSG_WAITFORONE, NULL));
    for (int i = 0; i < 3; i++)
        printf("  %u \"%.*s\" %x\n", in[i].msg_len, (int)in[i].msg_len, buf[i],
               in[i].msg_hdr.msg_flags);
    TRY(recvmmsg(s[1], in, 2, MSG_DONTWAIT, NULL));
    TRY(sendmmsg(s[0], out, 3, 0));
    TRY(recvmmsg(s[1], in, 5, MSG_DONTWAIT, &soon));
    parts[1].iov_base = (void *)8;
    TRY(sendmmsg(s[0], out, 3, 0));
    TRY(sendmmsg(s[0], out + 1, 2, 0));
    TRY(recvmmsg(s[1], in, 5, MSG_DONTWAIT, NULL));
    soon.tv_nsec = -1;
    TRY(recvmmsg(s[1], in, 5, 0, &soon));
    close(s[0]);
    close(s[1]);
}

int main(void)
{
    char dir[32];

    alarm(60);
    enter_scratch(dir);
    datagrams();
    sizes(SOCK_DGRAM);
    sizes(SOCK_SEQPACKET);
    queues();
    packets();
    many();
    leave_scratch(dir);
    return 0;
}
