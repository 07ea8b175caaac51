// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The host has no memory, at each allocation of an operation in turn: it
 * fails with everything as it was, and then works.
 *
 * The linker sends every calloc() and realloc() of the library here.  The
 * areas have no tags, because the judges rightly aborts when its books would
 * have a page missing.
 */
#include <errno.h>
#include <stdlib.h>

#include "adi/tagmap.h"
#include "mm/fork.h"
#include "mm/mapping.h"
#include "mm/mempolicy.h"
#include "mm/rmap.h"
#include "swap/slot.h"
#include "swap/slotcache.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define FAR  UINT64_C(0x171000000) /* in another leaf of the page table */

static unsigned fail_in; /* allocations until one fails; 0: never */

void *__real_calloc(size_t nr, size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool due(void)
{
    return fail_in > 0 && --fail_in == 0;
}

void *__wrap_calloc(size_t nr, size_t size)
{
    return due() ? NULL : __real_calloc(nr, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return due() ? NULL : __real_realloc(old, size);
}

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

static void test_fault_when_host_is_full_is_oom(void **state)
{
    enum fault fault = FAULT_OOM;
    struct world *w = world_create("remap", 256, 0);
    unsigned frames = world_free_frames(w), nr;

    (void)state;
    world_map(w, BASE, 1, false);
    for (nr = 1; fault != FAULT_OK; nr++) {
        assert_int_equal(fault, FAULT_OOM);
        assert_true(pte_none(world_pte(w, BASE)));
        assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
        assert_int_equal(world_free_frames(w), frames);
        fail_in = nr;
        fault = world_fault(w, BASE, ACCESS_WRITE);
        fail_in = 0;
        audit(w);
    }
    assert_true(nr > 3); /* page tables, and then an anon_vma */
    world_destroy(w);
}

/* An area of 3 pages that hold 1, 2 and 3. */
static struct world *three_pages(void)
{
    struct world *w = world_create("remap", 256, 64);

    world_map(w, BASE, 3, false);
    for (unsigned i = 0; i < 3; i++)
        world_write(w, nth(i), (uint8_t)(1 + i));
    /* The listeners get to know the process. */
    assert_true(world_out(w, nth(0)));
    world_write(w, nth(0), 1);
    return w;
}

static void assert_three(struct world *w, gva_t base)
{
    const struct vma *vma = vma_lookup(w->mm, base);

    assert_non_null(vma);
    assert_int_equal(vma->start, base);
    assert_int_equal(vma->end, base + 3 * PAGE_SIZE);
    assert_true(vma->flags & VM_WRITE);
    assert_int_equal(mm_total_vm(w->mm), 3);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(world_read(w, base + i * PAGE_SIZE), 1 + i);
    audit(w);
}

static int cut_middle(struct world *w)
{
    return mm_munmap(w->mm, nth(1), PAGE_SIZE);
}

static int protect_middle(struct world *w)
{
    return mm_mprotect(w->mm, nth(1), PAGE_SIZE, PROT_G_READ);
}

static int move(struct world *w)
{
    gva_t at;

    return mm_mremap(w->mm, BASE, 3 * PAGE_SIZE, 3 * PAGE_SIZE,
                     MREMAP_G_MAYMOVE | MREMAP_G_FIXED, FAR, &at);
}

/* A first cut may have been made when the second failed: it stays, as in the
 * kernel, and only shows in the number of areas. */
static void join(struct world *w)
{
    for (struct vma *vma = vma_first(w->mm); vma; vma = vma_next(vma))
        vma = world_join(w, vma->start);
}

static void test_change_when_host_is_full_leaves_all(void **state)
{
    int (*const ops[])(struct world *) = {cut_middle, protect_middle, move};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct world *w = three_pages();
        int err = -ENOMEM;
        unsigned nr = 0;

        while (err) {
            nr++;
            fail_in = nr;
            err = ops[i](w);
            fail_in = 0;
            if (err) {
                assert_int_equal(err, -ENOMEM);
                join(w);
                assert_three(w, BASE);
            }
        }
        assert_true(nr > 2);
        if (ops[i] == move)
            assert_three(w, FAR);
        audit(w);
        world_destroy(w);
    }
}

static void test_mmap_when_host_is_full_maps_nothing(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mmap_args args = {.len = PAGE_SIZE,
                             .prot = PROT_G_READ,
                             .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS};
    gva_t at = 1;

    (void)state;
    fail_in = 1;
    assert_int_equal(mm_mmap(w->mm, &args, &at), -ENOMEM);
    assert_int_equal(at, 1);
    assert_int_equal(mm_total_vm(w->mm), 0);
    assert_int_equal(vma_count(w->mm), 0);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    world_destroy(w);
}

static void test_fork_when_host_is_full_joins_nothing(void **state)
{
    struct world *w = three_pages();
    struct vma *parent = vma_first(w->mm);
    struct mm *mm = mm_create(w->mem);
    struct vma *child = vma_create(mm, parent->start, parent->end,
                                   parent->flags, NULL, parent->pgoff);
    struct vma *grandchild;
    int err = -ENOMEM;
    unsigned nr;

    (void)state;
    for (nr = 1; err; nr++) {
        assert_int_equal(err, -ENOMEM);
        assert_null(child->anon_vma);
        assert_null(child->chain);
        fail_in = nr;
        err = anon_vma_fork(child, parent);
        fail_in = 0;
    }
    assert_int_equal(nr, 5); /* a link, an anon_vma, its link, and success */
    assert_non_null(child->anon_vma);
    /* A child's area has two chains: the first goes when the second fails. */
    grandchild = vma_create(mm, parent->start, parent->end, parent->flags, NULL,
                            parent->pgoff);
    for (nr = 1, err = -ENOMEM; err; nr++) {
        assert_null(grandchild->anon_vma);
        assert_null(grandchild->chain);
        fail_in = nr;
        err = anon_vma_fork(grandchild, child);
        fail_in = 0;
    }
    assert_int_equal(nr, 6);
    vma_destroy(grandchild);
    vma_destroy(child);
    assert_three(w, BASE);
    fail_in = 1;
    assert_null(mm_create(w->mem));
    fail_in = 2;
    assert_null(mm_create(w->mem));
    fail_in = 0;
    world_destroy(w);
}

static void test_object_when_host_is_full_caches_nothing(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    unsigned frames = world_free_frames(w);
    struct mapping *m;
    struct folio *folio = NULL;

    (void)state;
    fail_in = 1;
    assert_null(mapping_create_shmem(w->mem, PAGE_SIZE));
    m = mapping_create_shmem(w->mem, PAGE_SIZE);
    fail_in = 1;
    assert_int_equal(mapping_get_folio(m, 0, &folio), -ENOMEM);
    assert_null(folio);
    assert_null(mapping_find(m, 0));
    assert_int_equal(world_free_frames(w), frames);
    assert_int_equal(mapping_get_folio(m, 0, &folio), 0);
    memory_folio_put(w->mem, folio);
    mapping_put(m);
    world_destroy(w);
}

static void test_count_when_host_is_full_stays(void **state)
{
    struct world *w = world_create("remap", 64, 3);
    swp_entry_t e = slotcache_alloc(w->swap);
    struct tagmap map;
    adi_tag_t tags[ADI_TAGS_PER_PAGE] = {5};

    (void)state;
    for (unsigned i = 0; i < SWAP_MAP_MAX; i++)
        assert_int_equal(slot_duplicate(w->swap, e), 0);
    fail_in = 1;
    assert_int_equal(slot_duplicate(w->swap, e), -ENOMEM);
    assert_int_equal(slot_count(w->swap, e), SWAP_MAP_MAX);
    assert_int_equal(slot_duplicate(w->swap, e), 0);
    assert_int_equal(slot_count(w->swap, e), SWAP_MAP_MAX + 1);
    for (unsigned i = 0; i <= SWAP_MAP_MAX; i++)
        slot_free(w->swap, e);
    slot_put_cache(w->swap, e);

    tagmap_init(&map);
    fail_in = 1;
    assert_int_equal(tagmap_save(&map, 1, tags), -ENOMEM);
    assert_int_equal(map.nr, 0);
    assert_int_equal(tagmap_save(&map, 1, tags), 0);
    fail_in = 1;
    assert_int_equal(tagmap_move(&map, 1, UINT64_C(1) << 39), -ENOMEM);
    assert_true(tagmap_has(&map, 1));
    assert_int_equal(map.nr, 1);
    tagmap_fini(&map);
    world_destroy(w);
}

/* The table of the page is there, so the anon_vma is what it needs first. */
static void fault_in(struct world *w, gva_t va, unsigned nr_needed)
{
    unsigned frames = world_free_frames(w), nr;
    pte_t before = world_pte(w, va);

    for (nr = 1; nr <= nr_needed; nr++) {
        fail_in = nr;
        assert_int_equal(world_fault(w, va, ACCESS_WRITE), FAULT_OOM);
        assert_int_equal(fail_in, 0);
        assert_true(pte_same(world_pte(w, va), before));
        assert_null(vma_lookup(w->mm, va)->anon_vma);
        assert_int_equal(world_free_frames(w), frames);
        audit(w);
    }
    assert_int_equal(world_fault(w, va, ACCESS_WRITE), FAULT_OK);
    assert_non_null(vma_lookup(w->mm, va)->anon_vma);
    audit(w);
}

static void test_first_store_when_host_is_full_is_oom(void **state)
{
    struct world *w = world_create("remap", 256, 0);
    struct mmap_args args = {.addr = nth(8),
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = MAP_G_PRIVATE | MAP_G_FIXED,
                             .may_write = true};
    gva_t at;

    (void)state;
    world_map(w, nth(0), 1, false);
    world_map(w, nth(4), 1, false);
    args.mapping = mapping_create_shmem(w->mem, PAGE_SIZE);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_int_equal(world_read(w, nth(4)), 0); /* the zero page */
    assert_int_equal(world_read(w, nth(8)), 0); /* that of the object */
    assert_int_equal(mm_madvise(w->mm, nth(8), PAGE_SIZE, MADV_G_DONTNEED), 0);
    fault_in(w, nth(0), 2); /* an anon_vma and its link */
    fault_in(w, nth(4), 2);
    fault_in(w, nth(8), 2);
    mapping_put(args.mapping);
    world_destroy(w);
}

static gva_t map_one(struct mm *mm, gva_t at, uint8_t byte)
{
    struct mmap_args args = {.addr = at,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags =
                                 MAP_G_PRIVATE | MAP_G_ANONYMOUS | MAP_G_FIXED};
    struct folio *folio;

    assert_int_equal(mm_mmap(mm, &args, &at), 0);
    assert_int_equal(mm_get_page(mm, at, ACCESS_WRITE, &folio), FAULT_OK);
    memory_folio_bytes(mm_memory(mm), folio)[0] = byte;
    return at;
}

static struct folio *page_of(struct mm *mm, gva_t va)
{
    struct folio *folio;

    assert_int_equal(mm_get_page(mm, va, ACCESS_READ, &folio), FAULT_OK);
    return folio;
}

/* Nobody listens: the books of the judges would abort, and they are not asked.
 */
static void test_process_when_host_is_full_is_not_forked(void **state)
{
    struct memory_config config = {.ram_bytes = 64 * PAGE_SIZE,
                                   .nr_nodes = 1,
                                   .policy = MM_POLICY_OF(KERNEL(6, 2, 0)),
                                   .hub = hub_create()};
    struct memory *mem = memory_create(&config);
    struct adi *adi = adi_create(mem, adi_profile_find("remap"));
    struct mm *mm = mm_create(mem), *child = NULL;
    gva_t a = map_one(mm, BASE, 1), b = map_one(mm, FAR, 2);
    const pfn_t nr_free = phys_nr_free(memory_phys(mem));
    int err = -ENOMEM;
    unsigned nr;

    (void)state;
    for (nr = 1; err; nr++) {
        assert_null(child);
        assert_int_equal(phys_nr_free(memory_phys(mem)), nr_free);
        assert_int_equal(page_of(mm, a)->mapcount, 1);
        assert_int_equal(page_of(mm, b)->mapcount, 1);
        assert_ptr_equal(memory_first_mm(mem), mm);
        assert_null(memory_next_mm(mm));
        fail_in = nr;
        err = mm_fork(mm, &child);
        fail_in = 0;
    }
    /* The mm, its context, two areas, their chains, their page tables. */
    assert_true(nr > 8);
    assert_ptr_equal(page_of(child, a), page_of(mm, a));
    assert_int_equal(memory_folio_bytes(mem, page_of(child, b))[0], 2);
    assert_int_equal(page_of(mm, b)->mapcount, 2);
    mm_put(child);
    mm_put(mm);
    memory_destroy(mem);
    adi_destroy(adi);
    hub_destroy(config.hub);
}

static void test_brk_when_host_is_full_stays(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    gva_t end = BASE + 4 * PAGE_SIZE;

    (void)state;
    mm_set_brk(w->mm, BASE, BASE + 64 * PAGE_SIZE);
    fail_in = 1;
    assert_int_equal(mm_brk(w->mm, end), BASE);
    assert_int_equal(vma_count(w->mm), 0);
    assert_int_equal(mm_brk(w->mm, end), end);
    world_write(w, nth(3), 4);
    fail_in = 1; /* what is cut off is an area first */
    assert_int_equal(mm_brk(w->mm, nth(2)), end);
    assert_int_equal(mm_total_vm(w->mm), 4);
    assert_int_equal(world_read(w, nth(3)), 4);
    audit(w);
    assert_int_equal(mm_brk(w->mm, nth(2)), nth(2));
    assert_int_equal(mm_total_vm(w->mm), 2);
    world_destroy(w);
}

static void test_shorter_move_when_host_is_full_cuts_nothing(void **state)
{
    struct world *w = three_pages();
    gva_t at = 0;

    (void)state;
    fail_in = 1;
    assert_int_equal(mm_mremap(w->mm, BASE, 3 * PAGE_SIZE, PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED, FAR, &at),
                     -ENOMEM);
    assert_int_equal(at, 0);
    assert_three(w, BASE);
    world_destroy(w);
}

/* The table of areas is full, and does not get longer. */
/* Three areas that could be one stay three: nobody sees a difference. */
static void test_merge_when_host_is_full_joins_nothing(void **state)
{
    struct world *w = world_create("remap", 256, 64);

    (void)state;
    world_map(w, BASE, 3, false);
    assert_int_equal(protect_middle(w), 0);
    world_write(w, nth(2), 3);
    for (int nr = 3; nr > 0; nr -= 2) {
        fail_in = nr == 3;
        assert_int_equal(
            mm_mprotect(w->mm, nth(1), PAGE_SIZE, PROT_G_READ | PROT_G_WRITE),
            0);
        assert_int_equal(fail_in, 0);
        assert_int_equal(vma_count(w->mm), nr);
        audit(w);
        if (nr == 3)
            assert_int_equal(protect_middle(w), 0);
    }
    world_write(w, nth(0), 1);
    assert_true(world_push(w, nth(0)));
    assert_true(world_push(w, nth(2)));
    assert_int_equal(world_read(w, nth(0)), 1);
    assert_int_equal(world_read(w, nth(2)), 3);
    world_destroy(w);
}

static void test_policy_when_host_is_full_stays(void **state)
{
    struct world *w = world_create("remap", 256, 0);
    struct mmap_args args = {.addr = BASE,
                             .len = 2 * PAGE_SIZE,
                             .prot = PROT_G_READ,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .may_write = true};
    struct mempolicy pol;
    gva_t at;

    (void)state;
    args.mapping = mapping_create_shmem(w->mem, 2 * PAGE_SIZE);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_int_equal(mpol_new(MPOL_BIND, 0, 1, 1, &pol), 0);
    fail_in = 1;
    assert_int_equal(mm_set_policy(w->mm, BASE, nth(2), &pol), -ENOMEM);
    assert_int_equal(vma_policy_at(vma_first(w->mm), BASE).mode, MPOL_DEFAULT);
    assert_int_equal(vma_first(w->mm)->policy.mode, MPOL_DEFAULT);
    assert_int_equal(mm_set_policy(w->mm, BASE, nth(2), &pol), 0);
    assert_int_equal(vma_policy_at(vma_first(w->mm), BASE).mode, MPOL_BIND);
    mapping_put(args.mapping);
    world_destroy(w);
}

/* The target would have to be cut: then nothing has moved, nor gone. */
static void test_move_onto_part_when_host_is_full_changes_nothing(void **state)
{
    struct world *w = three_pages();
    gva_t at = 0;

    (void)state;
    world_map(w, FAR, 8, false);
    world_write(w, FAR, 9);
    fail_in = 1;
    assert_int_equal(mm_mremap(w->mm, BASE, 3 * PAGE_SIZE, 3 * PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED, FAR, &at),
                     -ENOMEM);
    assert_int_equal(at, 0);
    assert_int_equal(world_read(w, FAR), 9);
    assert_int_equal(vma_count(w->mm), 2);
    assert_int_equal(mm_munmap(w->mm, FAR, 8 * PAGE_SIZE), 0);
    assert_three(w, BASE);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_when_host_is_full_is_oom),
        cmocka_unit_test(test_change_when_host_is_full_leaves_all),
        cmocka_unit_test(test_mmap_when_host_is_full_maps_nothing),
        cmocka_unit_test(test_fork_when_host_is_full_joins_nothing),
        cmocka_unit_test(test_object_when_host_is_full_caches_nothing),
        cmocka_unit_test(test_count_when_host_is_full_stays),
        cmocka_unit_test(test_first_store_when_host_is_full_is_oom),
        cmocka_unit_test(test_process_when_host_is_full_is_not_forked),
        cmocka_unit_test(test_brk_when_host_is_full_stays),
        cmocka_unit_test(test_shorter_move_when_host_is_full_cuts_nothing),
        cmocka_unit_test(test_merge_when_host_is_full_joins_nothing),
        cmocka_unit_test(test_policy_when_host_is_full_stays),
        cmocka_unit_test(test_move_onto_part_when_host_is_full_changes_nothing),
    };

    return RUN(tests);
}
