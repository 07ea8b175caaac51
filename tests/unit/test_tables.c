// SPDX-License-Identifier: GPL-2.0-or-later
/* Page tables take frames; long walks end when the process is to end. */
#include <errno.h>
#include <string.h>

#include "adi/tags.h"
#include "judge/cause.h"
#include "mm/fork.h"
#include "mm/xarray.h"
#include "fake_ops.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define LEAF (UINT64_C(1) << PMD_SHIFT) /* what one table maps */

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

/* world_map() of what could never fit. */
static void map(struct world *w, gva_t at, unsigned pages)
{
    struct mmap_args args = {.addr = at,
                             .len = pages * PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS |
                                      MAP_G_FIXED | MAP_G_NORESERVE};

    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
}

static pfn_t tables(const struct world *w)
{
    return phys_nr_charged(memory_phys(w->mem));
}

/* ------------------------------------------------------------ what it costs */

static void test_missing_when_asked_is_what_alloc_makes(void **state)
{
    static const uint64_t at[] = {5,
                                  6,
                                  1023,
                                  1024,
                                  1 << 20,
                                  (1 << 20) + 1,
                                  1 << 30,
                                  UINT64_C(1) << 39,
                                  UINT64_C(3) << 38,
                                  2048};

    (void)state;
    for (size_t first = 0; first < sizeof(at) / sizeof(at[0]); first++) {
        struct xarray xa;

        xa_init(&xa);
        for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
            uint64_t index = at[(first + i) % (sizeof(at) / sizeof(at[0]))];
            size_t before = xa.nr_nodes, nr = xa_missing(&xa, index);

            assert_non_null(xa_slot_alloc(&xa, index));
            assert_int_equal(xa.nr_nodes - before, nr);
            assert_int_equal(xa_missing(&xa, index), 0);
        }
        xa_destroy(&xa);
    }
}

static void test_tables_when_made_take_frames_until_unmapped(void **state)
{
    struct world *w = world_create("remap", 256, 0);
    pfn_t nr_free = phys_nr_free(memory_phys(w->mem));

    (void)state;
    map(w, BASE, 4 * 1024);
    assert_int_equal(tables(w), 0);
    assert_int_equal(world_read(w, BASE), 0);
    assert_int_equal(tables(w), 2); /* a root and a leaf; no page */
    assert_int_equal(phys_nr_free(memory_phys(w->mem)), nr_free - 2);
    assert_int_equal(world_read(w, BASE + LEAF), 0);
    assert_int_equal(tables(w), 3);
    audit(w);
    assert_int_equal(mm_munmap(w->mm, BASE + LEAF, 3 * LEAF), 0);
    assert_int_equal(tables(w), 2);
    assert_int_equal(mm_pgtables_bytes(w->mm), 2 * PAGE_SIZE);
    audit(w);
    mm_put(w->mm);
    w->mm = mm_create(w->mem);
    assert_int_equal(tables(w), 0);
    assert_int_equal(phys_nr_free(memory_phys(w->mem)), nr_free);
    world_destroy(w);
}

