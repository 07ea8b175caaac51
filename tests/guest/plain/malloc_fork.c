// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/malloc_fork.c - heaps of parent and children, each used hard
 *
 * Catches allocator state or heap pages that are mixed between processes.
 * Every block carries its own check.
 */
#include "process.h"

#define SLOTS    400
#define CHILDREN 5

static struct block {
    size_t size;
    unsigned char *p;
} slots[SLOTS];

static unsigned char byte_of(size_t slot, size_t size)
{
    return slot * 7 + size;
}

static void verify(size_t i)
{
    struct block *b = &slots[i];

    for (size_t k = 0; b->p && k < b->size; k += 1 + b->size / 64)
        EXPECT(b->p[k] == byte_of(i, b->size));
}

/* Random mallocs, reallocs and frees; a sum that depends on all of them. */
static uint64_t work(uint64_t seed, int steps)
{
    uint64_t h = FOLD_START;

    while (steps-- > 0) {
        uint64_t r = next_random(&seed);
        size_t i = r % SLOTS;
        size_t size = (r >> 20) % (r >> 60 == 0 ? 200000 : 2000) + 1;
        struct block *b = &slots[i];

        verify(i);
        if ((r >> 50) % 3 == 0) {
            free(b->p);
            b->p = NULL;
            continue;
        }
        b->p = (r >> 50) % 3 == 1 ? realloc(b->p, size)
               : (free(b->p), malloc(size));
        EXPECT(b->p);
        b->size = size;
        memset(b->p, byte_of(i, size), size);
        h = fold(h, size);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        verify(i);
        h = fold(h, slots[i].p ? slots[i].size : 0);
    }
    return h >> 8;
}

static struct channel out;

static int child(long n)
{
    say(&out, work(n * 1000 + 7, 1500) ^ n);
    if (n == 0)                         /* goes on in a child of its own */
        return reap(spawn(child, 9)) + 1;
    for (size_t i = 0; i < SLOTS; i++)
        free(slots[i].p);
    return n;
}

int main(void)
{
    pid_t pids[CHILDREN];
    uint64_t sum = 0, own;

    alarm(60);
    out = channel_open();
    printf("start %014llx\n", (unsigned long long)work(1, 2000));
    for (int n = 0; n < CHILDREN; n++)
        pids[n] = spawn(child, n);
    own = work(2, 2000);
    for (int n = 0; n < CHILDREN; n++)
        printf("child %d\n", reap(pids[n]));
    for (int n = 0; n < CHILDREN + 1; n++)
        sum += hear(&out);              /* they come in any order */
    printf("children %016llx, own %014llx\n", (unsigned long long)sum,
           (unsigned long long)own);
    printf("end %014llx\n", (unsigned long long)work(3, 2000));
    EXPECT(no_children());
    return 0;
}
