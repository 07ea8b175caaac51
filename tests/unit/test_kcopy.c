// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's own stores to pages of a file: which lines they initialise, who
 * hears that tags are gone, and what happens when the page cannot be had.
 */
#include <string.h>

#include "adi/bis.h"
#include "judge/cause.h"
#include "mm/kcopy.h"
#include "mm/mapping.h"
#include "mm/truncate.h"
#include "mm/writeback.h"
#include "swap/reclaim.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE  UINT64_C(0x70000000)
#define OTHER (BASE + 64 * PAGE_SIZE)
#define RWA   (PROT_G_READ | PROT_G_WRITE | PROT_G_ADI)

/* --------------------------------------------------------------- the rule */

struct rule {
    uint64_t dst, src;
    size_t len;
    unsigned first, nr; /* lines */
};

static void assert_lines(struct bis_lines got, const struct rule *want)
{
    assert_int_equal(got.end - got.start, want->nr * ADI_BLKSZ);
    if (want->nr)
        assert_int_equal(got.start, want->first * ADI_BLKSZ);
}

/* By hand, from the branches of M7memcpy.S. */
static void test_memcpy_when_large_and_aligned_clears_chunks(void **state)
{
    static const struct rule rules[] = {
        {0, 0, 8192, 0, 120},   {0, 8, 8192, 0, 120},     {0, 4, 8192, 0, 0},
        {0, 1, 8192, 0, 0},     {0, 0, 4096, 0, 48},      {0, 0, 3072, 0, 24},
        {0, 0, 3136, 0, 48},    {0, 0, 1536, 0, 24},      {0, 0, 1535, 0, 0},
        {0, 0, 1024, 0, 0},     {0, 0, 127, 0, 0},        {0, 0, 0, 0, 0},
        {100, 4, 8000, 2, 120}, {100, 0, 8000, 0, 0},     {1, 1, 1600, 1, 24},
        {1, 1, 1598, 0, 0},     {8191, 7, 1601, 128, 24}, {64, 0, 1536, 1, 24},
        {56, 0, 1544, 1, 24},   {56, 0, 1543, 0, 0},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        assert_lines(bis_memcpy(rules[i].dst, rules[i].src, rules[i].len),
                     &rules[i]);
}

static void test_memset_when_512_bytes_of_lines_clears_all(void **state)
{
    static const struct rule rules[] = {
        {0, 0, 8192, 0, 128}, {0, 0, 512, 0, 8},    {0, 0, 511, 0, 0},
        {1, 0, 575, 1, 8},    {1, 0, 574, 0, 0},    {4096, 0, 4096, 64, 64},
        {32, 0, 2048, 1, 31}, {7700, 0, 492, 0, 0}, {0, 0, 0, 0, 0},
        {63, 0, 7, 0, 0},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        assert_lines(bis_memset(rules[i].dst, rules[i].len), &rules[i]);
}

/* ----------------------------------------------------------------- a file */

struct file {
    uint8_t bytes[2 * PAGE_SIZE];
    uint64_t size;
    int fail_read; /* -errno */
};

static int file_read(void *ctx, uint64_t index, uint8_t *page)
{
    const struct file *f = ctx;

    memcpy(page, f->bytes + index * PAGE_SIZE, PAGE_SIZE);
    return f->fail_read;
}

static int file_write(void *ctx, uint64_t index, const uint8_t *page,
                      size_t bytes)
{
    struct file *f = ctx;

    memcpy(f->bytes + index * PAGE_SIZE, page, bytes);
    return 0;
}

static uint64_t file_size(void *ctx)
{
    const struct file *f = ctx;

    return f->size;
}

static void file_release(void *ctx)
{
    (void)ctx;
}

static const struct mapping_ops file_ops = {
    .read = file_read,
    .write = file_write,
    .size = file_size,
    .release = file_release,
};

struct scene {
    struct world *w;
    struct mapping *m;
    struct file f;
};

static void map_at(const struct scene *s, gva_t at, unsigned type)
{
    struct mmap_args args = {.addr = at,
                             .len = 2 * PAGE_SIZE,
                             .prot = RWA,
                             .flags = type | MAP_G_FIXED,
                             .mapping = s->m,
                             .may_write = true};
    gva_t out;

    assert_int_equal(mm_mmap(s->w->mm, &args, &out), 0);
}

static struct scene *begin(const char *profile)
{
    static struct scene s;

    s = (struct scene){.w = world_create(profile, 256, 16)};
    s.f.size = sizeof(s.f.bytes);
    s.m = mapping_create_tmpfs(s.w->mem, &file_ops, &s.f);
    assert_non_null(s.m);
    map_at(&s, BASE, MAP_G_SHARED);
    return &s;
}

static void end(const struct scene *s)
{
    audit(s->w);
    assert_int_equal(mm_munmap(s->w->mm, BASE, 256 * PAGE_SIZE), 0);
    mapping_put(s->m);
    assert_int_equal(swap_used_pages(s->w->swap), 0);
    world_exit(s->w);
    world_destroy(s->w);
}

/* write(2) of @len bytes from @src. */
static void write_file(struct scene *s, uint64_t at, size_t len, uint64_t src)
{
    mapping_writeback(s->m, 0, UINT64_MAX);
    memset(s->f.bytes + at, 7, len);
    mapping_written(s->m, at, at + len, src);
}

static const struct finding *only_finding(const struct scene *s)
{
    assert_int_equal(judge_nr_findings(s->w->judge), 1);
    return judge_finding(s->w->judge, 0);
}

static void assert_lost(const struct scene *s, enum cause_id cause,
                        unsigned first, unsigned blocks)
{
    const struct finding *f = only_finding(s);

    assert_int_equal(f->kind, FINDING_LOST);
    assert_int_equal(f->first, first);
    assert_int_equal(f->blocks, blocks);
    assert_int_equal(f->expected, 5);
    assert_int_equal(f->found, 0);
    assert_int_equal(cause_of_finding(s->w->judge, f).id, cause);
    assert_true(cause_of_finding(s->w->judge, f).missing);
}

static void test_write_when_mapped_with_tags_loses_them(void **state)
{
    struct scene *s = begin("remap");

    (void)state;
    world_set_tags(s->w, BASE, 5);
    map_at(s, OTHER, MAP_G_SHARED);
    assert_int_equal(world_read(s->w, OTHER), 0);
    write_file(s, 0, PAGE_SIZE, 0);
    assert_lost(s, CAUSE_COPY_IN, 0, 120);
    assert_int_equal(world_tag(s->w, OTHER + 119 * ADI_BLKSZ), 0);
    assert_int_equal(world_tag(s->w, BASE + 120 * ADI_BLKSZ), 5);
    assert_int_equal(world_read(s->w, OTHER + PAGE_SIZE - 1), 7);
    end(s);
}

/* Nothing but plain stores; and lines that have no tag. */
static void test_write_when_no_tag_goes_tells_nobody(void **state)
{
    struct scene *s = begin("linux-6.2");

    (void)state;
    world_set_tags(s->w, BASE, 5);
    write_file(s, 0, PAGE_SIZE, 1);
    write_file(s, 0, 1500, 0);
    write_file(s, PAGE_SIZE, PAGE_SIZE, 0);
    assert_int_equal(judge_nr_findings(s->w->judge), 0);
    assert_int_equal(world_tag(s->w, BASE), 5);
    assert_int_equal(world_read(s->w, BASE), 7);
    end(s);
}

/* Two pages: the copy of each begins anew, its source where it has got to. */
static void test_write_when_over_two_pages_is_two_copies(void **state)
{
    struct scene *s = begin("swap-keyed");

    (void)state;
    world_set_tags(s->w, BASE, 5);
    world_set_tags(s->w, BASE + PAGE_SIZE, 5);
    write_file(s, 4096, 6000, 0);
    assert_int_equal(judge_nr_findings(s->w->judge), 2);
    assert_int_equal(world_tag(s->w, BASE + 63 * ADI_BLKSZ), 5);
    assert_int_equal(world_tag(s->w, BASE + 64 * ADI_BLKSZ), 0);
    assert_int_equal(world_tag(s->w, BASE + 112 * ADI_BLKSZ), 5);
    assert_int_equal(world_tag(s->w, BASE + PAGE_SIZE + 23 * ADI_BLKSZ), 0);
    assert_int_equal(world_tag(s->w, BASE + PAGE_SIZE + 24 * ADI_BLKSZ), 5);
    end(s);
}

/* Nobody has it mapped: who maps it next finds out, and why. */
static void test_write_when_not_mapped_is_found_later(void **state)
{
    struct scene *s = begin("remap");

    (void)state;
    world_set_tags(s->w, BASE, 5);
    assert_int_equal(mm_munmap(s->w->mm, BASE, 2 * PAGE_SIZE), 0);
    write_file(s, 0, PAGE_SIZE, 0);
    assert_int_equal(judge_nr_findings(s->w->judge), 0);
    map_at(s, OTHER, MAP_G_SHARED);
    assert_int_equal(world_tag(s->w, OTHER), 0);
    assert_lost(s, CAUSE_COPY_IN, 0, 120);
    end(s);
}

/* A private copy is not what is written to. */
static void test_write_when_copied_leaves_the_copy(void **state)
{
    struct scene *s = begin("remap");

    (void)state;
    map_at(s, OTHER, MAP_G_PRIVATE);
    world_set_tags(s->w, OTHER, 5);
    write_file(s, 0, PAGE_SIZE, 0);
    assert_int_equal(world_tag(s->w, OTHER), 5);
    assert_int_equal(world_read(s->w, OTHER), 0);
    assert_int_equal(judge_nr_findings(s->w->judge), 0);
    end(s);
}

/* It comes in with its tags, and then loses them. */
static void test_write_when_in_swap_brings_it_in(void **state)
{
    struct scene *s = begin("remap");

    (void)state;
    world_set_tags(s->w, BASE, 5);
    assert_true(swap_out_folio(s->w->swap, mapping_find(s->m, 0)));
    write_file(s, 0, PAGE_SIZE, 0);
    assert_int_equal(swap_used_pages(s->w->swap), 0);
    assert_int_equal(world_tag(s->w, BASE + 120 * ADI_BLKSZ), 5);
    assert_lost(s, CAUSE_COPY_IN, 0, 120);
    end(s);
}

static void test_write_when_swap_fails_leaves_the_page(void **state)
{
    struct scene *s = begin("remap");

    (void)state;
    world_set_tags(s->w, BASE, 5);
    assert_true(swap_out_folio(s->w->swap, mapping_find(s->m, 0)));
    world_fail_reads(s->w, 1);
    write_file(s, 0, PAGE_SIZE, 0);
    assert_null(mapping_find(s->m, 0));
    assert_int_equal(judge_nr_findings(s->w->judge), 0);
    end(s);
}

/* The first page is made by reclaim, which takes the second: with the bytes
 * that it has by now, not with those from before the write. */
static void test_write_when_next_page_is_reclaimed_meanwhile_keeps_it(
    void **state)
{
    struct scene *s = begin("remap");

    (void)state;
    world_write(s->w, BASE + PAGE_SIZE, 3);
    assert_int_equal(
        mm_madvise(s->w->mm, BASE + PAGE_SIZE, PAGE_SIZE, MADV_G_COLD), 0);
    world_map(s->w, OTHER, 256, false);
    for (gva_t va = OTHER; phys_nr_free(memory_phys(s->w->mem)) > 4;
         va += PAGE_SIZE)
        world_write(s->w, va, 1);
    assert_non_null(mapping_find(s->m, 1));
    assert_null(mapping_find(s->m, 0));
    write_file(s, 0, 2 * PAGE_SIZE, 0);
    assert_true(hub_counter(s->w->hub, COUNT_SWAP_OUT) > 0);
    assert_int_equal(s->f.bytes[PAGE_SIZE], 7);
    assert_int_equal(world_read(s->w, BASE + PAGE_SIZE), 7);
    end(s);
}

static void test_truncate_when_rest_is_large_loses_tags(void **state)
{
    struct scene *s = begin("linux-5.17");

    (void)state;
    world_set_tags(s->w, BASE, 5);
    s->f.size = 7700;
    truncate_pagecache(s->m, s->f.size);
    assert_int_equal(judge_nr_findings(s->w->judge), 0);
    s->f.size = 4096;
    truncate_pagecache(s->m, s->f.size);
    assert_lost(s, CAUSE_ZERO_PART, 64, 64);
    assert_int_equal(world_tag(s->w, BASE + 63 * ADI_BLKSZ), 5);
    end(s);
}

/* The page is gone before anybody sees what it has lost. */
static void test_write_when_truncated_after_is_no_loss(void **state)
{
    struct scene *s = begin("remap");

    (void)state;
    world_set_tags(s->w, BASE, 5);
    assert_int_equal(mm_munmap(s->w->mm, BASE, 2 * PAGE_SIZE), 0);
    write_file(s, 0, PAGE_SIZE, 0);
    truncate_pagecache(s->m, 0);
    truncate_pagecache(s->m, s->f.size);
    map_at(s, OTHER, MAP_G_SHARED);
    assert_int_equal(world_tag(s->w, OTHER), 0);
    assert_int_equal(judge_nr_findings(s->w->judge), 0);
    end(s);
}

/* ------------------------------------------------------------- new pages */

/* Every free frame had an owner, whose tags it has. */
static void soil(const struct scene *s)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        gva_t at = OTHER + 1024 * PAGE_SIZE;
        unsigned nr = world_free_frames(s->w) - 16;

        world_map(s->w, at, nr, true);
        for (unsigned i = 0; i < nr; i++)
            world_set_tags(s->w, at + i * PAGE_SIZE, 9);
        assert_int_equal(mm_munmap(s->w->mm, at, nr * PAGE_SIZE), 0);
    }
}

