// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * On which node a page comes to lie: the policy of its area, of its object,
 * of its process; and what a policy may be.
 */
#include <errno.h>

#include "fake_ops.h"
#include "mm/fork.h"
#include "mm/mapping.h"
#include "mm/mempolicy.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define N(n) (UINT32_C(1) << (n))

/* Four nodes of 64 frames; MEMORY is all of them. */
#define MEMORY (N(0) | N(1) | N(2) | N(3))

static struct mpol_task task;

static struct mpol_task *current_task(void *ctx)
{
    (void)ctx;
    return &task;
}

static bool fatal_signal(void *ctx)
{
    (void)ctx;
    return false;
}

static void stuck(void *ctx, gva_t va)
{
    (void)ctx, (void)va;
}

static const struct current_ops current_ops = {
    .mpol = current_task, .stuck = stuck, .fatal_signal = fatal_signal};

static struct world *four_nodes(unsigned slots)
{
    struct world *w =
        world_create_with(adi_profile_find("remap"), 256, slots, 4);

    task = (struct mpol_task){.policy = {.mode = MPOL_DEFAULT}};
    memory_attach_current(w->mem, &current_ops, w);
    return w;
}

static struct mempolicy policy(enum mpol_mode mode, nodemask_t nodes)
{
    struct mempolicy pol;

    assert_int_equal(mpol_new(mode, 0, nodes, MEMORY, &pol), 0);
    return pol;
}

/* Set the policy of the area at @va, whole. */
static void set_area(struct world *w, gva_t va, struct mempolicy pol)
{
    assert_int_equal(vma_replace_policy(vma_lookup(w->mm, va), &pol), 0);
}

static unsigned node_of(struct world *w, gva_t va)
{
    world_write(w, va, 1);
    return world_folio(w, va)->node;
}

static gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

/* ------------------------------------------------------------- validity */

