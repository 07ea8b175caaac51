// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The order in a zap: dirty bit, TLBs, rmap, free (section 4.3 and 4.4 of
 * the design): what is true of a page at the moment its TLB entry goes.
 */
#include "fake_ops.h"
#include "mm/gather.h"
#include "mm/mapping.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

/* What the TLB saw of one page. */
struct watch {
    struct folio *folio;
    unsigned flushes; /* of any page */
    pfn_t free;       /* frames, at the first flush */
    int refcount, mapcount;
    bool dirty;
};

static void watch_page(void *ctx, struct mm *mm, gva_t va)
{
    struct watch *s = ctx;
    const struct memory *mem = mm_memory(mm);
    const pte_t *ptep = mm_pte(mm, va);

    assert_true(!ptep || pte_none(*ptep));
    if (s->flushes++ > 0)
        return;
    s->free = phys_nr_free(memory_phys(mem));
    s->refcount = s->folio->refcount;
    s->mapcount = s->folio->mapcount;
    s->dirty = folio_test(s->folio, PG_dirty);
}

static void ignore_mm(void *ctx, struct mm *mm)
{
    (void)ctx, (void)mm;
}

static void ignore_code(void *ctx, pfn_t pfn, unsigned offset, unsigned len)
{
    (void)ctx, (void)pfn, (void)offset, (void)len;
}

static void ignore_pfn(void *ctx, pfn_t pfn)
{
    (void)ctx, (void)pfn;
}

static const struct tlb_ops watch_ops = {
    .flush_page = watch_page,
    .flush_mm = ignore_mm,
    .flush_icache = ignore_code,
    .flush_tags = ignore_pfn,
};

static void ignore_page(void *ctx, struct mm *mm, gva_t va)
{
    (void)ctx, (void)mm, (void)va;
}

static const struct tlb_ops deaf_ops = {
    .flush_page = ignore_page,
    .flush_mm = ignore_mm,
    .flush_icache = ignore_code,
    .flush_tags = ignore_pfn,
};

static struct folio *page_at(struct world *w, gva_t va, enum access access)
{
    struct folio *folio;

    assert_int_equal(mm_get_page(w->mm, va, access, &folio), FAULT_OK);
    return folio;
}

static void zap_watched(struct world *w, gva_t va, unsigned pages,
                        struct watch *s)
{
    s->folio = page_at(w, va, ACCESS_READ);
    memory_attach_tlb(w->mem, &watch_ops, s);
    assert_int_equal(mm_madvise(w->mm, va, pages * PAGE_SIZE, MADV_G_DONTNEED),
                     0);
    memory_attach_tlb(w->mem, &deaf_ops, NULL);
}

static gva_t map_shared(struct world *w, unsigned pages)
{
    struct mapping *m = mapping_create_shmem(w->mem, pages * PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = pages * PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t at;

    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    mapping_put(m);
    return at;
}

static void test_anon_page_is_free_only_after_the_flush(void **state)
{
    struct world *w = world_create("remap", 256, 0);
    gva_t a = world_map(w, BASE, 4, false);
    struct watch s = {0};
    pfn_t before;

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        world_write(w, a + i * PAGE_SIZE, 1);
    before = phys_nr_free(memory_phys(w->mem));
    zap_watched(w, a, 4, &s);
    assert_int_equal(s.flushes, 4);
    assert_int_equal(s.free, before);
    assert_int_equal(s.refcount, 1);
    assert_int_equal(phys_nr_free(memory_phys(w->mem)), before + 4);
    world_destroy(w);
}

static void test_dirty_shared_page_is_mapped_until_the_flush(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 0);
    gva_t a = map_shared(w, 1);
    struct watch s = {0};

    (void)state;
    world_write(w, a, 1);
    folio_clear(page_at(w, a, ACCESS_READ), PG_dirty);
    zap_watched(w, a, 1, &s);
    assert_int_equal(s.flushes, 1);
    assert_int_equal(s.mapcount, 1);
    assert_true(s.dirty);
    assert_int_equal(s.folio->mapcount, 0);
    assert_int_equal(s.folio->refcount, 1);
    world_destroy(w);
}

