// SPDX-License-Identifier: GPL-2.0-or-later
/* mprotect(): areas, entries, and the MCD bit that goes with PROT_ADI. */
#include <errno.h>

#include "migrate/migrate.h"
#include "mm/mapping.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define RW   (PROT_G_READ | PROT_G_WRITE)
#define ADI  PROT_G_ADI

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

static struct world *pages(unsigned nr)
{
    struct world *w = world_create("remap", 256, 64);

    assert_int_equal(world_map(w, BASE, nr, true), BASE);
    for (unsigned i = 0; i < nr; i++) {
        world_write(w, nth(i), 42);
        world_set_tags(w, nth(i), (adi_tag_t)(5 + i));
    }
    return w;
}

static void protect(struct world *w, gva_t va, unsigned nr, unsigned prot)
{
    assert_int_equal(mm_mprotect(w->mm, va, nr * PAGE_SIZE, prot), 0);
    audit(w);
}

static unsigned nr_areas(struct world *w)
{
    unsigned nr = 0;

    for (struct vma *vma = vma_first(w->mm); vma; vma = vma_next(vma))
        nr++;
    return nr;
}

static void test_mprotect_when_read_only_forbids_stores(void **state)
{
    struct world *w = pages(1);
    struct folio *folio = world_folio(w, BASE);
    unsigned flushes = w->flushes;

    (void)state;
    protect(w, BASE, 1, PROT_G_READ | ADI);
    assert_true(w->flushes > flushes);
    assert_false(pte_write(world_pte(w, BASE)));
    assert_false(pte_hw_write(world_pte(w, BASE)));
    assert_true(pte_dirty(world_pte(w, BASE)));
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), FAULT_ACCERR);
    assert_int_equal(world_tag(w, BASE), 5);
    protect(w, BASE, 1, RW | ADI);
    /* Exclusive: no write fault is needed. */
    assert_true(pte_hw_write(world_pte(w, BASE)));
    assert_ptr_equal(world_folio(w, BASE), folio);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mprotect_when_page_is_shared_keeps_it_read_only(void **state)
{
    struct world *w = pages(1);
    struct mm *child = world_share(w);
    struct folio *folio = world_folio(w, BASE);

    (void)state;
    protect(w, BASE, 1, PROT_G_READ | ADI);
    protect(w, BASE, 1, RW | ADI);
    assert_false(pte_write(world_pte(w, BASE)));
    world_write(w, BASE, 43);
    assert_ptr_not_equal(world_folio(w, BASE), folio);
    w->mm = child;
    assert_int_equal(world_read(w, BASE), 42);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mprotect_when_none_hides_page(void **state)
{
    struct world *w = pages(1);

    (void)state;
    protect(w, BASE, 1, 0);
    assert_true(pte_present(world_pte(w, BASE)));
    assert_false(pte_accessible(world_pte(w, BASE)));
    assert_int_equal(world_fault(w, BASE, ACCESS_READ), FAULT_ACCERR);
    assert_int_equal(world_fault(w, BASE, ACCESS_EXEC), FAULT_ACCERR);
    protect(w, BASE, 1, RW | ADI);
    assert_int_equal(world_read(w, BASE), 42);
    assert_int_equal(world_tag(w, BASE), 5);
    protect(w, BASE, 1, PROT_G_EXEC);
    assert_int_equal(world_fault(w, BASE, ACCESS_EXEC), FAULT_OK);
    assert_false(pte_mcd(world_pte(w, BASE)));
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mprotect_when_adi_toggles_keeps_tags(void **state)
{
    struct world *w = pages(1);

    (void)state;
    protect(w, BASE, 1, RW);
    assert_false(pte_mcd(world_pte(w, BASE)));
    protect(w, BASE, 1, RW | ADI);
    assert_true(pte_mcd(world_pte(w, BASE)));
    assert_int_equal(world_tag(w, BASE), 5);
    /* And over a stay in swap, saved with MCD and restored without. */
    assert_true(world_out(w, BASE));
    protect(w, BASE, 1, RW);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_true(world_out(w, BASE));
    protect(w, BASE, 1, RW | ADI);
    assert_int_equal(world_tag(w, BASE), 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* B11 in v6.2: what was saved with MCD is not restored without. */
static void test_mprotect_when_adi_toggles_in_6_2_loses_tags(void **state)
{
    struct world *w = world_create("linux-6.2", 256, 64);

    (void)state;
    world_map(w, BASE, 1, true);
    world_set_tags(w, BASE, 5);
    assert_true(world_out(w, BASE));
    protect(w, BASE, 1, RW);
    world_write(w, BASE, 1);
    assert_int_equal(w->calls[HOOK_SWAPIN_LATE], 1);
    assert_int_equal(hub_counter(w->hub, COUNT_TAGS_RESTORED), 0);
    assert_int_equal(adi_store_use(w->adi).pages, 1);
    world_destroy(w);
}

static void test_mprotect_when_swapped_leaves_entry(void **state)
{
    struct world *w = pages(1);
    pte_t pte;

    (void)state;
    assert_true(world_out(w, BASE));
    pte = world_pte(w, BASE);
    protect(w, BASE, 1, PROT_G_READ | ADI);
    assert_int_equal(world_pte(w, BASE).v, pte.v);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_false(pte_write(world_pte(w, BASE)));
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), FAULT_ACCERR);
    world_exit_clean(w);
    world_destroy(w);
}

/* RRRR  ->  RrrR  ->  RRRR: three areas, then one again. */
static void test_mprotect_when_middle_changes_splits_and_merges(void **state)
{
    struct world *w = pages(4);

    (void)state;
    protect(w, nth(1), 2, PROT_G_READ | ADI);
    assert_int_equal(nr_areas(w), 3);
    assert_int_equal(vma_lookup(w->mm, nth(1))->end, nth(3));
    assert_int_equal(vma_lookup(w->mm, nth(3))->start, nth(3));
    assert_true(pte_write(world_pte(w, nth(0))));
    assert_false(pte_write(world_pte(w, nth(1))));
    assert_false(pte_write(world_pte(w, nth(2))));
    assert_true(pte_write(world_pte(w, nth(3))));
    assert_true(world_out(w, nth(2))); /* the walk finds a split area's page */
    protect(w, nth(1), 2, RW | ADI);
    assert_int_equal(nr_areas(w), 1);
    assert_int_equal(mm_total_vm(w->mm), 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(world_tag(w, nth(i)), 5 + i);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mprotect_when_hole_follows_changes_what_is_there(void **state)
{
    struct world *w = pages(4);

    (void)state;
    assert_int_equal(mm_munmap(w->mm, nth(2), PAGE_SIZE), 0);
    assert_int_equal(mm_mprotect(w->mm, BASE, 4 * PAGE_SIZE, PROT_G_READ),
                     -ENOMEM);
    assert_false(vma_lookup(w->mm, nth(1))->flags & VM_WRITE);
    assert_true(vma_lookup(w->mm, nth(3))->flags & VM_WRITE);
    audit(w);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mprotect_when_arguments_are_bad_changes_nothing(void **state)
{
    struct world *w = pages(1);
    struct page_state before = page_state(w, BASE);
    struct mm *mm = w->mm;

    (void)state;
    assert_int_equal(mm_mprotect(mm, BASE, PAGE_SIZE, 0x20), -EINVAL);
    assert_int_equal(mm_mprotect(mm, BASE + 1, PAGE_SIZE, RW), -EINVAL);
    assert_int_equal(mm_mprotect(mm, BASE, 0, 0), 0);
    assert_int_equal(mm_mprotect(mm, BASE, UINT64_MAX, 0), -ENOMEM);
    assert_int_equal(mm_mprotect(mm, BASE - PAGE_SIZE, PAGE_SIZE, 0), -ENOMEM);
    assert_int_equal(mm_mprotect(mm, nth(1), PAGE_SIZE, 0), -ENOMEM);
    assert_page_state(w, BASE, &before);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mprotect_when_object_is_read_only_is_eacces(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mapping *m = mapping_create_shmem(w->mem, PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m};
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    mapping_put(m);
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE, RW), -EACCES);
    assert_false(vma_lookup(w->mm, BASE)->flags & VM_WRITE);
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), FAULT_ACCERR);
    assert_int_equal(world_read(w, BASE), 0);
    world_exit_clean(w);
    world_destroy(w);
}

/* The process gets its checks even when the call fails. */
static void test_mprotect_when_area_is_mergeable_refuses_tags(void **state)
{
    struct world *w = world_create("remap", 256, 64);

    (void)state;
    world_map(w, BASE, 1, false);
    world_write(w, BASE, 42);
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_MERGEABLE), 0);
    assert_false(adi_mm_enabled(w->mm));
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE, RW | ADI), -EINVAL);
    assert_true(adi_mm_enabled(w->mm));
    assert_false(vma_lookup(w->mm, BASE)->flags & VM_SPARC_ADI);
    assert_false(pte_mcd(world_pte(w, BASE)));
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_UNMERGEABLE), 0);
    protect(w, BASE, 1, RW | ADI);
    assert_true(pte_mcd(world_pte(w, BASE)));
    world_exit_clean(w);
    world_destroy(w);
}