static void assert_stale(const struct scene *s, unsigned first, unsigned blocks)
{
    const struct finding *f;

    assert_int_equal(judge_nr_findings(s->w->judge), 0);
    (void)world_tag(s->w, BASE);
    f = only_finding(s);
    assert_int_equal(f->kind, FINDING_STALE);
    assert_int_equal(f->first, first);
    assert_int_equal(f->blocks, blocks);
    assert_int_equal(f->found, 9);
    assert_int_equal(cause_of_finding(s->w->judge, f).id, CAUSE_NEW_PAGE);
}

static void test_write_when_page_is_new_leaves_the_last_lines(void **state)
{
    struct scene *s = begin("remap");

    (void)state;
    soil(s);
    write_file(s, 0, PAGE_SIZE, 0);
    assert_non_null(mapping_find(s->m, 0));
    assert_null(mapping_find(s->m, 1));
    assert_stale(s, 120, 8);
    assert_int_equal(world_read(s->w, BASE + PAGE_SIZE - 1), 7);
    end(s);
}

static void test_write_when_new_and_crooked_leaves_all(void **state)
{
    struct scene *s = begin("linux-6.2");

    (void)state;
    soil(s);
    write_file(s, 0, PAGE_SIZE, 1);
    assert_stale(s, 0, 128);
    end(s);
}