static void test_new_when_nodes_do_not_fit_is_einval(void **state)
{
    static const struct {
        enum mpol_mode mode;
        unsigned flags;
        nodemask_t nodes;
    } bad[] = {
        {MPOL_DEFAULT, 0, N(0)},
        {MPOL_BIND, 0, 0},
        {MPOL_INTERLEAVE, 0, 0},
        {MPOL_PREFERRED_MANY, 0, 0},
        {MPOL_BIND, 0, N(4)},
        {MPOL_PREFERRED, 0, N(31)},
        {MPOL_PREFERRED, MPOL_F_STATIC_NODES, 0},
        {MPOL_PREFERRED, MPOL_F_RELATIVE_NODES, 0},
        {MPOL_LOCAL, 0, N(0)},
        {MPOL_LOCAL, MPOL_F_STATIC_NODES, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mempolicy pol = {.mode = MPOL_MAX};

        assert_int_equal(
            mpol_new(bad[i].mode, bad[i].flags, bad[i].nodes, MEMORY, &pol),
            -EINVAL);
        assert_int_equal(pol.mode, MPOL_MAX);
    }
}

static void test_new_keeps_the_nodes_that_have_memory(void **state)
{
    struct mempolicy pol;

    (void)state;
    pol = policy(MPOL_BIND, N(2) | N(3) | N(7));
    assert_int_equal(pol.nodes, N(2) | N(3));
    assert_int_equal(mpol_user_nodes(&pol), N(2) | N(3));
    pol = policy(MPOL_PREFERRED, N(3) | N(1));
    assert_int_equal(pol.nodes, N(1));
    pol = policy(MPOL_PREFERRED, 0);
    assert_int_equal(pol.mode, MPOL_LOCAL);
    assert_int_equal(
        mpol_new(MPOL_BIND, MPOL_F_STATIC_NODES, N(3) | N(7), MEMORY, &pol), 0);
    assert_int_equal(pol.nodes, N(3));
    assert_int_equal(mpol_user_nodes(&pol), N(3) | N(7));
    /* The 0th, 2nd and 5th of nodes 1 and 3. */
    assert_int_equal(mpol_new(MPOL_BIND, MPOL_F_RELATIVE_NODES,
                              N(0) | N(2) | N(5), N(1) | N(3), &pol),
                     0);
    assert_int_equal(pol.nodes, N(1) | N(3));
    assert_int_equal(
        mpol_new(MPOL_BIND, MPOL_F_RELATIVE_NODES, N(3), N(1) | N(3), &pol), 0);
    assert_int_equal(pol.nodes, N(3));
}

/* ------------------------------------------------------------ allocation */

static void test_alloc_without_policy_is_local(void **state)
{
    struct world *w = four_nodes(0);

    (void)state;
    world_map(w, BASE, 100, false);
    /* One frame is the zero page, two are page tables. */
    for (unsigned i = 0; i < 61; i++)
        assert_int_equal(node_of(w, nth(i)), 0);
    for (unsigned i = 61; i < 100; i++)
        assert_int_equal(node_of(w, nth(i)), 1);
    world_destroy(w);
}

static void test_alloc_follows_the_process(void **state)
{
    struct world *w = four_nodes(0);
    struct mempolicy pol;

    (void)state;
    world_map(w, BASE, 12, false);
    pol = policy(MPOL_PREFERRED, N(2));
    mpol_task_set(&task, &pol);
    assert_int_equal(node_of(w, nth(0)), 2);
    pol = policy(MPOL_BIND, N(3) | N(1));
    mpol_task_set(&task, &pol);
    assert_int_equal(node_of(w, nth(1)), 1);
    pol = policy(MPOL_LOCAL, 0);
    mpol_task_set(&task, &pol);
    assert_int_equal(node_of(w, nth(2)), 0);
    /* Of an area the page number decides, whoever comes first. */
    pol = policy(MPOL_INTERLEAVE, N(0) | N(2) | N(3));
    mpol_task_set(&task, &pol);
    for (unsigned i = 11; i >= 3; i--) {
        static const unsigned nodes[] = {0, 2, 3};

        assert_int_equal(node_of(w, nth(i)), nodes[(nth(i) >> PAGE_SHIFT) % 3]);
    }
    assert_int_equal(task.il_prev, MAX_NUMNODES - 1);
    world_destroy(w);
}

static void test_alloc_when_area_has_policy_ignores_process(void **state)
{
    struct world *w = four_nodes(0);
    struct mempolicy pol = policy(MPOL_BIND, N(1));

    (void)state;
    mpol_task_set(&task, &pol);
    world_map(w, BASE, 2, true);
    set_area(w, BASE, policy(MPOL_PREFERRED, N(3)));
    assert_int_equal(node_of(w, BASE), 3);
    set_area(w, BASE, policy(MPOL_DEFAULT, 0));
    assert_int_equal(node_of(w, nth(1)), 1);
    world_destroy(w);
}

static void test_alloc_when_preferred_node_is_full_goes_on(void **state)
{
    struct world *w = four_nodes(0);

    (void)state;
    world_map(w, BASE, 130, false);
    set_area(w, BASE, policy(MPOL_PREFERRED, N(2)));
    for (unsigned i = 0; i < 130; i++)
        assert_int_equal(node_of(w, nth(i)), i < 64 ? 2 : i < 128 ? 3 : 0);
    world_destroy(w);
}

static void test_alloc_when_many_are_preferred_takes_others_last(void **state)
{
    struct world *w = four_nodes(0);

    (void)state;
    world_map(w, BASE, 130, false);
    set_area(w, BASE, policy(MPOL_PREFERRED_MANY, N(1) | N(3)));
    for (unsigned i = 0; i < 130; i++)
        assert_int_equal(node_of(w, nth(i)), i < 64 ? 1 : i < 128 ? 3 : 0);
    world_destroy(w);
}

/* Only what the node holds is reclaimed, and then it is the end. */
static void test_alloc_when_bound_node_is_full_reclaims_there(void **state)
{
    struct world *w = four_nodes(512);
    struct folio *folio;

    (void)state;
    world_map(w, BASE, 200, true);
    world_map(w, nth(512), 16, true);
    for (unsigned i = 0; i < 16; i++)
        world_set_tags(w, nth(512 + i), 9);
    set_area(w, BASE, policy(MPOL_BIND, N(2)));
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(node_of(w, nth(i)), 2);
        world_set_tags(w, nth(i), 1 + i % 14);
    }
    for (unsigned i = 0; i < 16; i++)
        assert_true(world_resident(w, nth(512 + i)));
    for (unsigned i = 0; i < 200; i++)
        assert_int_equal(world_tag(w, nth(i)), 1 + i % 14);

    assert_int_equal(mm_munmap(w->mm, BASE, 200 * PAGE_SIZE), 0);
    world_map(w, BASE, 200, false);
    set_area(w, BASE, policy(MPOL_BIND, N(2)));
    assert_int_equal(mm_mlock(w->mm, BASE, 64 * PAGE_SIZE, false), 0);
    assert_int_equal(phys_node_free(memory_phys(w->mem), 2), 0);
    assert_int_equal(mm_get_page(w->mm, nth(100), ACCESS_WRITE, &folio),
                     FAULT_OOM);
    world_exit_clean(w);
    world_destroy(w);
}

