// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/fork_cow.c - private memory after fork: each has its own
 *
 * Catches a write that reaches the other process, a page that is not copied
 * whole, and copies that are lost when one of the two ends.
 */
#include <sys/mman.h>
#include "process.h"

#define PAGES 24
#define WORDS (PAGES * PAGE / 8)

static uint64_t data[64] = { 1, 2, 3 }, zeros[3000];
static const char *text = "read only";
static uint64_t *area;
static struct channel go, back;

static uint64_t sum(void)
{
    uint64_t h = fold_bytes(FOLD_START, data, sizeof(data));

    h = fold_bytes(h, zeros, sizeof(zeros));
    for (long i = 0; i < WORDS; i += 3)
        h = fold(h, area[i]);
    return fold_bytes(h, text, strlen(text));
}

/* Change some words, by n. */
static void change(uint64_t n, long step)
{
    data[n % 64] += n;
    zeros[n * 7 % 3000] ^= n;
    for (long i = n % step; i < WORDS; i += step)
        area[i] = area[i] * 5 + n;
}

/* Two steps of changes, each when told; says the sum after each. */
static int child(long n)
{
    uint64_t on_stack[200];

    for (int i = 0; i < 200; i++)
        on_stack[i] = n * i;
    say(&back, sum() >> 8);
    for (int step = 0; step < 2; step++) {
        hear(&go);
        change(n + step, 512 + n);
        say(&back, sum() >> 8);
    }
    for (int i = 0; i < 200; i++)
        EXPECT(on_stack[i] == (uint64_t)n * i);
    return n;
}

static void round_of(long n)
{
    uint64_t before = sum() >> 8, first, second, own;
    uint64_t *save = malloc(WORDS * 8);
    pid_t pid = spawn(child, n);

    EXPECT((uint64_t)hear(&back) == before);
    say(&go, 1);
    first = hear(&back);
    EXPECT(first != before && sum() >> 8 == before);
    memcpy(save, area, WORDS * 8);
    change(n + 40, 300);
    own = sum() >> 8;
    say(&go, 1);
    second = hear(&back);
    EXPECT(reap(pid) == n && sum() >> 8 == own);
    printf("round %ld: %014llx %014llx, own %014llx\n", n,
           (unsigned long long)first, (unsigned long long)second,
           (unsigned long long)own);
    /* what did not change is what it was */
    for (long i = 0; i < WORDS; i++)
        EXPECT(area[i] == (i % 300 == (n + 40) % 300 ? save[i] * 5 + n + 40
                           : save[i]));
    free(save);
}

int main(void)
{
    pid_t pids[3];

    alarm(60);
    go = channel_open();
    back = channel_open();
    area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (long i = 0; i < WORDS / 2; i++)
        area[i] = i * 77;
    for (long n = 1; n <= 4; n++)
        round_of(n);

    /* three copies at once, the same page changed in each */
    for (long n = 0; n < 3; n++) {
        area[5] = 1000 + n;
        pids[n] = fork_child();
        if (pids[n] == 0) {
            hear(&go);
            EXPECT(area[5] == 1000 + (uint64_t)n);
            area[5] *= 2;
            EXPECT(area[5] == 2000 + 2 * (uint64_t)n);
            _exit(area[5] % 200);
        }
    }
    area[5] = 3;
    for (int n = 0; n < 3; n++)
        say(&go, n);
    for (int n = 0; n < 3; n++)
        printf("copy %d: %d\n", n, reap(pids[n]));
    printf("own %llu\n", (unsigned long long)area[5]);
    return 0;
}
