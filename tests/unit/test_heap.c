// SPDX-License-Identifier: GPL-2.0-or-later
/* A heap that can be put back: its blocks, and what is behind them. */
#include "base/heap.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unit.h"

#define HEAP_BYTES   (1u << 20)
#define HUGE         (256u * 512)      /* from here on, twice as large each */
#define LARGEST      ((HUGE << 8) - 8) /* with its header, the last size */
#define BLOCKS       600u
#define MAPPED_BYTES (3 * 4096u + 1)

static int use_heap(void **state)
{
    *state = heap_create(HEAP_BYTES);
    if (!*state)
        return -1;
    return heap_use(*state) ? -1 : 0;
}

static int drop_heap(void **state)
{
    heap_destroy(*state);
    return heap_use(NULL) ? -1 : 0;
}

/* Sizes of all kinds: none, small, on both sides of a multiple, large. */
static size_t size_nth(unsigned n)
{
    static const size_t sizes[] = {0,  1,   7,    8,    9,    15,   16,  17,
                                   24, 100, 1000, 1016, 1017, 1024, 1500};

    return sizes[n % (sizeof(sizes) / sizeof(sizes[0]))];
}

static bool is_filled(const void *p, uint8_t with, size_t bytes)
{
    const uint8_t *at = p;

    for (size_t i = 0; i < bytes; i++)
        if (at[i] != with)
            return false;
    return true;
}

static void test_blocks_are_distinct_and_aligned(void **state)
{
    struct heap *h = *state;
    void *blocks[BLOCKS];
    size_t used = heap_used(h);

    for (unsigned i = 0; i < BLOCKS; i++) {
        blocks[i] = heap_malloc(size_nth(i));
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 8, 0);
        memset(blocks[i], (int)(i % 251), size_nth(i));
    }
    for (unsigned i = 0; i < BLOCKS; i++)
        assert_true(is_filled(blocks[i], (uint8_t)(i % 251), size_nth(i)));
    assert_true(heap_used(h) > used);
    assert_true(heap_used(h) <= HEAP_BYTES);
}

/* One of another size may not get it. */
static void test_free_when_size_is_asked_again_is_reused(void **state)
{
    struct heap *h = *state;
    void *a = heap_malloc(100), *b = heap_malloc(3000);
    size_t used = heap_used(h);

    heap_free(a);
    heap_free(b);
    heap_free(NULL);
    assert_ptr_equal(heap_malloc(2990), b);
    assert_ptr_equal(heap_malloc(97), a);
    assert_int_equal(heap_used(h), used);
    assert_ptr_not_equal(heap_malloc(97), a);
    assert_true(heap_used(h) > used);
}

static void test_realloc_keeps_bytes(void **state)
{
    static const size_t sizes[] = {30, 31, 400, 399, 5000, 90000, 140000, 1};
    uint8_t *p = heap_malloc(20), *other;
    size_t had = 20;

    (void)state;
    memset(p, 0x5a, had);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t keeps = sizes[i] < had ? sizes[i] : had;

        p = heap_realloc(p, sizes[i]);
        assert_non_null(p);
        assert_true(is_filled(p, 0x5a, keeps));
        memset(p, 0x5a, sizes[i]);
        had = sizes[i];
        other = heap_malloc(had); /* what was left may be given away */
        memset(other, 0xff, had);
    }
    p = heap_realloc(NULL, 10);
    assert_non_null(p);
    memset(p, 1, 10);
    assert_ptr_equal(heap_realloc(p, 12), p); /* of one size */
}

/* Within its size, too, it has so many bytes as were asked for last. */
static void test_realloc_when_grown_in_place_moves_all_bytes(void **state)
{
    uint8_t *p = heap_malloc(100);

    (void)state;
    p = heap_realloc(p, 104);
    memset(p, 0x33, 104);
    assert_true(is_filled(heap_realloc(p, 2000), 0x33, 104));
}

static void test_calloc_when_reused_zeroes(void **state)
{
    void *p = heap_malloc(200), *q;

    (void)state;
    memset(p, 0xff, 200);
    heap_free(p);
    q = heap_calloc(20, 10);
    assert_ptr_equal(p, q);
    assert_true(is_filled(q, 0, 200));
}