/* Swap-in and copies follow the policy of now. */
static void test_swapin_and_copy_follow_the_area(void **state)
{
    struct world *w = four_nodes(64);
    struct mm *child;

    (void)state;
    world_map(w, BASE, 2, true);
    world_set_tags(w, BASE, 5);
    assert_int_equal(node_of(w, BASE), 0);
    assert_true(world_out(w, BASE));
    set_area(w, BASE, policy(MPOL_PREFERRED, N(3)));
    assert_int_equal(world_tag(w, BASE), 5);
    assert_int_equal(node_of(w, BASE), 3);
    assert_int_equal(mm_fork(w->mm, &child), 0);
    set_area(w, BASE, policy(MPOL_PREFERRED, N(1)));
    assert_int_equal(node_of(w, BASE), 1);
    assert_int_equal(world_tag(w, BASE), 5);
    w->mm = child;
    assert_int_equal(vma_lookup(child, BASE)->policy.nodes, N(3));
    assert_int_equal(node_of(w, BASE), 3);
    assert_int_equal(node_of(w, nth(1)), 3);
    world_exit_clean(w);
    world_destroy(w);
}

/* ------------------------------------------------------- areas and objects */

static void test_areas_of_other_policy_do_not_merge(void **state)
{
    struct world *w = four_nodes(0);
    struct vma *vma;
    gva_t to;

    (void)state;
    world_map(w, BASE, 4, false);
    vma = vma_lookup(w->mm, BASE);
    assert_int_equal(vma_split(vma, nth(2), false), 0);
    set_area(w, nth(2), policy(MPOL_BIND, N(1)));
    assert_ptr_equal(world_join(w, BASE), vma);
    assert_int_equal(vma->end, nth(2));
    /* A new area has none, so it does not join the bound one. */
    world_map(w, nth(4), 2, false);
    assert_int_equal(vma_lookup(w->mm, nth(2))->end, nth(4));
    assert_int_equal(mm_mremap(w->mm, nth(2), 2 * PAGE_SIZE, 2 * PAGE_SIZE,
                               MREMAP_G_MAYMOVE | MREMAP_G_FIXED, nth(16), &to),
                     0);
    assert_int_equal(vma_lookup(w->mm, to)->policy.nodes, N(1));
    set_area(w, to, policy(MPOL_DEFAULT, 0));
    world_map(w, nth(18), 1, false);
    world_destroy(w);
}

static struct world *shared(struct mapping **m, unsigned pages)
{
    struct world *w = four_nodes(64);
    struct mmap_args args = {.addr = BASE,
                             .len = pages * PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE | PROT_G_ADI,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .may_write = true};
    gva_t at;

    *m = args.mapping = mapping_create_shmem(w->mem, pages * PAGE_SIZE);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    return w;
}

