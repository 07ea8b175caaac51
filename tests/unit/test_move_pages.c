// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * move_pages and migrate_pages: what each says of pages that cannot go, and
 * what it leaves behind.
 */
#include <errno.h>

#include "adi/store_linux.h"
#include "migrate/migrate.h"
#include "migrate/node.h"
#include "mm/fork.h"
#include "mm/lru.h"
#include "mm/mapping.h"
#include "fake_ops.h"
#include "node_pages.h"
#include "unit.h"

static void test_migrate_nodes_keeps_the_order_of_nodes(void **state)
{
    struct world *w = pages("remap", 6);
    struct mm *child;

    (void)state;
    assert_int_equal(bind(w, 2, 2, MPOL_BIND, N(1), MPOL_MF_MOVE), 0);
    assert_int_equal(bind(w, 4, 2, MPOL_BIND, N(2), MPOL_MF_MOVE), 0);
    /* 0 to 1, 1 to 2, 2 to 3: each page goes once. */
    assert_int_equal(
        mm_migrate_nodes(w->mm, N(0) | N(1) | N(2), N(1) | N(2) | N(3), false),
        0);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(node_of(w, i), 1 + i / 2);
    assert_int_equal(hub_counter(w->hub, COUNT_MIGRATED), 4 + 6);
    /* Fewer nodes than before: what is on one of them stays. */
    assert_int_equal(
        mm_migrate_nodes(w->mm, N(1) | N(2) | N(3), N(0) | N(3), false), 0);
    assert_int_equal(node_of(w, 0), 0);
    assert_int_equal(node_of(w, 2), 3);
    assert_int_equal(node_of(w, 4), 3);
    assert_int_equal(mm_migrate_nodes(w->mm, N(0), N(0), false), 0);
    /* Shared pages: with @all only. */
    assert_int_equal(mm_fork(w->mm, &child), 0);
    assert_int_equal(mm_migrate_nodes(w->mm, N(3), N(1), false), 0);
    assert_int_equal(node_of(w, 2), 3);
    assert_int_equal(mm_migrate_nodes(w->mm, N(3), N(1), true), 0);
    assert_int_equal(node_of(w, 2), 1);
    assert_contents(w, 6);
    end(w);
}

static void test_migrate_nodes_counts_what_stayed(void **state)
{
    struct world *w = pages("remap", 4);
    struct folio *taken[65]; /* all of a node, and the NULL */
    unsigned nr;

    (void)state;
    world_hold(w, world_folio(w, nth(0)));
    world_hold(w, world_folio(w, nth(2)));
    assert_int_equal(mm_migrate_nodes(w->mm, N(0), N(1), true), 2);
    assert_int_equal(node_of(w, 1), 1);
    assert_int_equal(node_of(w, 2), 0);
    world_release(w, world_folio(w, nth(0)));
    world_release(w, world_folio(w, nth(2)));
    audit(w);
    nr = fill_node(w, 3, taken);
    assert_int_equal(mm_migrate_nodes(w->mm, N(0), N(3), true), -ENOMEM);
    assert_int_equal(node_of(w, 0), 0);
    assert_true(folio_test(world_folio(w, nth(0)), PG_lru));
    audit(w);
    empty_node(w, taken, nr);
    assert_int_equal(mm_migrate_nodes(w->mm, N(0), N(3), true), 0);
    assert_int_equal(node_of(w, 2), 3);
    assert_contents(w, 4);
    end(w);
}

#define MAX_PAGES 16

struct arrays {
    gva_t page[MAX_PAGES];
    int node[MAX_PAGES], status[MAX_PAGES];
    uint64_t get_ends, put_ends; /* 0: never */
};

static int array_get(void *ctx, uint64_t i, gva_t *page, int *node)
{
    const struct arrays *a = ctx;

    if (a->get_ends && i >= a->get_ends)
        return -EFAULT;
    *page = a->page[i];
    if (node)
        *node = a->node[i];
    return 0;
}

