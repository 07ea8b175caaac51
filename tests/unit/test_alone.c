// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A memory without its neighbours: no ADI, no swap, or a swap of our own;
 * reports that nobody listens to, and what an image of a process tells.
 *
 * The linker sends what the image tells here.
 */
#include <errno.h>
#include <limits.h>

#include "adi/store_linux.h"
#include "judge/timeline.h"
#include "migrate/migrate.h"
#include "mm/fork.h"
#include "mm/ops.h"
#include "swap/device.h"
#include "swap/reclaim.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static struct memory *make_memory(struct hub *hub)
{
    struct memory_config config = {.ram_bytes = 64 * PAGE_SIZE,
                                   .nr_nodes = 1,
                                   .policy = MM_POLICY_OF(KERNEL(6, 2, 0)),
                                   .hub = hub};
    struct memory *mem = memory_create(&config);

    assert_non_null(mem);
    return mem;
}

static struct folio *get(struct mm *mm, gva_t va, enum access access)
{
    struct folio *folio;

    assert_int_equal(mm_get_page(mm, va, access, &folio), FAULT_OK);
    return folio;
}

static struct mm *make_process(struct memory *mem, unsigned prot)
{
    struct mm *mm = mm_create(mem);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE | prot,
                             .flags =
                                 MAP_G_PRIVATE | MAP_G_ANONYMOUS | MAP_G_FIXED};
    gva_t at;

    assert_non_null(mm);
    assert_int_equal(mm_mmap(mm, &args, &at), 0);
    return mm;
}

/* ------------------------------------------------------------- without ADI */

static void test_copy_when_there_are_no_tags_copies_bytes(void **state)
{
    struct hub *hub = hub_create();
    struct memory *mem = make_memory(hub);
    struct mm *mm = make_process(mem, PROT_G_ADI), *child;

    (void)state;
    memory_folio_bytes(mem, get(mm, BASE, ACCESS_WRITE))[3] = 42;
    assert_int_equal(mm_fork(mm, &child), 0);
    memory_folio_bytes(mem, get(child, BASE, ACCESS_WRITE))[4] = 43;
    assert_int_equal(memory_folio_bytes(mem, get(child, BASE, ACCESS_READ))[3],
                     42);
    assert_int_equal(memory_folio_bytes(mem, get(mm, BASE, ACCESS_READ))[4], 0);
    assert_int_equal(hub_counter(hub, COUNT_FAULT_COW), 1);
    mm_put(child);
    mm_put(mm);
    memory_destroy(mem);
    hub_destroy(hub);
}

/* Whoever holds the struct may still ask it its number. */
static void test_struct_when_grabbed_outlives_the_process(void **state)
{
    struct hub *hub = hub_create();
    struct memory *mem = make_memory(hub);
    struct mm *mm = make_process(mem, 0);
    uint32_t id = mm_id(mm);

    (void)state;
    (void)get(mm, BASE, ACCESS_WRITE);
    mm_grab(mm);
    mm_put(mm);
    assert_int_equal(vma_count(mm), 0);
    assert_int_equal(phys_nr_free(memory_phys(mem)), 63);
    assert_ptr_equal(memory_first_mm(mem), mm);
    assert_int_equal(mm_id(mm), id);
    mm_drop(mm);
    assert_null(memory_first_mm(mem));
    memory_destroy(mem);
    hub_destroy(hub);
}

/* --------------------------------------------------------- a swap of ours */

/* Frames that this "swap" can let go of, and what it was asked for. */
struct reserve {
    struct memory *mem;
    struct folio *folio[64];
    unsigned nr, calls, first;
    bool greedy; /* wants a frame itself, in the middle of reclaim */
};

static unsigned let_go(void *ctx, unsigned want, nodemask_t nodes)
{
    struct reserve *r = ctx;

    (void)want;
    (void)nodes;
    r->calls++;
    if (r->greedy) {
        assert_null(memory_alloc_folio(r->mem, 0));
        return 0;
    }
    /* Not at once: the first who asks hears that there is none. */
    if (r->calls < r->first || r->nr == 0)
        return 0;
    memory_folio_put(r->mem, r->folio[--r->nr]);
    return 1;
}