/* What is not written to becomes 0, and that clears tags as well. */
static void test_write_when_new_page_is_half_written_clears_the_rest(
    void **state)
{
    struct scene *s = begin("swap-keyed");

    (void)state;
    soil(s);
    write_file(s, 0, PAGE_SIZE / 2, 0);
    assert_stale(s, 48, 16);
    assert_int_equal(world_read(s->w, BASE + PAGE_SIZE / 2), 0);
    end(s);
}

/* It is in the page, and nowhere else. */
static void test_write_when_stored_beyond_the_end_keeps_that(void **state)
{
    struct scene *s = begin("swap-keyed");

    (void)state;
    s->f.size = PAGE_SIZE / 2;
    world_write(s->w, BASE + PAGE_SIZE - 8, 5);
    write_file(s, 0, 64, 0);
    assert_int_equal(world_read(s->w, BASE + 63), 7);
    assert_int_equal(world_read(s->w, BASE + PAGE_SIZE - 8), 5);
    end(s);
}

/* The first fault clears a page that nobody has written to. */
static void test_write_when_elsewhere_makes_no_page(void **state)
{
    struct scene *s = begin("remap");

    (void)state;
    soil(s);
    write_file(s, PAGE_SIZE, 10, 0);
    assert_null(mapping_find(s->m, 0));
    assert_int_equal(world_tag(s->w, BASE), 0);
    assert_int_equal(judge_nr_findings(s->w->judge), 0);
    end(s);
}