static int array_put(void *ctx, uint64_t i, int status)
{
    struct arrays *a = ctx;

    if (a->put_ends && i >= a->put_ends)
        return -EFAULT;
    a->status[i] = status;
    return 0;
}

static int64_t move(struct world *w, struct arrays *a, unsigned nr, bool all)
{
    struct move_pages_io io = {.get = array_get, .put = array_put, .ctx = a};
    int64_t err;

    for (unsigned i = 0; i < MAX_PAGES; i++)
        a->status[i] = NONE;
    err = mm_move_pages(w->mm, nr, &io, all);
    audit(w);
    return err;
}

static struct arrays to_node(unsigned nr, int node)
{
    struct arrays a = {0};

    for (unsigned i = 0; i < nr; i++) {
        a.page[i] = nth(i);
        a.node[i] = node;
    }
    return a;
}

static void test_move_goes_where_each_is_sent(void **state)
{
    struct world *w = pages("remap", 6);
    struct arrays a = to_node(6, 1);

    (void)state;
    a.node[2] = a.node[3] = 3;
    a.node[4] = 0; /* there already */
    assert_int_equal(move(w, &a, 6, false), 0);
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(a.status[i], a.node[i]);
        assert_int_equal(node_of(w, i), a.node[i]);
    }
    assert_contents(w, 6);
    assert_int_equal(hub_counter(w->hub, COUNT_MIGRATED), 5);
    end(w);
}

/* What is said of pages that are not simply there. */
static void test_move_tells_why_pages_stay(void **state)
{
    struct world *w = pages("remap", 6);
    struct lru *lru = memory_lru(w->mem);
    struct arrays a = to_node(8, 1);
    struct folio *isolated = world_folio(w, nth(4));
    struct mm *child;

    (void)state;
    assert_true(world_out(w, nth(1)));
    assert_int_equal(mm_madvise(w->mm, nth(2), 2 * PAGE_SIZE, MADV_G_DONTNEED),
                     0);
    assert_int_equal(world_read(w, nth(2)), 0); /* the zero page */
    lru_del(lru, isolated);
    assert_int_equal(move(w, &a, 8, false), 0);
    assert_int_equal(a.status[0], 1);
    assert_int_equal(a.status[1], -ENOENT);
    assert_int_equal(a.status[2], -EFAULT);
    assert_int_equal(a.status[3], -EFAULT);
    assert_int_equal(a.status[4], -EBUSY);
    assert_int_equal(a.status[5], 1);
    assert_int_equal(a.status[6], -EFAULT); /* no area */
    assert_int_equal(a.status[7], -EFAULT);
    lru_add(lru, isolated);
    assert_int_equal(mm_fork(w->mm, &child), 0);
    a = to_node(1, 2);
    assert_int_equal(move(w, &a, 1, false), 0);
    assert_int_equal(a.status[0], -EACCES);
    assert_int_equal(move(w, &a, 1, true), 0);
    assert_int_equal(a.status[0], 2);
    assert_int_equal(world_tag(w, BASE), 1);
    end(w);
}

static void test_move_when_page_is_tagged_pointer_is_the_same(void **state)
{
    struct world *w = pages("remap", 1);
    struct arrays a = to_node(1, 1);

    (void)state;
    a.page[0] |= UINT64_C(5) << 60;
    assert_int_equal(move(w, &a, 1, false), 0);
    assert_int_equal(a.status[0], 1);
    assert_int_equal(node_of(w, 0), 1);
    end(w);
}

