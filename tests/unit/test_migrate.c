/*
 * Migration of one folio, and each exit half-way; what happens to a
 * migration entry while it stands.
 */
#include <errno.h>

#include "adi/store_linux.h"
#include "fake_ops.h"
#include "migrate/migrate.h"
#include "mm/fault.h"
#include "mm/lru.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static struct folio *folio_at(struct world *w, gva_t va)
{
    return phys_folio(memory_phys(w->mem), pte_pfn(*mm_pte(w->mm, va)));
}

static gva_t tagged_page(struct world *w)
{
    gva_t a = world_map(w, BASE, 1, true);

    world_write(w, a, 0x5a);
    world_set_tags(w, a, 5);
    return a;
}

static void assert_right(struct world *w, gva_t a)
{
    assert_int_equal(world_tag(w, a), 5);
    assert_int_equal(world_read(w, a), 0x5a);
    assert_int_equal(folio_at(w, a)->mapcount, 1);
    assert_int_equal(folio_at(w, a)->refcount, 1);
    assert_true(folio_test(folio_at(w, a), PG_lru));
    assert_false(folio_test(folio_at(w, a), PG_locked));
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 1);
}

static uint64_t users(const struct world *w)
{
    struct linux_desc d;

    if (adi_store_use(w->adi).pages == 0)
        return 0;
    return linux_store_desc(w->mm, 0, &d) ? d.users : 0;
}

static void test_page_moves_with_bytes_and_tags(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = tagged_page(w);
    pte_t before = *mm_pte(w->mm, a);
    pfn_t free = phys_nr_free(memory_phys(w->mem));

    (void)state;
    assert_int_equal(migrate_folio(w->mem, folio_at(w, a), 0), 0);
    assert_int_not_equal(pte_pfn(*mm_pte(w->mm, a)), pte_pfn(before));
    assert_true(pte_write(*mm_pte(w->mm, a)));
    assert_true(folio_test(folio_at(w, a), PG_anon_exclusive));
    assert_int_equal(phys_nr_free(memory_phys(w->mem)), free);
    assert_right(w, a);
    assert_int_equal(adi_store_use(w->adi).pages, 0);
    world_destroy(w);
}

/* B5: right tags, and a user more each time. */
static void test_linux_saves_for_nobody(void **state)
{
    struct world *w = world_create("linux-6.2", 64, 0);
    gva_t a = tagged_page(w);

    (void)state;
    for (unsigned i = 1; i <= 4; i++) {
        assert_int_equal(migrate_folio(w->mem, folio_at(w, a), 0), 0);
        assert_int_equal(users(w), i);
        assert_right(w, a);
    }
    world_destroy(w);
}

static void test_refused_save_leaves_the_page(void **state)
{
    struct world *w = world_create("linux-6.2", 64, 0);
    gva_t a = tagged_page(w);
    pte_t before = *mm_pte(w->mm, a);
    pfn_t free = phys_nr_free(memory_phys(w->mem));

    (void)state;
    adi_fail_alloc(w->adi, 1);
    assert_int_not_equal(migrate_folio(w->mem, folio_at(w, a), 0), 0);
    assert_int_equal(mm_pte(w->mm, a)->v, before.v);
    assert_int_equal(phys_nr_free(memory_phys(w->mem)), free);
    assert_int_equal(users(w), 0);
    assert_right(w, a);
    world_destroy(w);
}

/* Somebody has a reference: unmapped, then mapped again where it was. */
static void foreign_reference(const char *profile, uint64_t leaked)
{
    struct world *w = world_create(profile, 64, 0);
    gva_t a = tagged_page(w);
    struct folio *folio = folio_at(w, a);

    folio_get(folio);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(migrate_folio(w->mem, folio, 0), -EAGAIN);
    memory_folio_put(w->mem, folio);
    assert_ptr_equal(folio_at(w, a), folio);
    assert_true(pte_write(*mm_pte(w->mm, a)));
    assert_int_equal(users(w), leaked);
    assert_int_equal(report_counter(w->report, COUNT_MIGRATE_FAIL), 3);
    assert_right(w, a);
    world_destroy(w);
}

static void test_foreign_reference_maps_the_old_page_again(void **state)
{
    (void)state;
    foreign_reference("remap", 0);
    foreign_reference("linux-6.2", 3);
}

/* B6: exclusive and pinned. */
static void pinned(const char *profile, uint64_t leaked)
{
    struct world *w = world_create(profile, 64, 0);
    gva_t a = tagged_page(w);
    pte_t before = *mm_pte(w->mm, a);
    struct folio *folio = folio_at(w, a);

    folio->pins = 1;
    for (unsigned i = 0; i < 10; i++)
        assert_int_not_equal(migrate_folio(w->mem, folio, 0), 0);
    assert_int_equal(mm_pte(w->mm, a)->v, before.v);
    assert_int_equal(users(w), leaked);
    folio->pins = 0;
    assert_right(w, a);
    world_destroy(w);
}