/* Nothing to lose: the mapping goes at once.  So it was for all before. */
static void test_clean_shared_page_is_unmapped_at_once(void **state)
{
    (void)state;
    for (int v61 = 0; v61 < 2; v61++) {
        struct world *w = world_create(v61 ? "linux-6.1" : "linux-6.2", 256, 0);
        gva_t a = map_shared(w, 1);
        struct watch s = {0};

        if (v61)
            world_write(w, a, 1);
        else
            (void)world_read(w, a);
        zap_watched(w, a, 1, &s);
        assert_int_equal(s.mapcount, 0);
        assert_int_equal(s.refcount, 2);
        world_destroy(w);
    }
}

/* More than the queues hold: each page is flushed once, and freed. */
static void test_zap_when_queue_is_full_goes_on(void **state)
{
    static const unsigned sizes[] = {GATHER_ADDRS,     GATHER_ADDRS + 1,
                                     GATHER_PAGES,     GATHER_PAGES + 1,
                                     2 * GATHER_PAGES, 600};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct world *w = world_create("remap", 1024, 0);
        gva_t a = world_map(w, BASE, sizes[i], false);
        pfn_t before = world_free_frames(w);
        struct watch s = {0};

        for (unsigned p = 0; p < sizes[i]; p++)
            world_write(w, a + p * PAGE_SIZE, 1);
        zap_watched(w, a, sizes[i], &s);
        assert_int_equal(s.flushes, sizes[i]);
        assert_int_equal(world_free_frames(w), before);
        assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
        world_destroy(w);
    }
}

/* The slot of a page that lost its last mapping goes with the page. */
static void test_zap_when_in_swap_cache_frees_slot(void **state)
{
    struct world *w = world_create("remap", 256, 16);
    gva_t a = world_map(w, BASE, 1, true);

    (void)state;
    world_set_tags(w, a, 5);
    assert_true(world_out(w, a));
    (void)world_read(w, a);
    assert_int_equal(swap_used_pages(w->swap), 1);
    assert_int_equal(mm_madvise(w->mm, a, PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(swap_used_pages(w->swap), 0);
    world_destroy(w);
}

/* The frames are not free before the whole address space is flushed. */
struct leaving {
    struct mm *mm;
    unsigned pages, spaces;
    uint64_t free; /* frames, at the flush */
};

static void leaving_page(void *ctx, struct mm *mm, gva_t va)
{
    struct leaving *l = ctx;

    (void)va;
    l->pages += mm == l->mm;
}

static void leaving_mm(void *ctx, struct mm *mm)
{
    struct leaving *l = ctx;

    l->spaces += mm == l->mm;
    l->free = phys_nr_free(memory_phys(mm_memory(mm)));
}

static void test_exit_flushes_the_address_space_once(void **state)
{
    static const struct tlb_ops ops = {.flush_page = leaving_page,
                                       .flush_mm = leaving_mm,
                                       .flush_icache = ignore_code,
                                       .flush_tags = ignore_pfn};
    struct world *w = world_create("remap", 2048, 0);
    struct leaving l = {.mm = mm_create(w->mem)};
    struct mm *first = w->mm;
    uint64_t before;
    gva_t a;

    (void)state;
    w->mm = l.mm;
    a = world_map(w, BASE, 400, false);
    for (unsigned i = 0; i < 400; i++)
        world_write(w, a + i * PAGE_SIZE, 1);
    before = phys_nr_free(memory_phys(w->mem));
    memory_attach_tlb(w->mem, &ops, &l);
    w->mm = first;
    mm_put(l.mm);
    memory_attach_tlb(w->mem, &deaf_ops, NULL);
    assert_int_equal(l.spaces, 1);
    assert_int_equal(l.pages, 0);
    assert_int_equal(l.free, before);
    assert_true(phys_nr_free(memory_phys(w->mem)) >= before + 400);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anon_page_is_free_only_after_the_flush),
        cmocka_unit_test(test_dirty_shared_page_is_mapped_until_the_flush),
        cmocka_unit_test(test_clean_shared_page_is_unmapped_at_once),
        cmocka_unit_test(test_zap_when_queue_is_full_goes_on),
        cmocka_unit_test(test_zap_when_in_swap_cache_frees_slot),
        cmocka_unit_test(test_exit_flushes_the_address_space_once),
    };

    return RUN(tests);
}
