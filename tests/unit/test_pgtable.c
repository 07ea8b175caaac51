// SPDX-License-Identifier: GPL-2.0-or-later
/* The one walk over page tables. */
#include <errno.h>

#include "fake_ops.h"
#include "mm/xarray.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define LEAF (PAGE_SIZE << XA_LEAF_SHIFT) /* what one table maps: 8 MiB */

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

/* What a walk has met, in order; a stop after @stop of them. */
struct met {
    struct {
        char kind; /* p, s, h */
        gva_t va, end;
    } at[16];
    unsigned nr, stop;
};

static int meet(struct met *m, char kind, gva_t va, gva_t end)
{
    assert_true(m->nr < sizeof(m->at) / sizeof(m->at[0]));
    m->at[m->nr].kind = kind;
    m->at[m->nr].va = va;
    m->at[m->nr++].end = end;
    return m->nr == m->stop ? -EINTR : 0;
}

static int present(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    assert_ptr_equal(ptep, mm_pte(mm, va));
    assert_true(pte_present(*ptep));
    return meet(ctx, 'p', va, va + PAGE_SIZE);
}

static int swap(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    assert_ptr_equal(ptep, mm_pte(mm, va));
    assert_true(is_swap_pte(*ptep));
    return meet(ctx, 's', va, va + PAGE_SIZE);
}

static int hole(void *ctx, struct mm *mm, gva_t va, gva_t end)
{
    (void)mm;
    assert_true(va < end);
    return meet(ctx, 'h', va, end);
}

static void assert_met(const struct met *m, unsigned i, char kind, gva_t va,
                       gva_t end)
{
    assert_true(i < m->nr);
    assert_int_equal(m->at[i].kind, kind);
    assert_int_equal(m->at[i].va, va);
    assert_int_equal(m->at[i].end, end);
}

/* Pages 1 and 2, the latter in swap, of six; and one in the next table. */
static struct world *pages(void)
{
    struct world *w = world_create("remap", 256, 64);
    struct mmap_args args = {.addr = BASE,
                             .len = 2 * LEAF,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = MAP_G_PRIVATE | MAP_G_ANONYMOUS |
                                      MAP_G_FIXED | MAP_G_NORESERVE};
    gva_t at;

    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    world_write(w, nth(1), 1);
    world_write(w, nth(2), 2);
    assert_true(world_out(w, nth(2)));
    world_write(w, BASE + LEAF, 3);
    return w;
}

static void test_walk_when_all_is_asked_for_covers_the_range(void **state)
{
    static const struct pgtable_ops ops = {
        .present = present, .swap = swap, .hole = hole};
    struct world *w = pages();
    struct met m = {.nr = 0};

    (void)state;
    assert_int_equal(pgtable_walk(w->mm, BASE, BASE + 2 * LEAF, &ops, &m), 0);
    assert_int_equal(m.nr, 6);
    assert_met(&m, 0, 'h', BASE, nth(1));
    assert_met(&m, 1, 'p', nth(1), nth(2));
    assert_met(&m, 2, 's', nth(2), nth(3));
    assert_met(&m, 3, 'h', nth(3), BASE + LEAF);
    assert_met(&m, 4, 'p', BASE + LEAF, BASE + LEAF + PAGE_SIZE);
    assert_met(&m, 5, 'h', BASE + LEAF + PAGE_SIZE, BASE + 2 * LEAF);
    world_destroy(w);
}

static void test_walk_when_range_is_of_one_kind_stays_inside(void **state)
{
    static const struct pgtable_ops ops = {
        .present = present, .swap = swap, .hole = hole};
    struct world *w = pages();
    struct met m = {.nr = 0};

    (void)state;
    assert_int_equal(pgtable_walk(w->mm, nth(1), nth(1), &ops, &m), 0);
    assert_int_equal(m.nr, 0);
    assert_int_equal(pgtable_walk(w->mm, nth(1), nth(2), &ops, &m), 0);
    assert_int_equal(pgtable_walk(w->mm, nth(4), nth(5), &ops, &m), 0);
    assert_int_equal(m.nr, 2);
    assert_met(&m, 0, 'p', nth(1), nth(2));
    assert_met(&m, 1, 'h', nth(4), nth(5));
    world_destroy(w);
}

