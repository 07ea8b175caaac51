// SPDX-License-Identifier: GPL-2.0-or-later
/* Swap-in as the kernels differ: each word of mm/policy.h both ways. */
#include <string.h>

#include "adi/tags.h"
#include "swapped_page.h"

/* ------------------------------------------------------------ v5.17, v5.18 */

/* Until v5.17 the swap cache's reference makes a store copy the page. */
static void test_store_when_page_is_cached_asks_references(void **state)
{
    static const struct {
        const char *kernel;
        unsigned copies;
    } kernels[] = {{"linux-5.17", 1}, {"mte-5.18", 0}, {"linux-6.1", 0}};

    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        struct world *w = page_out(kernels[k].kernel, false, 7);

        assert_int_equal(world_read(w, BASE), 7);
        assert_true(folio_test(world_folio(w, BASE), PG_swapcache));
        world_write(w, BASE, 8);
        assert_int_equal(counted(w, COUNT_FAULT_COW), kernels[k].copies);
        end(w);
    }
}

static void count_slot(struct look *l)
{
    l->count = slot_count(l->w->swap, l->entry);
}

static void test_slot_is_given_up_before_the_entry_is_set_since_v518(
    void **state)
{
    static const struct {
        const char *kernel;
        unsigned count;
    } kernels[] = {{"linux-5.17", 1}, {"mte-5.18", 0}, {"linux-7.1", 0}};
    struct look l;

    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        struct world *w = page_out(kernels[k].kernel, false, 7);

        watch(&l, w, MOMENT_FAULT_SET, count_slot);
        assert_int_equal(world_read(w, BASE), 7);
        assert_int_equal(l.times, 1);
        assert_int_equal(l.count, kernels[k].count);
        end(w);
    }
}

/* ------------------------------------------------------------ zeromap */

static void test_zeros_are_written_before_v612(void **state)
{
    struct world *w = page_out("linux-6.6", false, 0);

    (void)state;
    assert_int_equal(counted(w, COUNT_SWAP_WRITE), 1);
    assert_int_equal(world_read(w, BASE), 0);
    assert_int_equal(counted(w, COUNT_SWAP_READ), 1);
    assert_int_equal(counted(w, COUNT_SWAP_ZERO_IN), 0);
    end(w);
}

static void test_zeros_are_noted_since_v612(void **state)
{
    struct world *w = page_out("linux-6.12", false, 0);

    (void)state;
    assert_int_equal(counted(w, COUNT_SWAP_WRITE), 0);
    assert_int_equal(counted(w, COUNT_SWAP_ZERO_OUT), 1);
    world_fail_reads(w, 1); /* there is none */
    assert_int_equal(world_read(w, BASE), 0);
    assert_int_equal(world_tag(w, BASE), 5);
    assert_int_equal(counted(w, COUNT_SWAP_READ), 0);
    assert_int_equal(counted(w, COUNT_SWAP_ZERO_IN), 1);
    world_fail_reads(w, 0);
    /* The same slot with other bytes, and with zeros again. */
    world_write(w, BASE, 7);
    assert_true(world_out(w, BASE));
    assert_int_equal(counted(w, COUNT_SWAP_WRITE), 1);
    assert_int_equal(world_read(w, BASE), 7);
    world_write(w, BASE, 0);
    assert_true(world_out(w, BASE));
    assert_int_equal(counted(w, COUNT_SWAP_ZERO_OUT), 2);
    assert_int_equal(world_read(w, BASE), 0);
    end(w);
}

/* One byte, the last, is not zero. */
static void test_zeros_but_for_the_last_byte_are_written(void **state)
{
    struct world *w = one_page("linux-6.12", false, 0);

    (void)state;
    world_write(w, BASE + PAGE_SIZE - 1, 1);
    assert_true(world_out(w, BASE));
    assert_int_equal(counted(w, COUNT_SWAP_WRITE), 1);
    assert_int_equal(world_read(w, BASE + PAGE_SIZE - 1), 1);
    end(w);
}

static void test_zeros_when_save_fails_are_not_noted(void **state)
{
    struct world *w = one_page("mte-6.12", false, 0);

    (void)state;
    world_fail_hook(w, HOOK_SWAP_WRITE, 1);
    (void)world_out(w, BASE);
    assert_int_equal(counted(w, COUNT_SWAP_ZERO_OUT), 0);
    assert_int_equal(world_tag(w, BASE), 5);
    end(w);
}

/* Every frame that is free has been somebody's, with tag 9. */
static void soil(struct world *w)
{
    struct phys *ph = memory_phys(w->mem);

    for (pfn_t pfn = 1; pfn < 256; pfn++)
        if (phys_folio(ph, pfn)->refcount == 0)
            memset(tagmem_page(adi_tagmem(w->adi), pfn), 9, ADI_TAGS_PER_PAGE);
}

/* A page without MCD: nothing is restored, so the frame's tags show. */
static adi_tag_t tag_after_zero_page(const char *kernel)
{
    struct world *w = world_create(kernel, 256, 64);
    adi_tag_t tag;

    assert_int_equal(world_map(w, BASE, 1, false), BASE);
    world_write(w, BASE, 0);
    assert_true(world_out(w, BASE));
    soil(w);
    assert_int_equal(world_read(w, BASE), 0);
    tag = tagmem_page(
        adi_tagmem(w->adi),
        memory_folio_pfn(w->mem, world_folio(w, BASE)))[ADI_TAGS_PER_PAGE / 2];
    end(w);
    return tag;
}