static void forget(void *ctx, struct folio *folio)
{
    (void)ctx;
    (void)folio;
}

static const struct swap_ops reserve_ops = {.reclaim = let_go,
                                            .forget_folio = forget};

static struct reserve make_reserve(struct hub *hub)
{
    struct reserve r = {.mem = make_memory(hub)};
    struct folio *folio;

    while ((folio = phys_alloc(memory_phys(r.mem), 0)) != NULL)
        r.folio[r.nr++] = folio;
    assert_int_equal(r.nr, 63);
    return r;
}

static void free_reserve(struct reserve *r)
{
    while (r->nr > 0)
        memory_folio_put(r->mem, r->folio[--r->nr]);
    memory_destroy(r->mem);
}

/* Below the mark it asks once; without a frame it asks until none comes. */
static void test_alloc_when_second_reclaim_frees_has_its_frame(void **state)
{
    struct hub *hub = hub_create();
    struct reserve r = make_reserve(hub);
    struct folio *folio;

    (void)state;
    memory_attach_swap(r.mem, &reserve_ops, &r);
    r.first = 2;
    folio = memory_alloc_folio(r.mem, 0);
    assert_non_null(folio);
    assert_int_equal(r.calls, 2);
    memory_folio_put(r.mem, folio);
    free_reserve(&r);
    hub_destroy(hub);
}

/* As kswapd: 16 times in vain, and then only when no frame is left. */
static void test_alloc_when_reclaim_fails_often_asks_no_more(void **state)
{
    struct hub *hub = hub_create();
    struct reserve r = make_reserve(hub);
    struct folio *folio;

    (void)state;
    memory_attach_swap(r.mem, &reserve_ops, &r);
    r.first = 18;
    memory_folio_put(r.mem, r.folio[--r.nr]);
    for (unsigned i = 0; i < 20; i++) {
        folio = memory_alloc_folio(r.mem, 0);
        assert_non_null(folio);
        assert_int_equal(r.calls, i < 16 ? i + 1 : 16);
        memory_folio_put(r.mem, folio);
    }
    /* The last frame: the first reclaim fails, the second wakes it up. */
    r.folio[r.nr++] = memory_alloc_folio(r.mem, 0);
    assert_null(memory_alloc_folio(r.mem, 0));
    assert_int_equal(r.calls, 17);
    folio = memory_alloc_folio(r.mem, 0);
    assert_int_equal(r.calls, 18);
    memory_folio_put(r.mem, folio);
    memory_folio_put(r.mem, memory_alloc_folio(r.mem, 0));
    assert_int_equal(r.calls, 19);
    free_reserve(&r);
    hub_destroy(hub);
}

/* A node without hope is not another one's business. */
static void test_alloc_when_one_node_fails_often_asks_for_the_other(
    void **state)
{
    struct memory_config config = {.ram_bytes = 128 * PAGE_SIZE, .nr_nodes = 2};
    struct hub *hub = hub_create();
    struct reserve r = {.first = UINT_MAX};
    struct folio *folio[128];
    unsigned nr = 0;

    (void)state;
    config.hub = hub;
    r.mem = memory_create(&config);
    while ((folio[nr] = phys_alloc(memory_phys(r.mem), 0)) != NULL)
        nr++;
    memory_attach_swap(r.mem, &reserve_ops, &r);
    memory_folio_put(r.mem, folio[--nr]);
    memory_folio_put(r.mem, folio[0]);
    for (unsigned i = 0; i < 20; i++)
        memory_folio_put(r.mem, memory_alloc_nodes(r.mem, 0, 1));
    assert_int_equal(r.calls, 16);
    memory_folio_put(r.mem, memory_alloc_nodes(r.mem, 0, 2));
    assert_int_equal(r.calls, 17);
    memory_folio_put(r.mem, memory_alloc_nodes(r.mem, 0, 3));
    assert_int_equal(r.calls, 18);
    while (nr > 1)
        memory_folio_put(r.mem, folio[--nr]);
    memory_destroy(r.mem);
    hub_destroy(hub);
}

