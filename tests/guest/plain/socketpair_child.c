// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/socketpair_child.c - socket pairs between parent and child
 *
 * Catches datagrams that are joined or cut, a stream that loses bytes, and
 * ends that are not seen.
 */
#include <sys/socket.h>
#include "process.h"

static int sv[2];

/* Sends each datagram back, reversed. */
static int reverser(long unused)
{
    char buf[300];
    long n;
    int count = 0;

    (void)unused;
    close(sv[0]);
    while ((n = recv(sv[1], buf, sizeof(buf), 0)) > 0) {
        for (long i = 0; i < n / 2; i++) {
            char c = buf[i];

            buf[i] = buf[n - 1 - i];
            buf[n - 1 - i] = c;
        }
        EXPECT(send(sv[1], buf, n, 0) == n);
        count++;
    }
    return count;
}

static void messages(void)
{
    char buf[300];
    pid_t pid;

    EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv) == 0);
    pid = spawn(reverser, 0);
    close(sv[1]);
    for (int i = 1; i <= 5; i++) {
        long len = sprintf(buf, "message %d", i * 111);
        EXPECT(send(sv[0], buf, len, 0) == len);
    }
    for (int i = 1; i <= 5; i++) {
        long n = recv(sv[0], buf, sizeof(buf) - 1, 0);

        EXPECT(n > 0);
        buf[n] = 0;
        puts(buf);
    }
    EXPECT(recv(sv[0], buf, 10, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    close(sv[0]);
    printf("messages %d\n", reap(pid));
}

/* Answers with a sum when the other side has shut down its half. */
static int adder(long unused)
{
    unsigned char buf[5000];
    uint64_t h = FOLD_START;
    long n, all = 0;

    (void)unused;
    close(sv[0]);
    while ((n = read(sv[1], buf, sizeof(buf))) > 0) {
        h = fold_bytes(h, buf, n);
        all += n;
    }
    EXPECT(write(sv[1], &all, 8) == 8 && write(sv[1], &h, 8) == 8);
    return 1;
}

static void stream(void)
{
    static unsigned char data[400000];
    uint64_t state = 77, h, theirs;
    long n;
    pid_t pid;

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = next_random(&state);
    h = fold_bytes(FOLD_START, data, sizeof(data));
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
    pid = spawn(adder, 0);
    close(sv[1]);
    for (size_t at = 0; at < sizeof(data); at += n)
        EXPECT((n = write(sv[0], data + at, sizeof(data) - at)) > 0);
    EXPECT(shutdown(sv[0], SHUT_WR) == 0);
    EXPECT(read(sv[0], &n, 8) == 8 && read(sv[0], &theirs, 8) == 8);
    EXPECT(read(sv[0], data, 1) == 0 && h == theirs);
    printf("stream %ld %016llx, child %d\n", n, (unsigned long long)h,
           reap(pid));
    signal(SIGPIPE, SIG_IGN);
    errno = 0;
    EXPECT(write(sv[0], "x", 1) == -1 && errno == EPIPE);
    close(sv[0]);
}

int main(void)
{
    alarm(60);
    messages();
    stream();
    EXPECT(no_children());
    return 0;
}