static void test_walk_when_nobody_asks_passes_over(void **state)
{
    static const struct pgtable_ops only_swap = {.swap = swap};
    static const struct pgtable_ops only_holes = {.hole = hole};
    struct world *w = pages();
    struct met m = {.nr = 0};

    (void)state;
    assert_int_equal(pgtable_walk(w->mm, 0, BASE + 2 * LEAF, &only_swap, &m),
                     0);
    assert_int_equal(m.nr, 1);
    assert_int_equal(pgtable_walk(w->mm, nth(1), nth(4), &only_holes, &m), 0);
    assert_int_equal(m.nr, 2);
    assert_met(&m, 1, 'h', nth(3), nth(4));
    world_destroy(w);
}

static void test_walk_when_stopped_goes_no_further(void **state)
{
    static const struct pgtable_ops ops = {
        .present = present, .swap = swap, .hole = hole};
    struct world *w = pages();

    (void)state;
    for (unsigned stop = 1; stop <= 6; stop++) {
        struct met m = {.stop = stop};

        assert_int_equal(pgtable_walk(w->mm, BASE, BASE + 2 * LEAF, &ops, &m),
                         -EINTR);
        assert_int_equal(m.nr, stop);
    }
    world_destroy(w);
}

/* One page below the hole of addresses, and two above it. */
static void test_walk_when_the_hole_is_inside_meets_both_sides(void **state)
{
    static const struct pgtable_ops ops = {.present = present, .swap = swap};
    gva_t high = UINT64_C(0xfff8000200000000), end = UINT64_MAX & PAGE_MASK;
    struct world *w = world_create("remap", 256, 64);
    struct met m = {.nr = 0};
    gva_t next = 0;

    (void)state;
    assert_int_equal(world_map(w, BASE, 1, false), BASE);
    assert_int_equal(world_map(w, high, 4, false), high);
    world_write(w, BASE, 1);
    world_write(w, high + PAGE_SIZE, 2);
    world_write(w, high + 3 * PAGE_SIZE, 3);
    assert_true(world_out(w, high + 3 * PAGE_SIZE));
    assert_int_equal(pgtable_walk(w->mm, 0, end, &ops, &m), 0);
    assert_int_equal(m.nr, 3);
    assert_met(&m, 0, 'p', BASE, BASE + PAGE_SIZE);
    assert_met(&m, 1, 'p', high + PAGE_SIZE, high + 2 * PAGE_SIZE);
    assert_met(&m, 2, 's', high + 3 * PAGE_SIZE, high + 4 * PAGE_SIZE);
    next = BASE + PAGE_SIZE;
    assert_ptr_equal(mm_next_pte(w->mm, &next, end),
                     mm_pte(w->mm, high + PAGE_SIZE));
    assert_int_equal(next, high + PAGE_SIZE);
    world_destroy(w);
}

/* Takes the first entry away. */
static int take(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    pte_t *kept = ctx;

    if (kept->v == 0)
        *kept = mm_clear_pte(mm, va, ptep);
    return 0;
}

static void test_walk_when_entries_change_under_it_goes_on(void **state)
{
    static const struct pgtable_ops ops = {.present = take};
    static const struct pgtable_ops count = {.present = present};
    struct world *w = pages();
    struct met m = {.nr = 0};
    pte_t kept = {0};

    (void)state;
    assert_int_equal(pgtable_walk(w->mm, BASE, BASE + 2 * LEAF, &ops, &kept),
                     0);
    assert_true(pte_present(kept));
    assert_int_equal(pgtable_walk(w->mm, BASE, BASE + 2 * LEAF, &count, &m), 0);
    assert_int_equal(m.nr, 1);
    mm_set_pte(w->mm, nth(1), mm_pte(w->mm, nth(1)), kept);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk_when_all_is_asked_for_covers_the_range),
        cmocka_unit_test(test_walk_when_range_is_of_one_kind_stays_inside),
        cmocka_unit_test(test_walk_when_nobody_asks_passes_over),
        cmocka_unit_test(test_walk_when_stopped_goes_no_further),
        cmocka_unit_test(test_walk_when_the_hole_is_inside_meets_both_sides),
        cmocka_unit_test(test_walk_when_entries_change_under_it_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