/* What came before an error goes all the same, and has its status. */
static void test_move_when_array_ends_moves_what_came_before(void **state)
{
    struct world *w = pages("remap", 4);
    struct arrays a = to_node(4, 1);

    (void)state;
    a.get_ends = 2;
    assert_int_equal(move(w, &a, 4, false), -EFAULT);
    assert_int_equal(a.status[1], 1);
    assert_int_equal(a.status[2], NONE);
    assert_int_equal(node_of(w, 1), 1);
    assert_int_equal(node_of(w, 2), 0);
    a = to_node(4, 2);
    a.node[2] = 4;
    assert_int_equal(move(w, &a, 4, false), -ENODEV);
    assert_int_equal(a.status[1], 2);
    assert_int_equal(a.status[2], NONE);
    assert_int_equal(node_of(w, 1), 2);
    a = to_node(1, -1);
    assert_int_equal(move(w, &a, 1, false), -ENODEV);
    a = to_node(4, 3);
    a.put_ends = 2;
    assert_int_equal(move(w, &a, 4, false), -EFAULT);
    assert_int_equal(node_of(w, 3), 3);
    assert_int_equal(a.status[1], 3);
    /* A status that cannot be stored stops the loop. */
    a = to_node(4, 3);
    a.node[3] = 0;
    a.put_ends = 2;
    assert_int_equal(move(w, &a, 4, false), -EFAULT);
    assert_int_equal(node_of(w, 3), 3);
    assert_contents(w, 4);
    end(w);
}

/* Pages not moved and those not tried; they have no status. */
static void test_move_when_page_is_held_counts_the_rest(void **state)
{
    struct world *w = pages("remap", 8);
    struct arrays a = to_node(8, 1);

    (void)state;
    world_hold(w, world_folio(w, nth(1)));
    for (unsigned i = 4; i < 8; i++)
        a.node[i] = 2;
    assert_int_equal(move(w, &a, 8, false), 1 + 4);
    assert_int_equal(node_of(w, 0), 1);
    assert_int_equal(node_of(w, 1), 0);
    assert_int_equal(node_of(w, 3), 1);
    assert_int_equal(node_of(w, 4), 0);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(a.status[i], NONE);
    /* The page at which it is noticed has its status. */
    a = to_node(4, 2);
    a.node[2] = 2;
    a.page[2] = nth(100);
    assert_int_equal(move(w, &a, 4, false), 1 + 1);
    assert_int_equal(a.status[2], -EFAULT);
    assert_int_equal(a.status[1], NONE);
    /* The last ones. */
    a = to_node(2, 3);
    assert_int_equal(move(w, &a, 2, false), 1);
    world_release(w, world_folio(w, nth(1)));
    assert_contents(w, 8);
    end(w);
}

static void test_move_when_node_is_full_is_enomem(void **state)
{
    struct world *w = pages_with("remap", 4, 0);
    struct arrays a = to_node(4, 1);
    struct folio *taken[65]; /* all of a node, and the NULL */
    unsigned nr = fill_node(w, 1, taken);

    (void)state;
    empty_node(w, &taken[nr - 2], 2);
    assert_int_equal(move(w, &a, 4, false), -ENOMEM);
    assert_int_equal(node_of(w, 1), 1);
    assert_int_equal(node_of(w, 2), 0);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(a.status[i], NONE);
    assert_int_equal(hub_counter(w->hub, COUNT_MIGRATE_FAIL), 1);
    empty_node(w, taken, nr - 2);
    assert_contents(w, 4);
    end(w);
}

/* The node is full, but what it holds can go to swap. */
static void test_move_when_node_is_full_reclaims(void **state)
{
    struct world *w = pages("remap", 8);
    struct arrays a = to_node(8, 1);
    struct folio *taken[65]; /* all of a node, and the NULL */
    unsigned nr = fill_node(w, 1, taken);

    (void)state;
    /* Room for 4 only: those that came first go to swap again. */
    empty_node(w, &taken[nr - 4], 4);
    assert_int_equal(move(w, &a, 8, false), 0);
    assert_int_equal(a.status[0], 1);
    assert_true(swap_used_pages(w->swap) >= 4);
    assert_int_equal(node_of(w, 7), 1);
    empty_node(w, taken, nr - 4);
    assert_contents(w, 8);
    end(w);
}

/* B5: a user for each move; nothing is lost. */
static void test_move_when_6_2_leaks_user_for_each_move(void **state)
{
    static const char *const profiles[] = {"linux-6.2", "linux-5.17"};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        struct world *w = pages(profiles[n], 3);
        struct linux_desc d;

        for (unsigned i = 1; i <= 5; i++) {
            struct arrays a = to_node(3, (int)i % 4);

            assert_int_equal(move(w, &a, 3, false), 0);
            assert_true(linux_store_desc(w->mm, 0, &d));
            assert_int_equal(d.users, 3 * i);
        }
        assert_contents(w, 3);
        world_destroy(w);
    }
}