static void test_zeros_that_come_back_clear_the_frame(void **state)
{
    (void)state;
    assert_int_equal(tag_after_zero_page("linux-6.6"), 9);
    assert_int_equal(tag_after_zero_page("linux-6.12"), 0);
}

/* ------------------------------------------- writable after a load */

static void test_load_when_exclusive_maps_writable_since_v612(void **state)
{
    static const struct {
        const char *kernel;
        bool writable;
    } kernels[] = {{"linux-6.2", false},
                   {"linux-6.6", false},
                   {"linux-6.12", true},
                   {"linux-7.1", true}};

    (void)state;
    for (unsigned k = 0; k < 4; k++) {
        struct world *w = page_out(kernels[k].kernel, false, 7);

        assert_int_equal(world_read(w, BASE), 7);
        assert_int_equal(pte_write(world_pte(w, BASE)), kernels[k].writable);
        assert_false(pte_dirty(world_pte(w, BASE)));
        assert_false(pte_hw_write(world_pte(w, BASE)));
        world_write(w, BASE, 8);
        assert_int_equal(counted(w, COUNT_FAULT_COW), 0);
        end(w);
    }
}

static void test_load_when_shared_stays_read_only(void **state)
{
    struct world *w = one_page("linux-6.12", false, 7);

    (void)state;
    assert_non_null(world_share(w));
    assert_true(world_push(w, BASE));
    assert_false(pte_swp_exclusive(world_pte(w, BASE)));
    assert_int_equal(world_read(w, BASE), 7);
    assert_false(pte_write(world_pte(w, BASE)));
    end(w);
}

static void test_load_when_area_is_read_only_stays_so(void **state)
{
    struct world *w = page_out("linux-6.12", false, 7);

    (void)state;
    assert_int_equal(mm_mprotect(w->mm, BASE, PAGE_SIZE, PROT_G_READ), 0);
    assert_int_equal(world_read(w, BASE), 7);
    assert_false(pte_write(world_pte(w, BASE)));
    end(w);
}

/* ------------------------------------------- when the cache is emptied */

static void test_cache_is_emptied_after_the_entry_is_set_in_v71(void **state)
{
    struct look l;
    struct world *w = page_out("linux-7.1", true, 7);

    (void)state;
    watch(&l, w, MOMENT_FAULT_SET, look_at_slot);
    world_write(w, BASE, 8);
    assert_int_equal(l.times, 1);
    assert_true(l.cached);
    assert_false(folio_test(world_folio(w, BASE), PG_swapcache));
    assert_int_equal(swap_used_pages(w->swap), 0);
    end(w);
}

/* A store takes the page out of the cache, or finds that it is exclusive, and
 * no store any more by then. */
static void test_store_leaves_the_cache_before_v71(void **state)
{
    static const struct {
        const char *kernel;
        bool stays;
    } kernels[] = {
        {"linux-6.2", false}, {"linux-6.18", false}, {"linux-7.1", true}};

    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        struct world *w = page_out(kernels[k].kernel, false, 7);

        world_write(w, BASE, 8);
        assert_int_equal(folio_test(world_folio(w, BASE), PG_swapcache),
                         kernels[k].stays);
        assert_int_equal(swap_used_pages(w->swap), kernels[k].stays);
        end(w);
    }
}

static void test_cache_when_zapped_meanwhile_is_emptied_in_v71(void **state)
{
    static const struct {
        const char *kernel;
        unsigned left;
    } kernels[] = {{"linux-6.18", 0}, {"linux-7.1", 0}};
    struct look l;

    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        struct world *w = page_out(kernels[k].kernel, false, 7);

        watch(&l, w, MOMENT_FAULT_DURING, zap);
        (void)world_fault(w, BASE, ACCESS_READ);
        assert_int_equal(swap_used_pages(w->swap), kernels[k].left);
        end(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_when_page_is_cached_asks_references),
        cmocka_unit_test(
            test_slot_is_given_up_before_the_entry_is_set_since_v518),
        cmocka_unit_test(test_zeros_are_written_before_v612),
        cmocka_unit_test(test_zeros_are_noted_since_v612),
        cmocka_unit_test(test_zeros_but_for_the_last_byte_are_written),
        cmocka_unit_test(test_zeros_when_save_fails_are_not_noted),
        cmocka_unit_test(test_zeros_that_come_back_clear_the_frame),
        cmocka_unit_test(test_load_when_exclusive_maps_writable_since_v612),
        cmocka_unit_test(test_load_when_shared_stays_read_only),
        cmocka_unit_test(test_load_when_area_is_read_only_stays_so),
        cmocka_unit_test(test_cache_is_emptied_after_the_entry_is_set_in_v71),
        cmocka_unit_test(test_store_leaves_the_cache_before_v71),
        cmocka_unit_test(test_cache_when_zapped_meanwhile_is_emptied_in_v71),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