/* Reclaim that needs a frame must not wait for itself. */
static void test_alloc_when_in_reclaim_fails_at_once(void **state)
{
    struct hub *hub = hub_create();
    struct reserve r = make_reserve(hub);

    (void)state;
    memory_attach_swap(r.mem, &reserve_ops, &r);
    r.greedy = true;
    assert_null(memory_alloc_folio(r.mem, 0));
    assert_int_equal(r.calls, 2);
    r.greedy = false;
    memory_folio_put(r.mem, memory_alloc_folio(r.mem, 0));
    free_reserve(&r);
    hub_destroy(hub);
}

/* --------------------------------------------------------- nobody listens */

static void assert_tag_kept(struct adi *adi, struct mm *mm, adi_tag_t tag)
{
    pfn_t pfn = memory_folio_pfn(mm_memory(mm), get(mm, BASE, ACCESS_READ));

    assert_int_equal(tagmem_page(adi_tagmem(adi), pfn)[7], tag);
}

/* Out, forked, moved and in again: with the tags, and without an event. */
static void test_tags_when_nobody_listens_are_kept(void **state)
{
    static const char *const profiles[] = {"remap", "swap-keyed"};
    const unsigned fixed = MREMAP_G_MAYMOVE | MREMAP_G_FIXED;
    const gva_t far = BASE + 64 * PAGE_SIZE;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        const struct adi_profile *profile = adi_profile_find(profiles[i]);
        struct hub *hub = hub_create();
        struct memory *mem = make_memory(hub);
        struct adi *adi = adi_create(mem, profile);
        struct swap *swap = swap_create(mem);
        struct mm *mm = make_process(mem, PROT_G_ADI), *child;
        struct folio *folio;
        uint64_t slots;
        void *dev;
        gva_t at;

        assert_int_equal(swapdev_file_open(NULL, 16 * PAGE_SIZE, &slots, &dev),
                         0);
        assert_int_equal(swap_on(swap, &swapdev_file_ops, dev, slots, 0), 0);
        folio = get(mm, BASE, ACCESS_WRITE);
        tagmem_page(adi_tagmem(adi), memory_folio_pfn(mem, folio))[7] = 5;
        assert_true(swap_out_folio(swap, folio));
        assert_int_equal(adi_store_use(adi).pages, 1);
        assert_int_equal(mm_fork(mm, &child), 0);
        assert_int_equal(
            mm_mremap(mm, BASE, PAGE_SIZE, PAGE_SIZE, fixed, far, &at), 0);
        assert_int_equal(
            mm_mremap(mm, far, PAGE_SIZE, PAGE_SIZE, fixed, BASE, &at), 0);
        assert_tag_kept(adi, mm, 5);
        assert_tag_kept(adi, child, 5);
        assert_false(hub_is_heard(hub));
        mm_put(child);
        mm_put(mm);
        swap_destroy(swap);
        memory_destroy(mem);
        adi_destroy(adi);
        hub_destroy(hub);
    }
}

/* ------------------------------------------------------------- the image */

static struct area_image areas[8];
static struct page_image images[8];
static unsigned nr_areas, nr_images;

void __wrap_timeline_area(struct timeline *t, const struct area_image *area);
void __wrap_timeline_page(struct timeline *t, const struct page_image *page);

void __wrap_timeline_area(struct timeline *t, const struct area_image *area)
{
    (void)t;
    areas[nr_areas++] = *area;
}

void __wrap_timeline_page(struct timeline *t, const struct page_image *page)
{
    (void)t;
    images[nr_images++] = *page;
}

static void assert_image(unsigned nr, struct world *w, unsigned page, bool here,
                         int tag)
{
    assert_int_equal(images[nr].va, BASE + page * PAGE_SIZE);
    assert_int_equal(images[nr].pfn != PFN_NONE, here);
    if (here)
        assert_int_equal(images[nr].pfn, pte_pfn(world_pte(w, images[nr].va)));
    else
        assert_int_equal(images[nr].entry, world_entry(w, images[nr].va).v);
    assert_int_equal(images[nr].has_tags, tag >= 0);
    if (tag >= 0)
        assert_int_equal(images[nr].tags[9], tag);
}

