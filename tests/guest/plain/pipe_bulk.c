// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/pipe_bulk.c - much data through pipes whose writers must wait
 *
 * Catches lost, doubled or mixed bytes when a pipe is full, in pieces of
 * many sizes and through a chain of processes; and small writes that mix.
 */
#include "process.h"

#define TOTAL 3000000L

static unsigned char byte_at(long i)
{
    return i * 31 + (i >> 9) + (i >> 17);
}

/* Write all of it in pieces of up to most bytes. */
static void write_all(int fd, long most, uint64_t seed)
{
    static unsigned char buf[200000];
    long n;

    for (long at = 0; at < TOTAL; at += n) {
        long len = 1 + next_random(&seed) % most;

        if (len > TOTAL - at)
            len = TOTAL - at;
        for (long i = 0; i < len; i++)
            buf[i] = byte_at(at + i);
        n = write(fd, buf, len);
        EXPECT(n == len);               /* a blocking write is whole */
    }
}

static void read_all(int fd, long most, uint64_t seed)
{
    static unsigned char buf[200000];
    long at = 0, n, bad = 0;

    while ((n = read(fd, buf, 1 + next_random(&seed) % most)) > 0) {
        for (long i = 0; i < n; i++)
            bad += buf[i] != byte_at(at + i);
        at += n;
    }
    printf("%ld bytes, %ld bad", at, bad);
}

static void one_way(long write_most, long read_most)
{
    struct channel c = channel_open();
    pid_t pid = fork_child();

    if (pid == 0) {
        close(c.r);
        write_all(c.w, write_most, 5);
        _exit(4);
    }
    close(c.w);
    printf("%6ld to %6ld: ", write_most, read_most);
    read_all(c.r, read_most, 7);
    close(c.r);
    printf(", child %d\n", reap(pid));
}

/* Each copies what it gets to the next. */
static void chain(int length)
{
    struct channel c = channel_open(), next = { -1, -1 };
    static char buf[30000];
    pid_t pids[10];
    int sum = 0;

    for (int i = 0; i < length; i++) {
        if (i > 0)
            next = channel_open();
        pids[i] = fork_child();
        if (pids[i] == 0) {
            long n;

            if (i == 0) {
                close(c.r);
                write_all(c.w, 100000, 3);
                _exit(1);
            }
            close(next.r);
            while ((n = read(c.r, buf, 4000 * i)) > 0)
                EXPECT(write(next.w, buf, n) == n);
            _exit(1 << i);
        }
        close(c.w);
        c.w = -1;
        if (i > 0) {
            close(c.r);
            close(next.w);
            c = next;
        }
    }
    printf("chain of %d: ", length);
    read_all(c.r, 50000, 9);
    close(c.r);
    for (int i = 0; i < length; i++)
        sum += reap(pids[i]);
    printf(", codes %d\n", sum);
}

/* Writes of up to PIPE_BUF are not mixed with those of others. */
static void writers(void)
{
    struct channel c = channel_open();
    long last[6] = { 0 }, n, record[64];
    pid_t pids[6];

    for (int i = 0; i < 6; i++) {
        pids[i] = fork_child();
        if (pids[i] == 0) {
            for (int k = 1; k <= 500; k++) {
                for (int w = 0; w < 64; w++)
                    record[w] = k * 10 + i;
                EXPECT(write(c.w, record, sizeof(record)) == 512);
            }
            _exit(0);
        }
    }
    close(c.w);
    while ((n = read(c.r, record, sizeof(record))) > 0) {
        long who = record[0] % 10;

        EXPECT(n == 512 && record[0] / 10 == ++last[who]);
        for (int w = 1; w < 64; w++)
            EXPECT(record[w] == record[0]);
    }
    for (int i = 0; i < 6; i++)
        EXPECT(reap(pids[i]) == 0 && last[i] == 500);
    puts("six writers ok");
}

int main(void)
{
    alarm(60);
    one_way(200000, 200000);
    one_way(150000, 700);
    one_way(700, 150000);
    one_way(8192, 8192);
    chain(5);
    writers();
    return 0;
}
