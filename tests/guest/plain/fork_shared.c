// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/fork_shared.c - shared anonymous memory stays one after fork
 *
 * Catches a shared page that is copied on write, pages that were not there
 * before the fork, and a mapping that goes with the process that made it.
 */
#include <sys/mman.h>
#include "process.h"

#define PAGES 16
#define WORDS (PAGES * PAGE / 8)

static uint64_t *both, *own;
static struct channel ping, pong;

/* Every third word, from first on, in both areas. */
static void mark(long first, uint64_t n)
{
    for (long i = first; i < WORDS; i += 3) {
        both[i] += n * i;
        own[i] += n * i;
    }
}

static uint64_t sum(const uint64_t *p)
{
    uint64_t h = FOLD_START;

    for (long i = 0; i < WORDS; i++)
        h = fold(h, p[i]);
    return h >> 8;
}

static int child(long n)
{
    for (int i = 0; i < 3; i++) {
        EXPECT(hear(&ping) == (long)sum(both));
        mark(1, n + i);
        say(&pong, sum(both));
    }
    say(&pong, sum(own));
    return 0;
}

static uint64_t *map(int kind)
{
    void *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                   kind | MAP_ANONYMOUS, -1, 0);

    EXPECT(p != MAP_FAILED);
    return p;
}

int main(void)
{
    pid_t pid;
    uint64_t mine, theirs;

    alarm(60);
    ping = channel_open();
    pong = channel_open();
    both = map(MAP_SHARED);
    own = map(MAP_PRIVATE);
    for (long i = 0; i < WORDS / 2; i++)    /* the rest is not there yet */
        both[i] = own[i] = i;
    for (long n = 1; n < 4; n++) {
        pid = spawn(child, n);
        for (int i = 0; i < 3; i++) {
            mark(2, i + 1);
            say(&ping, sum(both));
            EXPECT(hear(&pong) == (long)sum(both));
        }
        mine = sum(own);
        theirs = hear(&pong);
        EXPECT(reap(pid) == 0);
        EXPECT(mine != theirs);
        printf("round %ld: both %014llx, mine %014llx, theirs %014llx\n", n,
               (unsigned long long)sum(both), (unsigned long long)mine,
               (unsigned long long)theirs);
    }

    /* a grandchild writes, when parent and grandparent have let go */
    pid = fork_child();
    if (pid == 0) {
        munmap(own, PAGES * PAGE);
        pid = fork_child();
        if (pid == 0) {
            both[WORDS - 1] = 4711;
            _exit(munmap(both, PAGES * PAGE));
        }
        munmap(both, PAGES * PAGE);
        _exit(reap(pid));
    }
    EXPECT(reap(pid) == 0);
    printf("from the grandchild: %llu\n",
           (unsigned long long)both[WORDS - 1]);

    /* given back by one: the pages stay for all */
    mine = sum(both);
    pid = fork_child();
    if (pid == 0) {
        madvise(both, PAGES * PAGE, MADV_DONTNEED);
        _exit(sum(both) == mine ? 0 : 1);
    }
    EXPECT(reap(pid) == 0 && sum(both) == mine);
    return 0;
}