/* A shared page becomes writable at once only when it is dirty already. */
static void test_mprotect_when_shared_follows_dirty(void **state)
{
    struct world *w = world_create("remap", 256, 64);
    struct mapping *m = mapping_create_shmem(w->mem, 2 * PAGE_SIZE);
    struct mmap_args args = {.addr = BASE,
                             .len = 2 * PAGE_SIZE,
                             .prot = RW,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    mapping_put(m);
    world_write(w, nth(0), 1);
    assert_int_equal(world_read(w, nth(1)), 0);
    protect(w, BASE, 2, PROT_G_READ);
    assert_false(pte_write(world_pte(w, nth(0))));
    protect(w, BASE, 2, RW);
    assert_true(pte_hw_write(world_pte(w, nth(0))));
    assert_false(pte_hw_write(world_pte(w, nth(1))));
    world_write(w, nth(1), 2);
    world_exit_clean(w);
    world_destroy(w);
}

/* While a page is on its way, its entry alone says who may store. */
static void test_mprotect_when_migrating_changes_the_entry(void **state)
{
    struct world *w = pages(1);
    struct folio *folio = world_folio(w, BASE);
    pte_t readable;

    (void)state;
    world_lock(w, folio);
    assert_true(try_to_migrate(w->mem, folio));
    assert_true(is_writable_migration_entry(world_entry(w, BASE)));
    protect(w, BASE, 1, PROT_G_READ | ADI);
    assert_false(is_writable_migration_entry(world_entry(w, BASE)));
    assert_false(is_readable_migration_entry(world_entry(w, BASE)));
    readable = world_pte(w, BASE);
    protect(w, BASE, 1, ADI);
    assert_true(pte_same(world_pte(w, BASE), readable));
    protect(w, BASE, 1, PROT_G_READ | ADI);
    remove_migration_ptes(w->mem, folio, folio);
    world_unlock(w, folio);
    assert_false(pte_write(world_pte(w, BASE)));
    assert_true(folio_test(folio, PG_anon_exclusive));
    assert_int_equal(world_tag(w, BASE), 5);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_mprotect_when_shared_page_migrates_forbids_stores(void **s)
{
    struct world *w = world_create("remap", 256, 64);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = RW,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .may_write = true};
    struct folio *folio;
    gva_t at;

    (void)s;
    args.mapping = mapping_create_shmem(w->mem, PAGE_SIZE);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    mapping_put(args.mapping);
    world_write(w, BASE, 1);
    folio = world_folio(w, BASE);
    world_lock(w, folio);
    assert_true(try_to_migrate(w->mem, folio));
    assert_true(is_writable_migration_entry(world_entry(w, BASE)));
    protect(w, BASE, 1, PROT_G_READ);
    assert_true(is_readable_migration_entry(world_entry(w, BASE)));
    remove_migration_ptes(w->mem, folio, folio);
    world_unlock(w, folio);
    assert_false(pte_write(world_pte(w, BASE)));
    assert_int_equal(world_fault(w, BASE, ACCESS_WRITE), FAULT_ACCERR);
    assert_int_equal(world_read(w, BASE), 1);
    world_exit_clean(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mprotect_when_read_only_forbids_stores),
        cmocka_unit_test(test_mprotect_when_page_is_shared_keeps_it_read_only),
        cmocka_unit_test(test_mprotect_when_none_hides_page),
        cmocka_unit_test(test_mprotect_when_adi_toggles_keeps_tags),
        cmocka_unit_test(test_mprotect_when_adi_toggles_in_6_2_loses_tags),
        cmocka_unit_test(test_mprotect_when_swapped_leaves_entry),
        cmocka_unit_test(test_mprotect_when_middle_changes_splits_and_merges),
        cmocka_unit_test(test_mprotect_when_hole_follows_changes_what_is_there),
        cmocka_unit_test(test_mprotect_when_arguments_are_bad_changes_nothing),
        cmocka_unit_test(test_mprotect_when_object_is_read_only_is_eacces),
        cmocka_unit_test(test_mprotect_when_area_is_mergeable_refuses_tags),
        cmocka_unit_test(test_mprotect_when_shared_follows_dirty),
        cmocka_unit_test(test_mprotect_when_migrating_changes_the_entry),
        cmocka_unit_test(
            test_mprotect_when_shared_page_migrates_forbids_stores),
    };

    return RUN(tests);
}
