// SPDX-License-Identifier: GPL-2.0-or-later
#define _GNU_SOURCE
#include "chunk.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tag.h"

/*
 * Tags of memory: 0 and 15 match every pointer, and 14 is what an M7 writes
 * after an error.
 */
#define TAG_FIRST 1
#define TAG_LAST  12
#define TAG_HEAP  13

#define BLOCK_MAX     ((size_t)1 << 48)
#define CHUNK_BYTES   ((size_t)256 << 10)
#define NR_AT_ONCE    16 /* chunks of one mmap() */
#define CHUNK_MAGIC   0x61646963u
#define SMALL_MAX     ((size_t)32 << 10)
#define STEPS         4 /* classes of each doubling above LINEAR_MAX */
#define LINEAR_MAX    ((size_t)1 << 10)
#define NR_LINEAR     (LINEAR_MAX / GRANULE)
#define NR_CLASSES    (NR_LINEAR + 5 * STEPS)
#define LARGE         NR_CLASSES /* not a class: one block of any size */
#define NO_SIZE_CLASS (NR_CLASSES + 1)

/*
 * Free blocks wait in a queue, so that memory is not given out again at once:
 * the pointer of who has freed it goes on to be wrong for a while.
 */
struct chunk {
    uint32_t magic;
    unsigned size_class; /* or LARGE, or NO_SIZE_CLASS: not used */
    size_t block;        /* bytes from one to the next; of LARGE: its size */
    uint64_t first;      /* address of the first block */
    uint64_t tagged;     /* all below it have been given tags */
    uint64_t mapping;    /* of LARGE: where it begins, */
    size_t mapped;       /* and its bytes */
    uint64_t base;
    unsigned nr, nr_used, nr_begun; /* blocks; of them in use, ever used */
    unsigned queue_first, queue_nr; /* of free ones */
    uint16_t *granules;             /* of each in use; 0: it is free */
    uint16_t *queue;
    uint8_t *tag;              /* that each has, or had last */
    struct chunk *prev, *next; /* of those with free blocks; of free chunks */
};

static struct chunk *partial[NR_CLASSES];
static struct chunk *unused;
static bool has_adi;
static uint64_t page_bytes = 8192;

