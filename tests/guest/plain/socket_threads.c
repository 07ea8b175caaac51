// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/socket_threads.c - threads that wait for sockets of others
 *
 * Catches a call that waits and goes on with what has its number by then, and a
 * thread that stops all.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include "process.h"
#include "run_number.h"
#include "try.h"

#define WORKERS 4
#define ROUNDS  50

static int s[2];

static void *reader(void *unused)
{
    static char buf[10];

    (void)unused;
    EXPECT(read(s[0], buf, 10) == 4);
    return buf;
}

static void *writer(void *data)
{
    EXPECT(write(s[0], data, 1000000) == 1000000);
    return NULL;
}

static void *poller(void *arg)
{
    struct pollfd p = { .fd = s[0], .events = POLLIN };
    int r = poll(&p, 1, 10000);

    (void)arg;
    printf("  poll %d, %s\n", r, p.revents == POLLNVAL ? "not open" : "open");
    return NULL;
}

/* poll(2) asks what the number is whenever it is woken. */
static void polled_meanwhile(void)
{
    pthread_t t;

    puts("polled meanwhile");
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    pthread_create(&t, NULL, poller, NULL);
    usleep(10000);
    close(s[0]);
    usleep(1000);
    (void)!write(s[1], "text", 4);
    pthread_join(t, NULL);
    close(s[1]);
}

/* The number of a descriptor that is waited for means another file. */
static void closed_meanwhile(void)
{
    static char data[1000000], buf[1000000];
    pthread_t t;
    void *read_by;
    long n, all = 0;
    int fd;

    puts("closed meanwhile");
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    pthread_create(&t, NULL, reader, NULL);
    usleep(200000);
    fd = s[0];
    close(s[0]);
    EXPECT(open("/dev/null", O_RDWR) == fd);
    usleep(1000);
    TRY(write(s[1], "text", 4));
    pthread_join(t, &read_by);
    printf("  %s\n", (char *)read_by);
    TRY(send(s[1], "text", 4, MSG_NOSIGNAL));
    close(fd);
    close(s[1]);

    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    memset(data, 'd', sizeof(data));
    pthread_create(&t, NULL, writer, data);
    usleep(200000);
    close(s[0]);
    EXPECT(open("/dev/null", O_RDWR) == s[0]);
    while ((n = read(s[1], buf, sizeof(buf))) > 0)
        all += n;
    pthread_join(t, NULL);
    printf("  %ld bytes\n", all);
    close(s[0]);
    close(s[1]);
}

static struct sockaddr_un addr;
static socklen_t addr_len;

static void *client(void *nr)
{
    for (long i = 0; i < ROUNDS; i++) {
        int c = socket(AF_UNIX, SOCK_STREAM, 0);
        long value = (long)nr * ROUNDS + i;

        EXPECT(connect(c, (void *)&addr, addr_len) == 0);
        EXPECT(write(c, &value, sizeof(value)) == sizeof(value));
        EXPECT(read(c, &value, sizeof(value)) == sizeof(value));
        EXPECT(value == ((long)nr * ROUNDS + i) * 3);
        close(c);
    }
    return NULL;
}

static void *server(void *listener)
{
    long served = 0;

    for (;;) {
        int c = accept((int)(long)listener, NULL, NULL);
        long value;

        if (c < 0)
            return (void *)served;
        EXPECT(read(c, &value, sizeof(value)) == sizeof(value));
        value *= 3;
        EXPECT(write(c, &value, sizeof(value)) == sizeof(value));
        close(c);
        served++;
    }
}

static void many(void)
{
    pthread_t servers[WORKERS], clients[WORKERS];
    int l = socket(AF_UNIX, SOCK_STREAM, 0);
    long all = 0;
    void *one;

    puts("many");
    addr.sun_family = AF_UNIX;
    addr_len = 3 + sprintf(addr.sun_path + 1, "adiemu-threads-%08x",
                           run_number());
    EXPECT(bind(l, (void *)&addr, addr_len) == 0 && listen(l, 2) == 0);
    for (long i = 0; i < WORKERS; i++) {
        pthread_create(&servers[i], NULL, server, (void *)(long)l);
        pthread_create(&clients[i], NULL, client, (void *)i);
    }
    for (int i = 0; i < WORKERS; i++)
        pthread_join(clients[i], NULL);
    shutdown(l, SHUT_RD); /* wakes them all */
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(servers[i], &one);
        all += (long)one;
    }
    printf("  %ld served\n", all);
    close(l);
}

int main(void)
{
    alarm(60);
    closed_meanwhile();
    polled_meanwhile();
    many();
    return 0;
}