/*
 * Pages 0 to 3 of an area with PROT_ADI: here, in swap, on its way, the zero
 * page.  Of one without: page 8 in swap with tags from before, 9 without any,
 * 10 here.
 */
static void test_image_tells_where_pages_and_tags_are(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    unsigned rw = PROT_G_READ | PROT_G_WRITE;
    struct folio *moving;

    (void)state;
    world_map(w, BASE, 5, true);
    world_map(w, BASE + 8 * PAGE_SIZE, 1, true);
    world_map(w, BASE + 9 * PAGE_SIZE, 2, false);
    for (unsigned i = 0; i < 3; i++)
        world_set_tags(w, BASE + i * PAGE_SIZE, (adi_tag_t)(1 + i));
    assert_int_equal(world_read(w, BASE + 3 * PAGE_SIZE), 0);
    world_set_tags(w, BASE + 8 * PAGE_SIZE, 9);
    world_write(w, BASE + 9 * PAGE_SIZE, 1);
    world_write(w, BASE + 10 * PAGE_SIZE, 1);
    assert_true(world_out(w, BASE + 1 * PAGE_SIZE));
    assert_true(world_out(w, BASE + 8 * PAGE_SIZE));
    assert_true(world_out(w, BASE + 9 * PAGE_SIZE));
    assert_int_equal(mm_mprotect(w->mm, BASE + 8 * PAGE_SIZE, PAGE_SIZE, rw),
                     0);
    moving = world_folio(w, BASE + 2 * PAGE_SIZE);
    world_lock(w, moving);
    assert_true(try_to_migrate(w->mem, moving));

    timeline_take_image(NULL, w->adi, mm_id(w->mm));
    assert_int_equal(nr_areas, 3);
    assert_true(areas[0].adi);
    assert_int_equal(areas[0].pages, 1);
    assert_int_equal(areas[0].away, 2);
    assert_false(areas[1].adi);
    assert_int_equal(areas[1].pages, 0);
    assert_int_equal(areas[1].away, 1);
    assert_int_equal(areas[2].pages, 1);
    assert_int_equal(areas[2].away, 1);
    assert_int_equal(nr_images, 4);
    assert_image(0, w, 0, true, 1);
    assert_image(1, w, 1, false, 2);
    assert_image(2, w, 2, false, -1); /* they are the frame's */
    assert_image(3, w, 8, false, 9);

    remove_migration_ptes(w->mem, moving, moving);
    world_unlock(w, moving);
    world_exit_clean(w);
    world_destroy(w);
}

/* By its number: of the right one of two, and nothing of one that is gone. */
static void test_image_is_of_the_process_asked_for(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct mm *child;

    (void)state;
    world_map(w, BASE, 1, true);
    child = world_share(w);
    assert_int_equal(mm_munmap(child, BASE, PAGE_SIZE), 0);
    nr_areas = 0;
    timeline_take_image(NULL, w->adi, mm_id(child));
    assert_int_equal(nr_areas, 0);
    timeline_take_image(NULL, w->adi, mm_id(child) + 1);
    assert_int_equal(nr_areas, 0);
    timeline_take_image(NULL, w->adi, mm_id(w->mm));
    assert_int_equal(nr_areas, 1);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy_when_there_are_no_tags_copies_bytes),
        cmocka_unit_test(test_struct_when_grabbed_outlives_the_process),
        cmocka_unit_test(test_alloc_when_second_reclaim_frees_has_its_frame),
        cmocka_unit_test(test_alloc_when_reclaim_fails_often_asks_no_more),
        cmocka_unit_test(
            test_alloc_when_one_node_fails_often_asks_for_the_other),
        cmocka_unit_test(test_alloc_when_in_reclaim_fails_at_once),
        cmocka_unit_test(test_tags_when_nobody_listens_are_kept),
        cmocka_unit_test(test_image_tells_where_pages_and_tags_are),
        cmocka_unit_test(test_image_is_of_the_process_asked_for),
    };

    return RUN(tests);
}
