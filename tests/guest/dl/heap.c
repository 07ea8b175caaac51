// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dl/heap.c - four threads that use malloc() and its kin, and each other's
 * blocks, while children are made
 *
 * Prints what it has found wrong, and how many blocks there were.
 */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define SLOTS   64
#define ROUNDS  3000

struct slot {
    pthread_mutex_t lock;
    unsigned char *block;
    size_t size;
    unsigned char fill;
};

static struct slot slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long blocks;

static void wrong(const char *what, size_t size)
{
    printf("%s: %zu bytes\n", what, size);
    exit(1);
}

static uint32_t next(uint32_t *state)
{
    return *state = *state * 1664525 + 1013904223;
}

static size_t some_size(uint32_t *state)
{
    uint32_t n = next(state) >> 8;

    return n % 50 == 0 ? n % 100000 : n % 600;
}

static void *make(uint32_t *state, size_t size)
{
    size_t align = (size_t)8 << next(state) / 65536 % 12;
    void *p = NULL;

    switch (next(state) >> 16 & 7) {
    case 0:
        p = calloc(size + 1, 1);
        for (size_t i = 0; p && i <= size; i++)
            if (((unsigned char *)p)[i])
                wrong("calloc", size);
        return p;
    case 1:
        if (posix_memalign(&p, align, size) != 0 ||
            (uintptr_t)p % align != 0)
            wrong("posix_memalign", size);
        return p;
    case 2:
        p = aligned_alloc(align, size);
        if ((uintptr_t)p % align != 0)
            wrong("aligned_alloc", size);
        return p;
    default: return malloc(size);
    }
}

static void check(const struct slot *s)
{
    for (size_t i = 0; i < s->size; i++)
        if (s->block[i] != s->fill)
            wrong("another's bytes", s->size);
}

static void child(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        free(malloc(100)); /* nobody has the lock that is not here */
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        wrong("fork", 0);
}

static void *work(void *arg)
{
    uint32_t state = (uint32_t)(uintptr_t)arg;
    long made = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct slot *s = &slots[next(&state) >> 16 & (SLOTS - 1)];
        size_t size = some_size(&state);
        unsigned char *p;

        pthread_mutex_lock(&s->lock);
        check(s);
        if (s->block && next(&state) & 0x10000) {
            p = realloc(s->block, size + 1);
            for (size_t k = 0; p && k < s->size && k < size; k++)
                if (p[k] != s->fill)
                    wrong("realloc", size);
        } else {
            free(s->block);
            p = make(&state, size);
        }
        if (!p || malloc_usable_size(p) < size)
            wrong("too few", size);
        s->block = p;
        s->size = size;
        s->fill = (unsigned char)next(&state);
        memset(p, s->fill, size);
        pthread_mutex_unlock(&s->lock);
        made++;
        if (i % 500 == 0)
            child();
    }
    pthread_mutex_lock(&lock);
    blocks += made;
    pthread_mutex_unlock(&lock);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    void *p;

    errno = 0;
    /* The compiler knows that these cannot be had. */
    for (volatile size_t n = SIZE_MAX / 2; n; n = 0)
        if (malloc(n + 2) || calloc(n, 3) || errno != ENOMEM ||
            posix_memalign(&p, 3, 10) != EINVAL)
            wrong("too much", 0);
    free(NULL);
    for (int i = 0; i < SLOTS; i++)
        pthread_mutex_init(&slots[i].lock, NULL);
    for (uintptr_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)(i + 1)) != 0)
            return 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < SLOTS; i++) {
        check(&slots[i]);
        free(slots[i].block);
    }
    printf("%ld blocks\n", blocks);
    return 0;
}
