// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mbind: pages on their way to other nodes, what is said of those that cannot
 * go, and what is left behind.
 */
#include <errno.h>

#include "migrate/node.h"
#include "mm/fork.h"
#include "mm/lru.h"
#include "mm/mapping.h"
#include "mm/truncate.h"
#include "fake_ops.h"
#include "node_pages.h"
#include "unit.h"

static void test_mbind_sets_policy_of_a_part(void **state)
{
    struct world *w = pages("remap", 4);

    (void)state;
    assert_int_equal(bind(w, 1, 2, MPOL_BIND, N(2), 0), 0);
    assert_int_equal(vma_lookup(w->mm, nth(1))->end, nth(3));
    assert_int_equal(vma_lookup(w->mm, nth(1))->policy.nodes, N(2));
    assert_int_equal(vma_lookup(w->mm, BASE)->policy.mode, MPOL_DEFAULT);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(node_of(w, i), 0);
    assert_int_equal(mm_madvise(w->mm, BASE, 4 * PAGE_SIZE, MADV_G_DONTNEED),
                     0);
    for (unsigned i = 0; i < 4; i++) {
        world_write(w, nth(i), 1);
        assert_int_equal(node_of(w, i), i == 1 || i == 2 ? 2 : 0);
    }
    /* The same again for a part of it: the area stays in one piece. */
    assert_int_equal(bind(w, 1, 1, MPOL_BIND, N(2), 0), 0);
    assert_int_equal(vma_lookup(w->mm, nth(1))->end, nth(3));
    assert_int_equal(bind(w, 0, 4, MPOL_DEFAULT, 0, 0), 0);
    assert_int_equal(vma_lookup(w->mm, BASE)->end, nth(4));
    end(w);
}

static void test_mbind_when_move_takes_pages_and_tags_along(void **state)
{
    static const char *const profiles[] = {"remap", "swap-keyed"};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        struct world *w = pages(profiles[n], 8);

        assert_int_equal(bind(w, 0, 8, MPOL_BIND, N(3), MPOL_MF_MOVE), 0);
        for (unsigned i = 0; i < 8; i++)
            assert_int_equal(node_of(w, i), 3);
        assert_int_equal(
            bind(w, 0, 8, MPOL_INTERLEAVE, N(1) | N(2), MPOL_MF_MOVE), 0);
        for (unsigned i = 0; i < 8; i++)
            assert_int_equal(node_of(w, i), 1 + ((BASE >> PAGE_SHIFT) + i) % 2);
        /* All of them are elsewhere than no node. */
        assert_int_equal(bind(w, 0, 8, MPOL_DEFAULT, 0, MPOL_MF_MOVE), 0);
        for (unsigned i = 0; i < 8; i++)
            assert_int_equal(node_of(w, i), 0);
        assert_contents(w, 8);
        assert_int_equal(hub_counter(w->hub, COUNT_MIGRATED), 24);
        end(w);
    }
}

static void test_mbind_when_strict_tells_where_pages_are(void **state)
{
    struct world *w = pages("remap", 2);

    (void)state;
    assert_int_equal(bind(w, 0, 2, MPOL_BIND, N(0), MPOL_MF_STRICT), 0);
    assert_int_equal(bind(w, 0, 2, MPOL_BIND, N(1), MPOL_MF_STRICT), -EIO);
    /* The policy is the old one: nothing was done. */
    assert_int_equal(vma_lookup(w->mm, BASE)->policy.nodes, N(0));
    /* Without a policy no page is in a wrong place. */
    assert_int_equal(bind(w, 0, 2, MPOL_DEFAULT, 0, MPOL_MF_STRICT), 0);
    assert_int_equal(
        bind(w, 0, 2, MPOL_BIND, N(1), MPOL_MF_STRICT | MPOL_MF_MOVE), 0);
    assert_int_equal(node_of(w, 1), 1);
    assert_contents(w, 2);
    end(w);
}

