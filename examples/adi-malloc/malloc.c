// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * examples/adi-malloc/malloc.c - malloc() and its kin
 *
 * In place of those of the C library: by LD_PRELOAD, or linked statically.
 */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "chunk.h"

#define AT_ADI_BLKSZ 48
#define PUBLIC       __attribute__((visibility("default")))
#define ALIGN        16

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool begun;

static void enter(void)
{
    pthread_mutex_lock(&lock);
    if (!begun) {
        begun = true;
        heap_init(getauxval(AT_ADI_BLKSZ) != 0);
    }
}

static void leave(void)
{
    pthread_mutex_unlock(&lock);
}

/* A child must not find the lock held by a thread that it does not have. */
__attribute__((constructor)) static void watch_fork(void)
{
    pthread_atfork(enter, leave, leave);
}

/* What the CPU has not seen, as without tags. */
static void complain(const char *what, const void *p)
{
    static const char digits[] = "0123456789abcdef";
    char text[80] = "adi-malloc: ", *end;

    end = stpcpy(stpcpy(text + strlen(text), what), ": not a block: 0x");
    for (int shift = 60; shift >= 0; shift -= 4)
        *end++ = digits[(uint64_t)p >> shift & 15];
    *end++ = '\n';
    (void)!write(STDERR_FILENO, text, (size_t)(end - text));
    abort();
}

/*
 * A block that is free by now, or another's, has another tag: the CPU stops a
 * load through the pointer, in front of the lock, which a handler of the signal
 * may want.
 */
static void check_tag(const void *p)
{
    (void)*(const volatile unsigned char *)p;
}

static void *allocate(size_t size, size_t align, bool zero)
{
    void *p;

    enter();
    p = block_alloc(size, align, zero);
    leave();
    if (!p)
        errno = ENOMEM;
    return p;
}

PUBLIC void *malloc(size_t size)
{
    return allocate(size, ALIGN, false);
}

PUBLIC void *calloc(size_t nr, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(nr, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return allocate(bytes, ALIGN, true);
}

PUBLIC void free(void *p)
{
    int saved = errno;
    bool done;

    if (!p)
        return;
    check_tag(p);
    enter();
    done = block_free(p);
    leave();
    if (!done)
        complain("free", p);
    errno = saved;
}

PUBLIC size_t malloc_usable_size(void *p)
{
    size_t size;

    if (!p)
        return 0;
    check_tag(p);
    enter();
    size = block_size(p);
    leave();
    return size;
}

/* The block always moves: who has kept the old pointer hears of it. */
PUBLIC void *realloc(void *p, size_t size)
{
    size_t old;
    void *new;

    if (!p)
        return malloc(size);
    if (size == 0) {
        free(p);
        return NULL;
    }
    old = malloc_usable_size(p);
    if (old == 0)
        complain("realloc", p);
    new = malloc(size);
    if (!new)
        return NULL;
    memcpy(new, p, old < size ? old : size);
    free(p);
    return new;
}

PUBLIC void *reallocarray(void *p, size_t nr, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(nr, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(p, bytes);
}

static bool power_of_two(size_t n)
{
    return n && (n & (n - 1)) == 0;
}

PUBLIC int posix_memalign(void **out, size_t align, size_t size)
{
    int saved = errno;
    void *p;

    if (!power_of_two(align) || align % sizeof(void *))
        return EINVAL;
    p = allocate(size, align, false);
    errno = saved;
    if (!p)
        return ENOMEM;
    *out = p;
    return 0;
}

PUBLIC void *memalign(size_t align, size_t size)
{
    if (!power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    return allocate(size, align, false);
}

PUBLIC void *aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

PUBLIC void *valloc(size_t size)
{
    return memalign((size_t)sysconf(_SC_PAGESIZE), size);
}

PUBLIC void *pvalloc(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return memalign(page, (size + page - 1) / page * page);
}
