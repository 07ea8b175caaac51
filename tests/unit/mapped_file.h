/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/unit/mapped_file.h - a file in host memory, mapped
 *
 * Owns:    struct file
 * Used by: tests/unit/test_truncate.c, test_writeback.c
 */
#pragma once

#include <string.h>

#include "fake_ops.h"
#include "mm/mapping.h"
#include "swap/swap.h"
#include "unit.h"

#define BASE  UINT64_C(0x70000000)
#define OTHER (BASE + 64 * PAGE_SIZE)
#define PAGES 4
#define RW    (PROT_G_READ | PROT_G_WRITE)

/* A file in host memory. */
struct file {
    uint8_t bytes[PAGES * PAGE_SIZE];
    uint64_t size;
    unsigned writes;
    int fail_read, fail_write; /* -errno */
    bool released;
};

static inline int file_read(void *ctx, uint64_t index, uint8_t *page)
{
    struct file *f = ctx;

    memcpy(page, f->bytes + index * PAGE_SIZE, PAGE_SIZE);
    return f->fail_read;
}

static inline int file_write(void *ctx, uint64_t index, const uint8_t *page,
                             size_t bytes)
{
    struct file *f = ctx;

    f->writes++;
    if (f->fail_write)
        return f->fail_write;
    memcpy(f->bytes + index * PAGE_SIZE, page, bytes);
    return 0;
}

static inline uint64_t file_size(void *ctx)
{
    const struct file *f = ctx;

    return f->size;
}

static inline void file_release(void *ctx)
{
    struct file *f = ctx;

    f->released = true;
}

static const struct mapping_ops file_ops = {
    .read = file_read,
    .write = file_write,
    .size = file_size,
    .release = file_release,
};

static inline struct mapping *open_file(struct world *w, struct file *f)
{
    struct mapping *m = mapping_create_file(w->mem, &file_ops, f);

    f->size = sizeof(f->bytes);
    assert_non_null(m);
    return m;
}

static inline gva_t map_at(struct world *w, struct mapping *m, gva_t at,
                           unsigned type)
{
    struct mmap_args args = {.addr = at,
                             .len = PAGES * PAGE_SIZE,
                             .prot = RW,
                             .flags = type | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t out;

    assert_int_equal(mm_mmap(w->mm, &args, &out), 0);
    return out;
}

static inline enum fault touch(struct world *w, gva_t va, enum access access)
{
    struct folio *folio;

    return mm_get_page(w->mm, va, access, &folio);
}

static inline bool none(struct world *w, gva_t va)
{
    const pte_t *ptep = mm_pte(w->mm, va);

    return !ptep || pte_none(*ptep);
}

static inline void end(struct world *w, struct mapping *m)
{
    assert_int_equal(mm_munmap(w->mm, BASE, 256 * PAGE_SIZE), 0);
    mapping_put(m);
    assert_int_equal(swap_used_pages(w->swap), 0);
    assert_int_equal(phys_nr_free(memory_phys(w->mem)),
                     phys_nr_frames(memory_phys(w->mem)) - 1);
    world_destroy(w);
}