static void test_mbind_when_arguments_are_bad_changes_nothing(void **state)
{
    struct world *w = pages("remap", 2);
    struct mbind_args args = {.start = BASE + 1, .len = PAGE_SIZE};

    (void)state;
    assert_int_equal(mm_mbind(w->mm, &args), -EINVAL);
    assert_int_equal(bind(w, 0, 2, MPOL_BIND, N(1), 8), -EINVAL);
    assert_int_equal(bind(w, 0, 2, MPOL_BIND, 0, 0), -EINVAL);
    assert_int_equal(bind(w, 0, 2, MPOL_BIND, N(9), 0), -EINVAL);
    assert_int_equal(bind(w, 0, 2, MPOL_DEFAULT, N(0), 0), -EINVAL);
    assert_int_equal(bind(w, 0, 0, MPOL_BIND, N(9), 0), 0);
    args = (struct mbind_args){.start = UINT64_MAX & PAGE_MASK,
                               .len = 2 * PAGE_SIZE};
    assert_int_equal(mm_mbind(w->mm, &args), -EINVAL);
    assert_int_equal(vma_lookup(w->mm, BASE)->policy.mode, MPOL_DEFAULT);
    end(w);
}

/* A hole: before, between, after; and the policy that minds none. */
static void test_mbind_when_there_is_a_hole_is_efault(void **state)
{
    struct world *w = pages("remap", 6);

    (void)state;
    assert_int_equal(mm_munmap(w->mm, nth(2), PAGE_SIZE), 0);
    assert_int_equal(bind(w, 0, 4, MPOL_BIND, N(1), MPOL_MF_MOVE), -EFAULT);
    assert_int_equal(bind(w, 2, 2, MPOL_BIND, N(1), MPOL_MF_MOVE), -EFAULT);
    assert_int_equal(bind(w, 4, 3, MPOL_BIND, N(1), MPOL_MF_MOVE), -EFAULT);
    assert_int_equal(bind(w, 2, 1, MPOL_DEFAULT, 0, 0), -EFAULT);
    assert_int_equal(node_of(w, 0), 0);
    assert_int_equal(node_of(w, 5), 0);
    assert_int_equal(vma_lookup(w->mm, BASE)->policy.mode, MPOL_DEFAULT);
    assert_int_equal(bind(w, 0, 7, MPOL_DEFAULT, 0, 0), 0);
    assert_int_equal(bind(w, 4, 2, MPOL_BIND, N(1), MPOL_MF_MOVE), 0);
    assert_int_equal(node_of(w, 3), 0);
    assert_int_equal(node_of(w, 4), 1);
    end(w);
}

/* Pages that others map stay, with MF_STRICT too; MOVE_ALL takes them. */
static void test_mbind_when_shared_moves_with_all_only(void **state)
{
    struct world *w = pages("remap", 2);
    struct mm *child;

    (void)state;
    assert_int_equal(mm_fork(w->mm, &child), 0);
    assert_int_equal(
        bind(w, 0, 2, MPOL_BIND, N(1), MPOL_MF_MOVE | MPOL_MF_STRICT), 0);
    assert_int_equal(node_of(w, 0), 0);
    assert_int_equal(bind(w, 0, 2, MPOL_BIND, N(2), MPOL_MF_MOVE_ALL), 0);
    assert_int_equal(node_of(w, 0), 2);
    assert_contents(w, 2);
    w->mm = child;
    assert_int_equal(node_of(w, 1), 2);
    assert_contents(w, 2);
    end(w);
}

/* A page that is on no list: only MF_STRICT minds, the others go. */
static void test_mbind_when_page_is_isolated_goes_on(void **state)
{
    struct world *w = pages("remap", 3);
    struct lru *lru = memory_lru(w->mem);
    struct folio *folio = world_folio(w, nth(1));

    (void)state;
    lru_del(lru, folio);
    assert_int_equal(bind(w, 0, 3, MPOL_BIND, N(1), MPOL_MF_MOVE), 0);
    assert_int_equal(node_of(w, 0), 1);
    assert_int_equal(node_of(w, 1), 0);
    assert_int_equal(
        bind(w, 0, 3, MPOL_BIND, N(2), MPOL_MF_MOVE | MPOL_MF_STRICT), -EIO);
    assert_int_equal(node_of(w, 0), 2);
    assert_int_equal(node_of(w, 2), 2);
    assert_int_equal(vma_lookup(w->mm, BASE)->policy.nodes, N(2));
    lru_add(lru, folio);
    assert_contents(w, 3);
    end(w);
}