/* B6: a pinned page is saved in each of 10 passes, and never moves. */
static void test_move_when_pinned_6_2_leaks_ten_users(void **state)
{
    static const char *const profiles[] = {"linux-6.2", "linux-5.17", "remap",
                                           "swap-keyed"};

    (void)state;
    for (size_t n = 0; n < 4; n++) {
        struct world *w = pages(profiles[n], 1);
        struct folio *folio = world_folio(w, BASE);
        struct arrays a = to_node(1, 1);
        struct linux_desc d;

        world_pin(w, folio);
        for (unsigned round = 1; round <= 3; round++) {
            assert_int_equal(move(w, &a, 1, false), 1);
            assert_int_equal(a.status[0], NONE);
            assert_ptr_equal(world_folio(w, BASE), folio);
            assert_int_equal(w->calls[HOOK_UNMAP_MIGRATE], 10 * round);
            if (n >= 2)
                continue;
            assert_true(linux_store_desc(w->mm, 0, &d));
            assert_int_equal(d.users, 10 * round);
        }
        /* v6.2 cannot share it; before, it is unmapped and the move fails. */
        assert_int_equal(w->calls[HOOK_UNMAP_MIGRATE_UNDO], n == 1 ? 0 : 30);
        assert_int_equal(w->calls[HOOK_REMAP_MIGRATE], n == 1 ? 30 : 0);
        assert_int_equal(adi_store_use(w->adi).pages > 0, n < 2);
        world_unpin(w, folio);
        assert_int_equal(move(w, &a, 1, false), 0);
        assert_contents(w, 1);
        world_destroy(w);
    }
}

static void test_stat_tells_nodes(void **state)
{
    struct world *w = pages("remap", 3);
    struct arrays a = to_node(4, 2);
    struct move_pages_io io = {.get = array_get, .put = array_put, .ctx = &a};

    (void)state;
    assert_int_equal(bind(w, 1, 1, MPOL_BIND, N(2), MPOL_MF_MOVE), 0);
    assert_true(world_out(w, nth(2)));
    assert_int_equal(mm_stat_pages(w->mm, 4, &io), 0);
    assert_int_equal(a.status[0], 0);
    assert_int_equal(a.status[1], 2);
    assert_int_equal(a.status[2], -ENOENT);
    assert_int_equal(a.status[3], -EFAULT);
    /* Here a tag is part of the address. */
    a.page[0] |= UINT64_C(1) << 60;
    assert_int_equal(mm_stat_pages(w->mm, 1, &io), 0);
    assert_int_equal(a.status[0], -EFAULT);
    a.get_ends = 2;
    assert_int_equal(mm_stat_pages(w->mm, 4, &io), -EFAULT);
    a.get_ends = 0;
    a.put_ends = 1;
    assert_int_equal(mm_stat_pages(w->mm, 4, &io), -EFAULT);
    assert_contents(w, 3);
    end(w);
}

/* A page of shared memory that has no PTE here. */
static void test_stat_when_shared_page_is_not_mapped(void **state)
{
    struct mapping *m;
    struct world *w = shared_pages(&m, 2);
    struct arrays a = to_node(2, 1);
    struct move_pages_io io = {.get = array_get, .put = array_put, .ctx = &a};

    (void)state;
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(mm_stat_pages(w->mm, 2, &io), 0);
    assert_int_equal(a.status[0], -ENOENT);
    assert_int_equal(a.status[1], 0);
    assert_int_equal(move(w, &a, 2, false), 0);
    assert_int_equal(a.status[0], -ENOENT);
    assert_int_equal(a.status[1], 1);
    assert_contents(w, 2);
    mapping_put(m);
    end(w);
}

