/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/unit/node_pages.h - pages with contents and tags on four nodes
 *
 * Owns:    nothing
 * Used by: tests/unit/test_mbind.c, test_move_pages.c
 */
#pragma once

#include "fake_ops.h"
#include "migrate/node.h"
#include "mm/mapping.h"
#include "unit.h"

#define BASE UINT64_C(0x70000000)
#define N(n) (UINT32_C(1) << (n))
#define NONE 1000 /* a status that nobody wrote */

static inline gva_t nth(unsigned i)
{
    return BASE + i * PAGE_SIZE;
}

/* Four nodes of 64 frames; @pages on node 0 with tags and a number each. */
static inline struct world *pages_with(const char *profile, unsigned nr,
                                       unsigned slots)
{
    struct world *w =
        world_create_with(adi_profile_find(profile), 256, slots, 4);

    world_map(w, BASE, nr, true);
    for (unsigned i = 0; i < nr; i++) {
        world_write(w, nth(i), (uint8_t)i);
        world_set_tags(w, nth(i), 1 + i % 14);
    }
    return w;
}

static inline struct world *pages(const char *profile, unsigned nr)
{
    return pages_with(profile, nr, 64);
}

static inline void assert_contents(struct world *w, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++) {
        assert_int_equal(world_read(w, nth(i)), (uint8_t)i);
        assert_int_equal(world_tag(w, nth(i)), 1 + i % 14);
    }
}

static inline unsigned node_of(struct world *w, unsigned i)
{
    return world_folio(w, nth(i))->node;
}

static inline void end(struct world *w)
{
    audit(w);
    world_exit_clean(w);
    world_destroy(w);
}

/* Every frame of a node is taken; the test holds them. */
static inline unsigned fill_node(struct world *w, unsigned node,
                                 struct folio **taken)
{
    struct folio *folio;
    unsigned nr = 0;

    while ((folio = phys_alloc_nodes(memory_phys(w->mem), node, N(node))))
        taken[nr++] = folio;
    w->held += (int)nr;
    return nr;
}

static inline void empty_node(struct world *w, struct folio **taken,
                              unsigned nr)
{
    w->held -= (int)nr;
    while (nr > 0)
        memory_folio_put(w->mem, taken[--nr]);
}

static inline int bind(struct world *w, unsigned first, unsigned nr,
                       enum mpol_mode mode, nodemask_t nodes, unsigned flags)
{
    struct mbind_args args = {.start = nth(first),
                              .len = nr * PAGE_SIZE,
                              .mode = mode,
                              .nodes = nodes,
                              .flags = flags};
    int err = mm_mbind(w->mm, &args);

    audit(w);
    return err;
}

static inline struct world *shared_pages(struct mapping **m, unsigned nr)
{
    struct world *w = world_create_with(adi_profile_find("remap"), 256, 64, 4);
    struct mmap_args args = {.addr = BASE,
                             .len = nr * PAGE_SIZE,
                             .prot = PROT_G_READ | PROT_G_WRITE | PROT_G_ADI,
                             .flags = MAP_G_SHARED | MAP_G_FIXED,
                             .may_write = true};
    gva_t at;

    *m = args.mapping = mapping_create_shmem(w->mem, nr * PAGE_SIZE);
    assert_int_equal(mm_mmap(w->mm, &args, &at), 0);
    for (unsigned i = 0; i < nr; i++) {
        world_write(w, nth(i), (uint8_t)i);
        world_set_tags(w, nth(i), 1 + i % 14);
    }
    return w;
}