static void test_sizes_that_cannot_be_give_none(void **state)
{
    struct heap *h = *state;
    void *p = heap_malloc(8);
    size_t used = heap_used(h);

    assert_null(heap_calloc(SIZE_MAX / 2, 3));
    assert_null(heap_calloc(SIZE_MAX, SIZE_MAX));
    assert_null(heap_calloc(1, SIZE_MAX - 3));
    assert_null(heap_malloc(LARGEST + 1));
    assert_null(heap_malloc(SIZE_MAX));
    assert_null(heap_malloc(SIZE_MAX - 8));
    memset(p, 7, 8);
    assert_null(heap_realloc(p, SIZE_MAX));
    assert_null(heap_realloc(p, LARGEST + 1));
    assert_true(is_filled(p, 7, 8));
    assert_null(heap_map(2 * HEAP_BYTES));
    assert_null(heap_map(SIZE_MAX));
    assert_int_equal(heap_used(h), used);
    assert_null(heap_malloc(LARGEST)); /* more than there is */
    for (size_t bytes = HUGE - 16; bytes < HUGE + 16; bytes++) {
        p = heap_malloc(bytes);
        assert_non_null(p);
        memset(p, 1, bytes);
        heap_free(p);
    }
}

static void test_exhaustion_gives_none_and_harms_nothing(void **state)
{
    struct heap *h = *state;
    void *blocks[2 * HEAP_BYTES / 4096], *mapped = heap_map(4096);
    unsigned nr = 0;

    memset(mapped, 0xee, 4096);
    while ((blocks[nr] = heap_malloc(4000)) != NULL) {
        memset(blocks[nr], (int)(nr % 251), 4000);
        nr++;
    }
    assert_in_range(nr, HEAP_BYTES / 4096 - 10, HEAP_BYTES / 4000);
    assert_true(heap_used(h) <= HEAP_BYTES);
    assert_null(heap_calloc(1, 4000));
    assert_null(heap_realloc(blocks[0], 5000));
    for (unsigned i = 0; i < nr; i++)
        assert_true(is_filled(blocks[i], (uint8_t)(i % 251), 4000));
    assert_true(is_filled(mapped, 0xee, 4096));
    heap_free(blocks[nr / 2]);
    assert_ptr_equal(heap_malloc(4000), blocks[nr / 2]);
}

/* Takes and gives back, always in the same way. */
static void churn(void *taken[static BLOCKS])
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        taken[i] = heap_malloc(size_nth(7 * i));
        assert_non_null(taken[i]);
        memset(taken[i], 0xcc, size_nth(7 * i));
        if (i % 3 == 1)
            heap_free(taken[i / 3]);
    }
}

static void test_restore_brings_back_bytes_and_blocks(void **state)
{
    struct heap *h = *state;
    void *before[BLOCKS], *first[BLOCKS], *second[BLOCKS], *saved;
    uint8_t *p = heap_malloc(1500), *gone = heap_malloc(64);
    size_t bytes;

    churn(before);
    memset(p, 0x11, 1500);
    memset(gone, 0x22, 64);
    heap_free(before[BLOCKS - 1]);
    bytes = heap_used(h);
    saved = malloc(bytes);
    heap_save(h, saved);
    for (unsigned turn = 0; turn < 3; turn++) {
        churn(turn == 0 ? first : second);
        memset(p, 0x99, 1500);
        memset(gone, 0x99, 64);
        heap_free(gone);
        assert_true(heap_used(h) > bytes);
        heap_restore(h, saved, bytes);
        assert_int_equal(heap_used(h), bytes);
        assert_true(is_filled(p, 0x11, 1500));
        assert_true(is_filled(gone, 0x22, 64));
        if (turn > 0)
            assert_memory_equal(first, second, sizeof(first));
    }
    /* As it was then, the block of the last one is free, and no other. */
    assert_ptr_equal(heap_malloc(size_nth(7 * (BLOCKS - 1))),
                     before[BLOCKS - 1]);
    assert_ptr_not_equal(heap_malloc(64), gone);
    free(saved);
}

static void test_strdup_is_a_block(void **state)
{
    struct heap *h = *state;
    char text[] = "a tag of a page", *copy = heap_strdup(text);
    size_t used = heap_used(h);

    assert_ptr_not_equal(copy, text);
    assert_string_equal(copy, text);
    heap_free(copy);
    assert_ptr_equal(heap_malloc(sizeof(text)), copy);
    assert_int_equal(heap_used(h), used);
    *text = '\0';
    assert_string_equal(heap_strdup(text), "");
}