void heap_init(bool adi)
{
    has_adi = adi;
    page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t round_up(uint64_t n, uint64_t to)
{
    return (n + to - 1) / to * to;
}

static void set_tags(uint64_t start, uint64_t end, unsigned tag)
{
    if (has_adi)
        tag_memory(start, end, tag);
}

static void *pointer(uint64_t address, unsigned tag)
{
    return has_adi ? tag_pointer(address, tag) : (void *)address;
}

/* ---------------------------------------------------------- size classes */

static size_t class_bytes(unsigned size_class)
{
    unsigned above = size_class - NR_LINEAR;

    if (size_class < NR_LINEAR)
        return (size_class + 1) * (size_t)GRANULE;
    return (LINEAR_MAX << above / STEPS) / STEPS * (STEPS + 1 + above % STEPS);
}

static unsigned class_of(size_t size)
{
    unsigned size_class = NR_LINEAR;

    if (size <= LINEAR_MAX)
        return size ? (unsigned)((size - 1) / GRANULE) : 0;
    while (class_bytes(size_class) < size)
        size_class++;
    return size_class;
}

/* ---------------------------------------------------------------- chunks */

/* Memory with tags, at a multiple of CHUNK_BYTES; 0: none */
static uint64_t map(size_t bytes)
{
    size_t more = bytes + CHUNK_BYTES;
    uint64_t at, start;
    void *p = mmap(NULL, more, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        return 0;
    at = (uint64_t)p;
    start = round_up(at, CHUNK_BYTES);
    if (start > at)
        munmap(p, start - at);
    if (at + more > start + bytes)
        munmap((void *)(start + bytes), at + more - (start + bytes));
    if (has_adi && mprotect((void *)start, bytes,
                            PROT_READ | PROT_WRITE | PROT_ADI) != 0) {
        munmap((void *)start, bytes);
        return 0;
    }
    return start;
}

/* The head of a chunk is the heap's. */
static struct chunk *make_head(uint64_t base, uint64_t bytes)
{
    uint64_t end = round_up(base + bytes, GRANULE);
    struct chunk *c = pointer(base, TAG_HEAP);

    set_tags(base, end, TAG_HEAP);
    memset(c, 0, sizeof(*c));
    c->magic = CHUNK_MAGIC;
    c->base = base;
    c->tagged = c->first = end;
    return c;
}

static void list_add(struct chunk **list, struct chunk *c)
{
    c->prev = NULL;
    c->next = *list;
    if (*list)
        (*list)->prev = c;
    *list = c;
}

static void list_del(struct chunk **list, struct chunk *c)
{
    if (c->next)
        c->next->prev = c->prev;
    if (c->prev)
        c->prev->next = c->next;
    else
        *list = c->next;
}

static struct chunk *unused_chunk(void)
{
    struct chunk *c = unused;
    uint64_t base;

    if (c) {
        list_del(&unused, c);
        return c;
    }
    base = map(NR_AT_ONCE * CHUNK_BYTES);
    if (!base)
        return NULL;
    for (unsigned i = 1; i < NR_AT_ONCE; i++) {
        c = make_head(base + i * CHUNK_BYTES, sizeof(*c));
        c->size_class = NO_SIZE_CLASS;
        list_add(&unused, c);
    }
    return make_head(base, sizeof(*c));
}

static struct chunk *chunk_of_class(unsigned size_class)
{
    size_t block = class_bytes(size_class), each = 5; /* bytes in the arrays */
    size_t nr = (CHUNK_BYTES - sizeof(struct chunk) - GRANULE) / (block + each);
    struct chunk *c = unused_chunk();

    if (!c)
        return NULL;
    c = make_head(c->base, sizeof(*c) + nr * each);
    c->size_class = size_class;
    c->block = block;
    c->nr = (unsigned)nr;
    c->granules = (uint16_t *)(c + 1);
    c->queue = c->granules + nr;
    c->tag = (uint8_t *)(c->queue + nr);
    memset(c->granules, 0, nr * sizeof(*c->granules));
    memset(c->tag, 0, nr);
    list_add(&partial[size_class], c);
    return c;
}

/* Of a block or of a pointer into its first bytes; NULL: it is not ours. */
static struct chunk *chunk_of(const void *p)
{
    uint64_t base = (untag_pointer(p) - 1) / CHUNK_BYTES * CHUNK_BYTES;
    struct chunk *c = pointer(base, TAG_HEAP);

    return base && c->magic == CHUNK_MAGIC && c->base == base ? c : NULL;
}

/* ---------------------------------------------------------- small blocks */

/*
 * All up to the end of a page beyond @end has tags, so that what follows a
 * block has some, too.
 */
static void tag_ahead(struct chunk *c, uint64_t end)
{
    uint64_t limit = c->base + CHUNK_BYTES;
    uint64_t to = round_up(end + GRANULE, page_bytes);

    if (end < c->tagged || c->tagged == limit)
        return;
    if (to > limit)
        to = limit;
    set_tags(c->tagged, to, TAG_HEAP);
    c->tagged = to;
}

static unsigned next_tag(unsigned tag)
{
    return tag >= TAG_LAST ? TAG_FIRST : tag + 1;
}

/* Neither the one that it had nor that of a block beside it. */
static unsigned new_tag(const struct chunk *c, unsigned i)
{
    unsigned before = i > 0 ? c->tag[i - 1] : 0;
    unsigned after = i + 1 < c->nr ? c->tag[i + 1] : 0;
    unsigned tag = next_tag(c->tag[i] ? c->tag[i] : before + i % 3);

    while (tag == before || tag == after || tag == c->tag[i])
        tag = next_tag(tag);
    return tag;
}

static void *small_alloc(size_t size)
{
    unsigned size_class = class_of(size), i;
    struct chunk *c = partial[size_class];
    uint64_t at, end;

    if (!c)
        c = chunk_of_class(size_class);
    if (!c)
        return NULL;
    /* The whole chunk first: what was freed waits the longer. */
    if (c->nr_begun < c->nr) {
        i = c->nr_begun++;
    } else {
        i = c->queue[c->queue_first];
        c->queue_first = (c->queue_first + 1) % c->nr;
        c->queue_nr--;
    }
    at = c->first + i * c->block;
    end = at + round_up(size ? size : 1, GRANULE);
    tag_ahead(c, at + c->block);
    c->tag[i] = (uint8_t)new_tag(c, i);
    c->granules[i] = (uint16_t)((end - at) / GRANULE);
    set_tags(at, end, c->tag[i]);
    if (++c->nr_used == c->nr)
        list_del(&partial[size_class], c);
    return pointer(at, c->tag[i]);
}

/* The number of the block that begins at @p; -1: none in use does. */
static long index_of(const struct chunk *c, const void *p)
{
    uint64_t offset = untag_pointer(p) - c->first, i = offset / c->block;

    if (untag_pointer(p) < c->first || offset % c->block || i >= c->nr ||
        c->granules[i] == 0 || p != pointer(untag_pointer(p), c->tag[i]))
        return -1;
    return (long)i;
}

static bool small_free(struct chunk *c, void *p)
{
    long i = index_of(c, p);
    uint64_t at = untag_pointer(p);

    if (i < 0)
        return false;
    set_tags(at, at + c->granules[i] * (uint64_t)GRANULE, TAG_HEAP);
    c->granules[i] = 0;
    c->queue[(c->queue_first + c->queue_nr++) % c->nr] = (uint16_t)i;
    if (c->nr_used-- == c->nr)
        list_add(&partial[c->size_class], c);
    if (c->nr_used == 0 && c->nr_begun == c->nr &&
        (c->prev || c->next)) { /* others have room */
        list_del(&partial[c->size_class], c);
        c->size_class = NO_SIZE_CLASS;
        list_add(&unused, c);
    }
    return true;
}

/* ---------------------------------------------------------- large blocks */

static void *large_alloc(size_t size, size_t align)
{
    static unsigned tag;
    size_t head = align > sizeof(struct chunk) ? align : sizeof(struct chunk);
    size_t bytes;
    uint64_t at, base;
    struct chunk *c;

    head = round_up(head, GRANULE);
    size = round_up(size ? size : 1, GRANULE);
    /* A granule behind it is the heap's. */
    bytes = round_up(head + align + size + GRANULE, page_bytes);
    at = map(bytes);
    if (!at)
        return NULL;
    /* The head begins a chunk, and the block is in its first CHUNK_BYTES. */
    base = round_up(at + head, align);
    c = make_head((base - 1) / CHUNK_BYTES * CHUNK_BYTES, sizeof(*c));
    tag = next_tag(tag);
    c->size_class = LARGE;
    c->first = base;
    c->block = size;
    c->mapping = at;
    c->mapped = bytes;
    set_tags(c->base + round_up(sizeof(*c), GRANULE), base, TAG_HEAP);
    set_tags(base, base + size, tag);
    set_tags(base + size, at + bytes, TAG_HEAP);
    return pointer(base, tag);
}

static bool large_free(struct chunk *c, void *p)
{
    if (untag_pointer(p) != c->first)
        return false;
    return munmap((void *)c->mapping, c->mapped) == 0;
}

/* ---------------------------------------------------------------- blocks */

void *block_alloc(size_t size, size_t align, bool zero)
{
    bool small = size <= SMALL_MAX && align <= GRANULE;
    void *p;

    if (size > BLOCK_MAX || align > BLOCK_MAX)
        return NULL;
    p = small ? small_alloc(size) : large_alloc(size, align);
    if (p && small && zero)
        memset(p, 0, size);
    return p;
}

bool block_free(void *p)
{
    struct chunk *c = chunk_of(p);

    if (!c || c->size_class == NO_SIZE_CLASS)
        return false;
    return c->size_class == LARGE ? large_free(c, p) : small_free(c, p);
}

size_t block_size(const void *p)
{
    struct chunk *c = chunk_of(p);
    long i;

    if (!c || c->size_class == NO_SIZE_CLASS)
        return 0;
    if (c->size_class == LARGE)
        return untag_pointer(p) == c->first ? c->block : 0;
    i = index_of(c, p);
    return i < 0 ? 0 : c->granules[i] * (size_t)GRANULE;
}
