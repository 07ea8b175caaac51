// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/children_20.c - twenty children at the same time
 *
 * They pass numbers around in a ring, then sort one array in shared memory
 * together. Catches lost turns and memory that is not everyone's.
 */
#include <sched.h>
#include <sys/mman.h>
#include "process.h"

#define CHILDREN 20
#define ROUNDS   30
#define PART     500

static struct channel ring[CHILDREN], done;
static uint32_t *array;

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* Merge the parts at p of n words each, in place by a copy. */
static void merge(uint32_t *p, long n)
{
    uint32_t *left = malloc(n * 4), *right = p + n;
    long i = 0, k = 0, out = 0;

    memcpy(left, p, n * 4);
    while (i < n)
        p[out++] = k < n && right[k] < left[i] ? right[k++] : left[i++];
    free(left);
}

static int child(long n)
{
    struct channel *in = &ring[n], *out = &ring[(n + 1) % CHILDREN];

    for (int i = 0; i < ROUNDS; i++) {
        long value = hear(in);

        sched_yield();
        say(n == CHILDREN - 1 && i == ROUNDS - 1 ? &done : out,
            value * 3 + n);
    }
    qsort(array + n * PART, PART, 4, compare);
    say(&done, n);
    return n + 1;
}

/* Two children for each merge of this size. */
static int merger(long at)
{
    merge(array + (at & 0xffff), at >> 16);
    return 0;
}

int main(void)
{
    enum { WORDS = CHILDREN * PART };
    pid_t pids[CHILDREN];
    uint64_t state = 99, h = FOLD_START, before = 0;
    long value = 0, sum = 0, model = 5;

    alarm(60);
    array = mmap(NULL, WORDS * 4, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT(array != MAP_FAILED);
    for (int i = 0; i < WORDS; i++)
        before += array[i] = next_random(&state) >> 32;
    done = channel_open();
    for (int i = 0; i < CHILDREN; i++)
        ring[i] = channel_open();
    for (int i = 0; i < CHILDREN; i++)
        pids[i] = spawn(child, i);
    say(&ring[0], 5);
    for (int i = 0; i < ROUNDS * CHILDREN; i++)
        model = (long)((unsigned long)model * 3 + i % CHILDREN);
    for (int i = 0; i < CHILDREN + 1; i++) {
        value = hear(&done);
        if (value == model && model != -1)
            puts("ring ok");
        else
            sum += value;
    }
    printf("done %ld\n", sum);
    for (int i = 0; i < CHILDREN; i++)
        EXPECT(reap(pids[i]) == i + 1);

    /* 20 sorted parts: merge the first 16, and the other 4 */
    for (long n = PART; n < 16 * PART; n *= 2) {
        int count = 0;

        for (long at = 0; at + 2 * n <= WORDS; at += 2 * n)
            if (at < 16 * PART || n < 4 * PART)
                pids[count++] = spawn(merger, n << 16 | at);
        for (int i = 0; i < count; i++)
            EXPECT(reap(pids[i]) == 0);
    }
    for (int i = 0; i < WORDS; i++) {
        EXPECT(i % (16 * PART) == 0 || array[i - 1] <= array[i]);
        before -= array[i];
        h = fold(h, array[i]);
    }
    printf("sorted %016llx, %s\n", (unsigned long long)h,
           before == 0 ? "all there" : "CHANGED");
    return 0;
}
