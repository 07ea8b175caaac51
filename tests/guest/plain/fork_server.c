// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/fork_server.c - a server that forks a worker for each request
 *
 * Clients send requests through one pipe; the server's workers start from
 * its state and answer through the client's pipe. Catches state that leaks
 * from worker to server, and workers that are mixed up.
 */
#include <sys/mman.h>
#include "process.h"

#define CLIENTS  4
#define REQUESTS 10

struct request {
    int client, number, kind;
    long value;
};

static int requests[2];
static struct channel answers[CLIENTS];
static long table[2000], *total;
static long served;

static int worker(const struct request *r)
{
    long answer;

    switch (r->kind) {
    case 0:                             /* from the prepared table */
        answer = table[r->value];
        break;
    case 1:                             /* soils the table: nobody sees it */
        for (int i = 0; i < 2000; i++)
            table[i] += r->value;
        answer = table[1999] - table[0];
        break;
    default:                            /* crashes after the answer */
        say(&answers[r->client], r->value + 1);
        raise(SIGKILL);
        return 1;
    }
    say(&answers[r->client], answer);
    return 0;
}

static int server(long unused)
{
    struct request r;
    long crashed = 0;

    (void)unused;
    close(requests[1]);
    for (long i = 0; i < 2000; i++)
        table[i] = i * i;
    while (read(requests[0], &r, sizeof(r)) == sizeof(r)) {
        pid_t pid = fork_child();

        if (pid == 0)
            _exit(worker(&r));
        served++;
        if (reap(pid) == 137)
            crashed++;
        for (int i = 0; i < 2000; i += 7)
            EXPECT(table[i] == i * (long)i);
        *total += r.value;
    }
    printf("served %ld, crashed %ld\n", served, crashed);
    return 0;
}

static int client(long n)
{
    uint64_t state = n + 1;
    long wrong = 0;

    for (int i = 0; i < REQUESTS; i++) {
        struct request r = { .client = n, .number = i };
        long answer, right;

        r.kind = next_random(&state) % 3;
        r.value = next_random(&state) % 2000;
        right = r.kind == 0 ? r.value * r.value
                : r.kind == 1 ? 1999L * 1999 : r.value + 1;
        EXPECT(write(requests[1], &r, sizeof(r)) == sizeof(r));
        answer = hear(&answers[n]);
        wrong += answer != right;
    }
    return wrong;
}

int main(void)
{
    pid_t pids[CLIENTS], pid;

    alarm(60);
    total = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT(total != MAP_FAILED && pipe(requests) == 0);
    for (int i = 0; i < CLIENTS; i++)
        answers[i] = channel_open();
    pid = spawn(server, 0);
    for (int i = 0; i < CLIENTS; i++)
        pids[i] = spawn(client, i);
    close(requests[1]);
    for (int i = 0; i < CLIENTS; i++)
        printf("client %d: %d wrong\n", i, reap(pids[i]));
    EXPECT(reap(pid) == 0);
    printf("total %ld\n", *total);
    return 0;
}