/* A list with a folio that was freed meanwhile. */
static struct folio *no_frame(void *ctx, const struct folio *from)
{
    (void)ctx, (void)from;
    return NULL;
}

static void test_list_when_folio_was_freed_counts_as_moved(void **state)
{
    struct world *w = pages("remap", 1);
    struct migrate_target target = {.get = no_frame};
    struct folio *list = world_folio(w, BASE);

    (void)state;
    assert_true(migrate_isolate(w->mem, list));
    assert_false(migrate_isolate(w->mem, list));
    list->prev = list;
    list->next = NULL;
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    assert_int_equal(migrate_folios(w->mem, &list, &target), 0);
    assert_null(list);
    end(w);
}

static void test_move_when_node_cannot_be_is_enodev(void **state)
{
    static const int nodes[] = {4, 31, 32, 1000};
    struct world *w = pages("remap", 1);

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct arrays a = to_node(1, nodes[i]);

        assert_int_equal(move(w, &a, 1, false), -ENODEV);
        assert_int_equal(node_of(w, 0), 0);
    }
    end(w);
}

/* To no node at all: every page stays. */
static void test_migrate_nodes_when_there_is_no_target_moves_none(void **state)
{
    struct world *w = pages("remap", 2);

    (void)state;
    assert_int_equal(mm_migrate_nodes(w->mm, N(0), 0, true), 0);
    assert_int_equal(node_of(w, 0), 0);
    assert_int_equal(hub_counter(w->hub, COUNT_MIGRATED), 0);
    assert_contents(w, 2);
    end(w);
}

/* Memory of a device is on no node. */
static void test_pages_when_memory_is_of_a_device_stay(void **state)
{
    struct world *w = world_create_with(adi_profile_find("remap"), 256, 64, 4);
    struct arrays a = to_node(1, 1);
    struct vma *vma;

    (void)state;
    world_map(w, BASE, 2, false);
    world_write(w, nth(0), 0);
    world_write(w, nth(1), 1);
    vma = vma_first(w->mm);
    vma_set_flags(vma, vma->flags | VM_PFNMAP);
    assert_int_equal(bind(w, 0, 2, MPOL_BIND, N(1), MPOL_MF_MOVE), 0);
    assert_int_equal(
        bind(w, 0, 2, MPOL_BIND, N(1), MPOL_MF_MOVE | MPOL_MF_STRICT), -EIO);
    assert_int_equal(mm_migrate_nodes(w->mm, N(0), N(1), true), 0);
    assert_int_equal(move(w, &a, 1, true), 0);
    assert_int_equal(a.status[0], -EFAULT);
    assert_int_equal(node_of(w, 0), 0);
    assert_int_equal(node_of(w, 1), 0);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_migrate_nodes_keeps_the_order_of_nodes),
        cmocka_unit_test(test_migrate_nodes_counts_what_stayed),
        cmocka_unit_test(test_move_goes_where_each_is_sent),
        cmocka_unit_test(test_move_tells_why_pages_stay),
        cmocka_unit_test(test_move_when_page_is_tagged_pointer_is_the_same),
        cmocka_unit_test(test_move_when_array_ends_moves_what_came_before),
        cmocka_unit_test(test_move_when_page_is_held_counts_the_rest),
        cmocka_unit_test(test_move_when_node_is_full_is_enomem),
        cmocka_unit_test(test_move_when_node_is_full_reclaims),
        cmocka_unit_test(test_move_when_6_2_leaks_user_for_each_move),
        cmocka_unit_test(test_move_when_pinned_6_2_leaks_ten_users),
        cmocka_unit_test(test_stat_tells_nodes),
        cmocka_unit_test(test_stat_when_shared_page_is_not_mapped),
        cmocka_unit_test(test_list_when_folio_was_freed_counts_as_moved),
        cmocka_unit_test(test_move_when_node_cannot_be_is_enodev),
        cmocka_unit_test(test_migrate_nodes_when_there_is_no_target_moves_none),
        cmocka_unit_test(test_pages_when_memory_is_of_a_device_stay),
    };

    return RUN(tests);
}