/* A page that cannot be moved: -EIO with MF_STRICT, after 10 passes. */
static void test_mbind_when_page_is_held_is_eio_if_strict(void **state)
{
    struct world *w = pages("remap", 2);

    (void)state;
    world_hold(w, world_folio(w, BASE));
    assert_int_equal(bind(w, 0, 2, MPOL_BIND, N(1), MPOL_MF_MOVE), 0);
    assert_int_equal(w->calls[HOOK_UNMAP_MIGRATE], 11);
    assert_int_equal(w->calls[HOOK_REMAP_MIGRATE], 11);
    assert_int_equal(node_of(w, 0), 0);
    assert_int_equal(node_of(w, 1), 1);
    assert_int_equal(
        bind(w, 0, 2, MPOL_BIND, N(2), MPOL_MF_MOVE | MPOL_MF_STRICT), -EIO);
    assert_int_equal(node_of(w, 1), 2);
    assert_int_equal(hub_counter(w->hub, COUNT_MIGRATE_FAIL), 2);
    world_release(w, world_folio(w, BASE));
    assert_contents(w, 2);
    end(w);
}

static void test_mbind_when_areas_are_too_many_is_enomem(void **state)
{
    struct world *w = pages("remap", 3);

    (void)state;
    for (unsigned i = 0; vma_count(w->mm) < MAX_MAP_COUNT; i++)
        world_map(w, nth(1000 + 2 * i), 1, false);
    assert_int_equal(bind(w, 1, 1, MPOL_BIND, N(1), MPOL_MF_MOVE), -ENOMEM);
    assert_int_equal(node_of(w, 1), 0);
    assert_true(folio_test(world_folio(w, nth(1)), PG_lru));
    assert_contents(w, 3);
    world_exit(w);
    world_destroy(w);
}

static void test_mbind_moves_shared_memory(void **state)
{
    struct mapping *m;
    struct world *w = shared_pages(&m, 4);

    (void)state;
    assert_int_equal(bind(w, 1, 2, MPOL_PREFERRED, N(2), MPOL_MF_MOVE), 0);
    assert_int_equal(node_of(w, 0), 0);
    assert_int_equal(node_of(w, 1), 2);
    assert_int_equal(mapping_find(m, 1)->node, 2);
    assert_int_equal(m == vma_lookup(w->mm, nth(1))->mapping, 1);
    assert_contents(w, 4);
    assert_int_equal(mm_rss(w->mm, MM_SHMEMPAGES), 4);
    mapping_put(m);
    end(w);
}

static void test_home_node_is_tried_first(void **state)
{
    struct world *w = pages("remap", 4);

    (void)state;
    assert_int_equal(mm_set_home_node(w->mm, BASE, 4 * PAGE_SIZE, 1), -ENOENT);
    assert_int_equal(mm_set_home_node(w->mm, BASE + 1, PAGE_SIZE, 1), -EINVAL);
    assert_int_equal(mm_set_home_node(w->mm, BASE, 0, 1), 0);
    assert_int_equal(bind(w, 0, 2, MPOL_BIND, N(1) | N(2) | N(3), 0), 0);
    assert_int_equal(mm_set_home_node(w->mm, BASE, 4 * PAGE_SIZE, 2), 0);
    assert_int_equal(bind(w, 3, 1, MPOL_INTERLEAVE, N(1), 0), 0);
    assert_int_equal(mm_set_home_node(w->mm, BASE, 4 * PAGE_SIZE, 3),
                     -EOPNOTSUPP);
    assert_int_equal(mm_madvise(w->mm, BASE, PAGE_SIZE, MADV_G_DONTNEED), 0);
    world_write(w, BASE, 1);
    assert_int_equal(node_of(w, 0), 3);
    end(w);
}

/* The page is looked for in each area, from the first on. */
static void test_mbind_looks_for_the_page_in_every_area(void **state)
{
    struct mapping *m, *other;
    struct world *w = shared_pages(&m, 2);
    struct mmap_args args = {.addr = nth(2),
                             .len = PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .may_write = true};
    gva_t at;

    (void)state;
    other = args.mapping = mapping_create_shmem(w->mem, PAGE_SIZE);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    world_write(w, nth(2), 2);
    world_map(w, nth(3), 1, false); /* never touched */
    world_map(w, nth(4), 1, true);
    world_write(w, nth(4), 4);
    assert_int_equal(bind(w, 0, 5, MPOL_BIND, N(2), MPOL_MF_MOVE), 0);
    for (unsigned i = 0; i < 5; i++)
        if (i != 3)
            assert_int_equal(node_of(w, i), 2);
    assert_int_equal(world_read(w, nth(2)), 2);
    assert_int_equal(world_read(w, nth(4)), 4);
    mapping_put(m);
    mapping_put(other);
    end(w);
}

