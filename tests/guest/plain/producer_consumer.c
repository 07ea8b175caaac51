// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/producer_consumer.c - rings in shared memory, pipes as semaphores
 *
 * Several producers and consumers. A byte in a pipe stands for a free or a
 * filled place. Catches shared pages that are not, and wake-ups that get
 * lost.
 */
#include <sys/mman.h>
#include "process.h"

#define PLACES    16
#define PRODUCERS 3
#define CONSUMERS 4
#define EACH      300

struct item {
    uint64_t value, check;
    char filler[1000];
};

static struct shared {
    long head, tail;
    struct item ring[PLACES];
    uint64_t taken[PRODUCERS * EACH];
    int by[PRODUCERS * EACH];
} *s;

static struct channel empty, full, put_lock, get_lock;

static void down(struct channel *c)
{
    char byte;
    long n;

    do
        n = read(c->r, &byte, 1);
    while (n < 0 && errno == EINTR);
    EXPECT(n == 1);
}

static void up(struct channel *c)
{
    EXPECT(write(c->w, "", 1) == 1);
}

static void put(uint64_t value)
{
    struct item *item;

    down(&empty);
    down(&put_lock);
    item = &s->ring[s->head++ % PLACES];
    item->value = value;
    item->check = fold(FOLD_START, value);
    memset(item->filler, value & 0x7f, sizeof(item->filler));
    up(&put_lock);
    up(&full);
}

static int producer(long n)
{
    for (long i = 0; i < EACH; i++)
        put(n * EACH + i);
    return 1;
}

static int consumer(long n)
{
    for (long count = 0;; count++) {
        struct item *item;
        uint64_t value;

        down(&full);
        down(&get_lock);
        item = &s->ring[s->tail++ % PLACES];
        value = item->value;
        EXPECT(item->check == fold(FOLD_START, value));
        EXPECT(item->filler[0] == item->filler[999]);
        EXPECT(item->filler[500] == (char)(value & 0x7f));
        up(&get_lock);
        up(&empty);
        if (value == ~0ULL)
            return n;
        s->taken[value]++;
        s->by[value] = n;
    }
}

int main(void)
{
    pid_t p[PRODUCERS], c[CONSUMERS];
    long wrong = 0, by_nobody = 0;

    alarm(60);
    s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT(s != MAP_FAILED);
    empty = channel_open();
    full = channel_open();
    put_lock = channel_open();
    get_lock = channel_open();
    up(&put_lock);
    up(&get_lock);
    for (int i = 0; i < PLACES; i++)
        up(&empty);
    for (int i = 0; i < CONSUMERS; i++)
        c[i] = spawn(consumer, i + 1);
    for (int i = 0; i < PRODUCERS; i++)
        p[i] = spawn(producer, i);
    for (int i = 0; i < PRODUCERS; i++)
        EXPECT(reap(p[i]) == 1);
    for (int i = 0; i < CONSUMERS; i++)
        put(~0ULL);
    for (int i = 0; i < CONSUMERS; i++)
        EXPECT(reap(c[i]) == i + 1);
    for (int i = 0; i < PRODUCERS * EACH; i++) {
        wrong += s->taken[i] != 1;
        by_nobody += s->by[i] < 1 || s->by[i] > CONSUMERS;
    }
    printf("%ld put, %ld taken, %ld wrong, %ld by nobody\n", s->head, s->tail,
           wrong, by_nobody);
    return 0;
}