/* The object keeps it, for each process and after each munmap. */
static void test_shared_policy_belongs_to_the_object(void **state)
{
    struct mapping *m;
    struct world *w = shared(&m, 8);
    struct mmap_args args = {.addr = nth(64),
                             .len = 8 * PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .mapping = m,
                             .may_write = true};
    gva_t at;

    (void)state;
    assert_int_equal(vma_split(vma_lookup(w->mm, BASE), nth(2), false), 0);
    assert_int_equal(vma_split(vma_lookup(w->mm, nth(2)), nth(6), false), 0);
    set_area(w, nth(2), policy(MPOL_BIND, N(2)));
    assert_int_equal(mm_munmap(w->mm, BASE, 8 * PAGE_SIZE), 0);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(node_of(w, nth(64 + i)), i >= 2 && i < 6 ? 2 : 0);
    /* A part of it changes; the whole is taken away. */
    assert_int_equal(
        vma_split(vma_lookup(w->mm, at), at + 3 * PAGE_SIZE, false), 0);
    set_area(w, at + 3 * PAGE_SIZE, policy(MPOL_PREFERRED, N(1)));
    assert_int_equal(
        vma_policy_at(vma_lookup(w->mm, at), at + 2 * PAGE_SIZE).mode,
        MPOL_BIND);
    assert_int_equal(
        vma_policy_at(vma_lookup(w->mm, at + 4 * PAGE_SIZE), at + 4 * PAGE_SIZE)
            .mode,
        MPOL_PREFERRED);
    set_area(w, at, policy(MPOL_DEFAULT, 0));
    assert_int_equal(vma_policy_at(vma_lookup(w->mm, at), at).mode,
                     MPOL_DEFAULT);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

static void test_shared_pages_come_back_by_policy(void **state)
{
    struct mapping *m;
    struct world *w = shared(&m, 8);

    (void)state;
    set_area(w, BASE, policy(MPOL_INTERLEAVE, N(1) | N(3)));
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(node_of(w, nth(i)), (i + mapping_id(m)) % 2 ? 3 : 1);
        world_set_tags(w, nth(i), 5);
    }
    assert_true(swap_out_folio(w->swap, mapping_find(m, 0)));
    set_area(w, BASE, policy(MPOL_BIND, N(2)));
    assert_int_equal(world_tag(w, BASE), 5);
    assert_int_equal(node_of(w, BASE), 2);
    mapping_put(m);
    world_exit_clean(w);
    world_destroy(w);
}

/* Each way in which a range can lie across those that are there. */
static void test_set_shared_cuts_what_it_covers(void **state)
{
    static const unsigned ends[] = {0, 2, 4, 5, 8, 9, 12};
    struct mempolicy first = policy(MPOL_BIND, N(1)),
                     second = policy(MPOL_BIND, N(2)),
                     third = policy(MPOL_BIND, N(3)),
                     none = policy(MPOL_DEFAULT, 0);

    (void)state;
    for (size_t a = 0; a < 7; a++)
        for (size_t b = a + 1; b < 7; b++)
            for (int clear = 0; clear < 2; clear++) {
                struct shared_policy sp = {0};

                assert_int_equal(mpol_set_shared(&sp, 2, 5, &first), 0);
                assert_int_equal(mpol_set_shared(&sp, 8, 9, &second), 0);
                assert_int_equal(mpol_set_shared(&sp, ends[a], ends[b],
                                                 clear ? &none : &third),
                                 0);
                for (unsigned i = 0; i < 12; i++) {
                    bool in = i >= ends[a] && i < ends[b];
                    nodemask_t want = in                ? (clear ? 0 : N(3))
                                      : i >= 2 && i < 5 ? N(1)
                                      : i == 8          ? N(2)
                                                        : 0;
                    nodemask_t found = 0;

                    for (size_t n = 0; n < sp.nr; n++)
                        if (sp.node[n].start <= i && i < sp.node[n].end)
                            found |= sp.node[n].policy.nodes;
                    assert_int_equal(found, want);
                }
                mpol_free_shared(&sp);
            }
}

/* Pages of a file have no area's policy: the process takes turns. */
static int read_page(void *ctx, uint64_t index, uint8_t *page)
{
    (void)ctx;
    page[0] = (uint8_t)index;
    return 0;
}

static uint64_t eight_pages(void *ctx)
{
    (void)ctx;
    return 8 * PAGE_SIZE;
}