/* The rest of an object goes while its first page is on its way. */
static void truncate_rest(void *ctx, const struct moment *moment)
{
    struct mapping *m = ctx;

    if (moment->id == MOMENT_MIGRATE && mapping_find(m, 1))
        truncate_pagecache(m, PAGE_SIZE);
}

static void test_mbind_when_page_was_truncated_is_in_no_area(void **state)
{
    static const struct moment_ops ops = {.reached = truncate_rest};
    struct mapping *m;
    struct world *w = shared_pages(&m, 2);
    struct folio *folio = world_folio(w, nth(1));

    (void)state;
    world_hold(w, folio); /* or it would be gone before it is looked at */
    memory_attach_moments(w->mem, &ops, m);
    assert_int_equal(
        bind(w, 0, 2, MPOL_BIND, N(2), MPOL_MF_MOVE | MPOL_MF_STRICT), -EIO);
    memory_attach_moments(w->mem, NULL, NULL);
    assert_int_equal(node_of(w, 0), 2);
    assert_null(folio->mapping);
    assert_int_equal(folio->refcount, 1);
    world_release(w, folio);
    mapping_put(m);
    end(w);
}

/* Under write-back it is waited for, as long as there are passes. */
static void test_mbind_when_page_is_being_written_is_eio_if_strict(void **s)
{
    struct world *w = pages("remap", 2);
    struct folio *folio = world_folio(w, BASE);

    (void)s;
    folio_set(folio, PG_writeback);
    assert_int_equal(
        bind(w, 0, 2, MPOL_BIND, N(1), MPOL_MF_MOVE | MPOL_MF_STRICT), -EIO);
    folio_clear(folio, PG_writeback);
    assert_ptr_equal(world_folio(w, BASE), folio);
    assert_true(folio_test(folio, PG_lru));
    assert_int_equal(node_of(w, 1), 1);
    assert_int_equal(w->calls[HOOK_UNMAP_MIGRATE], 1); /* of the other page */
    assert_int_equal(hub_counter(w->hub, COUNT_MIGRATE_FAIL), 1);
    assert_contents(w, 2);
    end(w);
}

/* Two areas of one object: each page is in one of them. */
static void test_mbind_when_object_is_in_parts_finds_each_page(void **state)
{
    struct mapping *m;
    struct world *w = shared_pages(&m, 4);

    (void)state;
    assert_int_equal(mm_mprotect(w->mm, nth(2), 2 * PAGE_SIZE, PROT_G_READ), 0);
    assert_int_equal(vma_count(w->mm), 2);
    assert_int_equal(bind(w, 0, 4, MPOL_BIND, N(3), MPOL_MF_MOVE), 0);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(node_of(w, i), 3);
    mapping_put(m);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mbind_sets_policy_of_a_part),
        cmocka_unit_test(test_mbind_when_move_takes_pages_and_tags_along),
        cmocka_unit_test(test_mbind_when_strict_tells_where_pages_are),
        cmocka_unit_test(test_mbind_when_arguments_are_bad_changes_nothing),
        cmocka_unit_test(test_mbind_when_there_is_a_hole_is_efault),
        cmocka_unit_test(test_mbind_when_shared_moves_with_all_only),
        cmocka_unit_test(test_mbind_when_page_is_isolated_goes_on),
        cmocka_unit_test(test_mbind_when_page_is_held_is_eio_if_strict),
        cmocka_unit_test(test_mbind_when_areas_are_too_many_is_enomem),
        cmocka_unit_test(test_mbind_moves_shared_memory),
        cmocka_unit_test(test_home_node_is_tried_first),
        cmocka_unit_test(test_mbind_looks_for_the_page_in_every_area),
        cmocka_unit_test(test_mbind_when_page_was_truncated_is_in_no_area),
        cmocka_unit_test(
            test_mbind_when_page_is_being_written_is_eio_if_strict),
        cmocka_unit_test(test_mbind_when_object_is_in_parts_finds_each_page),
    };

    return RUN(tests);
}
