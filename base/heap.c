// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/heap.h"

#include <sys/mman.h>

/*
 * Blocks are cut from the front of the heap, each with a header; one that is
 * free is on the list of its size, and serves the next that asks for as much.
 * The lists are in the heap itself, so that they are saved with it.
 */
#define GRAIN       16u
#define SMALL_MAX   1024u /* sizes up to here are multiples of GRAIN */
#define LARGE_GRAIN 512u  /* those above, of this */
#define NR_SMALL    (SMALL_MAX / GRAIN)
#define NR_LARGE    256u
#define LARGE_MAX   (NR_LARGE * LARGE_GRAIN)
#define NR_HUGE     8u /* each twice as large as the one before */
#define NR_SIZES    (1 + NR_SMALL + NR_LARGE + NR_HUGE)

struct block {
    uint32_t size;      /* index into heap.free */
    uint32_t bytes;     /* that were asked for */
    struct block *next; /* of its size, while it is free */
};

#define HEADER offsetof(struct block, next)

/* At the front of its own memory. */
struct heap {
    size_t bytes;  /* of the blocks, with this */
    size_t used;   /* of those, the first so many were ever in use */
    size_t mapped; /* behind them */
    size_t dirty;  /* of that, not zeros any more: it was given before */
    struct block *free[NR_SIZES];
};

/* Of each thread: libadimm has no state that two of them share. */
static _Thread_local struct heap *in_use;

static size_t round_up(size_t n, size_t grain)
{
    return (n + grain - 1) / grain * grain;
}

struct heap *heap_create(size_t bytes)
{
    struct heap *h;

    bytes = round_up(bytes, 65536);
    h = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (h == MAP_FAILED)
        return NULL;
    h->bytes = bytes;
    h->used = round_up(sizeof(*h), 64);
    return h;
}

void heap_destroy(struct heap *h)
{
    if (!h)
        return;
    if (in_use == h)
        in_use = NULL;
    munmap(h, 2 * h->bytes);
}

struct heap *heap_use(struct heap *h)
{
    struct heap *was = in_use;

    in_use = h;
    return was;
}

size_t heap_used(const struct heap *h)
{
    return h->used;
}

void heap_save(const struct heap *h, void *to)
{
    memcpy(to, h, h->used);
}

void heap_restore(struct heap *h, const void *from, size_t bytes)
{
    size_t dirty = h->mapped > h->dirty ? h->mapped : h->dirty;

    memcpy(h, from, bytes);
    h->dirty = dirty;
}

/* Is it in the heap in use?  What is not came from the host. */
static bool is_ours(const void *p)
{
    const uint8_t *base = (const uint8_t *)in_use;
    const uint8_t *at = p;

    return base && at >= base && at < base + 2 * in_use->bytes;
}

static uint32_t huge_size_of(size_t bytes)
{
    uint32_t n = 0;

    while (n < NR_HUGE && bytes > ((size_t)LARGE_MAX << (n + 1)) - HEADER)
        n++;
    return 1 + NR_SMALL + NR_LARGE + n;
}

/* NR_SIZES: too large for a block. */
static uint32_t size_of(size_t bytes)
{
    size_t all = bytes + HEADER;

    if (bytes > LARGE_MAX - HEADER)
        return huge_size_of(bytes);
    if (all < sizeof(struct block))
        all = sizeof(struct block);
    if (all <= SMALL_MAX)
        return (uint32_t)(round_up(all, GRAIN) / GRAIN);
    return NR_SMALL + (uint32_t)(round_up(all, LARGE_GRAIN) / LARGE_GRAIN);
}

static size_t bytes_of(uint32_t size)
{
    if (size > NR_SMALL + NR_LARGE)
        return (size_t)LARGE_MAX << (size - NR_SMALL - NR_LARGE);
    return size <= NR_SMALL ? (size_t)size * GRAIN
                            : (size_t)(size - NR_SMALL) * LARGE_GRAIN;
}

static struct block *block_of(void *p)
{
    return (struct block *)(void *)((uint8_t *)p - HEADER);
}

static void *allocate(struct heap *h, size_t bytes)
{
    uint32_t size = size_of(bytes);
    struct block *b;

    if (size >= NR_SIZES)
        return NULL;
    b = h->free[size];
    if (b) {
        h->free[size] = b->next;
    } else {
        if (h->bytes - h->used < bytes_of(size))
            return NULL;
        b = (struct block *)(void *)((uint8_t *)h + h->used);
        h->used += bytes_of(size);
        b->size = size;
    }
    b->bytes = (uint32_t)bytes;
    return (uint8_t *)b + HEADER;
}

void *heap_malloc(size_t bytes)
{
    return in_use ? allocate(in_use, bytes) : malloc(bytes);
}

void *heap_calloc(size_t nr, size_t bytes)
{
    size_t all;
    void *p;

    if (!in_use)
        return calloc(nr, bytes);
    if (__builtin_mul_overflow(nr, bytes, &all))
        return NULL;
    p = allocate(in_use, all);
    if (p)
        memset(p, 0, all);
    return p;
}

void heap_free(void *p)
{
    struct block *b;

    if (!is_ours(p)) {
        free(p);
        return;
    }
    b = block_of(p);
    b->next = in_use->free[b->size];
    in_use->free[b->size] = b;
}

void *heap_realloc(void *p, size_t bytes)
{
    size_t had;
    void *moved;

    if (p ? !is_ours(p) : !in_use)
        return realloc(p, bytes);
    if (!p)
        return allocate(in_use, bytes);
    had = block_of(p)->bytes;
    if (size_of(bytes) == block_of(p)->size) {
        block_of(p)->bytes = (uint32_t)bytes;
        return p;
    }
    moved = allocate(in_use, bytes);
    if (!moved)
        return NULL;
    memcpy(moved, p, had < bytes ? had : bytes);
    heap_free(p);
    return moved;
}

char *heap_strdup(const char *s)
{
    size_t bytes = strlen(s) + 1;
    char *copy = heap_malloc(bytes);

    return copy ? memcpy(copy, s, bytes) : NULL;
}

/* Page-aligned, as the heap is. */
static void *map(struct heap *h, size_t bytes)
{
    uint8_t *at = (uint8_t *)h + h->bytes + h->mapped;

    if (bytes > h->bytes - h->mapped)
        return NULL;
    bytes = round_up(bytes, 4096);
    if (h->mapped < h->dirty)
        memset(at, 0, bytes);
    h->mapped += bytes;
    return at;
}

void *heap_map(size_t bytes)
{
    void *p;

    if (in_use)
        return map(in_use, bytes);
    p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void heap_expect(void *p, size_t bytes)
{
#ifdef MADV_POPULATE_WRITE /* Linux 5.14 */
    if (!is_ours(p))
        (void)madvise(p, bytes, MADV_POPULATE_WRITE);
#else
    (void)p, (void)bytes;
#endif
}

void heap_unmap(void *p, size_t bytes)
{
    if (!is_ours(p))
        munmap(p, bytes);
}