/* The frame is given back. */
static void test_write_when_new_page_cannot_be_read_makes_none(void **state)
{
    struct scene *s = begin("remap");
    unsigned frames = world_free_frames(s->w);

    (void)state;
    s->f.fail_read = -5;
    write_file(s, 0, PAGE_SIZE, 0);
    s->f.fail_read = 0;
    assert_null(mapping_find(s->m, 0));
    assert_int_equal(world_free_frames(s->w), frames);
    assert_int_equal(world_read(s->w, BASE), 7);
    end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memcpy_when_large_and_aligned_clears_chunks),
        cmocka_unit_test(test_memset_when_512_bytes_of_lines_clears_all),
        cmocka_unit_test(test_write_when_mapped_with_tags_loses_them),
        cmocka_unit_test(test_write_when_no_tag_goes_tells_nobody),
        cmocka_unit_test(test_write_when_over_two_pages_is_two_copies),
        cmocka_unit_test(test_write_when_not_mapped_is_found_later),
        cmocka_unit_test(test_write_when_copied_leaves_the_copy),
        cmocka_unit_test(test_write_when_in_swap_brings_it_in),
        cmocka_unit_test(test_write_when_swap_fails_leaves_the_page),
        cmocka_unit_test(
            test_write_when_next_page_is_reclaimed_meanwhile_keeps_it),
        cmocka_unit_test(test_truncate_when_rest_is_large_loses_tags),
        cmocka_unit_test(test_write_when_truncated_after_is_no_loss),
        cmocka_unit_test(test_write_when_page_is_new_leaves_the_last_lines),
        cmocka_unit_test(test_write_when_new_and_crooked_leaves_all),
        cmocka_unit_test(
            test_write_when_new_page_is_half_written_clears_the_rest),
        cmocka_unit_test(test_write_when_stored_beyond_the_end_keeps_that),
        cmocka_unit_test(test_write_when_elsewhere_makes_no_page),
        cmocka_unit_test(test_write_when_new_page_cannot_be_read_makes_none),
    };

    return RUN(tests);
}