static void test_pinned_page_stays_and_linux_leaks(void **state)
{
    (void)state;
    pinned("remap", 0);
    pinned("linux-6.2", 10);
}

static void test_no_frame_for_the_copy(void **state)
{
    struct world *w = world_create("linux-6.2", 64, 0);
    gva_t a = tagged_page(w);
    struct folio *taken[64];
    unsigned nr = 0;

    (void)state;
    while (nr < 64 && (taken[nr] = phys_alloc(memory_phys(w->mem), 0)) != NULL)
        nr++;
    assert_int_equal(migrate_folio(w->mem, folio_at(w, a), 0), -ENOMEM);
    assert_int_equal(users(w), 0);
    assert_right(w, a);
    while (nr > 0)
        memory_folio_put(w->mem, taken[--nr]);
    world_destroy(w);
}

static void test_locked_folio_is_busy(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = tagged_page(w);

    (void)state;
    assert_true(folio_trylock(folio_at(w, a)));
    assert_int_equal(migrate_folio(w->mem, folio_at(w, a), 0), -EBUSY);
    folio_unlock(folio_at(w, a));
    assert_right(w, a);
    world_destroy(w);
}

/* The page of @a under migration entries, as in the middle of a move. */
static struct folio *begin(struct world *w, gva_t a)
{
    struct folio *folio = folio_at(w, a);

    folio_get(folio);
    assert_true(folio_trylock(folio));
    assert_true(try_to_migrate(w->mem, folio));
    assert_int_equal(folio->mapcount, 0);
    return folio;
}

static void finish(struct world *w, struct folio *folio)
{
    remove_migration_ptes(w->mem, folio, folio);
    folio_unlock(folio);
    memory_folio_put(w->mem, folio);
}

static void test_fault_waits_for_the_migration(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = tagged_page(w);
    struct folio *folio = begin(w, a);
    pte_t pte = *mm_pte(w->mm, a);

    (void)state;
    assert_true(is_writable_migration_entry(pte_to_swp_entry(pte)));
    assert_int_equal(migration_entry_pfn(pte_to_swp_entry(pte)),
                     memory_folio_pfn(w->mem, folio));
    assert_int_equal(mm_handle_fault(w->mm, a, ACCESS_WRITE), FAULT_RETRY);
    assert_int_equal(mm_pte(w->mm, a)->v, pte.v);
    finish(w, folio);
    assert_right(w, a);
    world_destroy(w);
}

static void test_mprotect_takes_write_from_the_entry(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = tagged_page(w);
    struct folio *folio = begin(w, a);

    (void)state;
    assert_int_equal(mm_mprotect(w->mm, a, PAGE_SIZE, PROT_G_READ | PROT_G_ADI),
                     0);
    assert_false(
        is_writable_migration_entry(pte_to_swp_entry(*mm_pte(w->mm, a))));
    finish(w, folio);
    assert_false(pte_write(*mm_pte(w->mm, a)));
    assert_right(w, a);
    world_destroy(w);
}

static void test_zap_ends_the_entry(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = tagged_page(w);
    pfn_t free = phys_nr_free(memory_phys(w->mem));
    struct folio *folio = begin(w, a);

    (void)state;
    assert_int_equal(mm_madvise(w->mm, a, PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(mm_rss(w->mm, MM_ANONPAGES), 0);
    finish(w, folio);
    assert_int_equal(phys_nr_free(memory_phys(w->mem)), free + 1);
    assert_int_equal(world_read(w, a), 0);
    world_destroy(w);
}

static void test_mremap_takes_the_entry_along(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t a = tagged_page(w), b = 0;
    struct folio *folio = begin(w, a);

    (void)state;
    assert_int_equal(mm_mremap(w->mm, a, PAGE_SIZE, PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED,
                               BASE + 16 * PAGE_SIZE, &b),
                     0);
    assert_true(is_migration_entry(pte_to_swp_entry(*mm_pte(w->mm, b))));
    finish(w, folio);
    assert_right(w, b);
    assert_false(report_has_errors(w->report));
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_moves_with_bytes_and_tags),
        cmocka_unit_test(test_linux_saves_for_nobody),
        cmocka_unit_test(test_refused_save_leaves_the_page),
        cmocka_unit_test(test_foreign_reference_maps_the_old_page_again),
        cmocka_unit_test(test_pinned_page_stays_and_linux_leaks),
        cmocka_unit_test(test_no_frame_for_the_copy),
        cmocka_unit_test(test_locked_folio_is_busy),
        cmocka_unit_test(test_fault_waits_for_the_migration),
        cmocka_unit_test(test_mprotect_takes_write_from_the_entry),
        cmocka_unit_test(test_zap_ends_the_entry),
        cmocka_unit_test(test_mremap_takes_the_entry_along),
    };

    return RUN(tests);
}
