// SPDX-License-Identifier: GPL-2.0-or-later
/* FOLL_FORCE: pages of areas that forbid it, for a debugger or a core dump. */
#include "mm/mapping.h"
#include "mm/remote.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)

static struct world *one_page_of(const char *profile, unsigned frames)
{
    struct world *w = world_create(profile, frames, 64);

    world_map(w, BASE, 2, true);
    world_write(w, BASE, 42);
    world_set_tags(w, BASE, 5);
    return w;
}

static void protect(struct world *w, unsigned prot)
{
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE, prot | PROT_G_ADI), 0);
}

static struct folio *force(struct world *w, enum access access)
{
    struct folio *folio = NULL;

    assert_int_equal(mm_get_remote_page(w->mm, BASE, access, &folio), FAULT_OK);
    return folio;
}

static void test_read_when_area_allows_nothing_finds_the_page(void **state)
{
    struct world *w = one_page_of("remap", 256);
    struct folio *folio = world_folio(w, BASE);

    (void)state;
    protect(w, 0);
    assert_ptr_equal(force(w, ACCESS_READ), folio);
    assert_true(world_out(w, BASE));
    folio = force(w, ACCESS_READ);
    assert_int_equal(*memory_folio_bytes(w->mem, folio), 42);
    protect(w, PROT_G_READ);
    assert_int_equal(world_tag(w, BASE), 5);
    world_exit_clean(w);
    world_destroy(w);
}

/* The address may have a tag, and the page one that does not match. */
static void test_read_when_address_is_tagged_ignores_it(void **state)
{
    struct world *w = one_page_of("remap", 256);
    struct folio *folio;

    (void)state;
    assert_int_equal(mm_get_remote_page(w->mm, BASE | UINT64_C(9) << 60,
                                        ACCESS_READ, &folio),
                     FAULT_OK);
    assert_ptr_equal(folio, world_folio(w, BASE));
    world_exit_clean(w);
    world_destroy(w);
}

static void write_to_shared(const char *profile)
{
    struct world *w = one_page_of(profile, 256);
    struct mm *parent = w->mm, *child = world_share(w);
    struct folio *old = world_folio(w, BASE), *new;

    protect(w, PROT_G_READ);
    new = force(w, ACCESS_WRITE);
    assert_ptr_not_equal(new, old);
    *memory_folio_bytes(w->mem, new) = 43;
    assert_false(pte_write(world_pte(w, BASE)));
    assert_int_equal(world_read(w, BASE), 43);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_ptr_equal(force(w, ACCESS_WRITE), new);
    audit(w);
    w->mm = child;
    assert_int_equal(world_read(w, BASE), 42);
    w->mm = parent;
    world_exit_clean(w);
    world_destroy(w);
}

static void test_write_when_page_is_shared_copies_it(void **state)
{
    (void)state;
    write_to_shared("remap");
    write_to_shared("linux-5.17");
}

static void test_write_when_page_was_never_there_makes_it(void **state)
{
    struct world *w = world_create("remap", 256, 0);
    struct folio *folio;

    (void)state;
    world_map(w, BASE, 2, true);
    protect(w, 0);
    folio = force(w, ACCESS_WRITE);
    assert_false(folio_test(folio, PG_reserved));
    assert_false(pte_write(world_pte(w, BASE)));
    audit(w);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_write_when_shared_area_forbids_it_is_refused(void **state)
{
    struct world *w = world_create("remap", 256, 0);
    struct mmap_args args = {.addr = BASE,
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping =
                                 mapping_create_shmem(w->mem, PAGE_SIZE)};
    struct folio *folio;
    gva_t at;

    (void)state;
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    assert_int_equal(mm_get_remote_page(w->mm, BASE, ACCESS_WRITE, &folio),
                     FAULT_ACCERR);
    assert_int_equal(mm_get_remote_page(w->mm, BASE, ACCESS_READ, &folio),
                     FAULT_OK);
    assert_int_equal(
        mm_get_remote_page(w->mm, BASE + PAGE_SIZE, ACCESS_READ, &folio),
        FAULT_MAPERR);
    mapping_put(args.mapping);
    world_exit_clean(w);
    world_destroy(w);
}

/* No frame for the copy: the page is as it was. */
static void test_write_when_no_frame_is_left_changes_nothing(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct page_state before;
    struct folio *folio;
    size_t nr = 0;

    (void)state;
    world_map(w, BASE, 1, true);
    world_write(w, BASE, 42);
    world_set_tags(w, BASE, 5);
    assert_non_null(world_share(w));
    protect(w, PROT_G_READ);
    for (; phys_nr_free(memory_phys(w->mem)) > 0; nr++)
        assert_true(phys_charge(memory_phys(w->mem), 0));
    before = page_state(w, BASE);
    assert_int_equal(mm_get_remote_page(w->mm, BASE, ACCESS_WRITE, &folio),
                     FAULT_OOM);
    assert_page_state(w, BASE, &before);
    phys_uncharge(memory_phys(w->mem), nr);
    world_exit(w);
    world_destroy(w);
}

static void test_dump_when_nothing_was_stored_has_no_page(void **state)
{
    struct world *w = one_page_of("remap", 256);
    gva_t next = BASE + PAGE_SIZE;
    struct folio *folio;

    (void)state;
    assert_null(mm_get_dump_page(w->mm, next));
    assert_true(pte_none(world_pte(w, next)));
    assert_int_equal(world_read(w, next), 0);
    assert_null(mm_get_dump_page(w->mm, next)); /* the zero page */
    assert_null(mm_get_dump_page(w->mm, next + PAGE_SIZE));
    assert_true(world_out(w, BASE));
    folio = mm_get_dump_page(w->mm, BASE);
    assert_non_null(folio);
    assert_int_equal(*memory_folio_bytes(w->mem, folio), 42);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_true(world_out(w, BASE));
    assert_int_equal(mm_dump_hole(w->mm, next, next + 2 * PAGE_SIZE),
                     next + PAGE_SIZE); /* the zero page has an entry */
    assert_int_equal(
        mm_dump_hole(w->mm, next + PAGE_SIZE, next + 9 * PAGE_SIZE),
        next + 9 * PAGE_SIZE);
    world_fail_reads(w, 1);
    assert_null(mm_get_dump_page(w->mm, BASE));
    world_exit(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_when_area_allows_nothing_finds_the_page),
        cmocka_unit_test(test_read_when_address_is_tagged_ignores_it),
        cmocka_unit_test(test_write_when_page_is_shared_copies_it),
        cmocka_unit_test(test_write_when_page_was_never_there_makes_it),
        cmocka_unit_test(test_write_when_shared_area_forbids_it_is_refused),
        cmocka_unit_test(test_write_when_no_frame_is_left_changes_nothing),
        cmocka_unit_test(test_dump_when_nothing_was_stored_has_no_page),
    };

    return RUN(tests);
}
