// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/mmap_shared_anon.c - shared anonymous memory
 *
 * Catches shared pages that are lost when they leave memory, DONTNEED that
 * forgets what it must not, and pages that do not start as zeros.
 */
#define _GNU_SOURCE
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include "plain.h"

#define PAGE  8192L
#define PAGES 300
#define SIZE  (PAGES * PAGE)
#define RW    (PROT_READ | PROT_WRITE)

static uint64_t work(unsigned char *a, unsigned char *b, uint64_t seed)
{
    uint64_t h = FOLD_START;

    for (int i = 0; i < 30000; i++) {
        long at = next_random(&seed) % SIZE;

        a[at] = (unsigned char)(a[at] + i);
        h = fold(h, b[(at * 31 + 7) % SIZE]);
    }
    return h;
}

static void anon(void)
{
    unsigned char *p = mmap(NULL, SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t h;

    printf("zeros %016llx\n", (unsigned long long)fold_bytes(FOLD_START, p,
                                                            SIZE));
    h = work(p, p, 5);
    printf("work %016llx\n", (unsigned long long)h);
    h = fold_bytes(FOLD_START, p, SIZE);
    madvise(p, SIZE, MADV_DONTNEED);
    printf("kept %d\n", fold_bytes(FOLD_START, p, SIZE) == h);
    mprotect(p, SIZE, PROT_READ);
    printf("kept %d\n", fold_bytes(FOLD_START, p, SIZE) == h);
    munmap(p + 10 * PAGE, 20 * PAGE);
    printf("rest %016llx\n", (unsigned long long)fold_bytes(
                                 FOLD_START, p + 30 * PAGE, SIZE - 30 * PAGE));
    munmap(p, SIZE);
}

static void segment(void)
{
    int id = shmget(IPC_PRIVATE, SIZE, 0600);
    unsigned char *a = shmat(id, NULL, 0), *b = shmat(id, NULL, 0);
    uint64_t h;

    printf("work %016llx\n", (unsigned long long)work(a, b, 9));
    printf("same %d\n", memcmp(a, b, SIZE) == 0);
    h = fold_bytes(FOLD_START, a, SIZE);
    shmdt(a);
    shmdt(b);
    a = shmat(id, NULL, SHM_RDONLY);
    printf("kept %d\n", fold_bytes(FOLD_START, a, SIZE) == h);
    shmctl(id, IPC_RMID, NULL);
    printf("kept %d\n", fold_bytes(FOLD_START, a, SIZE) == h);
    shmdt(a);
}

int main(void)
{
    anon();
    segment();
    return 0;
}