/* The zero page in each entry costs no page, but its tables do. */
static void test_read_when_tables_fill_memory_is_oom(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    gva_t va = BASE;

    (void)state;
    map(w, BASE, 100 * 1024);
    for (; !world_is_full(w); va += LEAF)
        assert_int_equal(world_read(w, va), 0);
    assert_int_equal(tables(w), 63);
    assert_int_equal(world_fault(w, va, ACCESS_READ), FAULT_OOM);
    assert_null(mm_pte(w->mm, va));
    assert_int_equal(world_read(w, BASE + PAGE_SIZE), 0);
    assert_int_equal(mm_madvise(w->mm, BASE, 100 * LEAF, MADV_G_POPULATE_READ),
                     -ENOMEM);
    audit(w);
    assert_int_equal(mm_munmap(w->mm, BASE, LEAF), 0);
    assert_int_equal(world_read(w, va), 0);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_table_when_memory_is_full_reclaims_pages(void **state)
{
    struct world *w = world_create("remap", 64, 64);

    (void)state;
    world_map(w, BASE, 60, true);
    for (unsigned i = 0; i < 60; i++)
        world_set_tags(w, nth(i), (adi_tag_t)(1 + i % 14));
    map(w, BASE + 16 * LEAF, 16 * 1024);
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(world_read(w, BASE + (16 + i) * LEAF), 0);
    assert_int_equal(tables(w), 18);
    for (unsigned i = 0; i < 60; i++)
        assert_int_equal(world_tag(w, nth(i)), 1 + i % 14);
    audit(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* Of two tables that are missing one is there: neither is taken. */
static void test_table_when_room_for_half_charges_none(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    unsigned nr = 0;

    (void)state;
    map(w, BASE, 100);
    while (phys_nr_free(memory_phys(w->mem)) > 1)
        world_write(w, nth(nr++), 1);
    world_map(w, UINT64_C(0x700000000000), 1, false);
    assert_int_equal(world_fault(w, UINT64_C(0x700000000000), ACCESS_READ),
                     FAULT_OOM);
    assert_int_equal(tables(w), 2);
    audit(w);
    world_write(w, nth(nr), 1);
    world_exit_clean(w);
    world_destroy(w);
}

/* Nor does migration take the last frame that is not one. */
static void test_frame_when_charged_cannot_be_had(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct phys *ph = memory_phys(w->mem);
    struct folio *folio;

    (void)state;
    assert_in_range(phys_peak(ph), 0, 63);
    while (phys_nr_free(ph) > 1)
        assert_true(phys_charge(ph, 0));
    assert_int_equal(phys_peak(ph), 63);
    folio = phys_alloc_pfn(ph, 40);
    assert_non_null(folio);
    assert_null(phys_alloc_pfn(ph, 41));
    assert_null(phys_alloc(ph, 0));
    assert_false(phys_charge(ph, 0));
    folio->refcount = 0;
    phys_free(ph, folio);
    phys_uncharge(ph, phys_nr_charged(ph));
    assert_int_equal(phys_nr_free(ph), 63);
    assert_int_equal(phys_peak(ph), 64);
    world_destroy(w);
}

/* Whoever gets the frame later clears what somebody else has left in it. */
static void test_touch_when_frame_was_never_used_has_it_cleared(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct phys *ph = memory_phys(w->mem);
    struct folio *folio;
    adi_tag_t *tags;

    (void)state;
    assert_int_equal(phys_nr_untouched(ph), 63);
    phys_touch(ph, 60);
    assert_int_equal(phys_nr_untouched(ph), 59);
    assert_int_equal(phys_nr_free(ph), 63);
    assert_false(folio_test(phys_folio(ph, 60), PG_pristine));
    assert_true(folio_test(phys_folio(ph, 61), PG_pristine));
    phys_touch(ph, 60);
    assert_int_equal(phys_nr_untouched(ph), 59);
    tags = tagmem_page(adi_tagmem(w->adi), 60);
    memset(tags, 7, ADI_TAGS_PER_PAGE);
    audit(w);
    folio = memory_zero_folio(w->mem, phys_alloc_pfn(ph, 60));
    assert_true(tags_none(tags));
    memory_folio_put(w->mem, folio);
    audit(w);
    world_destroy(w);
}

/* Neither is clean: the one on the list, and the one that nobody had. */
static void test_churn_when_frames_are_free_leaves_bytes_in_them(void **state)
{
    struct world *w = world_create("remap", 64, 0);
    struct phys *ph = memory_phys(w->mem);
    struct folio *folio;

    (void)state;
    phys_touch(ph, 60);
    assert_int_equal(phys_left(ph), 0);
    phys_churn(ph, 3);
    assert_int_equal(phys_left(ph), 3);
    assert_int_equal(phys_page(ph, 60)[PAGE_SIZE - 1], 3);
    folio = phys_alloc(ph, 0);
    assert_int_equal(phys_pfn(ph, folio), 1);
    assert_int_equal(phys_page(ph, 1)[PAGE_SIZE - 1], 3);
    assert_false(folio_test(folio, PG_pristine));
    (void)memory_zero_folio(w->mem, folio);
    assert_int_equal(phys_page(ph, 1)[PAGE_SIZE - 1], 0);
    memory_folio_put(w->mem, folio);
    audit(w);
    world_destroy(w);
}

static void test_charge_when_nodes_are_two_goes_to_the_next(void **state)
{
    struct phys *ph = phys_create(128 * PAGE_SIZE, 2);

    (void)state;
    for (unsigned i = 0; i < 70; i++)
        assert_true(phys_charge(ph, 0));
    assert_int_equal(phys_node_free(ph, 0), 0);
    assert_int_equal(phys_node_free(ph, 1), 57);
    phys_uncharge(ph, 10);
    assert_int_equal(phys_node_free(ph, 0), 3);
    assert_int_equal(phys_node_free(ph, 1), 64);
    phys_uncharge(ph, 60);
    assert_int_equal(phys_nr_free(ph), 127);
    phys_destroy(ph);
}

/* Pages that may go do so for the child's tables, just before their copy. */
static void test_fork_when_page_goes_for_its_table_copies_none(void **state)
{
    struct world *w = world_create("remap", 64, 0);

    (void)state;
    world_map(w, BASE, 2, false);
    for (unsigned i = 0; i < 2; i++)
        world_write(w, nth(i), 1);
    assert_int_equal(mm_madvise(w->mm, BASE, 2 * PAGE_SIZE, MADV_G_FREE), 0);
    world_map(w, BASE + LEAF, 64, false);
    for (gva_t va = BASE + LEAF; phys_nr_free(memory_phys(w->mem)) > 2;
         va += PAGE_SIZE)
        world_write(w, va, 1);
    w->mm = world_share(w);
    assert_non_null(w->mm);
    assert_int_equal(mm_rss(memory_first_mm(w->mem), MM_ANONPAGES),
                     mm_rss(w->mm, MM_ANONPAGES));
    assert_true(pte_none(world_pte(w, BASE)));
    assert_int_equal(world_read(w, BASE + LEAF), 1);
    audit(w);
    world_destroy(w);
}

/* B2 of a page that went to swap in the middle of the fork. */
static void test_fork_when_page_is_swapped_for_its_table_is_blamed(void **state)
{
    struct world *w = world_create("linux-6.2", 64, 64);

    (void)state;
    world_map(w, BASE, 2, true);
    for (unsigned i = 0; i < 2; i++)
        world_set_tags(w, nth(i), 5);
    assert_int_equal(mm_madvise(w->mm, BASE, 2 * PAGE_SIZE, MADV_G_COLD), 0);
    world_map(w, BASE + LEAF, 64, false);
    for (gva_t va = BASE + LEAF; phys_nr_free(memory_phys(w->mem)) > 2;
         va += PAGE_SIZE)
        world_write(w, va, 1);
    assert_true(world_resident(w, BASE));
    w->mm = world_share(w);
    assert_non_null(w->mm);
    assert_false(world_resident(w, BASE));
    assert_int_equal(world_tag(w, BASE), 0);
    assert_int_equal(judge_nr_findings(w->judge), 1);
    assert_string_equal(
        cause_of_finding(w->judge, judge_finding(w->judge, 0)).name, "fork");
    world_exit(w);
    world_destroy(w);
}

/* --------------------------------------------------------- fatal signals */

static unsigned signal_in; /* questions until there is one; 0: none */

static bool fatal_signal(void *ctx)
{
    (void)ctx;
    return signal_in > 0 && --signal_in == 0 ? (signal_in = 1) : false;
}

static struct mpol_task *nobody(void *ctx)
{
    (void)ctx;
    return NULL;
}

static unsigned nr_stuck;
static gva_t stuck_at;

static void stuck(void *ctx, gva_t va)
{
    (void)ctx;
    nr_stuck++;
    stuck_at = va;
}

static const struct current_ops current = {
    .mpol = nobody, .stuck = stuck, .fatal_signal = fatal_signal};

static struct world *signalled(unsigned after)
{
    struct world *w = world_create("remap", 256, 64);

    memory_attach_current(w->mem, &current, NULL);
    world_map(w, BASE, 16, false);
    assert_int_equal(mm_mprotect(w->mm, nth(8), PAGE_SIZE, PROT_G_READ), 0);
    signal_in = after;
    return w;
}

static void test_populate_when_signal_comes_stops(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 5; how++) {
        struct world *w = signalled(4);
        struct mm *child;

        switch (how) {
        case 0:
            assert_int_equal(mm_mlock(w->mm, BASE, 16 * PAGE_SIZE, false),
                             -EINTR);
            break;
        case 1:
            assert_int_equal(
                mm_madvise(w->mm, BASE, 16 * PAGE_SIZE, MADV_G_POPULATE_READ),
                -EINTR);
            break;
        case 2: assert_int_equal(mm_mlockall(w->mm, MCL_G_CURRENT), 0); break;
        case 3: mm_populate(w->mm, BASE, nth(16)); break;
        default:
            signal_in = 2;
            assert_int_equal(mm_fork(w->mm, &child), -EINTR);
            break;
        }
        assert_true(signal_in == 1);
        for (unsigned i = 0; i < 16 && how < 4; i++)
            assert_int_equal(world_incore(w, nth(i)), i < 3);
        signal_in = 0;
        audit(w);
        world_destroy(w);
    }
}

/* Somebody takes the page away after each fault. */
static void take_away(void *ctx, const struct moment *m)
{
    (void)ctx;
    if (m->id == MOMENT_FAULT_AFTER)
        (void)mm_clear_pte(m->mm, m->va, mm_pte(m->mm, m->va));
}

static void test_populate_when_undone_each_time_says_so(void **state)
{
    static const struct moment_ops thief = {.reached = take_away};

    (void)state;
    for (unsigned how = 0; how < 2; how++) {
        struct world *w = signalled(0);

        assert_int_equal(mm_mprotect(w->mm, BASE, 16 * PAGE_SIZE, PROT_G_READ),
                         0);
        memory_attach_moments(w->mem, &thief, NULL);
        nr_stuck = 0;
        if (how == 0)
            assert_int_equal(mm_mlock(w->mm, BASE, 4 * PAGE_SIZE, false),
                             -ENOMEM);
        else
            assert_int_equal(
                mm_madvise(w->mm, BASE, 4 * PAGE_SIZE, MADV_G_POPULATE_READ),
                -EINVAL);
        assert_int_equal(nr_stuck, 1);
        assert_int_equal(stuck_at, BASE);
        memory_attach_moments(w->mem, NULL, NULL);
        audit(w);
        world_destroy(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing_when_asked_is_what_alloc_makes),
        cmocka_unit_test(test_tables_when_made_take_frames_until_unmapped),
        cmocka_unit_test(test_read_when_tables_fill_memory_is_oom),
        cmocka_unit_test(test_table_when_memory_is_full_reclaims_pages),
        cmocka_unit_test(test_table_when_room_for_half_charges_none),
        cmocka_unit_test(test_frame_when_charged_cannot_be_had),
        cmocka_unit_test(test_touch_when_frame_was_never_used_has_it_cleared),
        cmocka_unit_test(test_churn_when_frames_are_free_leaves_bytes_in_them),
        cmocka_unit_test(test_charge_when_nodes_are_two_goes_to_the_next),
        cmocka_unit_test(test_fork_when_page_goes_for_its_table_copies_none),
        cmocka_unit_test(
            test_fork_when_page_is_swapped_for_its_table_is_blamed),
        cmocka_unit_test(test_populate_when_signal_comes_stops),
        cmocka_unit_test(test_populate_when_undone_each_time_says_so),
    };

    return RUN(tests);
}