static void test_map_is_not_saved(void **state)
{
    struct heap *h = *state;
    uint8_t *p = heap_map(MAPPED_BYTES), *next = heap_map(4096);
    size_t bytes = heap_used(h);
    void *copy = malloc(bytes);

    assert_true(is_filled(p, 0, MAPPED_BYTES));
    assert_int_equal((uintptr_t)p % 4096, 0);
    assert_int_equal((uintptr_t)next % 4096, 0);
    assert_true(next >= p + MAPPED_BYTES);
    memset(p, 1, MAPPED_BYTES);
    heap_save(h, copy);
    memset(p, 2, MAPPED_BYTES);
    heap_restore(h, copy, bytes);
    assert_true(is_filled(p, 2, MAPPED_BYTES));
    heap_unmap(p, MAPPED_BYTES);
    free(copy);
}

/* Of what is given again after a restore nothing is known. */
static void test_map_when_restored_is_zeroed_again(void **state)
{
    struct heap *h = *state;
    uint8_t *p, *q, *copy = malloc(heap_used(h));
    size_t bytes = heap_used(h);

    heap_save(h, copy);
    for (unsigned turn = 0; turn < 3; turn++) {
        p = heap_map(4096);
        q = heap_map(8192);
        assert_true(is_filled(p, 0, 4096));
        assert_true(is_filled(q, 0, 8192));
        memset(p, 1, 4096);
        memset(q, 2, 8192);
        heap_restore(h, copy, bytes);
        if (turn == 1) /* and for long after it */
            heap_restore(h, copy, bytes);
    }
    free(copy);
}

/* What was taken before a heap was in use goes back to the host. */
static void test_pointers_of_the_host_go_back_to_it(void **state)
{
    struct heap *h = *state;
    size_t used = heap_used(h);
    char *p, *q;
    void *mapped;

    assert_ptr_equal(heap_use(NULL), h);
    p = heap_malloc(100);
    q = heap_strdup("of the host");
    mapped = heap_map(4096);
    assert_non_null(mapped);
    assert_null(heap_use(h));
    heap_free(p);
    q = heap_realloc(q, 100000); /* of the host, as it was */
    assert_string_equal(q, "of the host");
    heap_free(q);
    heap_unmap(mapped, 4096);
    assert_int_equal(heap_used(h), used);
}

static size_t page(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static unsigned nr_resident(void *p, unsigned pages)
{
    unsigned char there[8];
    unsigned nr = 0;

    assert_int_equal(mincore(p, pages * page(), there), 0);
    for (unsigned i = 0; i < pages; i++)
        nr += there[i] & 1;
    return nr;
}

/* Linux before 5.14 has no such advice. */
static bool host_takes_advice(void *p)
{
#ifdef MADV_POPULATE_WRITE
    return madvise(p, 0, MADV_POPULATE_WRITE) == 0;
#else
    return false;
#endif
}

static void test_what_is_expected_is_there_and_zero(void **state)
{
    struct heap *h = heap_use(NULL);
    char *p = heap_map(8 * page());

    assert_ptr_equal(h, *state);
    assert_non_null(p);
    heap_expect(p + 2 * page(), 4 * page());
    assert_int_equal(nr_resident(p, 8), host_takes_advice(p) ? 4 : 0);
    for (size_t i = 0; i < 8 * page(); i++)
        assert_int_equal(p[i], 0);
    heap_unmap(p, 8 * page());
    assert_null(heap_use(h));
    p = heap_map(8 * page());
    heap_expect(p, 8 * page()); /* that of a heap is left alone */
    assert_int_equal(nr_resident(p, 8), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, use_heap, drop_heap)
    const struct CMUnitTest tests[] = {
        TEST(test_blocks_are_distinct_and_aligned),
        TEST(test_free_when_size_is_asked_again_is_reused),
        TEST(test_realloc_keeps_bytes),
        TEST(test_realloc_when_grown_in_place_moves_all_bytes),
        TEST(test_calloc_when_reused_zeroes),
        TEST(test_sizes_that_cannot_be_give_none),
        TEST(test_exhaustion_gives_none_and_harms_nothing),
        TEST(test_restore_brings_back_bytes_and_blocks),
        TEST(test_strdup_is_a_block),
        TEST(test_map_is_not_saved),
        TEST(test_map_when_restored_is_zeroed_again),
        TEST(test_pointers_of_the_host_go_back_to_it),
        TEST(test_what_is_expected_is_there_and_zero),
    };

    return RUN(tests);
}
