/*
 * The host has no memory, at each allocation of an operation in turn: it
 * fails with everything as it was, and then works.
 *
 * The linker sends every calloc() and realloc() of the library here.  The
 * areas have no tags, because report/ rightly aborts when its books would
 * have a page missing.
 */
#include <errno.h>
#include <stdlib.h>

#include "adi/tagmap.h"
#include "fake_ops.h"
#include "mm/mapping.h"
#include "mm/rmap.h"
#include "swap/slot.h"
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
    assert_true(nr > 3); /* a page table, an anon_vma and its chain */
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
        vma = vma_merge_neighbours(vma);
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
    for (unsigned nr = 1; nr <= 2; nr++) {
        fail_in = nr;
        assert_int_equal(mm_mmap(w->mm, &args, &at), -ENOMEM);
        assert_int_equal(at, 1);
        assert_int_equal(mm_total_vm(w->mm), 0);
        assert_int_equal(vma_count(w->mm), 0);
    }
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
    swp_entry_t e = slot_alloc(w->swap);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_when_host_is_full_is_oom),
        cmocka_unit_test(test_change_when_host_is_full_leaves_all),
        cmocka_unit_test(test_mmap_when_host_is_full_maps_nothing),
        cmocka_unit_test(test_fork_when_host_is_full_joins_nothing),
        cmocka_unit_test(test_object_when_host_is_full_caches_nothing),
        cmocka_unit_test(test_count_when_host_is_full_stays),
    };

    return RUN(tests);
}