static void test_file_pages_take_turns(void **state)
{
    static const struct mapping_ops ops = {.read = read_page,
                                           .size = eight_pages};
    struct world *w = four_nodes(0);
    struct mapping *m = mapping_create_file(w->mem, &ops, NULL);
    struct mempolicy pol = policy(MPOL_INTERLEAVE, N(1) | N(2));

    (void)state;
    mpol_task_set(&task, &pol);
    assert_int_equal(mpol_task_next(&task), 1);
    for (unsigned i = 0; i < 8; i++) {
        struct folio *folio;

        assert_int_equal(mapping_get_folio(m, i * 3 % 8, &folio), 0);
        assert_int_equal(folio->node, 1 + i % 2);
        memory_folio_put(w->mem, folio);
    }
    mapping_put(m);
    world_destroy(w);
}

static void test_equal_asks_what_was_given_too(void **state)
{
    struct mempolicy a, b;

    (void)state;
    /* Node 7 has no memory: the same nodes, but not the same wish. */
    assert_int_equal(
        mpol_new(MPOL_BIND, MPOL_F_STATIC_NODES, N(3) | N(7), MEMORY, &a), 0);
    assert_int_equal(mpol_new(MPOL_BIND, MPOL_F_STATIC_NODES, N(3), MEMORY, &b),
                     0);
    assert_int_equal(a.nodes, b.nodes);
    assert_false(mpol_equal(&a, &b));
    b.user_nodes = a.user_nodes;
    assert_true(mpol_equal(&a, &b));
    b = policy(MPOL_BIND, N(3));
    assert_false(mpol_equal(&a, &b));
}

static void test_home_node_when_it_cannot_be_says_why(void **state)
{
    struct world *w = four_nodes(64);

    (void)state;
    world_map(w, BASE, 3, true);
    assert_int_equal(
        mm_set_home_node(w->mm, UINT64_MAX & PAGE_MASK, 2 * PAGE_SIZE, 1),
        -EINVAL);
    set_area(w, BASE, policy(MPOL_INTERLEAVE, N(1) | N(2)));
    assert_int_equal(mm_set_home_node(w->mm, BASE, PAGE_SIZE, 1), -EOPNOTSUPP);
    set_area(w, BASE, policy(MPOL_PREFERRED_MANY, N(1) | N(2)));
    assert_int_equal(mm_set_home_node(w->mm, BASE, 3 * PAGE_SIZE, 2), 0);
    assert_int_equal(node_of(w, BASE), 2);
    for (unsigned i = 0; vma_count(w->mm) < MAX_MAP_COUNT; i++)
        world_map(w, nth(1000 + 2 * i), 1, false);
    assert_int_equal(mm_set_home_node(w->mm, nth(1), PAGE_SIZE, 1), -ENOMEM);
    assert_int_equal(vma_lookup(w->mm, nth(1))->policy.home, 2 + 1);
    world_exit(w);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_when_nodes_do_not_fit_is_einval),
        cmocka_unit_test(test_new_keeps_the_nodes_that_have_memory),
        cmocka_unit_test(test_alloc_without_policy_is_local),
        cmocka_unit_test(test_alloc_follows_the_process),
        cmocka_unit_test(test_alloc_when_area_has_policy_ignores_process),
        cmocka_unit_test(test_alloc_when_preferred_node_is_full_goes_on),
        cmocka_unit_test(test_alloc_when_many_are_preferred_takes_others_last),
        cmocka_unit_test(test_alloc_when_bound_node_is_full_reclaims_there),
        cmocka_unit_test(test_swapin_and_copy_follow_the_area),
        cmocka_unit_test(test_areas_of_other_policy_do_not_merge),
        cmocka_unit_test(test_shared_policy_belongs_to_the_object),
        cmocka_unit_test(test_shared_pages_come_back_by_policy),
        cmocka_unit_test(test_set_shared_cuts_what_it_covers),
        cmocka_unit_test(test_file_pages_take_turns),
        cmocka_unit_test(test_equal_asks_what_was_given_too),
        cmocka_unit_test(test_home_node_when_it_cannot_be_says_why),
    };

    return RUN(tests);
}
